"""EC2: networks, security groups and their rules, endpoints, tags."""

import json

import pytest

ALL = {"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}
HTTPS = {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443}


def tagged(kind, **tags):
    return [{"ResourceType": kind, "Tags": [{"Key": key, "Value": value} for key, value in tags.items()]}]


def by(**filters):
    return [{"Name": name.replace("_", "-"), "Values": [value]} for name, value in filters.items()]


def test_a_network_is_made_and_taken_down(local, call):
    vpc = call("ec2", "CreateVpc", CidrBlock="10.9.0.0/16", AmazonProvidedIpv6CidrBlock=True,
               TagSpecifications=tagged("vpc", Name="made"))["Vpc"]
    vpc_id = vpc["VpcId"]
    ipv6 = vpc["Ipv6CidrBlockAssociationSet"][0]["Ipv6CidrBlock"]
    more = call("ec2", "AssociateVpcCidrBlock", VpcId=vpc_id, CidrBlock="10.10.0.0/16")
    subnet = call("ec2", "CreateSubnet", VpcId=vpc_id, CidrBlock="10.9.1.0/24",
                  Ipv6CidrBlock=ipv6.replace("/56", "/64"), AvailabilityZone=f"{local.seed['region']}b")["Subnet"]
    assert subnet["AvailableIpAddressCount"] == 251
    found = call("ec2", "DescribeVpcs", Filters=by(cidr="10.9.0.0/16"))["Vpcs"]
    assert [one["VpcId"] for one in found] == [vpc_id]
    assert len(found[0]["CidrBlockAssociationSet"]) == 2
    found = call("ec2", "DescribeSubnets", Filters=by(vpc_id=vpc_id))["Subnets"]
    assert found[0]["Ipv6CidrBlockAssociationSet"][0]["Ipv6CidrBlock"].endswith("/64")
    groups = call("ec2", "DescribeSecurityGroups", Filters=by(vpc_id=vpc_id, group_name="default"))["SecurityGroups"]
    assert len(groups) == 1
    association = more["CidrBlockAssociation"]["AssociationId"]
    call("ec2", "DisassociateVpcCidrBlock", AssociationId=association)
    call("ec2", "DeleteSubnet", SubnetId=subnet["SubnetId"])
    call("ec2", "DeleteVpc", VpcId=vpc_id)
    assert not call("ec2", "DescribeVpcs", Filters=by(cidr="10.9.0.0/16"))["Vpcs"]


def test_what_a_network_must_not_be_is_refused(local, refuse):
    vpc, subnet = local.seed["vpc_id"], local.seed["subnet_ids"][0]
    for code, operation, parameters in [
        ("MissingParameter", "CreateVpc", {}),
        ("InvalidVpc.Range", "CreateVpc", {"CidrBlock": "10.0.0.0/8"}),
        ("InvalidParameterValue", "CreateVpc", {"CidrBlock": "ten"}),
        ("InvalidVpcID.NotFound", "DeleteVpc", {"VpcId": "vpc-0123456789abcdef0"}),
        ("InvalidVpcID.Malformed", "DeleteVpc", {"VpcId": "vpc"}),
        ("DependencyViolation", "DeleteVpc", {"VpcId": vpc}),
        ("InvalidVpc.Range", "AssociateVpcCidrBlock", {"VpcId": vpc, "CidrBlock": "10.0.0.0/16"}),
        ("InvalidSubnet.Range", "CreateSubnet", {"VpcId": vpc, "CidrBlock": "192.168.0.0/24"}),
        ("InvalidSubnet.Conflict", "CreateSubnet", {"VpcId": vpc, "CidrBlock": "10.0.0.0/25"}),
        ("InvalidParameterValue", "CreateSubnet",
         {"VpcId": vpc, "CidrBlock": "10.0.9.0/24", "AvailabilityZone": "eu-west-1a"}),
        ("InvalidSubnetID.NotFound", "DeleteSubnet", {"SubnetId": "subnet-0123456789abcdef0"}),
        ("DependencyViolation", "DeleteSubnet", {"SubnetId": subnet}),
        ("InvalidParameterValue", "DescribeVpcs", {"Filters": by(colour="red")}),
        ("InvalidNextToken", "DescribeVpcs", {"NextToken": "?"}),
        ("InvalidParameterValue", "DescribeSubnets", {"MaxResults": 4}),
        ("DryRunOperation", "CreateVpc", {"CidrBlock": "10.9.0.0/16", "DryRun": True}),
    ]:
        refuse(code, "ec2", operation, **parameters)
    local.settings(vpcs=1)
    refuse("VpcLimitExceeded", "ec2", "CreateVpc", CidrBlock="10.9.0.0/16")


def test_security_groups_and_rules(local, call):
    vpc = local.seed["vpc_id"]
    made = call("ec2", "CreateSecurityGroup", GroupName="orders", Description="d", VpcId=vpc,
                TagSpecifications=tagged("security-group", team="orders"))
    group = made["GroupId"]
    egress = call("ec2", "AuthorizeSecurityGroupEgress", GroupId=group, IpPermissions=[
        {**HTTPS, "IpRanges": [{"CidrIp": "10.0.0.0/16", "Description": "to the VPC"}],
         "Ipv6Ranges": [{"CidrIpv6": "2600:1f18::/56"}],
         "UserIdGroupPairs": [{"GroupId": group}],
         "PrefixListIds": [{"PrefixListId": "pl-0123456789abcdef0"}]}])["SecurityGroupRules"]
    assert len(egress) == 4
    call("ec2", "AuthorizeSecurityGroupIngress", GroupId=group,
         IpPermissions=[{**HTTPS, "IpRanges": [{"CidrIp": "10.0.0.0/24"}]}])
    described = call("ec2", "DescribeSecurityGroups", Filters=[{"Name": "tag:team", "Values": ["orders"]}])
    assert len(described["SecurityGroups"]) == 1
    rule = next(one for one in egress if one.get("CidrIpv4"))["SecurityGroupRuleId"]
    call("ec2", "ModifySecurityGroupRules", GroupId=group, SecurityGroupRules=[
        {"SecurityGroupRuleId": rule,
         "SecurityGroupRule": {"IpProtocol": "tcp", "FromPort": 80, "ToPort": 80, "CidrIpv4": "10.1.0.0/16"}}])
    rules = call("ec2", "DescribeSecurityGroupRules", SecurityGroupRuleIds=[rule])["SecurityGroupRules"]
    assert (rules[0]["FromPort"], rules[0]["CidrIpv4"]) == (80, "10.1.0.0/16")
    call("ec2", "RevokeSecurityGroupEgress", GroupId=group, SecurityGroupRuleIds=[rule])
    call("ec2", "RevokeSecurityGroupIngress", GroupId=group,
         IpPermissions=[{**HTTPS, "IpRanges": [{"CidrIp": "10.0.0.0/24"}]}])
    call("ec2", "DeleteSecurityGroup", GroupId=group)


def test_what_groups_and_rules_must_not_be_is_refused(local, call, refuse):
    vpc, nowhere = local.seed["vpc_id"], "sg-0123456789abcdef0"
    group = call("ec2", "CreateSecurityGroup", GroupName="orders", Description="d", VpcId=vpc)["GroupId"]
    same = {"GroupId": group, "IpPermissions": [ALL]}
    for code, operation, parameters in [
        ("InvalidGroup.Duplicate", "CreateSecurityGroup", {"GroupName": "Orders", "Description": "d", "VpcId": vpc}),
        ("InvalidParameterValue", "CreateSecurityGroup", {"GroupName": "sg-1", "Description": "d", "VpcId": vpc}),
        ("InvalidVpcID.NotFound", "CreateSecurityGroup",
         {"GroupName": "other", "Description": "d", "VpcId": "vpc-0123456789abcdef0"}),
        ("InvalidPermission.Duplicate", "AuthorizeSecurityGroupEgress", same),
        ("InvalidGroup.NotFound", "AuthorizeSecurityGroupIngress", {"GroupId": nowhere, "IpPermissions": [ALL]}),
        ("InvalidPermission.NotFound", "RevokeSecurityGroupIngress", same),
        ("InvalidGroup.NotFound", "DeleteSecurityGroup", {"GroupId": nowhere}),
        ("InvalidGroupId.Malformed", "DescribeSecurityGroups", {"GroupIds": ["group"]}),
        ("InvalidSecurityGroupRuleId.NotFound", "DescribeSecurityGroupRules",
         {"SecurityGroupRuleIds": ["sgr-0123456789abcdef0"]}),
        ("InvalidParameterValue", "AuthorizeSecurityGroupIngress",
         {"GroupId": group, "IpPermissions": [{**HTTPS, "IpRanges": [{"CidrIp": "10.0.0.0/33"}]}]}),
    ]:
        refuse(code, "ec2", operation, **parameters)


def test_endpoints_of_each_type(local, call):
    seed = local.seed
    region, vpc, subnets = seed["region"], seed["vpc_id"], seed["subnet_ids"]
    policy = json.dumps({"Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*", "Principal": "*"}]})
    interface = call("ec2", "CreateVpcEndpoint", VpcEndpointType="Interface", VpcId=vpc, SubnetIds=subnets[:1],
                     ServiceName=f"com.amazonaws.{region}.sqs", PolicyDocument=policy)["VpcEndpoint"]
    gateway = call("ec2", "CreateVpcEndpoint", VpcId=vpc, ServiceName=f"com.amazonaws.{region}.s3")["VpcEndpoint"]
    assert gateway["VpcEndpointType"] == "Gateway"
    endpoint = interface["VpcEndpointId"]
    call("ec2", "ModifyVpcEndpoint", VpcEndpointId=endpoint, AddSubnetIds=subnets[1:], ResetPolicy=True)
    described = call("ec2", "DescribeVpcEndpoints", VpcEndpointIds=[endpoint])["VpcEndpoints"][0]
    assert sorted(described["SubnetIds"]) == sorted(subnets)
    assert described["DnsEntries"][0]["DnsName"] == interface["DnsEntries"][0]["DnsName"]
    interfaces = call("ec2", "DescribeNetworkInterfaces",
                      NetworkInterfaceIds=described["NetworkInterfaceIds"])["NetworkInterfaces"]
    assert {one["InterfaceType"] for one in interfaces} == {"vpc_endpoint"}
    both = [endpoint, gateway["VpcEndpointId"]]
    assert call("ec2", "DeleteVpcEndpoints", VpcEndpointIds=both)["Unsuccessful"] == []


