//! The long run: random configurations follow each other in one account, most of them meet a random fault, some of them
//! another one while the first is mended; what must hold is looked at after each.
//!
//! The matrix lets one thing go wrong in a fresh account. Here what is left of one fault is what the next one meets.

use std::path::Path;
use std::sync::Mutex;
use std::thread;
use std::time::{Duration, Instant};

use cli_harness::{Cli, Ended, all_clis};
use fastrand::Rng;

use crate::cell::{Cell, Next};
use crate::draw::Draw as _;
use crate::fault::{FAILURES, FAULTS, Fault, Place};
use crate::known;
use crate::oracle::Clean;
use crate::report::Progress;
use crate::run::{Outcome, Stage, come_next, connection_arn, meet_fault, with, words_of};
use crate::verb::{Arguments, Command, VERBS, Verb};

/// So many operations follow each other in one account.
const OPERATIONS: usize = 20;

/// A run that waits until its time is over has little of it; a destroy takes its time from the state.
const TIMEOUTS: &str = "timeouts {\n    create = \"45s\"\n    update = \"45s\"\n    delete = \"45s\"\n  }";

/// The calls that may fail. Of those that a run does not make, the fault does not fire.
const CALLS: [(&str, &[&str]); 4] = [
    (
        "ec2",
        &[
            "CreateSecurityGroup",
            "AuthorizeSecurityGroupEgress",
            "RevokeSecurityGroupEgress",
            "AuthorizeSecurityGroupIngress",
            "RevokeSecurityGroupIngress",
            "CreateTags",
            "DeleteTags",
            "DeleteSecurityGroup",
            "DescribeSecurityGroups",
            "DescribeVpcEndpoints",
        ],
    ),
    (
        "vpc-lattice",
        &[
            "CreateResourceGateway",
            "UpdateResourceGateway",
            "DeleteResourceGateway",
            "GetResourceGateway",
            "ListResourceGateways",
            "CreateResourceConfiguration",
            "UpdateResourceConfiguration",
            "DeleteResourceConfiguration",
            "GetResourceConfiguration",
            "ListResourceConfigurations",
            "ListTagsForResource",
            "TagResource",
            "UntagResource",
        ],
    ),
    (
        "events",
        &[
            "CreateConnection",
            "UpdateConnection",
            "DeleteConnection",
            "DescribeConnection",
            "ListConnections",
        ],
    ),
    (
        "events",
        &[
            "CreateApiDestination",
            "UpdateApiDestination",
            "DeleteApiDestination",
            "DescribeApiDestination",
        ],
    ),
];

/// What came of a long run.
pub struct Long {
    pub progress: Progress,
    pub operations: usize,
    /// Operations that met a second fault while the first was mended.
    pub twice: usize,
}

/// Works until the time is over, with what follows from the seed.
pub fn run(provider: &Path, seed: u64, time: Duration, jobs: usize) -> Long {
    let end = Instant::now() + time;
    let long = Mutex::new(Long {
        progress: Progress::new(0),
        operations: 0,
        twice: 0,
    });
    let work = |job: usize| {
        let mut account = job;
        while Instant::now() < end {
            // Each account has numbers of its own, so that it does not matter which of two workers is faster.
            let mut draw =
                Rng::with_seed(seed.wrapping_add(u64::try_from(account).unwrap_or_default() << 32));
            let cli = &all_clis()[account % all_clis().len()];
            let mut world = World::new(&mut draw, cli, provider);
            for operation in 1..=OPERATIONS {
                let done = world.operate(&mut draw);
                let failed = matches!(done.outcome, Some((_, Outcome::Failed(_) | Outcome::Known(_))));
                let mut long = long.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
                long.operations += 1;
                long.twice += usize::from(done.twice);
                eprintln!(
                    "[{} operations] account {account}.{operation}: {}",
                    long.operations,
                    done.told(cli)
                );
                if let Some((cell, outcome)) = &done.outcome {
                    long.progress.count_one(cell, outcome);
                }
                // After what is wrong, nothing that follows could be judged.
                if failed || Instant::now() >= end {
                    break;
                }
            }
            account += jobs;
        }
    };
    thread::scope(|scope| {
        for job in 0..jobs.max(1) {
            let work = &work;
            scope.spawn(move || work(job));
        }
    });
    long.into_inner()
        .unwrap_or_else(std::sync::PoisonError::into_inner)
}

/// What came of one operation.
struct Done {
    verb: Verb,
    /// The fault, as a cell of the matrix; `None` where there was none, and all is well.
    outcome: Option<(Cell, Outcome)>,
    twice: bool,
}

