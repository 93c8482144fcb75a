//! Makes `examples/proof` in the account with a real CLI and the provider, moves it, destroys it, and looks whether anything
//! of it is left.
//!
//! ```text
//!  create ─▶ plan ─▶ move ─▶ plan-moved ─▶ destroy ─▶ look
//!     └── a failure, Ctrl-C ──────────────────▲
//! ```

mod command;
mod folder;
mod left;
mod step;

use std::path::{Path, PathBuf};
use std::time::Duration;

use local_aws::{ExampleRun, ExampleStep};
use serde_json::{Value, json};

use crate::aws::Aws;
use crate::lab::Lab;
use crate::subject::{Given, Subject};
use crate::trouble::{Outcome, Trouble};
use command::{Ended, Programs};
use folder::{Folder, Inputs};
pub use step::Step;

/// How long what was destroyed may still be listed.
const FORGOTTEN: Duration = Duration::from_secs(120);

/// What only `--examples` wants.
#[derive(Clone, Debug, Default, clap::Args)]
pub struct Wanted {
    /// Afterwards make examples/proof with a real CLI and the provider, call --url over it, move it and destroy it
    #[arg(long, conflicts_with = "blind")]
    pub examples: bool,
    /// The endpoint for execute-api to which the example moves; left out: it moves to another resource gateway
    #[arg(long, value_name = "ID", requires = "examples")]
    move_to_vpc_endpoint_id: Option<String>,
    /// Terraform or OpenTofu, 1.11 or later; left out: the first that the PATH has
    #[arg(long, value_name = "FILE", requires = "examples")]
    cli: Option<PathBuf>,
    /// The provider's binary, for example of a release; left out, cargo xtask builds it
    #[arg(long, value_name = "FILE", requires = "examples")]
    provider: Option<PathBuf>,
}

/// An example that can begin, or go on.
pub struct Example {
    programs: Programs,
    folder: Folder,
    /// What the caller gives now; the folder has what an earlier run was given.
    inputs: Inputs,
}

impl Example {
    /// Looks whether everything is there that is needed.
    ///
    /// # Errors
    /// A text that says what is missing, and what to do. Nothing was made.
    pub fn prepare(
        wanted: &Wanted,
        given: &Given,
        subject: &Subject,
        (aws, account): (&Aws, &str),
        facts: &Path,
    ) -> Result<Self, String> {
        let programs = Programs::find(wanted.cli.as_deref(), wanted.provider.as_deref())?;
        if let Some(other) = &wanted.move_to_vpc_endpoint_id {
            if *other == subject.endpoint_id {
                return Err(format!(
                    "--move-to-vpc-endpoint-id: {other} is where the example is made; name another endpoint, or leave the option \
                     out"
                ));
            }
            Subject::look(aws, "--move-to-vpc-endpoint-id", other)?;
        }
        let inputs = Inputs {
            vpc_endpoint_id: subject.endpoint_id.clone(),
            move_to: wanted.move_to_vpc_endpoint_id.clone(),
            call: given.url.clone().zip(given.state_machine_role_arn.clone()),
        };
        let folder = Folder::open(facts, account, &aws.region, &inputs)?;
        Ok(Self {
            programs,
            folder,
            inputs,
        })
    }

    /// What is about to be done, for people.
    pub fn plan(&self) -> String {
        let begins_anew = self.folder.stopped_in().is_some() && !self.goes_on();
        let name = if begins_anew {
            "verify-aws-…-example, with six new digits".to_owned()
        } else {
            self.folder.name()
        };
        let mut text = format!(
            "\nexample\n  Makes, moves and destroys examples/proof with {} and {}, as {name}.\n",
            self.programs.cli_name,
            self.programs.provider.display()
        );
        if self.inputs.call.is_none() {
            text.push_str(
                "  left out: the call over the path; --url and --state-machine-role-arn were not both given\n",
            );
        }
        for step in Step::ALL {
            let (name, minutes) = (step.name(), step.minutes());
            text.push_str(&format!(
                "  {name:<11}{}, about {minutes} min\n",
                step.tells(&self.inputs)
            ));
            if let Some(makes) = step.makes(&self.inputs) {
                text.push_str(&format!(
                    "    makes:     {makes}\n    costs:     nothing by the hour\n    cleans up: `destroy` does, after a failure and \
                     Ctrl-C, too\n"
                ));
            }
        }
        text.push_str(&format!(
            "  State and progress, should this be stopped: {}\n",
            self.folder.path().display()
        ));
        if let Some(stopped) = self.folder.stopped_in() {
            let then = if begins_anew {
                "this run first removes what it made, and begins anew"
            } else {
                "this run goes on with it"
            };
            text.push_str(&format!(
                "  An earlier run was stopped in the step `{stopped}`; {then}.\n"
            ));
        }
        text
    }

