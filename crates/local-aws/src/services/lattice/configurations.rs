//! Resource configurations: what can be reached through a resource gateway.

use std::net::IpAddr;
use std::time::SystemTime;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::{Status, conflict, id_of, not_found, page, refused, text, time_until_active};
use crate::core::agenda::Subject;
use crate::core::error::{Answer, ApiError};
use crate::core::life_cycle::{LifeCycle, Reached, Seen, Status as _, Step};
use crate::core::tags::Tags;
use crate::core::timestamp::iso8601;
use crate::core::world::World;
use crate::wire::Reply;

mod create;

pub(super) use create::create;
use create::{checked_definition, port_ranges};

const TYPE: &str = "RESOURCE_CONFIGURATION";

#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct Configuration {
    pub(crate) id: String,
    pub(crate) arn: String,
    pub(crate) name: String,
    pub(crate) status: Status,
    kind: String,
    pub(crate) gateway_id: Option<String>,
    group_id: Option<String>,
    port_ranges: Vec<String>,
    protocol: Option<String>,
    definition: Option<Value>,
    pub(crate) allows_shareable: bool,
    custom_domain_name: Option<String>,
    failure_reason: Option<String>,
    created: SystemTime,
    updated: SystemTime,
    pub(crate) tags: Tags,
}

impl Configuration {
    pub(crate) fn domain_name(&self) -> Option<&str> {
        self.definition
            .as_ref()?
            .pointer("/dnsResource/domainName")?
            .as_str()
    }

    /// The address that it leads to, where that is not a DNS name.
    pub(crate) fn ip_address(&self) -> Option<IpAddr> {
        let definition = self.definition.as_ref()?;
        definition
            .pointer("/ipResource/ipAddress")?
            .as_str()?
            .parse()
            .ok()
    }

    /// The address family of the DNS name: IPV4, IPV6 or DUALSTACK.
    pub(crate) fn ip_address_type(&self) -> &str {
        let definition = self.definition.as_ref();
        let given =
            definition.and_then(|definition| definition.pointer("/dnsResource/ipAddressType")?.as_str());
        given.unwrap_or("IPV4")
    }

    pub(crate) fn admits_port(&self, port: u16) -> bool {
        self.port_ranges
            .iter()
            .filter_map(|range| bounds(range))
            .any(|(low, high)| (low..=high).contains(&port))
    }

    /// All members of the answers.
    fn json(&self) -> Value {
        let mut body = Map::new();
        let mut put = |name: &str, value: Option<Value>| {
            if let Some(value) = value {
                body.insert(name.to_owned(), value);
            }
        };
        let text = |text: &Option<String>| text.clone().map(Value::from);
        put("id", Some(self.id.clone().into()));
        put("arn", Some(self.arn.clone().into()));
        put("name", Some(self.name.clone().into()));
        put("type", Some(self.kind.clone().into()));
        put("status", Some(self.status.as_str().into()));
        put("resourceGatewayId", text(&self.gateway_id));
        put("resourceConfigurationGroupId", text(&self.group_id));
        put("portRanges", Some(json!(self.port_ranges)));
        put("protocol", text(&self.protocol));
        put("resourceConfigurationDefinition", self.definition.clone());
        put(
            "allowAssociationToShareableServiceNetwork",
            Some(self.allows_shareable.into()),
        );
        put("customDomainName", text(&self.custom_domain_name));
        put("failureReason", text(&self.failure_reason));
        put("amazonManaged", Some(false.into()));
        put("createdAt", Some(iso8601(self.created).into()));
        put("lastUpdatedAt", Some(iso8601(self.updated).into()));
        Value::Object(body)
    }
}

/// The ports of `443` or `8000-8080`.
fn bounds(range: &str) -> Option<(u16, u16)> {
    let (low, high) = range.split_once('-').unwrap_or((range, range));
    let (low, high) = (low.parse().ok()?, high.parse().ok()?);
    (low >= 1 && low <= high).then_some((low, high))
}

pub(super) fn find(world: &World, input: &Value) -> Answer<String> {
    let identifier = text(input, "resourceConfigurationIdentifier").unwrap_or_default();
    let id = id_of(world, identifier);
    if world.lattice().configurations.contains_key(id) {
        Ok(id.to_owned())
    } else {
        Err(not_found(TYPE, identifier))
    }
}

