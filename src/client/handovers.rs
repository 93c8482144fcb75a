//! API destinations that one resource gives up and another takes in the same apply. A destination's name can exist only
//! once, and deleting it would change the ARN that rules target: so it is pointed at its new connection in place.
//!
//! Only applies that this process runs at the same time know of each other, and the plans that it has made. Where the taker has run before the giver began,
//! it is refused; where the giver has ended before the taker begins, the destination is deleted and made anew.

use std::collections::HashMap;
use std::sync::Mutex;

use tokio::sync::watch;

use crate::lock::lock;

/// What running applies give up and want.
#[derive(Debug)]
pub struct Handovers {
    state: Mutex<State>,
    changed: watch::Sender<()>,
}

#[derive(Debug, Default)]
struct State {
    /// ARNs that are given up.
    given: HashMap<String, Given>,
    /// How many applies want to make a destination of a name.
    wanted: HashMap<String, usize>,
    /// What the last plan of each resource comes to.
    planned: HashMap<String, Planned>,
}

/// What a plan means for the destinations that a resource has, by ARN.
#[derive(Debug, Clone, Default)]
pub struct Planned {
    /// Those that it gives up.
    pub gives: Vec<String>,
    /// Those that it keeps.
    pub keeps: Vec<String>,
}

/// What is known of a destination that another resource has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// It is given up, by an apply that runs or by a plan.
    Given,
    /// A plan keeps it where it is.
    Kept,
    /// No resource that this process has planned has it.
    Unknown,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Given {
    /// Whoever wants it can have it.
    Open,
    /// Another resource is pointing it at its connection.
    Taking,
    /// Another resource has it now.
    Taken,
    /// Another resource wanted it, and could not take it.
    Failed,
    /// It is being deleted.
    Deleted,
}

/// Whether a destination that is given up may be deleted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MayDelete {
    /// Nobody wants it.
    Yes,
    /// Another resource has it now.
    Taken,
    /// Another resource wanted it, and could not take it this time.
    NotYet,
}

/// A destination that was taken.
#[derive(Debug)]
pub struct Taken<'a> {
    handovers: &'a Handovers,
    arn: &'a str,
    kept: bool,
}

impl Taken<'_> {
    /// It calls through the taker's connection now.
    pub fn keep(mut self) {
        self.handovers.turn(self.arn, Given::Taking, Given::Taken);
        self.kept = true;
    }
}

impl Drop for Taken<'_> {
    fn drop(&mut self) {
        if !self.kept {
            self.handovers.turn(self.arn, Given::Taking, Given::Failed);
        }
    }
}

/// One apply's part, until it is dropped.
#[derive(Debug)]
pub struct Part<'a> {
    handovers: &'a Handovers,
    gives: Vec<String>,
    wants: Vec<String>,
}

impl Default for Handovers {
    fn default() -> Self {
        Self {
            state: Mutex::default(),
            changed: watch::Sender::new(()),
        }
    }
}

impl Handovers {
    /// Notes what a plan of `who` comes to, in the place of what an earlier one did.
    pub fn plan(&self, who: &str, planned: Planned) {
        lock(&self.state).planned.insert(who.to_owned(), planned);
    }

    /// What will become of the destination with that ARN, as far as this process knows.
    pub fn fate(&self, arn: &str) -> Fate {
        let state = lock(&self.state);
        let names = |arns: &[String]| arns.iter().any(|one| one == arn);
        if state.given.contains_key(arn) {
            Fate::Given
        } else if state.planned.values().any(|planned| names(&planned.keeps)) {
            Fate::Kept
        } else if state.planned.values().any(|planned| names(&planned.gives)) {
            Fate::Given
        } else {
            Fate::Unknown
        }
    }

    /// An apply begins that will remove the destinations with the ARNs `gives` and make those named `wants`.
    pub fn begin(&self, gives: Vec<String>, wants: Vec<String>) -> Part<'_> {
        let mut state = lock(&self.state);
        for arn in &gives {
            state.given.insert(arn.clone(), Given::Open);
        }
        for name in &wants {
            *state.wanted.entry(name.clone()).or_default() += 1;
        }
        drop(state);
        Part {
            handovers: self,
            gives,
            wants,
        }
    }

    /// Whether an apply that runs has taken it from another one.
    pub fn was_taken(&self, arn: &str) -> bool {
        matches!(
            lock(&self.state).given.get(arn),
            Some(Given::Taken | Given::Taking)
        )
    }

    /// Takes a destination that another apply gives up, so that the caller may point it at its own connection. It is given
    /// back when the answer is dropped without [`Taken::keep`].
    pub fn take<'a>(&'a self, arn: &'a str) -> Option<Taken<'a>> {
        let taken =
            self.turn(arn, Given::Open, Given::Taking) || self.turn(arn, Given::Failed, Given::Taking);
        taken.then_some(Taken {
            handovers: self,
            arn,
            kept: false,
        })
    }

    fn turn(&self, arn: &str, from: Given, to: Given) -> bool {
        let turned = match lock(&self.state).given.get_mut(arn) {
            Some(given) if *given == from => {
                *given = to;
                true
            }
            _ => false,
        };
        self.changed.send_replace(());
        turned
    }

    /// Waits until the applies that want a destination of this name have taken this one or have ended, then tells whether it
    /// is still the caller's to delete. An apply makes what it wants before it removes what it gives up, so two never wait
    /// for each other. Where nobody could take it although somebody tried, it is not to be deleted at the first asking: the
    /// next apply can hand it over still.
    pub async fn may_delete(&self, arn: &str, name: &str) -> MayDelete {
        let mut changed = self.changed.subscribe();
        loop {
            {
                let mut state = lock(&self.state);
                let wanted = state.wanted.contains_key(name);
                match state.given.get_mut(arn) {
                    Some(Given::Taken) => return MayDelete::Taken,
                    Some(Given::Taking) => {}
                    Some(given) if !wanted && *given == Given::Failed => {
                        *given = Given::Open;
                        return MayDelete::NotYet;
                    }
                    Some(given) if !wanted => {
                        *given = Given::Deleted;
                        return MayDelete::Yes;
                    }
                    Some(_) => {}
                    None => return MayDelete::Yes,
                }
            }
            // The sender lives as long as this.
            let _ = changed.changed().await;
        }
    }
}

