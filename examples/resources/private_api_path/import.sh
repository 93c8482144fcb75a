# By its id: the name, and what its create chose
terraform import private_api_path.internal internal/0f9c2b7e

# By the id or the ARN of its resource configuration
terraform import private_api_path.internal rcfg-0123456789abcdef0
terraform import private_api_path.internal arn:aws:vpc-lattice:eu-central-1:123456789012:resourceconfiguration/rcfg-0123456789abcdef0
