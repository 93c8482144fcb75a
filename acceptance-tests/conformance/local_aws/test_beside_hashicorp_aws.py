"""What the resources of hashicorp/aws around a private path call: networks, roles and policies."""

import json

from test_ec2 import by, tagged

TRUST = json.dumps({"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "states.amazonaws.com"}}]})
ALLOW = json.dumps({"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Action": "states:InvokeHTTPEndpoint", "Resource": "*"}]})


def test_a_vpc_has_attributes_a_main_route_table_and_a_default_acl(local, call, refuse):
    vpc = call("ec2", "CreateVpc", CidrBlock="10.9.0.0/16", AmazonProvidedIpv6CidrBlock=True)["Vpc"]["VpcId"]
    for attribute, before in [("EnableDnsHostnames", False), ("EnableDnsSupport", True),
                              ("EnableNetworkAddressUsageMetrics", False)]:
        name = attribute[0].lower() + attribute[1:]
        told = call("ec2", "DescribeVpcAttribute", VpcId=vpc, Attribute=name)
        assert told[attribute] == {"Value": before}
        call("ec2", "ModifyVpcAttribute", VpcId=vpc, **{attribute: {"Value": not before}})
        assert call("ec2", "DescribeVpcAttribute", VpcId=vpc, Attribute=name)[attribute] == {"Value": not before}
    main = call("ec2", "DescribeRouteTables", Filters=by(**{"association.main": "true", "vpc_id": vpc}))["RouteTables"]
    assert [route["GatewayId"] for route in main[0]["Routes"]] == ["local", "local"]
    acls = call("ec2", "DescribeNetworkAcls", Filters=by(default="true", vpc_id=vpc))["NetworkAcls"]
    assert len(acls[0]["Entries"]) == 8 and acls[0]["Associations"] == []
    call("ec2", "DeleteVpc", VpcId=vpc)
    assert not call("ec2", "DescribeRouteTables", Filters=by(vpc_id=vpc))["RouteTables"]
    gone = "vpc-0123456789abcdef0"
    refuse("InvalidVpcID.NotFound", "ec2", "DescribeVpcAttribute", VpcId=gone, Attribute="enableDnsSupport")
    vpc = local.seed["vpc_id"]
    refuse("InvalidParameterValue", "ec2", "DescribeVpcAttribute", VpcId=vpc, Attribute="colour")
    refuse("InvalidParameterCombination", "ec2", "ModifyVpcAttribute", VpcId=vpc)
    refuse("InvalidParameterCombination", "ec2", "ModifyVpcAttribute", VpcId=vpc,
           EnableDnsSupport={"Value": True}, EnableDnsHostnames={"Value": True})
    refuse("InvalidNetworkAclID.NotFound", "ec2", "DescribeNetworkAcls", NetworkAclIds=["acl-0123456789abcdef0"])


def test_a_subnets_attributes_change_one_by_one(local, call, refuse):
    subnet = local.seed["subnet_ids"][0]
    call("ec2", "ModifySubnetAttribute", SubnetId=subnet, MapPublicIpOnLaunch={"Value": True})
    call("ec2", "ModifySubnetAttribute", SubnetId=subnet, PrivateDnsHostnameTypeOnLaunch="resource-name")
    call("ec2", "ModifySubnetAttribute", SubnetId=subnet, EnableResourceNameDnsARecordOnLaunch={"Value": True})
    told = call("ec2", "DescribeSubnets", SubnetIds=[subnet])["Subnets"][0]
    assert told["MapPublicIpOnLaunch"] and told["PrivateDnsNameOptionsOnLaunch"] == {
        "HostnameType": "resource-name", "EnableResourceNameDnsARecord": True,
        "EnableResourceNameDnsAAAARecord": False}
    refuse("InvalidParameterValue", "ec2", "ModifySubnetAttribute", SubnetId=subnet,
           AssignIpv6AddressOnCreation={"Value": True})
    refuse("InvalidParameterCombination", "ec2", "ModifySubnetAttribute", SubnetId=subnet)


