terraform {
  required_version = ">= 1.11"

  required_providers {
    private = {
      source  = "private-api/private"
      version = "~> 0.1"
    }
  }
}

resource "private_api_invocation" "this" {
  name             = var.name
  description      = var.description
  vpc_endpoint_id  = var.vpc_endpoint_id
  api_destinations = var.api_destinations
  tags             = var.tags

  network = var.endpoint_security_group_id == null ? null : {
    endpoint_ingress_security_group_id = var.endpoint_security_group_id
  }

  # No key is no credentials: the API relies on its resource policy then.
  authorization = {
    none = var.api_key_version == null ? {} : null
    api_key = var.api_key_version == null ? null : {
      name             = "x-api-key"
      value_wo         = var.api_key
      value_wo_version = var.api_key_version
    }
  }
}
