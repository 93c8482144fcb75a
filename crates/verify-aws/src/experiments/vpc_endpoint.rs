//! The life of a VPC endpoint, and the order of its DNS names.

use std::time::Duration;

use super::{Experiment, nothing};
use crate::aws::items;
use crate::lab::Lab;
use crate::object::Kind;
use crate::trouble::Outcome;

pub static EXPERIMENT: Experiment = Experiment {
    id: "vpc-endpoint",
    asks: "How long do making and deleting a VPC endpoint take, and do its DNS names keep their order?",
    settles: &["shuffles_dns_entries", "vpc-endpoint", "vpc-endpoint-deletion"],
    makes: "a security group and an interface endpoint for execute-api in one zone, without private DNS",
    costs: "an hour of an endpoint in one zone, about 0.01",
    minutes: 6,
    cleans_up: "deletes the endpoint, then the group",
    lacks: nothing,
    run,
};

/// How many answers have to have the same order to count as an order. Of three names that are shuffled, the chance of
/// that is one in ten millions.
const LOOKS: usize = 10;

fn run(lab: &mut Lab) -> Outcome<()> {
    order(lab)?;
    let group = lab.group()?;
    let endpoint = lab.endpoint(&group)?;
    let course = lab.reaches(endpoint.kind, &endpoint.id, "available")?;
    lab.takes("vpc-endpoint", course.since(), &course)?;
    endpoint.kind.delete(&lab.aws, &endpoint.id)?;
    let course = lab.goes(endpoint.kind, &endpoint.id)?;
    lab.takes("vpc-endpoint-deletion", course.since(), &course)?;
    lab.is_gone(&endpoint)
}

fn order(lab: &mut Lab) -> Outcome<()> {
    const ID: &str = "shuffles_dns_entries";
    let mut orders = Vec::new();
    for _ in 0..LOOKS {
        let endpoint = lab.read(Kind::VpcEndpoint, &lab.subject.endpoint_id.clone())?;
        let names = items(&endpoint["dnsEntrySet"])
            .iter()
            .map(|entry| entry["dnsName"].to_string());
        orders.push(names.collect::<Vec<_>>());
        lab.wait(Duration::from_secs(1))?;
    }
    if orders[0].len() < 3 {
        return lab.unsettled(ID, "the endpoint has too few DNS names to tell an order by");
    }
    let shuffles = orders.iter().any(|order| *order != orders[0]);
    lab.answer(ID, shuffles, &[])
}
