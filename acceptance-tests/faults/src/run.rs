//! Runs one cell: prepares, lets the fault happen, does what comes next, and judges.

use std::any::Any;
use std::path::Path;
use std::time::Duration;

use cli_harness::{Cli, Ended, Provider, ProviderProcess, Running, Workspace};
use rustix::process::Signal;

use crate::aws::Aws;
use crate::cell::{Cell, Next};
use crate::fault::{Fault, Place};
use crate::known;
use crate::oracle::{self, Clean};
use crate::verb::{Command, NAME, Verb};

/// How long a call is waited for before a look at whether the run has ended without it.
const LOOK: Duration = Duration::from_millis(100);

/// What came of a cell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    Passed,
    /// The call was not made this time, or not so often, so that nothing was shown.
    NotFired,
    /// It failed as it is known to; why, in words.
    Known(&'static str),
    /// What is wrong, and what was printed.
    Failed(String),
}

/// A cell's AWS and folder.
pub struct Stage {
    pub aws: Aws,
    pub workspace: Workspace,
    pub verb: Verb,
    /// The connection that stood before.
    pub arn: Option<String>,
}

impl Stage {
    /// What stands before the verb, with `more` in its configuration.
    ///
    /// # Panics
    /// It cannot be made.
    pub fn before(verb: Verb, more: &str, cli: &'static Cli, provider: &Path) -> Self {
        let aws = Aws::start();
        let source = "private-api/private";
        let mut workspace = Workspace::new(
            cli,
            &[Provider {
                source,
                binary: provider,
            }],
        );
        for (name, value) in [
            ("TF_VAR_api_key", aws.seed().api_key.as_str()),
            ("AWS_EC2_METADATA_DISABLED", "true"),
            ("AWS_ENDPOINT_URL", aws.endpoint()),
            ("AWS_REGION", &aws.seed().region),
            ("AWS_ACCESS_KEY_ID", "local"),
            ("AWS_SECRET_ACCESS_KEY", "local"),
        ] {
            workspace.set(name, value);
        }
        let mut arn = None;
        if let Some(text) = verb.before(&aws, more) {
            workspace.write_file("main.tf", &text);
            workspace.apply();
            arn = connection_arn(&workspace, verb);
        }
        Self {
            aws,
            workspace,
            verb,
            arn,
        }
    }

    /// Writes the configuration that is wanted.
    pub fn want(&self, more: &str) {
        self.workspace
            .write_file("main.tf", &self.verb.after(&self.aws, more));
    }

    /// Fails if what the fault has left is wrong, whatever comes next.
    pub fn judge_met(&self, cell: &Cell, ended: &Ended) -> Result<(), String> {
        self.aws.clear_faults();
        oracle::hides_secret(self, ended)?;
        oracle::is_no_bug(ended).map_err(|wrong| with(&wrong, ended))?;
        // What could not be read, nobody can have recorded.
        let told = matches!(cell.fault, Fault::Denied | Fault::Refused) && cell.place.is_mutation();
        if told && ended.code != Some(0) {
            oracle::state_is_true(self).map_err(|wrong| with(&wrong, ended))?;
        }
        Ok(())
    }

    /// Why what comes next may fail: the CLI that was killed has lost what it was told.
    pub fn lost_by_cli(&self, ended: &Ended) -> Option<&'static str> {
        let state = std::fs::read_to_string(self.workspace.path("terraform.tfstate"));
        known::lost_by_cli(&state.unwrap_or_default(), &ended.text)
    }

    /// Starts the command of the verb.
    pub fn start(&self) -> Running {
        match self.verb.command() {
            Command::Apply => self.workspace.start_apply(),
            Command::Destroy => self.workspace.start_destroy(),
        }
    }
}

/// The ARN of the connection in the state.
pub fn connection_arn(workspace: &Workspace, verb: Verb) -> Option<String> {
    let attributes = verb
        .has_connection()
        .then(|| workspace.attributes_of(verb.address()))?;
    attributes["connection_arn"].as_str().map(str::to_owned)
}

/// Runs a cell to its end.
pub fn run(cell: &Cell, clean: &Clean, cli: &'static Cli, provider: &Path) -> Outcome {
    let judged = std::panic::catch_unwind(|| attempt(cell, clean, cli, provider));
    let outcome = match judged {
        Ok(Ok(outcome)) => outcome,
        Ok(Err(wrong)) => Outcome::Failed(wrong),
        Err(panic) => Outcome::Failed(words_of(&*panic)),
    };
    match outcome {
        Outcome::Failed(wrong) => match known::why(cell) {
            Some(why) => Outcome::Known(why),
            None => Outcome::Failed(wrong),
        },
        outcome => outcome,
    }
}

