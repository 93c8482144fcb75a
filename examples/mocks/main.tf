terraform {
  required_version = ">= 1.11"

  required_providers {
    private = {
      source  = "private-api/private"
      version = "~> 0.1"
    }
  }
}

# A path and an invocation that goes by it: what one makes the other has to accept, mocked or not.
resource "private_api_path" "internal" {
  name            = "mocked"
  vpc_endpoint_id = "vpce-0123456789abcdef0"
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
}

output "connection_arn" {
  description = "What an HTTP task names."
  value       = private_api_invocation.by_gateway.connection_arn
}
