variable "name" {
  description = "Name of the invocation and of its connection."
  type        = string
}

variable "description" {
  description = "Description of the connection."
  type        = string
  default     = null
}

variable "vpc_endpoint_id" {
  description = "Interface VPC endpoint for execute-api, behind which the private API stands."
  type        = string
}

variable "endpoint_security_group_id" {
  description = "Security group of that endpoint to which a rule is added that lets the gateway in. Null where it lets the VPC in already."
  type        = string
  default     = null
}

variable "api_key" {
  description = "Key that the API asks for in x-api-key. Written to EventBridge and nowhere else."
  type        = string
  default     = null
  sensitive   = true
  ephemeral   = true
}

variable "api_key_version" {
  description = "Any text; change it whenever the key changes. Null where the API asks for no key."
  type        = string
  default     = null
}

variable "api_destinations" {
  description = "API destinations by name, for EventBridge rules."
  type = map(object({
    invocation_endpoint              = string
    http_method                      = string
    invocation_rate_limit_per_second = optional(number)
    description                      = optional(string)
  }))
  default = null
}

variable "tags" {
  description = "Tags of everything that can have some."
  type        = map(string)
  default     = null
}
