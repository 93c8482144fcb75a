//! Listings of whole kinds, made once per process and Region and dropped at our own writes.
//!
//! They find what bears our tag and is not recorded. With hundreds of invocations in one configuration, one
//! listing serves them all.

use std::collections::BTreeMap;
use std::sync::Arc;

use aws_sdk_eventbridge::types::ConnectionState;
use tokio::sync::Mutex;

use super::api::Api;
use super::call::Called as _;
use super::clients::Clients;
use super::error::AwsError;

/// One object of a listing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    pub id: String,
    pub arn: String,
    pub name: String,
    /// The id of the gateway, for a resource configuration.
    pub gateway: Option<String>,
    /// The tags, where the listing has them (EC2's have, VPC Lattice's do not).
    pub tags: BTreeMap<String, String>,
}

/// The first page of an account's connections, which is all of them in most accounts.
#[derive(Debug, Clone)]
pub struct ConnectionsPage {
    /// Name, ARN and state.
    pub connections: Vec<(String, String, Option<ConnectionState>)>,
    /// Whether there are no others.
    pub is_whole: bool,
}

/// What one page of ListConnections holds at most (aws-operations.md).
const CONNECTIONS_PAGE: i32 = 100;

/// The listings of one Region, by kind.
pub struct Listings {
    ec2: aws_sdk_ec2::Client,
    lattice: aws_sdk_vpclattice::Client,
    events: aws_sdk_eventbridge::Client,
    groups: Mutex<Option<Arc<Vec<Listed>>>>,
    gateways: Mutex<Option<Arc<Vec<Listed>>>>,
    configurations: Mutex<Option<Arc<Vec<Listed>>>>,
    connections: Mutex<Option<Arc<ConnectionsPage>>>,
}

impl Listings {
    /// Nothing is listed yet.
    pub fn new(clients: &Clients) -> Self {
        Self {
            ec2: clients.ec2.clone(),
            lattice: clients.lattice.clone(),
            events: clients.events.clone(),
            groups: Mutex::default(),
            gateways: Mutex::default(),
            configurations: Mutex::default(),
            connections: Mutex::default(),
        }
    }

    /// All security groups that carry one of `tag_keys`, which are always the same.
    pub async fn groups(&self, tag_keys: &[&str]) -> Result<Arc<Vec<Listed>>, AwsError> {
        const API: Api = Api::new("ec2", "DescribeSecurityGroups");
        let mut kept = self.groups.lock().await;
        if let Some(kept) = &*kept {
            return Ok(Arc::clone(kept));
        }
        let by_tag = aws_sdk_ec2::types::Filter::builder()
            .name("tag-key")
            .set_values(Some(tag_keys.iter().map(|key| (*key).to_owned()).collect()))
            .build();
        let mut pages = self
            .ec2
            .describe_security_groups()
            .filters(by_tag)
            .into_paginator()
            .send();
        let mut found = Vec::new();
        while let Some(page) = pages.next().await {
            for group in page.of(API)?.security_groups.unwrap_or_default() {
                found.push(Listed {
                    id: group.group_id.unwrap_or_default(),
                    arn: group.security_group_arn.unwrap_or_default(),
                    name: group.group_name.unwrap_or_default(),
                    gateway: None,
                    tags: group
                        .tags
                        .unwrap_or_default()
                        .into_iter()
                        .filter_map(|tag| Some((tag.key?, tag.value.unwrap_or_default())))
                        .collect(),
                });
            }
        }
        Ok(Arc::clone(kept.insert(Arc::new(found))))
    }

    /// All resource gateways that are not AWS's own.
    pub async fn gateways(&self) -> Result<Arc<Vec<Listed>>, AwsError> {
        const API: Api = Api::new("vpc-lattice", "ListResourceGateways");
        let mut kept = self.gateways.lock().await;
        if let Some(kept) = &*kept {
            return Ok(Arc::clone(kept));
        }
        let mut items = self
            .lattice
            .list_resource_gateways()
            .into_paginator()
            .items()
            .send();
        let mut found = Vec::new();
        while let Some(item) = items.next().await {
            let item = item.of(API)?;
            found.push(Listed {
                id: item.id.unwrap_or_default(),
                arn: item.arn.unwrap_or_default(),
                name: item.name.unwrap_or_default(),
                gateway: None,
                tags: BTreeMap::new(),
            });
        }
        Ok(Arc::clone(kept.insert(Arc::new(found))))
    }

    /// All resource configurations that are not AWS's own.
    pub async fn configurations(&self) -> Result<Arc<Vec<Listed>>, AwsError> {
        const API: Api = Api::new("vpc-lattice", "ListResourceConfigurations");
        let mut kept = self.configurations.lock().await;
        if let Some(kept) = &*kept {
            return Ok(Arc::clone(kept));
        }
        let mut items = self
            .lattice
            .list_resource_configurations()
            .into_paginator()
            .items()
            .send();
        let mut found = Vec::new();
        while let Some(item) = items.next().await {
            let item = item.of(API)?;
            if item.amazon_managed == Some(true) {
                continue;
            }
            found.push(Listed {
                id: item.id.unwrap_or_default(),
                arn: item.arn.unwrap_or_default(),
                name: item.name.unwrap_or_default(),
                gateway: item.resource_gateway_id,
                tags: BTreeMap::new(),
            });
        }
        Ok(Arc::clone(kept.insert(Arc::new(found))))
    }

    /// The first page of connections.
    pub async fn first_connections(&self) -> Result<Arc<ConnectionsPage>, AwsError> {
        const API: Api = Api::new("events", "ListConnections");
        let mut kept = self.connections.lock().await;
        if let Some(kept) = &*kept {
            return Ok(Arc::clone(kept));
        }
        let answer = self
            .events
            .list_connections()
            .limit(CONNECTIONS_PAGE)
            .send()
            .await;
        let answer = answer.of(API)?;
        let connections = answer.connections.unwrap_or_default().into_iter();
        let page = ConnectionsPage {
            connections: connections
                .map(|one| {
                    (
                        one.name.unwrap_or_default(),
                        one.connection_arn.unwrap_or_default(),
                        one.connection_state,
                    )
                })
                .collect(),
            is_whole: answer.next_token.is_none(),
        };
        Ok(Arc::clone(kept.insert(Arc::new(page))))
    }

    /// Drops the listing of security groups: this process has just written one.
    pub async fn groups_changed(&self) {
        *self.groups.lock().await = None;
    }

    /// Drops the listing of resource gateways.
    pub async fn gateways_changed(&self) {
        *self.gateways.lock().await = None;
    }

    /// Drops the listing of resource configurations.
    pub async fn configurations_changed(&self) {
        *self.configurations.lock().await = None;
    }

    /// Drops the page of connections.
    pub async fn connections_changed(&self) {
        *self.connections.lock().await = None;
    }
}
