"""Starts local-aws, replays facts against it with boto3, and tells at the end how many of each source agree."""

import collections
import json
import os
import pathlib
import re
import subprocess
import urllib.request

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from facts import differences, filled

SEED = pathlib.Path(__file__).with_name("seed.yaml")
TALLY = pytest.StashKey()


class Local:
    """A running local-aws, its clients and its control API."""

    def __init__(self, seed):
        self.seed = seed
        self.clients = {}

    def client(self, service):
        if service not in self.clients:
            # What must be refused has to get there first.
            config = Config(parameter_validation=False, inject_host_prefix=False, retries={"max_attempts": 0})
            self.clients[service] = boto3.client(
                service, endpoint_url=self.seed["endpoint"], region_name=self.seed["region"],
                aws_access_key_id="local", aws_secret_access_key="local", config=config)
        return self.clients[service]

    def control(self, method, path, body=None):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self.seed['endpoint']}/_local/{path}", data, method=method)
        request.add_header("content-type", "application/json")
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.load(answer)

    def delivered(self):
        """The requests that reached the seeded API, once nothing is on its way."""
        while self.control("GET", "deliveries")["pending"]:
            pass
        return self.control("GET", "requests?credentials=shown")


def snake(operation):
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", operation).lower()


def found_at(answer, path):
    """The value at a path of members and numbers: `Vpc.VpcId`, `SecurityGroupRules.0.SecurityGroupRuleId`."""
    for part in path.split("."):
        answer = answer[int(part) if part.isdigit() else part]
    return answer


def step_differences(local, step, names):
    """Makes one step; what is other than it says."""
    for which, at in (("received", -1), ("received_first", 0)):
        if which in step:
            requests = local.delivered()
            return differences(filled(step[which], names), requests[at] if requests else {}, which)
    if "fault" in step:
        local.control("POST", "faults", step["fault"])
        return []
    if "nothing_received" in step:
        return [f"received: {request}" for request in local.delivered()]
    call = next(name for name in step if "." in name)
    service, operation = call.split(".")
    try:
        answer = getattr(local.client(service), snake(operation))(**filled(step[call] or {}, names))
    except ClientError as error:
        refused = step.get("refused")
        if refused is None:
            return [f"{call}: {error}"]
        found = {"code": error.response["Error"]["Code"], "says": error.response["Error"]["Message"]}
        return differences(filled(refused, names), found, call)
    if "refused" in step:
        return [f"{call}: was not refused"]
    answer = json.loads(json.dumps(answer, default=lambda value: value.isoformat()))
    for name, member in step.get("keep", {}).items():
        names[name] = found_at(answer, member)
    return differences(filled(step.get("gives", {}), names), answer, call)


@pytest.fixture(scope="session")
def started():
    program = os.environ.get("LOCAL_AWS_BIN")
    if not program:
        pytest.exit("LOCAL_AWS_BIN: set it to the path of the local-aws binary", returncode=2)
    command = [program, "serve", "--speed", "instant", "--seed", SEED, "--log", "errors"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        yield Local(json.loads(process.stdout.readline()))
    finally:
        process.terminate()
        assert process.wait(timeout=10) == 0


@pytest.fixture
def replay(started, request):
    """Replays a fact in a fresh world; what is other than recorded."""
    tally = request.config.stash.setdefault(TALLY, collections.defaultdict(collections.Counter))

    def replay(fact):
        started.control("POST", "reset")
        names = {name: value for name, value in started.seed.items() if isinstance(value, str)}
        wrong = [wrong for step in fact["steps"] for wrong in step_differences(started, step, names)]
        tally[fact["source"]]["differ" if wrong else "agree"] += 1
        return wrong

    return replay


def pytest_terminal_summary(terminalreporter, config):
    tally = config.stash.get(TALLY, {})
    terminalreporter.write_line("recorded facts by source:")
    for source, counts in sorted(tally.items()):
        agree, differ = counts["agree"], counts["differ"]
        terminalreporter.write_line(f"  {source}: {agree} of {agree + differ} agree")
