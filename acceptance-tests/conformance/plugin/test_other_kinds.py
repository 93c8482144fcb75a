"""Data sources, ephemeral resources, functions, list resources, actions, and what surrounds a managed resource."""

import json

from conftest import failed, succeeded
from pyvider.protocols.tfprotov6.protobuf import tfplugin6_pb2 as pb
from tofusoup.tfplugin import driver

JAR = "kitchen_jar"


def identity(**values):
    return pb.ResourceIdentityData(identity_data=driver.pack(dict(sorted(values.items()))))


def test_metadata_names_what_the_schema_holds(kitchen):
    schema, metadata = kitchen.provider.schema, kitchen.GetMetadata(pb.GetMetadata.Request())
    assert {each.type_name for each in metadata.resources} == set(schema.resource_schemas)
    assert {each.type_name for each in metadata.data_sources} == set(schema.data_source_schemas)
    assert {each.type_name for each in metadata.ephemeral_resources} == set(schema.ephemeral_resource_schemas)
    assert {each.type_name for each in metadata.list_resources} == set(schema.list_resource_schemas)
    assert {each.type_name for each in metadata.actions} == set(schema.action_schemas)
    assert {each.name for each in metadata.functions} == set(schema.functions)


def test_a_data_source_is_validated_and_read(kitchen):
    block = kitchen.schema_of("data_source_schemas", "kitchen_menu")
    config = kitchen.config(block, dish="leek")
    succeeded(
        kitchen.ValidateDataResourceConfig(
            pb.ValidateDataResourceConfig.Request(type_name="kitchen_menu", config=config)
        )
    )
    read = kitchen.ReadDataSource(pb.ReadDataSource.Request(type_name="kitchen_menu", config=config))
    assert driver.unpack(succeeded(read).state) == {"courses": ["soup", "leek"], "dish": "leek", "price": 4}
    stone = pb.ReadDataSource.Request(type_name="kitchen_menu", config=kitchen.config(block, dish="stone"))
    failed(kitchen.ReadDataSource(stone), "Not on the menu")


def test_an_ephemeral_resource_is_opened_renewed_and_closed(kitchen):
    block = kitchen.schema_of("ephemeral_resource_schemas", "kitchen_key")
    config = kitchen.config(block, door="cellar")
    succeeded(
        kitchen.ValidateEphemeralResourceConfig(
            pb.ValidateEphemeralResourceConfig.Request(type_name="kitchen_key", config=config)
        )
    )
    opened = succeeded(
        kitchen.OpenEphemeralResource(pb.OpenEphemeralResource.Request(type_name="kitchen_key", config=config))
    )
    assert driver.unpack(opened.result) == {"code": "code-of-cellar", "door": "cellar"}
    assert opened.HasField("renew_at")
    renewed = succeeded(
        kitchen.RenewEphemeralResource(
            pb.RenewEphemeralResource.Request(type_name="kitchen_key", private=opened.private)
        )
    )
    succeeded(
        kitchen.CloseEphemeralResource(
            pb.CloseEphemeralResource.Request(type_name="kitchen_key", private=renewed.private)
        )
    )


def call(kitchen, name, *arguments):
    return kitchen.CallFunction(
        pb.CallFunction.Request(name=name, arguments=[driver.pack(argument) for argument in arguments])
    )


def test_functions_are_listed_and_called(kitchen):
    functions = kitchen.GetFunctions(pb.GetFunctions.Request()).functions
    assert set(functions) == set(kitchen.provider.schema.functions)
    assert driver.unpack(call(kitchen, "portion", 500, 100, 150).result) == 250
    assert driver.unpack(call(kitchen, "name_of", None).result) is None


def test_a_function_blames_the_argument(kitchen):
    error = call(kitchen, "portion", 100, 60, 60).error
    assert (error.function_argument, "nothing is left" in error.text) == (2, True)
    error = call(kitchen, "name_of", "soup").error
    assert (error.function_argument, "dish/" in error.text) == (0, True)
    assert "no function" in call(kitchen, "fork").error.text


