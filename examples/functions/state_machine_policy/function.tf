locals {
  state_machine_policy = provider::private::state_machine_policy(
    private_api_invocation.orders.connection_arn_for_policy,
    {
      hosts   = ["a1b2c3d4e5.execute-api.eu-central-1.amazonaws.com"]
      methods = ["GET", "POST"]
    },
  )
}
