//! A fake cloud, the components of an invocation in it, and a caller that treats its state as Terraform's core does.

mod cloud;
mod components;
mod fixtures;
mod provider;

pub use cloud::{Cloud, CloudError, Fault, State, Times};
pub use components::{CONFIGURATION, CONNECTION, GATEWAY, GROUP, Invocation, Wanted};
pub use fixtures::{FIRST, MOVED, NAME, applied, empty};
pub use provider::{Outcome, Terraform};
