# What mock_provider "private" answers, in the form that AWS's answers have: random texts are no ARNs, and a plan refuses
# them where they are passed on to other resources.

mock_resource "private_api_invocation" {
  defaults = {
    id                         = "mocked"
    region                     = "eu-central-1"
    connection_arn             = "arn:aws:events:eu-central-1:123456789012:connection/mocked/01234567-89ab-cdef-0123-456789abcdef"
    connection_arn_for_policy  = "arn:aws:events:eu-central-1:123456789012:connection/mocked"
    connection_secret_arn      = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:events!connection/mocked/01234567-89ab-cdef-0123-456789abcdef-AbCdEf"
    connection_state           = "ACTIVE"
    connection_state_reason    = ""
    domain_name                = "vpce-0123456789abcdef0-abcdefgh.execute-api.eu-central-1.vpce.amazonaws.com"
    resource_association_arn   = "arn:aws:vpc-lattice:eu-central-1:123456789012:servicenetworkresourceassociation/snra-0123456789abcdef0"
    resource_configuration_id  = "rcfg-0123456789abcdef0"
    resource_configuration_arn = "arn:aws:vpc-lattice:eu-central-1:123456789012:resourceconfiguration/rcfg-0123456789abcdef0"
    resource_gateway_id        = "rgw-0123456789abcdef0"
    resource_gateway_arn       = "arn:aws:vpc-lattice:eu-central-1:123456789012:resourcegateway/rgw-0123456789abcdef0"
    security_group_id          = "sg-0123456789abcdef0"
    state_machine_policy_json  = "{\"Version\":\"2012-10-17\",\"Statement\":[]}"
    subnet_ids                 = ["subnet-0123456789abcdef0"]
    vpc_id                     = "vpc-0123456789abcdef0"
    pending                    = []
    retired                    = []
  }
}

mock_resource "private_api_path" {
  defaults = {
    id                         = "mocked/0f9c2b7e"
    region                     = "eu-central-1"
    domain_name                = "vpce-0123456789abcdef0-abcdefgh.execute-api.eu-central-1.vpce.amazonaws.com"
    resource_configuration_id  = "rcfg-0123456789abcdef0"
    resource_configuration_arn = "arn:aws:vpc-lattice:eu-central-1:123456789012:resourceconfiguration/rcfg-0123456789abcdef0"
    resource_gateway_id        = "rgw-0123456789abcdef0"
    resource_gateway_arn       = "arn:aws:vpc-lattice:eu-central-1:123456789012:resourcegateway/rgw-0123456789abcdef0"
    security_group_id          = "sg-0123456789abcdef0"
    subnet_ids                 = ["subnet-0123456789abcdef0"]
    vpc_id                     = "vpc-0123456789abcdef0"
    pending                    = []
    retired                    = []
  }
}
