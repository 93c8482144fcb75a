# Applies the example against local-aws and destroys it again: no account needed. How to run it:
# crates/local-aws/README.md, "In CI".

run "apply" {
  assert {
    condition     = private_api_invocation.orders.connection_state == "ACTIVE"
    error_message = "The connection is ${private_api_invocation.orders.connection_state}."
  }

  assert {
    condition     = length(output.pending) == 0
    error_message = "Something is left to be done: ${join(", ", output.pending)}"
  }

  assert {
    condition     = strcontains(output.state_machine_policy_json, "states:InvokeHTTPEndpoint")
    error_message = "The policy does not allow a state machine to call."
  }
}

run "plan_again" {
  command = plan

  assert {
    condition     = output.connection_arn == run.apply.connection_arn
    error_message = "A second plan changes the connection."
  }
}

run "rotate_the_key" {
  variables {
    api_key_version = "2"
  }

  assert {
    condition     = output.connection_arn == run.apply.connection_arn
    error_message = "A new key made a new connection."
  }
}
