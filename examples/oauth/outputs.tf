output "connection_arn" {
  description = "What an HTTP task names in InvocationConfig.ConnectionArn."
  value       = private_api_invocation.orders.connection_arn
}

output "state_machine_policy_json" {
  description = "What the state machine's role needs."
  value       = private_api_invocation.orders.state_machine_policy_json
}
