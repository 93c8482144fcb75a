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

# The way to the token endpoint, which is private too. A public one needs neither this nor private_authorization_endpoint
# below; one behind the same host as the API needs only `private_authorization_endpoint = { same_path = true }`.
resource "private_api_path" "login" {
  name = "login"

  https_endpoint = {
    domain_name = var.token_domain_name
  }

  network = {
    subnet_ids = var.subnet_ids
  }

  # AWS cannot move a path: another domain name makes another one, and the invocation follows before the first goes.
  lifecycle {
    create_before_destroy = true
  }
}

resource "private_api_invocation" "orders" {
  name            = "orders"
  vpc_endpoint_id = var.vpc_endpoint_id

  authorization = {
    oauth_client_credentials = {
      authorization_endpoint   = "https://${var.token_domain_name}/oauth/token"
      client_id                = var.client_id
      client_secret_wo         = var.client_secret
      client_secret_wo_version = var.client_secret_version

      oauth_http_parameters = {
        body = {
          grant_type = { value = "client_credentials" }
          scope      = { value = "orders.read" }
        }
      }

      private_authorization_endpoint = {
        resource_configuration_arn = private_api_path.login.resource_configuration_arn
      }
    }
  }
}
