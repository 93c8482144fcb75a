//! `cargo xtask verify-aws`: settles on a real AWS account what local-aws assumes, and is judged blindly against local-aws.

mod aws;
mod blind;
mod book;
mod clock;
mod example;
mod experiments;
mod journal;
mod lab;
mod object;
mod plan;
mod quotes;
mod run;
mod scrub;
mod subject;
mod trouble;

use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;

use crate::example::Wanted;
use crate::subject::Given;

/// Asks AWS what local-aws assumes, in an account of yours, for cents: makes small objects with names of its own, looks at
/// them, removes them, and writes down what it found.
///
/// Exit codes: 0; 1 it could not begin; 2 an experiment was denied or came to no end, or the example failed; 130 it was stopped.
#[derive(Parser)]
#[command(name = "cargo xtask verify-aws")]
struct Arguments {
    /// An interface endpoint for execute-api that is available. It is only looked at
    #[arg(long, value_name = "ID", required_unless_present = "blind")]
    vpc_endpoint_id: Option<String>,
    #[command(flatten)]
    given: Given,
    /// A profile of the AWS CLI; left out: the environment's keys, else what the AWS CLI finds
    #[arg(long)]
    profile: Option<String>,
    /// Left out: that of the environment or the profile
    #[arg(long)]
    region: Option<String>,
    /// In the place of AWS's own host names
    #[arg(long, value_name = "URL")]
    endpoint_url: Option<String>,
    /// Only these experiments, by their names in the plan, also if they are settled; `none` for none
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    only: Vec<String>,
    /// Where the facts are written; what is settled there is not asked again. What is to be removed is kept beside it
    #[arg(long, value_name = "FILE", default_value = "facts.json")]
    facts: PathBuf,
    #[command(flatten)]
    wanted: Wanted,
    /// Go on without asking
    #[arg(long)]
    yes: bool,
    /// Instead of asking AWS: judge the experiments on so many local AWSs with switches and times drawn at random
    #[arg(long, value_name = "COUNT", conflicts_with_all = ["vpc_endpoint_id", "endpoint_url", "profile", "region"])]
    blind: Option<u64>,
    /// The first seed of --blind
    #[arg(long, value_name = "NUMBER", default_value_t = 1, requires = "blind")]
    seed: u64,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let ended = match arguments.blind {
        Some(count) => blind::run(arguments.seed, count),
        None => run::run(&arguments),
    };
    match ended {
        Ok(code) => ExitCode::from(code),
        Err(error) => {
            eprintln!("verify-aws: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Prints a line; a closed pipe ends the reader's interest, not the run.
fn print(line: &str) {
    let _ = writeln!(std::io::stdout(), "{line}");
}