/// What a panic says.
pub fn words_of(panic: &(dyn Any + Send)) -> String {
    let words = panic.downcast_ref::<String>().cloned();
    let words = words.or_else(|| panic.downcast_ref::<&str>().map(|words| (*words).to_owned()));
    words.unwrap_or_else(|| "it panicked".to_owned())
}

fn attempt(cell: &Cell, clean: &Clean, cli: &'static Cli, provider: &Path) -> Result<Outcome, String> {
    // A run that waits until its time is over has little of it. A destroy takes its time from the state.
    let timeouts = match cell.fault {
        Fault::Silent | Fault::Failed | Fault::Outage => {
            "timeouts {\n    create = \"30s\"\n    update = \"30s\"\n    delete = \"30s\"\n  }"
        }
        _ => "",
    };
    let mut stage = Stage::before(cell.verb, timeouts, cli, provider);
    stage.want(timeouts);
    if cell.fault == Fault::Outage {
        stage.workspace.set("AWS_MAX_ATTEMPTS", "2");
    }
    let Some(ended) = meet_fault(cell, &stage.aws, || stage.start()) else {
        return Ok(Outcome::NotFired);
    };
    stage.workspace.unset("AWS_MAX_ATTEMPTS");
    stage.judge_met(cell, &ended)?;
    // Nobody waited for what was begun, and the next run that finds nothing to do does not either: what it has seen halfway
    // would be something else by the next look.
    if cell.fault == Fault::Interrupted {
        stage.aws.settle();
    }
    let lost = stage.lost_by_cli(&ended);
    stage.want("");
    match (go_on(cell, clean, &stage, &ended, provider), lost) {
        (Ok(()), _) => Ok(Outcome::Passed),
        (Err(_), Some(why)) => Ok(Outcome::Known(why)),
        (Err(wrong), None) => Err(with(&wrong, &ended)),
    }
}

/// What is wrong, and what the run printed that met the fault.
pub fn with(wrong: &str, ended: &Ended) -> String {
    format!(
        "{wrong}\n--- the run that met the fault ended with {:?}:\n{}",
        ended.code, ended.text
    )
}

/// Runs a command into the fault; `None` where it did not fire. The fault is there until it is cleared.
pub fn meet_fault(cell: &Cell, aws: &Aws, start: impl FnOnce() -> Running) -> Option<Ended> {
    let rule = cell.fault.rule(&cell.place)?;
    let rule = aws.add_fault(&rule).expect("the rule is right")[0];
    let mut run = start();
    let holds = matches!(
        cell.fault,
        Fault::KilledBefore
            | Fault::KilledAfter
            | Fault::CliKilled
            | Fault::Interrupted
            | Fault::InterruptedTwice
    );
    if !holds {
        let ended = run.wait();
        return (aws.fault_fired(rule) > 0).then_some(ended);
    }
    // Either the call comes, or the run ends without it.
    while !aws.wait_for_held(rule, LOOK) {
        if !run.is_running() {
            return None;
        }
    }
    let provider = ProviderProcess::of(run.pid());
    match cell.fault {
        Fault::KilledBefore | Fault::KilledAfter => provider.kill(),
        Fault::CliKilled => {
            run.signal(Signal::KILL);
            // A process that was killed is not gone in the same moment, and the call is held until it is.
            let ended = run.wait();
            aws.remove_fault(rule);
            provider.wait();
            return Some(ended);
        }
        Fault::Interrupted => {
            run.signal(Signal::INT);
            run.wait_for_line("nterrupt received");
            aws.remove_fault(rule);
        }
        Fault::InterruptedTwice => {
            run.signal(Signal::INT);
            run.wait_for_line("nterrupt received");
            run.signal(Signal::INT);
        }
        _ => {}
    }
    let ended = run.wait();
    provider.wait();
    Some(ended)
}

/// Does what comes next, and judges what is there then; at last nothing is.
fn go_on(cell: &Cell, clean: &Clean, stage: &Stage, met: &Ended, provider: &Path) -> Result<(), String> {
    come_next(cell.next, clean, stage, met, provider)?;
    match cell.next {
        Next::Apply | Next::Printed => come_next(Next::Destroy, clean, stage, met, provider),
        Next::Destroy | Next::Leftovers => Ok(()),
    }
}

