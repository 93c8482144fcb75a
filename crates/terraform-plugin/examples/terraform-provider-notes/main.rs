//! A complete provider of a service that is a folder of this machine: notes with an identity, imported by name or by
//! identity, listed by `terraform query`, and copied by an action. `tests/notes.rs` walks it as a CLI does.

mod backup;
mod folder;
mod list;
mod note;
mod provider;

use std::process::ExitCode;

fn main() -> ExitCode {
    terraform_plugin::serve(provider::Notes)
}
