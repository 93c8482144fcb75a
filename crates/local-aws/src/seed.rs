//! What a fresh world contains: one VPC with an execute-api endpoint, and behind it one private API.

use std::net::Ipv4Addr;

use ipnet::Ipv4Net;
use serde::Serialize;

use crate::clock::Clock;
use crate::ec2::endpoints::{self, NewEndpoint};
use crate::ec2::rules::{self, Rule, Target};
use crate::ec2::{groups, subnets, vpcs};
use crate::error::Answer;
use crate::settings::Settings;
use crate::times::Times;
use crate::world::{Tags, World};
use crate::{iam, ids};

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

    iam::make(&mut world, "state-machine");
    let vpc_id = origin.vpc_id.clone();
    vpcs::make(&mut world, vpc_id.clone(), &cidrs, name("local"));
    for (index, id) in (0_u8..).zip(&origin.subnet_ids) {
        let letter = char::from(b'a' + index);
        let cidr = Ipv4Net::new_assert(Ipv4Addr::new(10, 0, index, 0), 24);
        let tags = name(&format!("local-{letter}"));
        subnets::make(&mut world, id.clone(), &vpc_id, cidr, letter, tags);
    }

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
        tags: name("execute-api"),
        ..NewEndpoint::default()
    };
    endpoints::make(&mut world, origin.endpoint_id.clone(), endpoint)?;
    endpoints::settled(&mut world, &origin.endpoint_id, None);
    Ok(world)
}
