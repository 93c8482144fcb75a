//! The listener: which service a request is for, who sent it, what faults apply, and the answer.

mod bodies;
mod caller;
mod incoming;
mod request;
mod unserved;

use std::io;
use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use bytes::Bytes;
use http::{Request, Response, header};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

use crate::control;
use crate::core::calls::Call;
use crate::core::error::ApiError;
use crate::core::faults::{Cut, Endless};
use crate::shared::Shared;
use crate::wire::model::Model;
use crate::wire::response;
use crate::wire::sigv4::Authorization;
use bodies::{Hangup, Outgoing, endless, truncated, whole};
use caller::{authenticate, nobody};
use request::{Services, header_text, not_served, parse, service_of, unsigned};

/// The most that a request's head may weigh, in bytes; a longer one gets 431.
const MOST_HEAD_BYTES: usize = 64 << 10;

/// The most connections at once; one more is closed.
const MOST_CONNECTIONS: usize = 1024;

/// How long a connection may be silent between requests, and a request take to come in.
const PATIENCE: Duration = Duration::from_secs(60);

/// The longest name that the record keeps of what a request asks for, in bytes.
const LONGEST_NAME: usize = 256;

/// Accepts connections until the future is dropped.
pub(crate) async fn run(listener: TcpListener, shared: Arc<Shared>, services: Services) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => {
                // What fails here is one connection's, or a shortage of descriptors that passes.
                let Ok((stream, _)) = accepted else { continue };
                // Small answers must not wait for the client's acknowledgement of the head.
                if connections.len() >= MOST_CONNECTIONS || stream.set_nodelay(true).is_err() {
                    continue;
                }
                connections.spawn(admit(stream, Arc::clone(&shared), services));
            }
            Some(_) = connections.join_next() => {}
        }
    }
}

pub(crate) async fn bind(port: u16) -> io::Result<TcpListener> {
    let bound = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await;
    bound.map_err(|error| io::Error::new(error.kind(), format!("the port {port} cannot be served: {error}")))
}

/// Serves a connection, unless a fault rule closes it. None closes the control API, which takes rules away.
async fn admit(stream: TcpStream, shared: Arc<Shared>, services: Services) {
    let judged = shared.world().faults.judges_connections();
    let closed = judged && !is_for_control(&stream).await && shared.world().faults.refuses_connection();
    if !closed {
        serve(stream, shared, services).await;
    }
}

/// Whether a connection begins with a request for the control API. What was looked at stays to be read.
async fn is_for_control(stream: &TcpStream) -> bool {
    let mut head = [0; 32];
    let Ok(Ok(seen)) = tokio::time::timeout(PATIENCE, stream.peek(&mut head)).await else {
        return false;
    };
    let head = String::from_utf8_lossy(&head[..seen]);
    let target = head.split([' ', '?']).nth(1);
    target.and_then(control::path).is_some()
}

async fn serve(
    stream: impl AsyncRead + AsyncWrite + Send + Unpin + 'static,
    shared: Arc<Shared>,
    services: Services,
) {
    let service = service_fn(move |request| answer(Arc::clone(&shared), services, request));
    // A client that goes away, or sends what is no HTTP, has no one to be told; a cut is meant to end here
    // too.
    let _ = hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(PATIENCE)
        .max_buf_size(MOST_HEAD_BYTES)
        .serve_connection(TokioIo::new(stream), service)
        .await;
}

