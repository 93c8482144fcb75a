"""EventBridge: connections, API destinations, rules, targets, events."""

import json

import pytest

API_KEY = {"ApiKeyAuthParameters": {"ApiKeyName": "x-api-key", "ApiKeyValue": "hunter2"}}
BASIC = {"BasicAuthParameters": {"Username": "orders", "Password": "hunter2"}}
HTTP = {
    "HeaderParameters": [{"Key": "x-a", "Value": "1"}, {"Key": "x-b", "Value": "2", "IsValueSecret": True}],
    "QueryStringParameters": [{"Key": "q", "Value": "1"}],
    "BodyParameters": [{"Key": "b", "Value": "1", "IsValueSecret": True}],
}
GONE_CONNECTION = "arn:aws:events:us-east-1:123456789012:connection/gone/0"


def oauth(local, endpoint, **more):
    client = {"ClientID": "orders", "ClientSecret": local.seed["api_key"]}
    return {"OAuthParameters": {"ClientParameters": client, "AuthorizationEndpoint": endpoint, "HttpMethod": "POST",
                                "OAuthHttpParameters": HTTP}, **more}


def connection(call, name="orders", kind="API_KEY", parameters=API_KEY, **more):
    return call("events", "CreateConnection", Name=name, AuthorizationType=kind, AuthParameters=parameters, **more)


def private_path(call, local):
    """The ARN of a configuration that leads to the seeded endpoint."""
    seed = local.seed
    endpoint = call("ec2", "DescribeVpcEndpoints", VpcEndpointIds=[seed["vpc_endpoint_id"]])["VpcEndpoints"][0]
    gateway = call("vpc-lattice", "CreateResourceGateway", name="orders", vpcIdentifier=seed["vpc_id"],
                   subnetIds=seed["subnet_ids"])
    return call("vpc-lattice", "CreateResourceConfiguration", name="orders", type="SINGLE", portRanges=["443"],
                resourceGatewayIdentifier=gateway["id"],
                resourceConfigurationDefinition={
                    "dnsResource": {"domainName": endpoint["DnsEntries"][0]["DnsName"]}})["arn"]


def connectivity(arn):
    return {"ResourceParameters": {"ResourceConfigurationArn": arn}}


@pytest.mark.parametrize("kind", ["API_KEY", "BASIC", "OAUTH_CLIENT_CREDENTIALS"])
def test_connections_of_each_type_keep_their_secrets(local, boto3_caller, kind):
    call = boto3_caller.call
    parameters = {"API_KEY": API_KEY, "BASIC": BASIC}.get(kind) or oauth(local, local.seed["token_url"])
    connection(call, kind=kind, parameters={**parameters, "InvocationHttpParameters": HTTP}, Description="d",
               KmsKeyIdentifier="alias/local")
    described = call("events", "DescribeConnection", Name="orders")
    assert described["ConnectionState"] == "AUTHORIZED"
    assert "hunter2" not in json.dumps(described, default=str)
    assert local.seed["api_key"] not in json.dumps(described, default=str)
    assert described["AuthParameters"]["InvocationHttpParameters"]["HeaderParameters"] == [
        {"Key": "x-a", "Value": "1", "IsValueSecret": False}, {"Key": "x-b", "IsValueSecret": True},
    ]


def test_a_private_connection_lives(local, call):
    arn = private_path(call, local)
    # The private API has a token endpoint of its own.
    token = oauth(local, local.seed["api_url"].replace("/orders", "/token"), ConnectivityParameters=connectivity(arn))
    connection(call, kind="OAUTH_CLIENT_CREDENTIALS", parameters=token,
               InvocationConnectivityParameters=connectivity(arn))
    described = call("events", "DescribeConnection", Name="orders")
    assert described["ConnectionState"] == "ACTIVE"
    assert "ConnectivityParameters" in described["AuthParameters"]
    call("events", "UpdateConnection", Name="orders", AuthorizationType="BASIC", AuthParameters=BASIC,
         InvocationConnectivityParameters=connectivity(""))
    assert len(call("events", "ListConnections", NamePrefix="ord")["Connections"]) == 1
    call("events", "DeauthorizeConnection", Name="orders")
    assert call("events", "DescribeConnection", Name="orders")["ConnectionState"] == "DEAUTHORIZED"
    call("events", "DeleteConnection", Name="orders")
    assert call("events", "ListConnections")["Connections"] == []


