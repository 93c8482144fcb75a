//! What a plan tells of connections: whether the name is taken, and whether too many are private.

use terraform_plugin::{Cx, Diagnostic, path};

use super::Checks;
use super::finding::{Finding, Standing, stops};
use crate::client::{Aws, Client};
use crate::component::{ComponentError, Connection};
use crate::endpoint;
use crate::invocation::standing::living_elsewhere;

/// Tells that the account has, or will have, more private connections than AWS allows: `added` by this plan.
pub async fn warn_of_quota(cx: &Cx<Client>, aws: &Aws, added: usize) {
    match aws.listings.connections.all().await {
        Ok(connections) => {
            let states = connections.iter().map(|connection| &connection.state);
            if let Some(problem) = endpoint::exceeded(states, added) {
                cx.warn(Finding::of_problem(&problem).warning(Standing::Stays));
            }
        }
        Err(error) => {
            let detail = format!("{error}\n\nThe apply goes on without this check.");
            cx.warn(Diagnostic::warning("Could not count the connections", detail));
        }
    }
}

/// Tells in a plan that makes a connection that its name is taken.
pub async fn warn_of_name(cx: &Cx<Client>, checks: &Checks<'_>) {
    match taken(checks).await {
        Ok(Some(detail)) => cx.warn(Diagnostic::warning("The name is taken", detail).at(path!("name"))),
        Ok(None) => {}
        Err(error) => {
            let detail = format!("{error}\n\nThe apply finds out before it changes anything.");
            cx.warn(Diagnostic::warning(
                "Could not see whether the name is free",
                detail,
            ));
        }
    }
}

async fn taken(checks: &Checks<'_>) -> Result<Option<String>, ComponentError> {
    let name = checks.owner.name();
    let Some(arn) = standing(checks.aws, name).await? else {
        return Ok(None);
    };
    if !checks.recorded.is_empty() {
        let taken = living_elsewhere(checks.aws, name, checks.recorded).await?;
        return Ok(taken.map(|taken| format!("{taken}\n\n{}", stops(checks.standing))));
    }
    // It may be one that is about to be destroyed (a tainted resource, a replacement), so that an error here would lock
    // the resource for good.
    Ok(Some(match checks.standing {
        Standing::Replaced => format!(
            "The connection {arn} exists. If it is the one that this plan replaces, it is destroyed first, unless \
             create_before_destroy is set: two connections of one name cannot stand side by side. Else what stands is \
             destroyed and the new one refused, unless that connection was destroyed by then."
        ),
        Standing::Unseen if checks.aws.recorded.is_held(&arn) => format!(
            "The connection {arn} exists, and this state records it. If it is that of this resource, which the plan replaces \
             (-replace, or a resource that is marked as tainted), it is destroyed first, unless create_before_destroy is set. If \
             the address of a resource was changed in the configuration, say so in a moved block, with the former address as \
             from and this one as to: without it, this plan destroys what stands, and the create may come too early. Else give \
             this invocation another name."
        ),
        Standing::Stays | Standing::Unseen => format!(
            "The connection {arn} exists. The apply stops before it changes anything, unless that connection was destroyed \
             by then, or was left by an apply of this resource that was killed."
        ),
    }))
}

/// The ARN of the connection of that name, whoever made it.
pub async fn standing(aws: &Aws, name: &str) -> Result<Option<String>, ComponentError> {
    match aws.listings.connections.all().await {
        Ok(all) => {
            let named = all.iter().find(|listed| listed.name == name);
            Ok(named.map(|listed| listed.arn.clone()))
        }
        Err(_) => {
            let seen = Connection::new(aws, name).describe().await?;
            Ok(seen.map(|seen| seen.arn))
        }
    }
}
