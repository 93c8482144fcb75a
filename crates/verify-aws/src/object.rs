//! The kinds of objects that are made: how each is looked at, found by its name, and deleted.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::aws::{Aws, items};
use crate::trouble::{Outcome, Refusal, Trouble};

/// What the experiments make, in the words of local-aws' control API.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    SecurityGroup,
    VpcEndpoint,
    ResourceGateway,
    ResourceConfiguration,
    Connection,
    ApiDestination,
}

/// The state of what is not there.
pub const GONE: &str = "gone";

impl Kind {
    /// As it is written to people.
    pub fn words(self) -> &'static str {
        match self {
            Self::SecurityGroup => "security group",
            Self::VpcEndpoint => "VPC endpoint",
            Self::ResourceGateway => "resource gateway",
            Self::ResourceConfiguration => "resource configuration",
            Self::Connection => "connection",
            Self::ApiDestination => "API destination",
        }
    }

    /// What AWS describes; `None` for what is not there.
    pub fn describe(self, aws: &Aws, id: &str) -> Outcome<Option<Value>> {
        let described = match self {
            Self::SecurityGroup => aws
                .ec2("DescribeSecurityGroups", &[("GroupId.1", id)])
                .map(|answer| items(&answer["securityGroupInfo"]).first().cloned()),
            Self::VpcEndpoint => aws
                .ec2("DescribeVpcEndpoints", &[("VpcEndpointId.1", id)])
                .map(|answer| items(&answer["vpcEndpointSet"]).first().cloned()),
            Self::ResourceGateway => {
                let path = format!("/resourcegateways/{id}");
                aws.lattice("GetResourceGateway", "GET", &path, None).map(Some)
            }
            Self::ResourceConfiguration => {
                let path = format!("/resourceconfigurations/{id}");
                aws.lattice("GetResourceConfiguration", "GET", &path, None)
                    .map(Some)
            }
            Self::Connection => aws.events("DescribeConnection", &json!({ "Name": id })).map(Some),
            Self::ApiDestination => aws
                .events("DescribeApiDestination", &json!({ "Name": id }))
                .map(Some),
        };
        match described {
            Err(Trouble::Refused(refusal)) if refusal.is_not_found() => Ok(None),
            described => described,
        }
    }

    /// The state in a description; a VPC endpoint is listed for a while after it was deleted.
    pub fn state(self, described: Option<&Value>) -> String {
        let member = match self {
            Self::SecurityGroup => return described.map_or(GONE, |_| "there").to_owned(),
            Self::VpcEndpoint => "state",
            Self::ResourceGateway | Self::ResourceConfiguration => "status",
            Self::Connection => "ConnectionState",
            Self::ApiDestination => "ApiDestinationState",
        };
        let state = described.and_then(|described| described[member].as_str());
        match state {
            None => GONE.to_owned(),
            // Documented with a capital, answered without.
            Some(state) if self == Self::VpcEndpoint => match state.to_lowercase() {
                deleted if deleted == "deleted" => GONE.to_owned(),
                state => state,
            },
            Some(state) => state.to_owned(),
        }
    }

    /// Asks for its deletion.
    pub fn delete(self, aws: &Aws, id: &str) -> Outcome<Value> {
        match self {
            Self::SecurityGroup => aws.ec2("DeleteSecurityGroup", &[("GroupId", id)]),
            Self::VpcEndpoint => {
                let answer = aws.ec2("DeleteVpcEndpoints", &[("VpcEndpointId.1", id)])?;
                unsuccessful(&answer).map_or(Ok(answer), |refusal| Err(Trouble::Refused(refusal)))
            }
            Self::ResourceGateway => {
                let path = format!("/resourcegateways/{id}");
                aws.lattice("DeleteResourceGateway", "DELETE", &path, None)
            }
            Self::ResourceConfiguration => {
                let path = format!("/resourceconfigurations/{id}");
                aws.lattice("DeleteResourceConfiguration", "DELETE", &path, None)
            }
            Self::Connection => aws.events("DeleteConnection", &json!({ "Name": id })),
            Self::ApiDestination => aws.events("DeleteApiDestination", &json!({ "Name": id })),
        }
    }

    /// The ids of the objects of this very name, which has chance in it and so is nobody else's.
    pub fn named(self, aws: &Aws, name: &str) -> Outcome<Vec<String>> {
        let ids = |list: &[Value], member: &str| {
            list.iter()
                .filter_map(|item| item[member].as_str().map(str::to_owned))
                .collect()
        };
        match self {
            Self::SecurityGroup => {
                let filter = [("Filter.1.Name", "group-name"), ("Filter.1.Value.1", name)];
                let answer = aws.ec2("DescribeSecurityGroups", &filter)?;
                Ok(ids(items(&answer["securityGroupInfo"]), "groupId"))
            }
            Self::VpcEndpoint => {
                let filter = [("Filter.1.Name", "tag:Name"), ("Filter.1.Value.1", name)];
                let answer = aws.ec2("DescribeVpcEndpoints", &filter)?;
                Ok(ids(items(&answer["vpcEndpointSet"]), "vpcEndpointId"))
            }
            Self::ResourceGateway => listed(aws, "ListResourceGateways", "/resourcegateways", |other| {
                other == name
            }),
            Self::ResourceConfiguration => listed(
                aws,
                "ListResourceConfigurations",
                "/resourceconfigurations",
                |other| other == name,
            ),
            // Their names are their ids.
            Self::Connection | Self::ApiDestination => Ok(vec![name.to_owned()]),
        }
    }

    /// The id in the answer to a creation.
    pub fn id(self, answer: &Value, name: &str) -> Option<String> {
        let member = match self {
            Self::SecurityGroup => "/groupId",
            Self::VpcEndpoint => "/vpcEndpoint/vpcEndpointId",
            Self::ResourceGateway | Self::ResourceConfiguration => "/id",
            Self::Connection | Self::ApiDestination => return Some(name.to_owned()),
        };
        answer.pointer(member)?.as_str().map(str::to_owned)
    }
}

/// The refusal that an answer of success has in it: of several endpoints some may be deleted.
fn unsuccessful(answer: &Value) -> Option<Refusal> {
    let error = &items(&answer["unsuccessful"]).first()?["error"];
    let text = |member: &str| error[member].as_str().unwrap_or_default().to_owned();
    Some(Refusal {
        action: "ec2:DeleteVpcEndpoints".to_owned(),
        status: 200,
        code: text("code"),
        message: text("message"),
    })
}

/// The ids of what a listing of VPC Lattice has by such names, all pages.
pub fn listed(
    aws: &Aws,
    operation: &str,
    path: &str,
    is_wanted: impl Fn(&str) -> bool,
) -> Outcome<Vec<String>> {
    let (mut found, mut page) = (Vec::new(), String::new());
    loop {
        let answer = aws.lattice(operation, "GET", &format!("{path}{page}"), None)?;
        let named = items(&answer["items"])
            .iter()
            .filter(|item| item["name"].as_str().is_some_and(&is_wanted));
        found.extend(named.filter_map(|item| item["id"].as_str().map(str::to_owned)));
        match answer["nextToken"].as_str() {
            Some(token) => page = format!("?nextToken={}", crate::aws::encoded(token)),
            None => return Ok(found),
        }
    }
}
