//! Imports: connection → configuration → gateway → group, of which what bears our tag is ours and the rest is
//! referenced.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use reconcile::{Component as _, Fact, Id, Recorded, Slot};
use regex::Regex;
use terraform_plugin::{Attr, Cx, Diagnostic, Outcome, State, path};

use super::identity::{InvocationIdentity, PathIdentity};
use super::model::{Authorization, Composite, HttpsEndpoint, Model, Network, ResourceModel};
use super::path::model::PathModel;
use super::present::{Facts, Place, present};
use super::read;
use super::report::{Operation, Report};
use super::schema;
use crate::aws::{Arn, region};
use crate::client::{Aws, Client};
use crate::component::naming::{CREATING_TAG, INVOCATION_TAG, Owner, PATH_TAG};
use crate::component::{
    API_DESTINATION, CONFIGURATION, CONNECTION, ComponentError, Configuration, Connection, Destination,
    DnsResolution, EgressTarget, GATEWAY, GROUP, Gateway, Group, INGRESS, Ingress, IpAddressType,
    SeenConfiguration, SeenConnection, SeenGateway, Target,
};
use crate::endpoint::{self, Problem};
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
    let found = imported(cx, &name, region, is_arn.then_some(id)).await?;
    warn_of_unconfirmed(cx, &found);
    state.set(&found.model)
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
    let found = imported(cx, &name, identity.region.known().cloned(), None).await?;
    same_account(&identity.account_id, &found.model.connection_arn, &name)?;
    warn_of_unconfirmed(cx, &found);
    state.set(&found.model)
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
) -> Result<Found, Diagnostic> {
    let aws = aws_of(cx, Composite::Invocation, name, region)?;
    let arn = arn.map(ConnectionArn::parse).transpose();
    let arn = arn.map_err(|why| refused(Composite::Invocation, name, &sentence(why)))?;
    let found = find_invocation(aws.as_ref(), name, arn.as_ref(), Purpose::State).await;
    let found = found.map_err(|why| refused(Composite::Invocation, name, &why))?;
    warn_of_mark(cx, Composite::Invocation, &found);
    Ok(found)
}

/// What something is looked up for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// A state, which has to record all that is ours.
    State,
    /// The outputs of a data source, which tell nothing of the rule that lets the gateway in.
    Outputs,
}

/// What was looked up.
pub struct Found {
    pub model: Model,
    /// Its objects bear the mark of a create that has not ended.
    marked: bool,
    /// API destinations of which nothing says whose they are, name and ARN.
    unconfirmed: BTreeMap<String, String>,
}

/// Tells that what was imported counts as left over until an apply: an import writes nothing, and its mark stays.
fn warn_of_mark(cx: &Cx<Client>, composite: Composite, found: &Found) {
    if found.marked {
        let detail = format!(
            "Its objects bear the tag {CREATING_TAG} of a create that has not ended. Until an apply of this resource takes it off, \
             `leftovers --remove` takes them for left over. Apply once."
        );
        let title = format!("{} {} is not finished", composite.words(), found.model.name());
        cx.warn(Diagnostic::warning(title, detail));
    }
}

/// Tells which API destinations may be somebody else's, and what becomes of them.
fn warn_of_unconfirmed(cx: &Cx<Client>, found: &Found) {
    if found.unconfirmed.is_empty() {
        return;
    }
    let names: Vec<_> = found.unconfirmed.keys().map(String::as_str).collect();
    let subject = format!("{} {}", Composite::Invocation.words(), found.model.name());
    let detail = format!(
        "Nothing says who made {}: an API destination has no tags, and of these the description names nobody. The import records \
         them, so that api_destinations can name them, and none is deleted before an apply has confirmed it: the first one that \
         changes anything of this resource. Those that api_destinations names are this resource's from then on, to be changed and \
         removed with it. The others are dropped from the state and left alone. Until then a destroy is refused.",
        names.join(", ")
    );
    let title = format!("API destinations of {subject} may be somebody else's");
    cx.warn(Diagnostic::warning(title, detail).at(path!("api_destinations")));
}

/// The invocation of that name, as AWS shows it.
///
/// # Errors
/// A sentence: there is none, or a call failed.
pub async fn find_invocation(
    aws: &Aws,
    name: &str,
    arn: Option<&ConnectionArn>,
    purpose: Purpose,
) -> Result<Found, String> {
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
            "There is no EventBridge connection {what} in {} of account {}. Check the name, the Region and the credentials.",
            aws.region(),
            own.account
        ));
    };
    of_connection(aws, connection, purpose).await
}

