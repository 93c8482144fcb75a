locals {
  connection = provider::private::parse_connection_arn(private_api_invocation.orders.connection_arn)
  account_id = local.connection.account_id
}
