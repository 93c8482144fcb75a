//! Measures what users wait for and pay: start, memory, plan time and AWS calls. It prints, and never judges: a slow or
//! busy machine is no defect.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use serde_json::Value;

use crate::local_aws::LocalAws;
use crate::platform::Platform;
use crate::terraform::Workspace;
use crate::{built, cli};

mod framework;
mod many;
mod start;
mod summary;

use summary::print;

/// Starts of the provider.
const STARTS: usize = 20;

/// Plans of each kind, one after the other in turns, so that a busy moment hits both.
const PLANS: usize = 20;

/// The invocation whose plan is timed.
const INVOCATION: &str = r#"
terraform {
  required_providers {
    private = { source = "private-api/private" }
  }
}

variable "vpc_endpoint_id" {
  type = string
}

variable "api_key" {
  type      = string
  sensitive = true
  ephemeral = true
}

resource "private_api_invocation" "bench" {
  name            = "bench"
  vpc_endpoint_id = var.vpc_endpoint_id
  authorization   = { api_key = { name = "x-api-key", value_wo = var.api_key, value_wo_version = "1" } }
}
"#;

/// What the CLI takes by itself: a resource that needs no plugin.
const BASELINE: &str = "resource \"terraform_data\" \"bench\" {\n  input = \"bench\"\n}\n";

#[derive(clap::Args)]
pub struct Arguments {
    /// Measure this provider binary instead of building the static release binary
    #[arg(long, value_name = "FILE")]
    binary: Option<PathBuf>,
    /// Measure instead what so many invocations in one configuration cost each: `1,50,500`
    #[arg(long, value_name = "COUNTS", value_delimiter = ',')]
    many: Vec<u16>,
    /// Measure instead what the framework costs a provider of another repository, beside one on
    /// terraform-plugin-framework, which Go builds
    #[arg(long)]
    framework: bool,
}

pub fn run(arguments: &Arguments) -> ExitCode {
    match measure(arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            eprintln!("The bench stopped: {problem}");
            ExitCode::FAILURE
        }
    }
}

