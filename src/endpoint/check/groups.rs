//! The security groups that the configuration gives: they exist, and those of the gateway are in its VPC and somebody else's.

use aws_sdk_ec2::types::SecurityGroup;

use super::{EndState, Seen, WayOut};
use crate::component::EgressTarget;
use crate::endpoint::{Given, Problem};

pub fn are_there(end: &EndState<'_>, seen: &Seen) -> Vec<Problem> {
    if seen.groups.is_none() {
        return Vec::new();
    }
    let missing = |id: &String, given| Problem::NoGroup {
        group: id.clone(),
        given,
    };
    match end.way_out {
        WayOut::Given(ids) => {
            let problem = |id: &String| match seen.group(id) {
                None => Some(missing(id, Given::Gateway)),
                Some(group) if is_own(end, group) => Some(Problem::OwnGroup(id.clone())),
                Some(group) => elsewhere(end, id, group, Given::Gateway),
            };
            ids.iter().filter_map(problem).collect()
        }
        WayOut::Managed(targets) => {
            let ids = targets.iter().filter_map(EgressTarget::group);
            let missed = ids.filter(|id| seen.group(id).is_none());
            missed.map(|id| missing(id, Given::Egress)).collect()
        }
        WayOut::Gateway { .. } | WayOut::Unknown => Vec::new(),
    }
}

fn is_own(end: &EndState<'_>, group: &SecurityGroup) -> bool {
    let (key, value) = (end.own_tag.0, end.own_tag.1.as_str());
    let mut tags = group.tags().iter();
    tags.any(|tag| tag.key.as_deref() == Some(key) && tag.value.as_deref() == Some(value))
}

/// What is wrong with a group of another VPC than the gateway's.
pub fn elsewhere(end: &EndState<'_>, id: &str, group: &SecurityGroup, given: Given) -> Option<Problem> {
    let vpc = group.vpc_id.as_deref().filter(|vpc| *vpc != end.vpc_id)?;
    Some(Problem::ElsewhereGroup {
        group: id.to_owned(),
        vpc: vpc.to_owned(),
        wanted: end.vpc_id.to_owned(),
        given,
    })
}