def test_route_tables_are_made_and_used(local, call, refuse):
    vpc, subnet = local.seed["vpc_id"], local.seed["subnet_ids"][0]
    made = call("ec2", "CreateRouteTable", VpcId=vpc, TagSpecifications=tagged("route-table", Name="private"))
    table = made["RouteTable"]["RouteTableId"]
    other = call("ec2", "CreateRouteTable", VpcId=vpc)["RouteTable"]["RouteTableId"]
    association = call("ec2", "AssociateRouteTable", RouteTableId=table, SubnetId=subnet)["AssociationId"]
    found = call("ec2", "DescribeRouteTables", Filters=by(**{"association.subnet-id": subnet}))["RouteTables"]
    assert [one["RouteTableId"] for one in found] == [table]
    refuse("Resource.AlreadyAssociated", "ec2", "AssociateRouteTable", RouteTableId=other, SubnetId=subnet)
    refuse("DependencyViolation", "ec2", "DeleteRouteTable", RouteTableId=table)
    moved = call("ec2", "ReplaceRouteTableAssociation", AssociationId=association, RouteTableId=other)
    refuse("InvalidAssociationID.NotFound", "ec2", "DisassociateRouteTable", AssociationId=association)
    call("ec2", "DisassociateRouteTable", AssociationId=moved["NewAssociationId"])
    endpoint = call("ec2", "CreateVpcEndpoint", VpcId=vpc, VpcEndpointType="Gateway", RouteTableIds=[table],
                    ServiceName=f"com.amazonaws.{local.seed['region']}.s3")["VpcEndpoint"]["VpcEndpointId"]
    routes = call("ec2", "DescribeRouteTables", RouteTableIds=[table])["RouteTables"][0]["Routes"]
    assert routes[-1]["GatewayId"] == endpoint and routes[-1]["DestinationPrefixListId"].startswith("pl-")
    call("ec2", "ModifyVpcEndpoint", VpcEndpointId=endpoint, AddRouteTableIds=[other], RemoveRouteTableIds=[table])
    told = call("ec2", "DescribeVpcEndpoints", VpcEndpointIds=[endpoint])["VpcEndpoints"][0]
    assert told["RouteTableIds"] == [other]
    call("ec2", "DeleteRouteTable", RouteTableId=table)
    refuse("InvalidRouteTableID.NotFound", "ec2", "DeleteRouteTable", RouteTableId=table)
    main = call("ec2", "DescribeRouteTables", Filters=by(**{"association.main": "true", "vpc_id": vpc}))
    main = main["RouteTables"][0]["Associations"][0]["RouteTableAssociationId"]
    refuse("InvalidParameterValue", "ec2", "DisassociateRouteTable", AssociationId=main)
    refuse("UnsupportedOperation", "ec2", "AssociateRouteTable", RouteTableId=other,
           GatewayId="igw-0123456789abcdef0")


def test_zones_and_prefix_lists_are_listed(local, call, refuse):
    region = local.seed["region"]
    zones = call("ec2", "DescribeAvailabilityZones", Filters=by(state="available"))["AvailabilityZones"]
    assert [zone["ZoneName"] for zone in zones][:2] == [f"{region}a", f"{region}b"]
    one = call("ec2", "DescribeAvailabilityZones", ZoneNames=[f"{region}b"])["AvailabilityZones"]
    assert [zone["ZoneId"] for zone in one] == [zones[1]["ZoneId"]]
    refuse("InvalidParameterValue", "ec2", "DescribeAvailabilityZones", ZoneNames=["mars-1a"])
    lists = call("ec2", "DescribePrefixLists", Filters=by(prefix_list_name=f"com.amazonaws.{region}.s3"))
    assert lists["PrefixLists"][0]["Cidrs"]
    assert not call("ec2", "DescribePrefixLists", Filters=by(prefix_list_name="execute-api"))["PrefixLists"]
    name = f"com.amazonaws.{region}.execute-api"
    services = call("ec2", "DescribeVpcEndpointServices", ServiceNames=[name], Filters=by(service_type="Interface"))
    assert services["ServiceNames"] == [name] and services["ServiceDetails"][0]["PrivateDnsName"].startswith("*.")
    refuse("InvalidServiceName", "ec2", "DescribeVpcEndpointServices", ServiceNames=[f"com.amazonaws.{region}.mars"])
    refuse("InvalidPrefixListId.NotFound", "ec2", "DescribePrefixLists", PrefixListIds=["pl-00000000"])


