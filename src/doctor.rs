//! `terraform-provider-private doctor <connection>`: shows the path of a connection and what is wrong with it.
//!
//! ```text
//!  arguments ─▶ diagnosis (reads AWS, judges) ─▶ hops (the path as it is shown) ─▶ tree | json | mermaid
//! ```

mod arguments;
mod hops;
mod json;
mod mermaid;
mod tree;

use std::io::{self, IsTerminal as _, Write as _};
use std::process::ExitCode;
use std::time::SystemTime;

use arguments::{Arguments, Format, Request};
use tree::Style;

use crate::aws::{AwsError, Settings, Unusable};
use crate::client::Regions;
use crate::diagnosis::{Diagnosis, diagnose};

/// The word after which the process is this command and no plugin.
pub const COMMAND: &str = "doctor";

/// Something is wrong with the path.
const FINDINGS: u8 = 1;

/// The path could not be looked at.
const COULD_NOT_LOOK: u8 = 2;

/// Why the path could not be looked at.
#[derive(Debug, thiserror::Error)]
enum Failed {
    #[error("{0}\n\nSee terraform-provider-private doctor --help.")]
    Usage(String),
    #[error("{0}. Set AWS_REGION, or give --region.")]
    Region(Unusable),
    #[error("AWS cannot be called with these settings: {0}")]
    Settings(Unusable),
    #[error("The path cannot be looked at: {0}")]
    Unseen(#[from] AwsError),
    #[error("the output is gone: {0}")]
    Output(#[from] io::Error),
    #[error("this process cannot run: {0}")]
    Process(io::Error),
}

/// Runs the command with the arguments that follow [`COMMAND`].
pub fn main(arguments: impl IntoIterator<Item = String>) -> ExitCode {
    let ran = match arguments::parse(arguments) {
        Ok(Request::Help) => say(arguments::HELP).map(|()| ExitCode::SUCCESS),
        Ok(Request::Run(arguments)) => within_runtime(&arguments),
        Err(wrong) => Err(Failed::Usage(wrong)),
    };
    ran.unwrap_or_else(|error| {
        // Without standard error there is nobody left to tell.
        let _ = writeln!(io::stderr(), "Error: {error}");
        ExitCode::from(COULD_NOT_LOOK)
    })
}

fn within_runtime(arguments: &Arguments) -> Result<ExitCode, Failed> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.map_err(Failed::Process)?.block_on(run(arguments))
}

async fn run(arguments: &Arguments) -> Result<ExitCode, Failed> {
    let settings = Settings {
        region: arguments.region.clone(),
        profile: arguments.profile.clone(),
        ..Settings::default()
    };
    let regions = Regions::new(settings).await.map_err(|error| match error {
        Unusable::NoRegion => Failed::Region(error),
        error => Failed::Settings(error),
    });
    let aws = regions?.get(None);
    let diagnosis = diagnose(&aws, &arguments.question).await?;
    say(&show(arguments.format, &diagnosis))?;
    Ok(if diagnosis.findings.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::from(FINDINGS)
    })
}

fn show(format: Format, diagnosis: &Diagnosis) -> String {
    let now = SystemTime::now();
    match format {
        Format::Text => tree::show(diagnosis, now, style()),
        Format::Json => json::show(diagnosis, now),
        Format::Mermaid => mermaid::show(diagnosis, now),
    }
}

/// Colours and line breaks for a terminal, neither for a pipe.
fn style() -> Style {
    /// The width of a line where the terminal does not say its own.
    const WIDTH: usize = 100;
    if !io::stdout().is_terminal() {
        return Style::default();
    }
    let columns = std::env::var("COLUMNS")
        .ok()
        .and_then(|columns| columns.parse().ok());
    // The variable's being there is what counts (no-color.org).
    let plain = std::env::var_os("NO_COLOR").is_some_and(|set| !set.is_empty());
    let dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
    Style {
        colour: !plain && !dumb,
        width: Some(columns.unwrap_or(WIDTH).max(40)),
    }
}

fn say(text: &str) -> Result<(), Failed> {
    Ok(writeln!(io::stdout().lock(), "{}", text.trim_end())?)
}
