"""VPC Lattice: resource gateways, resource configurations, their associations, tags."""

GONE_GATEWAY = "rgw-0123456789abcdef0"
GONE_CONFIGURATION = "rcfg-0123456789abcdef0"
LATTICE = "vpc-lattice"


def gateway(call, local, name, **more):
    seed = local.seed
    return call(LATTICE, "CreateResourceGateway", name=name, vpcIdentifier=seed["vpc_id"],
                subnetIds=seed["subnet_ids"], **more)


def configuration(call, gateway_id, name, **more):
    parameters = {
        "type": "SINGLE", "portRanges": ["443"], "resourceGatewayIdentifier": gateway_id,
        "resourceConfigurationDefinition": {"dnsResource": {"domainName": "orders.example.com"}}, **more,
    }
    parameters = {key: value for key, value in parameters.items() if value is not None}
    return call(LATTICE, "CreateResourceConfiguration", name=name, **parameters)


def test_a_gateway_lives(local, call):
    made = gateway(call, local, "orders", tags={"team": "orders"}, ipv4AddressesPerEni=8)
    identifier = {"resourceGatewayIdentifier": made["id"]}
    assert call(LATTICE, "GetResourceGateway", **identifier)["status"] == "ACTIVE"
    assert [one["id"] for one in call(LATTICE, "ListResourceGateways")["items"]] == [made["id"]]
    group = call("ec2", "CreateSecurityGroup", GroupName="orders", Description="d", VpcId=local.seed["vpc_id"])
    updated = call(LATTICE, "UpdateResourceGateway", **identifier, securityGroupIds=[group["GroupId"]])
    assert updated["securityGroupIds"] == [group["GroupId"]]
    arn = {"resourceArn": made["arn"]}
    call(LATTICE, "TagResource", **arn, tags={"stage": "test"})
    call(LATTICE, "UntagResource", **arn, tagKeys=["team"])
    assert call(LATTICE, "ListTagsForResource", **arn)["tags"] == {"stage": "test"}
    call(LATTICE, "DeleteResourceGateway", **identifier)
    assert call(LATTICE, "ListResourceGateways")["items"] == []


def test_a_gateway_takes_addresses_and_keeps_its_groups(local, boto3_caller, refuse):
    call = boto3_caller.call
    free = lambda: call("ec2", "DescribeSubnets", SubnetIds=local.seed["subnet_ids"])["Subnets"][0]["AvailableIpAddressCount"]
    before = free()
    gateway(call, local, "orders", ipv4AddressesPerEni=62)
    assert free() == before - 62
    for index in range(3):
        gateway(call, local, f"more-{index}", ipv4AddressesPerEni=62)
    # 251 addresses in a /24, one of them the endpoint's: no room for a fifth.
    refuse("ValidationException", LATTICE, "CreateResourceGateway", name="last", ipv4AddressesPerEni=62,
           vpcIdentifier=local.seed["vpc_id"], subnetIds=local.seed["subnet_ids"])


def test_gateways_with_ipv6(local, boto3_caller, refuse):
    call = boto3_caller.call
    vpc = call("ec2", "CreateVpc", CidrBlock="10.9.0.0/16", AmazonProvidedIpv6CidrBlock=True)["Vpc"]
    ipv6 = vpc["Ipv6CidrBlockAssociationSet"][0]["Ipv6CidrBlock"].replace("/56", "/64")
    subnet = call("ec2", "CreateSubnet", VpcId=vpc["VpcId"], CidrBlock="10.9.0.0/24", Ipv6CidrBlock=ipv6)["Subnet"]
    for kind, has_ipv4 in [("DUALSTACK", True), ("IPV6", False)]:
        made = call(LATTICE, "CreateResourceGateway", name=f"orders-{kind.lower()}", vpcIdentifier=vpc["VpcId"],
                    subnetIds=[subnet["SubnetId"]], ipAddressType=kind)
        assert made["ipAddressType"] == kind
        assert ("ipv4AddressesPerEni" in made) == has_ipv4
    found = call("ec2", "DescribeNetworkInterfaces", Filters=[{"Name": "vpc-id", "Values": [vpc["VpcId"]]}])
    assert all(one["Ipv6Addresses"] for one in found["NetworkInterfaces"])
    refuse("ValidationException", LATTICE, "CreateResourceGateway", name="none", ipAddressType="IPV6",
           vpcIdentifier=local.seed["vpc_id"], subnetIds=local.seed["subnet_ids"])