impl Done {
    fn told(&self, cli: &Cli) -> String {
        let twice = if self.twice {
            ", and another fault after it"
        } else {
            ""
        };
        match &self.outcome {
            None => format!("passed: {} ({cli})", self.verb.name),
            Some((cell, Outcome::Passed)) => format!("passed: {cell}{twice} ({cli})"),
            Some((cell, Outcome::NotFired)) => format!("passed, not fired: {cell} ({cli})"),
            Some((cell, Outcome::Known(_))) => format!("known to fail: {cell}{twice} ({cli})"),
            Some((cell, Outcome::Failed(wrong))) => format!("FAILED: {cell}{twice} ({cli})\n{wrong}"),
        }
    }
}

/// One account, and one resource that comes, changes and goes.
struct World<'a> {
    provider: &'a Path,
    stage: Stage,
    /// The create of this kind of resource.
    create: Verb,
    stands: Option<Arguments>,
}

impl<'a> World<'a> {
    fn new(draw: &mut Rng, cli: &'static Cli, provider: &'a Path) -> Self {
        let kinds: Vec<Verb> = VERBS
            .into_iter()
            .filter(|verb| verb.creates() && !verb.creates_before_destroy())
            .collect();
        let create = *draw.pick(&kinds);
        Self {
            provider,
            stage: Stage::before(create, TIMEOUTS, cli, provider),
            create,
            stands: None,
        }
    }

    fn operate(&mut self, draw: &mut Rng) -> Done {
        let wanted = (self.stands.is_none() || !draw.once_in(5))
            .then(|| Arguments::drawn(draw, &self.stage.aws, self.create));
        let verb = Arguments::verb_between(self.create, self.stands.as_ref(), wanted.as_ref());
        self.stage.verb = verb;
        if verb.creates() {
            self.stage.arn = None;
        }
        let fault = (!draw.once_in(4)).then(|| drawn_fault(draw, verb));
        let second = fault
            .as_ref()
            .filter(|_| draw.once_in(4))
            .map(|_| drawn_fault(draw, verb));
        // The user thinks again before the next apply.
        let other = draw
            .once_in(3)
            .then(|| Arguments::drawn(draw, &self.stage.aws, self.create));
        let judged = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            self.attempt(wanted, fault.as_ref(), second.as_ref(), other)
        }));
        let (outcome, twice) = match judged {
            Ok(Ok((outcome, twice))) => (outcome, twice),
            Ok(Err(wrong)) => (Outcome::Failed(wrong), second.is_some()),
            Err(panic) => (Outcome::Failed(words_of(&*panic)), second.is_some()),
        };
        let known = || fault.iter().chain(&second).find_map(known::why);
        let outcome = match outcome {
            Outcome::Failed(wrong) => known().map_or(Outcome::Failed(wrong), Outcome::Known),
            outcome => outcome,
        };
        let outcome = match (fault, outcome) {
            (None, Outcome::Passed | Outcome::NotFired) => None,
            (None, outcome) => Some((unharmed(verb), outcome)),
            (Some(cell), outcome) => Some((cell, outcome)),
        };
        Done { verb, outcome, twice }
    }

    /// Does what is wanted, meets the faults, mends what they have left, and judges.
    fn attempt(
        &mut self,
        wanted: Option<Arguments>,
        fault: Option<&Cell>,
        second: Option<&Cell>,
        other: Option<Arguments>,
    ) -> Result<(Outcome, bool), String> {
        if let Some(wanted) = &wanted {
            self.write(wanted);
        }
        let met = fault.and_then(|cell| self.meet(cell, self.stage.verb.command()).transpose());
        let met = met.transpose()?;
        let Some(ended) = met else {
            // The command may have ended in another way than by the fault, and is made again.
            let next = if wanted.is_some() {
                Next::Apply
            } else {
                Next::Destroy
            };
            self.come_next(next, wanted, &Ended::default())?;
            return Ok((Outcome::NotFired, false));
        };
        let told = |wrong: String| with(&wrong, &ended);
        let lost = self.stage.lost_by_cli(&ended);
        let again = second
            .map(|cell| self.meet(cell, Command::Apply))
            .transpose()
            .map_err(told)?;
        let again = again.flatten();
        // A destroy knows nothing of what a killed create has made.
        let next = match fault.filter(|_| again.is_none()) {
            Some(cell) => cell.next,
            None => Next::Apply,
        };
        let stays = wanted.or_else(|| self.stands.clone());
        let wanted = match next {
            Next::Apply | Next::Printed => other.or(stays),
            Next::Destroy | Next::Leftovers => None,
        };
        if let Some(wanted) = &wanted {
            self.write(wanted);
        }
        let judged = self.come_next(next, wanted, again.as_ref().unwrap_or(&ended));
        let outcome = match (judged, lost) {
            (Ok(()), _) => Outcome::Passed,
            (Err(_), Some(why)) => Outcome::Known(why),
            (Err(wrong), None) => return Err(told(wrong)),
        };
        Ok((outcome, again.is_some()))
    }

    fn write(&self, wanted: &Arguments) {
        let text = self.create.configuration(wanted, TIMEOUTS);
        self.stage.workspace.write_file("main.tf", &text);
    }

    /// Runs a command into a fault; `None` where it did not fire.
    fn meet(&mut self, cell: &Cell, command: Command) -> Result<Option<Ended>, String> {
        let stage = &mut self.stage;
        if cell.fault == Fault::Outage {
            stage.workspace.set("AWS_MAX_ATTEMPTS", "2");
        }
        let ended = meet_fault(cell, &stage.aws, || match command {
            Command::Apply => stage.workspace.start_apply(),
            Command::Destroy => stage.workspace.start_destroy(),
        });
        stage.workspace.unset("AWS_MAX_ATTEMPTS");
        stage.aws.clear_faults();
        if let Some(ended) = &ended {
            stage.judge_met(cell, ended)?;
        }
        Ok(ended)
    }

    /// Does what comes next, after which `wanted` stands.
    fn come_next(&mut self, next: Next, wanted: Option<Arguments>, met: &Ended) -> Result<(), String> {
        let clean = Clean {
            made: wanted
                .iter()
                .flat_map(|wanted| wanted.makes(self.create))
                .collect(),
        };
        come_next(next, &clean, &self.stage, met, self.provider)?;
        self.stage.arn = match &wanted {
            Some(_) => connection_arn(&self.stage.workspace, self.create),
            None => None,
        };
        self.stands = wanted;
        Ok(())
    }
}

