//! The security groups that the configuration gives the gateway: they exist, and are somebody else's.

use super::{EndState, Seen, WayOut};
use crate::endpoint::Problem;

pub fn are_there(end: &EndState<'_>, seen: &Seen) -> Vec<Problem> {
    let WayOut::Given(ids) = end.way_out else {
        return Vec::new();
    };
    if seen.groups.is_none() {
        return Vec::new();
    }
    let (key, value) = (end.own_tag.0, end.own_tag.1.as_str());
    let problem = |id: &String| match seen.group(id) {
        None => Some(Problem::NoGroup(id.clone())),
        Some(group) => {
            let mut tags = group.tags().iter();
            let own = tags.any(|tag| tag.key.as_deref() == Some(key) && tag.value.as_deref() == Some(value));
            own.then(|| Problem::OwnGroup(id.clone()))
        }
    };
    ids.iter().filter_map(problem).collect()
}
