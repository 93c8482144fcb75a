//! The quota of private connections: 20 per account and Region, which Service Quotas does not show.

use aws_sdk_eventbridge::types::ConnectionState;

use super::Problem;

/// So many AWS allows where it has not raised the quota for the account.
const ALLOWED: usize = 20;

/// Whether more private connections are wanted than AWS allows, by the states of all connections: nothing says which of
/// them are private, but only those are `ACTIVE` or `FAILED_CONNECTIVITY`, and one that is being made may become one.
/// `added` are those that a plan adds.
pub fn exceeded<'a>(states: impl IntoIterator<Item = &'a ConnectionState>, added: usize) -> Option<Problem> {
    let private = |state: &&ConnectionState| {
        matches!(
            state,
            ConnectionState::Active | ConnectionState::FailedConnectivity | ConnectionState::Creating
        )
    };
    let there = states.into_iter().filter(private).count();
    (there + added > ALLOWED).then_some(Problem::NearQuota { there, added })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn states(private: usize, public: usize) -> Vec<ConnectionState> {
        let mut states = vec![ConnectionState::Active; private / 2];
        states.extend(vec![ConnectionState::FailedConnectivity; private - private / 2]);
        states.extend(vec![ConnectionState::Authorized; public]);
        states
    }

    #[test]
    fn only_private_connections_count_and_those_that_the_plan_adds() {
        assert!(exceeded(&states(19, 80), 1).is_none());
        let words = exceeded(&states(18, 0), 3).map(|problem| problem.to_string());
        assert!(words.is_some_and(|words| words.contains("has 18") && words.contains("adds 3")));
    }
}
