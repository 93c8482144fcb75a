"""Judges answers by the botocore models: members, types, enums, patterns, lengths, ranges, status codes, errors."""

import datetime
import json
import re
import urllib.parse
import xml.etree.ElementTree
from dataclasses import dataclass, field

import botocore.session

# What the real services answer although their models say otherwise, with the reason why local-aws does so too.
ENUMS_IN_ANY_CASE = {
    ("ec2", "State"): "the model writes the states of VPC endpoints with a capital, real answers without",
}
PATTERNS_THAT_REAL_ANSWERS_BREAK = {
    ("events", "ResourceAssociationArn"): "the model's pattern is escaped twice",
    ("events", "SecretsManagerSecretArn"): "the secrets are called events!connection/…, and the pattern knows no !",
}
MEMBERS_OF_LATER_MODELS = {
    ("vpc-lattice", "UpdateResourceGateway"): {"resourceConfigDnsResolution"},
}
UNMODELLED_ERRORS = {
    # The "Common errors" of every service.
    None: {"AccessDeniedException", "ThrottlingException", "UnknownOperationException", "SerializationException"},
    "events": {"ValidationException"},
    "kms": {"ValidationException"},
    "sts": {"ValidationError", "AccessDenied", "InvalidAction", "Throttling"},
    "iam": {"ValidationError", "InvalidAction"},
    "states": {"ValidationException"},
}

BOTO3_NAMES = {"states": "stepfunctions"}
_SESSION = botocore.session.get_session()
_MODELS = {}


def service_model(service):
    """The model of a service by its signing name."""
    if service not in _MODELS:
        _MODELS[service] = _SESSION.get_service_model(BOTO3_NAMES.get(service, service))
    return _MODELS[service]


@dataclass
class Verdict:
    """What an exchange was, and what is wrong with it."""

    service: str
    operation: str
    case: str  # "good", or the error's code
    violations: list = field(default_factory=list)


def error_status(service, shape):
    """The HTTP status of a modelled error: what it says, or 500 for the server's own faults, or 400."""
    loader = _SESSION.get_component("data_loader")
    shapes = loader.load_service_model(BOTO3_NAMES.get(service, service), "service-2")["shapes"]
    error = shape.metadata.get("error", {})
    # botocore's shapes do not carry `fault`.
    fault = shapes[shape.name].get("fault") or error.get("fault")
    return error.get("httpStatusCode", 500 if fault else 400)


def error_code(shape):
    """The code that stands for a modelled error on the wire."""
    return shape.metadata.get("error", {}).get("code", shape.name)


def judge(exchange):
    """Judges one exchange."""
    service = _signed_for(exchange)
    model = service_model(service)
    operation = _operation(exchange, service, model)
    verdict = Verdict(service, operation, "good")
    known = operation in model.operation_names
    if exchange.status >= 400:
        _judge_error(exchange, service, model.operation_model(operation) if known else None, verdict)
    elif not known:
        verdict.violations.append(f"{operation} is no operation of the model, but was answered")
    else:
        _judge_answer(exchange, model, model.operation_model(operation), verdict)
    return verdict


def _signed_for(exchange):
    scope = re.search(r"Credential=[^/]+/\d+/[^/]+/([^/]+)/", exchange.request_headers.get("authorization", ""))
    if scope is None:
        # A token stands in the place of the signature; only STS takes one.
        return "sts"
    return scope.group(1)


def _operation(exchange, service, model):
    target = exchange.request_headers.get("x-amz-target")
    if target:
        return target.partition(".")[2]
    if model.metadata["protocol"] in ("ec2", "query"):
        return urllib.parse.parse_qs(exchange.request_body.decode()).get("Action", [""])[0]
    path = exchange.path.partition("?")[0]
    # An ARN in a path may have its slashes, or not.
    label = re.sub(r"%2F|/(?!$)", "", path[1:].partition("/")[2], flags=re.IGNORECASE)
    plain = "/" + path[1:].partition("/")[0] + (f"/{label}" if label else "")
    for given in (path, plain):
        for name in model.operation_names:
            http = model.operation_model(name).http
            pattern = re.sub(r"\\{\w+\\}", "[^/]+", re.escape(http["requestUri"]))
            if http["method"] == exchange.method and re.fullmatch(pattern, given):
                return name
    return f"{exchange.method} {path}"


