locals {
  endpoint_name = provider::private::regional_dns_name(aws_vpc_endpoint.execute_api.dns_entry)
}
