//! What every call has in common: its span, its token, and the one task in which it runs.
//!
//! ```text
//!  request ─▶ task, tracked ─▶ decode, call, check, encode ─▶ answer, or event by event
//!     └ dropped by the host: its token is cancelled, and the task goes on to its safe point
//! ```

use std::{
    future::Future,
    hash::{BuildHasher, Hasher, RandomState},
    panic::AssertUnwindSafe,
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Instant,
};

use futures_util::FutureExt;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tokio_util::sync::CancellationToken;
use tonic::{Request, Response, Status};
use tracing::{Instrument, Span, field::Empty};

use super::{Refused, Rpc, Service, answer::Answer, crashed};
use crate::value::Type;

/// What the log says of a call.
pub(super) struct Named {
    /// The method, `read_resource`.
    pub(super) method: &'static str,
    /// What it is about: the log's field for that (terraform-plugin-go names them), and the type's name.
    pub(super) about: Option<(&'static str, String)>,
}

impl Named {
    fn span(self, address: &'static str) -> Span {
        let span = tracing::info_span!(
            "rpc",
            tf_rpc = rpc_name(self.method),
            tf_req_id = request_id(),
            tf_provider_addr = address,
            tf_proto_version = "6.11",
            tf_resource_type = Empty,
            tf_data_source_type = Empty,
            tf_ephemeral_resource_type = Empty,
            tf_list_resource_type = Empty,
            tf_action_type = Empty,
            tf_state_store_type = Empty,
            tf_function_name = Empty,
        );
        if let Some((field, name)) = self.about {
            span.record(field, name);
        }
        span
    }
}

impl Service {
    fn rpc(&self) -> Rpc {
        Rpc {
            plugin: Arc::clone(self.plugin()),
            cancelled: self.plugin().token(),
            abandoned: CancellationToken::new(),
        }
    }
}

/// Runs one call. When the host drops it, the work is told to stop and goes on to its safe point: it is not cut
/// off in the middle of a change. The answer is always a response: a gRPC status would hide its reason from the
/// user.
pub(super) async fn unary<Req, Res, Work>(
    service: &Service,
    named: Named,
    request: Request<Req>,
    work: impl FnOnce(Rpc, Req) -> Work,
) -> Result<Response<Res>, Status>
where
    Res: Answer,
    Work: Future<Output = Result<Res, Refused>> + Send + 'static,
{
    let span = named.span(service.plugin().address());
    let rpc = service.rpc();
    let abandoned = rpc.abandoned.clone().drop_guard();
    let unless_dropped = rpc.cancelled.clone().drop_guard();
    let work = work(rpc, request.into_inner());
    let logged = async move {
        let start = begun();
        let answer = work.await.unwrap_or_else(Refused::answer);
        served(start, answer.counts());
        answer
    };
    let answer = service.calls().spawn(logged.instrument(span)).await;
    unless_dropped.disarm();
    abandoned.disarm();
    match answer {
        Ok(answer) => Ok(Response::new(answer)),
        Err(err) => match err.try_into_panic() {
            Ok(panic) => Ok(Response::new(Res::failed(
                crashed(panic.as_ref(), ""),
                &Type::Dynamic,
            ))),
            // Tasks are cancelled only when the runtime stops, and then nobody waits for this answer.
            Err(_) => Err(Status::unavailable("the provider is stopping")),
        },
    }
}

/// The events of one streamed answer, on their way to the host.
pub(super) struct Events<E> {
    sender: mpsc::Sender<Result<E, Status>>,
    errors: AtomicUsize,
    warnings: AtomicUsize,
}

impl<E: Answer> Events<E> {
    /// Sends one event, once the host has taken the one before; false where it listens no longer.
    pub(super) async fn send(&self, event: E) -> bool {
        let (errors, warnings) = event.counts();
        self.errors.fetch_add(errors, Ordering::Relaxed);
        self.warnings.fetch_add(warnings, Ordering::Relaxed);
        self.sender.send(Ok(event)).await.is_ok()
    }
}

/// Runs one call whose answer is a stream. When the host drops the stream, the work is told to stop, as above.
pub(super) fn streaming<Req, Event, Work>(
    service: &Service,
    named: Named,
    request: Request<Req>,
    work: impl FnOnce(Rpc, Req, Arc<Events<Event>>) -> Work,
) -> Response<ReceiverStream<Result<Event, Status>>>
where
    Event: Answer,
    Work: Future<Output = ()> + Send + 'static,
{
    let span = named.span(service.plugin().address());
    let rpc = service.rpc();
    let (cancelled, abandoned) = (rpc.cancelled.clone(), rpc.abandoned.clone());
    // One event is on its way while the next one is made; more would be made for nobody when the host stops at
    // its limit.
    let (sender, receiver) = mpsc::channel(1);
    let events = Arc::new(Events {
        sender,
        errors: AtomicUsize::new(0),
        warnings: AtomicUsize::new(0),
    });
    let work = work(rpc, request.into_inner(), Arc::clone(&events));
    let logged = async move {
        let start = begun();
        let mut work = pin!(AssertUnwindSafe(work).catch_unwind());
        let ended = tokio::select! {
            ended = &mut work => ended,
            () = events.sender.closed() => {
                abandoned.cancel();
                cancelled.cancel();
                work.await
            }
        };
        if let Err(panic) = ended {
            events
                .send(Event::failed(crashed(panic.as_ref(), ""), &Type::Dynamic))
                .await;
        }
        served(
            start,
            (
                events.errors.load(Ordering::Relaxed),
                events.warnings.load(Ordering::Relaxed),
            ),
        );
    };
    service.calls().spawn(logged.instrument(span));
    Response::new(ReceiverStream::new(receiver))
}

fn begun() -> Instant {
    tracing::trace!("received request");
    Instant::now()
}

fn served(start: Instant, (diagnostic_error_count, diagnostic_warning_count): (usize, usize)) {
    let tf_req_duration_ms = u64::try_from(start.elapsed().as_millis()).unwrap_or(u64::MAX);
    tracing::trace!(
        tf_req_duration_ms,
        diagnostic_error_count,
        diagnostic_warning_count,
        "served request"
    );
}

/// What tells the lines of one call from those of others: a random UUID, as other frameworks log it. Each hasher of the
/// standard library has a random key of its own, which is as random as a log needs.
fn request_id() -> String {
    let random = || RandomState::new().build_hasher().finish();
    let (high, low) = (random(), random());
    format!(
        "{:08x}-{:04x}-4{:03x}-{:04x}-{:012x}",
        high >> 32,
        high >> 16 & 0xffff,
        high & 0xfff,
        low >> 48 & 0x3fff | 0x8000,
        low & 0xffff_ffff_ffff
    )
}

/// The RPC's name on the wire, `ReadResource`, from the method's, `read_resource`.
fn rpc_name(method: &str) -> String {
    method
        .split('_')
        .flat_map(|word| {
            let (first, rest) = word.split_at(1.min(word.len()));
            [first.to_ascii_uppercase(), rest.to_owned()]
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_call_has_an_id_of_its_own() {
        let (one, other) = (request_id(), request_id());
        assert_ne!(one, other);
        for id in [one, other] {
            let lengths: Vec<usize> = id.split('-').map(str::len).collect();
            assert_eq!(lengths, [8, 4, 4, 4, 12], "{id}");
            assert!(
                id[14..].starts_with('4') && id[19..].starts_with(['8', '9', 'a', 'b']),
                "{id}"
            );
        }
    }

    #[test]
    fn calls_are_logged_under_their_names_on_the_wire() {
        assert_eq!(rpc_name("plan_resource_change"), "PlanResourceChange");
    }
}
