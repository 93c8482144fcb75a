//! The quota of private connections: 20 per account and Region, which Service Quotas does not show.

use aws_sdk_eventbridge::types::ConnectionState;

use super::Problem;
use crate::aws::ConnectionsPage;

/// So many AWS allows where it has not raised the quota for the account.
const ALLOWED: usize = 20;

/// Whether more private connections are wanted than AWS allows, as far as one page of the listing tells: it does not say
/// which connections are private, but only those are `ACTIVE` or `FAILED_CONNECTIVITY`. `added` are those that a plan
/// adds.
pub fn exceeded(page: &ConnectionsPage, added: usize) -> Option<Problem> {
    let private = |state: &ConnectionState| {
        matches!(
            state,
            ConnectionState::Active | ConnectionState::FailedConnectivity
        )
    };
    let states = page.connections.iter().filter_map(|(_, _, state)| state.as_ref());
    let there = states.filter(|state| private(state)).count();
    (there + added > ALLOWED).then_some(Problem::NearQuota { there, added })
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
    fn only_private_connections_count_and_those_that_the_plan_adds() {
        assert!(exceeded(&page(19, 80), 1).is_none());
        let words = exceeded(&page(18, 0), 3).map(|problem| problem.to_string());
        assert!(words.is_some_and(|words| words.contains("has 18") && words.contains("adds 3")));
    }
}
