# The apply succeeds only if the API answers.
resource "private_api_invocation_check" "orders" {
  connection_arn = private_api_invocation.orders.connection_arn
  url            = "https://a1b2c3d4e5.execute-api.eu-central-1.amazonaws.com/prod/health"
  role_arn       = aws_iam_role.state_machine.arn

  # Another path or another secret is proved again.
  triggers = {
    configuration = private_api_invocation.orders.resource_configuration_arn
    secret        = aws_secretsmanager_secret_version.api_key.version_id
  }

  depends_on = [aws_iam_role_policy.call_orders]
}
