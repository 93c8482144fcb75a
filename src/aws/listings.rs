//! The kinds that are listed as a whole, to find what is ours and not recorded, and who uses what.

use std::collections::BTreeMap;

use aws_sdk_ec2::types::{Filter, SecurityGroup, SecurityGroupRule};
use aws_sdk_eventbridge::types::ConnectionState;
use aws_sdk_vpclattice::types::ResourceGatewaySummary;
use tokio::time::Instant;

use super::api::Api;
use super::call::Called as _;
use super::clients::Clients;
use super::error::{AwsError, wanted};
use super::listing::{Entry, Lister, Listing, Shown};
use super::pages::pages;

/// What one page of EventBridge and of VPC Lattice holds at most (aws-operations.md).
const PAGE: i32 = 100;

/// What one page of security groups holds at most (aws-operations.md).
const GROUPS_PAGE: usize = 1000;

/// The listings of one Region, by kind.
pub struct Listings {
    pub groups: Listing<Groups>,
    pub gateways: Listing<Gateways>,
    pub configurations: Listing<Configurations>,
    pub connections: Listing<Connections>,
    pub destinations: Listing<Destinations>,
    pub marked_rules: Listing<MarkedRules>,
}

impl Listings {
    /// Nothing is listed yet. Of security groups, those are listed that have a tag whose key begins with `tag_prefix`; of their
    /// rules, those that have the tag `mark`.
    pub fn new(clients: &Clients, tag_prefix: &'static str, mark: &'static str) -> Self {
        Self {
            groups: Listing::new(Groups {
                ec2: clients.ec2.clone(),
                tag_prefix,
            }),
            gateways: Listing::new(Gateways(clients.lattice.clone())),
            configurations: Listing::new(Configurations(clients.lattice.clone())),
            connections: Listing::new(Connections(clients.events.clone())),
            destinations: Listing::new(Destinations(clients.events.clone())),
            marked_rules: Listing::new(MarkedRules {
                ec2: clients.ec2.clone(),
                mark,
            }),
        }
    }
}

/// A security group.
#[derive(Debug, Clone)]
pub struct ListedGroup {
    pub id: String,
    pub name: String,
    /// All of them, AWS's own too.
    pub tags: BTreeMap<String, String>,
    /// All that a read would show; `None` for what this process has made or changed.
    pub shown: Option<Shown<SecurityGroup>>,
}

/// A resource gateway.
#[derive(Debug, Clone)]
pub struct ListedGateway {
    pub id: String,
    pub arn: String,
    pub name: String,
    /// All that a read would show; `None` for what this process has made or changed.
    pub shown: Option<Shown<ResourceGatewaySummary>>,
}

/// A resource configuration, of this account or shared with it.
#[derive(Debug, Clone)]
pub struct ListedConfiguration {
    pub id: String,
    pub arn: String,
    pub name: String,
    /// The id of its gateway.
    pub gateway: Option<String>,
}

/// A connection.
#[derive(Debug, Clone)]
pub struct ListedConnection {
    pub arn: String,
    pub name: String,
    pub state: ConnectionState,
}

/// An API destination.
#[derive(Debug, Clone)]
pub struct ListedDestination {
    pub arn: String,
    pub name: String,
    pub connection_arn: String,
}

/// A rule of a security group that a run has made which has not ended.
#[derive(Debug, Clone)]
pub struct MarkedRule {
    pub id: String,
    pub rule: SecurityGroupRule,
}

impl Entry for MarkedRule {
    fn id(&self) -> &str {
        &self.id
    }
}

impl Entry for ListedGroup {
    fn id(&self) -> &str {
        &self.id
    }

    fn outdate(&mut self) {
        self.shown = None;
    }
}

impl Entry for ListedGateway {
    fn id(&self) -> &str {
        &self.id
    }

    fn outdate(&mut self) {
        self.shown = None;
    }
}

impl Entry for ListedConfiguration {
    fn id(&self) -> &str {
        &self.id
    }
}

impl Entry for ListedConnection {
    fn id(&self) -> &str {
        &self.arn
    }
}

impl Entry for ListedDestination {
    fn id(&self) -> &str {
        &self.arn
    }
}

/// Security groups that bear one of our tags.
pub struct Groups {
    ec2: aws_sdk_ec2::Client,
    tag_prefix: &'static str,
}

/// Rules of security groups that bear the mark.
pub struct MarkedRules {
    ec2: aws_sdk_ec2::Client,
    mark: &'static str,
}

/// Resource gateways.
pub struct Gateways(aws_sdk_vpclattice::Client);

/// Resource configurations that are not AWS's own.
pub struct Configurations(aws_sdk_vpclattice::Client);

/// Connections.
pub struct Connections(aws_sdk_eventbridge::Client);

impl Lister for Groups {
    type Entry = ListedGroup;
    const SAVES_READS: Option<usize> = Some(GROUPS_PAGE);

