//! The judge: a local AWS with switches and times drawn at random, the experiments against it, and whether they find what
//! was drawn, leave nothing and touch nothing that is not theirs.
//!
//! The experiments get what they get from AWS: an endpoint URL, keys, and a clock. Time stands still but for their waits, so
//! that what they measure does not depend on this machine.

mod draw;
mod foreign;
mod shown;

use std::cell::Cell;
use std::collections::BTreeMap;
use std::path::Path;
use std::rc::Rc;
use std::time::Duration;

use local_aws::{Facts, Found, LocalAws, Options, SeedDocument, Settings, Times};

use serde_json::Value;

use crate::aws::{Aws, Keys, Source};
use crate::book::Book;
use crate::clock::Clock;
use crate::experiments::ALL;
use crate::journal::Journal;
use crate::lab::Lab;
use crate::subject::{ENDPOINT_OPTION, Given, Subject};
use crate::{print, run};
use shown::Shown;

/// Of local-aws: its time passes when somebody waits.
struct Stepping {
    aws: Rc<LocalAws>,
    now: Cell<Duration>,
}

impl Clock for Stepping {
    fn now(&self) -> Duration {
        self.now.get()
    }

    fn sleep(&self, time: Duration) {
        self.aws.advance(time);
        self.now.set(self.now.get() + time);
    }

    fn interrupted(&self) -> bool {
        false
    }
}

/// An account to be judged in.
struct Account {
    local: Rc<LocalAws>,
    clock: Rc<dyn Clock>,
}

impl Account {
    fn open(settings: &Settings, times: Times) -> Result<Self, String> {
        let options = Options {
            times,
            document: SeedDocument::parse(include_str!("blind/seed.yaml"))?,
            step: true,
            ..Options::default()
        };
        let local = Rc::new(LocalAws::start(options).map_err(|error| error.to_string())?);
        let clock: Rc<dyn Clock> = Rc::new(Stepping {
            aws: Rc::clone(&local),
            now: Cell::default(),
        });
        let account = Self { local, clock };
        // What others have was there before, made by rules that are known.
        foreign::make(&account.aws()?, &account.local.seed().vpc_endpoint_id).map_err(|t| t.to_string())?;
        account.local.advance_until_settled();
        let drawn = serde_json::to_value(settings).map_err(|error| error.to_string())?;
        account.local.change_settings(&drawn)?;
        Ok(account)
    }

    fn aws(&self) -> Result<Aws, String> {
        let keys = Keys {
            access_key: "local".to_owned(),
            secret: "local".to_owned(),
            session_token: None,
        };
        let endpoint = Some(self.local.endpoint());
        Aws::new(
            Source::Given(keys),
            &self.local.seed().region,
            endpoint,
            Rc::clone(&self.clock),
        )
    }

    fn given(&self) -> Given {
        let seed = self.local.seed();
        let shared =
            "arn:aws:vpc-lattice:us-east-1:210987654321:resourceconfiguration/rcfg-0123456789abcdef0";
        Given {
            role_arn: Some(seed.role_arn.replace("state-machine", "experimenter")),
            state_machine_role_arn: Some(seed.role_arn.clone()),
            url: Some(seed.api_url.clone()),
            kms_key_id: Some("alias/local".to_owned()),
            token_endpoint: Some(seed.token_url.clone()),
            shared_configuration_arn: Some(shared.to_owned()),
        }
    }

    fn lab(&self, folder: &Path) -> Result<Lab, String> {
        let aws = self.aws()?;
        let seed = self.local.seed();
        let subject = Subject::look(&aws, ENDPOINT_OPTION, &seed.vpc_endpoint_id)?;
        let facts = folder.join("facts.json");
        let journal = Journal::open(&run::journal_path(&facts), &seed.account_id, &seed.region)?;
        let book = Book::open(&facts, &seed.region, "2026-12-01")?;
        let clock = Rc::clone(&self.clock);
        Lab::new(
            Rc::new(aws),
            clock,
            self.given(),
            subject,
            (journal, book),
            |_| {},
        )
    }
}

/// What came of one seed.
struct Judgement {
    seed: u64,
    /// Drawn and found of each question.
    compared: BTreeMap<&'static str, (Shown, Option<Found>)>,
    /// What ended experiments early.
    troubles: Vec<String>,
    /// What was there afterwards and not before, or the other way round.
    differences: Vec<String>,
    /// Calls that change something of others.
    touched: Vec<String>,
}

impl Judgement {
    fn wrong(&self) -> Vec<String> {
        let pairs = self.compared.iter();
        let wrong = pairs.filter(|(_, (drawn, found))| !agree(drawn, found.as_ref()));
        wrong
            .map(|(id, (drawn, found))| format!("{id}: drawn {drawn:?}, found {found:?}"))
            .collect()
    }

    fn hidden(&self) -> usize {
        self.compared
            .values()
            .filter(|(drawn, _)| *drawn == Shown::Hidden)
            .count()
    }

