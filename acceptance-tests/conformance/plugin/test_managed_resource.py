"""A managed resource's life, call by call."""

import json

from conftest import failed, succeeded
from pyvider.protocols.tfprotov6.protobuf import tfplugin6_pb2 as pb
from tofusoup.tfplugin import driver

TYPE = "kitchen_dish"
CAPABILITIES = pb.ClientCapabilities(write_only_attributes_allowed=True)


def config(kitchen, **values):
    return kitchen.config(kitchen.schema_of("resource_schemas", TYPE), **values)


def plan(kitchen, prior, proposed, wanted):
    request = pb.PlanResourceChange.Request(
        type_name=TYPE,
        prior_state=prior,
        proposed_new_state=proposed,
        config=wanted,
        client_capabilities=CAPABILITIES,
    )
    return kitchen.PlanResourceChange(request)


def apply(kitchen, prior, planned, wanted):
    request = pb.ApplyResourceChange.Request(
        type_name=TYPE,
        prior_state=prior,
        planned_state=planned.planned_state,
        config=wanted,
        planned_private=planned.planned_private,
        planned_identity=planned.planned_identity if planned.HasField("planned_identity") else None,
    )
    return succeeded(kitchen.ApplyResourceChange(request))


def create(kitchen, name):
    wanted = config(kitchen, name=name, servings=4)
    null = driver.pack(None)
    planned = succeeded(plan(kitchen, null, wanted, wanted))
    return wanted, planned, apply(kitchen, null, planned, wanted)


def test_a_dish_is_validated_planned_made_read_changed_and_removed(kitchen):
    wanted = config(kitchen, name="leek", servings=4)
    request = pb.ValidateResourceConfig.Request(
        type_name=TYPE, config=wanted, client_capabilities=CAPABILITIES
    )
    succeeded(kitchen.ValidateResourceConfig(request))

    wanted, planned, made = create(kitchen, "leek")
    assert driver.unpack(planned.planned_state)["calories"] == 1000
    state = driver.unpack(made.new_state)
    assert state["id"] == "dish/leek"

    stored = json.dumps(state).encode()
    request = pb.UpgradeResourceState.Request(
        type_name=TYPE,
        version=kitchen.provider.schema.resource_schemas[TYPE].version,
        raw_state=pb.RawState(json=stored),
    )
    upgraded = succeeded(kitchen.UpgradeResourceState(request))
    request = pb.ReadResource.Request(
        type_name=TYPE,
        current_state=upgraded.upgraded_state,
        private=made.private,
        current_identity=made.new_identity if made.HasField("new_identity") else None,
    )
    read = succeeded(kitchen.ReadResource(request))
    assert driver.unpack(read.new_state) == state

    again = plan(kitchen, read.new_state, read.new_state, wanted)
    assert driver.unpack(succeeded(again).planned_state) == state

    more = config(kitchen, name="leek", servings=6)
    changed = succeeded(plan(kitchen, read.new_state, driver.pack({**state, "servings": 6}), more))
    assert not changed.requires_replace
    updated = apply(kitchen, read.new_state, changed, more)
    assert driver.unpack(updated.new_state)["calories"] == 1500

    null = driver.pack(None)
    gone = succeeded(plan(kitchen, updated.new_state, null, null))
    removed = apply(kitchen, updated.new_state, gone, null)
    assert driver.unpack(removed.new_state) is None


def test_another_name_replaces_a_dish(kitchen):
    _, _, made = create(kitchen, "pea")
    other = config(kitchen, name="bean", servings=4)
    state = driver.unpack(made.new_state)
    planned = succeeded(plan(kitchen, made.new_state, driver.pack({**state, "name": "bean"}), other))
    assert [step.attribute_name for path in planned.requires_replace for step in path.steps] == ["name"]


def test_a_dish_is_imported_by_its_id(kitchen):
    create(kitchen, "carrot")
    request = pb.ImportResourceState.Request(type_name=TYPE, id="dish/carrot")
    imported = succeeded(kitchen.ImportResourceState(request)).imported_resources
    assert [driver.unpack(each.state)["name"] for each in imported] == ["carrot"]


def test_bad_input_names_its_attribute(kitchen):
    request = pb.ValidateResourceConfig.Request(type_name=TYPE, config=config(kitchen, name="Leek", servings=0))
    answer = failed(kitchen.ValidateResourceConfig(request), "lower-case letters", "at least 1")
    paths = {step.attribute_name for each in answer.diagnostics for step in each.attribute.steps}
    assert paths == {"name", "servings"}


def test_an_unknown_type_is_an_error_of_every_call_that_takes_one(kitchen):
    unknown = {"type_name": "kitchen_sink"}
    null = driver.pack(None)
    for rpc, request in [
        ("ValidateResourceConfig", pb.ValidateResourceConfig.Request(**unknown, config=null)),
        ("UpgradeResourceState", pb.UpgradeResourceState.Request(**unknown)),
        ("ReadResource", pb.ReadResource.Request(**unknown)),
        ("PlanResourceChange", pb.PlanResourceChange.Request(**unknown)),
        ("ApplyResourceChange", pb.ApplyResourceChange.Request(**unknown)),
        ("ImportResourceState", pb.ImportResourceState.Request(**unknown)),
        ("MoveResourceState", pb.MoveResourceState.Request(target_type_name="kitchen_sink")),
        ("ValidateDataResourceConfig", pb.ValidateDataResourceConfig.Request(**unknown)),
        ("ReadDataSource", pb.ReadDataSource.Request(**unknown)),
        ("ValidateEphemeralResourceConfig", pb.ValidateEphemeralResourceConfig.Request(**unknown)),
        ("OpenEphemeralResource", pb.OpenEphemeralResource.Request(**unknown)),
        ("ValidateListResourceConfig", pb.ValidateListResourceConfig.Request(**unknown)),
        ("GenerateResourceConfig", pb.GenerateResourceConfig.Request(**unknown)),
    ]:
        failed(getattr(kitchen, rpc)(request))