def test_what_endpoints_must_not_be_is_refused(local, refuse):
    seed = local.seed
    vpc, endpoint = seed["vpc_id"], seed["vpc_endpoint_id"]
    execute_api = {"VpcEndpointType": "Interface", "VpcId": vpc, "SubnetIds": seed["subnet_ids"],
                   "ServiceName": f"com.amazonaws.{seed['region']}.execute-api"}
    for code, operation, parameters in [
        ("InvalidServiceName", "CreateVpcEndpoint", {**execute_api, "ServiceName": "orders"}),
        ("InvalidParameter", "CreateVpcEndpoint", execute_api),
        ("InvalidPolicyDocument", "CreateVpcEndpoint",
         {**execute_api, "PrivateDnsEnabled": False, "PolicyDocument": "{}"}),
        ("InvalidParameter", "CreateVpcEndpoint",
         {**execute_api, "PrivateDnsEnabled": False, "IpAddressType": "dualstack"}),
        ("UnsupportedOperation", "CreateVpcEndpoint", {**execute_api, "VpcEndpointType": "GatewayLoadBalancer"}),
        ("InvalidVpcEndpointId.NotFound", "ModifyVpcEndpoint", {"VpcEndpointId": "vpce-0123456789abcdef0"}),
        ("InvalidSubnetID.NotFound", "ModifyVpcEndpoint",
         {"VpcEndpointId": endpoint, "AddSubnetIds": ["subnet-0123456789abcdef0"]}),
        ("InvalidVpcEndpointId.NotFound", "DescribeVpcEndpoints", {"VpcEndpointIds": ["vpce-0123456789abcdef0"]}),
        ("InvalidNetworkInterfaceID.NotFound", "DescribeNetworkInterfaces",
         {"NetworkInterfaceIds": ["eni-0123456789abcdef0"]}),
    ]:
        refuse(code, "ec2", operation, **parameters)


