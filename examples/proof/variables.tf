variable "name" {
  description = "Name of the invocation and of its connection; what else is made has a name that begins with it."
  type        = string
}

variable "vpc_endpoint_id" {
  description = "Interface VPC endpoint for execute-api. Another one moves the invocation to it."
  type        = string
}

variable "ipv4_addresses_per_eni" {
  description = "IPv4 addresses that the resource gateway takes in each subnet. Another number moves the invocation to another gateway."
  type        = number
}

variable "api_key" {
  description = "Key that is sent in x-api-key."
  type        = string
  sensitive   = true
  ephemeral   = true
}

variable "url" {
  description = "URL of a private API behind the endpoint that answers 2xx to GET. Null leaves the call out."
  type        = string
  default     = null
}

variable "role_arn" {
  description = "Role as which Step Functions calls that URL."
  type        = string
  default     = null
}

variable "tags" {
  description = "Tags of everything that can have some."
  type        = map(string)
}
