//! The engine: holds the record, rehearses and runs a graph, and knows what is done and what is left.

mod attempt;
mod ensure;
mod scan;
mod sign_off;
mod sweep;
mod waiting;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::marker::PhantomData;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::component::{Component, Failure, Found, Graph, Snapshot};
use crate::error::{Action, Error};
use crate::record::{Id, Kind, Recorded, Slot, Step, Words};
use crate::timeline::{Event, Timeline};
use crate::warning::Warning;

/// What a time-out says of a step that it came before.
const NOT_BEGUN: &str = "not begun";
/// How long a listing is believed more than the read of one object that it lists.
const LISTED: Duration = Duration::from_secs(10);
/// How long a run believes what its rehearsal has observed: long enough for the steps that follow at once, and too short
/// for anything that comes after a wait.
const BELIEVED: Duration = Duration::from_secs(5);

/// Told after every step what stands now.
type Journal = dyn Fn(&Recorded, &Snapshot) + Send + Sync;

/// What a rehearsal came to.
#[derive(Clone, Debug)]
pub struct Plan<T> {
    /// What the walk yielded; facts of objects that are still to be made are
    /// [`Fact::Later`](crate::Fact::Later).
    pub output: T,
    /// What a run would do, in order.
    pub steps: Vec<Step>,
    /// What would be recorded then, but for what is still to be made.
    pub recorded: Recorded,
}

/// Brings the objects of one record to what a graph wants.
///
/// Its methods take `&self`, so that a graph can `join!` what does not depend on each other. Never use
/// `try_join!` or `select!` over them, and never drop [`run`](Self::run) before it has answered: a dropped
/// future is a lost reply. Cancel through the token.
pub struct Engine<E: Failure> {
    state: Mutex<State>,
    journal: Box<Journal>,
    cancel: CancellationToken,
    deadline: Option<Instant>,
    began: Instant,
    fresh: bool,
    failure: PhantomData<fn() -> E>,
}

impl<E: Failure> fmt::Debug for Engine<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Engine")
            .field("recorded", &self.recorded())
            .field("fresh", &self.fresh)
            .finish_non_exhaustive()
    }
}

#[derive(Default)]
struct State {
    /// What is ours.
    recorded: Recorded,
    /// In a rehearsal: what would be ours after the steps so far.
    draft: Option<Recorded>,
    /// The rehearsal precedes a run: what forbids the run is an error, not a warning.
    strict: bool,
    /// Plan from the snapshot; searches were made by whoever took it.
    offline: bool,
    /// What searches found, by kind.
    found: BTreeMap<String, Vec<Found>>,
    /// The last observation of each object.
    seen: Snapshot,
    /// The observations that may still be used instead of another read, and when each was made: `None` where it came with
    /// the snapshot.
    usable: BTreeMap<(String, Id), Option<Instant>>,
    /// What searches found although it is not recorded, until a run has made it ours.
    left_behind: BTreeSet<(String, Id)>,
    /// What was borrowed, and is ours since this run or its rehearsal has looked.
    given: BTreeSet<Id>,
    /// In a rehearsal: slots whose object would be new.
    later: BTreeSet<Slot>,
    /// In a run: slots for which nothing is wanted, whose objects are retired when their kind is swept.
    unwanted: BTreeSet<Slot>,
    /// The rehearsal ended with nothing in any slot: the run removes everything.
    removes_all: bool,
    /// Slots whose object was changed and not waited for.
    unsettled: BTreeSet<Slot>,
    /// When this run last made an object, or another one what it points at.
    made_at: Option<Instant>,
    /// What the last rehearsal would do and no run has done yet.
    intents: Vec<Intent>,
    done: Vec<Step>,
    /// The last state of what is being waited for.
    awaited: BTreeMap<Slot, String>,
    /// What was taken for ready although it did not come to the state in which it should end.
    accepted: BTreeSet<String>,
    /// An update left something that others use, so what it uses in turn stays too.
    held: bool,
    warnings: Vec<Warning>,
    timeline: Timeline,
}

