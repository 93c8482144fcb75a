//! Imports: connection → configuration → gateway → group, of which what bears our tag is ours and the rest is
//! referenced.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use reconcile::{Component as _, Fact, Id, Recorded, Slot};
use regex::Regex;
use terraform_plugin::{Attr, Cx, Diagnostic, Outcome, State};

use super::identity::{InvocationIdentity, PathIdentity};
use super::model::{Authorization, Composite, HttpsEndpoint, Model, Network, ResourceModel};
use super::path::model::PathModel;
use super::present::{Facts, Place, present};
use super::read;
use super::report::{Operation, Report};
use super::schema;
use crate::aws::{Arn, ErrorKind, region};
use crate::client::{Aws, Client};
use crate::component::naming::{CREATING_TAG, INVOCATION_TAG, Owner, PATH_TAG};
use crate::component::{
    API_DESTINATION, CONFIGURATION, CONNECTION, ComponentError, Configuration, Connection, Destination,
    DnsResolution, EgressTarget, GATEWAY, GROUP, Gateway, Group, INGRESS, Ingress, IpAddressType,
    SeenConfiguration, SeenConnection, SeenGateway, Target,
};
use crate::endpoint;
use crate::http_task::ConnectionArn;
use crate::sentence::sentence;

/// Imports an invocation by its name, by `name@region`, or by the ARN of its connection.
pub async fn invocation(cx: &Cx<Client>, id: &str, state: &State<Model>) -> Outcome {
    let arn = Arn::parse(id).filter(|arn| arn.resource.starts_with("connection/"));
    let arn = arn.and_then(|arn| Some((arn.name()?.to_owned(), Some(arn.region))));
    let is_arn = arn.is_some();
    let (name, region) = match (arn, id.rsplit_once('@')) {
        (Some(arn), _) => arn,
        (None, Some((name, region))) => (name.to_owned(), Some(region.to_owned())),
        (None, None) => (id.to_owned(), None),
    };
    if !is_arn {
        check_id(id, &name, region.as_deref())?;
    }
    let model = imported(cx, &name, region, is_arn.then_some(id)).await?;
    state.set(&model)
}

/// Refuses what cannot be an invocation, before AWS does in its own words.
fn check_id(id: &str, name: &str, region: Option<&str>) -> Result<(), Diagnostic> {
    let takes = |pattern: &str, text: &str| Regex::new(pattern).is_ok_and(|pattern| pattern.is_match(text));
    let why = if !takes(schema::NAME, name) {
        format!(
            "{name:?} is no name of an invocation: it has {}.",
            schema::NAME_WORDS
        )
    } else if let Some(region) = region.filter(|region| !takes(region::PATTERN, region)) {
        format!("{region:?} after the @ is not the name of a Region.")
    } else {
        return Ok(());
    };
    Err(refused(Composite::Invocation, id, &why))
}

/// Imports an invocation by its identity.
pub async fn invocation_by_identity(
    cx: &Cx<Client>,
    identity: &InvocationIdentity,
    state: &State<Model>,
) -> Outcome {
    let name = identity.name.known().cloned().unwrap_or_default();
    let model = imported(cx, &name, identity.region.known().cloned(), None).await?;
    same_account(&identity.account_id, &model.connection_arn, &name)?;
    state.set(&model)
}

fn same_account(wanted: &Attr<String>, arn: &Attr<String>, what: &str) -> Outcome {
    let place = arn.known().and_then(|arn| Place::of_arn(arn));
    match (wanted, place) {
        (Attr::Known(wanted), Some(place)) if *wanted != place.account => Err(refused(
            Composite::Invocation,
            what,
            &format!(
                "The identity names account {wanted}; the credentials are of account {}.",
                place.account
            ),
        )
        .into()),
        _ => Ok(()),
    }
}

fn refused(composite: Composite, id: &str, why: &str) -> Diagnostic {
    let forms = match composite {
        Composite::Invocation => {
            "The import id is the name of the invocation, which is that of its connection; name@region; or the ARN of the \
             connection."
        }
        Composite::Path => {
            "The import id is the id of the path, name/instance; or the id or the ARN of its resource configuration."
        }
    };
    Diagnostic::error(
        format!("Could not import {} {id}", composite.words()),
        format!("{why} {forms}"),
    )
}

