resource "private_api_invocation" "orders" {
  name            = "orders"
  vpc_endpoint_id = aws_vpc_endpoint.execute_api.id

  authorization = {
    api_key = {
      name             = "x-api-key"
      value_wo         = var.api_key
      value_wo_version = "1"
    }
  }

  network = {
    endpoint_ingress_security_group_id = aws_security_group.execute_api.id
  }
}

# What the state machine's role needs; known before the connection is made.
resource "aws_iam_role_policy" "call_orders" {
  role   = aws_iam_role.state_machine.id
  policy = private_api_invocation.orders.state_machine_policy_json
}
