"""Starts local-aws behind a recorder, gives the clients, and judges every answer after the test that it belongs to."""

import json
import os
import pathlib
import subprocess
import urllib.request

import pytest

from callers import AwsCli, Boto3
from report import Report
from wire import Wire


class Local:
    """A running local-aws: what it was seeded with, and its control API."""

    def __init__(self, seed):
        self.seed = seed

    def control(self, method, path, body=None):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self.seed['endpoint']}/_local/{path}", data, method=method)
        request.add_header("content-type", "application/json")
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.load(answer)

    def inject(self, service, operation, effect):
        rule = {"service": service, "operation": operation, "count": 1, "effect": effect}
        self.control("POST", "faults", rule)

    def settings(self, **changes):
        self.control("POST", "settings", changes)


@pytest.fixture(scope="session")
def started():
    program = os.environ.get("LOCAL_AWS_BIN")
    if not program:
        pytest.exit("LOCAL_AWS_BIN: set it to the path of the local-aws binary", returncode=2)
    seed = pathlib.Path(__file__).with_name("seed.yaml")
    command = [program, "serve", "--speed", "instant", "--seed", seed]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    try:
        yield Local(json.loads(process.stdout.readline()))
    finally:
        process.terminate()
        assert process.wait(timeout=10) == 0


@pytest.fixture(scope="session")
def wire(started):
    wire = Wire(started.seed["endpoint"].removeprefix("http://"))
    yield wire
    wire.close()


@pytest.fixture(scope="session")
def report(started, pytestconfig):
    report = Report(started.control("GET", "operations"))
    pytestconfig.stash[REPORT] = report
    return report


REPORT = pytest.StashKey()


@pytest.fixture(autouse=True)
def local(started, wire, report):
    """A fresh world for each test, whose answers must all be as the models say."""
    started.control("POST", "reset")
    before = len(wire.exchanges)
    yield started
    wrong = report.take(wire.exchanges[before:])
    assert not wrong, "\n".join(wrong)


@pytest.fixture(scope="session")
def boto3_caller(started, wire):
    return Boto3(wire.url, started.seed["region"])


@pytest.fixture(scope="session")
def cli_caller(started, wire):
    return AwsCli(wire.url, started.seed["region"])


@pytest.fixture(scope="session")
def seen_by_cli():
    return set()


@pytest.fixture(params=["boto3", "AWS CLI"])
def call(request, boto3_caller, cli_caller, seen_by_cli):
    """Calls an operation with each of the clients: `call(service, operation, **parameters)`.

    The CLI takes a second to start, so that what it did once is left to boto3 from then on.
    """
    if request.param == "boto3":
        return boto3_caller.call

    def call(service, operation, **parameters):
        if (service, operation) in seen_by_cli:
            return boto3_caller.call(service, operation, **parameters)
        answer = cli_caller.call(service, operation, **parameters)
        seen_by_cli.add((service, operation))
        return answer

    return call


@pytest.fixture
def refuse(boto3_caller):
    """Calls with boto3 what must be refused, as its exception class for the code if the model has one."""

    def refuse(code, service, operation, **parameters):
        from callers import Refused
        from model import error_code, service_model

        with pytest.raises(Refused) as refused:
            boto3_caller.call(service, operation, **parameters)
        assert refused.value.code == code, str(refused.value)
        for shape in service_model(service).operation_model(operation).error_shapes:
            if error_code(shape) == code:
                kind = getattr(boto3_caller.client(service).exceptions, shape.name)
                assert isinstance(boto3_caller.last_exception, kind)

    return refuse


def pytest_collection_modifyitems(items):
    # Errors that nothing led to are injected when all else was tried, and what is complete shows at the end.
    last = ["test_modelled_errors", "test_completeness"]
    items.sort(key=lambda item: last.index(item.module.__name__) + 1 if item.module.__name__ in last else 0)


def pytest_sessionfinish(session):
    report = session.config.stash.get(REPORT, None)
    if report is None:
        return
    text = report.text()
    print("\n" + text)
    path = os.environ.get("CONFORMANCE_REPORT")
    if path:
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
