//! What a verb makes sure of before it trusts a state: whose account it speaks of, what is borrowed, and whose the name is.

use reconcile::{Component as _, Id, Recorded, Snapshot};
use terraform_plugin::{Attr, Diagnostic};

use super::model::{Composite, Model};
use super::report::{Operation, Report};
use super::slots::INGRESS_SLOT;
use crate::aws::Arn;
use crate::client::Aws;
use crate::component::naming::Owner;
use crate::component::{
    CONFIGURATION, CONNECTION, ComponentError, Connection, INGRESS, Ingress, SeenIngress,
};

/// Refuses to look for the objects of one account with the credentials of another: all of them would seem to be gone.
pub async fn refuse_another_account(
    aws: &Aws,
    report: &Report<'_>,
    operation: Operation,
    prior: &Model,
) -> Result<(), Diagnostic> {
    let arns = [
        &prior.connection_arn,
        &prior.connection_arn_for_policy,
        &prior.resource_gateway_arn,
    ];
    let own = prior.shared_resource_configuration_arn.is_null();
    let configuration = Some(&prior.resource_configuration_arn).filter(|_| own);
    let mut known = arns.into_iter().chain(configuration).filter_map(Attr::known);
    let Some(recorded) = known.find_map(|arn| Arn::parse(arn)) else {
        return Ok(());
    };
    let caller = aws
        .caller()
        .await
        .map_err(|error| report.aws_error(operation, &error))?;
    if recorded.account == caller.account {
        return Ok(());
    }
    Err(report.another_account(operation, &recorded.account, &caller.account))
}

/// What a state records, with what it does not say where an older version has written it: whether the rule that lets the
/// gateway in is ours shows by its tag.
pub async fn recorded(aws: &Aws, owner: &Owner, prior: &Model) -> Result<Recorded, ComponentError> {
    let mut recorded = prior.recorded();
    if let Some(association) = prior.resource_association_arn.known() {
        aws.associations.hold(association);
    }
    if let (Attr::Null, Some(id)) = (&prior.borrowed, recorded.get(&INGRESS_SLOT).cloned()) {
        let rules = Ingress::new(aws, owner);
        if rules
            .observe(&id)
            .await?
            .is_some_and(|seen| !rules.is_ours(&seen))
        {
            recorded.borrowed.insert(id);
        }
    }
    Ok(recorded)
}

/// The rule that lets the gateway in, with its id and its holder, where another invocation or path made it and it does not say
/// that it is used here.
pub fn unnoted_rule(
    rules: &Ingress<'_>,
    recorded: &Recorded,
    snapshot: &Snapshot,
) -> Option<(Id, SeenIngress, String)> {
    let id = recorded
        .get(&INGRESS_SLOT)
        .filter(|id| recorded.is_borrowed(id))?;
    let rule = snapshot.get::<SeenIngress>(INGRESS, id)?;
    let holder = rule.holder().filter(|_| !rules.is_noted(&rule))?.clone();
    Some((id.clone(), rule, holder))
}

/// Refuses to go on with a record that lacks its connection where a connection of the name lives that is not its own:
/// another resource has it by now.
pub async fn refuse_taken_name(
    aws: &Aws,
    composite: Composite,
    report: &Report<'_>,
    config: &Model,
    recorded: &Recorded,
) -> Result<(), Diagnostic> {
    if composite == Composite::Path || recorded.has(CONNECTION) {
        return Ok(());
    }
    let taken = living_elsewhere(aws, config.name(), recorded).await;
    match taken.map_err(|error| report.component_error(Operation::Update, &error))? {
        None => Ok(()),
        Some(taken) => Err(report.name_taken(&format!("{taken}\n\nNothing was changed."))),
    }
}

/// Whose the connection of the name is, where it does not go through a configuration that is recorded here.
///
/// # Errors
/// Calls that fail.
pub async fn living_elsewhere(
    aws: &Aws,
    name: &str,
    recorded: &Recorded,
) -> Result<Option<ComponentError>, ComponentError> {
    let connection = Connection::new(aws, name);
    let Some(seen) = connection.describe().await? else {
        return Ok(None);
    };
    let through = seen.configuration_id();
    if through.is_some_and(|id| recorded.owns(CONFIGURATION.key, &id)) {
        return Ok(None);
    }
    let another = connection.is_invocations(&seen).await?;
    let (name, arn) = (name.to_owned(), seen.arn);
    Ok(Some(if another {
        ComponentError::AliveElsewhere { name, arn }
    } else {
        ComponentError::ForeignElsewhere { name, arn }
    }))
}
