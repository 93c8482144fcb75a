//! The way of a call from a connection to a server, judged hop by hop as the network would.
//!
//! ```text
//! connection → association → resource configuration → resource gateway ─egress─→ ─ingress─ VPC endpoint → private API
//!                                                                              └─ingress─ host in the VPC
//! ```

use std::net::{IpAddr, Ipv4Addr};

use http::Method;
use serde::{Deserialize, Serialize};

use crate::core::life_cycle::Status as _;
use crate::core::policy::{self, Judgement, Policy};
use crate::core::world::World;
use crate::seed::servers::Host;
use crate::services::ec2::endpoints::{EndpointState, VpcEndpoint};
use crate::services::ec2::interfaces::NetworkInterface;
use crate::services::lattice::Status;
use crate::services::lattice::gateways::Gateway;

/// A private path of a connection: the resource configuration and the association made for it.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
pub(crate) struct Path {
    pub(crate) configuration_arn: String,
    pub(crate) association_id: String,
}

/// A call that looks for its way.
#[derive(Debug)]
pub(crate) struct Call<'c> {
    pub(crate) method: &'c Method,
    /// Without the port.
    pub(crate) host: &'c str,
    pub(crate) port: u16,
    /// Without the query.
    pub(crate) path: &'c str,
    /// Its `x-apigw-api-id`.
    pub(crate) api_header: Option<&'c str>,
}

/// What a call meets.
#[derive(Debug, PartialEq)]
pub(crate) enum Way {
    /// A server that is here answers.
    Open,
    /// API Gateway answers 403 with this message, before any API sees the call.
    Forbidden(String),
    /// Nothing answers, for this reason.
    Closed(String),
}

/// A public address, for hosts that are in no VPC (RFC 5737).
const OUTSIDE: IpAddr = IpAddr::V4(Ipv4Addr::new(203, 0, 113, 10));

/// The address family that a DNS name is resolved for.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Family {
    V4,
    V6,
    Both,
}

/// What goes over the network from the gateway on.
#[derive(Clone, Copy, Debug)]
struct Leg {
    port: u16,
    family: Family,
    /// The one address that the configuration names, if it names one.
    to: Option<IpAddr>,
}

/// Finds the way of a call, over a private path or the public internet.
pub(crate) fn way(world: &World, path: Option<&Path>, call: &Call<'_>) -> Way {
    let found = match path {
        None => publicly(world, call),
        Some(path) => privately(world, path, call),
    };
    found.unwrap_or_else(Way::Closed)
}

/// Whether a host is none of the seeded ones, so that nothing is known of it.
pub(crate) fn is_unknown(world: &World, host: &str) -> bool {
    let servers = &world.origin.servers;
    servers.host(host).is_none() && servers.named(host, None).is_none()
}

type Found = Result<Way, String>;

fn publicly(world: &World, call: &Call<'_>) -> Found {
    let servers = &world.origin.servers;
    match servers.host(call.host) {
        Some(host) if host.vpc_id.is_none() && host.port == call.port => return Ok(Way::Open),
        Some(host) if host.vpc_id.is_none() => return Err(format!("nothing listens on port {}", call.port)),
        Some(_) => return Err("the host name leads to private addresses only".to_owned()),
        None => {}
    }
    match servers.named(call.host, None) {
        // The public front of API Gateway, which no private API is behind.
        Some(_) => Ok(Way::Forbidden("Forbidden".to_owned())),
        None => Err("the host name does not resolve".to_owned()),
    }
}