fn aws_of(
    cx: &Cx<Client>,
    composite: Composite,
    id: &str,
    region: Option<String>,
) -> Result<Arc<Aws>, Diagnostic> {
    let named = Model {
        name: Attr::Known(id.to_owned()),
        ..Model::default()
    };
    let not_yet = || Report::new(composite, &named).not_yet_known(Operation::Import);
    let region = region.into();
    cx.client().check_region(&region)?;
    cx.client().aws(&region).ok_or_else(not_yet)
}

async fn imported(
    cx: &Cx<Client>,
    name: &str,
    region: Option<String>,
    arn: Option<&str>,
) -> Result<Model, Diagnostic> {
    let aws = aws_of(cx, Composite::Invocation, name, region)?;
    let arn = arn.map(ConnectionArn::parse).transpose();
    let arn = arn.map_err(|why| refused(Composite::Invocation, name, &sentence(why)))?;
    let found = find_invocation(aws.as_ref(), name, arn.as_ref()).await;
    let found = found.map_err(|why| refused(Composite::Invocation, name, &why))?;
    warn_of_mark(cx, &aws, Composite::Invocation, &found).await;
    Ok(found)
}

/// Tells that what was imported counts as left over until an apply: an import writes nothing, and its mark stays.
async fn warn_of_mark(cx: &Cx<Client>, aws: &Aws, composite: Composite, model: &Model) {
    let Some(arn) = model.resource_configuration_arn.known() else {
        return;
    };
    let seen = Configuration::new(aws, &composite.owner(model))
        .describe(arn)
        .await;
    if seen.is_ok_and(|seen| seen.is_some_and(|seen| seen.tags.is_marked())) {
        let detail = format!(
            "Its objects bear the tag {CREATING_TAG} of a create that has not ended. Until an apply of this resource takes it off, \
             `leftovers --remove` takes them for left over. Apply once."
        );
        let title = format!("{} {} is not finished", composite.words(), model.name());
        cx.warn(Diagnostic::warning(title, detail));
    }
}

/// The state of the invocation of that name, as AWS shows it.
///
/// # Errors
/// A sentence: there is none, or a call failed.
pub async fn find_invocation(aws: &Aws, name: &str, arn: Option<&ConnectionArn>) -> Result<Model, String> {
    let failed = |error: ComponentError| sentence(error);
    let seen = Connection::new(aws, name).describe().await.map_err(failed)?;
    let Some(connection) = seen.filter(|seen| arn.is_none_or(|arn| arn.names(&seen.arn))) else {
        let named = arn.map(|arn| &arn.account);
        let own = aws.caller().await.map_err(sentence)?;
        if let Some(named) = named.filter(|named| **named != own.account) {
            return Err(format!(
                "The ARN is of account {named}, the credentials are of account {}.",
                own.account
            ));
        }
        let what = arn.map_or_else(|| name.to_owned(), ToString::to_string);
        return Err(format!(
            "There is no EventBridge connection {what} in {}.",
            aws.region()
        ));
    };
    of_connection(aws, connection).await
}

/// The state of the invocation that a connection belongs to.
///
/// # Errors
/// A sentence: it has no private path, or a call failed.
pub async fn of_connection(aws: &Aws, connection: SeenConnection) -> Result<Model, String> {
    let failed = |error: ComponentError| sentence(error);
    let name = connection.name.clone();
    let name = name.as_str();
    let Some(configuration_arn) = connection.configuration_arn.clone() else {
        return Err(format!(
            "The connection {} is public: it has no private path.",
            connection.arn
        ));
    };
    let nobody = Owner::invocation(name, None, None);
    let configuration = match Configuration::new(aws, &nobody)
        .describe(&configuration_arn)
        .await
    {
        Err(ComponentError::Aws(error)) if error.kind == ErrorKind::AccessDenied => None,
        answer => answer.map_err(failed)?,
    };
    // The token is that of whoever made it: its objects bear it.
    let holder = configuration
        .as_ref()
        .and_then(|seen| seen.tags.holder(INVOCATION_TAG)?.split_once('/'));
    let token = holder.map(|(_, token)| token.to_owned());
    let owner = Owner::invocation(name, token.as_deref(), None);
    let authorization = read::shown(&connection, &Authorization::default());
    let mut inputs = Model {
        name: Attr::Known(name.to_owned()),
        region: Attr::Known(aws.region().to_owned()),
        authorization: authorization.into(),
        invocation_http_parameters: read::http_parameters(&connection.http, &Attr::Null),
        description: connection.description.clone().into(),
        kms_key_identifier: connection.kms_key.clone().into(),
        instance: token.into(),
        ..Model::default()
    };
    let mut facts = facts(&connection.arn, Fact::Absent);
    facts.recorded = facts
        .recorded
        .with(Slot::of(CONNECTION), Id::new(&connection.arn));
    match configuration.filter(|seen| owner.owns(&seen.tags)) {
        Some(seen) => {
            own_path(aws, &owner, seen, &mut inputs, &mut facts)
                .await
                .map_err(failed)?;
            destinations(aws, &owner, &connection, &mut inputs, &mut facts)
                .await
                .map_err(failed)?;
        }
        // Somebody else's path: it is referenced, and so is whatever else uses the connection.
        None => inputs.shared_resource_configuration_arn = Attr::Known(configuration_arn),
    }
    facts.objects.connection = Fact::Known(connection);
    Ok(present(&inputs, &facts))
}

