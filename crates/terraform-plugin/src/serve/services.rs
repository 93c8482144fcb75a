//! go-plugin's services beside the provider's own: they hold the connection, and end it.

use std::pin::Pin;

use futures_util::{Stream, StreamExt, stream};
use tonic::{Request, Response, Status, Streaming};
use tonic_health::{
    ServingStatus,
    pb::health_server::{Health, HealthServer},
    server::health_reporter,
};

use super::lifetime::{Lifetime, Stop};
use crate::wire::plugin::{
    ConnInfo, Empty, StdioData, grpc_broker_server::GrpcBroker, grpc_controller_server::GrpcController,
    grpc_stdio_server::GrpcStdio,
};

/// A stream of answers, each of which may still fail.
type Answers<T> = Pin<Box<dyn Stream<Item = Result<T, Status>> + Send>>;

/// A stream that says nothing and ends when the process stops. Hosts keep such streams open for as long as
/// they use the provider; one that never ended would hold up the graceful end of the connection.
fn silence<T: Send + 'static>(lifetime: &Lifetime) -> Answers<T> {
    Box::pin(stream::pending().take_until(lifetime.stopping().clone().cancelled_owned()))
}

/// Ends the process when the host asks.
pub(super) struct Controller {
    lifetime: Lifetime,
}

impl Controller {
    pub(super) fn new(lifetime: Lifetime) -> Self {
        Self { lifetime }
    }
}

#[tonic::async_trait]
impl GrpcController for Controller {
    /// Answers, then stops: the server stops gracefully, and with it goes this answer.
    async fn shutdown(&self, _: Request<Empty>) -> Result<Response<Empty>, Status> {
        self.lifetime.stop(Stop::Shutdown);
        Ok(Response::new(Empty {}))
    }
}

/// Would carry what the provider prints. It prints nothing, and its logs go to the real stderr, which hosts
/// read.
pub(super) struct Stdio {
    lifetime: Lifetime,
}

impl Stdio {
    pub(super) fn new(lifetime: Lifetime) -> Self {
        Self { lifetime }
    }
}

#[tonic::async_trait]
impl GrpcStdio for Stdio {
    type StreamStdioStream = Answers<StdioData>;

    async fn stream_stdio(&self, _: Request<()>) -> Result<Response<Self::StreamStdioStream>, Status> {
        Ok(Response::new(silence(&self.lifetime)))
    }
}

/// Would announce further connections. Providers make none, and Terraform asks for none.
pub(super) struct Broker {
    lifetime: Lifetime,
}

impl Broker {
    pub(super) fn new(lifetime: Lifetime) -> Self {
        Self { lifetime }
    }
}

#[tonic::async_trait]
impl GrpcBroker for Broker {
    type StartStreamStream = Answers<ConnInfo>;

    async fn start_stream(
        &self,
        _: Request<Streaming<ConnInfo>>,
    ) -> Result<Response<Self::StartStreamStream>, Status> {
        Ok(Response::new(silence(&self.lifetime)))
    }
}

/// The service name that go-plugin's hosts check.
const HEALTH_OF: &str = "plugin";

/// Serving, as `plugin` and as a whole (the empty name), until the process stops. Watchers' streams end then.
pub(super) async fn health(lifetime: &Lifetime) -> HealthServer<impl Health> {
    let (mut reporter, server) = health_reporter();
    reporter
        .set_service_status(HEALTH_OF, ServingStatus::Serving)
        .await;
    let stopping = lifetime.stopping().clone();
    tokio::spawn(async move {
        stopping.cancelled().await;
        for service in [HEALTH_OF, ""] {
            reporter.clear_service_status(service).await;
        }
    });
    server
}
