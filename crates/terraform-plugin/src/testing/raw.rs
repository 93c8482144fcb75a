//! Calls as bytes, the way a host's arrive: for fuzzing a provider, and for replaying what was recorded.

use std::sync::Arc;

use bytes::{BufMut, Bytes, BytesMut};
use http::{HeaderMap, Request};
use http_body_util::{BodyExt, Full};
use tonic::{Status, body::Body};
use tower::Service as _;

use super::Host;
use crate::{serve::MAX_MESSAGE, wire::tfplugin6::provider_server::ProviderServer};

/// All RPCs of the service `tfplugin6.Provider` by their names on the wire, in the protocol's order. Without those
/// of later protocols, and without what go-plugin adds to a process.
pub const METHODS: [&str; 36] = [
    "GetMetadata",
    "GetProviderSchema",
    "ValidateProviderConfig",
    "ValidateResourceConfig",
    "ValidateDataResourceConfig",
    "UpgradeResourceState",
    "GetResourceIdentitySchemas",
    "UpgradeResourceIdentity",
    "ConfigureProvider",
    "ReadResource",
    "PlanResourceChange",
    "ApplyResourceChange",
    "ImportResourceState",
    "MoveResourceState",
    "ReadDataSource",
    "GenerateResourceConfig",
    "ValidateEphemeralResourceConfig",
    "OpenEphemeralResource",
    "RenewEphemeralResource",
    "CloseEphemeralResource",
    "ListResource",
    "ValidateListResourceConfig",
    "GetFunctions",
    "CallFunction",
    "ValidateStateStoreConfig",
    "ConfigureStateStore",
    "ReadStateBytes",
    "WriteStateBytes",
    "LockState",
    "UnlockState",
    "GetStates",
    "DeleteState",
    "PlanAction",
    "InvokeAction",
    "ValidateActionConfig",
    "StopProvider",
];

/// What comes before each message: whether it is compressed (1 byte), and its length (4 bytes).
const PREFIX: usize = 5;

/// A call that was answered with a gRPC status instead of a message.
///
/// The framework says in a response's diagnostics what it has to say; a status means that no handler was reached: no
/// such method (12, UNIMPLEMENTED), a message that is none (13, INTERNAL) or is too large (11, OUT_OF_RANGE).
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("gRPC status {code}: {message}")]
pub struct Refused {
    code: i32,
    message: String,
}

impl Refused {
    /// gRPC's code, which is never 0.
    pub fn code(&self) -> i32 {
        self.code
    }

    /// The reason in words.
    pub fn message(&self) -> &str {
        &self.message
    }
}

fn refused(status: Status) -> Refused {
    Refused {
        code: status.code().into(),
        message: status.message().to_owned(),
    }
}

impl Host {
    /// Calls an RPC by its name on the wire (one of [`METHODS`]) with a request as bytes, and returns the response's
    /// messages as bytes: one, or as many as a stream has. Of RPCs that take a stream, this sends one message.
    ///
    /// The bytes pass through the same decoding, limits and encoding as in a served process; there is no socket.
    /// None of core's checks is made on the answer.
    ///
    /// ```no_run
    /// # use terraform_plugin::{Provider, testing::{Host, METHODS}};
    /// # async fn fuzz(provider: impl Provider, input: &[u8]) {
    /// let host = Host::new(provider);
    /// // The first byte chooses the method, the rest is the message.
    /// if let Some((choice, message)) = input.split_first() {
    ///     let method = METHODS[usize::from(*choice) % METHODS.len()];
    ///     if let Ok(answers) = host.raw(method, message).await {
    ///         let text = String::from_utf8_lossy(&answers.concat()).into_owned();
    ///         assert!(!text.contains("The provider crashed"), "{method}: {text}");
    ///     }
    /// }
    /// # }
    /// ```
    ///
    /// # Errors
    /// The call is answered with a gRPC status.
    pub async fn raw(&self, method: &str, message: &[u8]) -> Result<Vec<Vec<u8>>, Refused> {
        let request = Request::post(format!("/tfplugin6.Provider/{method}"))
            .header("content-type", "application/grpc")
            .header("te", "trailers")
            .body(Body::new(Full::new(framed(message).map_err(refused)?)))
            .map_err(|err| refused(Status::invalid_argument(err.to_string())))?;
        let mut server = ProviderServer::from_arc(Arc::clone(&self.service))
            .max_decoding_message_size(MAX_MESSAGE)
            .max_encoding_message_size(MAX_MESSAGE);
        let Ok(response) = server.call(request).await;
        let (head, body) = response.into_parts();
        // A status without messages stands in the headers.
        succeeded(&head.headers)?;
        let body = body.collect().await.map_err(refused)?;
        if let Some(trailers) = body.trailers() {
            succeeded(trailers)?;
        }
        messages(body.to_bytes())
    }
}

fn framed(message: &[u8]) -> Result<Bytes, Status> {
    let length =
        u32::try_from(message.len()).map_err(|_| Status::out_of_range("longer than gRPC can say"))?;
    let mut frame = BytesMut::with_capacity(PREFIX + message.len());
    frame.put_u8(0);
    frame.put_u32(length);
    frame.put_slice(message);
    Ok(frame.freeze())
}

fn succeeded(headers: &HeaderMap) -> Result<(), Refused> {
    match Status::from_header_map(headers) {
        Some(status) if status.code() != tonic::Code::Ok => Err(refused(status)),
        _ => Ok(()),
    }
}

fn messages(mut body: Bytes) -> Result<Vec<Vec<u8>>, Refused> {
    let mut messages = Vec::new();
    while let Some((&[_, a, b, c, d], rest)) = body.split_first_chunk() {
        let length = usize::try_from(u32::from_be_bytes([a, b, c, d])).unwrap_or(usize::MAX);
        let Some(message) = rest.get(..length) else { break };
        messages.push(message.to_vec());
        body = body.slice(PREFIX + length..);
    }
    if body.is_empty() {
        Ok(messages)
    } else {
        Err(refused(Status::data_loss(
            "the answer ends in the middle of a message",
        )))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_methods_are_those_of_the_protocol() {
        let protocol = include_str!("../../proto/tfplugin6.proto");
        let declared = protocol
            .lines()
            .filter_map(|line| line.trim().strip_prefix("rpc "))
            .filter_map(|line| line.split_once('('))
            .map(|(name, _)| name);
        assert_eq!(declared.collect::<Vec<_>>(), METHODS);
    }

    #[test]
    fn a_stream_is_its_messages_and_a_cut_one_is_an_error() {
        let mut body = framed(b"one").expect("framed").to_vec();
        body.extend(framed(b"").expect("framed"));
        assert_eq!(
            messages(body.clone().into()),
            Ok(vec![b"one".to_vec(), Vec::new()])
        );
        body.pop();
        assert!(messages(body.clone().into()).is_err());
    }
}