def test_a_role_lives_with_its_policies(local, call, refuse):
    tags = [{"Key": "team", "Value": "orders"}]
    made = call("iam", "CreateRole", RoleName="orders", AssumeRolePolicyDocument=TRUST, Path="/made/", Tags=tags,
                Description="d", MaxSessionDuration=7200)["Role"]
    assert made["Arn"].endswith(":role/made/orders") and made["Tags"] == tags
    role = call("iam", "GetRole", RoleName="orders")["Role"]
    assert (role["Description"], role["MaxSessionDuration"]) == ("d", 7200)
    assert json.loads(document(role["AssumeRolePolicyDocument"]))["Statement"][0]["Action"] == "sts:AssumeRole"
    refuse("EntityAlreadyExists", "iam", "CreateRole", RoleName="orders", AssumeRolePolicyDocument=TRUST)
    refuse("MalformedPolicyDocument", "iam", "CreateRole", RoleName="other", AssumeRolePolicyDocument="{")
    refuse("ValidationError", "iam", "CreateRole", RoleName="other", AssumeRolePolicyDocument=TRUST, Path="no")
    session = {"RoleArn": made["Arn"], "RoleSessionName": "test"}
    refuse("AccessDenied", "sts", "AssumeRole", **session)
    account = TRUST.replace('{"Service": "states.amazonaws.com"}', f'{{"AWS": "{local.seed["account_id"]}"}}')
    call("iam", "UpdateAssumeRolePolicy", RoleName="orders", PolicyDocument=account)
    assert call("sts", "AssumeRole", **session)["Credentials"]["SessionToken"]
    call("iam", "UpdateRole", RoleName="orders", Description="", MaxSessionDuration=3600)
    assert "Description" not in call("iam", "GetRole", RoleName="orders")["Role"]
    call("iam", "TagRole", RoleName="orders", Tags=[{"Key": "a", "Value": "b"}])
    call("iam", "UntagRole", RoleName="orders", TagKeys=["team"])
    assert call("iam", "ListRoleTags", RoleName="orders")["Tags"] == [{"Key": "a", "Value": "b"}]

    boundary = "arn:aws:iam::aws:policy/PowerUserAccess"
    call("iam", "PutRolePermissionsBoundary", RoleName="orders", PermissionsBoundary=boundary)
    bound = call("iam", "GetRole", RoleName="orders")["Role"]["PermissionsBoundary"]
    assert bound == {"PermissionsBoundaryType": "PermissionsBoundaryPolicy", "PermissionsBoundaryArn": boundary}
    call("iam", "DeleteRolePermissionsBoundary", RoleName="orders")
    assert "PermissionsBoundary" not in call("iam", "GetRole", RoleName="orders")["Role"]
    call("iam", "PutRolePolicy", RoleName="orders", PolicyName="http", PolicyDocument=ALLOW)
    assert call("iam", "ListRolePolicies", RoleName="orders")["PolicyNames"] == ["http"]
    own = call("iam", "GetRolePolicy", RoleName="orders", PolicyName="http")
    assert json.loads(document(own["PolicyDocument"])) == json.loads(ALLOW)
    of_aws = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"
    call("iam", "AttachRolePolicy", RoleName="orders", PolicyArn=of_aws)
    attached = call("iam", "ListAttachedRolePolicies", RoleName="orders")["AttachedPolicies"]
    assert attached == [{"PolicyName": "AWSLambdaBasicExecutionRole", "PolicyArn": of_aws}]
    refuse("DeleteConflict", "iam", "DeleteRole", RoleName="orders")
    call("iam", "DetachRolePolicy", RoleName="orders", PolicyArn=of_aws)
    refuse("NoSuchEntity", "iam", "DetachRolePolicy", RoleName="orders", PolicyArn=of_aws)
    refuse("DeleteConflict", "iam", "DeleteRole", RoleName="orders")
    call("iam", "DeleteRolePolicy", RoleName="orders", PolicyName="http")
    refuse("NoSuchEntity", "iam", "GetRolePolicy", RoleName="orders", PolicyName="http")
    assert call("iam", "ListInstanceProfilesForRole", RoleName="orders")["InstanceProfiles"] == []
    call("iam", "DeleteRole", RoleName="orders")
    refuse("NoSuchEntity", "iam", "GetRole", RoleName="orders")