/// A step that is to be done, and its words.
struct Intent {
    step: Step,
    words: String,
}

impl State {
    /// The record that steps change: the draft in a rehearsal.
    fn record(&mut self) -> &mut Recorded {
        self.draft.as_mut().unwrap_or(&mut self.recorded)
    }

    /// Changes what is so, whether or not any step is done.
    fn learn(&mut self, fact: impl Fn(&mut Recorded)) {
        fact(&mut self.recorded);
        if let Some(draft) = &mut self.draft {
            fact(draft);
        }
    }

    fn intend(&mut self, step: Step, words: String) {
        if self.draft.is_some() && !self.intents.iter().any(|intent| intent.step == step) {
            self.intents.push(Intent { step, words });
        }
    }

    /// Takes note of what was read of an object.
    fn observed<O: serde::Serialize>(&mut self, kind: Kind, id: &Id, seen: &O, at: Instant) {
        self.seen.put(kind, id, seen);
        self.usable.insert((kind.key.to_owned(), id.clone()), Some(at));
    }

    fn is_left_behind(&self, kind: Kind, id: &Id) -> bool {
        self.left_behind.contains(&(kind.key.to_owned(), id.clone()))
    }

    /// Forgets an object that is not there any more.
    fn gone(&mut self, kind: Kind, id: &Id) {
        self.learn(|recorded| recorded.forget(kind.key, id));
        self.drop_removal(kind, id);
    }

    /// The object is gone, used again or somebody else's: nothing of it is left to be removed, whatever the rehearsal has
    /// foreseen.
    fn drop_removal(&mut self, kind: Kind, id: &Id) {
        self.intents.retain(|intent| match &intent.step {
            Step::Delete(slot, removed) => slot.kind() != kind.key || removed != id,
            Step::Create(_) | Step::Adopt(..) | Step::Update(..) | Step::Replace(..) => true,
        });
    }

    /// An object that was borrowed, and handed over since, is ours.
    fn take_given<C: Component>(&mut self, c: &C, id: &Id, seen: &C::Observed) {
        if c.given(seen) && self.record().is_borrowed(id) {
            self.learn(|recorded| {
                recorded.borrowed.remove(id);
            });
            self.given.insert(id.clone());
        }
    }

    /// Has a step pending again that was taken for done, before those that depend on it.
    fn resume(&mut self, step: Step, words: String) {
        self.intents.insert(0, Intent { step, words });
    }

    fn warn(&mut self, warning: Warning) {
        if !self.warnings.contains(&warning) {
            self.warnings.push(warning);
        }
    }

    fn forget_observation(&mut self, kind: Kind, id: &Id) {
        self.seen.forget(kind.key, id);
        self.usable.remove(&(kind.key.to_owned(), id.clone()));
    }
}

impl<E: Failure> Engine<E> {
    /// An engine over what is recorded.
    pub fn new(recorded: Recorded) -> Self {
        Self {
            fresh: recorded.is_empty(),
            state: Mutex::new(State {
                recorded,
                ..State::default()
            }),
            journal: Box::new(|_, _| {}),
            cancel: CancellationToken::new(),
            deadline: None,
            began: Instant::now(),
            failure: PhantomData,
        }
    }

    /// Plans from these observations: no searches are made, since what they find is in the record already,
    /// and only what the snapshot lacks is read. A [`run`](Self::run) does not use them.
    #[must_use]
    pub fn with_snapshot(mut self, snapshot: Snapshot) -> Self {
        let state = self.state.get_mut().unwrap_or_else(PoisonError::into_inner);
        state.usable = snapshot.keys().into_iter().map(|key| (key, None)).collect();
        state.seen = snapshot;
        state.offline = true;
        self
    }

    /// Has what stands told to `journal` after every step, also after one that failed. It must not call the
    /// engine.
    #[must_use]
    pub fn with_journal(mut self, journal: impl Fn(&Recorded, &Snapshot) + Send + Sync + 'static) -> Self {
        self.journal = Box::new(journal);
        self
    }