def test_what_connections_must_not_be_is_refused(local, boto3_caller, refuse):
    connection(boto3_caller.call)
    gone = "arn:aws:vpc-lattice:us-east-1:123456789012:resourceconfiguration/rcfg-0123456789abcdef0"
    good = {"Name": "second", "AuthorizationType": "API_KEY", "AuthParameters": API_KEY}
    for code, operation, parameters in [
        ("ResourceAlreadyExistsException", "CreateConnection", {**good, "Name": "orders"}),
        ("ValidationException", "CreateConnection", {**good, "AuthorizationType": "BASIC"}),
        ("ValidationException", "CreateConnection", {**good, "Name": "no spaces"}),
        ("ResourceNotFoundException", "CreateConnection",
         {**good, "InvocationConnectivityParameters": connectivity(gone)}),
        ("ResourceNotFoundException", "DescribeConnection", {"Name": "gone"}),
        ("ResourceNotFoundException", "UpdateConnection", {"Name": "gone", "Description": "d"}),
        ("ResourceNotFoundException", "DeauthorizeConnection", {"Name": "gone"}),
        ("ResourceNotFoundException", "DeleteConnection", {"Name": "gone"}),
        ("ValidationException", "UpdateConnection", {"Name": "orders"}),
        ("ValidationException", "ListConnections", {"NextToken": "?"}),
        ("ValidationException", "ListConnections", {"Limit": 0}),
    ]:
        refuse(code, "events", operation, **parameters)
    local.settings(connections=1)
    refuse("LimitExceededException", "events", "CreateConnection", **good)
    local.settings(connections=9, checks_kms_keys=True)
    refuse("ResourceNotFoundException", "events", "CreateConnection", **good, KmsKeyIdentifier="alias/gone")


def test_an_api_destination_lives(local, call):
    arn = connection(call)["ConnectionArn"]
    made = call("events", "CreateApiDestination", Name="orders", ConnectionArn=arn, HttpMethod="POST",
                InvocationEndpoint="https://api.example.com/orders/*", Description="d")
    assert made["ApiDestinationState"] == "ACTIVE"
    described = call("events", "DescribeApiDestination", Name="orders")
    assert described["InvocationRateLimitPerSecond"] == 300
    call("events", "UpdateApiDestination", Name="orders", HttpMethod="PUT", InvocationRateLimitPerSecond=5)
    assert len(call("events", "ListApiDestinations", ConnectionArn=arn)["ApiDestinations"]) == 1
    call("events", "DeauthorizeConnection", Name="orders")
    assert call("events", "DescribeApiDestination", Name="orders")["ApiDestinationState"] == "INACTIVE"
    call("events", "DeleteConnection", Name="orders")
    assert call("events", "DescribeApiDestination", Name="orders")["ConnectionArn"] == arn
    call("events", "DeleteApiDestination", Name="orders")


def test_what_api_destinations_must_not_be_is_refused(local, boto3_caller, refuse):
    call = boto3_caller.call
    arn = connection(call)["ConnectionArn"]
    good = {"Name": "second", "ConnectionArn": arn, "HttpMethod": "POST",
            "InvocationEndpoint": "https://api.example.com/"}
    call("events", "CreateApiDestination", **{**good, "Name": "orders"})
    for code, operation, parameters in [
        ("ResourceAlreadyExistsException", "CreateApiDestination", {**good, "Name": "orders"}),
        ("ResourceNotFoundException", "CreateApiDestination", {**good, "ConnectionArn": GONE_CONNECTION}),
        ("ValidationException", "CreateApiDestination", {**good, "InvocationEndpoint": "http://api.example.com/"}),
        ("ValidationException", "CreateApiDestination", {**good, "InvocationRateLimitPerSecond": 0}),
        ("LimitExceededException", "CreateApiDestination", {**good, "InvocationRateLimitPerSecond": 301}),
        ("ValidationException", "CreateApiDestination", {**good, "HttpMethod": "TRACE"}),
        ("ResourceNotFoundException", "DescribeApiDestination", {"Name": "gone"}),
        ("ResourceNotFoundException", "UpdateApiDestination", {"Name": "gone"}),
        ("LimitExceededException", "UpdateApiDestination", {"Name": "orders", "InvocationRateLimitPerSecond": 301}),
        ("ResourceNotFoundException", "DeleteApiDestination", {"Name": "gone"}),
    ]:
        refuse(code, "events", operation, **parameters)


