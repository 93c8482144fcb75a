# What makes the API callable. The key is read when it is needed, and stands in no plan and no state.

ephemeral "aws_secretsmanager_secret_version" "api_key" {
  secret_id = var.api_key_secret_id
}

# The ids of the secret's versions, without their values: a rotation changes the current one, and the next apply sends the
# new key.
data "aws_secretsmanager_secret_versions" "api_key" {
  secret_id = var.api_key_secret_id
}

locals {
  api_url = "https://${aws_api_gateway_rest_api.orders.id}.execute-api.${var.region}.amazonaws.com/${aws_api_gateway_stage.prod.stage_name}"

  api_key_version = one([
    for version in data.aws_secretsmanager_secret_versions.api_key.versions : version.version_id
    if contains(version.version_stages, "AWSCURRENT")
  ])
}

resource "private_api_invocation" "orders" {
  name            = "orders-production"
  vpc_endpoint_id = aws_vpc_endpoint.execute_api.id

  network = {
    endpoint_ingress_security_group_id = aws_security_group.endpoint.id
  }

  authorization = {
    api_key = {
      name             = "x-api-key"
      value_wo         = ephemeral.aws_secretsmanager_secret_version.api_key.secret_string
      value_wo_version = local.api_key_version
    }
  }

  api_destinations = {
    orders-created = {
      invocation_endpoint = "${local.api_url}/orders"
      http_method         = "POST"
    }
  }

  # The new endpoint is in the policy before the invocation moves to it.
  depends_on = [aws_api_gateway_stage.prod]
}