/// Does what comes next, and judges what is there then.
pub fn come_next(
    next: Next,
    clean: &Clean,
    stage: &Stage,
    met: &Ended,
    provider: &Path,
) -> Result<(), String> {
    const APPLY: [&str; 4] = ["apply", "-auto-approve", "-input=false", "-no-color"];
    const DESTROY: [&str; 4] = ["destroy", "-auto-approve", "-input=false", "-no-color"];
    let (aws, workspace) = (&stage.aws, &stage.workspace);
    match next {
        Next::Apply | Next::Printed => {
            if next == Next::Printed {
                run_printed(stage, met);
            }
            finish(stage, &APPLY, met)?;
            oracle::is_as_wanted(stage, clean)
        }
        Next::Destroy => {
            finish(stage, &DESTROY, met)?;
            oracle::has_nothing(aws)
        }
        Next::Leftovers => {
            finish(stage, &DESTROY, met)?;
            let mut command = workspace.command(provider);
            let arguments = ["leftovers", "--remove", "--yes", "--older-than", "0s"];
            let removed = Running::start(command.args(arguments)).wait();
            let left = match removed.code {
                Some(0) => oracle::has_nothing(aws),
                code => Err(format!("it ended with {code:?}")),
            };
            left.map_err(|wrong| format!("after leftovers --remove: {wrong}\n{}", removed.text))
        }
    }
}

/// Runs a command until it succeeds. Where it refuses and prints a command that helps, that one is run once.
fn finish(stage: &Stage, arguments: &[&str], met: &Ended) -> Result<(), String> {
    let ended = stage.workspace.run(arguments);
    oracle::hides_secret(stage, &ended)?;
    oracle::is_no_bug(&ended).map_err(|wrong| with(&wrong, &ended))?;
    if ended.code == Some(0) {
        return Ok(());
    }
    let wrong = |ended: &Ended| {
        Err(format!(
            "{} ended with {:?}:\n{}",
            arguments[0], ended.code, ended.text
        ))
    };
    if !run_printed(stage, &ended) && !run_printed(stage, met) {
        return wrong(&ended);
    }
    let again = stage.workspace.run(arguments);
    if again.code == Some(0) {
        Ok(())
    } else {
        wrong(&again)
    }
}

/// Runs the command that an error prints; tells whether there was one that succeeded.
fn run_printed(stage: &Stage, ended: &Ended) -> bool {
    let address = stage.verb.address();
    let printed = |command: &str| ended.text.contains(&format!("{command} <address"));
    let untaints = ended.text.contains("untaint");
    let untainted = untaints && stage.workspace.run(&["untaint", "-no-color", address]).code == Some(0);
    let imports = || {
        printed(" import")
            && stage
                .workspace
                .run(&["import", "-input=false", "-no-color", address, NAME])
                .code
                == Some(0)
    };
    untainted || imports()
}

/// The calls of a run without a fault, by operation, with how often each was made; and what stands after it.
///
/// # Panics
/// The run fails, or what stands after it is not as wanted: then nothing could be judged by it.
pub fn clean(verb: Verb, cli: &'static Cli, provider: &Path) -> (Vec<Place>, Clean) {
    let stage = Stage::before(verb, "", cli, provider);
    let seen = stage.aws.calls().len();
    // What an apply brings back after a destroy that failed.
    let stood = stage.aws.made();
    stage.want("");
    stage.start().wait().succeeded();
    let mut places: Vec<Place> = Vec::new();
    for call in stage.aws.calls().into_iter().skip(seen) {
        let same = |place: &&Place| matches!(place, Place::Call { service, operation, .. } if *service == call.service && *operation == call.operation);
        let nth = u64::try_from(places.iter().filter(same).count()).expect("few calls") + 1;
        places.push(Place::Call {
            service: call.service,
            operation: call.operation,
            nth,
        });
    }
    if verb.destroys() {
        oracle::has_nothing(&stage.aws).expect("a destroy leaves nothing");
        return (places, Clean { made: stood });
    }
    let clean = Clean {
        made: stage.aws.made(),
    };
    oracle::is_as_wanted(&stage, &clean).expect("a run without a fault does what is wanted");
    (places, clean)
}
