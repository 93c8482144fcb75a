//! What AWS has of an example, asked without the provider: by the tag that the run gave, and by names, which have chance in
//! them and so are nobody else's.

use serde_json::json;

use crate::aws::{Aws, items};
use crate::object::listed;
use crate::trouble::Outcome;

/// What is there of a run, in words.
pub fn left(aws: &Aws, run: &str) -> Outcome<Vec<String>> {
    let prefix = format!("verify-aws-{run}-");
    let ours = |name: &str| name.starts_with(&prefix);
    let tagged = [("Filter.1.Name", "tag:verify-aws"), ("Filter.1.Value.1", run)];
    let groups = aws.ec2("DescribeSecurityGroups", &tagged)?;
    let groups = items(&groups["securityGroupInfo"])
        .iter()
        .filter_map(|group| group["groupId"].as_str().map(str::to_owned));
    let gateways = listed(aws, "ListResourceGateways", "/resourcegateways", ours)?;
    let configurations = listed(aws, "ListResourceConfigurations", "/resourceconfigurations", ours)?;
    let connections = aws.events("ListConnections", &json!({ "NamePrefix": prefix }))?;
    let connections = items(&connections["Connections"])
        .iter()
        .filter_map(|connection| connection["Name"].as_str().map(str::to_owned));
    let kinds = [
        ("security group", groups.collect::<Vec<_>>()),
        ("resource gateway", gateways),
        ("resource configuration", configurations),
        ("connection", connections.collect()),
    ];
    let named = kinds
        .into_iter()
        .flat_map(|(kind, ids)| ids.into_iter().map(move |id| format!("{kind} {id}")));
    Ok(named.collect())
}
