//! Removes what was made, the newest first, and strikes it out once AWS says that it is gone.

use std::time::Duration;

use super::{LONGEST, Lab, Made, PATIENCE};
use crate::journal::Entry;
use crate::trouble::{Outcome, Refusal, Trouble};

/// How often a deletion is asked for again that is refused because of what is in use.
const AGAIN: Duration = Duration::from_secs(5);

impl Lab {
    /// Removes something and waits until it is gone.
    pub fn remove(&mut self, made: &Made) -> Outcome<()> {
        self.remove_entry(&made.entry())
    }

    /// Strikes out what was seen to be gone.
    pub fn is_gone(&mut self, made: &Made) -> Outcome<()> {
        self.journal.gone(&made.entry()).map_err(Trouble::Local)
    }

    /// Removes all that is noted. One that cannot be removed does not keep the others from it.
    pub fn remove_all(&mut self) -> Outcome<()> {
        let mut first = Ok(());
        for entry in self.journal.objects().to_vec().into_iter().rev() {
            match self.remove_entry(&entry) {
                Err(trouble @ (Trouble::Interrupted | Trouble::Local(_))) => return Err(trouble),
                Err(trouble) => {
                    let what = format!("the {} {} is left: {trouble}", entry.kind.words(), entry.name);
                    (self.tell)(&what);
                    first = first.and(Err(trouble));
                }
                Ok(()) => {}
            }
        }
        first
    }

    pub fn remove_entry(&mut self, entry: &Entry) -> Outcome<()> {
        for id in self.ids(entry)? {
            self.delete(entry, &id)?;
            self.goes(entry.kind, &id)?;
        }
        self.journal.gone(entry).map_err(Trouble::Local)
    }

    /// The ids of what a note is about. Of a call that was not answered only the name is known, and what it has made may
    /// be missing from listings for a while.
    fn ids(&mut self, entry: &Entry) -> Outcome<Vec<String>> {
        if let Some(id) = &entry.id {
            return Ok(vec![id.clone()]);
        }
        let mut found = Vec::new();
        self.observe(PATIENCE, |lab, _, _| {
            found = entry.kind.named(&lab.aws, &entry.name)?;
            Ok(!found.is_empty())
        })?;
        Ok(found)
    }

    /// Asks for a deletion until AWS takes it: what is in use goes minutes later.
    fn delete(&mut self, entry: &Entry, id: &str) -> Outcome<()> {
        let began = self.clock.now();
        loop {
            match entry.kind.delete(&self.aws, id) {
                Ok(_) => return Ok(()),
                Err(Trouble::Refused(refusal)) if refusal.is_not_found() => return Ok(()),
                Err(Trouble::Refused(refusal))
                    if is_passing(&refusal) && self.clock.now() - began < LONGEST =>
                {
                    self.wait(AGAIN)?;
                }
                Err(trouble) => return Err(trouble),
            }
        }
    }
}

/// Whether a deletion may be taken later. In which words it is refused until then is what the experiments ask.
fn is_passing(refusal: &Refusal) -> bool {
    !refusal.is_denial()
}
