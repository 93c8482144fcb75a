//! AWS in one Region: its clients, and what the process remembers between calls.

use std::collections::HashMap;
use std::sync::Arc;

use aws_sdk_ec2::types::{SecurityGroup, Subnet, Vpc, VpcEndpoint};
use tokio::sync::Mutex;
use tokio::time::Instant;

use super::handovers::Handovers;
use super::names::Names;
use super::recent::Recent;
use super::reservations::Reservations;
use super::tag_policy::TagPolicy;
use super::{CREATING_TAG, TAG_PREFIX};
use crate::aws::{Arn, AwsError, Base, Batch, Caller, Clients, Listings};
use crate::lock::lock;

/// A VPC endpoint with its VPC.
type LookedUp = Arc<(VpcEndpoint, Vpc)>;

/// The AWS of one Region.
pub struct Aws {
    pub ec2: aws_sdk_ec2::Client,
    pub lattice: aws_sdk_vpclattice::Client,
    pub events: aws_sdk_eventbridge::Client,
    pub states: aws_sdk_sfn::Client,
    sts: aws_sdk_sts::Client,
    region: String,
    caller: Arc<Caller>,
    /// What the provider block says of tags.
    pub tags: Arc<TagPolicy>,
    /// What bears our tags in the account.
    pub listings: Listings,
    /// Names of connections that creates of this process hold.
    pub names: Names,
    /// Names of connections that plans of this process make.
    pub planned: Names,
    /// Names of connections that plans of this process destroy.
    pub leaving: Names,
    /// ARNs of the associations that EventBridge has made for connections which are recorded here.
    pub associations: Names,
    /// Tag values of what creates of this process are making.
    pub holders: Names,
    /// Tag values of what the resources record whose states this process has read.
    pub recorded: Names,
    /// API destinations that pass from one resource to another.
    pub handovers: Handovers,
    /// When this process last made a gateway or a configuration, at which others may point.
    made_at: std::sync::Mutex<Option<Instant>>,
    /// What the resources of this process are about to take.
    pub reservations: Reservations,
    /// VPC endpoints with their VPCs, by id, once they are available: what is read of them does not change while a plan
    /// or an apply is made.
    pub endpoints: Mutex<HashMap<String, Arc<Mutex<Option<LookedUp>>>>>,
    /// Subnets that are asked for by their ids.
    pub(super) asked_subnets: Batch<Subnet>,
    /// Security groups that are asked for by their ids.
    pub(super) asked_groups: Batch<SecurityGroup>,
    /// What was read of subnets moments ago.
    pub recent_subnets: Recent<Vec<Subnet>>,
    /// What was read of security groups moments ago.
    pub recent_groups: Recent<Vec<SecurityGroup>>,
}

impl Aws {
    /// The AWS of `region`; no call is made.
    pub fn new(base: &Base, region: &str, tags: Arc<TagPolicy>) -> Self {
        let clients = base.clients(region);
        let listings = Listings::new(&clients, TAG_PREFIX, CREATING_TAG);
        let Clients {
            ec2,
            lattice,
            events,
            states,
            sts,
        } = clients;
        Self {
            ec2,
            lattice,
            events,
            states,
            sts,
            region: region.to_owned(),
            caller: base.caller(),
            tags,
            listings,
            names: Names::default(),
            planned: Names::default(),
            leaving: Names::default(),
            associations: Names::default(),
            holders: Names::default(),
            recorded: Names::default(),
            handovers: Handovers::default(),
            made_at: std::sync::Mutex::default(),
            reservations: Reservations::default(),
            endpoints: Mutex::default(),
            asked_subnets: Batch::new(Subnet::subnet_id),
            asked_groups: Batch::new(SecurityGroup::group_id),
            recent_subnets: Recent::default(),
            recent_groups: Recent::default(),
        }
    }

    /// Takes note that a gateway or a configuration was just made.
    pub fn made(&self) {
        *lock(&self.made_at) = Some(Instant::now());
    }

    /// When the last one was.
    pub fn made_at(&self) -> Option<Instant> {
        *lock(&self.made_at)
    }

    /// The Region of every call, such as `eu-central-1`.
    pub fn region(&self) -> &str {
        &self.region
    }

    /// The gateway of `who` takes now what was reserved for it: from here on that is missing from what its subnets have
    /// left.
    pub fn addresses_taken(&self, who: &str) {
        let taken = self.reservations.addresses_taken(who);
        self.recent_subnets.change(|subnets| {
            for subnet in subnets {
                let count = subnet.subnet_id.as_ref().and_then(|id| taken.get(id));
                if let (Some(count), Some(left)) = (count, &mut subnet.available_ip_address_count) {
                    *left = left.saturating_sub_unsigned(*count).max(0);
                }
            }
        });
    }

    /// Whose credentials every call is signed with, asked once for all Regions: its ARN names partition and account.
    ///
    /// # Errors
    /// When GetCallerIdentity fails.
    pub async fn caller(&self) -> Result<&Arn, AwsError> {
        self.caller.arn(&self.sts).await
    }
}