/// The invocation that a connection belongs to.
///
/// # Errors
/// A sentence: it has no private path, or a call failed.
pub async fn of_connection(aws: &Aws, connection: SeenConnection, purpose: Purpose) -> Result<Found, String> {
    let failed = |error: ComponentError| sentence(error);
    let name = connection.name.clone();
    let name = name.as_str();
    let Some(configuration_arn) = connection.configuration_arn.clone() else {
        return Err(format!(
            "The connection {} is public: it has no private path.",
            connection.arn
        ));
    };
    let configuration = own_configuration(aws, &connection, &configuration_arn).await?;
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
    let mut marked = false;
    let mut unconfirmed = BTreeMap::new();
    match configuration.filter(|seen| owner.owns(&seen.tags)) {
        Some(seen) => {
            marked = seen.tags.is_marked();
            own_path(aws, &owner, seen, purpose, &mut inputs, &mut facts).await?;
            unconfirmed = destinations(aws, &owner, &connection, &mut inputs, &mut facts)
                .await
                .map_err(failed)?;
        }
        // Somebody else's path: it is referenced, and so is whatever else uses the connection.
        None => inputs.shared_resource_configuration_arn = Attr::Known(configuration_arn),
    }
    facts.objects.connection = Fact::Known(connection);
    facts.borrowed = Attr::Known(unconfirmed.values().cloned().collect());
    Ok(Found {
        model: present(&inputs, &facts),
        marked,
        unconfirmed,
    })
}

/// The configuration that a connection goes through, with the tags that say whose it is; `None` where it is of another
/// account, which shares it and shows no tags. One that may not be seen is nobody's until it is.
async fn own_configuration(
    aws: &Aws,
    connection: &SeenConnection,
    arn: &str,
) -> Result<Option<SeenConfiguration>, String> {
    let own = aws.caller().await.map_err(sentence)?;
    if Arn::parse(arn).is_some_and(|arn| arn.account != own.account) {
        return Ok(None);
    }
    let nobody = Owner::invocation(&connection.name, None, None);
    let seen = Configuration::new(aws, &nobody).describe(arn).await;
    let seen = seen.map_err(|error| {
        format!(
            "Whose the resource configuration {arn} is, through which the connection goes, shows in its tags. {}",
            sentence(error)
        )
    })?;
    seen.map(Some)
        .ok_or_else(|| missing(CONFIGURATION, arn, &format!("the connection {}", connection.arn)))
}

