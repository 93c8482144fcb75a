# Applies the invocation against local-aws, runs the state machine there, and looks at what it put out and at what reached
# the API. It needs the AWS CLI, curl and jq. How to run it: README.md in this folder.

run "apply" {
  assert {
    condition     = strcontains(output.definition, private_api_invocation.orders.connection_arn)
    error_message = "The definition does not name the connection."
  }
}

run "the_orders_come_back" {
  module {
    source = "./tests/run"
  }

  variables {
    definition = run.apply.definition
  }

  assert {
    condition     = output.statuses == [200, 200]
    error_message = "The execution put out ${output.text}."
  }

  assert {
    condition     = contains(output.reached, "/prod/orders") && contains(output.reached, "/prod/orders/1001")
    error_message = "The API was asked for ${join(", ", output.reached)}."
  }
}

run "it_goes_through_503s" {
  module {
    source = "./tests/run"
  }

  variables {
    definition = run.apply.definition
    faults     = 2
  }

  assert {
    condition     = output.statuses == [200, 200]
    error_message = "The execution put out ${output.text}."
  }
}
