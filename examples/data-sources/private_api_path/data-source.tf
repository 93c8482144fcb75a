data "private_api_path" "internal" {
  name = "internal"
}

# An invocation behind the gateway of a path that another configuration has made.
resource "private_api_invocation" "orders" {
  name            = "orders"
  vpc_endpoint_id = data.private_api_path.internal.vpc_endpoint_id
  authorization   = { none = {} }

  network = {
    resource_gateway_id = data.private_api_path.internal.resource_gateway_id
  }
}