fn facts(arn: &str, id: Fact<String>) -> Facts {
    Facts {
        id,
        place: Place::of_arn(arn),
        pending: Attr::Known(Vec::new()),
        retired: Attr::Known(Vec::new()),
        borrowed: Attr::Known(Vec::new()),
        ..Facts::default()
    }
}

/// A path whose configuration is ours: gateway, group and rule are ours by their tags, else referenced.
async fn own_path(
    aws: &Aws,
    owner: &Owner,
    configuration: SeenConfiguration,
    inputs: &mut Model,
    facts: &mut Facts,
) -> Result<(), ComponentError> {
    let mut network = Network::default();
    let mut recorded = std::mem::take(&mut facts.recorded);
    recorded = recorded.with(Slot::of(CONFIGURATION), Id::new(&configuration.id));
    let resolved = resolve(aws, &configuration).await;
    match &resolved {
        Some(endpoint) => inputs.vpc_endpoint_id = Attr::Known(endpoint.id.clone()),
        None => inputs.https_endpoint = https_endpoint(&configuration).into(),
    }
    let gateway = Gateway::new(aws, owner)
        .describe(&configuration.gateway_id)
        .await?;
    match gateway {
        Some(gateway) if owner.owns(&gateway.tags) => {
            recorded = recorded.with(Slot::of(GATEWAY), Id::new(&gateway.id));
            let endpoint_subnets = resolved.as_ref().map(|endpoint| &endpoint.subnet_ids);
            describe_gateway(
                &gateway,
                endpoint_subnets,
                inputs.https_endpoint.is_known(),
                &mut network,
            );
            recorded = groups(aws, owner, &gateway, recorded, &mut network).await?;
            facts.vpc_id = Fact::Known(gateway.vpc_id.clone());
            facts.subnet_ids = Fact::Known(gateway.subnet_ids.clone());
            facts.objects.gateway = Fact::Known(gateway);
        }
        Some(gateway) => {
            network.resource_gateway_id = Attr::Known(gateway.id.clone());
            facts.vpc_id = Fact::Known(gateway.vpc_id.clone());
            facts.subnet_ids = Fact::Known(gateway.subnet_ids.clone());
        }
        // Gone: the next plan makes one.
        None => {}
    }
    recorded = ingress(aws, owner, recorded, &mut network).await?;
    facts.domain_name = configuration
        .domain_name()
        .map_or(Fact::Absent, |name| Fact::Known(name.to_owned()));
    if !configuration.shareable {
        network.allow_association_to_shareable_service_network = Attr::Known(false);
    }
    facts.recorded = recorded;
    *inputs = std::mem::take(inputs).with_shown_tags(&aws.tags, configuration.tags.user.clone());
    inputs.network = if network == Network::default() {
        Attr::Null
    } else {
        Attr::Known(network)
    };
    facts.objects.configuration = Fact::Known(configuration);
    Ok(())
}

/// The VPC endpoint that the configuration leads to, if it leads to one that is there.
async fn resolve(aws: &Aws, configuration: &SeenConfiguration) -> Option<endpoint::Endpoint> {
    // The endpoint's id begins its DNS name: `vpce-<id>-<random>.execute-api…`.
    let label = configuration.domain_name()?.split('.').next()?;
    let (id, _) = label.rsplit_once('-')?;
    if !id.starts_with("vpce-") {
        return None;
    }
    let (endpoint, _) = endpoint::resolve(aws, id).await.ok()?;
    (Some(endpoint.domain_name.as_str()) == configuration.domain_name()).then_some(endpoint)
}

