"""STS, IAM, KMS and Step Functions."""

import json

PASS = json.dumps({"Type": "Pass", "Result": {"a": 1}, "End": True})
MACHINE = json.dumps({"StartAt": "Only", "States": {"Only": {"Type": "Pass", "End": True}}})


def test_callers_and_roles(local, call, refuse):
    seed = local.seed
    assert call("sts", "GetCallerIdentity")["Account"] == seed["account_id"]
    assumed = call("sts", "AssumeRole", RoleArn=seed["role_arn"], RoleSessionName="test")
    assert assumed["Credentials"]["SessionToken"]
    name = seed["role_arn"].rpartition("/")[2]
    assert call("iam", "GetRole", RoleName=name)["Role"]["Arn"] == seed["role_arn"]
    refuse("NoSuchEntity", "iam", "GetRole", RoleName="gone")
    refuse("ValidationError", "iam", "GetRole", RoleName="no spaces")
    refuse("ValidationError", "sts", "AssumeRole", RoleArn=seed["role_arn"], RoleSessionName="x")
    refuse("AccessDenied", "sts", "AssumeRole", RoleArn="arn:aws:iam::999999999999:role/r", RoleSessionName="xy")


def test_a_token_gives_the_role_that_trusts_its_issuer(local, call, refuse):
    operation, role = "AssumeRoleWithWebIdentity", local.seed["role_arn"].replace("state-machine", "deploy")
    session = {"RoleArn": role, "RoleSessionName": "test"}
    assumed = call("sts", operation, **session, WebIdentityToken="header.payload.signature")
    assert assumed["Credentials"]["SessionToken"] and assumed["AssumedRoleUser"]["Arn"].endswith("/deploy/test")
    refuse("InvalidIdentityToken", "sts", operation, **session, WebIdentityToken="of.somebody.else")
    refuse("AccessDenied", "sts", "AssumeRole", **session)
    session["RoleArn"] = local.seed["role_arn"]
    refuse("AccessDenied", "sts", operation, **session, WebIdentityToken="header.payload.signature")


def test_the_key(local, call, refuse):
    key = call("kms", "DescribeKey", KeyId="alias/local")["KeyMetadata"]
    assert call("kms", "DescribeKey", KeyId=key["Arn"])["KeyMetadata"]["KeyId"] == key["KeyId"]
    refuse("NotFoundException", "kms", "DescribeKey", KeyId="alias/gone")
    refuse("InvalidArnException", "kms", "DescribeKey", KeyId="arn:aws:s3:::bucket")
    refuse("ValidationException", "kms", "DescribeKey", KeyId="")


def test_a_state_is_tested(local, call, refuse):
    answer = call("states", "TestState", definition=PASS, roleArn=local.seed["role_arn"], input="{}")
    assert (answer["status"], json.loads(answer["output"])) == ("SUCCEEDED", {"a": 1})
    refuse("InvalidDefinition", "states", "TestState", definition="{", roleArn=local.seed["role_arn"])


def test_a_definition_is_validated(local, call):
    assert call("states", "ValidateStateMachineDefinition", definition=MACHINE)["result"] == "OK"
    wrong = MACHINE.replace('"Only": {', '"Other": {')
    answer = call("states", "ValidateStateMachineDefinition", definition=wrong)
    assert answer["result"] == "FAIL" and answer["diagnostics"]
