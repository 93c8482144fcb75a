data "private_api_invocation" "orders" {
  name = "orders"
}

output "orders_connection_arn" {
  value = data.private_api_invocation.orders.connection_arn
}
