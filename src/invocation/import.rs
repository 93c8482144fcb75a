//! Imports an invocation by its name: connection → configuration → gateway → group.

use std::collections::BTreeMap;

use reconcile::{Component as _, Id};
use terraform_plugin::{Attr, Cx, Diagnostic, Outcome, State};

use super::model::{Authorization, Model};
use super::present::{Facts, Place, present};
use super::read::shown;
use super::report::{self, Doing};
use crate::component::naming::{INVOCATION_TAG, RESERVED_TAG_PREFIX};
use crate::component::{
    CONFIGURATION, CONNECTION, ComponentError, Configuration, Connection, GATEWAY, GROUP, Gateway,
    SeenConfiguration,
};
use crate::provider::Client;
use reconcile::{Fact, Recorded, Slot};

pub async fn import(cx: &Cx<Client>, id: &str, state: &State<Model>) -> Outcome {
    let Client::Ready(aws) = cx.client() else {
        return Err(report::not_yet_known(Doing::Importing, id).into());
    };
    let failed = |error: ComponentError| {
        Diagnostic::error(
            format!("Could not import private API invocation {id}"),
            error.to_string(),
        )
    };
    let refused = |why: String| {
        Diagnostic::error(
            format!("Could not import private API invocation {id}"),
            format!("{why} The import id is the name of the invocation, which is that of its connection."),
        )
    };
    let seen = Connection::new(aws, id).describe().await.map_err(failed)?;
    let Some(connection) = seen else {
        return Err(refused(format!(
            "There is no EventBridge connection {id} in {}.",
            aws.region()
        ))
        .into());
    };
    let Some(configuration_id) = connection.configuration_id() else {
        return Err(refused(format!(
            "The connection {} is public: it has no private path.",
            connection.arn
        ))
        .into());
    };
    let configuration = Configuration::new(aws, id)
        .observe(&Id::new(configuration_id))
        .await
        .map_err(failed)?;
    let Some(configuration) = configuration else {
        let why =
            format!("Its resource configuration {configuration_id} is gone or belongs to another account.");
        return Err(refused(why).into());
    };
    if configuration
        .tags
        .get(INVOCATION_TAG)
        .is_none_or(|name| name != id)
    {
        let why = format!(
            "Its resource configuration {configuration_id} does not carry the tag {INVOCATION_TAG} = {id}, so it was not \
             made by this provider."
        );
        return Err(refused(why).into());
    }
    let gateway_id = Id::new(&configuration.gateway_id);
    let gateway = Gateway::new(aws, id).observe(&gateway_id).await.map_err(failed)?;
    let groups = aws
        .list_groups(INVOCATION_TAG)
        .await
        .map_err(|error| failed(error.into()))?;

    let mut recorded = Recorded::default()
        .with(Slot::of(CONNECTION), Id::new(&connection.arn))
        .with(Slot::of(CONFIGURATION), Id::new(&configuration.id));
    let mut facts = Facts {
        place: Place::of_arn(&connection.arn),
        ..Facts::default()
    };
    if let Some(gateway) = gateway {
        recorded = recorded.with(Slot::of(GATEWAY), gateway_id);
        let group = groups.iter().find(|group| {
            gateway.security_group_ids.contains(&group.id)
                && group.tags.get(INVOCATION_TAG).is_some_and(|n| n == id)
        });
        if let Some(group) = group {
            recorded = recorded.with(Slot::of(GROUP), Id::new(&group.id));
        }
        facts.vpc_id = Fact::Known(gateway.vpc_id.clone());
        facts.subnet_ids = Fact::Known(gateway.subnet_ids.clone());
        facts.objects.gateway = Fact::Known(gateway);
    }
    facts.domain_name = configuration
        .domain_name
        .clone()
        .map_or(Fact::Absent, Fact::Known);
    facts.recorded = recorded;
    facts.pending = Attr::Known(Vec::new());
    facts.retired = Attr::Known(Vec::new());
    let authorization = shown(&connection.authorization, &Authorization::default());
    let inputs = Model {
        name: Attr::Known(id.to_owned()),
        vpc_endpoint_id: endpoint_id(&configuration).into(),
        authorization: authorization.into(),
        description: connection.description.clone().into(),
        tags: user_tags(&configuration.tags),
        ..Model::default()
    };
    facts.objects.configuration = Fact::Known(configuration);
    facts.objects.connection = Fact::Known(connection);
    state.set(&present(&inputs, &facts))
}

/// The endpoint's id begins its DNS name: `vpce-<id>-<random>.execute-api…`.
fn endpoint_id(configuration: &SeenConfiguration) -> Option<String> {
    let label = configuration.domain_name.as_deref()?.split('.').next()?;
    let (id, _) = label.rsplit_once('-')?;
    id.starts_with("vpce-").then(|| id.to_owned())
}

fn user_tags(tags: &BTreeMap<String, String>) -> Attr<BTreeMap<String, Attr<String>>> {
    let tags: BTreeMap<_, _> = tags
        .iter()
        .filter(|(key, _)| !key.starts_with(RESERVED_TAG_PREFIX))
        .map(|(key, value)| (key.clone(), Attr::Known(value.clone())))
        .collect();
    if tags.is_empty() {
        Attr::Null
    } else {
        Attr::Known(tags)
    }
}