def test_a_rule_lives(local, call, refuse):
    arn = connection(call)["ConnectionArn"]
    destination = call("events", "CreateApiDestination", Name="orders", ConnectionArn=arn, HttpMethod="POST",
                       InvocationEndpoint="https://api.example.com/orders/*")["ApiDestinationArn"]
    rule = call("events", "PutRule", Name="orders", EventPattern=json.dumps({"source": ["orders"]}),
                Tags=[{"Key": "team", "Value": "orders"}])["RuleArn"]
    target = {"Id": "api", "Arn": destination, "RoleArn": local.seed["role_arn"],
              "InputTransformer": {"InputPathsMap": {"id": "$.detail.id"}, "InputTemplate": '{"order": <id>}'},
              "HttpParameters": {"PathParameterValues": ["$.detail.id"], "HeaderParameters": {"x-a": "1"}},
              "RetryPolicy": {"MaximumRetryAttempts": 2, "MaximumEventAgeInSeconds": 60},
              "DeadLetterConfig": {"Arn": "arn:aws:sqs:us-east-1:123456789012:letters"}}
    assert call("events", "PutTargets", Rule="orders", Targets=[target])["FailedEntryCount"] == 0
    assert call("events", "ListTargetsByRule", Rule="orders")["Targets"] == [target]
    assert call("events", "ListRuleNamesByTarget", TargetArn=destination)["RuleNames"] == ["orders"]
    call("events", "DisableRule", Name="orders")
    assert call("events", "DescribeRule", Name="orders")["State"] == "DISABLED"
    call("events", "EnableRule", Name="orders")
    assert [one["State"] for one in call("events", "ListRules", NamePrefix="ord")["Rules"]] == ["ENABLED"]
    call("events", "TagResource", ResourceARN=rule, Tags=[{"Key": "stage", "Value": "test"}])
    call("events", "UntagResource", ResourceARN=rule, TagKeys=["team"])
    tags = call("events", "ListTagsForResource", ResourceARN=rule)["Tags"]
    assert tags == [{"Key": "stage", "Value": "test"}]
    refuse("ValidationException", "events", "DeleteRule", Name="orders")
    call("events", "RemoveTargets", Rule="orders", Ids=["api"])
    call("events", "DeleteRule", Name="orders")


def test_what_rules_and_targets_must_not_be_is_refused(local, boto3_caller, refuse):
    boto3_caller.call("events", "PutRule", Name="orders", EventPattern='{"source": ["orders"]}')
    target = {"Id": "1", "Arn": "arn:aws:events:us-east-1:123456789012:api-destination/o/1",
              "RoleArn": local.seed["role_arn"]}
    gone_rule = "arn:aws:events:us-east-1:123456789012:rule/gone"
    for code, operation, parameters in [
        ("InvalidEventPatternException", "PutRule", {"Name": "second", "EventPattern": '{"source": "orders"}'}),
        ("ValidationException", "PutRule", {"Name": "second"}),
        ("ValidationException", "PutRule", {"Name": "second", "ScheduleExpression": "rate(0 minutes)"}),
        ("ResourceNotFoundException", "PutRule",
         {"Name": "second", "EventPattern": '{"source": ["a"]}', "EventBusName": "other"}),
        ("ResourceNotFoundException", "DescribeRule", {"Name": "gone"}),
        ("ResourceNotFoundException", "EnableRule", {"Name": "gone"}),
        ("ResourceNotFoundException", "DisableRule", {"Name": "gone"}),
        ("ResourceNotFoundException", "ListRules", {"EventBusName": "other"}),
        ("ResourceNotFoundException", "PutTargets", {"Rule": "gone", "Targets": [target]}),
        ("ValidationException", "PutTargets", {"Rule": "orders", "Targets": []}),
        ("ValidationException", "PutTargets", {"Rule": "orders", "Targets": [{**target, "RoleArn": None}]}),
        ("LimitExceededException", "PutTargets",
         {"Rule": "orders", "Targets": [{**target, "Id": str(index)} for index in range(6)]}),
        ("ResourceNotFoundException", "RemoveTargets", {"Rule": "gone", "Ids": ["1"]}),
        ("ResourceNotFoundException", "ListTargetsByRule", {"Rule": "gone"}),
        ("ResourceNotFoundException", "TagResource", {"ResourceARN": gone_rule, "Tags": []}),
        ("ResourceNotFoundException", "UntagResource", {"ResourceARN": gone_rule, "TagKeys": []}),
        ("ResourceNotFoundException", "ListTagsForResource", {"ResourceARN": gone_rule}),
        # Connections cannot be tagged.
        ("ValidationException", "TagResource", {"ResourceARN": GONE_CONNECTION, "Tags": []}),
        ("InvalidEventPatternException", "TestEventPattern", {"EventPattern": "{", "Event": "{}"}),
        ("ValidationException", "TestEventPattern", {"EventPattern": '{"source": ["a"]}', "Event": "{}"}),
    ]:
        refuse(code, "events", operation, **parameters)
    local.settings(rules_per_bus=1)
    refuse("LimitExceededException", "events", "PutRule", Name="second", EventPattern='{"source": ["a"]}')


