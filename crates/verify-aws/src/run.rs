//! A run: plan, question, what is left of an earlier run, experiments, the example, what came of them.

use std::io::{BufRead as _, IsTerminal as _, Write as _};
use std::path::{Path, PathBuf};
use std::rc::Rc;

use local_aws::Found;
use time::OffsetDateTime;

use crate::aws::{Aws, Source};
use crate::book::Book;
use crate::clock::{Clock, Wall};
use crate::example::{self, Example};
use crate::experiments::{ALL, Experiment};
use crate::journal::Journal;
use crate::lab::Lab;
use crate::subject::{ENDPOINT_OPTION, Subject};
use crate::trouble::{Outcome, Trouble};
use crate::{Arguments, plan, print};

/// An experiment was denied or came to no end, or the example failed.
const NOT_ALL: u8 = 2;
/// Stopped by Ctrl-C.
const STOPPED: u8 = 130;

pub fn run(arguments: &Arguments) -> Result<u8, String> {
    let source = Source::find(arguments.profile.as_deref());
    let region = arguments
        .region
        .clone()
        .or_else(|| source.region())
        .ok_or("no Region is set up: give --region, or export AWS_REGION")?;
    let clock: Rc<dyn Clock> = Rc::new(Wall::start()?);
    let aws = Aws::new(
        source,
        &region,
        arguments.endpoint_url.as_deref(),
        Rc::clone(&clock),
    )?;
    let account = account(&aws)?;
    let book = Book::open(&arguments.facts, &region, &today())?;
    let journal = Journal::open(&journal_path(&arguments.facts), &account, &region)?;
    let endpoint_id = arguments.vpc_endpoint_id.as_deref().unwrap_or_default();
    let subject = Subject::look(&aws, ENDPOINT_OPTION, endpoint_id)?;
    let chosen = choose(&arguments.only, &book)?;
    let facts_file = &arguments.facts;
    let example = if arguments.wanted.examples {
        let (given, at) = (&arguments.given, (&aws, account.as_str()));
        let example = Example::prepare(&arguments.wanted, given, &subject, at, facts_file)?;
        Some(example)
    } else {
        if let Some(left) = example::left_in(facts_file) {
            print(&left);
        }
        None
    };

    if chosen.is_empty() && example.is_none() && journal.objects().is_empty() {
        print(&if arguments.only.is_empty() {
            format!("All is settled in {}; --only asks again.", book.path().display())
        } else {
            "--only none leaves nothing to do, unless --examples is given.".to_owned()
        });
        return Ok(0);
    }
    let (facts, left) = (
        book.path().display().to_string(),
        journal.path().display().to_string(),
    );
    print(&plan::text(
        &chosen,
        &arguments.given,
        &subject,
        (&account, &region),
        (&facts, &left),
        example.as_ref().map(Example::plan).as_deref(),
    ));
    if !journal.objects().is_empty() {
        print(&format!(
            "An earlier run left {} objects; they are removed first.",
            journal.objects().len()
        ));
    }
    if !arguments.yes && !agreed()? {
        print("Nothing was done.");
        return Ok(0);
    }
    let mut lab = Lab::new(
        Rc::new(aws),
        clock,
        arguments.given.clone(),
        subject,
        (journal, book),
        told,
    )?;
    let with_example = example.is_some();
    let ended = all(&mut lab, &chosen).and_then(|troubles| {
        let went = example.map_or(Ok(true), |example| example.run(&mut lab))?;
        Ok(troubles.is_empty() && went)
    });
    print(&table(&lab, &chosen, with_example));
    match ended {
        Ok(true) => Ok(0),
        Ok(false) => Ok(NOT_ALL),
        Err(Trouble::Interrupted) => Ok(STOPPED),
        Err(trouble) => Err(trouble.to_string()),
    }
}