fn https_endpoint(configuration: &SeenConfiguration) -> Option<HttpsEndpoint> {
    let mut given = match configuration.target.clone()? {
        Target::DomainName(name) => HttpsEndpoint {
            domain_name: Attr::Known(name),
            ..HttpsEndpoint::default()
        },
        Target::IpAddress(address) => HttpsEndpoint {
            ip_address: Attr::Known(address),
            ..HttpsEndpoint::default()
        },
    };
    let ports = configuration.ports();
    match ports.first().map(|ports| ports.ends()) {
        Some((443, 443)) if ports.len() == 1 => {}
        Some((port, last)) if ports.len() == 1 && port == last => given.port = Attr::Known(port.into()),
        _ => {
            let ranges = ports.iter().map(|range| Attr::Known(range.to_string()));
            given.port_ranges = Attr::Known(ranges.collect());
        }
    }
    Some(given)
}

/// What a configuration has to say of a gateway: what is not the default.
fn describe_gateway(
    gateway: &SeenGateway,
    endpoint_subnets: Option<&BTreeSet<String>>,
    https: bool,
    network: &mut Network,
) {
    let set = |ids: &BTreeSet<String>| Attr::Known(ids.iter().cloned().map(Attr::Known).collect());
    if endpoint_subnets != Some(&gateway.subnet_ids) {
        network.subnet_ids = set(&gateway.subnet_ids);
    }
    if gateway.ip_address_type != IpAddressType::Ipv4 {
        network.ip_address_type = Attr::Known(gateway.ip_address_type.clone());
    }
    let addresses = gateway.ipv4_addresses_per_eni.filter(|count| *count != 16);
    if let (Some(count), true) = (addresses, gateway.ip_address_type != IpAddressType::Ipv6) {
        network.ipv4_addresses_per_eni = Attr::Known(i64::from(count));
    }
    let default = if https && gateway.ip_address_type != IpAddressType::Ipv6 {
        DnsResolution::InVpc
    } else {
        DnsResolution::Public
    };
    if gateway.dns_resolution != default {
        network.resource_config_dns_resolution = Attr::Known(gateway.dns_resolution.clone());
    }
}

/// The managed group, else the groups that are given. One that was added by hand beside the managed one is not given:
/// the next plan shows that it is taken away.
async fn groups(
    aws: &Aws,
    owner: &Owner,
    gateway: &SeenGateway,
    recorded: Recorded,
    network: &mut Network,
) -> Result<Recorded, ComponentError> {
    let groups = Group::new(aws, owner);
    for id in &gateway.security_group_ids {
        let seen = groups.observe(&Id::new(id)).await?;
        let Some(group) = seen.filter(|group| owner.owns(&group.tags)) else {
            continue;
        };
        describe_egress(
            group.targets(),
            &endpoint::vpc_cidrs(aws, &gateway.vpc_id).await?,
            network,
        );
        return Ok(recorded.with(Slot::of(GROUP), Id::new(id)));
    }
    let ids = gateway.security_group_ids.iter().cloned().map(Attr::Known);
    network.security_group_ids = Attr::Known(ids.collect());
    Ok(recorded)
}

/// What a configuration has to say of where the managed group lets out to: what is not the default, every CIDR of the VPC.
fn describe_egress(targets: BTreeSet<EgressTarget>, vpc_cidrs: &BTreeSet<String>, network: &mut Network) {
    let default: BTreeSet<_> = vpc_cidrs.iter().cloned().map(EgressTarget::Cidr).collect();
    if targets == default {
        return;
    }
    for target in targets {
        let (argument, target) = match target {
            EgressTarget::Cidr(target) => (&mut network.egress_cidr_blocks, target),
            EgressTarget::Group(target) => (&mut network.egress_security_group_ids, target),
            EgressTarget::PrefixList(target) => (&mut network.egress_prefix_list_ids, target),
        };
        match argument {
            Attr::Known(targets) => {
                targets.insert(Attr::Known(target));
            }
            argument => *argument = Attr::Known(BTreeSet::from([Attr::Known(target)])),
        }
    }
}

async fn ingress(
    aws: &Aws,
    owner: &Owner,
    recorded: Recorded,
    network: &mut Network,
) -> Result<Recorded, ComponentError> {
    let rules = Ingress::new(aws, owner);
    let found = match rules.search(&reconcile::Inventory::default()).await {
        Err(ComponentError::Aws(error)) if error.kind == ErrorKind::AccessDenied => return Ok(recorded),
        answer => answer?,
    };
    let Some(rule) = found.into_iter().next() else {
        return Ok(recorded);
    };
    if let Some(seen) = rules.observe(&rule.id).await? {
        network.endpoint_ingress_security_group_id = Attr::Known(seen.group_id);
    }
    Ok(recorded.with(Slot::of(INGRESS), rule.id))
}

