//! The quota of private connections, which Service Quotas does not show (aws-api.md: 20 per account and Region).

use aws_sdk_eventbridge::types::ConnectionState;

use super::{Finding, Problem};
use crate::aws::{Api, Aws, AwsError, ErrorKind};

/// From so many on it is worth a word.
const NEAR: usize = 18;
/// What one page of ListConnections holds at most.
const PAGE: i32 = 100;

/// Whether few private connections are left, as far as one page of the listing tells: it does not say which connections
/// are private, but only those are `ACTIVE` or `FAILED_CONNECTIVITY`. `None` where it cannot tell.
pub async fn private_connections_near_quota(aws: &Aws) -> Option<Finding> {
    const API: Api = Api {
        service: "events",
        operation: "ListConnections",
    };
    let answer = aws.events.list_connections().limit(PAGE).send().await;
    let listed = match answer.map_err(|error| AwsError::of(API, error)) {
        Ok(answer) => answer.connections.unwrap_or_default(),
        Err(error) if error.kind == ErrorKind::AccessDenied => return Some(Finding::Unchecked(error)),
        Err(_) => return None,
    };
    let private = |state: &ConnectionState| {
        matches!(
            state,
            ConnectionState::Active | ConnectionState::FailedConnectivity
        )
    };
    let states = listed
        .iter()
        .filter_map(|connection| connection.connection_state.as_ref());
    let count = states.filter(|state| private(state)).count();
    (count >= NEAR).then_some(Finding::Problem(Problem::NearQuota { count }))
}
