//! Lays a seed document out as objects of the services.

use std::collections::BTreeMap;

use crate::core::clock::Clock;
use crate::core::error::{Answer, ApiError};
use crate::core::ids;
use crate::core::settings::Settings;
use crate::core::tags::Tags;
use crate::core::times::{Speed, Times};
use crate::core::world::World;
use crate::seed::{GroupPart, Origin, RulePart, VpcPart, network};
use crate::services::ec2::endpoints::{self, NewEndpoint};
use crate::services::ec2::interfaces::NetworkInterface;
use crate::services::ec2::rules::{self, Rule, Target};
use crate::services::ec2::{groups, subnets, vpcs};
use crate::services::lattice::configurations;
use crate::services::{REGISTRY, iam};

/// Ids of security groups, by VPC and group name.
type Groups = BTreeMap<(String, String), String>;

/// Makes a world with the seed in it. `times` are scaled already.
pub(crate) fn world(
    origin: &Origin,
    times: Times,
    speed: Speed,
    settings: Settings,
    clock: &Clock,
) -> Answer<World> {
    let mut world = World::empty(
        &*REGISTRY,
        origin.clone(),
        times,
        speed,
        settings,
        clock.began(),
        clock.now(),
    );
    world.ec2_mut().account_id.clone_from(&origin.account_id);
    let document = &origin.document;
    for role in &document.roles {
        iam::make(&mut world, role);
    }
    let mut groups = Groups::new();
    for vpc in &document.vpcs {
        lay_vpc(&mut world, vpc, &mut groups)?;
    }
    let vpc_of = |name: &str| {
        let vpc = document.vpcs.iter().find(|vpc| vpc.name == name);
        vpc.ok_or_else(|| defect(format!("there is no VPC '{name}'")))
    };
    for (index, endpoint) in document.endpoints.iter().enumerate() {
        let vpc = vpc_of(&endpoint.vpc)?;
        let new = NewEndpoint {
            vpc_id: vpc.id.clone(),
            service_name: format!("com.amazonaws.{}.{}", origin.region, endpoint.service),
            subnet_ids: chosen(vpc, &endpoint.subnets),
            group_ids: members(&groups, &vpc.name, &endpoint.security_groups),
            private_dns: endpoint.private_dns,
            policy: endpoint.policy.as_ref().map(ToString::to_string),
            tags: named(&endpoint.name),
            ..NewEndpoint::default()
        };
        endpoints::make(&mut world, endpoint.id.clone(), new)
            .map_err(|error| defect(format!("endpoints[{index}].subnets: {}", error.message)))?;
        endpoints::settle(&mut world, &endpoint.id);
    }
    for (index, host) in document.hosts.iter().enumerate() {
        let Some(vpc) = &host.vpc else { continue };
        let vpc = vpc_of(vpc)?;
        let group_ids = members(&groups, &vpc.name, &host.security_groups);
        for subnet_id in chosen(vpc, &host.subnets) {
            lay_interface(&mut world, &host.domain_name, &subnet_id, &group_ids)
                .map_err(|error| defect(format!("hosts[{index}].subnets: {}", error.message)))?;
        }
    }
    for shared in &document.shared_configurations {
        let endpoint = document
            .endpoints
            .iter()
            .find(|endpoint| endpoint.name == shared.to);
        let host = document.hosts.iter().find(|host| host.name == shared.to);
        let of_endpoint = || {
            let endpoint = world.ec2().endpoints.get(&endpoint?.id)?;
            endpoint.dns_entries.first().map(|(name, _)| name.clone())
        };
        let domain = host.map(|host| host.domain_name.clone()).or_else(of_endpoint);
        let domain = domain.ok_or_else(|| defect(format!("there is nothing called '{}'", shared.to)))?;
        configurations::share(
            &mut world,
            &shared.id,
            &shared.owner,
            &shared.name,
            &domain,
            &shared.port_ranges,
        );
    }
    Ok(world)
}

fn defect(message: String) -> ApiError {
    ApiError::new("InternalError", message)
}

fn named(name: &str) -> Tags {
    Tags::from([("Name".to_owned(), name.to_owned())])
}

