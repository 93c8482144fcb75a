//! The process: serves the provider as a Terraform plugin, or runs a command.

mod aws;
mod check;
mod cli;
mod client;
mod component;
mod data_sources;
mod diagnosis;
mod doctor;
mod endpoint;
#[cfg(test)]
mod floors;
mod functions;
mod http_task;
mod invocation;
mod leftovers;
mod lock;
mod provider;
mod sentence;
#[cfg(test)]
mod testing;

use std::process::ExitCode;

fn main() -> ExitCode {
    let mut arguments = std::env::args_os()
        .skip(1)
        .map(|argument| argument.to_string_lossy().into_owned());
    match arguments.next() {
        Some(command) if command == doctor::COMMAND => doctor::main(arguments),
        Some(command) if command == leftovers::COMMAND => leftovers::main(arguments),
        _ => terraform_plugin::serve(provider::Private),
    }
}
