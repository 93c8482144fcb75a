"""API Gateway: what the resources of hashicorp/aws for a private REST API call."""

import json

import pytest

ANYONE = json.dumps({"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Principal": "*", "Action": "execute-api:Invoke", "Resource": "execute-api:/*"}]})


@pytest.fixture
def api(local, call):
    """A private API with a resource; its id, its root's and the resource's."""
    made = call("apigateway", "CreateRestApi", name="orders", policy=ANYONE, tags={"team": "orders"},
                endpointConfiguration={"types": ["PRIVATE"], "vpcEndpointIds": [local.seed["vpc_endpoint_id"]]})
    resource = call("apigateway", "CreateResource", restApiId=made["id"], parentId=made["rootResourceId"],
                    pathPart="orders")
    return {"restApiId": made["id"]}, made["rootResourceId"], resource["id"]


def changes(**values):
    return [{"op": "replace", "path": f"/{name}", "value": value} for name, value in values.items()]


def test_an_api_is_made_changed_and_removed(local, call, refuse, api):
    of, root, _ = api
    told = call("apigateway", "GetRestApi", **of)
    assert (told["rootResourceId"], told["endpointConfiguration"]["types"]) == (root, ["PRIVATE"])
    # The policy comes without the quotes of its JSON text, and with whole ARNs.
    statement = json.loads(json.loads(f'"{told["policy"]}"'))["Statement"][0]
    assert statement["Resource"].startswith("arn:aws:execute-api:") and statement["Resource"].endswith("/*")
    assert [one["id"] for one in call("apigateway", "GetRestApis")["items"]] == [of["restApiId"]]
    endpoint = local.seed["vpc_endpoint_id"]
    changed = call("apigateway", "UpdateRestApi", **of, patchOperations=[
        *changes(name="bills", description="d", disableExecuteApiEndpoint="true"),
        {"op": "add", "path": "/binaryMediaTypes/image~1png"},
        {"op": "remove", "path": "/endpointConfiguration/vpcEndpointIds", "value": endpoint}])
    assert (changed["name"], changed["binaryMediaTypes"]) == ("bills", ["image/png"])
    assert "vpcEndpointIds" not in changed["endpointConfiguration"]
    arn = f"arn:aws:apigateway:{local.seed['region']}::/restapis/{of['restApiId']}"
    call("apigateway", "TagResource", resourceArn=arn, tags={"a": "b"})
    call("apigateway", "UntagResource", resourceArn=arn, tagKeys=["team"])
    assert call("apigateway", "GetTags", resourceArn=arn)["tags"] == {"a": "b"}
    call("apigateway", "DeleteRestApi", **of)
    refuse("NotFoundException", "apigateway", "GetRestApi", **of)
    refuse("BadRequestException", "apigateway", "CreateRestApi", name="")
    refuse("BadRequestException", "apigateway", "CreateRestApi", name="x", policy="{}")
    refuse("BadRequestException", "apigateway", "CreateRestApi", name="x",
           endpointConfiguration={"types": ["PRIVATE"], "vpcEndpointIds": ["vpce-0123456789abcdef0"]})


def test_resources_are_the_parts_of_paths(call, refuse, api):
    of, root, orders = api
    below = call("apigateway", "CreateResource", **of, parentId=orders, pathPart="{id}")
    assert below["path"] == "/orders/{id}"
    call("apigateway", "UpdateResource", **of, resourceId=orders, patchOperations=changes(pathPart="bills"))
    assert call("apigateway", "GetResource", **of, resourceId=below["id"])["path"] == "/bills/{id}"
    paths = [one["path"] for one in call("apigateway", "GetResources", **of)["items"]]
    assert sorted(paths) == ["/", "/bills", "/bills/{id}"]
    refuse("ConflictException", "apigateway", "CreateResource", **of, parentId=root, pathPart="bills")
    refuse("BadRequestException", "apigateway", "CreateResource", **of, parentId=root, pathPart="a/b")
    refuse("BadRequestException", "apigateway", "DeleteResource", **of, resourceId=root)
    call("apigateway", "DeleteResource", **of, resourceId=orders)
    refuse("NotFoundException", "apigateway", "GetResource", **of, resourceId=below["id"])