def test_a_jar_has_an_identity_through_its_life(kitchen):
    schemas = succeeded(kitchen.GetResourceIdentitySchemas(pb.GetResourceIdentitySchemas.Request()))
    names = {each.name for each in schemas.identity_schemas[JAR].identity_attributes}
    assert names == {"name", "shelf"}

    block = kitchen.schema_of("resource_schemas", JAR)
    config = kitchen.config(block, name="plum")
    null = driver.pack(None)
    planned = succeeded(
        kitchen.PlanResourceChange(
            pb.PlanResourceChange.Request(
                type_name=JAR, prior_state=null, proposed_new_state=config, config=config
            )
        )
    )
    made = succeeded(
        kitchen.ApplyResourceChange(
            pb.ApplyResourceChange.Request(
                type_name=JAR,
                prior_state=null,
                planned_state=planned.planned_state,
                config=config,
                planned_private=planned.planned_private,
            )
        )
    )
    assert driver.unpack(made.new_identity.identity_data) == {"name": "plum", "shelf": "pantry"}

    (imported,) = succeeded(
        kitchen.ImportResourceState(
            pb.ImportResourceState.Request(type_name=JAR, identity=identity(name="plum", shelf=None))
        )
    ).imported_resources
    read = succeeded(
        kitchen.ReadResource(
            pb.ReadResource.Request(
                type_name=JAR,
                current_state=imported.state,
                private=imported.private,
                current_identity=imported.identity,
            )
        )
    )
    assert driver.unpack(read.new_identity.identity_data) == {"name": "plum", "shelf": "pantry"}

    written = pb.UpgradeResourceIdentity.Request(
        type_name=JAR, version=0, raw_identity=pb.RawState(json=b'{"name":"plum","shelf":"pantry"}')
    )
    upgraded = succeeded(kitchen.UpgradeResourceIdentity(written)).upgraded_identity
    assert driver.unpack(upgraded.identity_data)["name"] == "plum"

    generated = pb.GenerateResourceConfig.Request(type_name=JAR, state=read.new_state)
    config = driver.unpack(succeeded(kitchen.GenerateResourceConfig(generated)).config)
    assert config == {"content": None, "cook": None, "lid": None, "name": "plum"}


def test_a_dish_moves_into_a_jar_and_old_state_is_upgraded(kitchen):
    moved = pb.MoveResourceState.Request(
        source_provider_address="registry.terraform.io/example/kitchen",
        source_type_name="kitchen_dish",
        source_schema_version=0,
        source_state=pb.RawState(json=json.dumps({"name": "jam", "servings": 2}).encode()),
        target_type_name=JAR,
    )
    assert driver.unpack(succeeded(kitchen.MoveResourceState(moved)).target_state)["name"] == "jam"
    elsewhere = pb.MoveResourceState.Request(
        source_provider_address="registry.terraform.io/hashicorp/aws",
        source_type_name="aws_instance",
        source_state=pb.RawState(json=b"{}"),
        target_type_name=JAR,
    )
    failed(kitchen.MoveResourceState(elsewhere), "aws_instance")
    old = pb.UpgradeResourceState.Request(
        type_name=JAR, version=0, raw_state=pb.RawState(json=b'{"label":"fig"}')
    )
    assert driver.unpack(succeeded(kitchen.UpgradeResourceState(old)).upgraded_state)["name"] == "fig"


def test_jars_are_listed_up_to_a_limit(kitchen):
    block = kitchen.schema_of("list_resource_schemas", JAR)
    config = kitchen.config(block)
    succeeded(
        kitchen.ValidateListResourceConfig(pb.ValidateListResourceConfig.Request(type_name=JAR, config=config))
    )
    request = pb.ListResource.Request(type_name=JAR, config=config, limit=1, include_resource_object=True)
    (event,) = kitchen.ListResource(request)
    assert event.display_name == "jar of plum"
    assert driver.unpack(event.identity.identity_data)["name"] == "plum"
    assert driver.unpack(event.resource_object)["name"] == "plum"


def test_an_action_tells_its_progress_and_ends(kitchen):
    block = kitchen.provider.schema.action_schemas["kitchen_bell"].schema.block
    config = kitchen.config(block, guest="Ada", times=2)
    succeeded(
        kitchen.ValidateActionConfig(pb.ValidateActionConfig.Request(type_name="kitchen_bell", config=config))
    )
    succeeded(kitchen.PlanAction(pb.PlanAction.Request(action_type="kitchen_bell", config=config)))
    events = kitchen.InvokeAction(pb.InvokeAction.Request(action_type="kitchen_bell", config=config))
    assert [event.progress.message for event in events[:-1]] == [
        "ringing for Ada, 1 of 2",
        "ringing for Ada, 2 of 2",
    ]
    assert events[-1].WhichOneof("type") == "completed"
    succeeded(events[-1].completed)
