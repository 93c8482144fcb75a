//! The gRPC server on established connections.

use std::{
    convert::Infallible,
    sync::Arc,
    task::{Context, Poll},
};

use futures_util::{StreamExt, future::BoxFuture};
use http::{Request, Response};
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tokio_util::task::TaskTracker;
use tonic::{Status, body::Body, server::NamedService, transport::Server};
use tower::Service;

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
pub(crate) const MAX_MESSAGE: usize = 256 << 20;

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
        .add_service(Outliving {
            inner: provider,
            calls: lifetime.calls().clone(),
        })
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

/// Runs each call as a task of its own, so that it ends when its handler does.
///
/// hyper drops a call's future when the connection is lost or the client cancels. A handler may then be
/// between a change and its record; so it goes on, and the lifetime knows of it.
#[derive(Clone)]
struct Outliving<S> {
    inner: S,
    calls: TaskTracker,
}

impl<S: NamedService> NamedService for Outliving<S> {
    const NAME: &'static str = S::NAME;
}

impl<S> Service<Request<Body>> for Outliving<S>
where
    S: Service<Request<Body>, Response = Response<Body>, Error = Infallible>,
    S::Future: Send + 'static,
{
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = BoxFuture<'static, Result<Response<Body>, Infallible>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        let call = self.calls.spawn(self.inner.call(request));
        Box::pin(async move {
            call.await.unwrap_or_else(|_| {
                // The panic's own words went to stderr, as the crash report.
                Ok(Status::internal("the provider crashed in this call").into_http())
            })
        })
    }
}
