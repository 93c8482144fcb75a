//! What every call has in common: its span, its token, its own task.

use std::{future::Future, sync::Arc, time::Instant};

use tonic::{Request, Response, Status};
use tracing::Instrument;

use super::{Plugin, Rpc, answer::Answer, crashed};
use crate::value::Type;

/// Runs one call in a task of its own: when the host drops the call, the work goes on to its end and is not
/// cut off in the middle of a change. The answer is always a response: a gRPC status would hide its reason
/// from the user.
pub(super) async fn unary<Req, Res, Work>(
    plugin: &Arc<Plugin>,
    method: &'static str,
    resource_type: &str,
    request: Request<Req>,
    work: impl FnOnce(Rpc, Req) -> Work,
) -> Result<Response<Res>, Status>
where
    Res: Answer,
    Work: Future<Output = Res> + Send + 'static,
{
    let span = tracing::info_span!(
        "rpc",
        tf_rpc = rpc_name(method),
        tf_req_id = %uuid::Uuid::new_v4(),
        tf_provider_addr = plugin.address(),
        tf_proto_version = "6.11",
        tf_resource_type = (!resource_type.is_empty()).then_some(resource_type),
    );
    let call = Rpc {
        plugin: Arc::clone(plugin),
        cancelled: plugin.token(),
    };
    let work = work(call, request.into_inner());
    let logged = async move {
        let start = Instant::now();
        tracing::trace!("received request");
        let answer = work.await;
        let (diagnostic_error_count, diagnostic_warning_count) = answer.counts();
        let tf_req_duration_ms = u64::try_from(start.elapsed().as_millis()).unwrap_or(u64::MAX);
        tracing::trace!(
            tf_req_duration_ms,
            diagnostic_error_count,
            diagnostic_warning_count,
            "served request"
        );
        answer
    };
    let answer = match tokio::spawn(logged.instrument(span)).await {
        Ok(answer) => answer,
        Err(err) => match err.try_into_panic() {
            Ok(panic) => Res::failed(crashed(panic.as_ref()), &Type::Dynamic),
            // Tasks are cancelled only when the runtime stops, and then nobody waits for this answer.
            Err(_) => return Err(Status::unavailable("the provider is stopping")),
        },
    };
    Ok(Response::new(answer))
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
    fn calls_are_logged_under_their_names_on_the_wire() {
        assert_eq!(rpc_name("plan_resource_change"), "PlanResourceChange");
    }
}