def test_what_gateways_must_not_be_is_refused(local, boto3_caller, refuse):
    seed = local.seed
    good = {"name": "orders", "vpcIdentifier": seed["vpc_id"], "subnetIds": seed["subnet_ids"]}
    gateway_id = gateway(boto3_caller.call, local, "taken")["id"]
    configuration(boto3_caller.call, gateway_id, "taken")
    gone = {"resourceGatewayIdentifier": GONE_GATEWAY}
    for code, operation, parameters in [
        ("ValidationException", "CreateResourceGateway", {**good, "name": "Orders"}),
        ("ValidationException", "CreateResourceGateway", {**good, "subnetIds": []}),
        ("ValidationException", "CreateResourceGateway", {**good, "securityGroupIds": ["sg"]}),
        ("ResourceNotFoundException", "CreateResourceGateway", {**good, "vpcIdentifier": "vpc-0123456789abcdef0"}),
        ("ConflictException", "CreateResourceGateway", {**good, "name": "taken"}),
        ("ResourceNotFoundException", "GetResourceGateway", gone),
        ("ResourceNotFoundException", "UpdateResourceGateway", gone),
        ("ResourceNotFoundException", "DeleteResourceGateway", gone),
        ("ValidationException", "GetResourceGateway", {"resourceGatewayIdentifier": "orders"}),
        ("ValidationException", "DeleteResourceGateway", {"resourceGatewayIdentifier": "orders"}),
        ("ConflictException", "DeleteResourceGateway", {"resourceGatewayIdentifier": gateway_id}),
        ("ValidationException", "UpdateResourceGateway",
         {"resourceGatewayIdentifier": gateway_id, "securityGroupIds": ["sg"]}),
        ("ResourceNotFoundException", "UpdateResourceGateway",
         {"resourceGatewayIdentifier": gateway_id, "securityGroupIds": ["sg-0123456789abcdef0"]}),
        ("ValidationException", "ListResourceGateways", {"maxResults": 0}),
        ("ValidationException", "ListResourceGateways", {"nextToken": "?"}),
    ]:
        refuse(code, LATTICE, operation, **parameters)
    local.settings(gateways_per_vpc=1)
    refuse("ServiceQuotaExceededException", LATTICE, "CreateResourceGateway", **good)


def test_the_same_token_makes_one_gateway(local, boto3_caller, refuse):
    call = boto3_caller.call
    first = gateway(call, local, "orders", clientToken="t")
    assert gateway(call, local, "orders", clientToken="t")["id"] == first["id"]
    refuse("ConflictException", LATTICE, "CreateResourceGateway", name="other", clientToken="t",
           vpcIdentifier=local.seed["vpc_id"], subnetIds=local.seed["subnet_ids"])


