//! Filling one slot: keep, update, replace, adopt or create, then wait until it is settled.

use tokio::time::Instant;

use super::waiting::{Judged, Wait, When};
use super::{Engine, NOT_BEGUN, describe, failed};
use crate::component::{Change, Component, Fact, Failure, Health, Made};
use crate::error::{Action, Error};
use crate::record::{Id, Slot, Step, Words};
use crate::timeline::Event;
use crate::wait::{Settling, Verdict};
use crate::warning::Warning;

/// How often a run changes one object in place before it says that a change does not show: a component that knows stronger
/// ways has tried them by then, and says what is wrong itself.
const TRIES: u32 = 5;

/// Why what is otherwise as wanted is changed all the same.
const MARK: &str = "mark of a run that has not ended";

/// An object that is ours and could fill the slot, or is in its way.
struct Candidate<O> {
    id: Id,
    seen: O,
    change: Change,
}

/// What fills the slot and cannot stay.
pub(super) struct Outgoing<O> {
    pub(super) id: Id,
    pub(super) seen: O,
    pub(super) why: Vec<String>,
}

/// What stands, and why it has to change.
pub(super) struct Differing<'a, O> {
    pub(super) seen: &'a O,
    pub(super) why: &'a [String],
    /// How often this run has changed the object without that effect.
    pub(super) tried: u32,
}

impl<E: Failure> Engine<E> {
    /// Brings one slot to what is wanted, and answers with what is there when it is settled. `None` means
    /// that nothing is wanted: [`sweep`](Self::sweep) retires what fills the slot, and removes it.
    ///
    /// A replacement is made beside what it replaces, which becomes retired; only where both would bear the
    /// same name is the old object removed first. A retired object that fits, or can be changed to fit, is
    /// taken instead of making one. A borrowed object that does not fit is forgotten.
    ///
    /// # Errors
    /// Every [`Error`] but [`Error::ChangedSincePlan`].
    pub async fn ensure<C>(
        &self,
        c: &C,
        slot: &Slot,
        want: Option<C::Spec>,
    ) -> Result<Fact<C::Observed>, Error<E>>
    where
        C: Component<Error = E>,
    {
        let Some(want) = want else {
            self.give_up::<C>(slot);
            return Ok(Fact::Absent);
        };
        self.go_on(slot, &Words(C::KIND, slot).to_string(), NOT_BEGUN)?;
        if self.lock().later.contains(slot) {
            return Ok(Fact::Later);
        }
        let Some(id) = self.current(slot) else {
            return self.fill(c, slot, &want, None).await;
        };
        match self.appraise(c, slot, &id, &want).await? {
            None => {
                self.lock().gone(C::KIND, &id);
                self.fill(c, slot, &want, None).await
            }
            Some((_, change)) if self.is_borrowed(&id) && change != Change::Keep => {
                self.give_back(c, slot).await;
                self.fill(c, slot, &want, None).await
            }
            Some((seen, Change::Replace(why))) => {
                self.guard(c, slot, &id, &seen)?;
                self.fill(c, slot, &want, Some(Outgoing { id, seen, why })).await
            }
            Some((seen, Change::Attempt(why))) => {
                self.attempt(c, slot, &want, Outgoing { id, seen, why }).await
            }
            Some((seen, change)) => self.bring(c, slot, id, &want, seen, change).await,
        }
    }

    /// Empties a slot whose object is not ours: there is nothing to remove. What a rehearsal gives back stays
    /// recorded, since it may be what the next graph wants.
    async fn give_back<C: Component<Error = E>>(&self, c: &C, slot: &Slot) {
        let (given, rehearsing) = {
            let mut state = self.lock();
            let record = state.record();
            let given = record.current.remove(slot);
            let given = given.filter(|id| !record.owns(slot.kind(), id));
            if let Some(id) = &given {
                record.borrowed.remove(id);
            }
            (given, state.draft.is_some())
        };
        if rehearsing {
            return;
        }
        self.record();
        if let Some(id) = given {
            self.release(c, &describe(C::KIND, slot, &id), &id).await;
        }
    }

