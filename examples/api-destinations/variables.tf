variable "vpc_endpoint_id" {
  description = "Interface VPC endpoint for execute-api, behind which the private API stands."
  type        = string
}

variable "api_url" {
  description = "URL of the API's stage, such as https://a1b2c3d4e5.execute-api.eu-central-1.amazonaws.com/prod."
  type        = string
}

variable "api_key" {
  description = "Key that the private API asks for in x-api-key."
  type        = string
  sensitive   = true
  ephemeral   = true
}

variable "api_key_version" {
  description = "Any text; change it whenever the key changes."
  type        = string
  default     = "1"
}