def test_events_are_taken_entry_by_entry(local, call):
    good = {"Source": "orders", "DetailType": "placed", "Detail": "{}"}
    entries = [good, {**good, "Detail": "[]"}, {**good, "Source": "aws.ec2"}, {"Source": "orders"}]
    answer = call("events", "PutEvents", Entries=entries)
    assert answer["FailedEntryCount"] == 3
    codes = [entry.get("ErrorCode") for entry in answer["Entries"]]
    assert codes == [None, "MalformedDetail", "NotAuthorizedForSourceException", "InvalidArgument"]


def test_a_pattern_is_tried(local, call):
    event = {"id": "1", "account": "1", "source": "orders", "time": "2026-11-22T00:00:00Z", "region": "us-east-1",
             "resources": [], "detail-type": "placed", "detail": {"total": 42}}
    pattern = {"source": ["orders"], "detail": {"total": [{"numeric": [">", 40]}]}}
    answer = call("events", "TestEventPattern", EventPattern=json.dumps(pattern), Event=json.dumps(event))
    assert answer["Result"] is True


def test_the_secret_of_a_connection_lives_as_long_as_it(local, call, refuse):
    connection(call)
    arn = call("events", "DescribeConnection", Name="orders")["SecretArn"]
    secret = call("secretsmanager", "DescribeSecret", SecretId=arn)
    assert secret["OwningService"] == "events"
    filters = [{"Key": "name", "Values": ["events!connection/orders"]}]
    listed = call("secretsmanager", "ListSecrets", Filters=filters)["SecretList"]
    assert [one["ARN"] for one in listed] == [arn]
    call("events", "DeleteConnection", Name="orders")
    refuse("ResourceNotFoundException", "secretsmanager", "DescribeSecret", SecretId=arn)
    refuse("InvalidNextTokenException", "secretsmanager", "ListSecrets", NextToken="?")
    refuse("InvalidParameterException", "secretsmanager", "ListSecrets", MaxResults=0)
    refuse("InvalidParameterException", "secretsmanager", "DescribeSecret", SecretId="")


def test_event_buses_have_rules_of_their_own(call, refuse):
    made = call("events", "CreateEventBus", Name="shop", Description="d", Tags=[{"Key": "a", "Value": "1"}])
    assert made["EventBusArn"].endswith(":event-bus/shop")
    assert call("events", "DescribeEventBus", Name="shop")["Description"] == "d"
    assert [bus["Name"] for bus in call("events", "ListEventBuses")["EventBuses"]] == ["default", "shop"]
    call("events", "PutRule", Name="orders", EventBusName="shop", EventPattern='{"source":["shop"]}')
    assert call("events", "ListRules")["Rules"] == []
    assert call("events", "ListRules", EventBusName="shop")["Rules"][0]["Arn"].endswith(":rule/shop/orders")
    refuse("ResourceAlreadyExistsException", "events", "CreateEventBus", Name="shop")
    refuse("ValidationException", "events", "DeleteEventBus", Name="shop")
    call("events", "DeleteRule", Name="orders", EventBusName="shop")
    call("events", "DeleteEventBus", Name="shop")
    refuse("ResourceNotFoundException", "events", "DescribeEventBus", Name="shop")
