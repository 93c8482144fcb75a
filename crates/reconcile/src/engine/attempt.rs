//! Trying in place what a service may take without effect, and replacing the object where it does.

use std::time::Duration;

use tokio::time::Instant;

use super::ensure::{Differing, Outgoing, with_reasons};
use super::waiting::{Judged, Wait};
use super::{Engine, NOT_BEGUN, describe};
use crate::component::{Change, Component, Fact, Failure, Health};
use crate::error::Error;
use crate::record::{Slot, Step, Words};
use crate::timeline::Event;
use crate::wait::Settling;

/// How long reads that do not show the change are taken for stale: too early a verdict would replace an
/// object that is as wanted.
const STALE: Duration = Duration::from_secs(5);

impl<E: Failure> Engine<E> {
    /// Changes in place what perhaps cannot be changed so, and replaces it where nothing came of it.
    ///
    /// A rehearsal is one of the replacement, before a run too: what a run has to do then, here and in all
    /// that depends on it, is at least what it has to do when the change takes effect, and must have been
    /// planned.
    pub(super) async fn attempt<C>(
        &self,
        c: &C,
        slot: &Slot,
        want: &C::Spec,
        outgoing: Outgoing<C::Observed>,
    ) -> Result<Fact<C::Observed>, Error<E>>
    where
        C: Component<Error = E>,
    {
        self.guard(c, slot, &outgoing.id, &outgoing.seen)?;
        if self.rehearsing() {
            return self.fill(c, slot, want, Some(outgoing)).await;
        }
        let Outgoing { id, seen, why } = outgoing;
        let what = describe(C::KIND, slot, &id);
        self.go_on(slot, &what, NOT_BEGUN)?;
        let differing = Differing {
            seen: &seen,
            why: &why,
            tried: 0,
        };
        self.update(c, slot, &id, want, differing).await?;
        let want = &c.fulfilled(want);
        let changed = Instant::now();
        let settling = Settling::changed(changed, c.health(&seen), c.confirm());
        let seen = self.settle(c, slot, &id, settling, None).await?;
        let mut stale_since = Instant::now();
        let wait = Wait {
            c,
            slot,
            id: &id,
            pending: true,
        };
        let judge = |seen: Option<C::Observed>| {
            let Some(seen) = seen else {
                self.record();
                return Err(Error::Vanished {
                    slot: slot.clone(),
                    id: id.clone(),
                    what: what.clone(),
                });
            };
            let change = c.compare(want, &seen);
            // Where nobody waits for the object, the change may be still on its way.
            let moving = matches!(c.health(&seen), Health::Working(_));
            if moving {
                stale_since = Instant::now();
            }
            match change {
                Change::Attempt(_) if moving || stale_since.elapsed() < STALE => {
                    Ok(Judged::again("changed, but it does not show yet"))
                }
                change => Ok(Judged::Over((seen, change))),
            }
        };
        let (seen, change) = self.wait(&wait, Some(Some(seen)), judge).await?;
        let why = match change {
            Change::Keep => {
                self.settled(slot, &what, changed);
                return Ok(Fact::Known(seen));
            }
            change @ Change::Update(_) => return self.bring(c, slot, id, want, seen, change).await,
            Change::Replace(why) | Change::Attempt(why) => why,
        };
        self.guard(c, slot, &id, &seen)?;
        {
            let mut state = self.lock();
            state.awaited.remove(slot);
            state.timeline.push(Event {
                at: changed - self.began,
                took: changed.elapsed(),
                what: format!("saw no effect on {what}"),
            });
            // From here on it is what the rehearsal foresaw; settling has taken that for done.
            let words = with_reasons(format!("replace {} {id}", Words(C::KIND, slot)), &why);
            state.resume(Step::Replace(slot.clone(), id.clone()), words);
        }
        self.fill(c, slot, want, Some(Outgoing { id, seen, why })).await
    }
}
