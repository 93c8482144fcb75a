//! The world as bytes, and back: what `--state` keeps.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, SystemTime};

use serde::{Deserialize, Serialize};

use super::{Due, World};
use crate::delivery::Deliveries;
use crate::faults::Faults;
use crate::fresh::Fresh;
use crate::seed::{Origin, SeedDocument};
use crate::settings::Settings;
use crate::stale::Stale;
use crate::times::{Speed, Times};
use crate::{ec2, events, iam, lattice, states, sts};

/// The shape of the bytes; another one is not read.
const VERSION: u32 = 2;

#[derive(Serialize)]
struct Saved<'w> {
    version: u32,
    region: &'w str,
    document: &'w SeedDocument,
    settings: &'w Settings,
    faults: &'w Faults,
    credentials: &'w sts::Credentials,
    ec2: &'w ec2::State,
    lattice: &'w lattice::State,
    events: &'w events::State,
    roles: &'w iam::Roles,
    states: &'w states::State,
    fresh: &'w Fresh,
    stale: &'w Stale,
    deliveries: &'w Deliveries,
    now: Duration,
    began: SystemTime,
    agenda: Vec<(&'w Duration, &'w Due)>,
    held: &'w [Due],
}

/// What was saved.
#[derive(Deserialize)]
pub(crate) struct Snapshot {
    version: u32,
    pub(crate) region: String,
    pub(crate) document: SeedDocument,
    settings: Settings,
    faults: Faults,
    credentials: sts::Credentials,
    ec2: ec2::State,
    lattice: lattice::State,
    events: events::State,
    roles: iam::Roles,
    #[serde(default)]
    states: states::State,
    fresh: Fresh,
    stale: Stale,
    deliveries: Deliveries,
    pub(crate) now: Duration,
    pub(crate) began: SystemTime,
    agenda: Vec<(Duration, Due)>,
    held: Vec<Due>,
}

impl Snapshot {
    /// Reads what [`World::save`] wrote.
    ///
    /// # Errors
    /// A text that says what is wrong with the bytes.
    pub(crate) fn read(bytes: &[u8]) -> Result<Self, String> {
        let json = &mut serde_json::Deserializer::from_slice(bytes);
        let saved: Self = serde_path_to_error::deserialize(json).map_err(|error| error.to_string())?;
        if saved.version != VERSION {
            return Err(format!(
                "its version is {}, this program reads {VERSION}",
                saved.version
            ));
        }
        Ok(saved)
    }

    /// The world that was saved; `times` are scaled already.
    pub(crate) fn world(self, origin: Origin, times: Times, speed: Speed) -> World {
        let mut entries = 0;
        let agenda: BTreeMap<(Duration, u64), Due> = self
            .agenda
            .into_iter()
            .map(|(moment, due)| {
                entries += 1;
                ((moment, entries), due)
            })
            .collect();
        let mut deliveries = self.deliveries;
        let scheduled: BTreeSet<u64> = agenda
            .values()
            .filter_map(|due| match due {
                Due::Delivery(id) => Some(*id),
                _ => None,
            })
            .collect();
        deliveries.resume(&scheduled);
        let mut states = self.states;
        states.resume();
        World {
            origin,
            times,
            speed,
            settings: self.settings,
            faults: self.faults,
            credentials: self.credentials,
            ec2: self.ec2,
            lattice: self.lattice,
            events: self.events,
            roles: self.roles,
            states,
            fresh: self.fresh,
            stale: self.stale,
            deliveries,
            now: self.now,
            began: self.began,
            agenda,
            held: self.held,
            last_entry: entries,
        }
    }
}

impl World {
    /// The world as bytes that [`Snapshot::read`] takes.
    pub(crate) fn save(&self) -> Result<Vec<u8>, serde_json::Error> {
        serde_json::to_vec(&Saved {
            version: VERSION,
            region: &self.origin.region,
            document: &self.origin.document,
            settings: &self.settings,
            faults: &self.faults,
            credentials: &self.credentials,
            ec2: &self.ec2,
            lattice: &self.lattice,
            events: &self.events,
            roles: &self.roles,
            states: &self.states,
            fresh: &self.fresh,
            stale: &self.stale,
            deliveries: &self.deliveries,
            now: self.now,
            began: self.began,
            agenda: self
                .agenda
                .iter()
                .map(|((moment, _), due)| (moment, due))
                .collect(),
            held: &self.held,
        })
    }
}