/// That VPC Lattice or EC2 does not find what must be there: whose it is cannot be seen.
fn missing(kind: reconcile::Kind, id: &str, user: &str) -> String {
    format!(
        "AWS does not find the {} {id}, which {user} uses, so that nobody can tell whose it is. Try again in some minutes; if it \
         is gone for good, remove {user} and have it made anew.",
        kind.name
    )
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
    purpose: Purpose,
    inputs: &mut Model,
    facts: &mut Facts,
) -> Result<(), String> {
    let failed = |error: ComponentError| sentence(error);
    let mut network = Network::default();
    let mut recorded = std::mem::take(&mut facts.recorded);
    recorded = recorded.with(Slot::of(CONFIGURATION), Id::new(&configuration.id));
    let resolved = resolve(aws, &configuration).await.map_err(failed)?;
    match &resolved {
        Some(endpoint) => inputs.vpc_endpoint_id = Attr::Known(endpoint.id.clone()),
        None => inputs.https_endpoint = https_endpoint(&configuration).into(),
    }
    let gateway = Gateway::new(aws, owner)
        .describe(&configuration.gateway_id)
        .await
        .map_err(failed)?;
    let user = || format!("the resource configuration {}", configuration.id);
    let gateway = gateway.ok_or_else(|| missing(GATEWAY, &configuration.gateway_id, &user()))?;
    facts.vpc_id = Fact::Known(gateway.vpc_id.clone());
    facts.subnet_ids = Fact::Known(gateway.subnet_ids.clone());
    match gateway {
        gateway if owner.owns(&gateway.tags) => {
            recorded = recorded.with(Slot::of(GATEWAY), Id::new(&gateway.id));
            let endpoint_subnets = resolved.as_ref().map(|endpoint| &endpoint.subnet_ids);
            describe_gateway(
                &gateway,
                endpoint_subnets,
                inputs.https_endpoint.is_known(),
                &mut network,
            );
            recorded = groups(aws, owner, &gateway, recorded, &mut network).await?;
            facts.objects.gateway = Fact::Known(gateway);
        }
        gateway => network.resource_gateway_id = Attr::Known(gateway.id),
    }
    if purpose == Purpose::State {
        recorded = ingress(aws, owner, recorded, &mut network)
            .await
            .map_err(failed)?;
    }
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
async fn resolve(
    aws: &Aws,
    configuration: &SeenConfiguration,
) -> Result<Option<endpoint::Endpoint>, ComponentError> {
    // The endpoint's id begins its DNS name: `vpce-<id>-<random>.execute-api…`.
    let label = configuration
        .domain_name()
        .and_then(|name| name.split('.').next());
    let id = label.and_then(|label| label.rsplit_once('-')).map(|(id, _)| id);
    let Some(id) = id.filter(|id| id.starts_with("vpce-")) else {
        return Ok(None);
    };
    match endpoint::resolve(aws, id).await {
        Ok((endpoint, _)) => {
            let leads = Some(endpoint.domain_name.as_str()) == configuration.domain_name();
            Ok(leads.then_some(endpoint))
        }
        Err(Problem::Aws(error)) => Err(error.into()),
        // It is no endpoint of this account, or none that leads to a private API.
        Err(_) => Ok(None),
    }
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
) -> Result<Recorded, String> {
    let groups = Group::new(aws, owner);
    let mut unseen = None;
    for id in &gateway.security_group_ids {
        let seen = groups.observe(&Id::new(id)).await.map_err(sentence)?;
        let Some(group) = seen else {
            unseen = Some(id);
            continue;
        };
        if !owner.owns(&group.tags) {
            continue;
        }
        let cidrs = endpoint::vpc_cidrs(aws, &gateway.vpc_id)
            .await
            .map_err(sentence)?;
        describe_egress(group.targets(), &cidrs, network);
        return Ok(recorded.with(Slot::of(GROUP), Id::new(id)));
    }
    if let Some(id) = unseen {
        return Err(missing(
            GROUP,
            id,
            &format!("the resource gateway {}", gateway.id),
        ));
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

/// The rule that lets the gateway in, but for one that was handed over since.
async fn ingress(
    aws: &Aws,
    owner: &Owner,
    recorded: Recorded,
    network: &mut Network,
) -> Result<Recorded, ComponentError> {
    let rules = Ingress::new(aws, owner);
    let found = rules.search(&reconcile::Inventory::default()).await?.into_iter();
    let seen = found.filter_map(|found| found.seen.map(|(seen, _)| seen));
    let Some(rule) = seen.into_iter().find(|seen| !rules.is_handed_over(seen)) else {
        return Ok(recorded);
    };
    network.endpoint_ingress_security_group_id = Attr::Known(rule.group_id);
    Ok(recorded.with(Slot::of(INGRESS), Id::new(rule.id)))
}

/// The API destinations that use a connection that this provider made; answers those of which nothing says whose they are.
async fn destinations(
    aws: &Aws,
    owner: &Owner,
    connection: &SeenConnection,
    inputs: &mut Model,
    facts: &mut Facts,
) -> Result<BTreeMap<String, String>, ComponentError> {
    let mut found = BTreeMap::new();
    let mut unconfirmed = BTreeMap::new();
    for (arn, name) in Destination::of_connection(aws, &connection.arn).await? {
        let id = Id::new(arn);
        let destination = Destination::new(aws, owner, &name);
        if let Some(seen) = destination.observe(&id).await? {
            let given = read::destination(&seen, super::model::ApiDestination::default());
            if !destination.is_own(&seen) {
                unconfirmed.insert(name.clone(), seen.arn.clone());
            }
            facts.recorded =
                std::mem::take(&mut facts.recorded).with(Slot::named(API_DESTINATION, name.as_str()), id);
            facts.objects.destinations.insert(name.clone(), Fact::Known(seen));
            found.insert(name, Attr::Known(given));
        }
    }
    if !found.is_empty() {
        inputs.api_destinations = Attr::Known(found);
    }
    Ok(unconfirmed)
}

/// Imports a path by its id, or by its resource configuration.
pub async fn path(cx: &Cx<Client>, id: &str, state: &State<PathModel>) -> Outcome {
    let region = Arn::parse(id).map(|arn| arn.region);
    let found = imported_path(cx, id, region).await?;
    state.set(&PathModel::from_model(found.model))
}

/// Imports a path by its identity.
pub async fn path_by_identity(cx: &Cx<Client>, identity: &PathIdentity, state: &State<PathModel>) -> Outcome {
    let id = identity.id.known().cloned().unwrap_or_default();
    let found = imported_path(cx, &id, identity.region.known().cloned()).await?;
    same_account(&identity.account_id, &found.model.resource_configuration_arn, &id)?;
    state.set(&PathModel::from_model(found.model))
}

async fn imported_path(cx: &Cx<Client>, id: &str, region: Option<String>) -> Result<Found, Diagnostic> {
    let aws = aws_of(cx, Composite::Path, id, region)?;
    let found = find_path(aws.as_ref(), id, Purpose::State).await;
    let found = found.map_err(|why| refused(Composite::Path, id, &why))?;
    warn_of_mark(cx, Composite::Path, &found);
    Ok(found)
}

/// The path of that id, or of that resource configuration, as AWS shows it.
///
/// # Errors
/// A sentence: there is none, or a call failed.
pub async fn find_path(aws: &Aws, id: &str, purpose: Purpose) -> Result<Found, String> {
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
        let own = aws.caller().await.map_err(sentence)?;
        return Err(format!(
            "There is no such path in {} of account {}. Check the id, the Region and the credentials.",
            aws.region(),
            own.account
        ));
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
    let marked = configuration.tags.is_marked();
    own_path(aws, &owner, configuration, purpose, &mut inputs, &mut facts).await?;
    Ok(Found {
        model: present(&inputs, &facts),
        marked,
        unconfirmed: BTreeMap::new(),
    })
}
