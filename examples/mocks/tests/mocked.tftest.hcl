# No AWS at all: the mocks answer.

mock_provider "private" {
  source = "./"
}

run "apply" {
  assert {
    condition     = startswith(output.connection_arn, "arn:aws:events:")
    error_message = "The mock's connection has no ARN: ${output.connection_arn}"
  }
}
