//! Whose credentials the calls are signed with.

use tokio::sync::OnceCell;

use super::api::Api;
use super::arn::Arn;
use super::call::Called as _;
use super::error::{AwsError, wanted};

/// The caller of one provider configuration: the same in every Region, so that it is asked for once, in the first Region
/// that needs it.
#[derive(Debug, Default)]
pub struct Caller(OnceCell<Arn>);

impl Caller {
    /// Its ARN, such as `arn:aws:iam::123456789012:user/ci`.
    pub async fn arn(&self, sts: &aws_sdk_sts::Client) -> Result<&Arn, AwsError> {
        const API: Api = Api::new("sts", "GetCallerIdentity");
        let ask = || async {
            let answer = sts.get_caller_identity().send().await.of(API)?;
            wanted(API, "Arn", answer.arn.as_deref().and_then(Arn::parse))
        };
        self.0.get_or_try_init(ask).await
    }
}
