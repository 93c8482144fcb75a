locals {
  orders_url = "https://a1b2c3d4e5.execute-api.eu-central-1.amazonaws.com/prod/orders"

  definition = jsonencode({
    StartAt = "PlaceOrder"
    States = {
      PlaceOrder = provider::private::http_task(
        private_api_invocation.orders.connection_arn,
        "POST",
        local.orders_url,
        { request_body = "$.order", next = "Confirm" },
      )

      # What else a state can have is merged into it.
      Confirm = merge(
        provider::private::http_task(private_api_invocation.orders.connection_arn, "GET", local.orders_url),
        { ResultPath = "$.confirmed" },
      )
    }
  })
}
