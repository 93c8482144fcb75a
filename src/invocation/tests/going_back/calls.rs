//! Calls of the private API through a connection, as Step Functions makes them.

use aws_sdk_sfn::config::interceptors::BeforeTransmitInterceptorContextMut;
use aws_sdk_sfn::config::{BehaviorVersion, ConfigBag, Credentials, Intercept, Region, RuntimeComponents};
use aws_sdk_sfn::error::BoxError;
use aws_sdk_sfn::types::InspectionLevel;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use local_aws::LocalAws;
use serde_json::json;

/// Makes them.
pub struct Calls {
    states: aws_sdk_sfn::Client,
    api_url: String,
    role_arn: String,
}

impl Calls {
    pub fn new(local: &LocalAws) -> Self {
        let seed = local.seed();
        let config = aws_sdk_sfn::Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new(seed.region.clone()))
            .credentials_provider(Credentials::new("local", "local", None, None, "test"))
            .endpoint_url(local.endpoint())
            .interceptor(WithoutHostPrefix);
        Self {
            states: aws_sdk_sfn::Client::from_conf(config.build()),
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

/// TestState's endpoint has the prefix `sync-`, which a local address must not get. Before the request is signed, since
/// the signature covers the host.
#[derive(Debug)]
struct WithoutHostPrefix;

impl Intercept for WithoutHostPrefix {
    fn name(&self) -> &'static str {
        "WithoutHostPrefix"
    }

    fn modify_before_signing(
        &self,
        context: &mut BeforeTransmitInterceptorContextMut<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let request = context.request_mut();
        let uri = request.uri().replacen("://sync-", "://", 1);
        request.set_uri(uri)?;
        Ok(())
    }
}
