//! The experiments, one file each, and which of them settles what.

mod api_destination;
mod calls;
mod configuration;
mod gateway;
mod kms_key;
mod oauth;
mod permissions;
mod private_connection;
mod public_connection;
mod security_group;
mod shared_tags;
mod vpc_endpoint;

use crate::lab::Lab;
use crate::subject::Given;
use crate::trouble::Outcome;

/// A question to AWS, with what asking takes.
pub struct Experiment {
    /// As `--only` takes it.
    pub id: &'static str,
    /// What is asked, in a sentence.
    pub asks: &'static str,
    /// The switches and times of local-aws that it decides, by their names.
    pub settles: &'static [&'static str],
    pub makes: &'static str,
    /// Of USD.
    pub costs: &'static str,
    /// About.
    pub minutes: u32,
    pub cleans_up: &'static str,
    /// The option that it cannot do without, where it was not given.
    pub lacks: fn(&Given) -> Option<&'static str>,
    pub run: fn(&mut Lab) -> Outcome<()>,
}

/// An experiment that needs nothing but the endpoint.
fn nothing(_: &Given) -> Option<&'static str> {
    None
}

/// In the order in which they are made: what is quick and cheap first.
pub static ALL: [&Experiment; 12] = [
    &security_group::EXPERIMENT,
    &public_connection::EXPERIMENT,
    &api_destination::EXPERIMENT,
    &oauth::EXPERIMENT,
    &kms_key::EXPERIMENT,
    &shared_tags::EXPERIMENT,
    &gateway::EXPERIMENT,
    &configuration::EXPERIMENT,
    &private_connection::EXPERIMENT,
    &calls::EXPERIMENT,
    &permissions::EXPERIMENT,
    &vpc_endpoint::EXPERIMENT,
];

const QUOTA: &str = "a quota is known once it is used up, which is not done in an account that others use";

/// Switches and times that no experiment settles, and why.
pub const OPEN: [(&str, &str); 16] = [
    (
        "unknown_token_endpoints_answer",
        "it is no behaviour of AWS: local-aws has no internet, and has to decide what token endpoints there answer",
    ),
    (
        "delivery-retry",
        "only the log of an API that refuses events shows it, and no such API is asked for",
    ),
    ("private_connections", QUOTA),
    ("connections", QUOTA),
    ("api_destinations", QUOTA),
    ("event_buses", QUOTA),
    ("rules_per_bus", QUOTA),
    ("targets_per_rule", QUOTA),
    ("gateways_per_vpc", QUOTA),
    ("configurations", QUOTA),
    ("groups_per_gateway", QUOTA),
    ("vpcs", QUOTA),
    ("subnets_per_vpc", QUOTA),
    ("cidr_blocks_per_vpc", QUOTA),
    ("groups_per_vpc", QUOTA),
    ("rules_per_group", QUOTA),
];

#[cfg(test)]
mod tests;
