//! The AWS of one sequence: what there is beforehand, and what it has to hold afterwards.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use aws_sdk_ec2::types::{IpPermission, Ipv6Range};
use aws_sdk_vpclattice::types::{DnsResource, ResourceConfigurationDefinition, ResourceConfigurationType};
use local_aws::{LocalAws, Options, SeedDocument, Speed, Times};
use serde_json::json;

use super::choice::Choice;
use crate::client::Aws;
use crate::component::naming::INVOCATION_TAG;
use crate::invocation::tests::{by_hand, second_endpoint};

/// How time passes.
#[derive(Debug, Clone, Copy)]
pub enum Time {
    /// No transition takes any.
    None,
    /// It stands, and each call moves it on by so much.
    ByCalls(Duration),
}

/// What there is beside what the invocation makes.
pub struct World {
    pub local: Arc<LocalAws>,
    aws: Arc<Aws>,
    pub second_endpoint: String,
    pub groups: [String; 2],
    pub endpoint_group: String,
    /// Two subnets with IPv6 addresses, in the zones of the seed's.
    pub ipv6_subnets: [String; 2],
    pub gateway: String,
    pub configuration: String,
    /// One that another account shares.
    pub configuration_of_another: String,
    ended: Arc<AtomicBool>,
}

impl Drop for World {
    fn drop(&mut self) {
        self.ended.store(true, Ordering::Relaxed);
    }
}

/// The seed, with what another account shares.
fn document() -> SeedDocument {
    let mut document = serde_json::to_value(SeedDocument::default()).expect("a document");
    document["shared_configurations"] =
        json!([{ "name": "theirs", "owner": "999999999999", "to": "login", "id": "rcfg-0123456789abcdef0" }]);
    SeedDocument::parse(&document.to_string()).expect("the document with one part more")
}

/// Moves time on after each call, until the sequence has ended.
fn move_on(local: &Arc<LocalAws>, ended: &Arc<AtomicBool>, step: Duration) {
    let (local, ended) = (Arc::clone(local), Arc::clone(ended));
    std::thread::spawn(move || {
        let mut seen = local.calls().len();
        while !ended.load(Ordering::Relaxed) {
            if local.wait_for_more_calls(seen, Duration::from_secs(1)) {
                seen += 1;
                local.advance(step);
            }
        }
    });
}

impl World {
    pub async fn new(time: Time) -> Self {
        let options = Options {
            speed: match time {
                Time::None => Speed::Instant,
                Time::ByCalls(_) => Speed::Factor(1.0),
            },
            step: matches!(time, Time::ByCalls(_)),
            document: document(),
            // Time passes by calls here, and a minute more of AUTHORIZED is only more calls.
            times: Times {
                connection: Duration::from_secs(60),
                ..Times::default()
            },
            ..Options::default()
        };
        let local = Arc::new(LocalAws::start(options).expect("a local AWS starts"));
        let aws = by_hand(&local).await;
        let second_endpoint = second_endpoint(&local).await;
        let group = async |name: &str| {
            let request = aws.ec2.create_security_group().group_name(name).description(name);
            let made = request
                .vpc_id(&local.seed().vpc_id)
                .send()
                .await
                .expect("a group");
            made.group_id.expect("its id")
        };
        let groups = [group("one").await, group("two").await];
        let objects = local.objects();
        let endpoint_group = objects
            .iter()
            .find(|object| object["name"] == "execute-api" && object["type"] == "security-group")
            .and_then(|object| object["id"].as_str())
            .expect("the endpoint's group")
            .to_owned();
        let ipv6_subnets = ipv6_subnets(&local, &aws, &endpoint_group).await;
        local.advance_until_settled();
        let gateway = aws
            .lattice
            .create_resource_gateway()
            .name("shared")
            .vpc_identifier(&local.seed().vpc_id)
            .set_subnet_ids(Some(local.seed().subnet_ids.clone()))
            .security_group_ids(&groups[0])
            .send()
            .await
            .expect("a gateway")
            .id
            .expect("its id");
        local.advance_until_settled();
        let dns = DnsResource::builder().domain_name("api.example.com").build();
        let configuration = aws
            .lattice
            .create_resource_configuration()
            .name("shared")
            .r#type(ResourceConfigurationType::Single)
            .resource_gateway_identifier(&gateway)
            .port_ranges("443")
            .resource_configuration_definition(ResourceConfigurationDefinition::DnsResource(dns))
            .send()
            .await
            .expect("a configuration")
            .arn
            .expect("its ARN");
        local.advance_until_settled();
        let ended = Arc::new(AtomicBool::new(false));
        if let Time::ByCalls(step) = time {
            move_on(&local, &ended, step);
        }
        let region = &local.seed().region;
        let configuration_of_another =
            format!("arn:aws:vpc-lattice:{region}:999999999999:resourceconfiguration/rcfg-0123456789abcdef0");
        Self {
            aws,
            second_endpoint,
            groups,
            endpoint_group,
            ipv6_subnets,
            gateway,
            configuration,
            configuration_of_another,
            ended,
            local,
        }
    }