    /// What this run points at may have been made by another run of this process, at that time at the latest: while a change
    /// does not find it, the service may not see it everywhere yet.
    #[must_use]
    pub fn with_made_at(mut self, made_at: Option<Instant>) -> Self {
        let state = self.state.get_mut().unwrap_or_else(PoisonError::into_inner);
        state.made_at = made_at;
        self
    }

    /// Stops between steps, and in waits, when the token is cancelled.
    #[must_use]
    pub fn with_cancellation(mut self, token: CancellationToken) -> Self {
        self.cancel = token;
        self
    }

    /// Stops between steps, and in waits, at that time.
    #[must_use]
    pub fn with_deadline(mut self, deadline: Instant) -> Self {
        self.deadline = Some(deadline);
        self
    }

    /// Whether nothing was recorded when the engine was made: a create.
    pub fn is_fresh(&self) -> bool {
        self.fresh
    }

    /// Whether this walk only rehearses. A graph may leave removals out of a run, which then stay retired; never out
    /// of a rehearsal, whose steps are what a run may do.
    pub fn is_rehearsing(&self) -> bool {
        self.rehearsing()
    }

    /// Whether what fills a slot is settled, as far as this walk knows: false for what it has changed and not waited for.
    /// What its object may still be using must not be removed then.
    pub fn is_settled(&self, slot: &Slot) -> bool {
        !self.lock().unsettled.contains(slot)
    }

    /// The slots of a kind that are filled as the walk stands: for a graph that has as many as the record.
    pub fn slots_of(&self, kind: Kind) -> Vec<Slot> {
        self.lock().record().slots_of(kind).cloned().collect()
    }

    /// What is ours now. After a rehearsal: what was given, with what searches found, without what is gone.
    pub fn recorded(&self) -> Recorded {
        self.lock().recorded.clone()
    }

    /// What was last observed of everything recorded.
    pub fn snapshot(&self) -> Snapshot {
        self.lock().snapshot()
    }

    /// The steps that the last rehearsal foresaw and no run has done yet.
    pub fn left(&self) -> Vec<Step> {
        self.lock()
            .intents
            .iter()
            .map(|intent| intent.step.clone())
            .collect()
    }

    /// The steps that were done, in the order in which they ended.
    pub fn done(&self) -> Vec<Step> {
        self.lock().done.clone()
    }

    /// What was done and how long it took.
    pub fn timeline(&self) -> Timeline {
        self.lock().timeline.clone()
    }

    /// What the user should know although nothing failed.
    pub fn warnings(&self) -> Vec<Warning> {
        self.lock().warnings.clone()
    }

    /// What is left to be done, in words; empty when all is as wanted. After a rehearsal its steps, after a
    /// run what it did not come to: steps, removals, and what was still waited for.
    pub fn pending(&self) -> Vec<String> {
        let state = self.lock();
        let mut words: Vec<String> = state.awaited.values().chain(&state.accepted).cloned().collect();
        words.extend(state.intents.iter().map(|intent| intent.words.clone()));
        for retired in &state.recorded.retired {
            let covered = state.intents.iter().any(|Intent { step, .. }| match step {
                Step::Adopt(slot, id) | Step::Delete(slot, id) => {
                    slot.kind() == retired.kind && *id == retired.id
                }
                Step::Create(_) | Step::Update(..) | Step::Replace(..) => false,
            });
            if !covered {
                words.push(format!("remove {}", retired.id));
            }
        }
        words
    }

    /// Rehearses the graph: reads, changes nothing, and tells what a run would do.
    ///
    /// # Errors
    /// What the walk answers: errors of reads, [`Error::Interrupted`], [`Error::Timeout`].
    pub async fn plan<G: Graph<E>>(&self, graph: &G) -> Result<Plan<G::Output>, Error<E>> {
        self.rehearse(graph, false).await
    }