/// What a resource configuration's DNS name leads to.
enum Destination<'w> {
    Endpoint(&'w VpcEndpoint),
    Host(&'w Host),
    PublicFront,
}

fn privately(world: &World, path: &Path, call: &Call<'_>) -> Found {
    let association = world
        .lattice()
        .associations
        .get(&path.association_id)
        .ok_or("the association is gone")?;
    if !matches!(association.status, Status::Active | Status::Partial) {
        return Err(format!("the association is {}", association.status.as_str()));
    }
    let configuration = world.lattice().configurations.get(&association.configuration_id);
    let configuration = configuration
        .filter(|configuration| configuration.arn == path.configuration_arn)
        .ok_or("the resource configuration is gone")?;
    if !configuration.admits_port(call.port) {
        return Err(format!(
            "the resource configuration does not admit port {}",
            call.port
        ));
    }
    // The gateway of a configuration that is shared is its owner's, and is taken to be right.
    let is_ours = configuration.arn.starts_with(&world.arn("vpc-lattice", ""));
    let gateway = if is_ours {
        let id = configuration.gateway_id.as_ref();
        let gateway = id.and_then(|id| world.lattice().gateways.get(id));
        Some(usable(gateway.ok_or("the resource gateway is gone")?)?)
    } else {
        None
    };
    let leg = Leg {
        port: call.port,
        family: match (configuration.ip_address(), configuration.ip_address_type()) {
            (Some(_), _) | (None, "DUALSTACK") => Family::Both,
            (None, "IPV6") => Family::V6,
            (None, _) => Family::V4,
        },
        to: configuration.ip_address(),
    };
    let destination = match (configuration.domain_name(), configuration.ip_address()) {
        (Some(domain), _) => {
            resolve(world, domain, gateway).ok_or_else(|| format!("{domain} does not resolve"))?
        }
        (None, Some(address)) => {
            at_address(world, address).ok_or_else(|| format!("nothing answers at {address}"))?
        }
        (None, None) => {
            return Err("the resource configuration has neither a DNS name nor an address".to_owned());
        }
    };
    match destination {
        Destination::PublicFront => Ok(Way::Forbidden("Forbidden".to_owned())),
        Destination::Host(host) => to_host(world, gateway, host, leg, call),
        Destination::Endpoint(endpoint) => to_endpoint(world, gateway, endpoint, leg, call),
    }
}

/// What has a network interface of that address.
fn at_address(world: &World, address: IpAddr) -> Option<Destination<'_>> {
    let mut interfaces = world.ec2().interfaces.values();
    let interface =
        interfaces.find(|interface| addresses(interface, Family::Both).any(|own| own == address))?;
    let host = world.origin.servers.host(&interface.owner).map(Destination::Host);
    host.or_else(|| {
        world
            .ec2()
            .endpoints
            .get(&interface.owner)
            .map(Destination::Endpoint)
    })
}

fn usable(gateway: &Gateway) -> Result<&Gateway, String> {
    match gateway.status {
        Status::Active | Status::UpdateInProgress | Status::UpdateFailed => Ok(gateway),
        other => Err(format!("the resource gateway is {}", other.as_str())),
    }
}

/// The server behind a DNS name, as the gateway's resolver finds it: a name of a VPC endpoint's own, the name of
/// an API with an endpoint's id, a host's name; inside a VPC also the names that private DNS gives an endpoint.
fn resolve<'w>(world: &'w World, domain: &str, gateway: Option<&Gateway>) -> Option<Destination<'w>> {
    let servers = &world.origin.servers;
    if let Some(host) = servers.host(domain) {
        return Some(Destination::Host(host));
    }
    let mut endpoints = world.ec2().endpoints.values();
    if let Some(own) = endpoints.find(|endpoint| answers_to(endpoint, domain)) {
        return Some(Destination::Endpoint(own));
    }
    let (api, endpoint_id) = servers.named(domain, None)?;
    if let Some(id) = endpoint_id {
        let is_associated = api
            .endpoint_ids
            .as_ref()
            .is_none_or(|ids| ids.iter().any(|known| known == id));
        return Some(Destination::Endpoint(
            world.ec2().endpoints.get(id).filter(|_| is_associated)?,
        ));
    }
    let gateway = gateway.filter(|gateway| gateway.dns_resolution == "IN_VPC");
    let private = gateway.and_then(|gateway| {
        let mut endpoints = world.ec2().endpoints.values();
        endpoints.find(|endpoint| {
            endpoint.vpc_id == gateway.vpc_id && endpoint.private_dns && is_execute_api(endpoint)
        })
    });
    Some(private.map_or(Destination::PublicFront, Destination::Endpoint))
}

fn answers_to(endpoint: &VpcEndpoint, name: &str) -> bool {
    endpoint
        .dns_entries
        .iter()
        .any(|(entry, _)| entry == name && entry.contains(".vpce."))
}

fn is_execute_api(endpoint: &VpcEndpoint) -> bool {
    endpoint.service_name.ends_with(".execute-api")
}

fn to_host(world: &World, gateway: Option<&Gateway>, host: &Host, leg: Leg, call: &Call<'_>) -> Found {
    if host.port != call.port {
        return Err(format!("nothing listens on port {}", call.port));
    }
    if !host.domain_name.eq_ignore_ascii_case(call.host) {
        return Err(format!(
            "the certificate of {} is not one of {}",
            host.domain_name, call.host
        ));
    }
    if let Some(gateway) = gateway {
        match &host.vpc_id {
            Some(vpc_id) if *vpc_id == gateway.vpc_id => {
                crossing(world, gateway, &host.domain_name, "the host", leg)?;
            }
            Some(_) => return Err("the resource gateway is in another VPC than the host".to_owned()),
            None => leaves(world, gateway, call.port)?,
        }
    }
    Ok(Way::Open)
}

/// Whether a gateway's groups let anything out to the internet.
fn leaves(world: &World, gateway: &Gateway, port: u16) -> Result<(), String> {
    let mut from = interfaces(world, &gateway.id);
    if from.any(|from| world.ec2().groups_admit(&from.groups, true, port, OUTSIDE, &[])) {
        return Ok(());
    }
    Err(format!(
        "the security groups of the resource gateway let nothing out to the internet on port {port}"
    ))
}

