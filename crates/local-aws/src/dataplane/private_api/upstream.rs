//! A server of the user's own behind a route: requests go to it over loopback, and its answers come back.

use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, Method, Request, Response, StatusCode, header};
use http_body_util::{BodyExt, Full, Limited};
use hyper_util::rt::TokioIo;
use serde_json::json;
use tokio::net::TcpStream;

use super::MOST_BYTES;

/// What API Gateway waits for an integration.
const PATIENCE: Duration = Duration::from_secs(29);

/// Sends a request on; what goes wrong is an answer of API Gateway's.
pub(super) async fn forward(
    authority: &str,
    method: &Method,
    target: &str,
    headers: &HeaderMap,
    body: Bytes,
) -> Response<Full<Bytes>> {
    let exchange = exchange(authority, method, target, headers, body);
    match tokio::time::timeout(PATIENCE, exchange).await {
        Ok(Some(response)) => response,
        Ok(None) => failed(StatusCode::BAD_GATEWAY, "Internal server error"),
        Err(_) => failed(StatusCode::GATEWAY_TIMEOUT, "Endpoint request timed out"),
    }
}

fn failed(status: StatusCode, message: &str) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(Bytes::from(json!({ "message": message }).to_string())));
    *response.status_mut() = status;
    let kind = http::HeaderValue::from_static("application/json");
    response.headers_mut().insert(header::CONTENT_TYPE, kind);
    response
}

/// Headers of one connection, which go no further (RFC 9110, 7.6.1), and the length, which is told anew.
fn is_of_the_connection(name: &header::HeaderName) -> bool {
    matches!(
        *name,
        header::CONNECTION
            | header::TRANSFER_ENCODING
            | header::CONTENT_LENGTH
            | header::UPGRADE
            | header::TE
    )
}

async fn exchange(
    authority: &str,
    method: &Method,
    target: &str,
    headers: &HeaderMap,
    body: Bytes,
) -> Option<Response<Full<Bytes>>> {
    let stream = TcpStream::connect(authority).await.ok()?;
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream))
        .await
        .ok()?;
    let mut request = Request::builder().method(method.clone()).uri(target);
    for (name, value) in headers.iter().filter(|(name, _)| !is_of_the_connection(name)) {
        request = request.header(name, value);
    }
    let request = request.body(Full::new(body)).ok()?;
    let answered = async {
        let (mut parts, body) = sender.send_request(request).await.ok()?.into_parts();
        let body = Limited::new(body, MOST_BYTES).collect().await.ok()?.to_bytes();
        let lost: Vec<_> = parts
            .headers
            .keys()
            .filter(|name| is_of_the_connection(name))
            .cloned()
            .collect();
        for name in lost {
            parts.headers.remove(name);
        }
        Some(Response::from_parts(parts, Full::new(body)))
    };
    tokio::pin!(answered);
    tokio::select! {
        answer = &mut answered => answer,
        // The other side may close first; what was read by then still counts.
        _ = connection => answered.await,
    }
}