pub(crate) fn get(world: &mut World, input: &Value) -> Answer<Reply> {
    let id = find(world, input)?;
    if world.fresh.misses(&id) {
        return Err(not_found(TYPE, &id));
    }
    let before = world.stale.shown(&id, world.elapsed());
    let body = before.cloned();
    Ok(Reply::json(
        body.unwrap_or_else(|| world.lattice().configurations[&id].json()),
    ))
}

/// Refuses to change what another account shares, or to show its tags.
pub(super) fn owned(world: &World, id: &str, operation: &str) -> Answer<()> {
    let arn = &world.lattice().configurations[id].arn;
    if arn.starts_with(&world.arn("vpc-lattice", "")) {
        return Ok(());
    }
    Err(ApiError::new(
        "AccessDeniedException",
        format!(
            "User is not authorized to perform: vpc-lattice:{operation} on resource: {arn}, which another account owns"
        ),
    ))
}

/// UpdateResourceConfiguration declares no ConflictException.
fn in_progress(world: &World, id: &str, status: Status) -> Answer<()> {
    if status == Status::DeleteInProgress
        || (status.being_made_or_changed() && world.settings.refuses_overlapping_changes)
    {
        return Err(refused(format!(
            "Resource configuration {id} is in state {}",
            status.as_str()
        )));
    }
    Ok(())
}

pub(crate) fn update(world: &mut World, input: &Value) -> Answer<Reply> {
    let id = find(world, input)?;
    owned(world, &id, "UpdateResourceConfiguration")?;
    let configuration = &world.lattice().configurations[&id];
    in_progress(world, &id, configuration.status)?;
    let port_ranges = port_ranges(input)?;
    let definition = input
        .get("resourceConfigurationDefinition")
        .filter(|value| !value.is_null())
        .cloned();
    let definition = match definition {
        None => None,
        given => checked_definition(&configuration.kind, given)?,
    };
    let is_ip = |definition: &Value| definition.get("ipResource").is_some();
    let changes_ip =
        definition.as_ref().is_some_and(is_ip) && configuration.definition.as_ref().is_some_and(is_ip);
    if definition.is_some() && !changes_ip && !world.settings.ignores_definition_updates {
        return Err(refused("cannot modify resource configuration DNS or ARN"));
    }
    let now = world.now();
    let before = configuration.json();
    world.changed(&id, before);
    if let Some(configuration) = world.lattice_mut().configurations.get_mut(&id) {
        configuration.status = Status::UpdateInProgress;
        configuration.updated = now;
        if let Some(ranges) = port_ranges {
            configuration.port_ranges = ranges;
        }
        if let Some(allow) = input
            .get("allowAssociationToShareableServiceNetwork")
            .and_then(Value::as_bool)
        {
            configuration.allows_shareable = allow;
        }
        // A DNS name or ARN stays as it was, although the call succeeds.
        if changes_ip {
            configuration.definition = definition;
        }
    }
    LIFE.begin(world, "ConfigurationSettled", id.as_str());
    Ok(Reply::json(world.lattice().configurations[&id].json()))
}

pub(crate) fn delete(world: &mut World, input: &Value) -> Answer<Reply> {
    let id = find(world, input)?;
    owned(world, &id, "DeleteResourceConfiguration")?;
    let status = world.lattice().configurations[&id].status;
    if status == Status::DeleteInProgress {
        return Ok(Reply::json(json!({})));
    }
    if status.being_made_or_changed() && world.settings.refuses_overlapping_changes {
        return Err(conflict(
            TYPE,
            &id,
            format!("Resource configuration {id} is in state {}", status.as_str()),
        ));
    }
    if world
        .lattice()
        .associations
        .values()
        .any(|association| association.configuration_id == id)
    {
        if world.settings.in_use_in_other_words {
            return Err(refused(format!("{id} still is part of a service network")));
        }
        let message = format!("Resource configuration {id} has existing association with service networks");
        return Err(if world.settings.associated_configuration_is_conflict {
            conflict(TYPE, &id, message)
        } else {
            refused(message)
        });
    }
    let mut endpoints = world.lattice().endpoint_associations.values();
    if endpoints.any(|association| association.configuration_id == id) {
        let message = format!("Resource configuration {id} has existing association with VPC endpoints");
        return Err(conflict(TYPE, &id, message));
    }
    if world
        .lattice()
        .configurations
        .values()
        .any(|other| other.group_id.as_ref() == Some(&id))
    {
        return Err(conflict(
            TYPE,
            &id,
            format!("Resource configuration {id} has child resource configurations"),
        ));
    }
    if let Some(configuration) = world.lattice_mut().configurations.get_mut(&id) {
        configuration.status = Status::DeleteInProgress;
    }
    LIFE.begin(world, "ConfigurationGone", id.as_str());
    Ok(Reply::json(json!({})))
}

