//! A fake cloud, the components of an invocation in it, and a caller that treats its state as Terraform's
//! core does.

mod cloud;
mod components;
mod fixtures;
mod graph;
mod provider;
mod world;

pub use cloud::{Cloud, CloudError, Fault};
pub use fixtures::{FIRST, MOVED, NAME, applied, empty};
pub use graph::{CONFIGURATION, CONNECTION, GATEWAY, GROUP, Invocation, Wanted};
pub use provider::{Outcome, Terraform};
pub use world::{State, Times};
