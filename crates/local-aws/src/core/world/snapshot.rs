//! The world as bytes, and back: what `--state` keeps.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, SystemTime};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Due, Registrations, World, kept};
use crate::core::credentials::Credentials;
use crate::core::faults::Faults;
use crate::core::fresh::Fresh;
use crate::core::settings::Settings;
use crate::core::stale::Stale;
use crate::core::states::States;
use crate::core::times::{Speed, Times};
use crate::seed::{Origin, SeedDocument};

/// The shape of the bytes; another one is not read.
const VERSION: u32 = 2;

/// What is saved of a world, beside its states.
#[derive(Serialize)]
struct Saved<'w> {
    version: u32,
    region: &'w str,
    document: &'w SeedDocument,
    settings: &'w Settings,
    faults: &'w Faults,
    credentials: &'w Credentials,
    fresh: &'w Fresh,
    stale: &'w Stale,
    now: Duration,
    began: SystemTime,
    agenda: Vec<(&'w Duration, &'w Due)>,
    held: &'w [Due],
}

/// What was saved, beside the states.
#[derive(Deserialize)]
struct Read {
    version: u32,
    region: String,
    document: SeedDocument,
    settings: Settings,
    faults: Faults,
    credentials: Credentials,
    fresh: Fresh,
    stale: Stale,
    now: Duration,
    began: SystemTime,
    agenda: Vec<(Duration, Due)>,
    held: Vec<Due>,
}

/// What was saved.
pub(crate) struct Snapshot {
    read: Read,
    registered: Registrations,
    states: States,
}

impl Snapshot {
    /// Reads what [`World::save`] wrote.
    ///
    /// # Errors
    /// A text that says what is wrong with the bytes.
    pub(crate) fn read(bytes: &[u8], registered: Registrations) -> Result<Self, String> {
        let json = &mut serde_json::Deserializer::from_slice(bytes);
        let read: Read = serde_path_to_error::deserialize(json).map_err(|error| error.to_string())?;
        if read.version != VERSION {
            return Err(format!(
                "its version is {}, this program reads {VERSION}",
                read.version
            ));
        }
        let mut members: BTreeMap<String, Value> =
            serde_json::from_slice(bytes).map_err(|error| error.to_string())?;
        let states = States::read(kept(registered), |key| members.remove(key))?;
        Ok(Self {
            read,
            registered,
            states,
        })
    }

    pub(crate) fn region(&self) -> &str {
        &self.read.region
    }

    pub(crate) fn document(&self) -> &SeedDocument {
        &self.read.document
    }

    /// When the world began, and how much had passed when it was saved.
    pub(crate) fn time(&self) -> (SystemTime, Duration) {
        (self.read.began, self.read.now)
    }

    /// The world that was saved; `times` are scaled already.
    pub(crate) fn world(self, origin: Origin, times: Times, speed: Speed) -> World {
        let Self {
            read,
            registered,
            states,
        } = self;
        let mut entries = 0;
        let agenda: BTreeMap<(Duration, u64), Due> = read
            .agenda
            .into_iter()
            .map(|(moment, due)| {
                entries += 1;
                ((moment, entries), due)
            })
            .collect();
        let scheduled: BTreeSet<u64> = agenda
            .values()
            .filter_map(|due| match due {
                Due::Delivery(id) => Some(*id),
                _ => None,
            })
            .collect();
        let mut world = World {
            origin,
            times,
            speed,
            settings: read.settings,
            faults: read.faults,
            credentials: read.credentials,
            fresh: read.fresh,
            stale: read.stale,
            registered,
            states,
            now: read.now,
            began: read.began,
            agenda,
            held: read.held,
            last_entry: entries,
        };
        world.deliveries_mut().resume(&scheduled);
        world
    }
}

impl World {
    /// The world as bytes that [`Snapshot::read`] takes.
    pub(crate) fn save(&self) -> Result<Vec<u8>, serde_json::Error> {
        let mut json = serde_json::to_vec(&Saved {
            version: VERSION,
            region: &self.origin.region,
            document: &self.origin.document,
            settings: &self.settings,
            faults: &self.faults,
            credentials: &self.credentials,
            fresh: &self.fresh,
            stale: &self.stale,
            now: self.now,
            began: self.began,
            agenda: self
                .agenda
                .iter()
                .map(|((moment, _), due)| (moment, due))
                .collect(),
            held: &self.held,
        })?;
        // The states are members of the same object.
        json.pop();
        for (key, state) in self.states.iter() {
            json.extend(format!(",\"{key}\":").bytes());
            state.write(&mut json)?;
        }
        json.push(b'}');
        Ok(json)
    }
}
