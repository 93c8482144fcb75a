# A state machine that calls the API by an HTTP task.

resource "aws_sfn_state_machine" "orders" {
  name     = "orders"
  role_arn = aws_iam_role.state_machine.arn

  definition = jsonencode({
    StartAt = "CallOrders"
    States = {
      CallOrders = provider::private::http_task(
        private_api_invocation.orders.connection_arn,
        "POST",
        "${local.api_url}/orders",
        { request_body = "$" },
      )
    }
  })

  depends_on = [aws_iam_role_policy.call_orders]
}

resource "aws_iam_role" "state_machine" {
  name = "orders-state-machine"

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "states.amazonaws.com" }
      Action    = "sts:AssumeRole"
    }]
  })
}

resource "aws_iam_role_policy" "call_orders" {
  role = aws_iam_role.state_machine.id

  policy = provider::private::state_machine_policy(
    private_api_invocation.orders.connection_arn_for_policy,
    {
      urls    = ["${local.api_url}/*"]
      methods = ["GET", "POST"]
    },
  )
}
