//! Calls of the private API through a connection, as Step Functions makes them.

use aws_sdk_sfn::types::InspectionLevel;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use local_aws::LocalAws;
use serde_json::json;

use crate::invocation::tests::by_hand;

/// Makes them.
pub struct Calls {
    states: aws_sdk_sfn::Client,
    api_url: String,
    role_arn: String,
}

impl Calls {
    pub async fn new(local: &LocalAws) -> Self {
        let seed = local.seed();
        Self {
            states: by_hand(local).await.states.clone(),
            api_url: seed.api_url.clone(),
            role_arn: seed.role_arn.clone(),
        }
    }

    /// What a call through a connection carries: URL, headers and body, secrets and all.
    pub async fn carried(&self, connection_arn: &str) -> Result<String, String> {
        let definition = json!({
            "Type": "Task",
            "Resource": "arn:aws:states:::http:invoke",
            "Parameters": {
                "ApiEndpoint": self.api_url, "Method": "POST", "RequestBody": {},
                "InvocationConfig": { "ConnectionArn": connection_arn },
            },
            "End": true,
        });
        let answer = self
            .states
            .test_state()
            .definition(definition.to_string())
            .role_arn(&self.role_arn)
            .inspection_level(InspectionLevel::Trace)
            .reveal_secrets(true)
            .send()
            .await
            .map_err(|error| format!("{error:?}"))?;
        if let Some(error) = answer.error {
            return Err(format!(
                "a call fails: {error}: {}",
                answer.cause.unwrap_or_default()
            ));
        }
        let request = answer.inspection_data.and_then(|data| data.request);
        let request = request.ok_or("TestState shows no request")?;
        let parts = [request.url, request.headers, request.body];
        Ok(parts.into_iter().flatten().collect::<Vec<_>>().join("\n"))
    }
}

/// The header of a user name and a password.
pub fn basic(username: &str, password: &str) -> String {
    BASE64_STANDARD.encode(format!("{username}:{password}"))
}
