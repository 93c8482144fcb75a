# No AWS at all: the mocks answer. OpenTofu's test, which it runs instead of mocks.tftest.hcl: it reads no mock files. The blocks
# are those of private.tfmock.hcl but api_destinations, which it mocks nowhere.

mock_provider "private" {
  mock_resource "private_api_invocation" {
    defaults = {
      id                         = "mocked"
      region                     = "eu-central-1"
      instance                   = "0f9c2b7e"
      connection_arn             = "arn:aws:events:eu-central-1:123456789012:connection/mocked/01234567-89ab-cdef-0123-456789abcdef"
      connection_arn_for_policy  = "arn:aws:events:eu-central-1:123456789012:connection/mocked"
      connection_secret_arn      = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:events!connection/mocked/01234567-89ab-cdef-0123-456789abcdef-AbCdEf"
      connection_state           = "ACTIVE"
      connection_state_reason    = ""
      resource_association_arn   = "arn:aws:vpc-lattice:eu-central-1:123456789012:servicenetworkresourceassociation/snra-0123456789abcdef0"
      domain_name                = "vpce-0123456789abcdef0-abcdefgh.execute-api.eu-central-1.vpce.amazonaws.com"
      resource_configuration_id  = "rcfg-0123456789abcdef0"
      resource_configuration_arn = "arn:aws:vpc-lattice:eu-central-1:123456789012:resourceconfiguration/rcfg-0123456789abcdef0"
      resource_gateway_id        = "rgw-0123456789abcdef0"
      resource_gateway_arn       = "arn:aws:vpc-lattice:eu-central-1:123456789012:resourcegateway/rgw-0123456789abcdef0"
      security_group_id          = "sg-0123456789abcdef0"
      subnet_ids                 = ["subnet-0123456789abcdef0"]
      vpc_id                     = "vpc-0123456789abcdef0"
      state_machine_policy_json  = "{\"Version\":\"2012-10-17\",\"Statement\":[]}"
      endpoint_ingress_rule_id   = "sgr-0123456789abcdef0"
      borrowed                   = []
      pending                    = []
      retired                    = []
      tags_all                   = {}
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
      endpoint_ingress_rule_id   = "sgr-0123456789abcdef0"
      borrowed                   = []
      pending                    = []
      retired                    = []
      tags_all                   = {}
    }
  }

  mock_resource "private_api_invocation_check" {
    defaults = {
      id          = "arn:aws:events:eu-central-1:123456789012:connection/mocked/01234567-89ab-cdef-0123-456789abcdef"
      checked_at  = "2026-01-01T00:00:00Z"
      status_code = 200
    }
  }

  mock_data "private_api_endpoint" {
    defaults = {
      id                 = "vpce-0123456789abcdef0"
      region             = "eu-central-1"
      ip_address_type    = "IPV4"
      regional_dns_name  = "vpce-0123456789abcdef0-abcdefgh.execute-api.eu-central-1.vpce.amazonaws.com"
      security_group_ids = ["sg-0123456789abcdef0"]
      subnet_ids         = ["subnet-0123456789abcdef0"]
      vpc_cidr_blocks    = ["10.0.0.0/16"]
      vpc_id             = "vpc-0123456789abcdef0"
    }
  }

  mock_data "private_api_invocation" {
    defaults = {
      id                         = "mocked"
      region                     = "eu-central-1"
      connection_arn             = "arn:aws:events:eu-central-1:123456789012:connection/mocked/01234567-89ab-cdef-0123-456789abcdef"
      connection_arn_for_policy  = "arn:aws:events:eu-central-1:123456789012:connection/mocked"
      connection_secret_arn      = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:events!connection/mocked/01234567-89ab-cdef-0123-456789abcdef-AbCdEf"
      connection_state           = "ACTIVE"
      connection_state_reason    = ""
      resource_association_arn   = "arn:aws:vpc-lattice:eu-central-1:123456789012:servicenetworkresourceassociation/snra-0123456789abcdef0"
      domain_name                = "vpce-0123456789abcdef0-abcdefgh.execute-api.eu-central-1.vpce.amazonaws.com"
      resource_configuration_id  = "rcfg-0123456789abcdef0"
      resource_configuration_arn = "arn:aws:vpc-lattice:eu-central-1:123456789012:resourceconfiguration/rcfg-0123456789abcdef0"
      resource_gateway_id        = "rgw-0123456789abcdef0"
      resource_gateway_arn       = "arn:aws:vpc-lattice:eu-central-1:123456789012:resourcegateway/rgw-0123456789abcdef0"
      security_group_id          = "sg-0123456789abcdef0"
      subnet_ids                 = ["subnet-0123456789abcdef0"]
      vpc_id                     = "vpc-0123456789abcdef0"
      state_machine_policy_json  = "{\"Version\":\"2012-10-17\",\"Statement\":[]}"
      description                = "Mocked."
      kms_key_identifier         = "arn:aws:kms:eu-central-1:123456789012:key/01234567-89ab-cdef-0123-456789abcdef"
      tags                       = {}
      vpc_endpoint_id            = "vpce-0123456789abcdef0"
    }
  }

  mock_data "private_api_path" {
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
      tags                       = {}
      vpc_endpoint_id            = "vpce-0123456789abcdef0"
    }
  }
}

run "apply" {
  assert {
    condition     = alltrue([for arn in output.arns : can(regex("^arn:aws:[a-z-]+:eu-central-1:123456789012:.+", arn))])
    error_message = "A mock's ARN is none: ${jsonencode(output.arns)}"
  }

  assert {
    condition     = output.status_code == 200
    error_message = "The mocked call was answered with ${output.status_code}."
  }

  assert {
    condition     = jsondecode(output.policy).Statement[1].Resource[0] == output.arns.connection_for_policy
    error_message = "The policy names another connection: ${output.policy}"
  }
}