def test_a_method_has_an_integration_and_responses(call, refuse, api):
    of, _, orders = api
    at = {**of, "resourceId": orders, "httpMethod": "GET"}
    refuse("NotFoundException", "apigateway", "PutIntegration", **at, type="MOCK")
    call("apigateway", "PutMethod", **at, authorizationType="NONE")
    refuse("ConflictException", "apigateway", "PutMethod", **at, authorizationType="NONE")
    changed = call("apigateway", "UpdateMethod", **at, patchOperations=changes(apiKeyRequired="true"))
    assert changed["apiKeyRequired"] is True
    call("apigateway", "PutMethodResponse", **at, statusCode="200", responseModels={"application/json": "Empty"})
    assert call("apigateway", "GetMethodResponse", **at, statusCode="200")["statusCode"] == "200"
    call("apigateway", "UpdateMethodResponse", **at, statusCode="200", patchOperations=[
        {"op": "add", "path": "/responseParameters/method.response.header.x-a", "value": "true"}])
    parameters = call("apigateway", "GetMethodResponse", **at, statusCode="200")["responseParameters"]
    assert parameters == {"method.response.header.x-a": True}
    refuse("BadRequestException", "apigateway", "PutIntegration", **at, type="HTTP_PROXY")
    call("apigateway", "PutIntegration", **at, type="HTTP_PROXY", uri="http://127.0.0.1:9", integrationHttpMethod="GET")
    call("apigateway", "UpdateIntegration", **at, patchOperations=changes(timeoutInMillis="1000"))
    told = call("apigateway", "GetIntegration", **at)
    assert (told["httpMethod"], told["timeoutInMillis"]) == ("GET", 1000)
    call("apigateway", "PutIntegrationResponse", **at, statusCode="200", selectionPattern="")
    assert call("apigateway", "GetIntegrationResponse", **at, statusCode="200")["statusCode"] == "200"
    changed = call("apigateway", "UpdateIntegrationResponse", **at, statusCode="200",
                   patchOperations=changes(selectionPattern="5.."))
    assert changed["selectionPattern"] == "5.."
    whole = call("apigateway", "GetMethod", **at)
    assert whole["methodIntegration"]["integrationResponses"]["200"] and whole["methodResponses"]["200"]
    assert call("apigateway", "GetResource", **of, resourceId=orders, embed=["methods"])["resourceMethods"]["GET"]
    call("apigateway", "DeleteIntegrationResponse", **at, statusCode="200")
    refuse("NotFoundException", "apigateway", "GetIntegrationResponse", **at, statusCode="200")
    call("apigateway", "DeleteIntegration", **at)
    refuse("NotFoundException", "apigateway", "GetIntegration", **at)
    call("apigateway", "DeleteMethodResponse", **at, statusCode="200")
    call("apigateway", "DeleteMethod", **at)
    refuse("NotFoundException", "apigateway", "GetMethod", **at)


def test_a_stage_serves_a_deployment(local, call, refuse, api):
    of, _, orders = api
    at = {**of, "resourceId": orders, "httpMethod": "GET"}
    refuse("BadRequestException", "apigateway", "CreateDeployment", **of)
    call("apigateway", "PutMethod", **at, authorizationType="NONE")
    refuse("BadRequestException", "apigateway", "CreateDeployment", **of)
    call("apigateway", "PutIntegration", **at, type="MOCK")
    first = call("apigateway", "CreateDeployment", **of, description="d")["id"]
    assert call("apigateway", "GetDeployment", **of, deploymentId=first)["description"] == "d"
    call("apigateway", "UpdateDeployment", **of, deploymentId=first, patchOperations=changes(description="e"))
    stage = call("apigateway", "CreateStage", **of, stageName="prod", deploymentId=first, variables={"a": "b"})
    assert stage["variables"] == {"a": "b"}
    refuse("ConflictException", "apigateway", "CreateStage", **of, stageName="prod", deploymentId=first)
    refuse("BadRequestException", "apigateway", "DeleteDeployment", **of, deploymentId=first)
    second = call("apigateway", "CreateDeployment", **of)["id"]
    call("apigateway", "UpdateStage", **of, stageName="prod", patchOperations=changes(deploymentId=second))
    assert call("apigateway", "GetStage", **of, stageName="prod")["deploymentId"] == second
    arn = f"arn:aws:apigateway:{local.seed['region']}::/restapis/{of['restApiId']}/stages/prod"
    call("apigateway", "TagResource", resourceArn=arn, tags={"a": "b"})
    assert call("apigateway", "GetStage", **of, stageName="prod")["tags"] == {"a": "b"}
    call("apigateway", "DeleteDeployment", **of, deploymentId=first)
    refuse("NotFoundException", "apigateway", "GetDeployment", **of, deploymentId=first)
    call("apigateway", "DeleteStage", **of, stageName="prod")
    refuse("NotFoundException", "apigateway", "GetStage", **of, stageName="prod")
