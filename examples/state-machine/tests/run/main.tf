# Runs a definition on the local AWS of AWS_ENDPOINT_URL, once.

variable "definition" {
  type = string
}

variable "role_arn" {
  type = string
}

variable "faults" {
  description = "How many calls the API answers with 503."
  type        = number
  default     = 0
}

resource "terraform_data" "execution" {
  triggers_replace = [timestamp()]

  provisioner "local-exec" {
    command = "sh ${path.module}/run.sh ${path.module}/result.json"

    environment = {
      DEFINITION = var.definition
      ROLE_ARN   = var.role_arn
      FAULTS     = var.faults
    }
  }
}

# The file is there once the execution has ended: its name is unknown until then, so that no plan reads it.
resource "terraform_data" "result" {
  input = file("${path.module}/${terraform_data.execution.id == "" ? "" : "result.json"}")
}

locals {
  result = jsondecode(terraform_data.result.output)
}

output "text" {
  value = local.result.output
}

output "statuses" {
  value = [for order in jsondecode(local.result.output) : order.lookup.status]
}

output "reached" {
  value = local.result.reached
}
