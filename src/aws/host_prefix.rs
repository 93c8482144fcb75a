//! TestState is at `sync-states…`: its model puts `sync-` before whatever host Step Functions has, and so before the host of
//! a VPC endpoint, of local-aws or of an emulator, too, which has no such name.

use aws_sdk_sfn::error::BoxError;
use aws_smithy_runtime_api::client::interceptors::context::BeforeTransmitInterceptorContextMut;
use aws_smithy_runtime_api::client::interceptors::{Intercept, dyn_dispatch_hint};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::ConfigBag;

/// Takes the prefix away from hosts that are not Step Functions' own. Before the request is signed, since the signature
/// covers the host.
#[derive(Debug)]
pub struct HostPrefix;

#[dyn_dispatch_hint]
impl Intercept for HostPrefix {
    fn name(&self) -> &'static str {
        "host prefix"
    }

    fn modify_before_signing(
        &self,
        context: &mut BeforeTransmitInterceptorContextMut<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let request = context.request_mut();
        if let Some(without) = without_prefix(request.uri()) {
            request.set_uri(without)?;
        }
        Ok(())
    }
}

/// The URI without the prefix; `None` where it stays.
fn without_prefix(uri: &str) -> Option<String> {
    let (scheme, rest) = uri.split_once("://")?;
    let host = rest.strip_prefix("sync-")?;
    // `states.<region>.amazonaws.com`, `states-fips.…`, `states.<region>.api.aws`.
    let is_of_aws = host.starts_with("states.") || host.starts_with("states-fips.");
    (!is_of_aws).then(|| format!("{scheme}://{host}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_hosts_of_step_functions_have_the_prefix() {
        for (uri, expected) in [
            ("https://sync-states.us-east-1.amazonaws.com/", None),
            ("https://sync-states.cn-north-1.amazonaws.com.cn/", None),
            ("https://sync-states-fips.us-east-1.amazonaws.com/", None),
            ("https://sync-states.us-east-1.api.aws/", None),
            ("https://states.us-east-1.amazonaws.com/", None),
            ("http://sync-127.0.0.1:4566/", Some("http://127.0.0.1:4566/")),
            (
                "https://sync-vpce-1-a.sync-states.us-east-1.vpce.amazonaws.com/",
                Some("https://vpce-1-a.sync-states.us-east-1.vpce.amazonaws.com/"),
            ),
        ] {
            assert_eq!(without_prefix(uri).as_deref(), expected, "{uri}");
        }
    }
}
