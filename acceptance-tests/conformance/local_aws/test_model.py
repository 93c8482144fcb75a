"""The judge itself: what breaks a model is found, and told with its place."""

import json

import pytest

from model import judge
from wire import Exchange

GATEWAY = {
    "id": "rgw-0123456789abcdef0", "name": "orders", "status": "ACTIVE", "ipAddressType": "IPV4",
    "createdAt": "2026-11-22T08:09:10.123Z", "subnetIds": ["subnet-0123456789abcdef0"],
}
IDENTITY = (
    "<GetCallerIdentityResponse><GetCallerIdentityResult><Account>1</Account>{}</GetCallerIdentityResult>"
    "<ResponseMetadata><RequestId>1</RequestId></ResponseMetadata></GetCallerIdentityResponse>"
)
SUBNETS = "<DescribeSubnetsResponse><requestId>1</requestId><subnetSet>{}</subnetSet></DescribeSubnetsResponse>"


def exchange(service, body, status=200, method="POST", path="/", request=b"", **headers):
    signed = {"authorization": f"AWS4-HMAC-SHA256 Credential=local/20261122/us-east-1/{service}/aws4_request"}
    target = headers.pop("target", None)
    if target:
        signed["x-amz-target"] = target
    answered = {name.replace("_", "-"): value for name, value in headers.items()}
    return Exchange("boto3", method, path, signed, request, status, answered, body.encode())


def gateway(status=200, **changes):
    body = json.dumps({**GATEWAY, **changes})
    return exchange("vpc-lattice", body, status, "GET", "/resourcegateways/rgw-0123456789abcdef0")


def query(service, action, body):
    return exchange(service, body, request=f"Action={action}".encode())


@pytest.mark.parametrize(("answer", "place"), [
    (gateway(colour="red"), "GetResourceGateway.colour: is not in the model"),
    (gateway(status=201), "status 201"),
    (gateway(id="rgw-1"), "GetResourceGateway.id: 5 is not between"),
    (gateway(id="RGW-0123456789abcdef0"), "GetResourceGateway.id: 'RGW-0123456789abcdef0' does not match"),
    (gateway(ipAddressType="IPV5"), "GetResourceGateway.ipAddressType: 'IPV5' is not one of"),
    (gateway(ipv4AddressesPerEni="8"), "ipv4AddressesPerEni: is no integer"),
    (gateway(ipv4AddressesPerEni=63), "ipv4AddressesPerEni: 63 is not between 1 and 62"),
    (gateway(serviceManaged="true"), "serviceManaged: is no boolean"),
    (gateway(createdAt=1), "createdAt: 1 is no time in ISO 8601"),
    (gateway(subnetIds=["s"]), "subnetIds[0]: 1 is not between"),
    (gateway(subnetIds=None), "subnetIds: is null"),
    (exchange("vpc-lattice", '{"nextToken": "a"}', method="GET", path="/resourceendpointassociations"),
     "ListResourceEndpointAssociations.items: is required"),
    (exchange("events", '{"Connections": {}}', target="AWSEvents.ListConnections"), "Connections: is no list"),
    (exchange("events", "{}", target="AWSEvents.LaunchRocket"), "LaunchRocket is no operation"),
    (query("sts", "GetCallerIdentity", IDENTITY.format("<Colour>red</Colour>")), "Colour: is not in the model"),
    (query("sts", "GetCallerIdentity", IDENTITY.format("<Account>2</Account>")), "Account: is there twice"),
    (query("ec2", "DescribeSubnets", SUBNETS.format("<member/>")), "subnetSet.member: is no item"),
    (query("ec2", "DescribeSubnets", SUBNETS.format("<item><defaultForAz>no</defaultForAz></item>")),
     "defaultForAz: is no boolean"),
    (exchange("vpc-lattice", '{"message": "m"}', 409, "DELETE", "/resourcegateways/rgw-0123456789abcdef0",
              x_amzn_errortype="ConflictException"), "ConflictException.resourceId: is required"),
    (exchange("vpc-lattice", '{"message": "m", "resourceId": "r", "resourceType": "t"}', 404, "DELETE",
              "/resourcegateways/rgw-0123456789abcdef0", x_amzn_errortype="ConflictException"), "with status 404"),
    (exchange("events", '{"__type": "RocketException"}', 400, target="AWSEvents.ListConnections"),
     "RocketException is not among"),
])
def test_what_breaks_the_model_is_told(answer, place):
    assert any(place in violation for violation in judge(answer).violations), judge(answer).violations


@pytest.mark.parametrize("answer", [
    gateway(),
    query("sts", "GetCallerIdentity", IDENTITY.format("<UserId>u</UserId>")),
    query("ec2", "DescribeSubnets", SUBNETS.format("<item><subnetId>s</subnetId></item>")),
    exchange("events", '{"__type": "InternalException", "message": "m"}', 500, target="AWSEvents.ListConnections"),
])
def test_what_is_of_the_model_has_no_violations(answer):
    assert judge(answer).violations == []
