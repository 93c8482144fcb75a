//! What the SDK does not know of EventBridge's errors, and would retry in vain or not at all.

use aws_sdk_eventbridge::error::ProvideErrorMetadata;
use aws_sdk_eventbridge::operation::create_api_destination::CreateApiDestinationError;
use aws_sdk_eventbridge::operation::create_connection::CreateConnectionError;
use aws_sdk_eventbridge::operation::delete_api_destination::DeleteApiDestinationError;
use aws_sdk_eventbridge::operation::delete_connection::DeleteConnectionError;
use aws_sdk_eventbridge::operation::update_api_destination::UpdateApiDestinationError;
use aws_sdk_eventbridge::operation::update_connection::UpdateConnectionError;
use aws_smithy_runtime_api::client::interceptors::context::Error as OperationError;
use aws_smithy_runtime_api::client::interceptors::context::InterceptorContext;
use aws_smithy_runtime_api::client::retries::classifiers::{
    ClassifyRetry, RetryAction, RetryClassifierPriority,
};

/// A full quota is a LimitExceededException, which SDKs take for throttling and retry for minutes
/// (hashicorp/terraform-provider-aws#49845); a ConcurrentModificationException passes by itself.
#[derive(Debug)]
pub struct EventsRetries;

impl ClassifyRetry for EventsRetries {
    fn classify_retry(&self, cx: &InterceptorContext) -> RetryAction {
        let error = cx.output_or_error().and_then(Result::err);
        match error.and_then(|error| error.as_operation_error()).and_then(code) {
            Some("LimitExceededException") => RetryAction::RetryForbidden,
            Some("ConcurrentModificationException") => RetryAction::transient_error(),
            _ => RetryAction::NoActionIndicated,
        }
    }

    fn name(&self) -> &'static str {
        "a full quota is not throttling, and a concurrent modification passes"
    }

    fn priority(&self) -> RetryClassifierPriority {
        RetryClassifierPriority::run_before(RetryClassifierPriority::http_status_code_classifier())
    }
}

/// The error code of the operations that change connections and API destinations.
fn code(error: &OperationError) -> Option<&str> {
    fn of<E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static>(
        error: &OperationError,
    ) -> Option<&str> {
        error.downcast_ref::<E>()?.code()
    }
    of::<CreateConnectionError>(error)
        .or_else(|| of::<UpdateConnectionError>(error))
        .or_else(|| of::<DeleteConnectionError>(error))
        .or_else(|| of::<CreateApiDestinationError>(error))
        .or_else(|| of::<UpdateApiDestinationError>(error))
        .or_else(|| of::<DeleteApiDestinationError>(error))
}
