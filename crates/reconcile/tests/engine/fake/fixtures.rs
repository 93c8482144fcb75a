//! What most tests begin with.

use std::sync::Arc;

use super::{Cloud, Terraform, Times, Wanted};

/// The name of the invocation.
pub const NAME: &str = "orders";

/// A configuration.
pub const FIRST: Wanted = Wanted {
    vpc: "vpc-1",
    domain: "one.example",
    egress: 443,
    description: "first",
    tier: "small",
    ingress: None,
    wait_for_ready: true,
};

/// Another one, whose path has nothing in common with the first.
pub const MOVED: Wanted = Wanted {
    vpc: "vpc-2",
    domain: "two.example",
    egress: 443,
    description: "moved",
    tier: "small",
    ingress: None,
    wait_for_ready: true,
};

/// An empty world.
pub fn empty() -> (Arc<Cloud>, Terraform) {
    let cloud = Arc::new(Cloud::new(Times::default()));
    let terraform = Terraform::new(&cloud, NAME);
    (cloud, terraform)
}

/// A world in which [`FIRST`] was applied, with a new count of mutations.
pub async fn applied() -> (Arc<Cloud>, Terraform) {
    let (cloud, mut terraform) = empty();
    let outcome = terraform.apply(&FIRST).await;
    assert!(outcome.is_done(), "{outcome:?}");
    cloud.inject(None);
    (cloud, terraform)
}