impl Drop for Part<'_> {
    fn drop(&mut self) {
        let mut state = lock(&self.handovers.state);
        for arn in &self.gives {
            state.given.remove(arn);
        }
        for name in &self.wants {
            if let Some(count) = state.wanted.get_mut(name) {
                *count -= 1;
                if *count == 0 {
                    state.wanted.remove(name);
                }
            }
        }
        drop(state);
        self.handovers.changed.send_replace(());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(texts: &[&str]) -> Vec<String> {
        texts.iter().map(|&text| text.to_owned()).collect()
    }

    #[tokio::test]
    async fn what_is_given_up_is_taken_once_and_never_deleted_after_that() {
        let handovers = Handovers::default();
        let giver = handovers.begin(texts(&["arn/x"]), vec![]);
        let taker = handovers.begin(vec![], texts(&["x"]));
        let (deletes, ()) = tokio::join!(handovers.may_delete("arn/x", "x"), async {
            drop(handovers.take("arn/x").expect("it is given up"));
            handovers
                .take("arn/x")
                .expect("who could not take it gave it back")
                .keep();
        });
        assert_eq!(deletes, MayDelete::Taken);
        assert!(handovers.take("arn/x").is_none(), "it can be taken once");
        drop((giver, taker));
        assert!(handovers.take("arn/x").is_none(), "nobody gives it up any more");
    }

    #[tokio::test]
    async fn a_giver_deletes_once_the_taker_has_ended_and_nobody_takes_it_then() {
        let handovers = Handovers::default();
        let _giver = handovers.begin(texts(&["arn/x"]), vec![]);
        let taker = handovers.begin(vec![], texts(&["x"]));
        let (deletes, ()) = tokio::join!(handovers.may_delete("arn/x", "x"), async { drop(taker) });
        assert_eq!(deletes, MayDelete::Yes);
        assert!(handovers.take("arn/x").is_none(), "it is being deleted");
    }

    #[test]
    fn what_a_plan_keeps_is_known_until_a_plan_or_an_apply_gives_it_up() {
        let handovers = Handovers::default();
        let gives = || Planned {
            gives: texts(&["arn/x"]),
            ..Planned::default()
        };
        let keeps = Planned {
            keeps: texts(&["arn/x"]),
            ..Planned::default()
        };
        assert_eq!(handovers.fate("arn/x"), Fate::Unknown);
        handovers.plan("a", gives());
        assert_eq!(handovers.fate("arn/x"), Fate::Given);
        // Whoever had it before, the one that keeps it has it now.
        handovers.plan("b", keeps);
        assert_eq!(handovers.fate("arn/x"), Fate::Kept);
        let giver = handovers.begin(texts(&["arn/x"]), vec![]);
        assert_eq!(handovers.fate("arn/x"), Fate::Given);
        drop(giver);
        handovers.plan("b", gives());
        assert_eq!(handovers.fate("arn/x"), Fate::Given);
    }

    #[tokio::test]
    async fn what_nobody_wants_is_deleted_at_once() {
        let handovers = Handovers::default();
        let _giver = handovers.begin(texts(&["arn/x"]), vec![]);
        let _other = handovers.begin(vec![], texts(&["y"]));
        assert_eq!(handovers.may_delete("arn/x", "x").await, MayDelete::Yes);
    }

    #[tokio::test]
    async fn what_could_not_be_taken_is_deleted_at_the_second_asking_only() {
        let handovers = Handovers::default();
        let _giver = handovers.begin(texts(&["arn/x"]), vec![]);
        let taker = handovers.begin(vec![], texts(&["x"]));
        drop(handovers.take("arn/x").expect("it is given up"));
        drop(taker);
        assert_eq!(handovers.may_delete("arn/x", "x").await, MayDelete::NotYet);
        assert_eq!(handovers.may_delete("arn/x", "x").await, MayDelete::Yes);
    }
}
