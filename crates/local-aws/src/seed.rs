//! What a fresh world contains: one VPC with an execute-api endpoint, and behind it one private API.

use std::net::Ipv4Addr;

use ipnet::Ipv4Net;
use serde::Serialize;

use crate::clock::Clock;
use crate::ec2::endpoints::{self, NewEndpoint};
use crate::ec2::groups::{self, SecurityGroup};
use crate::ec2::rules::{self, Rule, Target};
use crate::ec2::vpcs::{CidrBlock, Subnet, Vpc};
use crate::error::Answer;
use crate::ids;
use crate::settings::Settings;
use crate::times::Times;
use crate::world::{Tags, World};

/// What a client has to know to begin: the line that `local-aws serve` prints.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Seed {
    /// The URL that serves every AWS service and the control API.
    pub endpoint: String,
    /// The one region that requests may be signed for.
    pub region: String,
    /// The account that everything belongs to.
    pub account_id: String,
    /// The VPC, with the CIDR blocks 10.0.0.0/16 and 100.64.0.0/16.
    pub vpc_id: String,
    /// One subnet in each of two zones.
    pub subnet_ids: Vec<String>,
    /// The execute-api interface endpoint.
    pub vpc_endpoint_id: String,
    /// What an HTTP task has to call: `https://<api>.execute-api.<region>.amazonaws.com/<stage>/orders`.
    pub api_url: String,
    /// The value that the private API wants in `x-api-key`, or as password of the user `orders`.
    pub api_key: String,
    /// A role to hand to TestState or to assume.
    pub role_arn: String,
}

/// Region and account, and the identifiers that a reset keeps.
#[derive(Clone, Debug)]
pub(crate) struct Origin {
    pub(crate) region: String,
    pub(crate) account_id: String,
    pub(crate) api_id: String,
    pub(crate) api_key: String,
    vpc_id: String,
    subnet_ids: [String; 2],
    endpoint_id: String,
}

/// The private API's one stage.
pub(crate) const STAGE: &str = "prod";

impl Origin {
    pub(crate) fn new(region: &str) -> Self {
        Self {
            region: region.to_owned(),
            account_id: "123456789012".to_owned(),
            api_id: ids::letters(10),
            api_key: format!("{}{}", ids::letters(20), ids::letters(20)),
            vpc_id: ids::resource_id("vpc"),
            subnet_ids: [ids::resource_id("subnet"), ids::resource_id("subnet")],
            endpoint_id: ids::resource_id("vpce"),
        }
    }

    pub(crate) fn seed(&self, endpoint: String) -> Seed {
        Seed {
            endpoint,
            region: self.region.clone(),
            account_id: self.account_id.clone(),
            vpc_id: self.vpc_id.clone(),
            subnet_ids: self.subnet_ids.to_vec(),
            vpc_endpoint_id: self.endpoint_id.clone(),
            api_url: format!(
                "https://{}.execute-api.{}.amazonaws.com/{STAGE}/orders",
                self.api_id, self.region
            ),
            api_key: self.api_key.clone(),
            role_arn: format!("arn:aws:iam::{}:role/state-machine", self.account_id),
        }
    }
}

/// Makes a world with the seed in it. `times` are scaled already.
pub(crate) fn world(origin: &Origin, times: Times, settings: Settings, clock: &Clock) -> Answer<World> {
    let mut world = World::empty(origin.clone(), times, settings, clock.began(), clock.now());
    let name = |name: &str| Tags::from([("Name".to_owned(), name.to_owned())]);
    let cidrs = [
        Ipv4Net::new_assert(Ipv4Addr::new(10, 0, 0, 0), 16),
        Ipv4Net::new_assert(Ipv4Addr::new(100, 64, 0, 0), 16),
    ];
    world.ec2.account_id.clone_from(&origin.account_id);

    let vpc_id = origin.vpc_id.clone();
    let blocks = cidrs.map(|cidr| CidrBlock {
        association_id: ids::resource_id("vpc-cidr-assoc"),
        cidr,
    });
    let vpc = Vpc {
        id: vpc_id.clone(),
        cidrs: blocks.into(),
        tags: name("local"),
    };
    world.ec2.vpcs.insert(vpc_id.clone(), vpc);
    for (index, id) in (0_u8..).zip(&origin.subnet_ids) {
        let letter = char::from(b'a' + index);
        let subnet = Subnet {
            id: id.clone(),
            vpc_id: vpc_id.clone(),
            cidr: Ipv4Net::new_assert(Ipv4Addr::new(10, 0, index, 0), 24),
            zone: format!("{}{letter}", origin.region),
            zone_id: format!("use1-az{}", index + 1),
            tags: name(&format!("local-{letter}")),
        };
        world.ec2.subnets.insert(id.clone(), subnet);
    }

    // A VPC's default group lets its members in, and everything out.
    let default = SecurityGroup {
        id: ids::resource_id("sg"),
        name: "default".to_owned(),
        description: "default VPC security group".to_owned(),
        vpc_id: vpc_id.clone(),
        tags: Tags::new(),
    };
    rules::add(&mut world, Rule::everything(&default.id, true));
    let own = Target::Group(default.id.clone());
    rules::add(&mut world, Rule::new(&default.id, false, "-1", (-1, -1), own));
    world.ec2.groups.insert(default.id.clone(), default);

    let group = groups::make(
        &mut world,
        &vpc_id,
        "execute-api",
        "Private APIs",
        name("execute-api"),
    );
    for cidr in cidrs {
        rules::add(
            &mut world,
            Rule::new(&group, false, "tcp", (443, 443), Target::Ipv4(cidr)),
        );
    }
    let endpoint = NewEndpoint {
        vpc_id,
        service_name: format!("com.amazonaws.{}.execute-api", origin.region),
        subnet_ids: origin.subnet_ids.to_vec(),
        group_ids: vec![group],
        private_dns: true,
        policy: None,
        tags: name("execute-api"),
    };
    endpoints::make(&mut world, origin.endpoint_id.clone(), endpoint)?;
    endpoints::settled(&mut world, &origin.endpoint_id, None);
    Ok(world)
}
