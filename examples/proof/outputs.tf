output "connection_arn" {
  description = "Stays when the invocation moves."
  value       = private_api_invocation.proof.connection_arn
}
