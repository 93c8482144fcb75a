//! The checks: each judges one part of what was seen, and knows nothing of AWS's API.

mod association;
mod call;
mod configuration;
mod connection;
mod endpoint;
mod gateway;
mod host;
mod network;

use super::finding::Finding;
use super::observation::{Observation, Question, SeenEndpoint};

/// One check of a path.
type Check = fn(&Observation, &Question) -> Vec<Finding>;

/// In the order in which a call takes the path.
const OF_PATH: [Check; 8] = [
    connection::check,
    association::check,
    configuration::check,
    gateway::check,
    endpoint::check,
    network::check,
    host::check,
    call::check,
];

/// What is wrong with a path, errors first.
pub fn of_path(seen: &Observation, question: &Question) -> Vec<Finding> {
    let mut findings: Vec<_> = OF_PATH.iter().flat_map(|check| check(seen, question)).collect();
    findings.sort_by_key(|finding| finding.severity);
    findings
}

/// What is wrong with a VPC endpoint by itself.
pub fn of_endpoint(seen: &SeenEndpoint, region: &str) -> Vec<Finding> {
    endpoint::judge(seen, region)
}