def _judge_answer(exchange, model, operation, verdict):
    expected = operation.http.get("responseCode", 200)
    if exchange.status != expected:
        verdict.violations.append(f"status {exchange.status}, the model says {expected}")
    walk = _Walk(verdict.service, verdict.violations)
    shape = operation.output_shape
    protocol = model.metadata["protocol"]
    if protocol in ("ec2", "query"):
        walk.root(exchange.body, operation.name, shape, protocol)
    elif shape is not None and exchange.body:
        walk.structure(json.loads(exchange.body), shape, operation.name)
    elif shape is not None and shape.required_members:
        verdict.violations.append("the answer has no body, and the model requires members")


def _judge_error(exchange, service, operation, verdict):
    protocol = service_model(service).metadata["protocol"]
    members = {}
    if protocol in ("ec2", "query"):
        tree = _without_namespaces(xml.etree.ElementTree.fromstring(exchange.body))
        error = tree.find(".//Error")
        verdict.case = error.findtext("Code")
        if tree.findtext(".//RequestId", tree.findtext(".//RequestID")) is None:
            verdict.violations.append("the error has no request id")
    else:
        members = json.loads(exchange.body)
        verdict.case = exchange.headers.get("x-amzn-errortype") or members.pop("__type", "")
    if not verdict.case:
        verdict.violations.append("the error has no code")
    if protocol == "ec2" or operation is None:
        # EC2's model declares no errors.
        return
    shapes = {error_code(shape): shape for shape in operation.error_shapes}
    shape = shapes.get(verdict.case)
    if shape is None:
        common = UNMODELLED_ERRORS[None] | UNMODELLED_ERRORS.get(service, set())
        if verdict.case not in common:
            verdict.violations.append(f"{verdict.case} is not among the operation's errors")
        return
    expected = error_status(service, shape)
    if exchange.status != expected:
        verdict.violations.append(f"{verdict.case} with status {exchange.status}, the model says {expected}")
    if protocol in ("rest-json", "json"):
        # The spelling of `message` differs between models, and clients take each.
        spelled = {name.lower(): name for name in shape.members}
        members = {spelled.get(name.lower(), name): value for name, value in members.items()}
        if "message" not in spelled:
            members.pop("message", None)
        _Walk(service, verdict.violations).structure(members, shape, verdict.case)


def _without_namespaces(element):
    for part in element.iter():
        part.tag = part.tag.rpartition("}")[2]
    return element


