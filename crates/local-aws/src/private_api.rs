//! The private API: a TLS server on loopback that knows its callers by key or password, and the client that
//! reaches it.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Request, Response, StatusCode, header};
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer, ServerName};
use rustls::{ClientConfig, RootCertStore, ServerConfig};
use serde::Serialize;
use serde_json::{Value, json};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio_rustls::{TlsAcceptor, TlsConnector};

use crate::seed::{Origin, STAGE};

/// The user whose password is the API key.
const USER: &str = "orders";

/// The most that a request or an answer may weigh, in bytes.
const MOST_BYTES: usize = 1 << 20;

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

/// The API's address, and what a client needs to trust it.
#[derive(Clone)]
pub(crate) struct PrivateApi {
    address: SocketAddr,
    client: Arc<ClientConfig>,
    log: Arc<Mutex<Vec<ApiRequest>>>,
}

/// What the API wants to see.
struct Expected {
    api_id: String,
    key: String,
}

impl PrivateApi {
    /// Binds a loopback port and serves there until the set is dropped.
    pub(crate) async fn start(origin: &Origin, tasks: &mut JoinSet<()>) -> io::Result<Self> {
        let (server, client) = tls(&origin.region).map_err(io::Error::other)?;
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let api = Self {
            address: listener.local_addr()?,
            client: Arc::new(client),
            log: Arc::default(),
        };
        let expected = Arc::new(Expected {
            api_id: origin.api_id.clone(),
            key: origin.api_key.clone(),
        });
        let (acceptor, log) = (TlsAcceptor::from(Arc::new(server)), Arc::clone(&api.log));
        tasks.spawn(async move {
            let mut connections = JoinSet::new();
            loop {
                tokio::select! {
                    accepted = listener.accept() => {
                        let Ok((stream, _)) = accepted else { continue };
                        connections.spawn(serve(stream, acceptor.clone(), Arc::clone(&expected), Arc::clone(&log)));
                    }
                    Some(_) = connections.join_next() => {}
                }
            }
        });
        Ok(api)
    }

    pub(crate) fn requests(&self) -> Vec<ApiRequest> {
        self.log.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(crate) fn clear(&self) {
        self.log.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// Sends one request, by TLS for the host that it names.
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

/// A certificate authority of its own, a server certificate for the API's names, and a client that trusts it
/// alone.
fn tls(region: &str) -> Result<(ServerConfig, ClientConfig), Box<dyn std::error::Error + Send + Sync>> {
    let mut authority = CertificateParams::new(Vec::new())?;
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = CertifiedIssuer::self_signed(authority, KeyPair::generate()?)?;
    let key = KeyPair::generate()?;
    let names = vec![
        format!("*.execute-api.{region}.amazonaws.com"),
        format!("*.execute-api.{region}.vpce.amazonaws.com"),
    ];
    let certificate = CertificateParams::new(names)?.signed_by(&key, &authority)?;
    let provider = Arc::new(aws_lc_rs::default_provider());
    let server = ServerConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(
            vec![certificate.der().clone()],
            PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der())),
        )?;
    let mut roots = RootCertStore::empty();
    roots.add(authority.der().clone())?;
    let client = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok((server, client))
}

/// Ends the connection: the request's body broke off or is too large.
#[derive(Debug, thiserror::Error)]
#[error("the request's body could not be read")]
struct Unreadable;

async fn serve(
    stream: TcpStream,
    acceptor: TlsAcceptor,
    expected: Arc<Expected>,
    log: Arc<Mutex<Vec<ApiRequest>>>,
) {
    // Who does not speak TLS is not served.
    let Ok(stream) = acceptor.accept(stream).await else {
        return;
    };
    let service = service_fn(move |request: Request<Incoming>| {
        let (expected, log) = (Arc::clone(&expected), Arc::clone(&log));
        async move {
            let (parts, body) = request.into_parts();
            let Ok(body) = Limited::new(body, MOST_BYTES).collect().await else {
                return Err(Unreadable);
            };
            let (status, answer) = answer(&expected, &parts, &body.to_bytes());
            log.lock()
                .unwrap_or_else(PoisonError::into_inner)
                .push(logged(&parts, status));
            let mut response = Response::new(Full::new(Bytes::from(answer.to_string())));
            *response.status_mut() = status;
            response
                .headers_mut()
                .insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
            Ok(response)
        }
    });
    // A client that goes away in the middle of a request has no one to be told.
    let _ = hyper::server::conn::http1::Builder::new()
        .serve_connection(TokioIo::new(stream), service)
        .await;
}

fn answer(expected: &Expected, request: &http::request::Parts, body: &[u8]) -> (StatusCode, Value) {
    let text = |name: &str| header_text(&request.headers, name);
    let named = text("host").starts_with(&expected.api_id) || text("x-apigw-api-id") == expected.api_id;
    if !named {
        return (StatusCode::FORBIDDEN, json!({ "message": "Forbidden" }));
    }
    let resource = request.uri.path().strip_prefix(&format!("/{STAGE}"));
    match resource {
        Some("/health") => (StatusCode::OK, json!({ "status": "ok" })),
        Some("/orders") if !authorized(expected, &request.headers) => {
            (StatusCode::UNAUTHORIZED, json!({ "message": "Unauthorized" }))
        }
        Some("/orders") => {
            let received: Value = serde_json::from_slice(body).unwrap_or(Value::Null);
            let orders = json!([{ "id": "1001", "item": "keyboard" }, { "id": "1002", "item": "monitor" }]);
            (
                StatusCode::OK,
                json!({ "method": request.method.as_str(), "received": received, "orders": orders }),
            )
        }
        // What API Gateway answers for a resource that it does not have.
        _ => (
            StatusCode::FORBIDDEN,
            json!({ "message": "Missing Authentication Token" }),
        ),
    }
}

fn authorized(expected: &Expected, headers: &HeaderMap) -> bool {
    let basic = format!(
        "Basic {}",
        BASE64_STANDARD.encode(format!("{USER}:{}", expected.key))
    );
    header_text(headers, "x-api-key") == expected.key || header_text(headers, "authorization") == basic
}

fn header_text<'h>(headers: &'h HeaderMap, name: &str) -> &'h str {
    headers
        .get(name)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default()
}

fn logged(request: &http::request::Parts, status: StatusCode) -> ApiRequest {
    let mut names: Vec<String> = request
        .headers
        .keys()
        .map(|name| name.as_str().to_owned())
        .collect();
    names.retain(|name| name != "host" && name != "user-agent");
    names.sort();
    ApiRequest {
        method: request.method.to_string(),
        host: header_text(&request.headers, "host").to_owned(),
        path: request
            .uri
            .path_and_query()
            .map(ToString::to_string)
            .unwrap_or_default(),
        user_agent: header_text(&request.headers, "user-agent").to_owned(),
        headers: names,
        status: status.as_u16(),
    }
}
