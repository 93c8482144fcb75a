output "state_machine_arn" {
  description = "Start it with an order: aws stepfunctions start-execution --state-machine-arn …"
  value       = aws_sfn_state_machine.orders.arn
}

output "connection_state" {
  description = "ACTIVE when EventBridge is content with path and key."
  value       = private_api_invocation.orders.connection_state
}

output "pending" {
  description = "What is left to be done; empty when all is well."
  value       = private_api_invocation.orders.pending
}
