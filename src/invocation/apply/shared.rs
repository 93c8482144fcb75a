//! Who else uses what is about to be removed: asked before the connection goes, since afterwards AWS would refuse the
//! rest, or leave what depends on it without its way.

use std::collections::BTreeMap;

use reconcile::{Component as _, Id, Recorded};
use terraform_plugin::{Attr, Cx, Diagnostic, Diagnostics};

use crate::aws::ErrorKind;
use crate::cli;
use crate::client::{Aws, Client};
use crate::component::naming::Owner;
use crate::component::{
    API_DESTINATION, CONFIGURATION, CONNECTION, ComponentError, Configuration, Connection, Destination,
};
use crate::invocation::model::Model;
use crate::invocation::report::{Operation, Report};
use crate::invocation::slots::{CONFIGURATION_SLOT, CONNECTION_SLOT, GATEWAY_SLOT};

/// What lets those that use a path follow it, where it is replaced.
const BESIDE: &str = "Where they belong to invocations of this configuration, which are to follow as this one is replaced, give this \
    one lifecycle { create_before_destroy = true } and apply without -target. Where this one is removed from the configuration, and \
    they leave it in the same apply, put it back for one apply.";

/// Refuses a removal of what others use. `imported` are API destinations, name and ARN, that an import has recorded and no apply
/// has confirmed.
pub async fn refuse_while_used(
    cx: &Cx<Client>,
    aws: &Aws,
    owner: &Owner,
    report: &Report<'_>,
    prior: &Model,
    recorded: &Recorded,
    imported: &BTreeMap<String, String>,
) -> Result<(), Diagnostics> {
    let mut wrong = Diagnostics::new();
    let mut found = vec![
        of_gateway(aws, owner, recorded).await,
        of_unrecorded_connection(aws, owner, recorded).await,
    ];
    if prior.force_destroy != Attr::Known(true) {
        found.push(of_configuration(aws, owner, recorded).await);
        let unrecorded = unrecorded(aws, owner, prior, recorded).await;
        // Rules on what is recorded are met although the others cannot be seen, which is told beside it.
        let ours = unrecorded.as_deref().unwrap_or_default();
        found.push(of_destinations(aws, recorded, ours).await);
        found.push(match unrecorded {
            Ok(ours) => of_connection(aws, prior, recorded, &ours, imported).await,
            Err(error) => Err(error),
        });
    }
    for answer in found {
        match answer {
            Ok(None) => {}
            Ok(Some(why)) => wrong.push(Diagnostic::error(
                format!("Used by others: {}", report.subject()),
                format!("{why}\n\nNothing was changed."),
            )),
            Err(ComponentError::Aws(error)) if error.kind == ErrorKind::AccessDenied => {
                cx.warn(Diagnostic::warning(
                    format!("Could not see whether others use {}", report.subject()),
                    error.to_string(),
                ))
            }
            Err(error) => return Err(report.component_error(Operation::Delete, &error).into()),
        }
    }
    wrong.into_outcome()
}

/// Resource configurations of others on the gateway.
async fn of_gateway(aws: &Aws, owner: &Owner, recorded: &Recorded) -> Result<Option<String>, ComponentError> {
    let Some(gateway) = recorded.get(&GATEWAY_SLOT) else {
        return Ok(None);
    };
    let listed = aws.listings.configurations.all().await?;
    let configurations = Configuration::new(aws, owner);
    let mut others = Vec::new();
    for other in listed
        .iter()
        .filter(|other| other.gateway.as_deref() == Some(gateway.as_str()))
    {
        let id = Id::new(&other.id);
        if recorded.owns(CONFIGURATION.key, &id) {
            continue;
        }
        // What a killed run left is ours too, by its tag.
        let seen = configurations.observe(&id).await?;
        if seen.is_some_and(|seen| configurations.guard(&seen).is_some()) {
            others.push(format!("{} ({})", other.id, other.name));
        }
    }
    Ok((!others.is_empty()).then(|| {
        format!(
            "Its resource gateway {gateway} also serves the resource configurations {}, which it does not manage. Remove \
             them first, or move them to another gateway. {BESIDE}",
            others.join(", ")
        )
    }))
}

/// Connections and other associations of others through the configuration.
async fn of_configuration(
    aws: &Aws,
    owner: &Owner,
    recorded: &Recorded,
) -> Result<Option<String>, ComponentError> {
    let Some(id) = recorded.get(&CONFIGURATION_SLOT) else {
        return Ok(None);
    };
    let configurations = Configuration::new(aws, owner);
    let mut others = configurations.used_by_others(id).await?;
    // The state has the association of the calls. That of a private token endpoint only the connection shows.
    if !others.is_empty()
        && let Some(connection) = recorded.get(&CONNECTION_SLOT)
        && Connection::new(aws, owner.name())
            .observe(connection)
            .await?
            .is_some()
    {
        others = configurations.used_by_others(id).await?;
    }
    Ok((!others.is_empty()).then(|| {
        format!(
            "Its resource configuration {id} is used by {}, which it does not manage. Remove them first, or point them \
             elsewhere. {BESIDE}",
            others.join(", ")
        )
    }))
}