    /// Whether this run does what an earlier one did not come to.
    fn goes_on(&self) -> bool {
        !self.folder.progress.removing && self.folder.progress.inputs == self.inputs
    }

    /// Makes the steps, and whatever happens removes what was made. Gives whether every step ended as it should.
    ///
    /// # Errors
    /// Somebody asked to stop, or a file cannot be written.
    pub fn run(mut self, lab: &mut Lab) -> Outcome<bool> {
        if self.folder.stopped_in().is_some() && !self.goes_on() {
            lab.say("\n▶ example: an earlier run left something, which is removed first");
            if !self.remove(lab)? {
                return Ok(false);
            }
            self.folder = self.folder.anew(&self.inputs).map_err(Trouble::Local)?;
        }
        if self.folder.stopped_in().is_none() {
            self.folder.make().map_err(Trouble::Local)?;
            lab.book.note_example(self.begun()).map_err(Trouble::Local)?;
        }
        let went = self.forth(lab);
        match &went {
            Ok(_) => {}
            Err(Trouble::Interrupted) => lab
                .say("\n▶ Stopped. What was made is destroyed; Ctrl-C once more leaves it for the next run."),
            Err(trouble) => lab.say(&format!("\n▶ What was made is destroyed: {trouble}")),
        }
        let removed = match self.remove(lab) {
            Ok(removed) => removed,
            Err(trouble) => {
                self.tell_what_is_left(lab);
                return Err(trouble);
            }
        };
        Ok(went? && removed)
    }

    /// What is known before the first step.
    fn begun(&self) -> ExampleRun {
        ExampleRun {
            cli: self.programs.cli_name.clone(),
            moved_to: self.inputs.moves_to().to_owned(),
            called: self.inputs.call.is_some(),
            steps: Vec::new(),
        }
    }

