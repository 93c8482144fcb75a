# What `cargo xtask verify-aws --examples` makes in an account, moves and destroys.

terraform {
  required_version = ">= 1.11"

  required_providers {
    private = {
      source = "private-api/private"
    }
  }
}

provider "private" {}

resource "private_api_invocation" "proof" {
  name            = var.name
  description     = "A proof that is removed again"
  vpc_endpoint_id = var.vpc_endpoint_id

  network = {
    ipv4_addresses_per_eni = var.ipv4_addresses_per_eni
  }

  authorization = {
    api_key = {
      name             = "x-api-key"
      value_wo         = var.api_key
      value_wo_version = "1"
    }
  }

  tags = var.tags
}

# The apply ends well only if the API answers, over each path anew.
resource "private_api_invocation_check" "proof" {
  count = var.url == null ? 0 : 1

  connection_arn = private_api_invocation.proof.connection_arn
  url            = var.url
  role_arn       = var.role_arn

  triggers = {
    configuration = private_api_invocation.proof.resource_configuration_arn
  }
}
