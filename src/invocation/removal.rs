//! Removes what no state records, as a destroy would: for the command that lists what killed creates have left.

use std::time::Duration;

use reconcile::{Engine, Error, Recorded};
use tokio::time::Instant;

use super::graph::{InvocationGraph, WalkOptions};
use super::model::Composite;
use crate::client::Aws;
use crate::component::ComponentError;
use crate::component::naming::{Owner, PATH_TAG};

/// Removes the objects of `recorded`, which bear the tag of `owner`, from the API destinations down to the security group.
/// Each is read before it is deleted, and one that has lost the tag stops the removal.
///
/// # Errors
/// The first one; what was removed till then is gone, and the rest stands.
pub async fn remove(
    aws: &Aws,
    owner: &Owner,
    recorded: Recorded,
    within: Duration,
) -> Result<(), Error<ComponentError>> {
    let composite = match owner.tag_key() {
        PATH_TAG => Composite::Path,
        _ => Composite::Invocation,
    };
    let engine = Engine::new(recorded).with_deadline(Instant::now() + within);
    let graph = InvocationGraph::new(aws, owner, composite, None, WalkOptions::default());
    engine.run(&graph, None).await.map(drop)
}
