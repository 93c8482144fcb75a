output "definition" {
  description = "The state machine's definition, for aws_sfn_state_machine or the AWS CLI."
  value       = local.definition
}

output "state_machine_policy_json" {
  description = "What the state machine's role needs."
  value       = private_api_invocation.orders.state_machine_policy_json
}
