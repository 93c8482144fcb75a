//! A fake cloud, the components of an invocation in it, and a caller that treats its state as Terraform's
//! core does.

mod cloud;
mod components;
mod fixtures;
mod graph;
mod ingress;
mod provider;
mod world;

pub use cloud::{Cloud, CloudError, Fault};
pub use components::{Configuration, Group, Scope};
pub use fixtures::{FIRST, MOVED, NAME, applied, empty};
pub use graph::{CONFIGURATION, CONNECTION, GATEWAY, GROUP, INGRESS, Invocation, Wanted};
pub use ingress::Ingress;
pub use provider::{Outcome, Terraform};
pub use world::{Rule, State, Times, is_of};
