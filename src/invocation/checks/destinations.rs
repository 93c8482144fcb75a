//! Whether API destinations that a plan makes exist already, on somebody else's connection: they come last, when all else
//! of a create has been made.

use reconcile::{Slot, Step};
use terraform_plugin::{Diagnostic, Diagnostics};

use super::Checks;
use super::finding::Finding;
use crate::aws::Arn;
use crate::client::Fate;
use crate::component::{API_DESTINATION, ComponentError, Connection, Destination, SeenDestination};
use crate::invocation::slots::CONNECTION_SLOT;

/// What is wrong with the names of those that are to be made: one call for each.
pub async fn findings(checks: &Checks<'_>, unchecked: &mut Diagnostics) -> Vec<Finding> {
    let mut findings = Vec::new();
    for name in checks.desired.destination_names() {
        let slot = Slot::named(API_DESTINATION, name);
        if checks.recorded.get(&slot).is_some() || !checks.is_built(&slot) {
            continue;
        }
        match finding(checks, name).await {
            Ok(finding) => findings.extend(finding),
            Err(error) => {
                let title = format!("Could not see whether an API destination {name} exists");
                unchecked.push(Diagnostic::warning(
                    title,
                    format!("{error}\n\nThe provider goes on without this check."),
                ));
            }
        }
    }
    findings
}

async fn finding(checks: &Checks<'_>, name: &str) -> Result<Option<Finding>, ComponentError> {
    let aws = checks.aws;
    let Some(seen) = Destination::new(aws, checks.owner, name).find().await? else {
        return Ok(None);
    };
    let fate = aws.handovers.fate(&seen.arn);
    if fate == Fate::Given || is_ours(checks, &seen).await? {
        return Ok(None);
    }
    let (arn, connection) = (&seen.arn, &seen.connection_arn);
    let exists =
        format!("The API destination {arn} exists already and calls through the connection {connection}.");
    let choose = format!("choose another key than {name} in api_destinations");
    let (detail, tries) = match fate {
        Fate::Kept => (
            format!(
                "{exists} Another private_api_invocation of this configuration has it, and keeps it: to hand it over, remove \
                 {name} from the api_destinations there. Else {choose}."
            ),
            false,
        ),
        _ if is_invocations(checks, &seen).await? => (
            format!(
                "{exists} Another private_api_invocation has it. If it is of this configuration and gives it up in the same \
                 apply, it is handed over. Else the apply fails when it comes to {name}, which is last of all: {choose}, or \
                 give it up there first."
            ),
            true,
        ),
        _ => (
            format!(
                "{exists} That connection is not of this resource. Remove that destination if nobody uses it, else {choose}."
            ),
            false,
        ),
    };
    Ok(Some(Finding::of_destination(name, detail, tries)))
}

/// Whether it calls through the connection that it is wanted at: a killed apply has left it.
async fn is_ours(checks: &Checks<'_>, seen: &SeenDestination) -> Result<bool, ComponentError> {
    let through = seen.connection_arn.as_str();
    let adopted = |step: &Step| matches!(step, Step::Adopt(slot, id) if *slot == CONNECTION_SLOT && id.as_str() == through);
    if checks.steps.iter().any(adopted) {
        return Ok(true);
    }
    if let Some(id) = checks.recorded.get(&CONNECTION_SLOT) {
        return Ok(id.as_str() == through && !checks.is_built(&CONNECTION_SLOT));
    }
    // A create takes over what a killed one has left, is refused where that is alive, and follows the destroy of what it
    // replaces: each time the connection of the name says so.
    let own = checks.owner.name();
    if !checks.recorded.is_empty() || name_of(through).as_deref() != Some(own) {
        return Ok(false);
    }
    let standing = Connection::new(checks.aws, own).describe().await?;
    Ok(standing.is_some_and(|standing| standing.arn == through))
}

/// Whether it calls through the connection of an invocation that stands.
async fn is_invocations(checks: &Checks<'_>, seen: &SeenDestination) -> Result<bool, ComponentError> {
    let Some(name) = name_of(&seen.connection_arn) else {
        return Ok(false);
    };
    let connection = Connection::new(checks.aws, &name);
    match connection.describe().await? {
        Some(standing) if standing.arn == seen.connection_arn => connection.is_invocations(&standing).await,
        _ => Ok(false),
    }
}

/// The name in a connection's ARN.
fn name_of(connection_arn: &str) -> Option<String> {
    Arn::parse(connection_arn)?.name().map(str::to_owned)
}