class _Walk:
    """Walks an answer beside its shape."""

    def __init__(self, service, violations):
        self.service = service
        self.violations = violations

    def wrong(self, path, what):
        self.violations.append(f"{path}: {what}")

    # JSON

    def structure(self, value, shape, path):
        if not isinstance(value, dict):
            return self.wrong(path, "is no structure")
        in_body = {
            member.serialization.get("name", name): (name, member)
            for name, member in shape.members.items()
            if "location" not in member.serialization
        }
        later = MEMBERS_OF_LATER_MODELS.get((self.service, path), set())
        for name in value:
            if name not in in_body and name not in later:
                self.wrong(f"{path}.{name}", "is not in the model")
        for name in shape.required_members:
            wire_name = shape.members[name].serialization.get("name", name)
            if wire_name in in_body and value.get(wire_name) is None:
                self.wrong(f"{path}.{name}", "is required, and missing")
        if shape.metadata.get("union") and len(value) != 1:
            self.wrong(path, "is a union, and has not exactly one member")
        for name, member_value in value.items():
            if name in in_body:
                self.value(member_value, in_body[name][1], f"{path}.{name}")

    def value(self, value, shape, path):
        kind = shape.type_name
        if value is None:
            return self.wrong(path, "is null")
        if kind == "structure":
            return self.structure(value, shape, path)
        if kind == "list":
            if not isinstance(value, list):
                return self.wrong(path, "is no list")
            self.size(len(value), shape, path)
            for index, item in enumerate(value):
                self.value(item, shape.member, f"{path}[{index}]")
        elif kind == "map":
            if not isinstance(value, dict):
                return self.wrong(path, "is no map")
            self.size(len(value), shape, path)
            for key, item in value.items():
                self.value(key, shape.key, f"{path}.key")
                self.value(item, shape.value, f"{path}.{key}")
        elif kind == "string":
            self.text(value, shape, path) if isinstance(value, str) else self.wrong(path, "is no string")
        elif kind in ("integer", "long"):
            is_integer = isinstance(value, int) and not isinstance(value, bool)
            self.size(value, shape, path) if is_integer else self.wrong(path, "is no integer")
        elif kind in ("float", "double"):
            if not isinstance(value, (int, float)) or isinstance(value, bool):
                self.wrong(path, "is no number")
        elif kind == "boolean":
            if not isinstance(value, bool):
                self.wrong(path, "is no boolean")
        elif kind == "timestamp":
            self.timestamp(value, shape, path)
        else:
            self.wrong(path, f"is a {kind}, which is not judged here")

    def timestamp(self, value, shape, path):
        iso = shape.serialization.get("timestampFormat") == "iso8601"
        if iso:
            try:
                datetime.datetime.fromisoformat(value)
            except (TypeError, ValueError):
                self.wrong(path, f"{value!r} is no time in ISO 8601")
        elif not isinstance(value, (int, float)):
            self.wrong(path, f"{value!r} is no time in seconds")

    def text(self, value, shape, path):
        self.size(len(value), shape, path)
        enum = shape.enum
        if (self.service, shape.name) in ENUMS_IN_ANY_CASE:
            enum, value = [one.lower() for one in enum], value.lower()
        if enum and value not in enum:
            self.wrong(path, f"{value!r} is not one of {', '.join(enum)}")
        pattern = shape.metadata.get("pattern")
        if not pattern or (self.service, shape.name) in PATTERNS_THAT_REAL_ANSWERS_BREAK:
            return
        try:
            matches = re.fullmatch(pattern, value, flags=re.DOTALL)
        except re.error:
            # Java's classes (\p{L}) are none of Python's.
            return
        if not matches:
            self.wrong(path, f"{value!r} does not match {pattern}")

    def size(self, size, shape, path):
        low, high = shape.metadata.get("min"), shape.metadata.get("max")
        if low is not None and size < low or high is not None and size > high:
            self.wrong(path, f"{size} is not between {low} and {high}")

    # XML

    def root(self, body, operation, shape, protocol):
        root = _without_namespaces(xml.etree.ElementTree.fromstring(body))
        if root.tag != f"{operation}Response":
            self.wrong(operation, f"the root is {root.tag}")
        if protocol == "query":
            wrapper = shape.serialization.get("resultWrapper") if shape is not None else None
            element = root.find(wrapper) if wrapper else None
            if shape is not None and element is None:
                return self.wrong(operation, f"there is no {wrapper}")
        else:
            element = root
            ids = root.findall("requestId")
            if len(ids) != 1:
                self.wrong(operation, "there is not one requestId")
            for one in ids:
                root.remove(one)
            # EC2 says `return`, as its API reference shows, also where the model has no such member.
            returned = root.find("return")
            if returned is not None and (shape is None or "Return" not in shape.members):
                root.remove(returned)
            if shape is None:
                for child in root:
                    self.wrong(f"{operation}.{child.tag}", "is not in the model")
                return
        if shape is not None:
            self.structure(self.xml_structure(element, shape, operation), shape, operation)

    def xml_structure(self, element, shape, path):
        """The element as JSON would have it: members under their names on the wire."""
        members = {member.serialization.get("name", name): member for name, member in shape.members.items()}
        value = {}
        for child in element:
            if child.tag in value:
                self.wrong(f"{path}.{child.tag}", "is there twice")
            member = members.get(child.tag)
            value[child.tag] = None if member is None else self.xml_value(child, member, f"{path}.{child.tag}")
        return value

    def xml_value(self, element, shape, path):
        kind = shape.type_name
        text = element.text or ""
        if kind == "structure":
            return self.xml_structure(element, shape, path)
        if kind == "list":
            name = shape.member.serialization.get("name", "member")
            for child in element:
                if child.tag != name:
                    self.wrong(f"{path}.{child.tag}", f"is no {name}")
            return [self.xml_value(child, shape.member, f"{path}.{name}") for child in element]
        if kind in ("integer", "long"):
            return int(text) if re.fullmatch(r"-?\d+", text) else text
        if kind == "boolean":
            return {"true": True, "false": False}.get(text, text)
        if kind == "timestamp":
            try:
                return datetime.datetime.fromisoformat(text).timestamp()
            except ValueError:
                return text
        return text
