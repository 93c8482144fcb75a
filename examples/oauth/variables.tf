variable "vpc_endpoint_id" {
  description = "Interface VPC endpoint for execute-api, behind which the private API stands."
  type        = string
}

variable "token_domain_name" {
  description = "DNS name of the private token endpoint, as its certificate has it."
  type        = string
}

variable "subnet_ids" {
  description = "Subnets of the VPC that reaches the token endpoint, each with 16 free IPv4 addresses."
  type        = set(string)
}

variable "client_id" {
  description = "OAuth client."
  type        = string
}

variable "client_secret" {
  description = "Its secret. Written to EventBridge and nowhere else."
  type        = string
  sensitive   = true
  ephemeral   = true
}

variable "client_secret_version" {
  description = "Any text; change it whenever the secret changes."
  type        = string
  default     = "1"
}
