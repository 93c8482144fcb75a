# A state machine that calls the API by an HTTP task.

resource "aws_sfn_state_machine" "orders" {
  name     = "orders"
  role_arn = aws_iam_role.state_machine.arn

  definition = jsonencode({
    StartAt = "CallOrders"
    States = {
      CallOrders = {
        Type     = "Task"
        Resource = "arn:aws:states:::http:invoke"
        Parameters = {
          ApiEndpoint      = "${local.api_url}/orders"
          Method           = "POST"
          "RequestBody.$"  = "$"
          InvocationConfig = { ConnectionArn = private_api_invocation.orders.connection_arn }
        }
        Retry = [
          {
            # Also the first minutes after an apply, in which the path is not known everywhere.
            ErrorEquals = [
              "States.Http.Socket",
              "Events.ConnectionResource.InvalidConnectionState",
              "Events.ConnectionResource.InvalidPrivateConnectionState",
              "Events.ConnectionResource.AuthInProgress",
              "Events.ConnectionResource.ConcurrentModification",
              "Events.ConnectionResource.InternalError",
            ]
            IntervalSeconds = 15
            BackoffRate     = 2
            MaxDelaySeconds = 120
            MaxAttempts     = 6
          },
          {
            ErrorEquals     = ["States.Http.StatusCode.429", "States.Http.StatusCode.502", "States.Http.StatusCode.503", "States.Http.StatusCode.504"]
            IntervalSeconds = 2
            BackoffRate     = 2
            MaxAttempts     = 5
            JitterStrategy  = "FULL"
          },
        ]
        End = true
      }
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
  role   = aws_iam_role.state_machine.id
  policy = private_api_invocation.orders.state_machine_policy_json
}
