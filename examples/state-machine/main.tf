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
  name            = "orders"
  vpc_endpoint_id = var.vpc_endpoint_id

  # The key is written to EventBridge and nowhere else; a new version sends it again.
  authorization = {
    api_key = {
      name             = "x-api-key"
      value_wo         = var.api_key
      value_wo_version = "1"
    }
  }
}