    /// Nothing is wanted in the slot. A run leaves its object there until its kind is swept: what is not yet touched is
    /// not told to be on its way out.
    fn give_up<C: Component<Error = E>>(&self, slot: &Slot) {
        if self.rehearsing() {
            self.vacate::<C>(slot);
        } else {
            self.lock().unwanted.insert(slot.clone());
        }
    }

    pub(super) fn vacate<C: Component<Error = E>>(&self, slot: &Slot) {
        let mut state = self.lock();
        let record = state.record();
        let Some(id) = record.current.remove(slot) else {
            return;
        };
        record.retire(C::KIND, id);
        let rehearsing = state.draft.is_some();
        drop(state);
        if !rehearsing {
            self.record();
        }
    }

    /// What is there and what has to happen to it. What is in the middle of a change cannot be changed, so a
    /// run waits until it is not, and compares again.
    async fn appraise<C>(
        &self,
        c: &C,
        slot: &Slot,
        id: &Id,
        want: &C::Spec,
    ) -> Result<Option<(C::Observed, Change)>, Error<E>>
    where
        C: Component<Error = E>,
    {
        let first = self.look(c, slot, id).await?;
        let patient = !self.rehearsing() && !self.is_borrowed(id);
        let wait = Wait {
            c,
            slot,
            id,
            pending: true,
        };
        let judge = |seen: Option<C::Observed>| {
            let Some(seen) = seen else {
                return Ok(Judged::Over(None));
            };
            let change = c.compare(want, &seen);
            let in_place = matches!(change, Change::Update(_) | Change::Attempt(_));
            match c.health(&seen) {
                Health::Working(state) if patient && in_place => Ok(Judged::again(state)),
                _ => Ok(Judged::Over(Some((seen, change)))),
            }
        };
        self.wait(&wait, Some(first), judge).await
    }

    /// Keeps or changes what fills the slot.
    pub(super) async fn bring<C>(
        &self,
        c: &C,
        slot: &Slot,
        id: Id,
        want: &C::Spec,
        seen: C::Observed,
        change: Change,
    ) -> Result<Fact<C::Observed>, Error<E>>
    where
        C: Component<Error = E>,
    {
        let rehearsing = self.rehearsing();
        let mark =
            rehearsing && !self.fresh && !self.lock().strict && !self.is_borrowed(&id) && c.marked(&seen);
        let mut why = match change {
            Change::Update(why) => why,
            _ if mark => Vec::new(),
            _ if rehearsing => {
                // Of what stays as it is, a plan tells all the same that its removal would be refused.
                if self.lock().offline {
                    self.guard(c, slot, &id, &seen)?;
                }
                return Ok(Fact::Known(seen));
            }
            _ => {
                let settling = Settling::untouched(c.confirm());
                let settled = self.settle(c, slot, &id, settling, Some(seen)).await;
                return settled.map(Fact::Known);
            }
        };
        why.extend(mark.then(|| MARK.to_owned()));
        let mut want = want.clone();
        let mut seen = seen;
        for tried in 0..TRIES {
            self.go_on(slot, &describe(C::KIND, slot, &id), NOT_BEGUN)?;
            let differing = Differing {
                seen: &seen,
                why: &why,
                tried,
            };
            self.update(c, slot, &id, &want, differing).await?;
            if rehearsing {
                return Ok(Fact::Known(seen));
            }
            want = c.fulfilled(&want);
            let settling = Settling::changed(Instant::now(), c.health(&seen), c.confirm());
            seen = match self.settle(c, slot, &id, settling, None).await {
                // What the service kept against the change explains more than the state that it has led to.
                Err(Error::Failed {
                    slot,
                    id,
                    what,
                    reason,
                }) => {
                    let now = self.look(c, &slot, &id).await?;
                    let kept = now.and_then(|now| c.unserviceable(&want, &now));
                    let reason = kept.unwrap_or(reason);
                    return Err(Error::Failed {
                        slot,
                        id,
                        what,
                        reason,
                    });
                }
                settled => settled?,
            };
            let mut change = c.compare(&want, &seen);
            // Where nobody waits for it to be ready, it is still awaited that the change shows, or that it does not.
            if matches!(change, Change::Update(_)) && !c.awaited() {
                let Some(now) = self.appraise(c, slot, &id, &want).await? else {
                    return Ok(Fact::Known(seen));
                };
                (seen, change) = now;
            }
            match change {
                Change::Update(still) => why = still,
                _ => return Ok(Fact::Known(seen)),
            }
        }
        let what = describe(C::KIND, slot, &id);
        if let Some(reason) = c.unserviceable(&want, &seen) {
            return Err(Error::Failed {
                slot: slot.clone(),
                id,
                what,
                reason,
            });
        }
        self.lock().warn(Warning::DifferenceStays { what, why });
        Ok(Fact::Known(seen))
    }