/// A living connection of the name that goes through a configuration of this record, which does not record it. The tag of the
/// configuration says whose both are: this resource's, where a read has not found the connection; or another one's, which
/// has taken over what a failed create of this one had made.
async fn of_unrecorded_connection(
    aws: &Aws,
    owner: &Owner,
    recorded: &Recorded,
) -> Result<Option<String>, ComponentError> {
    let invocation = owner.has_connection(owner.name());
    if !invocation || recorded.has(CONNECTION) || !recorded.has(CONFIGURATION) {
        return Ok(None);
    }
    let seen = Connection::new(aws, owner.name()).describe().await?;
    let lives = seen.filter(|seen| {
        seen.configuration_id()
            .is_some_and(|id| recorded.owns(CONFIGURATION.key, &id))
    });
    let Some((connection, id)) = lives.and_then(|seen| Some((seen.arn.clone(), seen.configuration_id()?)))
    else {
        return Ok(None);
    };
    let unrecorded = format!(
        "The connection {connection} goes through its resource configuration {id}, and this state does not record it"
    );
    let seen = match Configuration::new(aws, owner).observe(&id).await {
        Err(ComponentError::Aws(error)) if error.kind == ErrorKind::AccessDenied => {
            return Ok(Some(format!(
                "{unrecorded}. Whose both are shows in the tags of the resource configuration: {error}"
            )));
        }
        seen => seen?,
    };
    let refresh = format!(
        "`{} apply -refresh-only` has the state record it. Then destroy again, without -refresh=false.",
        cli::command()
    );
    Ok(Some(match seen {
        Some(seen) if owner.owns(&seen.tags) => format!(
            "{unrecorded}, although the tags of the resource configuration say that both are this resource's: a read has not \
             found the connection. {refresh}"
        ),
        Some(seen) if owner.lost_to_another(&seen.tags) => format!(
            "{unrecorded}: an invocation in another state has taken over what an unfinished create of this one had made, as the \
             tags of the resource configuration say. Forget this resource with `{} state rm` and its address, and leave the \
             objects to the other state.",
            cli::command()
        ),
        _ => format!(
            "{unrecorded}. The resource configuration has no tag that says whose both are, or cannot be found just now. {refresh}"
        ),
    }))
}

/// API destinations on the connection that say that they are ours, and are not recorded: the removal takes them along.
async fn unrecorded(
    aws: &Aws,
    owner: &Owner,
    prior: &Model,
    recorded: &Recorded,
) -> Result<Vec<Id>, ComponentError> {
    let Attr::Known(connection) = &prior.connection_arn else {
        return Ok(Vec::new());
    };
    let any = Destination::any(aws, owner);
    let found = any.unrecorded(connection, recorded).await?.into_iter();
    Ok(found.map(|found| found.id).collect())
}

/// API destinations on the connection that are neither recorded nor `ours`.
async fn of_connection(
    aws: &Aws,
    prior: &Model,
    recorded: &Recorded,
    ours: &[Id],
    imported: &BTreeMap<String, String>,
) -> Result<Option<String>, ComponentError> {
    let Attr::Known(connection) = &prior.connection_arn else {
        return Ok(None);
    };
    let all = Destination::of_connection(aws, connection).await?;
    let others: Vec<_> = all
        .into_iter()
        .filter(|(arn, _)| {
            let id = Id::new(arn);
            !recorded.owns(API_DESTINATION.key, &id) && !ours.contains(&id)
        })
        .map(|(_, name)| name)
        .collect();
    if others.is_empty() {
        return Ok(None);
    }
    let (imported, foreign): (Vec<_>, Vec<_>) =
        others.into_iter().partition(|name| imported.contains_key(name));
    let mut why = Vec::new();
    if !imported.is_empty() {
        why.push(format!(
            "Its connection also serves the API destinations {}, which an import has recorded, and of which no apply has confirmed \
             that they are this resource's. Name in api_destinations those that are, change something, such as a tag, and apply \
             that: from then on they go with it. Remove the others first, or set force_destroy = true in the same apply: then \
             they stay, and lose their way.",
            imported.join(", ")
        ));
    }
    if !foreign.is_empty() {
        why.push(format!(
            "Its connection also serves the API destinations {}, which it does not manage, and which would lose their way. \
             If an apply of this resource that was interrupted has made them, apply again: it takes them over. Else remove them \
             first, or set force_destroy = true and apply that.",
            foreign.join(", ")
        ));
    }
    Ok(Some(why.join("\n\n")))
}

/// Rules that target our API destinations, those that are not recorded too.
async fn of_destinations(
    aws: &Aws,
    recorded: &Recorded,
    unrecorded: &[Id],
) -> Result<Option<String>, ComponentError> {
    let mut targeted = Vec::new();
    for arn in recorded.ids_of(API_DESTINATION).chain(unrecorded) {
        let rules = Destination::rules_targeting(aws, arn.as_str()).await?;
        if !rules.is_empty() {
            targeted.push(format!("{arn} ({})", rules.join(", ")));
        }
    }
    Ok((!targeted.is_empty()).then(|| {
        format!(
            "Rules still target its API destinations: {}. Remove the targets first, or set force_destroy = true and apply \
             that.",
            targeted.join(", ")
        )
    }))
}
