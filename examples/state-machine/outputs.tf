output "definition" {
  description = "The state machine's definition, for aws_sfn_state_machine or the AWS CLI."
  value = templatefile("${path.module}/orders.asl.json", {
    api_url        = var.api_url
    connection_arn = private_api_invocation.orders.connection_arn
  })
}

output "state_machine_policy_json" {
  description = "What the state machine's role needs."
  value       = private_api_invocation.orders.state_machine_policy_json
}
