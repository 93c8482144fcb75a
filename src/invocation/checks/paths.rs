//! What a plan tells of a new path: whether one of its name stands that no state may record.

use terraform_plugin::{Cx, Diagnostic, path};

use super::Checks;
use crate::cli;
use crate::client::Client;
use crate::component::namesakes;

/// Tells in a plan of a new path that there is another one of its name which no resource of this process records: a CLI
/// that was killed may have got the answer of its create and not come to write its state. OpenTofu and remote backends write
/// it up to 20 seconds later, or when all is done.
pub async fn warn_of_namesakes(cx: &Cx<Client>, checks: &Checks<'_>) {
    let namesakes = match namesakes(checks.aws, checks.owner).await {
        Ok(namesakes) => namesakes,
        Err(error) => {
            let detail = format!("{error}\n\nThe provider goes on without this check.");
            let title = "Could not see whether a path of this name stands";
            return cx.warn(Diagnostic::warning(title, detail));
        }
    };
    for (id, configurations) in namesakes {
        let detail = format!(
            "The resource configuration {} belongs to the path {id}, which no resource that this plan has read records. If another \
             state does, all is well: paths of one name stand beside each other. If an apply of this resource has made it whose \
             process was killed before its state was written, nothing removes it any more. Then, instead of making another one: \
             `{} import` with the address of this resource and the id {id}, and plan again.",
            configurations.join(", "),
            cli::command()
        );
        let title = format!("Another private API path {} stands", checks.owner.name());
        cx.warn(Diagnostic::warning(title, detail).at(path!("name")));
    }
}