    pub(super) async fn update<C>(
        &self,
        c: &C,
        slot: &Slot,
        id: &Id,
        want: &C::Spec,
        Differing { seen, why, tried }: Differing<'_, C::Observed>,
    ) -> Result<(), Error<E>>
    where
        C: Component<Error = E>,
    {
        let what = describe(C::KIND, slot, id);
        let step = Step::Update(slot.clone(), id.clone());
        self.guard(c, slot, id, seen)?;
        if self.rehearsing() {
            self.lock()
                .intend(step, with_reasons(format!("update {what}"), why));
            return Ok(());
        }
        let at = Instant::now();
        let outcome = self
            .until_visible(slot, &what, || c.update(id, want, seen, tried))
            .await?;
        self.lock().forget_observation(C::KIND, id);
        if let Err(source) = outcome {
            self.record();
            return Err(failed(C::KIND, slot, Some(id), Action::Update, source));
        }
        self.finish(step, at, with_reasons(format!("updated {what}"), why));
        Ok(())
    }

    /// Fills a slot that is empty, or whose object cannot stay: with a retired object that fits, else with a
    /// new one.
    pub(super) async fn fill<C>(
        &self,
        c: &C,
        slot: &Slot,
        want: &C::Spec,
        outgoing: Option<Outgoing<C::Observed>>,
    ) -> Result<Fact<C::Observed>, Error<E>>
    where
        C: Component<Error = E>,
    {
        let words = Words(C::KIND, slot);
        let adopting = c.adopting(want);
        let candidates = loop {
            let mut candidates = self.candidates(c, slot, &adopting).await?;
            let fitting = candidates
                .iter()
                .position(|candidate| candidate.change == Change::Keep)
                .or_else(|| {
                    candidates
                        .iter()
                        .position(|candidate| matches!(candidate.change, Change::Update(_)))
                });
            let Some(fitting) = fitting else { break candidates };
            let Candidate { id, seen, change } = candidates.swap_remove(fitting);
            if self.adopt::<C>(slot, &id, outgoing.as_ref()) {
                return self.bring(c, slot, id, &adopting, seen, change).await;
            }
        };
        let step = match &outgoing {
            Some(outgoing) => Step::Replace(slot.clone(), outgoing.id.clone()),
            None => Step::Create(slot.clone()),
        };
        if self.rehearsing() {
            let words = match &outgoing {
                Some(outgoing) => with_reasons(format!("replace {words} {}", outgoing.id), &outgoing.why),
                None => format!("create {words}"),
            };
            let mut state = self.lock();
            state.intend(step, words);
            state.later.insert(slot.clone());
            let record = state.record();
            if let Some(former) = record.current.remove(slot) {
                record.retire(C::KIND, former);
            }
            return Ok(Fact::Later);
        }

        let name = c.name(want);
        let mut in_the_way: Vec<Id> = candidates
            .into_iter()
            .filter(|candidate| c.name_of(&candidate.seen) == name)
            .map(|candidate| candidate.id)
            .collect();
        if let Some(outgoing) = outgoing
            && c.name_of(&outgoing.seen) == name
        {
            self.vacate::<C>(slot);
            in_the_way.push(outgoing.id);
        }
        for id in in_the_way {
            self.remove(c, &id, false).await?;
        }
        self.create(c, slot, want, &name, step).await
    }

    /// Retired objects of the kind with what would have to happen to them. Those that are gone are forgotten,
    /// those that must not be touched are left out, as are borrowed ones that do not fit.
    async fn candidates<C>(
        &self,
        c: &C,
        slot: &Slot,
        want: &C::Spec,
    ) -> Result<Vec<Candidate<C::Observed>>, Error<E>>
    where
        C: Component<Error = E>,
    {
        let retired: Vec<Id> = self.lock().record().retired_of(C::KIND).cloned().collect();
        let mut candidates = Vec::new();
        for id in retired {
            match self.appraise(c, slot, &id, want).await? {
                Some((_, change)) if self.is_borrowed(&id) && change != Change::Keep => {}
                Some((seen, _)) if self.objection(c, &id, &seen).is_some() => {}
                Some((seen, change)) => candidates.push(Candidate { id, seen, change }),
                None => self.lock().gone(C::KIND, &id),
            }
        }
        Ok(candidates)
    }