    /// Rehearses the graph over live observations, refuses what the plan does not allow, then runs it.
    ///
    /// Without `planned`, whatever is needed is done: for a removal, or to go back after a failed change.
    ///
    /// # Errors
    /// Every [`Error`]. What stands is recorded, and told to the journal.
    pub async fn run<G: Graph<E>>(&self, graph: &G, planned: Option<&[Step]>) -> Result<G::Output, Error<E>> {
        {
            let mut state = self.lock();
            state.offline = false;
            state.usable.clear();
        }
        let Plan { steps, .. } = self.rehearse(graph, true).await?;
        if let Some(planned) = planned {
            let extra = self.not_allowed(planned, steps);
            if !extra.is_empty() {
                return Err(Error::ChangedSincePlan { extra });
            }
        }
        graph.walk(self).await
    }

    async fn rehearse<G: Graph<E>>(&self, graph: &G, strict: bool) -> Result<Plan<G::Output>, Error<E>> {
        {
            let mut state = self.lock();
            state.draft = Some(state.recorded.clone());
            state.strict = strict;
            state.intents.clear();
            state.awaited.clear();
            state.accepted.clear();
            state.unwanted.clear();
            state.unsettled.clear();
            state.held = false;
        }
        let output = graph.walk(self).await;
        let mut state = self.lock();
        let recorded = state.draft.take().unwrap_or_default();
        state.removes_all = recorded.current.is_empty();
        state.later.clear();
        let steps = state.intents.iter().map(|intent| intent.step.clone()).collect();
        drop(state);
        Ok(Plan {
            output: output?,
            steps,
            recorded,
        })
    }

