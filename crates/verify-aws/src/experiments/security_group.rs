//! What a new security group lets out, and how long reads and listings miss it.

use std::time::Duration;

use super::{Experiment, nothing};
use crate::aws::items;
use crate::lab::Lab;
use crate::object::Kind;
use crate::trouble::Outcome;

pub static EXPERIMENT: Experiment = Experiment {
    id: "security-group",
    asks: "How often do a read and a listing miss a security group that was just made, and does it let IPv6 out?",
    settles: &["missed_reads", "missed_listings", "groups_let_ipv6_out"],
    makes: "a security group",
    costs: "nothing",
    minutes: 1,
    cleans_up: "deletes the group",
    lacks: nothing,
    run,
};

/// More misses than this are no eventual consistency.
const MOST: u32 = 60;

fn run(lab: &mut Lab) -> Outcome<()> {
    let group = lab.group()?;
    let (mut missed, mut described) = (0, None);
    while described.is_none() && missed < MOST {
        described = Kind::SecurityGroup.describe(&lab.aws, &group.id)?;
        if described.is_none() {
            missed += 1;
            lab.wait(Duration::from_secs(1))?;
        }
    }
    lab.answer("missed_reads", missed, &[])?;

    let mut unlisted = 0;
    while Kind::SecurityGroup.named(&lab.aws, &group.name)?.is_empty() && unlisted < MOST {
        unlisted += 1;
        lab.wait(Duration::from_secs(1))?;
    }
    lab.answer("missed_listings", unlisted, &[])?;

    if !lab.subject.has_ipv6 {
        let why = "the endpoint's VPC has no CIDR block of IPv6, so that no group has a rule for it";
        return lab.unsettled("groups_let_ipv6_out", why);
    }
    let described = described.unwrap_or_default();
    let mut rules = items(&described["ipPermissionsEgress"]).iter();
    let lets_out = rules.any(|rule| !items(&rule["ipv6Ranges"]).is_empty());
    let words = [format!(
        "ipPermissionsEgress: {}",
        described["ipPermissionsEgress"]
    )];
    lab.answer("groups_let_ipv6_out", lets_out, &words)
}
