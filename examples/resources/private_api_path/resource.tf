resource "private_api_path" "internal" {
  name            = "internal"
  vpc_endpoint_id = aws_vpc_endpoint.execute_api.id

  # AWS cannot move a path: another endpoint makes another one, and this keeps the first until nobody uses it.
  lifecycle {
    create_before_destroy = true
  }
}

# Each invocation has a connection of its own; they share one resource gateway.
resource "private_api_invocation" "orders" {
  name            = "orders"
  vpc_endpoint_id = aws_vpc_endpoint.execute_api.id

  network = {
    resource_gateway_id = private_api_path.internal.resource_gateway_id
  }

  authorization = {
    none = {}
  }
}