fn to_endpoint(
    world: &World,
    gateway: Option<&Gateway>,
    endpoint: &VpcEndpoint,
    leg: Leg,
    call: &Call<'_>,
) -> Found {
    if endpoint.state != EndpointState::Available {
        return Err(format!("the VPC endpoint is {}", endpoint.state.as_str()));
    }
    if !is_execute_api(endpoint) {
        return Err("the VPC endpoint is not one of execute-api".to_owned());
    }
    let source = match gateway {
        Some(gateway) if gateway.vpc_id != endpoint.vpc_id => {
            return Err("the resource gateway is in another VPC than the VPC endpoint".to_owned());
        }
        Some(gateway) => Some(crossing(world, gateway, &endpoint.id, "the VPC endpoint", leg)?),
        None => None,
    };
    let servers = &world.origin.servers;
    let known = answers_to(endpoint, call.host) || servers.named(call.host, None).is_some();
    let Some((api, _)) = servers.named(call.host, call.api_header).filter(|_| known) else {
        return Err("the VPC endpoint serves no API of this host name".to_owned());
    };

    let (stage, resource) = call
        .path
        .trim_start_matches('/')
        .split_once('/')
        .unwrap_or((call.path.trim_start_matches('/'), ""));
    let origin = &world.origin;
    let resource = |account: &str| {
        let what = format!("{}/{stage}/{}/{resource}", api.id, call.method);
        world.arn_of(account, "execute-api", what)
    };
    let mut request = policy::Request {
        action: "execute-api:Invoke".to_owned(),
        resource: resource(&origin.account_id),
        context: vec![
            ("aws:sourcevpce", endpoint.id.clone()),
            ("aws:sourcevpc", endpoint.vpc_id.clone()),
            ("aws:securetransport", "true".to_owned()),
        ],
    };
    if let Some(source) = source {
        request.context.push(("aws:vpcsourceip", source.to_string()));
    }
    let of_endpoint = serde_json::from_str(&endpoint.policy).ok();
    // What cannot be read allows nothing.
    let of_endpoint = of_endpoint.and_then(|document| Policy::read(&document).ok());
    let judgements = [
        of_endpoint.map_or(Judgement::NotAllowed, |policy| policy.judge(&request)),
        api.policy(stage)
            .map_or(Judgement::Allowed, |policy| policy.judge(&request)),
    ];
    let ending = if judgements.contains(&Judgement::Denied) {
        " with an explicit deny"
    } else if judgements.contains(&Judgement::NotAllowed) {
        ""
    } else {
        return Ok(Way::Open);
    };
    let hidden = format!("********{}", &origin.account_id[8..]);
    Ok(Way::Forbidden(format!(
        "User: anonymous is not authorized to perform: execute-api:Invoke on resource: {}{ending}",
        resource(&hidden)
    )))
}

fn interfaces<'w>(world: &'w World, owner: &'w str) -> impl Iterator<Item = &'w NetworkInterface> + Clone {
    let interfaces = world.ec2().interfaces.values();
    interfaces.filter(move |interface| interface.owner == owner)
}

/// An interface's addresses of the family that a resource configuration asks for.
fn addresses(interface: &NetworkInterface, family: Family) -> impl Iterator<Item = IpAddr> {
    let v4 = interface.addresses.iter().copied().map(IpAddr::from);
    let v6 = interface.ipv6_addresses.iter().copied().map(IpAddr::from);
    v4.chain(v6).filter(move |address| match family {
        Family::V4 => address.is_ipv4(),
        Family::V6 => address.is_ipv6(),
        Family::Both => true,
    })
}

/// Looks for a pair of interfaces that the groups of both sides let talk; gives the address that the other side
/// sees.
fn crossing(world: &World, gateway: &Gateway, to: &str, what: &str, leg: Leg) -> Result<IpAddr, String> {
    let Leg {
        port,
        family,
        to: wanted,
    } = leg;
    let pairs =
        interfaces(world, &gateway.id).flat_map(|from| interfaces(world, to).map(move |to| (from, to)));
    let mut sent = pairs
        .flat_map(|(from, to)| addresses(to, family).map(move |address| (from, to, address)))
        .filter(|(.., address)| wanted.is_none_or(|wanted| wanted == *address))
        .filter(|(from, to, address)| {
            world
                .ec2()
                .groups_admit(&from.groups, true, port, *address, &to.groups)
        })
        .peekable();
    if sent.peek().is_none() {
        return Err(format!(
            "the security groups of the resource gateway let nothing out to {what} on port {port}"
        ));
    }
    let admitted = sent.find_map(|(from, to, target)| {
        addresses(from, family)
            .filter(|address| address.is_ipv4() == target.is_ipv4())
            .find(|address| {
                world
                    .ec2()
                    .groups_admit(&to.groups, false, port, *address, &from.groups)
            })
    });
    admitted.ok_or_else(|| {
        format!("the security groups of {what} let nothing in from the resource gateway on port {port}")
    })
}
