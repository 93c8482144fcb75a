"""The clients that local-aws is judged by: boto3 and the AWS CLI, called alike."""

import json
import os
import pathlib
import subprocess
import sys

import boto3
import botocore.config
import botocore.exceptions
from botocore import xform_name

from model import BOTO3_NAMES

CREDENTIALS = {"aws_access_key_id": "local", "aws_secret_access_key": "local"}


class Refused(Exception):
    """An operation's error: `code` as the client understood it."""

    def __init__(self, code, message):
        super().__init__(f"{code}: {message}")
        self.code = code


class Boto3:
    name = "boto3"

    def __init__(self, url, region):
        self._url, self._region, self._clients = url, region, {}

    def client(self, service):
        if service not in self._clients:
            config = botocore.config.Config(
                # The service is to refuse what is wrong, not the client.
                parameter_validation=False,
                inject_host_prefix=False,
                retries={"total_max_attempts": 1},
            )
            name = BOTO3_NAMES.get(service, service)
            self._clients[service] = boto3.client(
                name, endpoint_url=self._url, region_name=self._region, config=config, **CREDENTIALS
            )
        return self._clients[service]

    def call(self, service, operation, **parameters):
        client = self.client(service)
        try:
            return getattr(client, xform_name(operation))(**parameters)
        except botocore.exceptions.ClientError as error:
            self.last_exception = error
            raise Refused(error.response["Error"]["Code"], error.response["Error"].get("Message")) from error


class AwsCli:
    name = "AWS CLI"

    def __init__(self, url, region):
        self._url = url
        self._program = pathlib.Path(sys.executable).parent / "aws"
        self._environment = {
            "PATH": os.environ.get("PATH", ""),
            "HOME": os.devnull,
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_MAX_ATTEMPTS": "1",
            "AWS_DEFAULT_REGION": region,
            # The recorder answers for `sync-127.0.0.1`, too, which has no address.
            "HTTP_PROXY": url,
            **{name.upper(): value for name, value in CREDENTIALS.items()},
        }

    def call(self, service, operation, **parameters):
        command = [self._program, BOTO3_NAMES.get(service, service), xform_name(operation, "-")]
        command += ["--endpoint-url", self._url, "--output", "json", "--cli-input-json", json.dumps(parameters)]
        done = subprocess.run(command, env=self._environment, capture_output=True, text=True, timeout=120)
        if done.returncode == 0:
            return json.loads(done.stdout) if done.stdout.strip() else {}
        start = done.stderr.find("(")
        assert start >= 0, done.stderr
        raise Refused(done.stderr[start + 1 : done.stderr.index(")", start)], done.stderr.strip())