    /// What there is that an invocation could have made, without what was there before.
    pub fn made(&self) -> BTreeMap<String, usize> {
        let mut made = BTreeMap::new();
        let ours = |object: &serde_json::Value| {
            object["tags"][INVOCATION_TAG]
                .as_str()
                .is_some_and(|holder| holder.split('/').next() == Some("orders"))
                || object["type"] == "connection"
                || object["type"] == "api-destination"
        };
        for object in self.local.objects().iter().filter(|object| ours(object)) {
            let kind = object["type"].as_str().unwrap_or_default().to_owned();
            *made.entry(kind).or_default() += 1;
        }
        made
    }
}

/// Gives the VPC IPv6 addresses and makes two subnets that have them. The endpoint's group lets them in.
async fn ipv6_subnets(local: &LocalAws, aws: &Aws, endpoint_group: &str) -> [String; 2] {
    let vpc_id = &local.seed().vpc_id;
    let request = aws.ec2.associate_vpc_cidr_block().vpc_id(vpc_id);
    let block = request.amazon_provided_ipv6_cidr_block(true).send().await;
    let block = block
        .expect("an IPv6 block")
        .ipv6_cidr_block_association
        .and_then(|block| block.ipv6_cidr_block)
        .expect("its range");
    let rule = IpPermission::builder()
        .ip_protocol("tcp")
        .from_port(443)
        .to_port(443)
        .ipv6_ranges(Ipv6Range::builder().cidr_ipv6(&block).build())
        .build();
    let request = aws
        .ec2
        .authorize_security_group_ingress()
        .group_id(endpoint_group);
    request.ip_permissions(rule).send().await.expect("a rule");
    let range: ipnet::Ipv6Net = block.parse().expect("a range");
    let mut halves = range.subnets(64).expect("ranges for subnets");
    let mut subnet = async |zone: char, cidr: &str| {
        let request = aws.ec2.create_subnet().vpc_id(vpc_id).cidr_block(cidr);
        let request = request.ipv6_cidr_block(halves.next().expect("a range").to_string());
        let made = request
            .availability_zone(format!("{}{zone}", local.seed().region))
            .send()
            .await;
        let made = made.expect("a subnet").subnet.and_then(|subnet| subnet.subnet_id);
        made.expect("its id")
    };
    [subnet('a', "10.0.8.0/24").await, subnet('b', "10.0.9.0/24").await]
}

/// The egress rules of groups: ports and where to. A group that was just made is missed by a read or two.
async fn lets_out(aws: &Aws, groups: Vec<String>) -> Result<BTreeSet<String>, String> {
    let describe = || {
        let request = aws.ec2.describe_security_groups();
        request.set_group_ids(Some(groups.clone())).send()
    };
    let mut seen = describe().await;
    for _ in 0..2 {
        if seen.is_err() {
            seen = describe().await;
        }
    }
    let seen = seen.map_err(|error| format!("{error:?}"))?;
    let mut rules = BTreeSet::new();
    for rule in seen
        .security_groups()
        .iter()
        .flat_map(|group| group.ip_permissions_egress())
    {
        let cidrs = rule.ip_ranges().iter().filter_map(|range| range.cidr_ip());
        let groups = rule
            .user_id_group_pairs()
            .iter()
            .filter_map(|pair| pair.group_id());
        for to in cidrs.chain(groups) {
            let (first, last) = (
                rule.from_port.unwrap_or_default(),
                rule.to_port.unwrap_or_default(),
            );
            rules.insert(format!("{first}-{last} {to}"));
        }
    }
    Ok(rules)
}