    /// The steps until the example is to be destroyed; whether they ended as they should.
    fn forth(&mut self, lab: &mut Lab) -> Outcome<bool> {
        for step in [Step::Create, Step::Plan, Step::Move, Step::PlanMoved] {
            if !self.folder.progress.done.contains(&step) && !self.step(lab, step)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Destroys and looks; with nothing left, the folder goes.
    fn remove(&mut self, lab: &mut Lab) -> Outcome<bool> {
        if self.folder.progress.applying {
            // What a killed apply has made is in no state: another apply takes it over, and so it can be destroyed.
            lab.say("\n▶ example: an apply was killed; another one takes over what it made");
            self.apply(lab, false)?;
        }
        self.folder.progress.removing = true;
        self.folder.save().map_err(Trouble::Local)?;
        if !self.step(lab, Step::Destroy)? || !self.step(lab, Step::Look)? {
            self.tell_what_is_left(lab);
            return Ok(false);
        }
        self.folder.remove().map_err(Trouble::Local)?;
        Ok(true)
    }

    fn tell_what_is_left(&self, lab: &Lab) {
        lab.show(&format!(
            "{} keeps the state of what is left; the next run with --examples destroys it.",
            self.folder.path().display()
        ));
    }

    /// Makes a step, and notes how it ended.
    fn step(&mut self, lab: &mut Lab, step: Step) -> Outcome<bool> {
        lab.say(&format!(
            "\n▶ example, {}: {}",
            step.name(),
            step.tells(&self.folder.progress.inputs)
        ));
        let began = lab.clock.now();
        let ended = match step {
            Step::Create | Step::Move => self.applied(lab, step),
            Step::Plan | Step::PlanMoved => self.planned(lab, step),
            Step::Destroy => self
                .cli(lab, &["destroy", "-auto-approve"])
                .map(|ended| ended.failure()),
            Step::Look => self.looked(lab),
        };
        let failure = match ended {
            Err(trouble @ (Trouble::Interrupted | Trouble::Local(_))) => return Err(trouble),
            Err(trouble) => Some(trouble.to_string()),
            Ok(failure) => failure,
        };
        let seconds = lab.clock.now().saturating_sub(began).as_secs_f64();
        let seconds = (seconds * 10.0).round() / 10.0;
        match &failure {
            None => lab.say(&format!("  {}: {seconds} s", step.name())),
            Some(words) => lab.show(&format!("  {} failed:\n{words}", step.name())),
        }
        if failure.is_none() {
            self.folder.progress.done.push(step);
            self.folder.save().map_err(Trouble::Local)?;
        }
        let ended = ExampleStep {
            step: step.name().to_owned(),
            seconds,
            failed: failure.is_some(),
            words: failure.iter().map(|words| self.scrubbed(lab, words)).collect(),
        };
        let mut run = lab.book.example().cloned().unwrap_or_else(|| self.begun());
        run.steps.retain(|other| other.step != ended.step);
        run.steps.push(ended);
        lab.book.note_example(run).map_err(Trouble::Local)?;
        Ok(failure.is_none())
    }

    /// Words of a CLI without ids, and without what the caller gave: whose API and whose folder it is is nobody's concern.
    fn scrubbed(&self, lab: &Lab, words: &str) -> String {
        let mut words = words.replace(&self.folder.path().display().to_string(), "<folder>");
        if let Some((url, _)) = &self.folder.progress.inputs.call {
            let rest = url.split_once("://").map_or(url.as_str(), |(_, rest)| rest);
            let host = rest.split(['/', '?']).next().unwrap_or(rest);
            words = words.replace(url, "<url>").replace(host, "<host>");
        }
        lab.scrubbed(&words)
    }

    /// An apply, after which the connection is the one that it was.
    fn applied(&mut self, lab: &mut Lab, step: Step) -> Outcome<Option<String>> {
        self.folder
            .write_variables(step == Step::Move, true)
            .map_err(Trouble::Local)?;
        if let Some(failure) = self.apply(lab, true)?.failure() {
            return Ok(Some(failure));
        }
        let arn = self.connection_arn(lab)?;
        let before = self.folder.progress.connection_arn.replace(arn.clone());
        Ok(before
            .filter(|before| *before != arn)
            .map(|before| format!("the connection's ARN was {before}, and is {arn}")))
    }

    /// An apply, with the call over the path or without.
    fn apply(&mut self, lab: &mut Lab, calls: bool) -> Outcome<Ended> {
        if !calls {
            self.folder
                .write_variables(self.folder.progress.done.contains(&Step::Plan), false)
                .map_err(Trouble::Local)?;
        }
        self.folder.progress.applying = true;
        self.folder.save().map_err(Trouble::Local)?;
        let ended = self.cli(lab, &["apply", "-auto-approve"]);
        // Whatever it came to, a CLI that ended by itself has written what it made.
        let crashed = ended.as_ref().is_ok_and(|ended| ended.code.is_none());
        self.folder.progress.applying = crashed;
        self.folder.save().map_err(Trouble::Local)?;
        ended
    }

    /// A plan that has nothing to do.
    fn planned(&mut self, lab: &mut Lab, step: Step) -> Outcome<Option<String>> {
        self.folder
            .write_variables(step == Step::PlanMoved, true)
            .map_err(Trouble::Local)?;
        let ended = self.cli(lab, &["plan", "-detailed-exitcode"])?;
        if ended.code == Some(2) {
            return Ok(Some(format!(
                "the plan is not empty: {}",
                ended.changes.join("; ")
            )));
        }
        Ok(ended.failure())
    }

    /// What AWS still has of it.
    fn looked(&mut self, lab: &mut Lab) -> Outcome<Option<String>> {
        let began = lab.clock.now();
        loop {
            let left = left::left(&lab.aws, self.folder.run())?;
            if left.is_empty() {
                return Ok(None);
            }
            if lab.clock.now().saturating_sub(began) > FORGOTTEN {
                return Ok(Some(format!("these are left: {}", left.join(", "))));
            }
            lab.wait(Duration::from_secs(1))?;
        }
    }

    /// The output of the example.
    fn connection_arn(&self, lab: &Lab) -> Outcome<String> {
        let ended = self.programs.run(lab, &self.folder, &["output", "-json"])?;
        let outputs: Value = serde_json::from_str(&ended.text).unwrap_or_default();
        let arn = outputs.pointer("/connection_arn/value").and_then(Value::as_str);
        arn.map(str::to_owned)
            .ok_or_else(|| Trouble::Unexpected(format!("the example has no connection_arn: {}", ended.text)))
    }

    /// A command that tells how it goes.
    fn cli(&self, lab: &Lab, arguments: &[&str]) -> Outcome<Ended> {
        let all = [arguments, &["-json", "-input=false", command::LOCK]].concat();
        self.programs.run(lab, &self.folder, &all)
    }
}

/// What to do about the example of an earlier run that was stopped, where there is one.
pub fn left_in(facts: &Path) -> Option<String> {
    let folder = folder::path(facts).ok().filter(|folder| folder.is_dir())?;
    Some(format!(
        "{} has the state of an example that was stopped: --examples goes on with it, or removes it.",
        folder.display()
    ))
}

/// The variables of the example.
fn variables(folder: &Folder, moved: bool, calls: bool) -> Value {
    let Inputs {
        vpc_endpoint_id,
        move_to,
        call,
    } = &folder.progress.inputs;
    let (endpoint, addresses) = match move_to {
        Some(other) if moved => (other, 16),
        None if moved => (vpc_endpoint_id, 8),
        _ => (vpc_endpoint_id, 16),
    };
    let (url, role) = call
        .as_ref()
        .filter(|_| calls)
        .map_or((None, None), |(url, role)| (Some(url), Some(role)));
    json!({
        "name": folder.name(),
        "vpc_endpoint_id": endpoint,
        "ipv4_addresses_per_eni": addresses,
        "url": url,
        "role_arn": role,
        "tags": { "verify-aws": folder.run() },
    })
}
