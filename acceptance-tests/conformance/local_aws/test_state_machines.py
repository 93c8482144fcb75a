"""State machines and their executions."""

import json

import pytest


def definition(**states):
    return json.dumps({"StartAt": next(iter(states)), "States": states})


PASS = definition(Only={"Type": "Pass", "Result": {"a": 1}, "End": True})
WAIT = definition(Wait={"Type": "Wait", "Seconds": 60, "Next": "Each"},
                  Each={"Type": "Map", "ItemsPath": "$.items", "End": True,
                        "ItemProcessor": {"StartAt": "One", "States": {"One": {"Type": "Pass", "End": True}}}})


@pytest.fixture
def machine(local, call):
    """Makes a machine; gives its ARN."""

    def machine(text=PASS, **more):
        made = call("states", "CreateStateMachine", name="orders", definition=text, roleArn=local.seed["role_arn"], **more)
        return made["stateMachineArn"]

    return machine


def test_a_machine_is_made_changed_and_removed(local, call, refuse, machine):
    arn = machine(tags=[{"key": "team", "value": "shop"}])
    described = call("states", "DescribeStateMachine", stateMachineArn=arn)
    assert (described["status"], described["type"]) == ("ACTIVE", "STANDARD")
    assert call("states", "UpdateStateMachine", stateMachineArn=arn, definition=WAIT)["revisionId"]
    listed = call("states", "ListStateMachines", maxResults=10)["stateMachines"]
    assert [one["name"] for one in listed] == ["orders"]
    assert call("states", "ListStateMachineVersions", stateMachineArn=arn)["stateMachineVersions"] == []
    call("states", "TagResource", resourceArn=arn, tags=[{"key": "stage", "value": "test"}])
    call("states", "UntagResource", resourceArn=arn, tagKeys=["team"])
    assert call("states", "ListTagsForResource", resourceArn=arn)["tags"] == [{"key": "stage", "value": "test"}]
    call("states", "DeleteStateMachine", stateMachineArn=arn)
    refuse("StateMachineDoesNotExist", "states", "DescribeStateMachine", stateMachineArn=arn)
    refuse("ResourceNotFound", "states", "ListTagsForResource", resourceArn=arn)


def test_what_is_wrong_with_a_machine_is_an_error_of_its_own(local, refuse, machine):
    arn, role = machine(), local.seed["role_arn"]
    make = {"name": "orders", "definition": PASS, "roleArn": role}
    for code, change in [
        ("StateMachineAlreadyExists", {"definition": WAIT}),
        ("InvalidDefinition", {"definition": "{}"}),
        ("InvalidName", {"name": "a b"}),
        ("InvalidArn", {"roleArn": "role"}),
        ("ValidationException", {"type": "FAST"}),
        ("TooManyTags", {"tags": [{"key": str(number), "value": ""} for number in range(51)]}),
    ]:
        refuse(code, "states", "CreateStateMachine", **{**make, **change})
    refuse("MissingRequiredParameter", "states", "UpdateStateMachine", stateMachineArn=arn)
    refuse("InvalidToken", "states", "ListStateMachines", nextToken="odd")


def test_an_execution_is_started_told_of_and_stopped(local, call, refuse, machine):
    arn = machine(WAIT)
    name = {"stateMachineArn": arn, "name": "one", "input": '{"items": [1, 2]}'}
    execution = call("states", "StartExecution", **name)["executionArn"]
    described = call("states", "DescribeExecution", executionArn=execution)
    assert (described["status"], described["output"]) == ("SUCCEEDED", "[1,2]")
    history = call("states", "GetExecutionHistory", executionArn=execution, maxResults=100)["events"]
    assert history[-1]["executionSucceededEventDetails"]["output"] == "[1,2]"
    listed = call("states", "ListExecutions", stateMachineArn=arn, statusFilter="SUCCEEDED")["executions"]
    assert [one["name"] for one in listed] == ["one"]
    of_execution = call("states", "DescribeStateMachineForExecution", executionArn=execution)
    assert of_execution["definition"] == WAIT
    # It has ended, which is no error.
    assert call("states", "StopExecution", executionArn=execution)["stopDate"]
    refuse("ExecutionAlreadyExists", "states", "StartExecution", **name)
    refuse("InvalidExecutionInput", "states", "StartExecution", stateMachineArn=arn, input="{")
    refuse("StateMachineTypeNotSupported", "states", "StartSyncExecution", stateMachineArn=arn)
    refuse("ExecutionDoesNotExist", "states", "DescribeExecution", executionArn=execution + "-gone")


def test_every_kind_of_event_is_as_the_model_says(local, call, machine):
    error = {"ErrorEquals": ["States.ALL"], "Next": "Caught"}
    text = json.dumps({"StartAt": "Both", "States": {
        "Both": {"Type": "Parallel", "Next": "Each", "Assign": {"v": 1}, "Branches": [
            json.loads(PASS), json.loads(definition(Choose={
                "Type": "Choice", "Choices": [{"Variable": "$.none", "IsPresent": False, "Next": "Done"}]}, Done={"Type": "Succeed"}))]},
        "Each": {"Type": "Map", "Catch": [error], "Next": "Caught", "ItemProcessor": json.loads(definition(
            Stop={"Type": "Fail", "Error": "Mine", "Cause": "because"}))},
        "Caught": {"Type": "Map", "ItemsPath": "$$.Execution.Input.items", "Next": "Odd", "ItemProcessor": {
            "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}, **json.loads(PASS.replace("Only", "Again"))}},
        "Odd": {"Type": "Pass", "QueryLanguage": "JSONata", "Output": "{% $nobody %}", "End": True}}})
    execution = call("states", "StartExecution", stateMachineArn=machine(text), input='{"items": [1]}')["executionArn"]
    history = call("states", "GetExecutionHistory", executionArn=execution, maxResults=1000)["events"]
    assert {"ParallelStateSucceeded", "MapIterationFailed", "MapRunStarted", "EvaluationFailed", "ExecutionFailed"} <= {
        event["type"] for event in history}


def test_an_express_machine_is_waited_for(local, call, refuse, machine):
    arn = machine(type="EXPRESS")
    answer = call("states", "StartSyncExecution", stateMachineArn=arn, input="{}")
    assert (answer["status"], json.loads(answer["output"])) == ("SUCCEEDED", {"a": 1})
    refuse("InvalidArn", "states", "DescribeExecution", executionArn=answer["executionArn"])
    refuse("StateMachineTypeNotSupported", "states", "ListExecutions", stateMachineArn=arn)
