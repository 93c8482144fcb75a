"""The kitchen provider, driven by tofusoup's client: handshake, TLS and calls are not ours."""

import asyncio
import os

import pytest
from pyvider.protocols.tfprotov6.protobuf import tfplugin6_pb2 as pb
from tofusoup.tfplugin import driver

ALL_RPCS = {method.name for method in pb.DESCRIPTOR.services_by_name["Provider"].methods}
called = set()


class Kitchen:
    """A running provider. Each RPC is a method; what was called is noted."""

    def __init__(self, loop, provider):
        self.loop = loop
        self.provider = provider

    def __getattr__(self, rpc):
        called.add(rpc)
        method = getattr(self.provider.stub, rpc)
        return lambda request: self.loop.run_until_complete(self._answer(method, request))

    async def _answer(self, method, request):
        answer = method(request)
        if hasattr(answer, "__aiter__") and not hasattr(answer, "__await__"):
            return [event async for event in answer]
        return await answer

    def schema_of(self, kind, name):
        return getattr(self.provider.schema, kind)[name].block

    def config(self, schema, **values):
        """A block's value with null where nothing is given, as core sends it."""
        return driver.pack(complete(schema, values))


def complete(schema, values):
    names = {attribute.name for attribute in schema.attributes} | {block.type_name for block in schema.block_types}
    unknown = set(values) - names
    assert not unknown, f"the schema has no {unknown}"
    lists = {pb.Schema.NestedBlock.LIST, pb.Schema.NestedBlock.SET}
    whole = {attribute.name: None for attribute in schema.attributes}
    for block in schema.block_types:
        if block.nesting in lists:
            whole[block.type_name] = []
        elif block.nesting == pb.Schema.NestedBlock.MAP:
            whole[block.type_name] = {}
        elif block.nesting == pb.Schema.NestedBlock.GROUP:
            whole[block.type_name] = complete(block.block, {})
        else:
            whole[block.type_name] = None
    whole.update(values)
    # Attributes of an object travel in the order of their names.
    return dict(sorted(whole.items()))


@pytest.fixture(scope="session")
def kitchen(tmp_path_factory):
    loop = asyncio.new_event_loop()
    folder = tmp_path_factory.mktemp("kitchen")

    async def start():
        provider = await driver.start_provider(os.environ["KITCHEN_BIN"], env=driver.base_env())
        provider.schema = await provider.stub.GetProviderSchema(pb.GetProviderSchema.Request())
        called.add("GetProviderSchema")
        assert not driver.errors(provider.schema.diagnostics), driver.diagnostic_text(provider.schema.diagnostics)
        return provider

    provider = loop.run_until_complete(start())
    kitchen = Kitchen(loop, provider)
    config = kitchen.config(provider.schema.provider.block, folder=str(folder))
    succeeded(kitchen.ValidateProviderConfig(pb.ValidateProviderConfig.Request(config=config)))
    capabilities = pb.ClientCapabilities(write_only_attributes_allowed=True, deferral_allowed=True)
    succeeded(
        kitchen.ConfigureProvider(
            pb.ConfigureProvider.Request(
                terraform_version="1.16.0", config=config, client_capabilities=capabilities
            )
        )
    )
    yield kitchen
    succeeded_stop = kitchen.StopProvider(pb.StopProvider.Request())
    assert succeeded_stop.Error == ""
    loop.run_until_complete(provider.stop())
    loop.close()


def succeeded(response):
    """The response itself, which has no errors."""
    assert not driver.errors(response.diagnostics), driver.diagnostic_text(response.diagnostics)
    return response


def failed(response, *words):
    """The response itself, whose errors say these words."""
    text = driver.diagnostic_text(driver.errors(response.diagnostics))
    assert text, "there is no error"
    for word in words:
        assert word in text, f"{word!r} is not in {text}"
    return response
