//! Tells of each call what a log may hold: never a body, never a header that holds a secret.

use aws_sdk_eventbridge::error::BoxError;
use aws_smithy_runtime_api::client::interceptors::context::{
    BeforeTransmitInterceptorContextMut, BeforeTransmitInterceptorContextRef, FinalizerInterceptorContextRef,
};
use aws_smithy_runtime_api::client::interceptors::{Intercept, dyn_dispatch_hint};
use aws_smithy_runtime_api::client::orchestrator::Metadata;
use aws_smithy_runtime_api::client::retries::RequestAttempts;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::{ConfigBag, Storable, StoreReplace};
use tokio::time::Instant;

/// Logs each attempt of a call, and tells AWS which products make it.
#[derive(Debug)]
pub struct Audible {
    /// What stands before the SDK's own products in the user agent; may be empty.
    pub products: String,
}

/// When an attempt began.
#[derive(Debug)]
struct Began(Instant);

impl Storable for Began {
    type Storer = StoreReplace<Self>;
}

#[dyn_dispatch_hint]
impl Intercept for Audible {
    fn name(&self) -> &'static str {
        "audible"
    }

    fn read_before_attempt(
        &self,
        _: &BeforeTransmitInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        cfg: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        cfg.interceptor_state().store_put(Began(Instant::now()));
        Ok(())
    }

    // The SDK's header is not signed, so that it can grow after the signature.
    fn modify_before_transmit(
        &self,
        context: &mut BeforeTransmitInterceptorContextMut<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let headers = context.request_mut().headers_mut();
        let own = headers.get("user-agent").unwrap_or_default();
        let whole = format!("{} {own}", self.products);
        headers.try_insert("user-agent", whole.trim().to_owned())?;
        Ok(())
    }

    fn read_after_attempt(
        &self,
        context: &FinalizerInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        cfg: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let (service, operation) = cfg
            .load::<Metadata>()
            .map(|call| (call.service(), call.name()))
            .unwrap_or_default();
        let attempt = cfg.load::<RequestAttempts>().map(RequestAttempts::attempts);
        let ms = cfg.load::<Began>().map(|began| began.0.elapsed().as_millis());
        let (attempt, ms) = (attempt.unwrap_or(1), ms.unwrap_or_default());
        let status = context.response().map(|response| response.status().as_u16());
        let headers = context.response().map(|response| response.headers());
        let request_id = headers.and_then(|headers| {
            let id = headers.get("x-amzn-requestid");
            id.or_else(|| headers.get("x-amz-request-id"))
        });
        match status {
            Some(status) => tracing::debug!(
                service,
                operation,
                status,
                attempt,
                ms,
                request_id = request_id.unwrap_or_default(),
                "called AWS"
            ),
            None => tracing::debug!(
                service,
                operation,
                attempt,
                ms,
                "called AWS, which did not answer"
            ),
        }
        Ok(())
    }
}
