//! The seeded servers on the wire: a TLS listener on loopback, the log of what reached it, and the client that
//! reaches it.

mod requests;
mod tls;
mod upstream;

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, ServerConfig};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio_rustls::{TlsAcceptor, TlsConnector};

use crate::core::clock::Clock;
use crate::seed::servers::{Asked, Servers};
use requests::Requests;

pub use requests::ApiRequest;

/// The most that a request or an answer may weigh, in bytes.
const MOST_BYTES: usize = 1 << 20;

/// The servers' address, and what a client needs to trust them.
#[derive(Clone)]
pub(crate) struct PrivateApi {
    address: SocketAddr,
    client: Arc<ClientConfig>,
    log: Arc<Requests>,
}

/// What each connection of the listener needs.
#[derive(Clone)]
struct Serving {
    servers: Arc<Servers>,
    clock: Arc<Clock>,
    log: Arc<Requests>,
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
        self.log.all()
    }

    /// Puts a request on the record that a fault rule answered in the server's place.
    pub(crate) fn note<B>(&self, request: &Request<B>, status: StatusCode) {
        self.log.add(request, b"", status);
    }

    pub(crate) fn clear(&self) {
        self.log.clear();
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
    let target = parts.uri.path_and_query();
    let answered = serving.servers.answer(&Asked {
        method: &parts.method,
        target: target.map(http::uri::PathAndQuery::as_str).unwrap_or_default(),
        headers: &parts.headers,
        body: &body,
        now: serving.clock.now(),
    });
    let request = Request::from_parts(parts, ());
    if let Some(to) = &answered.upstream {
        let (method, headers) = (request.method(), request.headers());
        let response = upstream::forward(&to.authority, method, &to.target, headers, body.clone()).await;
        serving.log.add(&request, &body, response.status());
        return Ok(response);
    }
    let status = StatusCode::from_u16(answered.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    if !answered.delay.is_zero() {
        tokio::time::sleep(answered.delay).await;
    }
    serving.log.add(&request, &body, status);
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
