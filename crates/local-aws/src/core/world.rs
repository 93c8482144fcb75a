//! Everything that exists, and the agenda of changes of state that are due.
//!
//! Whoever looks first lets everything happen that fell due since the last look, each at its own moment and in
//! order, so that what a caller sees depends on the clock alone.

mod snapshot;

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime};

use serde_json::{Value, json};

use crate::core::agenda::{Due, Subject};
use crate::core::credentials::Credentials;
use crate::core::faults::{Faults, Known};
use crate::core::fresh::Fresh;
use crate::core::notice::Notice;
use crate::core::settings::Settings;
use crate::core::stale::Stale;
use crate::core::states::{Kept, State, States};
use crate::core::surface::Surface;
use crate::core::tags::Tags;
use crate::core::times::{Speed, Times};
use crate::seed::Origin;

pub(crate) use snapshot::Snapshot;

pub(crate) struct World {
    pub(crate) origin: Origin,
    pub(crate) times: Times,
    /// For the times among the settings.
    speed: Speed,
    pub(crate) settings: Settings,
    pub(crate) faults: Faults,
    pub(crate) credentials: Credentials,
    pub(crate) fresh: Fresh,
    pub(crate) stale: Stale,
    services: &'static dyn Services,
    states: States,
    now: Duration,
    began: SystemTime,
    agenda: BTreeMap<(Duration, u64), Due>,
    /// Changes that a fault rule holds back.
    held: Vec<Due>,
    last_entry: u64,
}

