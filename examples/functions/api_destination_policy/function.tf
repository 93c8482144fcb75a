locals {
  rule_policy = provider::private::api_destination_policy(
    private_api_invocation.orders.connection_arn_for_policy,
    keys(private_api_invocation.orders.api_destinations),
  )
}
