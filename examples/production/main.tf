terraform {
  required_version = ">= 1.11"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 6.0"
    }
    private = {
      source  = "private-api/private"
      version = "~> 0.1"
    }
  }
}

# Both find credentials as every AWS tool does; both take the Region from here.
provider "aws" {
  region = var.region
}

provider "private" {
  region = var.region
}
