//! CreateResourceConfiguration, and what a configuration's parameters have to be.

use serde_json::Value;

use super::super::{
    Status, conflict, gateways, holds_name, id_of, not_found, quota_exceeded, remember, repeated, text, texts,
};
use super::{Configuration, LIFE, TYPE, bounds};
use crate::core::error::{Answer, ApiError};
use crate::core::ids;
use crate::core::world::World;
use crate::services::lattice::tags;
use crate::wire::Reply;
use crate::wire::rest_json::validation;

fn field(name: &str, message: &str) -> ApiError {
    validation("fieldValidationFailed", message, &[(name, message)])
}

pub(super) fn port_ranges(input: &Value) -> Answer<Option<Vec<String>>> {
    let ranges = texts(input, "portRanges");
    if ranges.iter().flatten().any(|range| bounds(range).is_none()) {
        return Err(field(
            "portRanges",
            "Ports are between 1 and 65535, the lower one first",
        ));
    }
    Ok(ranges)
}

pub(in crate::services::lattice) fn create(world: &mut World, input: &Value) -> Answer<Reply> {
    if let Some(id) = repeated(world, "CreateResourceConfiguration", input)? {
        return created(world, &id);
    }
    let name = text(input, "name").unwrap_or_default().to_owned();
    let kind = text(input, "type").unwrap_or_default().to_owned();
    let port_ranges = port_ranges(input)?.unwrap_or_default();
    let definition = input
        .get("resourceConfigurationDefinition")
        .filter(|value| !value.is_null())
        .cloned();
    let mut definition = checked_definition(&kind, definition)?;
    if world.settings.lowercases_domain_names {
        lowercase_domain_name(definition.as_mut());
    }
    let group_id = match text(input, "resourceConfigurationGroupIdentifier") {
        None if kind == "CHILD" => {
            return Err(field(
                "resourceConfigurationGroupIdentifier",
                "A CHILD needs its GROUP",
            ));
        }
        None => None,
        Some(identifier) => {
            let id = id_of(world, identifier);
            let group = world
                .lattice()
                .configurations
                .get(id)
                .ok_or_else(|| not_found(TYPE, identifier))?;
            if group.kind != "GROUP" || kind != "CHILD" {
                return Err(field(
                    "resourceConfigurationGroupIdentifier",
                    "Only a CHILD belongs to a GROUP",
                ));
            }
            Some(id.to_owned())
        }
    };
    let gateway_id = match text(input, "resourceGatewayIdentifier") {
        Some(identifier) => Some(gateways::usable(world, identifier)?),
        // A child is behind the gateway of its group; an ARN needs none.
        None if kind == "CHILD" => group_id
            .as_ref()
            .and_then(|id| world.lattice().configurations.get(id)?.gateway_id.clone()),
        None if kind == "ARN" => None,
        None => {
            return Err(field(
                "resourceGatewayIdentifier",
                "This type needs a resource gateway",
            ));
        }
    };
    if matches!(kind.as_str(), "SINGLE" | "CHILD") && port_ranges.is_empty() {
        return Err(field("portRanges", "This type needs at least one port range"));
    }
    if text(input, "protocol") == Some("TCP_UDP") && kind != "CIDR" {
        return Err(field("protocol", "Only a CIDR takes TCP_UDP"));
    }
    if world.settings.unique_lattice_names
        && let Some(other) = world
            .lattice()
            .configurations
            .values()
            .find(|other| other.name == name && holds_name(world, other.status))
    {
        return Err(conflict(
            TYPE,
            &other.id,
            format!("A resource configuration named {name} already exists"),
        ));
    }
    if world.lattice().configurations.len() >= world.settings.configurations {
        return Err(quota_exceeded(
            TYPE,
            "L-RCFG",
            "There are as many resource configurations as the quota allows",
        ));
    }

    let id = ids::resource_id("rcfg");
    let configuration = Configuration {
        arn: world.arn("vpc-lattice", format_args!("resourceconfiguration/{id}")),
        id: id.clone(),
        name,
        status: Status::CreateInProgress,
        protocol: (kind != "ARN").then(|| text(input, "protocol").unwrap_or("TCP").to_owned()),
        kind,
        gateway_id,
        group_id,
        port_ranges,
        definition,
        // Documented as false by default; three readings of the real service say true.
        allows_shareable: input
            .get("allowAssociationToShareableServiceNetwork")
            .and_then(Value::as_bool)
            .unwrap_or(world.settings.shareable_by_default),
        custom_domain_name: text(input, "customDomainName").map(str::to_owned),
        failure_reason: None,
        created: world.now(),
        updated: world.now(),
        tags: tags::checked(input)?,
    };
    world
        .lattice_mut()
        .configurations
        .insert(id.clone(), configuration);
    world.made(&id);
    remember(world, "CreateResourceConfiguration", input, &id);
    LIFE.begin(world, "ConfigurationSettled", id.as_str());
    created(world, &id)
}

/// DNS names have no case, and a service may keep them in lower case.
fn lowercase_domain_name(definition: Option<&mut Value>) {
    let name = definition.and_then(|definition| definition.pointer_mut("/dnsResource/domainName"));
    if let Some(Value::String(name)) = name {
        name.make_ascii_lowercase();
    }
}

/// The definition that a type has to have, with its defaults.
pub(super) fn checked_definition(kind: &str, definition: Option<Value>) -> Answer<Option<Value>> {
    const FIELD: &str = "resourceConfigurationDefinition";
    let member = definition
        .as_ref()
        .and_then(Value::as_object)
        .and_then(|members| {
            members
                .iter()
                .find(|(_, value)| !value.is_null())
                .map(|(name, _)| name.clone())
        });
    let fits = match (kind, member.as_deref()) {
        ("GROUP", None) => return Ok(None),
        ("ARN", Some("arnResource")) | ("CIDR", Some("cidrResource")) => true,
        ("SINGLE" | "CHILD", Some("dnsResource" | "ipResource")) => true,
        _ => false,
    };
    let Some(mut definition) = definition.filter(|_| fits) else {
        return Err(field(
            FIELD,
            &format!("The definition does not fit the type {kind}"),
        ));
    };
    if let Some(dns) = definition.get_mut("dnsResource").and_then(Value::as_object_mut) {
        if !dns.contains_key("domainName") {
            return Err(field(FIELD, "A DNS resource needs a domainName"));
        }
        match dns.get("ipAddressType").and_then(Value::as_str) {
            Some("DUALSTACK") => return Err(field(FIELD, "DUALSTACK is not supported for DNS resources")),
            Some(_) => {}
            None => {
                dns.insert("ipAddressType".to_owned(), "IPV4".into());
            }
        }
    }
    Ok(Some(definition))
}

fn created(world: &World, id: &str) -> Answer<Reply> {
    let configuration = world
        .lattice()
        .configurations
        .get(id)
        .ok_or_else(|| not_found(TYPE, id))?;
    Ok(Reply::json(configuration.json()))
}