/// The API destinations that use a connection that this provider made.
async fn destinations(
    aws: &Aws,
    owner: &Owner,
    connection: &SeenConnection,
    inputs: &mut Model,
    facts: &mut Facts,
) -> Result<(), ComponentError> {
    let mut found = BTreeMap::new();
    for (arn, name) in Destination::of_connection(aws, &connection.arn).await? {
        let id = Id::new(arn);
        if let Some(seen) = Destination::new(aws, owner, &name).observe(&id).await? {
            let given = read::destination(&seen, super::model::ApiDestination::default());
            facts.recorded =
                std::mem::take(&mut facts.recorded).with(Slot::named(API_DESTINATION, name.as_str()), id);
            facts.objects.destinations.insert(name.clone(), Fact::Known(seen));
            found.insert(name, Attr::Known(given));
        }
    }
    if !found.is_empty() {
        inputs.api_destinations = Attr::Known(found);
    }
    Ok(())
}

/// Imports a path by its id, or by its resource configuration.
pub async fn path(cx: &Cx<Client>, id: &str, state: &State<PathModel>) -> Outcome {
    let region = Arn::parse(id).map(|arn| arn.region);
    let model = imported_path(cx, id, region).await?;
    state.set(&PathModel::from_model(model))
}

/// Imports a path by its identity.
pub async fn path_by_identity(cx: &Cx<Client>, identity: &PathIdentity, state: &State<PathModel>) -> Outcome {
    let id = identity.id.known().cloned().unwrap_or_default();
    let model = imported_path(cx, &id, identity.region.known().cloned()).await?;
    same_account(&identity.account_id, &model.resource_configuration_arn, &id)?;
    state.set(&PathModel::from_model(model))
}

async fn imported_path(cx: &Cx<Client>, id: &str, region: Option<String>) -> Result<Model, Diagnostic> {
    let aws = aws_of(cx, Composite::Path, id, region)?;
    let found = find_path(aws.as_ref(), id).await;
    let found = found.map_err(|why| refused(Composite::Path, id, &why))?;
    warn_of_mark(cx, &aws, Composite::Path, &found).await;
    Ok(found)
}

/// The state of the path of that id, or of that resource configuration, as AWS shows it.
///
/// # Errors
/// A sentence: there is none, or a call failed.
pub async fn find_path(aws: &Aws, id: &str) -> Result<Model, String> {
    let failed = |error: ComponentError| sentence(error);
    let name_of = |value: &str| value.rsplit_once('/').map(|(name, _)| name.to_owned());
    let by_configuration = id.starts_with("arn:") || id.starts_with("rcfg-");
    let nobody = Owner::path("", "", None);
    let found = if by_configuration {
        Configuration::new(aws, &nobody)
            .describe(id)
            .await
            .map_err(failed)?
    } else {
        let (name, instance) = id
            .rsplit_once('/')
            .ok_or_else(|| format!("{id} is not a path id."))?;
        let owner = Owner::path(name, instance, None);
        let configurations = Configuration::new(aws, &owner);
        let ours = configurations
            .search(&reconcile::Inventory::default())
            .await
            .map_err(failed)?;
        match ours.first() {
            Some(found) => configurations.observe(&found.id).await.map_err(failed)?,
            None => None,
        }
    };
    let Some(configuration) = found else {
        return Err(format!("There is no such path in {}.", aws.region()));
    };
    let Some(value) = configuration.tags.holder(PATH_TAG).cloned() else {
        return Err(format!(
            "The resource configuration {} does not carry the tag {PATH_TAG}, so no private_api_path made it.",
            configuration.id
        ));
    };
    let Some(name) = name_of(&value) else {
        return Err(format!(
            "The tag {PATH_TAG} of {} says {value:?}.",
            configuration.id
        ));
    };
    let mut inputs = Model {
        name: Attr::Known(name),
        region: Attr::Known(aws.region().to_owned()),
        id: Attr::Known(value.clone()),
        ..Model::default()
    };
    let owner = Composite::Path.owner(&inputs);
    let mut facts = facts(&configuration.arn, Fact::Known(value));
    own_path(aws, &owner, configuration, &mut inputs, &mut facts)
        .await
        .map_err(failed)?;
    Ok(present(&inputs, &facts))
}
