//! The way of a call from a connection to the private API, judged hop by hop as the network would.
//!
//! ```text
//! connection → association → resource configuration → resource gateway ─egress─→ ─ingress─ VPC endpoint → private API
//! ```

use std::net::IpAddr;

use crate::ec2::endpoints::{EndpointState, VpcEndpoint};
use crate::events::Connection;
use crate::lattice::Status;
use crate::world::World;

/// What a call over a connection meets.
#[derive(Debug, PartialEq)]
pub(crate) enum Way {
    /// The private API of this id answers.
    Api,
    /// The public front of API Gateway answers: 403 for a private API.
    PublicFront,
    /// Nothing answers, for this reason.
    Closed(String),
}

/// Finds the way for a call to `host` and `port`; `api_header` is the call's `x-apigw-api-id`.
pub(crate) fn way(
    world: &World,
    connection: &Connection,
    host: &str,
    port: u16,
    api_header: Option<&str>,
) -> Way {
    let named = names_api(world, host, api_header);
    let Some(path) = &connection.invocation_path else {
        return if named {
            Way::PublicFront
        } else {
            closed("the host name does not resolve")
        };
    };
    match through_gateway(world, &path.configuration_arn, &path.association_id, port) {
        Err(reason) => Way::Closed(reason),
        Ok(()) if named => Way::Api,
        Ok(()) => closed("the VPC endpoint serves no API of this host name"),
    }
}

fn closed(reason: &str) -> Way {
    Way::Closed(reason.to_owned())
}

/// Whether a host name, or the header beside an endpoint's own name, means the private API.
fn names_api(world: &World, host: &str, api_header: Option<&str>) -> bool {
    let api = &world.origin.api_id;
    let domain = format!(".execute-api.{}.amazonaws.com", world.origin.region);
    if let Some(label) = host.strip_suffix(&domain) {
        let endpoint = label
            .strip_prefix(api.as_str())
            .and_then(|rest| rest.strip_prefix('-'));
        return label == api || endpoint.is_some_and(|id| world.ec2.endpoints.contains_key(id));
    }
    api_header == Some(api)
        && world
            .ec2
            .endpoints
            .values()
            .any(|endpoint| answers_to(endpoint, host))
}

fn answers_to(endpoint: &VpcEndpoint, name: &str) -> bool {
    endpoint
        .dns_entries
        .iter()
        .any(|(entry, _)| entry == name && entry.contains(".vpce."))
}

fn through_gateway(
    world: &World,
    configuration_arn: &str,
    association_id: &str,
    port: u16,
) -> Result<(), String> {
    let association = world
        .lattice
        .associations
        .get(association_id)
        .ok_or("the association is gone")?;
    if !matches!(association.status, Status::Active | Status::Partial) {
        return Err(format!("the association is {}", association.status.as_str()));
    }
    let configuration = world.lattice.configurations.get(&association.configuration_id);
    let configuration = configuration
        .filter(|c| c.arn == configuration_arn)
        .ok_or("the resource configuration is gone")?;
    if !configuration.admits_port(port) {
        return Err(format!("the resource configuration does not admit port {port}"));
    }
    let domain = configuration
        .domain_name()
        .ok_or("the resource configuration has no DNS name")?;
    let gateway = configuration
        .gateway_id
        .as_ref()
        .and_then(|id| world.lattice.gateways.get(id));
    let gateway = gateway.ok_or("the resource gateway is gone")?;
    if !matches!(
        gateway.status,
        Status::Active | Status::UpdateInProgress | Status::UpdateFailed
    ) {
        return Err(format!("the resource gateway is {}", gateway.status.as_str()));
    }
    let endpoint = resolve(world, domain).ok_or_else(|| format!("{domain} does not resolve"))?;
    if endpoint.state != EndpointState::Available {
        return Err(format!("the VPC endpoint is {}", endpoint.state.as_str()));
    }
    if endpoint.vpc_id != gateway.vpc_id {
        return Err("the resource gateway is in another VPC than the VPC endpoint".to_owned());
    }
    if !endpoint.service_name.ends_with(".execute-api") {
        return Err("the VPC endpoint is not one of execute-api".to_owned());
    }

    let of = |owner: &str| {
        world
            .ec2
            .interfaces
            .values()
            .filter(move |i| i.owner == owner)
            .collect::<Vec<_>>()
    };
    let (from, to) = (of(&gateway.id), of(&endpoint.id));
    let pairs = || from.iter().flat_map(|from| to.iter().map(move |to| (*from, *to)));
    let sends = |(from, to): &(
        &crate::ec2::interfaces::NetworkInterface,
        &crate::ec2::interfaces::NetworkInterface,
    )| {
        let address = to.addresses.first().copied().map(IpAddr::V4);
        address.is_some_and(|address| {
            world
                .ec2
                .groups_admit(&from.groups, true, port, address, &to.groups)
        })
    };
    let mut sent = pairs().filter(sends).peekable();
    if sent.peek().is_none() {
        return Err(format!(
            "the security groups of the resource gateway let nothing out to the VPC endpoint on port {port}"
        ));
    }
    let admitted = sent.any(|(from, to)| {
        let mut addresses = from.addresses.iter().copied().map(IpAddr::V4);
        addresses.any(|address| {
            world
                .ec2
                .groups_admit(&to.groups, false, port, address, &from.groups)
        })
    });
    if admitted {
        Ok(())
    } else {
        Err(format!(
            "the security groups of the VPC endpoint let nothing in from the resource gateway on port {port}"
        ))
    }
}

/// The VPC endpoint behind a DNS name: a name of its own, or the alias of an API with the endpoint.
fn resolve<'w>(world: &'w World, domain: &str) -> Option<&'w VpcEndpoint> {
    let own = world
        .ec2
        .endpoints
        .values()
        .find(|endpoint| answers_to(endpoint, domain));
    own.or_else(|| {
        let label = domain.strip_suffix(&format!(".execute-api.{}.amazonaws.com", world.origin.region))?;
        let (api, endpoint) = label.split_once('-')?;
        (api == world.origin.api_id).then(|| world.ec2.endpoints.get(endpoint))?
    })
}
