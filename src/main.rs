//! The process: serves the provider as a Terraform plugin.

mod aws;
mod client;
mod component;
mod endpoint;
#[cfg(test)]
mod floors;
mod invocation;
mod lock;
mod provider;

use std::process::ExitCode;

fn main() -> ExitCode {
    terraform_plugin::serve(provider::Private)
}