def test_configurations_of_each_type(local, call):
    gateway_id = gateway(call, local, "orders")["id"]
    single = configuration(call, gateway_id, "single")
    group = configuration(call, gateway_id, "group", type="GROUP", portRanges=None,
                          resourceConfigurationDefinition=None)
    child = configuration(call, None, "child", type="CHILD", portRanges=["80", "8000-8080"],
                          resourceConfigurationGroupIdentifier=group["id"],
                          resourceConfigurationDefinition={"ipResource": {"ipAddress": "10.0.0.9"}})
    assert child["resourceConfigurationGroupId"] == group["id"]
    database = f"arn:aws:rds:{local.seed['region']}:{local.seed['account_id']}:cluster:orders"
    configuration(call, None, "database", type="ARN", portRanges=None,
                  resourceConfigurationDefinition={"arnResource": {"arn": database}})
    identifier = {"resourceConfigurationIdentifier": single["id"]}
    assert call(LATTICE, "GetResourceConfiguration", **identifier)["status"] == "ACTIVE"
    updated = call(LATTICE, "UpdateResourceConfiguration", **identifier, portRanges=["443", "8443"],
                   allowAssociationToShareableServiceNetwork=False)
    assert updated["portRanges"] == ["443", "8443"]
    items = call(LATTICE, "ListResourceConfigurations", resourceConfigurationGroupIdentifier=group["id"])["items"]
    assert [one["id"] for one in items] == [child["id"]]
    call(LATTICE, "DeleteResourceConfiguration", **identifier)


def test_what_configurations_must_not_be_is_refused(local, boto3_caller, refuse):
    call = boto3_caller.call
    gateway_id = gateway(call, local, "orders")["id"]
    made = configuration(call, gateway_id, "taken")["id"]
    group = configuration(call, gateway_id, "group", type="GROUP", portRanges=None,
                          resourceConfigurationDefinition=None)["id"]
    configuration(call, None, "child", type="CHILD", resourceConfigurationGroupIdentifier=group)
    good = {"name": "orders", "type": "SINGLE", "portRanges": ["443"], "resourceGatewayIdentifier": gateway_id,
            "resourceConfigurationDefinition": {"dnsResource": {"domainName": "orders.example.com"}}}
    gone = {"resourceConfigurationIdentifier": GONE_CONFIGURATION}
    for code, operation, parameters in [
        ("ValidationException", "CreateResourceConfiguration", {**good, "portRanges": ["0"]}),
        ("ValidationException", "CreateResourceConfiguration", {**good, "type": "CHILD"}),
        ("ValidationException", "CreateResourceConfiguration", {**good, "protocol": "TCP_UDP"}),
        ("ResourceNotFoundException", "CreateResourceConfiguration",
         {**good, "resourceGatewayIdentifier": GONE_GATEWAY}),
        ("ConflictException", "CreateResourceConfiguration", {**good, "name": "taken"}),
        ("ResourceNotFoundException", "GetResourceConfiguration", gone),
        ("ResourceNotFoundException", "UpdateResourceConfiguration", gone),
        ("ResourceNotFoundException", "DeleteResourceConfiguration", gone),
        ("ConflictException", "DeleteResourceConfiguration", {"resourceConfigurationIdentifier": group}),
        ("ValidationException", "GetResourceConfiguration", {"resourceConfigurationIdentifier": "orders-orders-orders"}),
        ("ValidationException", "UpdateResourceConfiguration",
         {"resourceConfigurationIdentifier": made, "portRanges": ["9-1"]}),
        ("ValidationException", "ListResourceConfigurations", {"maxResults": 101}),
        ("ResourceNotFoundException", "TagResource",
         {"resourceArn": f"arn:aws:vpc-lattice:us-east-1:123456789012:resourcegateway/{GONE_GATEWAY}", "tags": {}}),
        ("ResourceNotFoundException", "ListTagsForResource",
         {"resourceArn": f"arn:aws:vpc-lattice:us-east-1:123456789012:resourcegateway/{GONE_GATEWAY}"}),
    ]:
        refuse(code, LATTICE, operation, **parameters)
    local.settings(configurations=1)
    refuse("ServiceQuotaExceededException", LATTICE, "CreateResourceConfiguration", **good)


def test_pages_end_where_the_next_begin(local, boto3_caller):
    call = boto3_caller.call
    made = {gateway(call, local, f"orders-{index}", ipv4AddressesPerEni=1)["id"] for index in range(5)}
    listed, token = [], {}
    while True:
        page = call(LATTICE, "ListResourceGateways", maxResults=2, **token)
        listed += [one["id"] for one in page["items"]]
        if "nextToken" not in page:
            break
        token = {"nextToken": page["nextToken"]}
    assert len(listed) == 5 and set(listed) == made