    async fn list(&self) -> Result<Vec<ListedGroup>, AwsError> {
        const API: Api = Api::new("ec2", "DescribeSecurityGroups");
        let by_tag = Filter::builder()
            .name("tag-key")
            .values(format!("{}*", self.tag_prefix))
            .build();
        let at = Instant::now();
        let groups = pages(API, |token| {
            let request = self.ec2.describe_security_groups().filters(by_tag.clone());
            let request = request.set_next_token(token);
            async move {
                let answer = request.send().await.of(API)?;
                Ok((answer.security_groups.unwrap_or_default(), answer.next_token))
            }
        });
        let listed = groups.await?.into_iter().map(|group| {
            let tags = group.tags.iter().flatten().cloned();
            Ok(ListedGroup {
                id: wanted(API, "GroupId", group.group_id.clone())?,
                name: wanted(API, "GroupName", group.group_name.clone())?,
                tags: tags
                    .filter_map(|tag| Some((tag.key?, tag.value.unwrap_or_default())))
                    .collect(),
                shown: Some(Shown::new(group, at)),
            })
        });
        listed.collect()
    }
}

impl Lister for MarkedRules {
    type Entry = MarkedRule;

    async fn list(&self) -> Result<Vec<MarkedRule>, AwsError> {
        const API: Api = Api::new("ec2", "DescribeSecurityGroupRules");
        let marked = Filter::builder()
            .name(format!("tag:{}", self.mark))
            .values("*")
            .build();
        let rules = pages(API, |token| {
            let request = self.ec2.describe_security_group_rules().filters(marked.clone());
            let request = request.set_next_token(token);
            async move {
                let answer = request.send().await.of(API)?;
                Ok((answer.security_group_rules.unwrap_or_default(), answer.next_token))
            }
        });
        let listed = rules.await?.into_iter().map(|rule| {
            Ok(MarkedRule {
                id: wanted(API, "SecurityGroupRuleId", rule.security_group_rule_id.clone())?,
                rule,
            })
        });
        listed.collect()
    }
}

impl Lister for Gateways {
    type Entry = ListedGateway;
    const SAVES_READS: Option<usize> = Some(PAGE as usize);

    async fn list(&self) -> Result<Vec<ListedGateway>, AwsError> {
        const API: Api = Api::new("vpc-lattice", "ListResourceGateways");
        let at = Instant::now();
        let gateways = pages(API, |token| {
            let request = self.0.list_resource_gateways().max_results(PAGE);
            let request = request.set_next_token(token);
            async move {
                let answer = request.send().await.of(API)?;
                Ok((answer.items.unwrap_or_default(), answer.next_token))
            }
        });
        let listed = gateways.await?.into_iter().map(|gateway| {
            Ok(ListedGateway {
                id: wanted(API, "id", gateway.id.clone())?,
                arn: wanted(API, "arn", gateway.arn.clone())?,
                name: wanted(API, "name", gateway.name.clone())?,
                shown: Some(Shown::new(gateway, at)),
            })
        });
        listed.collect()
    }
}

impl Lister for Configurations {
    type Entry = ListedConfiguration;

    async fn list(&self) -> Result<Vec<ListedConfiguration>, AwsError> {
        const API: Api = Api::new("vpc-lattice", "ListResourceConfigurations");
        let configurations = pages(API, |token| {
            let request = self.0.list_resource_configurations().max_results(PAGE);
            let request = request.set_next_token(token);
            async move {
                let answer = request.send().await.of(API)?;
                Ok((answer.items.unwrap_or_default(), answer.next_token))
            }
        });
        let configurations = configurations.await?.into_iter();
        let others = configurations.filter(|configuration| configuration.amazon_managed != Some(true));
        let listed = others.map(|configuration| {
            Ok(ListedConfiguration {
                id: wanted(API, "id", configuration.id)?,
                arn: wanted(API, "arn", configuration.arn)?,
                name: wanted(API, "name", configuration.name)?,
                gateway: configuration.resource_gateway_id,
            })
        });
        listed.collect()
    }
}

/// API destinations.
pub struct Destinations(aws_sdk_eventbridge::Client);

impl Lister for Destinations {
    type Entry = ListedDestination;

    async fn list(&self) -> Result<Vec<ListedDestination>, AwsError> {
        const API: Api = Api::new("events", "ListApiDestinations");
        let destinations = pages(API, |token| {
            let request = self.0.list_api_destinations().limit(PAGE).set_next_token(token);
            async move {
                let answer = request.send().await.of(API)?;
                Ok((answer.api_destinations.unwrap_or_default(), answer.next_token))
            }
        });
        let listed = destinations.await?.into_iter().map(|destination| {
            Ok(ListedDestination {
                arn: wanted(API, "ApiDestinationArn", destination.api_destination_arn)?,
                name: wanted(API, "Name", destination.name)?,
                connection_arn: destination.connection_arn.unwrap_or_default(),
            })
        });
        listed.collect()
    }
}

impl Lister for Connections {
    type Entry = ListedConnection;

    async fn list(&self) -> Result<Vec<ListedConnection>, AwsError> {
        const API: Api = Api::new("events", "ListConnections");
        let connections = pages(API, |token| {
            let request = self.0.list_connections().limit(PAGE).set_next_token(token);
            async move {
                let answer = request.send().await.of(API)?;
                Ok((answer.connections.unwrap_or_default(), answer.next_token))
            }
        });
        let listed = connections.await?.into_iter().map(|connection| {
            Ok(ListedConnection {
                arn: wanted(API, "ConnectionArn", connection.connection_arn)?,
                name: wanted(API, "Name", connection.name)?,
                state: wanted(API, "ConnectionState", connection.connection_state)?,
            })
        });
        listed.collect()
    }
}
