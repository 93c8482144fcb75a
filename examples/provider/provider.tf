terraform {
  required_version = ">= 1.11"

  required_providers {
    private = {
      source  = "private-api/private"
      version = "~> 0.1"
    }
  }
}

provider "private" {
  region = "eu-central-1"
}