/// A fault at a place, with what comes next, all drawn.
fn drawn_fault(draw: &mut Rng, verb: Verb) -> Cell {
    let place = if draw.once_in(6) {
        Place::State(draw.pick(&FAILURES))
    } else {
        let called = |(service, operations): &(&'static str, &'static [&'static str])| {
            let service = *service;
            let likely = operations
                .iter()
                .filter(move |call| is_likely(verb, service, call));
            likely.map(move |call| (service, *call)).collect::<Vec<_>>()
        };
        let services: Vec<_> = CALLS
            .iter()
            .map(called)
            .filter(|calls| !calls.is_empty())
            .collect();
        let (service, operation) = {
            let of_service = draw.pick(&services);
            *draw.pick(of_service)
        };
        Place::Call {
            service: service.to_owned(),
            operation: operation.to_owned(),
            nth: if draw.once_in(4) { 2 } else { 1 },
        }
    };
    let faults = FAULTS.iter().copied();
    let faults: Vec<Fault> = faults
        .filter(|fault| fault.fits(&place) && !fault.is_slow())
        .collect();
    let cells = Cell::all_of(verb, &place, *draw.pick(&faults));
    draw.pick(&cells).clone()
}

/// Whether a verb is likely to make such a call.
fn is_likely(verb: Verb, service: &str, operation: &str) -> bool {
    let begins = |with: &[&str]| with.iter().any(|with| operation.starts_with(with));
    let of_connection = service == "events" || operation.ends_with("Ingress");
    if of_connection && !verb.has_connection() {
        return false;
    }
    if verb.creates() {
        return !begins(&["Update", "Delete"]) || operation == "DeleteTags";
    }
    !verb.destroys() || !begins(&["Update", "Create", "Authorize", "Tag", "Untag"])
}

/// What a failure without a fault is counted as.
fn unharmed(verb: Verb) -> Cell {
    Cell {
        verb,
        place: Place::Call {
            service: "none".to_owned(),
            operation: "None".to_owned(),
            nth: 1,
        },
        fault: Fault::ServerError,
        next: Next::Apply,
    }
}

/// How long, as people write it: `90s`, `20m`, `2h`.
pub fn time(text: &str) -> Result<Duration, String> {
    let wrong = || format!("{text} is no time such as 20m or 2h");
    let unit = text.chars().last().ok_or_else(wrong)?;
    let seconds = match unit {
        's' => 1,
        'm' => 60,
        'h' => 60 * 60,
        _ => return Err(wrong()),
    };
    let number: u32 = text.trim_end_matches(unit).parse().map_err(|_| wrong())?;
    Ok(Duration::from_secs(seconds) * number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_has_a_unit() {
        assert_eq!(time("90s"), Ok(Duration::from_secs(90)));
        assert_eq!(time("2h"), Ok(Duration::from_secs(7200)));
        for wrong in ["", "20", "m", "-1m", "1.5h"] {
            assert!(time(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_seed_draws_the_same_faults_again_and_each_is_a_cell() {
        let verb = Verb::named("change-destinations").expect("a verb");
        let drawn = |seed| {
            let mut draw = Rng::with_seed(seed);
            let cells = (0..200).map(|_| drawn_fault(&mut draw, verb));
            cells.map(|cell| cell.to_string()).collect::<Vec<_>>()
        };
        assert_eq!(drawn(1), drawn(1));
        assert_ne!(drawn(1), drawn(2));
        for cell in drawn(1) {
            assert!(Cell::parse(&cell).is_some(), "{cell}");
        }
    }
}