async fn answer(
    shared: Arc<Shared>,
    services: Services,
    request: Request<Incoming>,
) -> Result<Response<Outgoing>, Hangup> {
    let (parts, body) = request.into_parts();
    let for_control = control::path(parts.uri.path());
    let body = match tokio::time::timeout(PATIENCE, incoming::whole(body)).await {
        Ok(Ok(Some(body))) => body,
        Ok(Ok(None)) if for_control.is_some() => return Ok(whole(control::too_large())),
        // EventBridge says no more either (boto/boto3#3411).
        Ok(Ok(None)) => return Ok(whole(response(413, None, Bytes::new()))),
        // The chunks are none, or do not come.
        Ok(Err(_)) | Err(_) => return Err(Hangup),
    };
    if let Some(path) = for_control {
        let answer = control::answer(&shared, &parts, path, &body).await;
        shared.persist(false);
        return Ok(whole(answer));
    }
    let authorization = header_text(&parts, header::AUTHORIZATION.as_str()).and_then(Authorization::parse);
    let signed_for = authorization.as_ref().map(|signed| signed.service.as_str());
    if let Some(name) = signed_for.filter(|name| !services.iter().any(|service| service.name() == *name)) {
        let (operation, answer) = unserved::service(&parts, &body, name);
        shared.tell(format_args!("{}", unserved::message(name, &operation)));
        return Ok(whole(answer));
    }
    let unsigned = if authorization.is_none() {
        unsigned(services, &body)
    } else {
        None
    };
    let service = unsigned.unwrap_or_else(|| service_of(services, &parts, authorization.as_ref()));
    let protocol = service.protocol();
    let parsed = parse(service, &parts, &body);
    let (operation, resources) = match &parsed {
        Ok(request) => (request.operation.clone(), request.resources.clone()),
        Err(_) => (String::new(), Vec::new()),
    };
    let began = Instant::now();
    let record = |status: u16, error: Option<&ApiError>| {
        let call = Call {
            service: service.name().to_owned(),
            operation: short(&operation),
            status,
            resource: resources.first().map(|resource| short(resource)),
            error: error.map(|error| error.code.clone()),
        };
        if shared.logs {
            shared.tell(format_args!("{}", call.line(SystemTime::now(), began.elapsed())));
        }
        shared.calls.add(call);
    };

    let caller = if unsigned.is_some() {
        Ok(nobody())
    } else {
        authenticate(&shared, service.surface, &parts, &body, authorization)
    };
    let caller = match caller {
        Ok(caller) => caller,
        Err(error) => {
            record(error.status(), Some(&error));
            return Ok(whole(protocol.encode_error(&error)));
        }
    };
    if let Some(error) = not_served(service, &parsed, &parts) {
        shared.tell(format_args!("{}", error.message));
        record(error.status(), Some(&error));
        return Ok(whole(protocol.encode_error(&error)));
    }
    let asked_for = match &parsed {
        Ok(request) => {
            let has = |member: &str| request.has(member);
            service.surface.actions(&operation, has)
        }
        Err(_) => Vec::new(),
    };
    let (verdict, denied) = {
        let mut world = shared.world();
        let words = world.settings.denial_words;
        let verdict = world
            .faults
            .judge(service.surface, &operation, &resources, &caller.arn);
        let denied = world
            .faults
            .denied(&asked_for, &resources)
            .or_else(|| world.credentials.denied(&caller.access_key, &asked_for));
        (
            verdict,
            denied.map(|action| service.surface.denial(&caller.arn, action, words)),
        )
    };
    if let Some(delay) = verdict.delay {
        tokio::time::sleep(delay).await;
    }
    if let Some((rule, Cut::Before)) = verdict.hold {
        shared.hold(rule).await;
    }
    if verdict.cut == Some(Cut::Before) {
        record(0, None);
        return Err(Hangup);
    }
    let garbled = verdict.reply.as_ref();
    let garbled = garbled.map(|garbled| (garbled.when, garbled.response()));
    let garbled = match garbled {
        // Somebody else answers, and AWS does not hear of it.
        Some((Cut::Before, reply)) => {
            record(reply.status().as_u16(), None);
            return Ok(whole(reply));
        }
        after => after.map(|(_, reply)| reply),
    };
    let endless_pages = verdict.endless == Some(Endless::Pages);
    let outcome = match (verdict.refuse.or(denied), parsed) {
        (Some(error), _) | (None, Err(error)) => Err(error),
        (None, Ok(mut request)) => {
            if endless_pages {
                Model::forget_token(&mut request.input.members);
            }
            service.answer(&shared, &operation, request.input, &caller).await
        }
    };
    if !is_read(&operation) {
        shared.announce();
        // What is answered is kept.
        shared.persist(false);
    }
    let reply = match outcome {
        Ok(reply) => {
            let reply = if endless_pages {
                reply.with_another_page(service.model, &operation)
            } else {
                reply
            };
            let answer = reply.encode(service.model, &operation);
            record(answer.status().as_u16(), None);
            answer
        }
        Err(error) => {
            record(error.status(), Some(&error));
            protocol.encode_error(&error)
        }
    };
    if verdict.cut == Some(Cut::After) {
        return Err(Hangup);
    }
    if let Some((rule, Cut::After)) = verdict.hold {
        shared.hold(rule).await;
    }
    if let Some(garbled) = garbled {
        return Ok(whole(garbled));
    }
    Ok(match (verdict.truncate, verdict.endless) {
        (Some(kept), _) => truncated(reply, kept).await,
        (None, Some(Endless::Body)) => endless(reply).await,
        (None, _) => whole(reply),
    })
}

/// The beginning of a text from outside, as much as the record keeps of it.
fn short(text: &str) -> String {
    text[..text.floor_char_boundary(LONGEST_NAME)].to_owned()
}

/// Whether an operation only looks.
fn is_read(operation: &str) -> bool {
    ["Describe", "Get", "List"]
        .iter()
        .any(|verb| operation.starts_with(verb))
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};

    use super::*;
    use crate::services::SERVICES;
    use crate::{Options, prepare};

    /// The answer to bytes that come one by one, each when the clock says so.
    async fn dripped(request: &[u8], pause: Duration) -> (Vec<u8>, Duration) {
        let mut tasks = JoinSet::new();
        let (_, shared) = prepare(Options::default(), &mut tasks).await.unwrap();
        let (mut client, server) = duplex(64);
        tasks.spawn(serve(server, shared, &SERVICES));
        let began = tokio::time::Instant::now();
        for byte in request {
            if client.write_all(&[*byte]).await.is_err() {
                break;
            }
            tokio::time::sleep(pause).await;
        }
        let mut answer = Vec::new();
        // An end without a word is what is looked for.
        let _ = client.read_to_end(&mut answer).await;
        (answer, began.elapsed())
    }

    #[tokio::test(start_paused = true)]
    async fn a_client_that_takes_too_long_for_its_head_or_body_is_left() {
        let head = b"GET /_local/seed HTTP/1.1\r\nhost: localhost\r\n\r\n";
        let (answer, took) = dripped(head, Duration::from_secs(10)).await;
        assert!(answer.is_empty() && took < PATIENCE * 3, "{took:?}");
        let body = b"POST /_local/settings HTTP/1.1\r\nhost: localhost\r\ncontent-length: 5000\r\n\r\n{";
        let (answer, took) = dripped(body, Duration::from_millis(1)).await;
        assert!(answer.is_empty() && took < PATIENCE * 2, "{took:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn a_client_that_is_slow_but_not_too_slow_is_served() {
        let request = b"GET /_local/seed HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n";
        let (answer, _) = dripped(request, Duration::from_millis(500)).await;
        assert!(answer.starts_with(b"HTTP/1.1 200"));
    }
}
