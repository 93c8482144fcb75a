"""State stores, which this framework does not offer: each call says so, and none is a gRPC status."""

from conftest import failed
from pyvider.protocols.tfprotov6.protobuf import tfplugin6_pb2 as pb


def test_every_call_says_that_it_is_not_supported(kitchen):
    for rpc, request in [
        ("ValidateStateStoreConfig", pb.ValidateStateStore.Request()),
        ("ConfigureStateStore", pb.ConfigureStateStore.Request()),
        ("LockState", pb.LockState.Request()),
        ("UnlockState", pb.UnlockState.Request()),
        ("GetStates", pb.GetStates.Request()),
        ("DeleteState", pb.DeleteState.Request()),
    ]:
        failed(getattr(kitchen, rpc)(request), "not supported")
    (chunk,) = kitchen.ReadStateBytes(pb.ReadStateBytes.Request())
    failed(chunk, "not supported")
    failed(kitchen.WriteStateBytes(iter([pb.WriteStateBytes.RequestChunk()])), "not supported")