fn measure(arguments: &Arguments) -> Result<(), String> {
    if arguments.framework {
        return framework::measure();
    }
    let interrupted = Arc::new(AtomicBool::new(false));
    for signal in [signal_hook::consts::SIGINT, signal_hook::consts::SIGTERM] {
        signal_hook::flag::register(signal, Arc::clone(&interrupted)).map_err(|error| error.to_string())?;
    }
    let cli = cli::find()?;
    // As they are handed out.
    let platform = Platform::host()?;
    let binary = match &arguments.binary {
        Some(binary) => binary.clone(),
        None => built::release_for("terraform-provider-private", platform)?,
    };
    let local_aws = built::release_for("local-aws", platform)?;
    let size =
        fs::metadata(&binary).map_err(|error| format!("{} cannot be read: {error}", binary.display()))?;
    print(&format!(
        "provider  {} ({:.1} MiB)",
        binary.display(),
        size.len() as f64 / f64::from(1 << 20)
    ));
    print(&format!("CLI       {}", cli.display()));

    let scratch = built::scratch("bench")?;
    let plugins = link(&binary, &scratch)?;
    let seed = scratch.join("seed.yaml");
    fs::write(&seed, many::SEED).map_err(|error| format!("{} cannot be written: {error}", seed.display()))?;
    for count in arguments.many.iter().copied().map(usize::from) {
        let aws = LocalAws::with_seed(&local_aws, "instant", &seed)?;
        let source = scratch.join("many-source");
        write(&source, &many::configuration(count))?;
        let folder = scratch.join("many");
        let stop = Arc::clone(&interrupted);
        let workspace = Workspace::new(cli.clone(), &folder, &source, &plugins, &aws, stop)?;
        let binary = binary.canonicalize().map_err(|error| error.to_string())?;
        many::measure(count, &workspace, &aws, &binary)?;
    }
    if !arguments.many.is_empty() {
        return Ok(());
    }
    let aws = LocalAws::start(&local_aws, "instant")?;
    let workspace = |name: &str, text: &str| {
        let source = scratch.join(format!("{name}-source"));
        write(&source, text)?;
        let folder = scratch.join(name);
        Workspace::new(
            cli.clone(),
            &folder,
            &source,
            &plugins,
            &aws,
            Arc::clone(&interrupted),
        )
    };
    let invocation = workspace("invocation", INVOCATION)?;
    let baseline = workspace("baseline", BASELINE)?;

    let [starts] = start::in_turns([&binary], STARTS)?;
    let after_schema = start::memory_after_schema(&binary, &invocation)?;
    let calls = |before: usize| -> Result<Vec<Value>, String> { Ok(aws.get("calls")?.split_off(before)) };
    let apply = ["apply", "-auto-approve", "-input=false", "-no-color"];
    let before = aws.get("calls")?.len();
    invocation.succeed(&apply)?;
    let create = calls(before)?;
    baseline.succeed(&apply)?;

    let plan = ["plan", "-input=false", "-no-color", "-detailed-exitcode"];
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    let before = aws.get("calls")?.len();
    invocation.timed(&plan)?;
    let refresh = calls(before)?;
    for _ in 0..PLANS {
        theirs.push(baseline.timed(&plan)?.as_secs_f64() * 1e3);
        ours.push(invocation.timed(&plan)?.as_secs_f64() * 1e3);
    }
    let ratios = ours
        .iter()
        .zip(&theirs)
        .map(|(ours, theirs)| ours / theirs)
        .collect();

    print(&summary::heading());
    let rows = [
        (
            format!("start to handshake line, {STARTS} with TLS (ms)"),
            starts.milliseconds,
        ),
        (
            "resident memory at the handshake (MiB)".to_owned(),
            starts.mebibytes,
        ),
        (
            "resident memory after the schema (MiB)".to_owned(),
            vec![after_schema],
        ),
        (format!("plan of one invocation, {PLANS} (ms)"), ours),
        (format!("plan of one terraform_data, {PLANS} (ms)"), theirs),
        ("ratio of the two, pair by pair".to_owned(), ratios),
    ];
    for (what, samples) in rows {
        print(&summary::row(&what, samples));
    }
    show_calls("apply of one invocation, its plan included", &create);
    show_calls("plan of one invocation: refresh and all", &refresh);
    invocation
        .succeed(&["destroy", "-auto-approve", "-input=false", "-no-color"])
        .map(drop)
}

/// A folder with the provider under its name, whatever the file is called.
fn link(binary: &Path, scratch: &Path) -> Result<PathBuf, String> {
    let folder = scratch.join("plugins");
    let wrong = |error: std::io::Error| format!("{} cannot be prepared: {error}", folder.display());
    fs::create_dir_all(&folder).map_err(wrong)?;
    let link = folder.join("terraform-provider-private");
    if link.is_symlink() {
        fs::remove_file(&link).map_err(wrong)?;
    }
    let binary = binary.canonicalize().map_err(wrong)?;
    std::os::unix::fs::symlink(binary, link).map_err(wrong)?;
    Ok(folder)
}

fn write(folder: &Path, text: &str) -> Result<(), String> {
    let written = fs::create_dir_all(folder).and_then(|()| fs::write(folder.join("main.tf"), text));
    written.map_err(|error| format!("{} cannot be prepared: {error}", folder.display()))
}

fn show_calls(what: &str, calls: &[Value]) {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for call in calls {
        let word = |field: &str| call[field].as_str().unwrap_or_default();
        *counts
            .entry(format!("{}:{}", word("service"), word("operation")))
            .or_default() += 1;
    }
    print(&format!("\nAWS calls, {what}: {}", calls.len()));
    for (operation, count) in counts {
        print(&format!("  {count:>3}  {operation}"));
    }
}