/// What AWS has to hold after `choice` was applied, read with a client of the test's own.
pub async fn holds(world: &World, choice: Choice) -> Result<(), String> {
    let shared = choice.shared_configuration(world);
    let own_path = shared.is_none();
    let own_gateway = own_path && !choice.is_shared_gateway();
    let own_group = own_gateway && choice.get("security_group_ids") == 0;
    let mut wanted = BTreeMap::from([("connection".to_owned(), 1)]);
    let mut add = |kind: &str, count: usize| {
        if count > 0 {
            wanted.insert(kind.to_owned(), count);
        }
    };
    add("resource-configuration", own_path.into());
    add("resource-gateway", own_gateway.into());
    add("security-group", own_group.into());
    add("api-destination", choice.destination_names().len());
    let made: BTreeMap<_, _> = world
        .made()
        .into_iter()
        .filter(|(kind, _)| kind != "security-group-rule")
        .collect();
    if made != wanted {
        return Err(format!("AWS holds {made:?}, wanted are {wanted:?}"));
    }
    let seen = world.aws.events.describe_connection().name("orders").send().await;
    let seen = seen.map_err(|error| error.to_string())?;
    let mut wrong = String::new();
    let mut compare = |what: &str, is: String, wanted: String| {
        if is != wanted {
            let _ = writeln!(wrong, "{what} is {is}, wanted is {wanted}");
        }
    };
    let description = ["", "one", "two"][usize::from(choice.get("description"))];
    // Where an empty description does not clear, one that says nothing stands for none.
    let seen_description = seen
        .description
        .filter(|words| words != "Private API invocation orders");
    compare(
        "description",
        seen_description.unwrap_or_default(),
        description.to_owned(),
    );
    let kinds = ["API_KEY", "BASIC", "OAUTH_CLIENT_CREDENTIALS", "API_KEY"];
    compare(
        "authorization",
        seen.authorization_type
            .map_or_else(String::new, |kind| kind.as_str().to_owned()),
        kinds[usize::from(choice.get("authorization"))].to_owned(),
    );
    let http = seen
        .auth_parameters
        .and_then(|all| all.invocation_http_parameters);
    let names = |names: BTreeSet<String>| format!("{names:?}");
    let inert = |name: &String| name != "x-private-api-invocation";
    let headers: BTreeSet<String> = http
        .iter()
        .flat_map(|http| http.header_parameters().iter().filter_map(|one| one.key.clone()))
        .filter(inert)
        .collect();
    let wanted_headers: &[&str] = match choice.get("header") {
        0 => &[],
        4 => &["x-shop", "x-tenant"],
        _ => &["x-shop"],
    };
    compare(
        "headers",
        names(headers),
        names(wanted_headers.iter().map(|name| (*name).to_owned()).collect()),
    );
    let bodies: BTreeSet<String> = http
        .iter()
        .flat_map(|http| http.body_parameters().iter().filter_map(|one| one.key.clone()))
        .filter(inert)
        .collect();
    let wanted_bodies: &[&str] =
        [&[] as &[&str], &["tenant"], &["tenant"], &["source"]][usize::from(choice.get("body"))];
    compare(
        "body",
        names(bodies),
        names(wanted_bodies.iter().map(|name| (*name).to_owned()).collect()),
    );
    let way = seen
        .invocation_connectivity_parameters
        .and_then(|way| way.resource_parameters)
        .map(|way| way.resource_configuration_arn)
        .unwrap_or_default();
    compare(
        "way through the shared configuration",
        [&world.configuration, &world.configuration_of_another]
            .contains(&&way)
            .to_string(),
        shared.is_some().to_string(),
    );
    if own_path {
        let request = world.aws.lattice.get_resource_configuration();
        let configuration = request.resource_configuration_identifier(&way).send().await;
        let configuration = configuration.map_err(|error| error.to_string())?;
        let mut ports = configuration.port_ranges.unwrap_or_default();
        ports.sort();
        compare("ports", ports.join(","), choice.ports().join(","));
        compare(
            "shareable",
            (configuration.allow_association_to_shareable_service_network == Some(true)).to_string(),
            choice.is_shareable().to_string(),
        );
        let address = match configuration.resource_configuration_definition {
            Some(ResourceConfigurationDefinition::IpResource(ip)) => ip.ip_address,
            _ => None,
        };
        compare(
            "address",
            address.unwrap_or_default(),
            choice.ip_address().unwrap_or_default().to_owned(),
        );
        let gateway = configuration.resource_gateway_id.unwrap_or_default();
        compare(
            "shared gateway",
            (gateway == world.gateway).to_string(),
            choice.is_shared_gateway().to_string(),
        );
        if own_gateway {
            let request = world.aws.lattice.get_resource_gateway();
            let gateway = request.resource_gateway_identifier(gateway).send().await;
            let gateway = gateway.map_err(|error| error.to_string())?;
            let seen_groups: BTreeSet<_> = gateway.security_group_ids().iter().cloned().collect();
            if let Some(mut subnets) = choice.subnets(world) {
                subnets.sort();
                let mut seen = gateway.subnet_ids.unwrap_or_default();
                seen.sort();
                compare("subnets", seen.join(","), subnets.join(","));
            }
            let kind = choice.ip_address_type().unwrap_or("IPV4");
            compare(
                "type of addresses",
                gateway
                    .ip_address_type
                    .as_ref()
                    .map_or_else(String::new, |kind| kind.as_str().to_owned()),
                kind.to_owned(),
            );
            let only_ipv6 = kind == "IPV6";
            let addresses = match choice.get("ipv4_addresses_per_eni") {
                _ if only_ipv6 => 0,
                1 => 8,
                _ => 16,
            };
            compare(
                "addresses",
                gateway.ipv4_addresses_per_eni.unwrap_or_default().to_string(),
                addresses.to_string(),
            );
            let resolution = match choice.get("resource_config_dns_resolution") {
                _ if only_ipv6 => "PUBLIC",
                1 => "PUBLIC",
                0 if !choice.is_https() => "PUBLIC",
                _ => "IN_VPC",
            };
            compare(
                "DNS resolution",
                gateway
                    .resource_config_dns_resolution
                    .map_or_else(String::new, |mode| mode.as_str().to_owned()),
                resolution.to_owned(),
            );
            let egress = choice.egress(world);
            if own_group && !egress.is_empty() {
                let rule = |ports: &&str| {
                    let (first, last) = ports.split_once('-').unwrap_or((ports, ports));
                    egress
                        .iter()
                        .map(|to| format!("{first}-{last} {to}"))
                        .collect::<Vec<_>>()
                };
                let wanted = choice.ports().iter().flat_map(rule).collect();
                let groups = seen_groups.clone().into_iter().collect();
                compare(
                    "egress",
                    names(lets_out(&world.aws, groups).await?),
                    names(wanted),
                );
            }
            let groups = usize::from(choice.get("security_group_ids"));
            if groups > 0 {
                compare(
                    "groups",
                    names(seen_groups),
                    names(world.groups[..groups].iter().cloned().collect()),
                );
            }
        }
    }
    for name in choice.destination_names() {
        let seen = world
            .aws
            .events
            .describe_api_destination()
            .name(*name)
            .send()
            .await;
        let seen = seen.map_err(|error| error.to_string())?;
        let detail = choice.get("api destination's arguments");
        compare(
            "rate",
            seen.invocation_rate_limit_per_second
                .unwrap_or_default()
                .to_string(),
            if detail == 2 { "100" } else { "300" }.to_owned(),
        );
        compare(
            "method",
            seen.http_method
                .map_or_else(String::new, |method| method.as_str().to_owned()),
            if detail == 1 { "PUT" } else { "POST" }.to_owned(),
        );
    }
    if wrong.is_empty() { Ok(()) } else { Err(wrong) }
}
