terraform {
  required_version = ">= 1.11"

  required_providers {
    private = {
      source = "private-api/private"
    }
  }
}

# Region, credentials and endpoints as every AWS tool finds them: AWS_REGION, AWS_PROFILE, AWS_ENDPOINT_URL, …
provider "private" {}

resource "private_api_invocation" "orders" {
  name = "orders"

  # Any private HTTPS endpoint with a publicly trusted certificate: an internal load balancer, a private custom domain, a
  # server on premises.
  https_endpoint = {
    domain_name = var.domain_name
    port        = var.port
  }

  # A DNS name does not say where to start from: subnets of the VPC that reaches it.
  network = {
    subnet_ids = var.subnet_ids

    # Default: every CIDR of the VPC. A server outside of it has to be named.
    egress_cidr_blocks = var.egress_cidr_blocks
  }

  authorization = {
    basic = {
      username            = var.username
      password_wo         = var.password
      password_wo_version = var.password_version
    }
  }

  invocation_http_parameters = {
    header = {
      x-caller = { value = "eventbridge" }
    }
  }
}
