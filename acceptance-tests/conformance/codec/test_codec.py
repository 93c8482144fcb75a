"""Our encodings of values against pyvider-cty's, over generated values.

Both must write the same bytes for the same value: core compares what it sent with what comes back.
"""

import base64
import json
import os
import random
import subprocess
from decimal import Decimal

import pytest
from pyvider import cty
from pyvider.cty import codec as oracle

CASES = 4000
SEED = 20261122


class Ours:
    """The codec as a filter: one line in, one line out."""

    def __init__(self):
        self.process = subprocess.Popen(
            [os.environ["CODEC_BIN"]], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def ask(self, question):
        self.process.stdin.write(json.dumps(question) + "\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline()
        assert answer, "the codec ended"
        return json.loads(answer)

    def msgpack(self, ty, data):
        return self.ask({"type": wire(ty), "msgpack": base64.b64encode(data).decode()})

    def json(self, ty, text):
        return self.ask({"type": wire(ty), "json": text})


@pytest.fixture(scope="module")
def ours():
    codec = Ours()
    yield codec
    codec.process.stdin.close()
    assert codec.process.wait(timeout=60) == 0


def wire(ty):
    return oracle.encode_cty_type_to_wire_json(ty)


def a_type(rng, depth=0, dynamic=True, tuples=True):
    leaves = [cty.CtyString(), cty.CtyNumber(), cty.CtyBool()] + ([cty.CtyDynamic()] if dynamic else [])
    if depth >= 3 or rng.random() < 0.3:
        return rng.choice(leaves)
    kind = rng.choice(["list", "set", "map", "object"] + (["tuple"] if tuples else []))
    # Collections of a dynamic element take elements of one type, which is core's business and not the codec's.
    if kind == "list":
        return cty.CtyList(element_type=a_type(rng, depth + 1, dynamic=False, tuples=tuples))
    if kind == "set":
        return cty.CtySet(element_type=a_type(rng, depth + 1, dynamic=False, tuples=tuples))
    if kind == "map":
        return cty.CtyMap(element_type=a_type(rng, depth + 1, dynamic=False, tuples=tuples))
    if kind == "object":
        names = rng.sample(["a", "b", "name", "ünder", "z_9", "größe"], rng.randint(0, 4))
        return cty.CtyObject({name: a_type(rng, depth + 1, dynamic, tuples=tuples) for name in names})
    return cty.CtyTuple(tuple(a_type(rng, depth + 1, dynamic, tuples=tuples) for _ in range(rng.randint(0, 3))))


STRINGS = ["", "a", "plain", "e\u0301", "日本", "🙂", "x" * 40, "x" * 300, "line\nbreak", "\u0000", '"quoted"']
NUMBERS = [
    "0", "1", "-1", "127", "128", "255", "256", "-128", "-129", "65535", "65536", "-32769", "4294967295", "4294967296",
    "9223372036854775807", "9223372036854775808", "18446744073709551615", "18446744073709551616", "-9223372036854775808",
    "-9223372036854775809", "0.5", "-0.25", "0.1", "1.5e3", "3.141592653589793238462643383279", "1e30", "1e-30",
    "123456789012345678901234567890.5",
]


def orders_its_sets(ty):
    """Whether each set of the type has an order that is a rule: go-cty's by value, for primitive elements."""
    if isinstance(ty, cty.CtySet):
        return isinstance(ty.element_type, (cty.CtyString, cty.CtyNumber, cty.CtyBool))
    if isinstance(ty, cty.CtyDynamic):
        return False
    if isinstance(ty, cty.CtyObject):
        return all(orders_its_sets(inner) for inner in ty.attribute_types.values())
    if isinstance(ty, cty.CtyTuple):
        return all(orders_its_sets(inner) for inner in ty.element_types)
    if isinstance(ty, (cty.CtyList, cty.CtyMap)):
        return orders_its_sets(ty.element_type)
    return True


def same_bytes(ty, ours, expected):
    if ours == expected or orders_its_sets(ty):
        return ours == expected
    return oracle.cty_to_msgpack(oracle.cty_from_msgpack(ours, ty), ty) == expected


def a_value(rng, ty, unknown=True):
    roll = rng.random()
    # pyvider-cty 0.6.3 cannot read a null tuple back that it wrote itself.
    if roll < 0.08 and not isinstance(ty, cty.CtyTuple):
        return cty.CtyValue.null(ty)
    if unknown and roll < 0.16:
        return an_unknown(rng, ty)
    if isinstance(ty, cty.CtyDynamic):
        inner = a_type(rng, 2, dynamic=False, tuples=False)
        return ty.validate(a_value(rng, inner, unknown))
    if isinstance(ty, cty.CtyString):
        return ty.validate(rng.choice(STRINGS))
    if isinstance(ty, cty.CtyNumber):
        return ty.validate(Decimal(rng.choice(NUMBERS)))
    if isinstance(ty, cty.CtyBool):
        return ty.validate(rng.random() < 0.5)
    count = rng.choice([0, 1, 2, 3, 17])
    if isinstance(ty, cty.CtyList):
        return ty.validate([a_value(rng, ty.element_type, unknown) for _ in range(count)])
    if isinstance(ty, cty.CtySet):
        # The order of elements that are not known is nobody's rule.
        return ty.validate([a_value(rng, ty.element_type, unknown=False) for _ in range(min(count, 3))])
    if isinstance(ty, cty.CtyMap):
        return ty.validate({f"{rng.choice(STRINGS)}{i}": a_value(rng, ty.element_type, unknown) for i in range(count)})
    if isinstance(ty, cty.CtyObject):
        return ty.validate({name: a_value(rng, inner, unknown) for name, inner in ty.attribute_types.items()})
    return ty.validate(tuple(a_value(rng, inner, unknown) for inner in ty.element_types))


def an_unknown(rng, ty):
    value = cty.CtyValue.unknown(ty)
    if isinstance(ty, cty.CtyDynamic) or rng.random() < 0.4:
        return value
    refined = cty.refine(value).not_null()
    if isinstance(ty, cty.CtyString):
        refined = refined.string_prefix_full("arn:aws:")
    elif isinstance(ty, cty.CtyNumber):
        refined = refined.number_range_lower_bound(Decimal(rng.choice(["0", "-5", "0.5"])), inclusive=True)
    elif isinstance(ty, (cty.CtyList, cty.CtySet, cty.CtyMap)):
        refined = refined.collection_length_lower_bound(1).collection_length_upper_bound(9)
    return refined.new_value()


def test_both_write_the_same_msgpack_for_generated_values(ours):
    rng = random.Random(SEED)
    for case in range(CASES):
        ty = a_type(rng)
        value = a_value(rng, ty)
        expected = oracle.cty_to_msgpack(value, ty)
        answer = ours.msgpack(ty, expected)
        shown = f"case {case}: {wire(ty)} {value!r}"
        assert "error" not in answer, f"{shown}: {answer['error']}"
        assert same_bytes(ty, base64.b64decode(answer["msgpack"]), expected), shown


def test_both_read_and_write_the_same_json_for_generated_values(ours):
    rng = random.Random(SEED + 1)
    for case in range(CASES):
        ty = a_type(rng)
        value = a_value(rng, ty, unknown=False)
        text = cty.cty_to_json(value, ty).decode()
        answer = ours.json(ty, text)
        shown = f"case {case}: {wire(ty)} {text}"
        assert "error" not in answer, f"{shown}: {answer['error']}"
        assert same_bytes(ty, base64.b64decode(answer["msgpack"]), oracle.cty_to_msgpack(value, ty)), shown
        if not orders_its_sets(ty):
            continue
        same = json.loads(answer["json"], parse_float=Decimal, parse_int=Decimal) == json.loads(
            text, parse_float=Decimal, parse_int=Decimal
        )
        assert same, f"{shown}: {answer['json']}"


def test_what_both_accept_of_broken_bytes_they_read_alike(ours):
    rng = random.Random(SEED + 2)
    refused = 0
    for case in range(CASES):
        ty = a_type(rng, tuples=False)
        data = bytearray(oracle.cty_to_msgpack(a_value(rng, ty), ty))
        for _ in range(rng.randint(1, 3)):
            if rng.random() < 0.3:
                del data[rng.randrange(len(data) + 1):]
            elif data:
                data[rng.randrange(len(data))] = rng.randrange(256)
        answer = ours.msgpack(ty, bytes(data))
        if "error" in answer:
            refused += 1
            continue
        # We take it, so what we make of it must be a value of the type for the other one too.
        again = base64.b64decode(answer["msgpack"])
        shown = f"case {case}: {wire(ty)} {bytes(data).hex()} became {again.hex()}"
        try:
            reread = oracle.cty_from_msgpack(again, ty)
        except Exception as error:  # whatever it raises, the point is that it does
            pytest.fail(f"{shown}: {error}")
        if orders_its_sets(ty):
            assert oracle.cty_to_msgpack(reread, ty) == again, shown
    assert refused > CASES / 10, "hardly anything was broken"
