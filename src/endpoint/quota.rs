//! The quota of private connections, which Service Quotas does not show (aws-api.md: 20 per account and Region).

use aws_sdk_eventbridge::types::ConnectionState;

use super::Problem;
use crate::aws::ConnectionsPage;

/// From so many on it is worth a word.
const NEAR: usize = 18;

/// Whether few private connections are left, as far as one page of the listing tells: it does not say which connections
/// are private, but only those are `ACTIVE` or `FAILED_CONNECTIVITY`.
pub fn near_quota(page: &ConnectionsPage) -> Option<Problem> {
    let private = |state: &ConnectionState| {
        matches!(
            state,
            ConnectionState::Active | ConnectionState::FailedConnectivity
        )
    };
    let states = page.connections.iter().filter_map(|(_, _, state)| state.as_ref());
    let count = states.filter(|state| private(state)).count();
    (count >= NEAR).then_some(Problem::NearQuota { count })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(private: usize, public: usize) -> ConnectionsPage {
        let of = |state: ConnectionState| ("name".to_owned(), "arn".to_owned(), Some(state));
        let mut connections = vec![of(ConnectionState::Active); private / 2];
        connections.extend(vec![
            of(ConnectionState::FailedConnectivity);
            private - private / 2
        ]);
        connections.extend(vec![of(ConnectionState::Authorized); public]);
        ConnectionsPage {
            connections,
            is_whole: true,
        }
    }

    #[test]
    fn only_private_connections_count() {
        assert!(near_quota(&page(17, 80)).is_none());
        let near = near_quota(&page(18, 0)).expect("a word");
        assert!(near.to_string().contains("18"), "{near}");
    }
}
