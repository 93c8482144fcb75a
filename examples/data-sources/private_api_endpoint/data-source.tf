data "private_api_endpoint" "execute_api" {
  vpc_endpoint_id = var.vpc_endpoint_id

  lifecycle {
    postcondition {
      condition     = length(self.findings) == 0
      error_message = join("\n", [for finding in self.findings : finding.seen])
    }
  }
}