/// The ids of the named subnets; of none, the first of each zone.
fn chosen(vpc: &VpcPart, names: &[String]) -> Vec<String> {
    let mut zones = Vec::new();
    let subnets = vpc.subnets.iter().filter(|subnet| {
        if !names.is_empty() {
            return names.contains(&subnet.name);
        }
        let first = !zones.contains(&subnet.zone);
        zones.push(subnet.zone);
        first
    });
    subnets.map(|subnet| subnet.id.clone()).collect()
}

/// The ids of the named groups; of none, the VPC's default group.
fn members(groups: &Groups, vpc: &str, names: &[String]) -> Vec<String> {
    let id = |name: &str| groups.get(&(vpc.to_owned(), name.to_owned())).cloned();
    if names.is_empty() {
        return id("default").into_iter().collect();
    }
    names.iter().filter_map(|name| id(name)).collect()
}

fn lay_vpc(world: &mut World, part: &VpcPart, groups: &mut Groups) -> Answer<()> {
    let net = |cidr: &String| network(cidr).map_err(defect);
    let blocks = part.cidr_blocks.iter().map(net).collect::<Answer<Vec<_>>>()?;
    vpcs::make(world, part.id.clone(), &blocks, named(&part.name));
    for subnet in &part.subnets {
        let cidr = net(&subnet.cidr_block)?;
        subnets::make(
            world,
            subnet.id.clone(),
            &part.id,
            cidr,
            subnet.zone,
            named(&subnet.name),
        );
    }
    if let Some(default) = world.ec2().default_group(&part.id) {
        groups.insert((part.name.clone(), "default".to_owned()), default.id.clone());
    }
    for group in &part.security_groups {
        let description = if group.description.is_empty() {
            &group.name
        } else {
            &group.description
        };
        let id = groups::make(world, &part.id, &group.name, description, named(&group.name));
        groups.insert((part.name.clone(), group.name.clone()), id);
    }
    // Rules may name each other's groups, so they come when all of them are there.
    for group in &part.security_groups {
        lay_rules(world, &part.name, group, groups)?;
    }
    Ok(())
}

fn lay_rules(world: &mut World, vpc: &str, part: &GroupPart, groups: &Groups) -> Answer<()> {
    let id = members(groups, vpc, std::slice::from_ref(&part.name)).concat();
    if part.egress.is_some() {
        world
            .ec2_mut()
            .rules
            .retain(|_, rule| rule.group_id != id || !rule.egress);
    }
    let ingress = part.ingress.iter().map(|rule| (false, rule));
    let egress = part.egress.iter().flatten().map(|rule| (true, rule));
    for (egress, rule) in ingress.chain(egress) {
        for target in targets(rule, vpc, groups)? {
            let bounds = rule
                .bounds()
                .ok_or_else(|| defect("ports are no range".to_owned()))?;
            rules::add(world, Rule::new(&id, egress, &rule.protocol, bounds, target));
        }
    }
    Ok(())
}

fn targets(rule: &RulePart, vpc: &str, groups: &Groups) -> Answer<Vec<Target>> {
    let blocks = rule
        .cidr_blocks
        .iter()
        .map(|cidr| network(cidr).map(Target::Ipv4));
    let mut targets = blocks.collect::<Result<Vec<_>, _>>().map_err(defect)?;
    if !rule.security_groups.is_empty() {
        targets.extend(
            members(groups, vpc, &rule.security_groups)
                .into_iter()
                .map(Target::Group),
        );
    }
    Ok(targets)
}

/// The network interface of a host in a subnet.
fn lay_interface(world: &mut World, owner: &str, subnet_id: &str, group_ids: &[String]) -> Answer<()> {
    let Some(subnet) = world.ec2().subnets.get(subnet_id) else {
        return Err(defect(format!("there is no subnet {subnet_id}")));
    };
    let interface = NetworkInterface {
        id: ids::resource_id("eni"),
        vpc_id: subnet.vpc_id.clone(),
        subnet_id: subnet_id.to_owned(),
        zone: subnet.zone.clone(),
        groups: group_ids.to_vec(),
        description: format!("ELB app/{owner}"),
        owner: owner.to_owned(),
        interface_type: "interface".into(),
        requester_id: "amazon-elb".into(),
        addresses: world
            .ec2()
            .free_addresses(subnet, 1)
            .ok_or_else(|| defect(format!("the subnet {subnet_id} has no free address")))?,
        ipv6_addresses: Vec::new(),
        tags: Tags::new(),
    };
    world.ec2_mut().interfaces.insert(interface.id.clone(), interface);
    Ok(())
}