    /// Puts a retired object into the slot. Answers whether it was still to be had: another slot of the kind
    /// may have taken it.
    fn adopt<C>(&self, slot: &Slot, id: &Id, outgoing: Option<&Outgoing<C::Observed>>) -> bool
    where
        C: Component<Error = E>,
    {
        let words = Words(C::KIND, slot);
        let step = Step::Adopt(slot.clone(), id.clone());
        let mut state = self.lock();
        if !state.record().is_retired(C::KIND.key, id) {
            return false;
        }
        state.record().fill(C::KIND, slot, id);
        state.drop_removal(C::KIND, id);
        if let Some(outgoing) = outgoing {
            let replace = Step::Replace(slot.clone(), outgoing.id.clone());
            state.intend(
                replace,
                with_reasons(format!("replace {words} {}", outgoing.id), &outgoing.why),
            );
        }
        state.intend(step.clone(), format!("adopt {words} {id}"));
        let rehearsing = state.draft.is_some();
        drop(state);
        if !rehearsing {
            let at = Instant::now();
            if let Some(outgoing) = outgoing {
                let replace = Step::Replace(slot.clone(), outgoing.id.clone());
                self.finish(replace, at, format!("retired {words} {}", outgoing.id));
            }
            self.finish(step, at, format!("adopted {words} {id}"));
        }
        true
    }

    async fn create<C>(
        &self,
        c: &C,
        slot: &Slot,
        want: &C::Spec,
        name: &str,
        step: Step,
    ) -> Result<Fact<C::Observed>, Error<E>>
    where
        C: Component<Error = E>,
    {
        self.go_on(slot, &Words(C::KIND, slot).to_string(), NOT_BEGUN)?;
        let at = Instant::now();
        let words = Words(C::KIND, slot).to_string();
        let answer = self.until_visible(slot, &words, || c.create(want)).await?;
        let (made, source) = match answer {
            Ok(made) => (made, None),
            Err(source) if source.may_have_happened() || source.is_already_exists() => {
                match self.rediscover(c, name).await {
                    Some(id) => (Made::ours(id), Some(source)),
                    None => return Err(failed(C::KIND, slot, None, Action::Create, source)),
                }
            }
            Err(source) => return Err(failed(C::KIND, slot, None, Action::Create, source)),
        };
        let Made { id, borrowed } = made;
        {
            let mut state = self.lock();
            state.made_at = Some(Instant::now());
            state.record().fill(C::KIND, slot, &id);
            if borrowed {
                state.record().borrowed.insert(id.clone());
            }
        }
        self.finish(step, at, format!("created {}", describe(C::KIND, slot, &id)));
        let want = &c.fulfilled(want);
        let settling = Settling::created(Instant::now(), c.confirm());
        let seen = self.settle(c, slot, &id, settling, None).await?;
        // A service may not take in one call all that is wanted (a new security group is open), and what was
        // found by its name may be older than this call.
        let change = c.compare(want, &seen);
        if change != Change::Keep && borrowed {
            self.give_back(c, slot).await;
            let reason = "somebody else made it, and it is not what is wanted".to_owned();
            return Err(Error::Refused {
                slot: slot.clone(),
                what: describe(C::KIND, slot, &id),
                id,
                reason: with_reasons(reason, change.reasons()),
            });
        }
        match (change, source) {
            (Change::Keep, None) => Ok(Fact::Known(seen)),
            (Change::Replace(_) | Change::Attempt(_), Some(source)) => {
                Err(failed(C::KIND, slot, Some(&id), Action::Create, source))
            }
            // What one create does not bring about, no second one will: to replace it would go on for ever.
            (Change::Replace(why) | Change::Attempt(why), None) => Err(Error::Failed {
                slot: slot.clone(),
                what: describe(C::KIND, slot, &id),
                id,
                reason: format!("it was made, and is not as it was asked for: {}", why.join(", ")),
            }),
            (change, _) => self.bring(c, slot, id, want, seen, change).await,
        }
    }

