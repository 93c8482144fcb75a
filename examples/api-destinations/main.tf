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

  authorization = {
    api_key = {
      name             = "x-api-key"
      value_wo         = var.api_key
      value_wo_version = var.api_key_version
    }
  }

  # Each key is the name of an API destination. They come, change and go one by one, in place.
  api_destinations = {
    orders-created = {
      invocation_endpoint = "${var.api_url}/orders"
      http_method         = "POST"
    }

    # A rule's target fills in the `*`.
    orders-cancelled = {
      invocation_endpoint              = "${var.api_url}/orders/*"
      http_method                      = "DELETE"
      invocation_rate_limit_per_second = 10
      description                      = "Cancels one order"
    }
  }
}
