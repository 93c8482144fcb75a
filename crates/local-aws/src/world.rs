//! Everything that exists, and the agenda of changes of state that are due.
//!
//! Whoever looks first lets everything happen that fell due since the last look, each at its own moment and in
//! order, so that what a caller sees depends on the clock alone.

mod snapshot;

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime};

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::delivery::Deliveries;
use crate::faults::{Course, Faults, Passage};
use crate::fresh::Fresh;
use crate::protocol::Service;
use crate::seed::Origin;
use crate::settings::Settings;
use crate::stale::Stale;
use crate::times::{Speed, Times};
use crate::{ec2, events, iam, lattice, states, sts};

pub(crate) use snapshot::Snapshot;

pub(crate) type Tags = BTreeMap<String, String>;

/// A change of state that happens by itself.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
pub(crate) enum Due {
    EndpointSettled(String),
    EndpointGone(String),
    GatewaySettled(String),
    GatewayGone(String),
    /// The network interfaces of a gateway that is gone.
    InterfacesGone(String),
    ConfigurationSettled(String),
    ConfigurationGone(String),
    AssociationSettled(String),
    AssociationGone(String),
    ConnectionAuthorized(events::Turn),
    ConnectionSettled(events::Turn),
    ConnectionDeauthorized(events::Turn),
    ConnectionGone(events::Turn),
    /// An attempt to deliver an event.
    Delivery(u64),
    /// What an execution of a state machine waits for.
    Execution(states::Wake),
}

pub(crate) struct World {
    pub(crate) origin: Origin,
    pub(crate) times: Times,
    /// For the times among the settings.
    speed: Speed,
    pub(crate) settings: Settings,
    pub(crate) faults: Faults,
    pub(crate) credentials: sts::Credentials,
    pub(crate) ec2: ec2::State,
    pub(crate) lattice: lattice::State,
    pub(crate) events: events::State,
    pub(crate) roles: iam::Roles,
    pub(crate) states: states::State,
    pub(crate) fresh: Fresh,
    pub(crate) stale: Stale,
    pub(crate) deliveries: Deliveries,
    now: Duration,
    began: SystemTime,
    agenda: BTreeMap<(Duration, u64), Due>,
    /// Changes that a fault rule holds back.
    held: Vec<Due>,
    last_entry: u64,
}

