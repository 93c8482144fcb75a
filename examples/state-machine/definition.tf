locals {
  # Waits a moment, asks the private API for orders, and looks each of them up.
  definition = jsonencode({
    StartAt = "Settle"
    States = {
      Settle = { Type = "Wait", Seconds = 2, Next = "GetOrders" }
      GetOrders = {
        Type     = "Task"
        Resource = "arn:aws:states:::http:invoke"
        Parameters = {
          ApiEndpoint      = var.api_url
          Method           = "GET"
          InvocationConfig = { ConnectionArn = private_api_invocation.orders.connection_arn }
        }
        ResultSelector = { "orders.$" = "$.ResponseBody.orders" }
        Retry = [{
          ErrorEquals     = ["States.Http.StatusCode.503", "States.Http.Socket"]
          IntervalSeconds = 2
          MaxAttempts     = 4
        }]
        Catch = [{ ErrorEquals = ["States.ALL"], ResultPath = "$.error", Next = "NotReached" }]
        Next  = "AnyOrders"
      }
      AnyOrders = {
        Type    = "Choice"
        Choices = [{ Variable = "$.orders[0]", IsPresent = true, Next = "EachOrder" }]
        Default = "Nothing"
      }
      EachOrder = {
        Type           = "Map"
        ItemsPath      = "$.orders"
        MaxConcurrency = 2
        ItemProcessor = {
          StartAt = "GetOrder"
          States = {
            GetOrder = {
              Type     = "Task"
              Resource = "arn:aws:states:::http:invoke"
              Parameters = {
                "ApiEndpoint.$"  = "States.Format('${var.api_url}/{}', $.id)"
                Method           = "GET"
                InvocationConfig = { ConnectionArn = private_api_invocation.orders.connection_arn }
              }
              ResultSelector = { "status.$" = "$.StatusCode" }
              ResultPath     = "$.lookup"
              End            = true
            }
          }
        }
        End = true
      }
      Nothing    = { Type = "Succeed" }
      NotReached = { Type = "Fail", ErrorPath = "$.error.Error", CausePath = "$.error.Cause" }
    }
  })
}
