# No AWS at all: the mocks answer.

mock_provider "private" {
  source = "./"
}

run "apply" {
  assert {
    condition     = alltrue([for arn in output.arns : can(regex("^arn:aws:[a-z-]+:eu-central-1:123456789012:.+", arn))])
    error_message = "A mock's ARN is none: ${jsonencode(output.arns)}"
  }

  assert {
    condition     = output.status_code == 200
    error_message = "The mocked call was answered with ${output.status_code}."
  }

  assert {
    condition     = jsondecode(output.policy).Statement[1].Resource[0] == output.arns.connection_for_policy
    error_message = "The policy names another connection: ${output.policy}"
  }

  assert {
    condition     = alltrue([for made in output.api_destinations : can(regex("^arn:aws:events:[^:]+:[0-9]{12}:api-destination/", made.arn))])
    error_message = "A mocked API destination has no ARN: ${jsonencode(output.api_destinations)}"
  }
}