    fn is_right(&self) -> bool {
        self.wrong().is_empty()
            && self.troubles.is_empty()
            && self.differences.is_empty()
            && self.touched.is_empty()
    }
}

/// Whether what was found is what was drawn; what is hidden must not be claimed.
fn agree(drawn: &Shown, found: Option<&Found>) -> bool {
    match (drawn, found) {
        (Shown::Answer(drawn), Some(Found::Answer(found))) => drawn == found,
        (Shown::Seconds(drawn), Some(Found::Seconds(found))) => (drawn - found).abs() < 0.05,
        (Shown::Hidden, Some(Found::Unsettled(_))) => true,
        _ => false,
    }
}

fn judge(seed: u64) -> Result<Judgement, String> {
    let (settings, times) = (draw::settings(seed), draw::times(seed));
    let drawn = shown::all(&settings, &times);
    judge_in(&Account::open(&settings, times)?, seed, drawn)
}

fn judge_in(account: &Account, seed: u64, drawn: BTreeMap<&'static str, Shown>) -> Result<Judgement, String> {
    let (before, calls) = (account.local.objects(), account.local.calls().len());
    let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
    let mut lab = account.lab(folder.path())?;
    let troubles = run::all(&mut lab, &ALL).map_err(|trouble| trouble.to_string())?;

    account.local.advance_until_settled();
    let after = account.local.objects();
    // As it is handed on: read from the file by whoever serves it.
    let text = std::fs::read_to_string(lab.book.path()).map_err(|error| error.to_string())?;
    let facts = Facts::parse(&text)?;
    let mut found: BTreeMap<_, _> = facts
        .facts
        .into_iter()
        .map(|fact| (fact.id, fact.found))
        .collect();
    Ok(Judgement {
        seed,
        compared: drawn
            .into_iter()
            .map(|(id, drawn)| (id, (drawn, found.remove(id))))
            .collect(),
        troubles: troubles.iter().map(ToString::to_string).collect(),
        differences: differences(&before, &after),
        touched: foreign::touched(&account.local.calls()[calls..], &before),
    })
}

/// What is there and was not, or the other way round.
fn differences(before: &[Value], after: &[Value]) -> Vec<String> {
    let missing = before.iter().filter(|object| !after.contains(object));
    let added = after.iter().filter(|object| !before.contains(object));
    missing
        .map(|object| format!("gone or changed: {object}"))
        .chain(added.map(|object| format!("left or changed: {object}")))
        .collect()
}

/// Judges so many seeds, and prints a table; 0 if everything was found.
pub fn run(first: u64, count: u64) -> Result<u8, String> {
    print(
        "| seed | asked | found as drawn | hidden by others, and not claimed | wrong | left behind | foreign touched |",
    );
    print("|---|---|---|---|---|---|---|");
    let mut judgements = Vec::new();
    for seed in first..first + count {
        let judgement = judge(seed)?;
        let (asked, hidden, wrong) = (judgement.compared.len(), judgement.hidden(), judgement.wrong());
        let found = judgement
            .compared
            .values()
            .filter(|(drawn, found)| *drawn != Shown::Hidden && agree(drawn, found.as_ref()));
        print(&format!(
            "| {seed} | {asked} | {} | {hidden} | {} | {} | {} |",
            found.count(),
            wrong.len(),
            judgement.differences.len(),
            judgement.touched.len()
        ));
        let problems = wrong
            .iter()
            .chain(&judgement.troubles)
            .chain(&judgement.differences)
            .chain(&judgement.touched);
        for problem in problems {
            eprintln!("seed {}: {problem}", judgement.seed);
        }
        judgements.push(judgement);
    }
    print(&spread(&judgements));
    Ok(u8::from(!judgements.iter().all(Judgement::is_right)))
}

/// What was drawn and found of each question, and how often.
fn spread(judgements: &[Judgement]) -> String {
    let mut lines = vec![
        String::new(),
        "| asked | found, and in how many of the runs |".to_owned(),
        "|---|---|".to_owned(),
    ];
    for id in ALL.into_iter().flat_map(|experiment| experiment.settles) {
        let mut counts: BTreeMap<String, usize> = BTreeMap::new();
        for (drawn, found) in judgements
            .iter()
            .filter_map(|judgement| judgement.compared.get(id))
        {
            let right = if agree(drawn, found.as_ref()) {
                ""
            } else {
                "WRONG "
            };
            let shown = match drawn {
                Shown::Answer(answer) => format!("{right}{answer}"),
                Shown::Seconds(_) => format!("{right}a time of its own"),
                Shown::Hidden => format!("{right}hidden"),
            };
            *counts.entry(shown).or_default() += 1;
        }
        let counts = counts.iter().map(|(shown, count)| format!("{shown} ×{count}"));
        lines.push(format!("| `{id}` | {} |", counts.collect::<Vec<_>>().join(", ")));
    }
    lines.join("\n")
}

#[cfg(test)]
mod tests;