pub(crate) fn list(world: &mut World, input: &Value) -> Answer<Reply> {
    let wanted = |member: &str| text(input, member).map(|identifier| id_of(world, identifier).to_owned());
    let gateway = wanted("resourceGatewayIdentifier");
    let group = wanted("resourceConfigurationGroupIdentifier");
    // No domain verification can be made here, so none has a configuration.
    let verified = wanted("domainVerificationIdentifier").is_some();
    let unlisted = world.fresh.unlisted("rcfg-");
    let all = world
        .lattice()
        .configurations
        .iter()
        .filter(|(id, configuration)| {
            !verified
                && !unlisted.contains(*id)
                && (gateway.is_none() || configuration.gateway_id == gateway)
                && (group.is_none() || configuration.group_id == group)
        });
    page(input, all, |configuration| configuration.json())
}

/// The life of a resource configuration.
pub(super) static LIFE: LifeCycle<Status> = LifeCycle {
    service: "vpc-lattice",
    kind: "resource-configuration",
    steps: STEPS,
    look: |world, subject| {
        let found = world.lattice().configurations.get(subject.object())?;
        Some(Seen {
            state: found.status,
            id: found.id.clone(),
            name: found.name.clone(),
        })
    },
};

const STEPS: &[Step<Status>] = &[
    Step {
        due: "ConfigurationSettled",
        from: &[Status::CreateInProgress],
        to: Some(Status::Active),
        on_failure: &[Status::CreateFailed],
        after: |world, _| time_until_active(world, world.times.configuration),
        effect: settled,
    },
    Step {
        due: "ConfigurationSettled",
        from: &[Status::UpdateInProgress],
        to: Some(Status::Active),
        on_failure: &[Status::UpdateFailed],
        after: |world, _| world.times.configuration_update,
        effect: settled,
    },
    Step {
        due: "ConfigurationGone",
        from: &[Status::DeleteInProgress],
        to: None,
        on_failure: &[Status::DeleteFailed],
        after: |world, _| world.times.configuration_deletion,
        effect: gone,
    },
];

fn settled(world: &mut World, subject: &Subject, reached: Reached<Status>) {
    let now = world.now();
    let found = world.lattice_mut().configurations.get_mut(subject.object());
    if let (Some(configuration), Some(status)) = (found, reached.state) {
        configuration.status = status;
        configuration.failure_reason = reached.failed.then(|| reached.reason.unwrap_or_default());
        configuration.updated = now;
    }
}

fn gone(world: &mut World, subject: &Subject, reached: Reached<Status>) {
    let id = subject.object();
    if let Some(status) = reached.state {
        if let Some(configuration) = world.lattice_mut().configurations.get_mut(id) {
            configuration.status = status;
            configuration.failure_reason = reached.reason;
        }
        return;
    }
    let gone = world.lattice_mut().configurations.remove(id);
    let until = world.seconds_from_now(world.settings.deleted_configurations_hold_gateway);
    let gateway = gone.and_then(|gone| world.lattice_mut().gateways.get_mut(&gone.gateway_id?));
    if let Some(gateway) = gateway {
        gateway.held_until = until;
    }
}

/// Puts a configuration here that another account shares: it is ACTIVE, and its owner's gateway is not seen.
pub(crate) fn share(
    world: &mut World,
    id: &str,
    owner: &str,
    name: &str,
    domain_name: &str,
    port_ranges: &[String],
) {
    let configuration = Configuration {
        id: id.to_owned(),
        arn: world.arn_of(owner, "vpc-lattice", format_args!("resourceconfiguration/{id}")),
        name: name.to_owned(),
        status: Status::Active,
        kind: "SINGLE".to_owned(),
        gateway_id: None,
        group_id: None,
        port_ranges: port_ranges.to_vec(),
        protocol: Some("TCP".to_owned()),
        definition: Some(json!({ "dnsResource": { "domainName": domain_name, "ipAddressType": "IPV4" } })),
        allows_shareable: true,
        custom_domain_name: None,
        failure_reason: None,
        created: world.now(),
        updated: world.now(),
        tags: Tags::new(),
    };
    world
        .lattice_mut()
        .configurations
        .insert(id.to_owned(), configuration);
}
