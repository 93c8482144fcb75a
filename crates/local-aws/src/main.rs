//! `local-aws serve`: serves a local AWS on loopback until it is stopped.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use clap::{Parser, Subcommand, ValueEnum};
use local_aws::{Facts, LocalAws, Options, SeedDocument, Settings, Speed, Times, parse_time};
use tokio::runtime;
use tokio::signal::unix::{SignalKind, signal};

/// A stateful local AWS for private API invocations: EC2, VPC Lattice, EventBridge, Step Functions, API Gateway, IAM, STS,
/// Secrets Manager and KMS.
#[derive(Parser)]
#[command(version, arg_required_else_help = true)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serves on loopback until stopped by SIGINT or SIGTERM.
    ///
    /// Prints one line of JSON on standard output once it is ready: endpoint, region, account_id, vpc_id,
    /// subnet_ids, vpc_endpoint_id, api_url, api_key, role_arn, token_url, client_id. Requests are signed with the
    /// access key `local` and the secret `local`; what to export is told on standard error.
    Serve(Serve),
}

#[derive(clap::Args)]
struct Serve {
    /// The port; 0 takes a free one.
    #[arg(long, default_value_t = 0)]
    port: u16,
    /// The one region that requests may be signed for.
    #[arg(long, default_value = "us-east-1")]
    region: String,
    /// How many times faster than AWS transitions are, or `instant`.
    #[arg(long, default_value = "1")]
    speed: Speed,
    /// An assumed time before scaling, such as `gateway=5s`; can be given several times. A wrong name lists
    /// the right ones.
    #[arg(long = "time", value_name = "NAME=TIME", value_parser = parse_time)]
    times: Vec<(String, Duration)>,
    /// What `cargo xtask verify-aws` found out about AWS: its answers and times stand in the place of what is assumed.
    /// --time counts more.
    #[arg(long, value_name = "FILE")]
    facts: Option<PathBuf>,
    /// What there is to begin with, JSON or YAML: VPCs, endpoints, APIs, hosts, roles, shared configurations.
    #[arg(long, value_name = "FILE")]
    seed: Option<PathBuf>,
    /// Fault rules to begin with: a list, JSON or YAML.
    #[arg(long, value_name = "FILE")]
    faults: Option<PathBuf>,
    /// What stands for tasks of state machines, JSON or YAML, in the shape of Step Functions Local's MockConfigFile.
    #[arg(long, value_name = "FILE")]
    mocks: Option<PathBuf>,
    /// Keeps the state in this file across restarts. A file that is there counts more than --seed, --mocks and --faults,
    /// and than the switches of --facts.
    #[arg(long, value_name = "FILE")]
    state: Option<PathBuf>,
    /// Time stands still until `POST /_local/advance` moves it.
    #[arg(long)]
    step: bool,
    /// What is told on standard error.
    #[arg(long, value_enum, default_value_t = Log::Requests)]
    log: Log,
}

#[derive(Clone, Copy, PartialEq, ValueEnum)]
enum Log {
    /// One line for each request.
    Requests,
    /// Errors only.
    Errors,
}

fn main() -> ExitCode {
    let Command::Serve(arguments) = Arguments::parse().command;
    match serve(arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("local-aws: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Reads a file; what is wrong with it is told with its name.
fn read<T>(path: &Path, parse: impl FnOnce(&str) -> Result<T, String>) -> io::Result<T> {
    let named = |error: String| io::Error::other(format!("{}: {error}", path.display()));
    let text = fs::read_to_string(path).map_err(|error| named(error.to_string()))?;
    parse(&text).map_err(named)
}

fn options(arguments: Serve) -> io::Result<Options> {
    let (mut times, mut settings) = (Times::default(), Settings::default());
    if let Some(path) = &arguments.facts {
        read(path, |text| Facts::parse(text)?.apply(&mut settings, &mut times))?;
    }
    for (name, time) in &arguments.times {
        times.set(name, *time).map_err(io::Error::other)?;
    }
    let mut options = Options {
        port: arguments.port,
        region: arguments.region,
        speed: arguments.speed,
        times,
        settings,
        state: arguments.state,
        step: arguments.step,
        log: arguments.log == Log::Requests,
        ..Options::default()
    };
    if let Some(path) = &arguments.seed {
        options.document = read(path, SeedDocument::parse)?;
    }
    if let Some(path) = &arguments.mocks {
        let read_mocks = |text: &str| options.document.mock(text);
        read(path, read_mocks)?;
    }
    if let Some(path) = &arguments.faults {
        options.faults = read(path, LocalAws::read_faults)?;
    }
    Ok(options)
}

fn serve(arguments: Serve) -> io::Result<()> {
    let options = options(arguments)?;
    let tells = options.log;
    // Signals are caught before the line is out, so that who reads it can stop us cleanly at once.
    let runtime = runtime::Builder::new_current_thread().enable_io().build()?;
    runtime.block_on(async {
        let mut interrupted = signal(SignalKind::interrupt())?;
        let mut terminated = signal(SignalKind::terminate())?;
        let aws = LocalAws::start(options)?;
        // Before the line, since the first request may come as soon as that is out.
        if tells {
            eprintln!(
                // The AWS CLI's version 1 and boto3 know the second name of the Region alone.
                "export AWS_ENDPOINT_URL={} AWS_REGION={region} AWS_DEFAULT_REGION={region} AWS_ACCESS_KEY_ID=local \
                 AWS_SECRET_ACCESS_KEY=local AWS_DISABLE_HOST_PREFIX_INJECTION=true",
                aws.endpoint(),
                region = aws.seed().region
            );
        }
        let mut line = serde_json::to_string(aws.seed())?;
        line.push('\n');
        let mut out = io::stdout().lock();
        out.write_all(line.as_bytes())?;
        out.flush()?;
        tokio::select! {
            _ = interrupted.recv() => {}
            _ = terminated.recv() => {}
        }
        Ok(())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_of_facts_count_less_than_those_of_flags() {
        let path = std::env::temp_dir().join(format!("local-aws-facts-{}.json", std::process::id()));
        let facts = r#"{ "version": 1, "recorded": "2026-12-01", "region": "eu-central-1", "facts": [
            { "id": "gateway", "experiment": "gateway", "found": { "seconds": 7 } },
            { "id": "association", "experiment": "private-connection", "found": { "seconds": 8.5 } }
        ] }"#;
        fs::write(&path, facts).unwrap();
        let file = path.display().to_string();
        let line = ["local-aws", "serve", "--facts", &file, "--time", "gateway=1s"];
        let Command::Serve(arguments) = Arguments::parse_from(line).command;
        let times = options(arguments).unwrap().times;
        fs::remove_file(&path).unwrap();
        assert_eq!(
            (times.gateway, times.association),
            (Duration::from_secs(1), Duration::from_millis(8500))
        );
    }
}
