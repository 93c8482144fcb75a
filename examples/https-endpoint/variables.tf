variable "domain_name" {
  description = "DNS name of the private endpoint, as its certificate has it."
  type        = string
}

variable "port" {
  description = "Its TCP port."
  type        = number
  default     = 443
}

variable "subnet_ids" {
  description = "Subnets of the resource gateway, each with 16 free IPv4 addresses."
  type        = set(string)
}

variable "egress_cidr_blocks" {
  description = "Where the endpoint's addresses are, if not in the VPC of the subnets."
  type        = set(string)
  default     = null
}

variable "username" {
  description = "User of the API."
  type        = string
}

variable "password" {
  description = "Password of that user. Written to EventBridge and nowhere else."
  type        = string
  sensitive   = true
  ephemeral   = true
}

variable "password_version" {
  description = "Any text; change it whenever the password changes."
  type        = string
  default     = "1"
}
