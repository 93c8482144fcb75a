# Applies the module against local-aws and destroys it again: no account needed. How to run it:
# crates/local-aws/README.md, "In CI".

provider "private" {}

variables {
  name = "billing"
}

run "with_a_key" {
  variables {
    api_key_version = "1"

    api_destinations = {
      billing-created = {
        invocation_endpoint = "https://a1b2c3d4e5.execute-api.us-east-1.amazonaws.com/prod/bills"
        http_method         = "POST"
      }
    }
  }

  assert {
    condition     = private_api_invocation.this.connection_state == "ACTIVE"
    error_message = "The connection is ${private_api_invocation.this.connection_state}."
  }

  assert {
    condition     = strcontains(output.api_destination_arns["billing-created"], ":api-destination/billing-created/")
    error_message = "The destination has no ARN."
  }
}

run "without_one" {
  assert {
    condition     = length(output.pending) == 0
    error_message = "Something is left to be done: ${join(", ", output.pending)}"
  }

  assert {
    condition     = length(output.api_destination_arns) == 0
    error_message = "A destination is left."
  }
}
