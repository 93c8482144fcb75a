# The apply ends well only if the API answers a call as the state machine makes it.

resource "private_api_invocation_check" "orders" {
  connection_arn = private_api_invocation.orders.connection_arn
  url            = "${local.api_url}/health"
  role_arn       = aws_iam_role.state_machine.arn

  triggers = {
    configuration = private_api_invocation.orders.resource_configuration_arn
    secret        = local.api_key_version
  }

  depends_on = [aws_iam_role_policy.call_orders, aws_api_gateway_usage_plan_key.callers]
}