def test_associations_of_connections(local, call, refuse):
    made = configuration(call, gateway(call, local, "orders")["id"], "orders")
    call("events", "CreateConnection", Name="orders", AuthorizationType="API_KEY",
         AuthParameters={"ApiKeyAuthParameters": {"ApiKeyName": "x-api-key", "ApiKeyValue": "k"}},
         InvocationConnectivityParameters={"ResourceParameters": {"ResourceConfigurationArn": made["arn"]}})
    items = call(LATTICE, "ListServiceNetworkResourceAssociations", resourceConfigurationIdentifier=made["id"])["items"]
    identifier = {"serviceNetworkResourceAssociationIdentifier": items[0]["id"]}
    assert call(LATTICE, "GetServiceNetworkResourceAssociation", **identifier)["isManagedAssociation"]
    refuse("AccessDeniedException", LATTICE, "DeleteServiceNetworkResourceAssociation", **identifier)
    refuse("ValidationException", LATTICE, "DeleteResourceConfiguration", resourceConfigurationIdentifier=made["id"])
    gone = {"serviceNetworkResourceAssociationIdentifier": "snra-0123456789abcdef0"}
    refuse("ResourceNotFoundException", LATTICE, "GetServiceNetworkResourceAssociation", **gone)
    refuse("ResourceNotFoundException", LATTICE, "DeleteServiceNetworkResourceAssociation", **gone)


def test_associations_of_endpoints(local, call, refuse):
    made = configuration(call, gateway(call, local, "orders")["id"], "orders")
    endpoint = call("ec2", "CreateVpcEndpoint", VpcEndpointType="Resource", VpcId=local.seed["vpc_id"],
                    SubnetIds=local.seed["subnet_ids"], ResourceConfigurationArn=made["arn"])["VpcEndpoint"]
    identifier = {"resourceConfigurationIdentifier": made["id"]}
    items = call(LATTICE, "ListResourceEndpointAssociations", **identifier)["items"]
    assert [one["vpcEndpointId"] for one in items] == [endpoint["VpcEndpointId"]]
    refuse("ConflictException", LATTICE, "DeleteResourceConfiguration", **identifier)
    association = {"resourceEndpointAssociationIdentifier": items[0]["id"]}
    call(LATTICE, "DeleteResourceEndpointAssociation", **association)
    refuse("ResourceNotFoundException", LATTICE, "DeleteResourceEndpointAssociation", **association)
    call(LATTICE, "DeleteResourceConfiguration", **identifier)


def test_what_another_account_shares_is_seen_and_used_and_not_changed(local, boto3_caller, refuse):
    call, account = boto3_caller.call, local.seed["account_id"]
    items = call(LATTICE, "ListResourceConfigurations")["items"]
    shared = next(one for one in items if f":{account}:" not in one["arn"])
    identifier = {"resourceConfigurationIdentifier": shared["arn"]}
    assert call(LATTICE, "GetResourceConfiguration", **identifier)["id"] == shared["id"]
    refuse("AccessDeniedException", LATTICE, "UpdateResourceConfiguration", **identifier, portRanges=["1"])
    refuse("AccessDeniedException", LATTICE, "DeleteResourceConfiguration", **identifier)
    call("events", "CreateConnection", Name="orders", AuthorizationType="API_KEY",
         AuthParameters={"ApiKeyAuthParameters": {"ApiKeyName": "x-api-key", "ApiKeyValue": "k"}},
         InvocationConnectivityParameters={"ResourceParameters": {"ResourceConfigurationArn": shared["arn"]}})
    assert call("events", "DescribeConnection", Name="orders")["ConnectionState"] == "ACTIVE"
