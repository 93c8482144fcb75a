//! The project's chores.

use std::process::ExitCode;

use clap::{Parser, Subcommand};

mod aws;
mod bench;
mod built;
mod cli;
mod conformance;
mod demo;
mod docs;
mod faults;
mod install;
mod local_aws;
mod models;
mod package;
mod platform;
mod proto;
mod terraform;
mod verify_aws;

#[derive(Parser)]
#[command(name = "cargo xtask", about = "The project's chores")]
struct Arguments {
    #[command(subcommand)]
    chore: Chore,
}

#[derive(Subcommand)]
enum Chore {
    /// Measure start, memory, plan time and AWS calls of the static release binary
    Bench(bench::Arguments),
    /// Hold the codec, the plugin protocol and local-aws against implementations that are not ours
    Conformance(conformance::Arguments),
    /// Apply examples/quickstart on a local AWS, call the private API through it, and destroy it again
    Demo(demo::Arguments),
    /// Let every AWS call of every verb fail in every way, by the real CLIs, and look that nothing is lost
    Faults(faults::Arguments),
    /// Render the reference pages in docs/, or check that they are current
    Docs(docs::Arguments),
    /// Put the provider where plain `init` finds it
    Install(install::Arguments),
    /// Cut the service models of local-aws from a botocore, or check that they are current
    Models(models::Arguments),
    /// Make what a registry serves and mirrors hold: archives, checksums, manifest
    Package(package::Arguments),
    /// Generate the plugin protocol's Rust code from proto/
    Proto,
    /// Ask a real AWS account what local-aws assumes, for cents; or judge that on local AWSs, blindly
    VerifyAws(verify_aws::Arguments),
}

fn main() -> ExitCode {
    match Arguments::parse().chore {
        Chore::Bench(arguments) => bench::run(&arguments),
        Chore::Conformance(arguments) => conformance::run(&arguments),
        Chore::Demo(arguments) => demo::run(&arguments),
        Chore::Faults(arguments) => faults::run(&arguments),
        Chore::Docs(arguments) => docs::run(&arguments),
        Chore::Install(arguments) => install::run(&arguments),
        Chore::Models(arguments) => models::run(&arguments),
        Chore::Package(arguments) => package::run(&arguments),
        Chore::Proto => proto::run(),
        Chore::VerifyAws(arguments) => verify_aws::run(&arguments),
    }
}