/// A type of object: its name, and every state that an object of it can be in.
pub(crate) type Type = (&'static str, &'static [&'static str]);

/// What the world has to know of those who keep something in it.
pub(crate) trait Services: Known + Sync {
    /// What they keep.
    fn kept(&self) -> Vec<Kept>;

    /// A change's name on the agenda, if there is such a change.
    fn due(&self, name: &str) -> Option<&'static str>;

    /// Lets a change happen; gives it back if a fault rule holds it.
    fn happen(&self, world: &mut World, due: Due) -> Option<Due>;

    /// Looks at what has changed.
    fn observe(&self, world: &mut World);

    /// Takes up what the end of an earlier process broke off.
    fn resume(&self, world: &mut World);

    /// Lets everybody know of something.
    fn tell(&self, world: &mut World, notice: &Notice<'_>);

    /// Whether anybody has an object of this ARN that is ready to be used.
    fn is_ready(&self, world: &World, arn: &str) -> bool;

    /// The types of objects that there can be.
    fn types(&self) -> Vec<Type>;

    /// Every object, as the control API lists it.
    fn objects(&self, world: &World) -> Vec<Value>;
}

impl World {
    /// A world without objects; `times` are scaled already.
    pub(crate) fn empty(
        services: &'static dyn Services,
        origin: Origin,
        times: Times,
        speed: Speed,
        settings: Settings,
        began: SystemTime,
        now: Duration,
    ) -> Self {
        Self {
            credentials: Credentials::new(&origin),
            origin,
            times,
            speed,
            settings,
            faults: Faults::default(),
            fresh: Fresh::default(),
            stale: Stale::default(),
            services,
            states: States::fresh(services.kept()),
            now,
            began,
            agenda: BTreeMap::new(),
            held: Vec::new(),
            last_entry: 0,
        }
    }

    /// What a service keeps here.
    pub(crate) fn state<S: State>(&self) -> &S {
        self.states.get()
    }

    pub(crate) fn state_mut<S: State>(&mut self) -> &mut S {
        self.states.get_mut()
    }

    /// The moment that is being lived through.
    pub(crate) fn now(&self) -> SystemTime {
        self.began + self.now
    }

    /// The same moment, counted from the beginning.
    pub(crate) fn elapsed(&self) -> Duration {
        self.now
    }

    /// The moment of the start.
    pub(crate) fn began(&self) -> SystemTime {
        self.began
    }

    /// Notes that a call made an object, which is missed at first if the settings say so.
    pub(crate) fn made(&mut self, id: &str) {
        let until = self.seconds_from_now(self.settings.writes_miss);
        self.fresh.add(
            id,
            self.settings.missed_reads,
            self.settings.missed_listings,
            until,
        );
    }

    /// Whether a write that names an object does not find it yet.
    pub(crate) fn is_unseen(&self, id: &str) -> bool {
        self.fresh.is_unseen(id, self.now)
    }

    /// Notes that a call changed an object, whose description of before is shown for a while if the settings say
    /// so.
    pub(crate) fn changed(&mut self, id: &str, before: Value) {
        let until = self.seconds_from_now(self.settings.stale_reads_after_update);
        if until > self.now {
            self.stale.keep(id, until, before);
        }
    }

    /// A moment as far ahead as a setting says, in seconds of AWS's time.
    pub(crate) fn seconds_from_now(&self, seconds: u32) -> Duration {
        self.now + self.speed.scale(Duration::from_secs(seconds.into()))
    }

    /// How long something takes here that takes so long at AWS.
    pub(crate) fn scaled(&self, time: Duration) -> Duration {
        self.speed.scale(time)
    }

    pub(crate) fn arn(&self, service: &str, resource: impl std::fmt::Display) -> String {
        self.arn_of(&self.origin.account_id, service, resource)
    }

    /// The ARN of something that another account has.
    pub(crate) fn arn_of(&self, account: &str, service: &str, resource: impl std::fmt::Display) -> String {
        let (partition, region) = (self.origin.partition().name, &self.origin.region);
        format!("arn:{partition}:{service}:{region}:{account}:{resource}")
    }

    /// Puts a change on the agenda; what takes no time happens at once.
    pub(crate) fn schedule(&mut self, delay: Duration, due: Due) {
        if delay.is_zero() {
            return self.happen(due);
        }
        self.last_entry += 1;
        self.agenda.insert((self.now + delay, self.last_entry), due);
    }

    /// Lets everything happen that is due at `now`, counted from the start; tells whether there was anything.
    pub(crate) fn advance(&mut self, now: Duration) -> bool {
        let mut happened = false;
        while let Some(entry) = self.agenda.first_entry().filter(|entry| entry.key().0 <= now) {
            self.now = self.now.max(entry.key().0);
            let due = entry.remove();
            self.happen(due);
            happened = true;
        }
        self.now = self.now.max(now);
        happened
    }

    /// When the next change is due, counted from the start.
    pub(crate) fn next_due(&self) -> Option<Duration> {
        self.agenda.keys().next().map(|(moment, _)| *moment)
    }

    /// Lets the other services know of something.
    pub(crate) fn tell(&mut self, notice: &Notice<'_>) {
        self.services.tell(self, notice);
    }

    /// Whether there is an object of a type with this id.
    pub(crate) fn has_object(&self, kind: &str, id: &str) -> bool {
        let objects = self.objects();
        objects
            .iter()
            .any(|object| object["type"] == kind && object["id"] == id)
    }

    /// Whether any service has an object of this ARN that is ready to be used.
    pub(crate) fn is_ready(&self, arn: &str) -> bool {
        self.services.is_ready(self, arn)
    }

    /// What may be asked of each service.
    pub(crate) fn surfaces(&self) -> Vec<&'static Surface> {
        self.services.surfaces()
    }

    /// Adds fault rules; gives their numbers.
    ///
    /// # Errors
    /// A text that names the field that is wrong; then no rule was added.
    pub(crate) fn add_faults(&mut self, rules: &Value) -> Result<Vec<u64>, String> {
        self.faults.add(self.services, rules)
    }

    /// Looks at the held changes again, after fault rules were removed.
    pub(crate) fn release(&mut self) {
        for due in std::mem::take(&mut self.held) {
            self.happen(due);
        }
    }

    fn happen(&mut self, due: Due) {
        let services = self.services;
        // A state that another one follows at once is observed all the same.
        services.observe(self);
        let held = services.happen(self, due);
        self.held.extend(held);
        services.observe(self);
    }

    /// What is due under a name on the agenda is about.
    pub(crate) fn scheduled(&self, name: &str) -> impl Iterator<Item = &Subject> {
        let dues = self.agenda.values().filter(move |due| due.name == name);
        dues.map(|due| &due.subject)
    }

    /// The types of objects that there can be.
    pub(crate) fn types(&self) -> Vec<Type> {
        self.services.types()
    }

    /// Every object, as the control API lists it.
    pub(crate) fn objects(&self) -> Vec<Value> {
        self.services.objects(self)
    }
}

/// One object of `GET /_local/objects`.
pub(crate) fn object(service: &str, kind: &str, id: &str, name: &str, state: &str, tags: &Tags) -> Value {
    json!({ "service": service, "type": kind, "id": id, "name": name, "state": state, "tags": tags })
}