def test_tags(local, call, refuse):
    subnet = local.seed["subnet_ids"][0]
    call("ec2", "CreateTags", Resources=[subnet], Tags=[{"Key": "team", "Value": "orders"}])
    tags = call("ec2", "DescribeTags", Filters=by(resource_id=subnet, key="team"))["Tags"]
    assert [(tag["ResourceType"], tag["Value"]) for tag in tags] == [("subnet", "orders")]
    call("ec2", "DeleteTags", Resources=[subnet], Tags=[{"Key": "team"}])
    refuse("InvalidID", "ec2", "CreateTags", Resources=["thing-1"], Tags=[{"Key": "a", "Value": "b"}])
    refuse("InvalidParameterValue", "ec2", "CreateTags", Resources=[subnet], Tags=[{"Key": "aws:a", "Value": "b"}])
    refuse("InvalidSubnetID.NotFound", "ec2", "DeleteTags", Resources=["subnet-0123456789abcdef0"])


def test_a_fresh_group_is_missed_by_the_next_read_and_listing_if_asked_for(local, boto3_caller, refuse):
    local.settings(missed_reads=1, missed_listings=1)
    call = boto3_caller.call
    group = call("ec2", "CreateSecurityGroup", GroupName="fresh", Description="d", VpcId=local.seed["vpc_id"])["GroupId"]
    refuse("InvalidGroup.NotFound", "ec2", "DescribeSecurityGroups", GroupIds=[group])
    assert call("ec2", "DescribeSecurityGroups", GroupIds=[group])["SecurityGroups"]
    named = by(group_name="fresh")
    assert not call("ec2", "DescribeSecurityGroups", Filters=named)["SecurityGroups"]
    assert call("ec2", "DescribeSecurityGroups", Filters=named)["SecurityGroups"]


def test_an_unknown_action_is_refused(wire):
    # No client knows such an operation, so the request is written by hand and signed as theirs are.
    import urllib.request

    from botocore.auth import SigV4Auth
    from botocore.awsrequest import AWSRequest
    from botocore.credentials import Credentials

    for service, body, headers, code in [
        ("ec2", "Action=LaunchRocket&Version=2016-11-15", {}, "InvalidAction"),
        ("iam", "Action=LaunchRocket&Version=2010-05-08", {}, "InvalidAction"),
        ("events", "{}", {"x-amz-target": "AWSEvents.LaunchRocket"}, "UnknownOperationException"),
        ("kms", "{}", {"x-amz-target": "TrentService.LaunchRocket"}, "UnknownOperationException"),
    ]:
        request = AWSRequest("POST", f"{wire.url}/", data=body.encode(), headers=headers)
        SigV4Auth(Credentials("local", "local"), service, "us-east-1").add_auth(request)
        sent = urllib.request.Request(request.url, body.encode(), dict(request.headers), method="POST")
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(sent, timeout=30)
        assert code in refused.value.read().decode()
