//! The world as bytes, and back: what `--state` keeps.

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Services, World};
use crate::core::agenda::{Due, Subject};
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

/// A change that is due, as it is saved: what it is about, under its name.
type Noted<S> = BTreeMap<S, Subject>;

fn noted(due: &Due) -> Noted<&str> {
    BTreeMap::from([(due.name, due.subject.clone())])
}

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
    agenda: Vec<(&'w Duration, Noted<&'w str>)>,
    held: Vec<Noted<&'w str>>,
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
    agenda: Vec<(Duration, Noted<String>)>,
    held: Vec<Noted<String>>,
}

/// What was saved.
pub(crate) struct Snapshot {
    read: Read,
    services: &'static dyn Services,
    states: States,
    agenda: Vec<(Duration, Due)>,
    held: Vec<Due>,
}

impl Snapshot {
    /// Reads what [`World::save`] wrote.
    ///
    /// # Errors
    /// A text that says what is wrong with the bytes.
    pub(crate) fn read(bytes: &[u8], services: &'static dyn Services) -> Result<Self, String> {
        let json = &mut serde_json::Deserializer::from_slice(bytes);
        let mut read: Read = serde_path_to_error::deserialize(json).map_err(|error| error.to_string())?;
        if read.version != VERSION {
            return Err(format!(
                "its version is {}, this program reads {VERSION}",
                read.version
            ));
        }
        let mut members: BTreeMap<String, Value> =
            serde_json::from_slice(bytes).map_err(|error| error.to_string())?;
        let states = States::read(services.kept(), |key| members.remove(key))?;
        let due = |noted: Noted<String>| {
            let one = noted.into_iter().next().ok_or("agenda: a change has no name")?;
            let name = services.due(&one.0);
            let name = name.ok_or_else(|| format!("agenda: there is no change '{}'", one.0))?;
            Ok(Due::new(name, one.1))
        };
        let agenda = std::mem::take(&mut read.agenda).into_iter();
        let agenda = agenda.map(|(moment, noted)| Ok((moment, due(noted)?)));
        let agenda = agenda.collect::<Result<_, String>>()?;
        let held = std::mem::take(&mut read.held).into_iter().map(due);
        let held = held.collect::<Result<_, String>>()?;
        Ok(Self {
            read,
            services,
            states,
            agenda,
            held,
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
        let mut world = World::empty(
            self.services,
            origin,
            times,
            speed,
            self.read.settings,
            self.read.began,
            self.read.now,
        );
        world.faults = self.read.faults;
        world.credentials = self.read.credentials;
        world.fresh = self.read.fresh;
        world.stale = self.read.stale;
        world.states = self.states;
        world.held = self.held;
        for (moment, due) in self.agenda {
            world.last_entry += 1;
            world.agenda.insert((moment, world.last_entry), due);
        }
        self.services.resume(&mut world);
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
                .map(|((moment, _), due)| (moment, noted(due)))
                .collect(),
            held: self.held.iter().map(noted).collect(),
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
