//! One way to end a call: the SDK's result with the name of the operation, as an answer or an [`AwsError`].

use std::error::Error;

use aws_sdk_ec2::error::{ProvideErrorMetadata, SdkError};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;

use super::api::Api;
use super::error::{AwsError, ErrorKind};

/// What the SDK returns of a call.
pub trait Called<T> {
    /// The answer of `api`.
    ///
    /// # Errors
    /// Whatever kept AWS from giving one.
    fn of(self, api: Api) -> Result<T, AwsError>;

    /// The answer of `api`; `None` where AWS says that the object does not exist.
    ///
    /// # Errors
    /// Whatever else kept AWS from giving one.
    fn found(self, api: Api) -> Result<Option<T>, AwsError>;
}

impl<T, E> Called<T> for Result<T, SdkError<E, HttpResponse>>
where
    E: ProvideErrorMetadata + Error + Send + Sync + 'static,
{
    fn of(self, api: Api) -> Result<T, AwsError> {
        self.map_err(|error| AwsError::of(api, error))
    }

    fn found(self, api: Api) -> Result<Option<T>, AwsError> {
        match self.of(api) {
            Err(error) if error.kind == ErrorKind::NotFound => Ok(None),
            answer => answer.map(Some),
        }
    }
}
