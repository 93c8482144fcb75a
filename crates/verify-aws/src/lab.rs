//! Where an experiment works: it makes objects that are noted before they are made, looks at them as time passes, and
//! tells what it found.

mod course;
mod make;
mod remove;

use std::collections::BTreeSet;
use std::rc::Rc;
use std::time::Duration;

use local_aws::{Fact, Found};
use serde_json::Value;

use crate::aws::Aws;
use crate::book::Book;
use crate::clock::Clock;
use crate::experiments::Experiment;
use crate::journal::Journal;
use crate::object::Kind;
use crate::scrub::Scrub;
use crate::subject::{Given, Subject};
use crate::trouble::{Outcome, Refusal, Trouble};

pub use course::Course;
pub use make::{Made, credentials, private};

/// How long a description may be behind before it counts as what is.
pub const PATIENCE: Duration = Duration::from_secs(15);

/// How long what was just made may be missing.
pub const FRESH: Duration = Duration::from_secs(60);

/// How long a transition may take.
pub const LONGEST: Duration = Duration::from_secs(20 * 60);

pub struct Lab {
    pub aws: Rc<Aws>,
    pub clock: Rc<dyn Clock>,
    pub given: Given,
    pub subject: Subject,
    pub journal: Journal,
    pub book: Book,
    /// The value of every key and password, with the characters in it that each encoding writes differently.
    pub secret: String,
    scrub: Scrub,
    experiment: &'static Experiment,
    /// What the experiment has told so far.
    noted: BTreeSet<String>,
    /// The first refusal that left a question of the experiment open.
    refused: Option<Trouble>,
    /// Why the experiment does not come to the rest of its questions.
    why: Option<String>,
    /// Of the objects of a run.
    made: u32,
    tell: fn(&str),
}

impl Lab {
    /// # Errors
    /// The system has no chance to give.
    pub fn new(
        aws: Rc<Aws>,
        clock: Rc<dyn Clock>,
        given: Given,
        subject: Subject,
        (journal, book): (Journal, Book),
        tell: fn(&str),
    ) -> Result<Self, String> {
        let mut bytes = [0; 12];
        getrandom::fill(&mut bytes).map_err(|error| error.to_string())?;
        let secret = format!("v\"<&/{}", hex::encode(bytes));
        let forms = crate::quotes::forms(&secret).map(|(_, form)| form);
        Ok(Self {
            scrub: Scrub::new(&forms)?,
            aws,
            clock,
            given,
            subject,
            journal,
            book,
            secret,
            experiment: crate::experiments::ALL[0],
            noted: BTreeSet::new(),
            refused: None,
            why: None,
            made: 0,
            tell,
        })
    }

    /// Makes an experiment, removes what it made, and notes what it left open and why.
    ///
    /// # Errors
    /// Somebody asked to stop, or a file cannot be written. What else ends an experiment is among the facts.
    pub fn make_experiment(&mut self, experiment: &'static Experiment) -> Outcome<Option<Trouble>> {
        self.experiment = experiment;
        self.noted.clear();
        (self.why, self.refused) = (None, None);
        let asked = (experiment.run)(self);
        let removed = match &asked {
            // First what is said is said; what is left is removed by who catches this.
            Err(trouble @ (Trouble::Interrupted | Trouble::Local(_))) => return Err(trouble.clone()),
            _ => self.remove_all(),
        };
        let ended = asked.and(removed).err();
        let why = match &ended {
            Some(trouble @ (Trouble::Interrupted | Trouble::Local(_))) => return Err(trouble.clone()),
            Some(trouble) => trouble.to_string(),
            None => self
                .why
                .take()
                .unwrap_or_else(|| "the experiment did not come to it".to_owned()),
        };
        for id in experiment.settles {
            if !self.noted.contains(*id) {
                self.unsettled(id, &why)?;
            }
        }
        Ok(ended.or_else(|| self.refused.take()))
    }

    /// Asks one question of several: a refusal that is no answer to it leaves it open, and the experiment goes on.
    ///
    /// # Errors
    /// Whatever else ends the experiment.
    pub fn question(&mut self, ids: &[&str], ask: impl FnOnce(&mut Self) -> Outcome<()>) -> Outcome<()> {
        match ask(self) {
            Err(trouble @ Trouble::Refused(_)) => {
                for id in ids {
                    if !self.noted.contains(*id) {
                        self.unsettled(id, &trouble.to_string())?;
                    }
                }
                self.refused.get_or_insert(trouble);
                Ok(())
            }
            outcome => outcome,
        }
    }

    /// Leaves what is not told yet open, all for one reason.
    ///
    /// # Errors
    /// None; so it can end an experiment.
    pub fn leave_open(&mut self, why: &str) -> Outcome<()> {
        self.why = Some(why.to_owned());
        Ok(())
    }