    /// The state. A panic elsewhere while it was held leaves it whole: every change of it is a single
    /// assignment or insertion.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn rehearsing(&self) -> bool {
        self.lock().draft.is_some()
    }

    /// Tells the journal what stands; under the lock, so that it hears the steps in their order.
    fn record(&self) {
        let state = self.lock();
        (self.journal)(&state.recorded, &state.snapshot());
    }

    /// Notes a step as done and tells the journal.
    fn finish(&self, step: Step, at: Instant, what: String) {
        tracing::info!(%step, "{what}");
        {
            let mut state = self.lock();
            state.intents.retain(|intent| intent.step != step);
            state.done.push(step);
            let took = at.elapsed();
            state.timeline.push(Event {
                at: at - self.began,
                took,
                what,
            });
        }
        self.record();
    }

    /// Whether another step may be begun; `last` is what became of it so far.
    fn go_on(&self, slot: &Slot, what: &str, last: &str) -> Result<(), Error<E>> {
        if self.cancel.is_cancelled() {
            return Err(Error::Interrupted);
        }
        match self.deadline {
            Some(deadline) if Instant::now() >= deadline => Err(self.timed_out(slot, what, last)),
            _ => Ok(()),
        }
    }

    /// Waits between two reads.
    async fn pause(&self, slot: &Slot, what: &str, last: &str, length: Duration) -> Result<(), Error<E>> {
        let now = Instant::now();
        let mut until = now + length;
        if let Some(deadline) = self.deadline {
            if now >= deadline {
                return Err(self.timed_out(slot, what, last));
            }
            until = until.min(deadline);
        }
        tokio::select! {
            biased;
            () = self.cancel.cancelled() => Err(Error::Interrupted),
            () = tokio::time::sleep_until(until) => Ok(()),
        }
    }

    fn timed_out(&self, slot: &Slot, what: &str, last: &str) -> Error<E> {
        let timeline = self.timeline();
        Error::Timeout {
            slot: slot.clone(),
            what: what.to_owned(),
            last: last.to_owned(),
            timeline,
        }
    }

    /// What is there now, read.
    async fn observe<C>(&self, c: &C, slot: &Slot, id: &Id) -> Result<Option<C::Observed>, Error<E>>
    where
        C: Component<Error = E>,
    {
        let answer = c.observe(id).await;
        let seen = answer.map_err(|source| failed(C::KIND, slot, Some(id), Action::Observe, source))?;
        let mut state = self.lock();
        match &seen {
            Some(seen) => {
                state.take_given(c, id, seen);
                state.observed(C::KIND, id, seen, Instant::now());
            }
            None => state.forget_observation(C::KIND, id),
        }
        Ok(seen)
    }

    /// What is there, from the snapshot or the rehearsal where they know it. A run uses an observation once, and only
    /// where it was made just now.
    async fn look<C>(&self, c: &C, slot: &Slot, id: &Id) -> Result<Option<C::Observed>, Error<E>>
    where
        C: Component<Error = E>,
    {
        let usable = {
            let mut state = self.lock();
            let key = (C::KIND.key.to_owned(), id.clone());
            let usable = if state.draft.is_some() {
                state.usable.contains_key(&key)
            } else {
                let made = state.usable.remove(&key).flatten();
                made.is_some_and(|at| at.elapsed() < BELIEVED)
            };
            usable.then(|| state.seen.get(C::KIND, id)).flatten()
        };
        match usable {
            Some(seen) => {
                self.lock().take_given(c, id, &seen);
                Ok(Some(seen))
            }
            None => self.observe_listed(c, slot, id).await,
        }
    }

    fn current(&self, slot: &Slot) -> Option<Id> {
        self.lock().record().get(slot).cloned()
    }

    fn is_borrowed(&self, id: &Id) -> bool {
        self.lock().record().is_borrowed(id)
    }

    fn is_listed(&self, kind: Kind, id: &Id) -> bool {
        self.lock()
            .found
            .get(kind.key)
            .is_some_and(|found| found.iter().any(|found| found.id == *id))
    }

    /// Why an object that is recorded or was left behind must not be touched.
    fn objection<C>(&self, c: &C, id: &Id, seen: &C::Observed) -> Option<String>
    where
        C: Component<Error = E>,
    {
        let exempt = {
            let mut state = self.lock();
            state.record().is_borrowed(id) || (state.is_left_behind(C::KIND, id) && c.marked(seen))
        };
        if exempt { None } else { c.guard(seen) }
    }

    /// The steps that the plan does not allow. Two kinds need no plan, because nobody knew of them then: in a create, removing
    /// what a killed create left; and to bring to what is wanted an object that was handed over to us since.
    fn not_allowed(&self, planned: &[Step], mut steps: Vec<Step>) -> Vec<Step> {
        let state = self.lock();
        steps.retain(|step| {
            let unknown = match step {
                Step::Delete(..) => self.fresh,
                Step::Update(_, id) => state.given.contains(id),
                Step::Create(_) | Step::Adopt(..) | Step::Replace(..) => false,
            };
            !unknown && !planned.iter().any(|plan| plan.allows(step))
        });
        steps
    }

    /// Refuses to touch what its component says is not ours any more. A plan only warns, since an error there
    /// would block even a removal of everything else.
    fn guard<C>(&self, c: &C, slot: &Slot, id: &Id, seen: &C::Observed) -> Result<(), Error<E>>
    where
        C: Component<Error = E>,
    {
        let Some(reason) = self.objection(c, id, seen) else {
            return Ok(());
        };
        let what = describe(C::KIND, slot, id);
        let mut state = self.lock();
        if state.draft.is_some() && !state.strict {
            state.warn(Warning::LeftAlone { what, reason });
            return Ok(());
        }
        Err(Error::Refused {
            slot: slot.clone(),
            id: id.clone(),
            what,
            reason,
        })
    }
}

impl State {
    fn snapshot(&self) -> Snapshot {
        let mut snapshot = self.seen.clone();
        snapshot.retain(|kind, id| self.recorded.owns(kind, id));
        snapshot
    }
}

/// An object in words: `resource gateway rgw-1`.
fn describe(kind: Kind, slot: &Slot, id: &Id) -> String {
    format!("{} {id}", Words(kind, slot))
}

fn failed<E: Failure>(kind: Kind, slot: &Slot, id: Option<&Id>, action: Action, source: E) -> Error<E> {
    let what = match id {
        Some(id) => describe(kind, slot, id),
        None => Words(kind, slot).to_string(),
    };
    Error::Component {
        slot: slot.clone(),
        what,
        action,
        source,
    }
}