impl World {
    /// A world without objects; `times` are scaled already.
    pub(crate) fn empty(
        origin: Origin,
        times: Times,
        speed: Speed,
        settings: Settings,
        began: SystemTime,
        now: Duration,
    ) -> Self {
        Self {
            credentials: sts::Credentials::new(&origin),
            origin,
            times,
            speed,
            settings,
            faults: Faults::default(),
            ec2: ec2::State::default(),
            lattice: lattice::State::default(),
            events: events::State::default(),
            roles: iam::Roles::default(),
            states: states::State::default(),
            fresh: Fresh::default(),
            stale: Stale::default(),
            deliveries: Deliveries::default(),
            now,
            began,
            agenda: BTreeMap::new(),
            held: Vec::new(),
            last_entry: 0,
        }
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

    /// Looks at the held changes again, after fault rules were removed.
    pub(crate) fn release(&mut self) {
        for due in std::mem::take(&mut self.held) {
            self.happen(due);
        }
    }

    fn happen(&mut self, due: Due) {
        // A state that another one follows at once is announced all the same.
        events::announce(self);
        self.go_through(due);
        events::announce(self);
    }

    fn go_through(&mut self, due: Due) {
        let course = match self.passage(&due) {
            // The object went another way in the meantime.
            None => return,
            Some(passage) => self.faults.course(&Passage {
                service: passage.service,
                kind: passage.kind,
                id: &passage.id,
                name: &passage.name,
                from: passage.from,
                settles: !matches!(due, Due::ConnectionAuthorized(_)),
            }),
        };
        let failure = match course {
            Course::Stuck => return self.held.push(due),
            Course::Proceed => None,
            Course::Becomes { state, reason } => Some(Failure { state, reason }),
        };
        match due {
            Due::EndpointSettled(id) => ec2::endpoints::settled(self, &id, failure),
            Due::EndpointGone(id) => ec2::endpoints::gone(self, &id),
            Due::GatewaySettled(id) => lattice::gateways::settled(self, &id, failure),
            Due::GatewayGone(id) => lattice::gateways::gone(self, &id, failure),
            Due::InterfacesGone(id) => self.ec2.release_interfaces(&id),
            Due::ConfigurationSettled(id) => lattice::configurations::settled(self, &id, failure),
            Due::ConfigurationGone(id) => lattice::configurations::gone(self, &id, failure),
            Due::AssociationSettled(id) => lattice::associations::settled(self, &id, failure),
            Due::AssociationGone(id) => lattice::associations::gone(self, &id, failure),
            Due::ConnectionAuthorized(turn) => events::lifecycle::authorized(self, &turn, failure),
            Due::ConnectionSettled(turn) => events::lifecycle::settled(self, &turn, failure),
            Due::ConnectionDeauthorized(turn) => events::lifecycle::deauthorized(self, &turn),
            Due::ConnectionGone(turn) => events::lifecycle::gone(self, &turn),
            Due::Delivery(id) => self.deliveries.is_due(id),
            Due::Execution(wake) => states::wake(self, &wake),
        }
    }

    /// The object that a change is about, if the change still applies to it.
    fn passage(&self, due: &Due) -> Option<Going> {
        match due {
            Due::EndpointSettled(id) | Due::EndpointGone(id) => {
                let deleting = matches!(due, Due::EndpointGone(_));
                let endpoint = self.ec2.endpoints.get(id)?;
                let from = endpoint.state.as_str();
                (deleting == (from == "deleting")).then(|| Going {
                    service: Service::Ec2,
                    kind: "vpc-endpoint",
                    id: id.clone(),
                    name: endpoint.tags.get("Name").cloned().unwrap_or_default(),
                    from,
                })
            }
            Due::Delivery(id) => Some(Going {
                service: Service::Events,
                kind: "delivery",
                id: id.to_string(),
                name: String::new(),
                from: "waiting",
            }),
            Due::Execution(wake) => self.states.going(wake),
            Due::InterfacesGone(id) => Some(Going {
                service: Service::Ec2,
                kind: "network-interface",
                id: id.clone(),
                name: String::new(),
                from: "in-use",
            }),
            Due::GatewaySettled(_)
            | Due::GatewayGone(_)
            | Due::ConfigurationSettled(_)
            | Due::ConfigurationGone(_)
            | Due::AssociationSettled(_)
            | Due::AssociationGone(_) => self.lattice.passage(due),
            Due::ConnectionAuthorized(turn)
            | Due::ConnectionSettled(turn)
            | Due::ConnectionDeauthorized(turn)
            | Due::ConnectionGone(turn) => {
                let connection = self.events.of_turn(turn)?;
                Some(Going {
                    service: Service::Events,
                    kind: "connection",
                    id: connection.arn.clone(),
                    name: turn.name.clone(),
                    from: connection.state.as_str(),
                })
            }
        }
    }

    /// Every object, as the control API lists it.
    pub(crate) fn objects(&self) -> Vec<Value> {
        let mut objects = self.ec2.objects();
        objects.extend(self.lattice.objects());
        objects.extend(self.events.objects());
        objects.extend(self.states.objects());
        objects
    }
}

/// An owned [`Passage`], since judging it needs the world's rules.
pub(crate) struct Going {
    pub(crate) service: Service,
    pub(crate) kind: &'static str,
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) from: &'static str,
}

/// The state that a fault rule puts in the place of the good one.
#[derive(Clone, Debug)]
pub(crate) struct Failure {
    pub(crate) state: String,
    pub(crate) reason: Option<String>,
}

/// One object of `GET /_local/objects`.
pub(crate) fn object(service: Service, kind: &str, id: &str, name: &str, state: &str, tags: &Tags) -> Value {
    json!({ "service": service.signing_name(), "type": kind, "id": id, "name": name, "state": state, "tags": tags })
}
