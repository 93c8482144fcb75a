//! The provider block against a local AWS. What hangs on the environment runs in a process of its own, so that neither the
//! variables of whoever runs the tests nor those of another test count.

mod apart;
mod block;
mod precedence;
mod settled;
mod sources;

use local_aws::{LocalAws, Options, SeedDocument, Speed};
use terraform_plugin::testing::Host;
use terraform_plugin::{Diagnostics, Value};

use super::Private;

/// Some roles beside the one that everybody may assume.
const ROLES: &str = "roles: [state-machine, hop, { name: deploy, external_id: right }, { name: ci, web_identity_token: signed }]";

fn local_aws() -> LocalAws {
    let document = SeedDocument::parse(ROLES).expect("a seed");
    let options = Options {
        speed: Speed::Instant,
        document,
        ..Options::default()
    };
    LocalAws::start(options).expect("a local AWS starts on a free port of the loopback interface")
}

/// What the provider says to a block; `Ok` where it takes it.
async fn configure(block: Value) -> Result<(), Diagnostics> {
    Host::new(Private).configure(block).await
}

/// What it says to a block that it refuses.
async fn refused(block: Value) -> Diagnostics {
    configure(block).await.expect_err("the block is refused")
}