/// Makes experiments, one after the other; gives what ended some of them early. Whatever happens, what was made is removed.
///
/// # Errors
/// Somebody asked to stop, or a file cannot be written.
pub fn all(lab: &mut Lab, chosen: &[&'static Experiment]) -> Outcome<Vec<Trouble>> {
    let mut troubles = Vec::new();
    let mut go = || -> Outcome<()> {
        lab.remove_all()?;
        for experiment in chosen {
            lab.say(&format!("\n▶ {}: {}", experiment.id, experiment.asks));
            match (experiment.lacks)(&lab.given) {
                Some(option) => lab.skip(experiment, option)?,
                None => troubles.extend(lab.make_experiment(experiment)?),
            }
        }
        Ok(())
    };
    let ended = go();
    if ended.is_err() && !lab.journal.objects().is_empty() {
        lab.say(
            "\n▶ Stopped. What was made is removed; Ctrl-C once more leaves it for the next run to remove.",
        );
        if lab.remove_all().is_err() {
            let left = lab.journal.objects().len();
            let path = lab.journal.path().display().to_string();
            lab.say(&format!(
                "{left} objects are left; {path} has their names, and the next run removes them."
            ));
        }
    }
    ended.map(|()| troubles)
}

fn account(aws: &Aws) -> Result<String, String> {
    let answer = aws
        .sts("GetCallerIdentity", &[])
        .map_err(|trouble| trouble.to_string())?;
    let account = answer
        .pointer("/GetCallerIdentityResult/Account")
        .and_then(|account| account.as_str());
    account
        .map(str::to_owned)
        .ok_or_else(|| "STS does not tell the account".to_owned())
}

fn today() -> String {
    OffsetDateTime::now_utc().date().to_string()
}

/// Beside the facts.
pub fn journal_path(facts: &Path) -> PathBuf {
    let mut path = facts.as_os_str().to_owned();
    path.push(".journal");
    path.into()
}

/// The experiments that are named, else those that have something to settle yet.
fn choose(only: &[String], book: &Book) -> Result<Vec<&'static Experiment>, String> {
    if only == ["none"] {
        return Ok(Vec::new());
    }
    if let Some(unknown) = only
        .iter()
        .find(|name| ALL.iter().all(|experiment| experiment.id != **name))
    {
        let known = ALL.map(|experiment| experiment.id).join(", ");
        return Err(format!(
            "--only: there is no experiment {unknown}; there are: {known}"
        ));
    }
    let open = |experiment: &Experiment| !experiment.settles.iter().all(|id| book.settles(id));
    let named = |experiment: &Experiment| only.iter().any(|name| name == experiment.id);
    let chosen = ALL.into_iter().filter(|experiment| {
        if only.is_empty() {
            open(experiment)
        } else {
            named(experiment)
        }
    });
    Ok(chosen.collect())
}

/// Asks, where there is somebody to ask.
fn agreed() -> Result<bool, String> {
    let stdin = std::io::stdin();
    if !stdin.is_terminal() {
        return Err("there is no terminal to ask whether to go on; --yes goes on without".to_owned());
    }
    let mut out = std::io::stdout();
    let mut answer = String::new();
    write!(out, "Go on? Only yes does: ")
        .and_then(|()| out.flush())
        .and_then(|()| stdin.lock().read_line(&mut answer))
        .map_err(|error| error.to_string())?;
    Ok(answer.trim() == "yes")
}

fn told(line: &str) {
    eprintln!("{line}");
}

/// What is known now, a line for each question.
fn table(lab: &Lab, chosen: &[&'static Experiment], with_example: bool) -> String {
    let mut lines = vec![String::new()];
    for id in chosen.iter().flat_map(|experiment| experiment.settles) {
        let found = match lab.book.found(id) {
            Some(Found::Answer(answer)) => answer.to_string(),
            Some(Found::Seconds(seconds)) => format!("{seconds} s"),
            Some(Found::Unsettled(why)) => format!("not settled: {why}"),
            None => "not asked".to_owned(),
        };
        lines.push(format!("{id:<40} {found}"));
    }
    for step in lab
        .book
        .example()
        .iter()
        .filter(|_| with_example)
        .flat_map(|run| &run.steps)
    {
        let outcome = if step.failed { ", and it failed" } else { "" };
        lines.push(format!(
            "{:<40} {} s{outcome}",
            format!("example {}", step.step),
            step.seconds
        ));
    }
    lines.push(format!("\nFacts: {}", lab.book.path().display()));
    lines.join("\n")
}
