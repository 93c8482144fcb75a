//! How long a call is tried: often while AWS is busy, a few times where nobody answers, and a read never beyond the
//! deadline of what it is made for.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use aws_sdk_eventbridge::config::retry::{RetryConfig, RetryMode, RetryPartition, TokenBucket};
use aws_sdk_eventbridge::error::BoxError;
use aws_smithy_runtime_api::client::interceptors::context::{
    BeforeSerializationInterceptorContextRef, BeforeTransmitInterceptorContextMut,
    BeforeTransmitInterceptorContextRef, Error as OperationError, FinalizerInterceptorContextMut,
    FinalizerInterceptorContextRef,
};
use aws_smithy_runtime_api::client::interceptors::{Intercept, dyn_dispatch_hint};
use aws_smithy_runtime_api::client::orchestrator::{Metadata, OrchestratorError};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::retries::RequestAttempts;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::{ConfigBag, Storable, StoreReplace};
use aws_smithy_types::timeout::TimeoutConfig;
use tokio::time::Instant;

use super::deadline;
use super::signer::Signer;

/// Attempts of a call that AWS throttles or cannot serve, as hashicorp/aws makes.
pub const ATTEMPTS: u32 = 25;

/// The longest pause between two attempts; the first ones are far shorter.
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// Attempts at an endpoint that cannot be reached: it is refused, has no such name, or is silent.
const UNREACHED: u32 = 3;

/// The time that one attempt has for its answer.
pub const ATTEMPT: Duration = Duration::from_secs(60);

/// How a call is tried again: `attempts` in all, in the SDK's `mode`.
pub fn retries(attempts: u32, mode: RetryMode) -> RetryConfig {
    RetryConfig::standard()
        .with_retry_mode(mode)
        .with_max_attempts(attempts.max(1))
        .with_max_backoff(LONGEST_PAUSE)
}

/// The budget of retries of a service: none. The SDK's own runs dry after some twenty retries of all resources together,
/// and the first throttling of a large apply would end it.
pub fn budget(service: &'static str) -> RetryPartition {
    RetryPartition::custom(service)
        .token_bucket(TokenBucket::unlimited())
        .build()
}

/// How often and for how long a call that failed was tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tried {
    /// From the first to the last attempt, pauses included.
    pub elapsed: Duration,
    /// The attempts, one at least.
    pub attempts: u32,
}

impl fmt::Display for Tried {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.elapsed.as_secs().max(1);
        let unit = if seconds == 1 { "second" } else { "seconds" };
        write!(f, "tried {} times in {seconds} {unit}", self.attempts)
    }
}

/// A call that ended without an answer.
#[derive(Debug)]
pub struct Unanswered {
    /// The attempts.
    pub tried: Tried,
    /// Where it was tried: `https://sts.us-east-1.amazonaws.com`.
    pub address: Option<String>,
    error: OrchestratorError<OperationError>,
}

impl fmt::Display for Unanswered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.error.fmt(f)
    }
}

impl std::error::Error for Unanswered {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.error.source()
    }
}

/// What is kept of a call while it is tried.
#[derive(Debug)]
struct Trying {
    since: Instant,
    unreached: u32,
    /// Where, once that is known.
    address: Option<String>,
}

impl Storable for Trying {
    type Storer = StoreReplace<Self>;
}

/// Ends a call early where nobody answers, ends a read at its deadline, and tells how often a call was tried and who signed
/// it.
#[derive(Debug)]
pub struct Patience {
    /// Who signs; `None` where nobody does yet.
    pub signer: Option<Arc<Signer>>,
}

