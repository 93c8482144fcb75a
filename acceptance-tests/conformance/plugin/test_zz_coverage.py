"""Runs last: every RPC that the client has was called."""

from conftest import ALL_RPCS, called
from pyvider.protocols.tfprotov6.protobuf import tfplugin6_pb2 as pb


def test_every_rpc_was_called(kitchen):
    assert kitchen.StopProvider(pb.StopProvider.Request()).Error == ""
    assert ALL_RPCS - called == set()
