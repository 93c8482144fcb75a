//! Runs a provider under the real Terraform and OpenTofu CLIs, for tests.
//!
//! ```text
//!  test ──for each──▶ Cli ──runs in──▶ Workspace ──starts──▶ Running ──ends as──▶ Ended
//! ```
//!
//! A test runs once for every CLI that is found: `terraform` and `tofu` on `PATH`, and the programs that the variable
//! `TF_ACC_CLIS` names, separated by colons. A workspace shows its CLI nothing of the user's configuration. Unix only,
//! since CLIs are interrupted and providers are killed here.

#![deny(missing_docs)]

mod cli;
mod process_tree;
mod running;
mod workspace;

pub use self::{
    cli::{Cli, all_clis, on_every_cli, on_every_cli_that},
    process_tree::{ProviderProcess, kill_provider_of},
    running::{Ended, PATIENCE, Running},
    workspace::{Provider, Workspace},
};