def test_a_managed_policy_has_versions(local, call, refuse, boto3_caller):
    arn = call("iam", "CreatePolicy", PolicyName="http", PolicyDocument=ALLOW, Description="d")["Policy"]["Arn"]
    refuse("EntityAlreadyExists", "iam", "CreatePolicy", PolicyName="http", PolicyDocument=ALLOW)
    call("iam", "TagPolicy", PolicyArn=arn, Tags=[{"Key": "a", "Value": "b"}])
    call("iam", "UntagPolicy", PolicyArn=arn, TagKeys=["a"])
    second = call("iam", "CreatePolicyVersion", PolicyArn=arn, PolicyDocument=ALLOW, SetAsDefault=True)
    assert second["PolicyVersion"]["VersionId"] == "v2"
    policy = call("iam", "GetPolicy", PolicyArn=arn)["Policy"]
    assert (policy["DefaultVersionId"], policy["AttachmentCount"]) == ("v2", 0)
    version = call("iam", "GetPolicyVersion", PolicyArn=arn, VersionId="v2")["PolicyVersion"]
    assert json.loads(document(version["Document"])) == json.loads(ALLOW) and version["IsDefaultVersion"]
    assert len(call("iam", "ListPolicyVersions", PolicyArn=arn)["Versions"]) == 2
    # The CLI asks for every page by itself.
    first = boto3_caller.call("iam", "ListPolicyVersions", PolicyArn=arn, MaxItems=1)
    assert first["IsTruncated"] and [one["VersionId"] for one in first["Versions"]] == ["v1"]
    rest = boto3_caller.call("iam", "ListPolicyVersions", PolicyArn=arn, Marker=first["Marker"])
    assert not rest["IsTruncated"] and [one["VersionId"] for one in rest["Versions"]] == ["v2"]
    refuse("DeleteConflict", "iam", "DeletePolicy", PolicyArn=arn)
    refuse("DeleteConflict", "iam", "DeletePolicyVersion", PolicyArn=arn, VersionId="v2")
    call("iam", "DeletePolicyVersion", PolicyArn=arn, VersionId="v1")
    role = local.seed["role_arn"].rpartition("/")[2]
    call("iam", "AttachRolePolicy", RoleName=role, PolicyArn=arn)
    refuse("DeleteConflict", "iam", "DeletePolicy", PolicyArn=arn)
    call("iam", "DetachRolePolicy", RoleName=role, PolicyArn=arn)
    call("iam", "DeletePolicy", PolicyArn=arn)
    refuse("NoSuchEntity", "iam", "GetPolicy", PolicyArn=arn)
    refuse("NoSuchEntity", "iam", "AttachRolePolicy", RoleName=role, PolicyArn=arn)


def document(value):
    """A document as it was given: boto3 reads it already, the CLI gives it as an object."""
    return value if isinstance(value, str) else json.dumps(value)