#[dyn_dispatch_hint]
impl Intercept for Patience {
    fn name(&self) -> &'static str {
        "patience"
    }

    fn read_before_execution(
        &self,
        _: &BeforeSerializationInterceptorContextRef<'_>,
        cfg: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        cfg.interceptor_state().store_put(Trying {
            since: Instant::now(),
            unreached: 0,
            address: None,
        });
        Ok(())
    }

    fn modify_before_retry_loop(
        &self,
        _: &mut BeforeTransmitInterceptorContextMut<'_>,
        _: &RuntimeComponents,
        cfg: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        limit_attempt(cfg);
        Ok(())
    }

    // Sending takes the request away.
    fn read_before_transmit(
        &self,
        context: &BeforeTransmitInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        cfg: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let trying = cfg.load::<Trying>().map(|trying| Trying {
            since: trying.since,
            unreached: trying.unreached,
            address: Some(address_of(context.request().uri())),
        });
        if let Some(trying) = trying {
            cfg.interceptor_state().store_put(trying);
        }
        Ok(())
    }

    fn read_after_attempt(
        &self,
        context: &FinalizerInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        cfg: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let Some(Err(error)) = context.output_or_error() else {
            return Ok(());
        };
        let unreached = is_unreached(error);
        let trying = cfg.load::<Trying>().map(|trying| Trying {
            since: trying.since,
            unreached: trying.unreached + u32::from(unreached),
            address: trying.address.clone(),
        });
        let gives_up = trying
            .as_ref()
            .is_some_and(|trying| trying.unreached >= UNREACHED);
        if let Some(trying) = trying {
            cfg.interceptor_state().store_put(trying);
        }
        let over = limit_attempt(cfg);
        if gives_up || over {
            let retries = cfg.load::<RetryConfig>().cloned();
            let last = retries.map(|retries| retries.with_max_attempts(1));
            if let Some(last) = last {
                cfg.interceptor_state().store_put(last);
            }
        }
        Ok(())
    }

    fn modify_before_completion(
        &self,
        context: &mut FinalizerInterceptorContextMut<'_>,
        _: &RuntimeComponents,
        cfg: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let (Some(trying), Some(attempts)) = (cfg.load::<Trying>(), cfg.load::<RequestAttempts>()) else {
            return Ok(());
        };
        let tried = Tried {
            elapsed: trying.since.elapsed(),
            attempts: attempts.attempts(),
        };
        let address = trying.address.clone();
        if let Some(response) = context.response_mut() {
            response.add_extension(tried);
            if let Some(signer) = &self.signer {
                response.add_extension(signer.signed());
            }
        }
        if let Some(outcome) = context.output_or_error_mut()
            && outcome.as_ref().is_err_and(is_without_answer)
        {
            // Only a connector's error carries its own causes to the caller.
            let placeholder = Err(OrchestratorError::other("its causes are told instead"));
            if let Err(error) = std::mem::replace(outcome, placeholder) {
                let unanswered = Unanswered {
                    tried,
                    address,
                    error,
                };
                *outcome = Err(OrchestratorError::connector(ConnectorError::other(
                    unanswered.into(),
                    None,
                )));
            }
        }
        Ok(())
    }
}

/// Scheme, host and port of a URL, without user name and password.
fn address_of(uri: &str) -> String {
    let (scheme, rest) = uri.split_at(uri.find("://").map_or(0, |at| at + 3));
    let authority = rest.split(['/', '?']).next().unwrap_or_default();
    let host = authority.rsplit('@').next().unwrap_or_default();
    format!("{scheme}{host}")
}

/// Whether the endpoint was not reached, or was silent.
fn is_unreached(error: &OrchestratorError<OperationError>) -> bool {
    let connector = error.as_connector_error();
    error.is_timeout_error() || connector.is_some_and(|error| error.is_io() || error.is_timeout())
}

/// Whether no answer of AWS can be told.
fn is_without_answer(error: &OrchestratorError<OperationError>) -> bool {
    error.is_timeout_error() || error.as_connector_error().is_some()
}

/// Gives the next attempt of a read the time that is left until its deadline; whether none is left.
fn limit_attempt(cfg: &mut ConfigBag) -> bool {
    let Some(left) = deadline::left().filter(|_| cfg.load::<Metadata>().is_some_and(is_read)) else {
        return false;
    };
    let timeouts = cfg.load::<TimeoutConfig>().map(TimeoutConfig::to_builder);
    if let Some(timeouts) = timeouts {
        // A time-out of nothing would be taken for none.
        let attempt = left.clamp(Duration::from_millis(1), ATTEMPT);
        let limited = timeouts.operation_attempt_timeout(attempt).build();
        cfg.interceptor_state().store_put(limited);
    }
    left.is_zero()
}

/// Whether an operation changes nothing, so that it can be left at any time.
fn is_read(operation: &Metadata) -> bool {
    ["Describe", "Get", "List"]
        .iter()
        .any(|verb| operation.name().starts_with(verb))
}
