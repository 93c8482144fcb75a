variable "vpc_endpoint_id" {
  description = "Interface VPC endpoint for execute-api, behind which the private API stands."
  type        = string
}

variable "api_url" {
  description = "URL of the private API's orders: https://<api-id>.execute-api.<region>.amazonaws.com/<stage>/orders"
  type        = string
}

variable "api_key" {
  description = "Key that the private API asks for in x-api-key."
  type        = string
  sensitive   = true
  ephemeral   = true
}
