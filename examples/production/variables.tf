variable "region" {
  description = "Region of everything."
  type        = string
  default     = "eu-central-1"
}

variable "vpc_id" {
  description = "VPC of the endpoint and the resource gateway."
  type        = string
}

variable "subnet_ids" {
  description = "Subnets of both, in two or more zones, each with 16 free IPv4 addresses for the gateway."
  type        = set(string)
}

variable "api_key_id" {
  description = "Id of the API Gateway key that callers have. It is made elsewhere, since hashicorp/aws keeps the value of a key in its state."
  type        = string
}

variable "api_key_secret_id" {
  description = "Name or ARN of the secret in Secrets Manager that holds the value of that key, as plain text."
  type        = string
}
