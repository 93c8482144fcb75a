output "connection_arn" {
  description = "What an HTTP task names in InvocationConfig.ConnectionArn."
  value       = private_api_invocation.this.connection_arn
}

output "state_machine_policy_json" {
  description = "What a state machine's role needs to call."
  value       = private_api_invocation.this.state_machine_policy_json
}

output "api_destination_arns" {
  description = "What targets of EventBridge rules name, by the destination's name."
  value       = { for name, destination in coalesce(private_api_invocation.this.api_destinations, {}) : name => destination.arn }
}

output "security_group_id" {
  description = "The resource gateway's security group."
  value       = private_api_invocation.this.security_group_id
}

output "pending" {
  description = "What is left to be done; empty when all is well."
  value       = private_api_invocation.this.pending
}
