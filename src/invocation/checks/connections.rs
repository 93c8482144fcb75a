//! What a plan tells of connections: whether the name is taken, and whether too many are private.

use terraform_plugin::{Cx, Diagnostic, path};

use super::finding::Finding;
use crate::client::{Aws, Client};
use crate::component::Connection;
use crate::endpoint;

/// Tells that the account has, or will have, more private connections than AWS allows: `added` by this plan.
pub async fn warn_of_quota(cx: &Cx<Client>, aws: &Aws, added: usize) {
    match aws.listings.connections.all().await {
        Ok(connections) => {
            let states = connections.iter().map(|connection| &connection.state);
            if let Some(problem) = endpoint::exceeded(states, added) {
                cx.warn(Finding::of_problem(&problem).warning());
            }
        }
        Err(error) => {
            let detail = format!("{error}\n\nThe apply goes on without this check.");
            cx.warn(Diagnostic::warning("Could not count the connections", detail));
        }
    }
}

/// Tells in the plan of a create that its name is taken.
pub async fn warn_of_name(cx: &Cx<Client>, aws: &Aws, name: &str) {
    let taken = match aws.listings.connections.all().await {
        Ok(all) => all
            .iter()
            .find(|listed| listed.name == name)
            .map(|listed| listed.arn.clone()),
        Err(_) => match Connection::new(aws, name).describe().await {
            Ok(seen) => seen.map(|seen| seen.arn),
            Err(error) => {
                let detail = format!("{error}\n\nThe apply finds out before it changes anything.");
                cx.warn(Diagnostic::warning(
                    "Could not see whether the name is free",
                    detail,
                ));
                None
            }
        },
    };
    // It may be one that is about to be destroyed (a tainted resource, a replacement), so that an error here would lock
    // the resource for good.
    if let Some(arn) = taken {
        let detail = format!(
            "The connection {arn} exists. The apply stops before it changes anything, unless that connection was \
             destroyed by then, or was left by an apply of this resource that was killed."
        );
        cx.warn(Diagnostic::warning("The name is taken", detail).at(path!("name")));
    }
}
