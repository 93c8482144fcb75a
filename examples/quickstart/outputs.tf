output "connection_arn" {
  description = "What an HTTP task names in InvocationConfig.ConnectionArn."
  value       = private_api_invocation.orders.connection_arn
}

output "state_machine_policy_json" {
  description = "What the state machine's role needs."
  value       = private_api_invocation.orders.state_machine_policy_json
}

output "security_group_id" {
  description = "The resource gateway's group; the endpoint's group must let it in on 443."
  value       = private_api_invocation.orders.security_group_id
}

output "pending" {
  description = "What is left to be done; empty when all is well."
  value       = private_api_invocation.orders.pending
}