    /// Notes that an experiment cannot be made for want of an option.
    ///
    /// # Errors
    /// A file cannot be written.
    pub fn skip(&mut self, experiment: &'static Experiment, lacks: &str) -> Outcome<()> {
        self.experiment = experiment;
        for id in experiment.settles {
            self.unsettled(id, &format!("{lacks} was not given"))?;
        }
        Ok(())
    }

    /// A text without what tells whose it was.
    pub fn scrubbed(&self, text: &str) -> String {
        self.scrub.text(text)
    }

    /// Tells who watches, word by word: commands that are to be run need the ids.
    pub fn show(&self, line: &str) {
        (self.tell)(line);
    }

    /// Tells who watches.
    pub fn say(&self, line: &str) {
        (self.tell)(&self.scrub.text(line));
    }

    /// What is asked is answered.
    pub fn answer(&mut self, id: &str, answer: impl Into<Value>, words: &[String]) -> Outcome<()> {
        self.note(id, Found::Answer(answer.into()), words)
    }

    /// What is asked takes this long.
    pub fn takes(&mut self, id: &str, time: Duration, course: &Course) -> Outcome<()> {
        // Looks are a second apart: what is finer is not known.
        let seconds = (time.as_secs_f64() * 10.0).round() / 10.0;
        self.note(id, Found::Seconds(seconds), &[course.to_string()])
    }

    /// What is asked could not be seen.
    pub fn unsettled(&mut self, id: &str, why: &str) -> Outcome<()> {
        let why = self.scrub.text(why);
        self.note(id, Found::Unsettled(why), &[])
    }

    /// A refusal that fits none of the answers there are.
    pub fn unforeseen(&mut self, id: &str, refusal: &Refusal) -> Outcome<()> {
        self.unsettled(id, &format!("an answer that nobody foresaw: {refusal}"))
    }

    fn note(&mut self, id: &str, found: Found, words: &[String]) -> Outcome<()> {
        let shown = match &found {
            Found::Answer(answer) => format!("  {id}: {answer}"),
            Found::Seconds(seconds) => format!("  {id}: {seconds} s"),
            Found::Unsettled(why) => format!("  {id}: not settled: {why}"),
        };
        (self.tell)(&shown);
        self.noted.insert(id.to_owned());
        // What an earlier run has settled is not forgotten because this one could not look.
        if matches!(found, Found::Unsettled(_)) && self.book.settles(id) {
            return Ok(());
        }
        let fact = Fact {
            id: id.to_owned(),
            experiment: self.experiment.id.to_owned(),
            found,
            words: words.iter().map(|words| self.scrub.text(words)).collect(),
        };
        self.book.note(fact).map_err(Trouble::Local)
    }

    /// Lets time pass.
    pub fn wait(&self, time: Duration) -> Outcome<()> {
        self.clock.sleep(time);
        if self.clock.interrupted() {
            return Err(Trouble::Interrupted);
        }
        Ok(())
    }

    /// Does it again each second as long as something that it names is not there yet; with the time until it was done.
    pub fn soon<T>(&mut self, mut call: impl FnMut(&mut Self) -> Outcome<T>) -> Outcome<(T, Duration)> {
        let began = self.clock.now();
        loop {
            let passed = self.clock.now().saturating_sub(began);
            match call(self) {
                Err(Trouble::Refused(refusal)) if refusal.is_not_found() && passed < FRESH => {
                    self.wait(Duration::from_secs(1))?;
                }
                outcome => return Ok((outcome?, passed)),
            }
        }
    }

    /// A description once it is no more behind; what was just made may be missing for a while.
    pub fn read(&mut self, kind: Kind, id: &str) -> Outcome<Value> {
        let began = self.clock.now();
        loop {
            match kind.describe(&self.aws, id)? {
                Some(described) => return Ok(described),
                None if self.clock.now().saturating_sub(began) < FRESH => {
                    self.wait(Duration::from_secs(1))?
                }
                None => {
                    let what = format!("the {} that was just made is not there", kind.words());
                    return Err(Trouble::Unexpected(what));
                }
            }
        }
    }

    /// What a description says once an update cannot be behind any more and nothing is under way.
    pub fn read_settled(&mut self, kind: Kind, id: &str) -> Outcome<Value> {
        self.wait(PATIENCE)?;
        self.course(kind, id, LONGEST, Course::is_settled)?;
        self.read(kind, id)
    }
}

/// What AWS answers: `Ok`, or the refusal; other troubles end the experiment.
pub fn refused(outcome: Outcome<Value>) -> Outcome<Result<Value, Refusal>> {
    match outcome {
        Ok(answer) => Ok(Ok(answer)),
        Err(Trouble::Refused(refusal)) if !refusal.is_denial() => Ok(Err(refusal)),
        Err(trouble) => Err(trouble),
    }
}

/// The words of a refusal, for a fact.
pub fn words(refusal: &Refusal) -> Vec<String> {
    vec![refusal.to_string()]
}