    /// Reads until the object is settled, or is there at all where nobody waits for more.
    pub(super) async fn settle<C>(
        &self,
        c: &C,
        slot: &Slot,
        id: &Id,
        mut settling: Settling,
        first: Option<C::Observed>,
    ) -> Result<C::Observed, Error<E>>
    where
        C: Component<Error = E>,
    {
        let what = describe(C::KIND, slot, id);
        let began = Instant::now();
        let touched = !settling.is_untouched();
        let wait = Wait {
            c,
            slot,
            id,
            pending: true,
        };
        let judge = |seen: Option<C::Observed>| {
            let health = seen.as_ref().map(|seen| c.health(seen));
            let state = state_words(health.as_ref());
            let when = match (settling.judge(Instant::now(), health), seen) {
                (Verdict::Settled, Some(seen)) => {
                    self.settled(slot, &what, began);
                    return Ok(Judged::Over(seen));
                }
                (Verdict::Accepted(state), Some(seen)) => {
                    self.settled(slot, &what, began);
                    if touched && c.awaited() {
                        self.accept(&what, &state);
                    }
                    return Ok(Judged::Over(seen));
                }
                (Verdict::Again(_) | Verdict::Confirm(_) | Verdict::Failed(_), Some(seen))
                    if !c.awaited() =>
                {
                    self.settled(slot, &what, began);
                    if touched || matches!(c.health(&seen), Health::Working(_)) {
                        self.lock().unsettled.insert(slot.clone());
                    }
                    return Ok(Judged::Over(seen));
                }
                (Verdict::Failed(reason), _) => {
                    self.lock()
                        .awaited
                        .insert(slot.clone(), format!("{what} failed: {reason}"));
                    self.record();
                    return Err(Error::Failed {
                        slot: slot.clone(),
                        id: id.clone(),
                        what: what.clone(),
                        reason,
                    });
                }
                (Verdict::Vanished | Verdict::Settled | Verdict::Accepted(_), _) => {
                    self.record();
                    return Err(Error::Vanished {
                        slot: slot.clone(),
                        id: id.clone(),
                        what: what.clone(),
                    });
                }
                (Verdict::Again(None), _) => When::Paced,
                (Verdict::Again(Some(length)), _) => When::Within(length),
                (Verdict::Confirm(length), _) => When::After(length),
            };
            Ok(Judged::Again { state, when })
        };
        self.wait(&wait, first.map(Some), judge).await
    }

    /// Tells that something is taken for ready although it has not come to the state in which it should end.
    fn accept(&self, what: &str, state: &str) {
        let mut state_of_run = self.lock();
        state_of_run.warn(Warning::TakenForReady {
            what: what.to_owned(),
            state: state.to_owned(),
        });
        state_of_run
            .accepted
            .insert(format!("see whether {what} is ready: it is {state}"));
    }

    pub(super) fn settled(&self, slot: &Slot, what: &str, began: Instant) {
        {
            let mut state = self.lock();
            let took = began.elapsed();
            if state.awaited.contains_key(slot) {
                let what = format!("waited for {what}");
                state.timeline.push(Event {
                    at: began - self.began,
                    took,
                    what,
                });
            }
            state.awaited.remove(slot);
            // What the rehearsal foresaw for this slot and the run found to be unnecessary.
            state
                .intents
                .retain(|intent| matches!(intent.step, Step::Delete(..)) || intent.step.slot() != slot);
        }
        self.record();
    }
}

pub(super) fn with_reasons(what: String, why: &[String]) -> String {
    if why.is_empty() {
        what
    } else {
        format!("{what}: {}", why.join(", "))
    }
}

fn state_words(health: Option<&Health>) -> String {
    match health {
        None => "not found yet".to_owned(),
        Some(Health::Settled) => "settled, to be confirmed".to_owned(),
        Some(Health::Standing { state, needed, .. }) => {
            format!(
                "{state}, which counts as ready if it stays so for {} s",
                needed.as_secs()
            )
        }
        Some(Health::Working(state) | Health::Failed(state)) => state.clone(),
    }
}
