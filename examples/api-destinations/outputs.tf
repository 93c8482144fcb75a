output "connection_arn" {
  description = "What an HTTP task names in InvocationConfig.ConnectionArn."
  value       = private_api_invocation.orders.connection_arn
}

output "api_destination_arns" {
  description = "What targets of EventBridge rules name, by the destination's name."
  value       = { for name, destination in private_api_invocation.orders.api_destinations : name => destination.arn }
}
