//! The seeded servers on the wire: a TLS listener on loopback, the log of what reached it, and the client that
//! reaches it.

pub(crate) mod servers;
mod tls;

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use http::{HeaderMap, Method, Request, Response, StatusCode, Uri};
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, ServerConfig};
use serde::Serialize;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio_rustls::{TlsAcceptor, TlsConnector};

use crate::clock::Clock;
use servers::{Asked, Servers};

/// The most that a request or an answer may weigh, in bytes.
const MOST_BYTES: usize = 1 << 20;

/// The most requests that are remembered; older ones are forgotten.
const MOST_REQUESTS: usize = 10_000;

/// One request that reached the private API.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ApiRequest {
    /// The HTTP method.
    pub method: String,
    /// The `Host` header.
    pub host: String,
    /// The path, stage included, with the query.
    pub path: String,
    /// The `User-Agent` header.
    pub user_agent: String,
    /// The names of the other headers, lower case, sorted. Values are left out, since some are secrets.
    pub headers: Vec<String>,
    /// The status that it was answered with.
    pub status: u16,
}

/// The servers' address, and what a client needs to trust them.
#[derive(Clone)]
pub(crate) struct PrivateApi {
    address: SocketAddr,
    client: Arc<ClientConfig>,
    log: Arc<Mutex<Vec<ApiRequest>>>,
}

/// What each connection of the listener needs.
#[derive(Clone)]
struct Serving {
    servers: Arc<Servers>,
    clock: Arc<Clock>,
    log: Arc<Mutex<Vec<ApiRequest>>>,
}

impl PrivateApi {
    /// Binds a loopback port and serves there until the set is dropped.
    pub(crate) async fn start(
        servers: Arc<Servers>,
        clock: Arc<Clock>,
        tasks: &mut JoinSet<()>,
    ) -> io::Result<Self> {
        let (server, client) = tls::configurations(servers.names()).map_err(io::Error::other)?;
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let api = Self {
            address: listener.local_addr()?,
            client: Arc::new(client),
            log: Arc::default(),
        };
        let serving = Serving {
            servers,
            clock,
            log: Arc::clone(&api.log),
        };
        tasks.spawn(run(listener, server, serving));
        Ok(api)
    }

    pub(crate) fn requests(&self) -> Vec<ApiRequest> {
        self.log.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Puts a request on the record that a fault rule answered in the server's place.
    pub(crate) fn note<B>(&self, request: &Request<B>, status: StatusCode) {
        let logged = logged(request.method(), request.uri(), request.headers(), status);
        self.log
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(logged);
    }

    pub(crate) fn clear(&self) {
        self.log.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// Sends one request, by TLS for the host that it names. A certificate of another name is an error, as it
    /// would be with AWS.
    pub(crate) async fn call(
        &self,
        host: &str,
        request: Request<Full<Bytes>>,
    ) -> io::Result<(http::response::Parts, Bytes)> {
        let stream = TcpStream::connect(self.address).await?;
        let name = ServerName::try_from(host.to_owned()).map_err(io::Error::other)?;
        let stream = TlsConnector::from(Arc::clone(&self.client))
            .connect(name, stream)
            .await?;
        let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream))
            .await
            .map_err(io::Error::other)?;
        let exchange = async {
            let response = sender.send_request(request).await.map_err(io::Error::other)?;
            let (parts, body) = response.into_parts();
            let body = Limited::new(body, MOST_BYTES)
                .collect()
                .await
                .map_err(io::Error::other)?;
            io::Result::Ok((parts, body.to_bytes()))
        };
        tokio::pin!(exchange);
        tokio::select! {
            answer = &mut exchange => answer,
            // The connection ends by itself only when the other side closes it; what was read by then still
            // counts.
            _ = connection => exchange.await,
        }
    }
}

async fn run(listener: TcpListener, server: ServerConfig, serving: Serving) {
    let acceptor = TlsAcceptor::from(Arc::new(server));
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => {
                let Ok((stream, _)) = accepted else { continue };
                connections.spawn(serve(stream, acceptor.clone(), serving.clone()));
            }
            Some(_) = connections.join_next() => {}
        }
    }
}

/// Ends the connection: the request's body broke off or is too large.
#[derive(Debug, thiserror::Error)]
#[error("the request's body could not be read")]
struct Unreadable;

async fn serve(stream: TcpStream, acceptor: TlsAcceptor, serving: Serving) {
    // Who does not speak TLS is not served.
    let Ok(stream) = acceptor.accept(stream).await else {
        return;
    };
    let service = service_fn(move |request: Request<Incoming>| answer(serving.clone(), request));
    // A client that goes away in the middle of a request has no one to be told.
    let _ = hyper::server::conn::http1::Builder::new()
        .serve_connection(TokioIo::new(stream), service)
        .await;
}

async fn answer(serving: Serving, request: Request<Incoming>) -> Result<Response<Full<Bytes>>, Unreadable> {
    let (parts, body) = request.into_parts();
    let Ok(body) = Limited::new(body, MOST_BYTES).collect().await else {
        return Err(Unreadable);
    };
    let body = body.to_bytes();
    let answered = serving.servers.answer(&Asked {
        method: &parts.method,
        target: parts
            .uri
            .path_and_query()
            .map(http::uri::PathAndQuery::as_str)
            .unwrap_or_default(),
        headers: &parts.headers,
        body: &body,
        now: serving.clock.now(),
    });
    let status = StatusCode::from_u16(answered.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    if !answered.delay.is_zero() {
        tokio::time::sleep(answered.delay).await;
    }
    record(
        &serving.log,
        logged(&parts.method, &parts.uri, &parts.headers, status),
    );
    let mut response = Response::new(Full::new(Bytes::from(answered.body)));
    *response.status_mut() = status;
    for (name, value) in answered.headers {
        // The document's check has seen to it that both are right.
        if let (Ok(name), Ok(value)) = (name.parse::<http::HeaderName>(), value.parse()) {
            response.headers_mut().insert(name, value);
        }
    }
    Ok(response)
}

fn header_text<'h>(headers: &'h HeaderMap, name: &str) -> &'h str {
    headers
        .get(name)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default()
}

fn record(log: &Mutex<Vec<ApiRequest>>, request: ApiRequest) {
    let mut log = log.lock().unwrap_or_else(PoisonError::into_inner);
    if log.len() >= MOST_REQUESTS {
        log.drain(..MOST_REQUESTS / 10);
    }
    log.push(request);
}

fn logged(method: &Method, uri: &Uri, headers: &HeaderMap, status: StatusCode) -> ApiRequest {
    let mut names: Vec<String> = headers.keys().map(|name| name.as_str().to_owned()).collect();
    names.retain(|name| name != "host" && name != "user-agent");
    names.sort();
    ApiRequest {
        method: method.to_string(),
        host: header_text(headers, "host").to_owned(),
        path: uri.path_and_query().map(ToString::to_string).unwrap_or_default(),
        user_agent: header_text(headers, "user-agent").to_owned(),
        headers: names,
        status: status.as_u16(),
    }
}
