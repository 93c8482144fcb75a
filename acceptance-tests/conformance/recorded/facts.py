"""Facts: what AWS was asked and what it answered, written down with values of our own, and how answers are compared.

A file has the kind of source and the date of its recordings, and facts. A fact says the rule that it shows and has
steps; a step is one call with what has to come of it:

    - events.DescribeRule: {Name: orders}
      gives: {State: ENABLED}            # the answer has these members, and others beside them
    - events.DescribeRule: {Name: gone}
      refused: {code: ResourceNotFoundException, says: does not exist}
    - keep: {arn: RuleArn}               # beside `gives`: names of members of the answer, for $arn later on
    - received: {body: {id: 7}}          # the last request that reached the seeded servers
    - received_first: {body: {id: 7}}    # the first one
    - nothing_received: true
    - fault: {deny: "events:PutRule"}    # from here on, a rule of local-aws stands for what the caller or a role may not do

`!json` before a value makes its JSON text of it. `absent` in the place of a value stands for a member that must not be
there, `/…/` for a text that has the expression in it.
"""

import json
import pathlib
import re
import string

import yaml

FOLDER = pathlib.Path(__file__).parent / "facts"
ACCEPTED = pathlib.Path(__file__).with_name("accepted.yaml")


class JsonText:
    """A value that is sent as its JSON text."""

    def __init__(self, value):
        self.value = value


class Loader(yaml.SafeLoader):
    """YAML with `!json`."""


def json_text(loader, node):
    if isinstance(node, yaml.MappingNode):
        return JsonText(loader.construct_mapping(node, deep=True))
    if isinstance(node, yaml.SequenceNode):
        return JsonText(loader.construct_sequence(node, deep=True))
    return JsonText(loader.construct_yaml_str(node))


Loader.add_constructor("!json", json_text)


def load(path):
    return yaml.load(path.read_text(), Loader)


def all_facts():
    """Every fact, with the source of its file and the name of its topic."""
    accepted = {entry["fact"]: entry["reason"] for entry in load(ACCEPTED) or []}
    for path in sorted(FOLDER.glob("*.yaml")):
        document = load(path)
        for fact in document["facts"]:
            fact.setdefault("source", document["source"])
            fact["topic"] = path.stem.replace("_", " ")
            fact["accepted"] = accepted.pop(fact["fact"], None)
            yield fact
    assert not accepted, f"accepted differences of no fact: {sorted(accepted)}"


def filled(value, names):
    """The value with names in the place of `$name`, and JSON texts made."""
    if isinstance(value, JsonText):
        return json.dumps(filled(value.value, names))
    if isinstance(value, str):
        return string.Template(value).safe_substitute(names)
    if isinstance(value, dict):
        return {key: filled(item, names) for key, item in value.items()}
    if isinstance(value, list):
        return [filled(item, names) for item in value]
    return value


def differences(expected, found, at="answer"):
    """What is other than expected, by place."""
    if isinstance(found, str) and isinstance(expected, (dict, list)):
        try:
            found = json.loads(found)
        except ValueError:
            return [f"{at}: {found!r} is no JSON"]
    if isinstance(expected, dict):
        if not isinstance(found, dict):
            return [f"{at}: {found!r} is no object"]
        wrong = []
        for name, value in expected.items():
            if value == "absent":
                wrong += [f"{at}.{name}: is there"] if name in found else []
            elif name not in found:
                wrong.append(f"{at}.{name}: is not there")
            else:
                wrong += differences(value, found[name], f"{at}.{name}")
        return wrong
    if isinstance(expected, list):
        if not isinstance(found, list) or len(found) != len(expected):
            return [f"{at}: {found!r} instead of {expected!r}"]
        return [wrong for index, (one, other) in enumerate(zip(expected, found))
                for wrong in differences(one, other, f"{at}[{index}]")]
    if isinstance(expected, str) and len(expected) > 1 and expected[0] == expected[-1] == "/":
        return [] if re.search(expected[1:-1], str(found)) else [f"{at}: {found!r} has no {expected}"]
    return [] if expected == found else [f"{at}: {found!r} instead of {expected!r}"]
