//! The gRPC server on established connections.

use std::{convert::Infallible, sync::Arc};

use futures_util::StreamExt;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tonic::transport::Server;

use super::{
    connection::Connection,
    lifetime::Lifetime,
    services::{Broker, Controller, Stdio, health},
};
use crate::wire::{
    plugin::{
        grpc_broker_server::GrpcBrokerServer, grpc_controller_server::GrpcControllerServer,
        grpc_stdio_server::GrpcStdioServer,
    },
    tfplugin6::provider_server::{Provider, ProviderServer},
};

/// The size, in bytes, that a message may have either way, as in HashiCorp's own servers
/// (terraform-plugin-go). tonic would take 4 MiB, which a large configuration exceeds.
const MAX_MESSAGE: usize = 256 << 20;

/// Serves each connection that comes, and on each all services, until the lifetime ends and the connections
/// close.
pub(super) async fn serve<S: Provider>(
    connections: mpsc::Receiver<Connection>,
    provider: Arc<S>,
    lifetime: Lifetime,
) -> Result<(), tonic::transport::Error> {
    let provider = ProviderServer::from_arc(provider)
        .max_decoding_message_size(MAX_MESSAGE)
        .max_encoding_message_size(MAX_MESSAGE);
    let stopping = lifetime.stopping().clone();
    Server::builder()
        .add_service(provider)
        .add_service(GrpcControllerServer::new(Controller::new(lifetime.clone())))
        .add_service(GrpcStdioServer::new(Stdio::new(lifetime.clone())))
        .add_service(GrpcBrokerServer::new(Broker::new(lifetime.clone())))
        .add_service(health(&lifetime).await)
        .serve_with_incoming_shutdown(
            ReceiverStream::new(connections).map(Ok::<_, Infallible>),
            stopping.cancelled_owned(),
        )
        .await
}
