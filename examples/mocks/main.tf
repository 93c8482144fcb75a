terraform {
  required_version = ">= 1.11"

  required_providers {
    private = {
      source  = "private-api/private"
      version = "~> 0.1"
    }
  }
}

# A path and invocations that go by it, made here or found: what one gives the other has to accept, mocked or not.
resource "private_api_path" "internal" {
  name            = "mocked"
  vpc_endpoint_id = data.private_api_endpoint.api.vpc_endpoint_id

  network = {
    subnet_ids         = data.private_api_endpoint.api.subnet_ids
    egress_cidr_blocks = data.private_api_endpoint.api.vpc_cidr_blocks
  }
}

resource "private_api_invocation" "by_configuration" {
  name                              = "mocked-by-configuration"
  shared_resource_configuration_arn = private_api_path.internal.resource_configuration_arn
  authorization                     = { none = {} }
}

resource "private_api_invocation" "by_gateway" {
  name            = "mocked-by-gateway"
  vpc_endpoint_id = "vpce-0123456789abcdef0"
  authorization   = { none = {} }

  network = {
    resource_gateway_id = private_api_path.internal.resource_gateway_id
  }

  api_destinations = {
    orders-created = {
      invocation_endpoint = "https://a1b2c3d4e5.execute-api.eu-central-1.amazonaws.com/prod/orders"
      http_method         = "POST"
    }
  }
}

data "private_api_endpoint" "api" {
  vpc_endpoint_id = "vpce-0123456789abcdef0"
}

data "private_api_path" "shared" {
  name = "shared"
}

data "private_api_invocation" "orders" {
  name = "orders"
}

resource "private_api_invocation" "by_found_gateway" {
  name            = "mocked-by-found-gateway"
  vpc_endpoint_id = data.private_api_path.shared.vpc_endpoint_id
  authorization   = { none = {} }

  network = {
    resource_gateway_id = data.private_api_path.shared.resource_gateway_id
  }
}

resource "private_api_invocation" "by_found_configuration" {
  name                              = "mocked-by-found-configuration"
  shared_resource_configuration_arn = data.private_api_path.shared.resource_configuration_arn
  kms_key_identifier                = data.private_api_invocation.orders.kms_key_identifier
  authorization                     = { none = {} }
}

resource "private_api_invocation_check" "answers" {
  connection_arn = private_api_invocation.by_gateway.connection_arn
  role_arn       = "arn:aws:iam::123456789012:role/check"
  url            = "https://a1b2c3d4e5.execute-api.eu-central-1.amazonaws.com/prod/health"
}

output "arns" {
  description = "What other resources name."

  value = {
    connection              = private_api_invocation.by_gateway.connection_arn
    connection_for_policy   = data.private_api_invocation.orders.connection_arn_for_policy
    connection_secret       = private_api_invocation.by_gateway.connection_secret_arn
    resource_association    = private_api_invocation.by_gateway.resource_association_arn
    resource_configuration  = private_api_path.internal.resource_configuration_arn
    resource_gateway        = private_api_path.internal.resource_gateway_arn
    found_connection        = data.private_api_invocation.orders.connection_arn
    found_connection_secret = data.private_api_invocation.orders.connection_secret_arn
    found_gateway           = data.private_api_path.shared.resource_gateway_arn
  }
}

output "api_destinations" {
  description = "API destinations, by name."
  value       = private_api_invocation.by_gateway.api_destinations
}

output "policy" {
  description = "What a state machine's role needs to call through an invocation that another configuration made."
  value       = provider::private::state_machine_policy(data.private_api_invocation.orders.connection_arn_for_policy)
}

output "status_code" {
  description = "What the API answered the check."
  value       = private_api_invocation_check.answers.status_code
}
