//! The project's chores.

use std::process::ExitCode;

use clap::{Parser, Subcommand};

mod proto;

#[derive(Parser)]
#[command(name = "cargo xtask", about = "The project's chores")]
struct Arguments {
    #[command(subcommand)]
    chore: Chore,
}

#[derive(Subcommand)]
enum Chore {
    /// Generate the plugin protocol's Rust code from proto/
    Proto,
}

fn main() -> ExitCode {
    match Arguments::parse().chore {
        Chore::Proto => proto::run(),
    }
}
