//! Delivery of matched events through API destinations and to state machines: when each attempt is made, how it goes out, and what
//! becomes of it.
//!
//! ```text
//! PutEvents → waiting ─rate limit─→ attempt ─2xx─→ delivered
//!                ↑                     │ 401, 407, 409, 429, 5xx, no answer
//!                └──────back-off───────┤ other 4xx, or too often, or too old
//!                                      └→ dead-letter queue, or dropped
//! ```

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use http::Method;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::core::agenda::{Due, Subject};
use crate::core::change::Plain;
use crate::core::registration::Registration;
use crate::core::states::Kept;
use crate::core::world::World;
use crate::dataplane::exchange::{Response, Unanswered};
use crate::dataplane::invocation::Outgoing;
use crate::dataplane::parameters::{Part, listed};
use crate::services::events::INVOKE;
use crate::services::events::bus::Delivery;
use crate::services::events::targets::is_state_machine;
use crate::services::{iam, states};
use crate::shared::Shared;
use crate::wire::percent_encode;

/// What an attempt may take ("API destinations": five seconds).
const LONGEST_ATTEMPT: Duration = Duration::from_secs(5);

/// The longest pause is so many times the first one.
const LONGEST_PAUSE: u32 = 256;

/// The most attempts and dead letters that are remembered; older ones are forgotten.
const MOST_RECORDS: usize = 10_000;

/// One attempt to deliver an event to a target.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DeliveryAttempt {
    /// The same for all attempts of one event at one target.
    pub delivery: u64,
    /// Counted from 1.
    pub attempt: u32,
    /// The event's id.
    pub event_id: String,
    /// The rule that the event matched.
    pub rule: String,
    /// The target's id.
    pub target: String,
    /// The target's ARN.
    pub target_arn: String,
    /// The status that the API answered with, if it answered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// Why there was no answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// What came of it: `delivered`, `retried` later, `dead-lettered`, or `dropped` for want of a queue.
    pub outcome: String,
    /// Seconds since the start.
    pub at: f64,
}

/// An event that could not be delivered, in the queue that its target names.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DeadLetter {
    /// The queue's ARN.
    pub queue: String,
    /// The event.
    pub event: Value,
    /// The body of the message: what the target was to get.
    #[serde(default)]
    pub body: String,
    /// The message attributes: `RULE_ARN`, `TARGET_ARN`, `ERROR_CODE`, `ERROR_MESSAGE`,
    /// `EXHAUSTED_RETRY_CONDITION`, `RETRY_ATTEMPTS`.
    pub attributes: BTreeMap<String, String>,
}

/// A delivery that is not finished.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Pending {
    delivery: Delivery,
    since: Duration,
    attempts: u32,
}

/// Everything on its way to a target, and what came of the rest.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Deliveries {
    pending: BTreeMap<u64, Pending>,
    /// Those whose time has come.
    #[serde(skip)]
    ready: BTreeSet<u64>,
    last: u64,
    /// The moment from which each API destination may be called again.
    slots: BTreeMap<String, Duration>,
    attempts: Vec<DeliveryAttempt>,
    dead_letters: Vec<DeadLetter>,
}

impl Deliveries {
    pub(crate) fn attempts(&self) -> &[DeliveryAttempt] {
        &self.attempts
    }

    pub(crate) fn dead_letters(&self) -> &[DeadLetter] {
        &self.dead_letters
    }

    pub(crate) fn pending(&self) -> usize {
        self.pending.len()
    }

    /// Takes the deliveries whose time has come.
    pub(crate) fn take_ready(&mut self) -> BTreeSet<u64> {
        std::mem::take(&mut self.ready)
    }
}

/// What the world has to know of it.
pub(crate) static REGISTRATION: Registration = Registration {
    kept: &[Kept::of::<Deliveries>("deliveries")],
    changes: &[&DELIVERY],
    resume,
    ..Registration::NOTHING
};

/// The time of an attempt has come.
static DELIVERY: Plain = Plain {
    service: "events",
    due: "Delivery",
    effect: |world, subject| {
        world.deliveries_mut().ready.insert(subject.number());
    },
};

/// Lets everything go out that waits without a time of its own, as after a restart.
fn resume(world: &mut World) {
    let scheduled: BTreeSet<u64> = world.scheduled(DELIVERY.due).map(Subject::number).collect();
    let deliveries = world.deliveries_mut();
    let waiting = deliveries.pending.keys().filter(|id| !scheduled.contains(*id));
    deliveries.ready.extend(waiting);
}

impl World {
    pub(crate) fn deliveries(&self) -> &Deliveries {
        self.state()
    }

    pub(crate) fn deliveries_mut(&mut self) -> &mut Deliveries {
        self.state_mut()
    }
}

fn keep<T>(records: &mut Vec<T>, record: T) {
    if records.len() >= MOST_RECORDS {
        records.drain(..MOST_RECORDS / 10);
    }
    records.push(record);
}

/// Takes over what events have led to since the last call, each for its time.
pub(crate) fn collect(world: &mut World) {
    for delivery in world.events_mut().take_deliveries() {
        world.deliveries_mut().last += 1;
        let id = world.deliveries().last;
        let pending = Pending {
            delivery,
            since: world.elapsed(),
            attempts: 0,
        };
        world.deliveries_mut().pending.insert(id, pending);
        enqueue(world, id, Duration::ZERO);
    }
}

/// Plans an attempt: not before `pause` has passed, and not faster than the destination's rate allows.
fn enqueue(world: &mut World, id: u64, pause: Duration) {
    let Some(pending) = world.deliveries().pending.get(&id) else {
        return;
    };
    let arn = pending.delivery.target.arn.clone();
    let rate = destination(world, &arn).map_or(300, |destination| destination.rate.max(1));
    let now = world.elapsed();
    let free = world.deliveries().slots.get(&arn).copied().unwrap_or_default();
    let at = free.max(now + pause);
    world
        .deliveries_mut()
        .slots
        .insert(arn, at + Duration::from_secs(1) / rate);
    world.schedule(at - now, Due::new(DELIVERY.due, Subject::Number(id)));
}

fn destination<'w>(
    world: &'w World,
    arn: &str,
) -> Option<&'w crate::services::events::destinations::ApiDestination> {
    let mut destinations = world.events().destinations.values();
    destinations.find(|destination| destination.arn == arn)
}

/// How an attempt ended.
struct Ended {
    status: Option<u16>,
    /// A code and a text, for the dead letter.
    error: Option<(&'static str, String)>,
    may_retry: bool,
    /// What the answer asks to wait for.
    retry_after: Option<Duration>,
}

impl Ended {
    fn well() -> Self {
        Self {
            status: None,
            error: None,
            may_retry: false,
            retry_after: None,
        }
    }

    fn final_error(code: &'static str, text: impl Into<String>) -> Self {
        Self {
            status: None,
            error: Some((code, text.into())),
            may_retry: false,
            retry_after: None,
        }
    }

    fn of(response: &Response) -> Self {
        let status = response.status.as_u16();
        let seconds = response.header("retry-after").and_then(|text| text.parse().ok());
        Self {
            status: Some(status),
            error: (!response.status.is_success()).then(|| {
                let text = format!("The API answered {}", response.status);
                ("SDK_CLIENT_ERROR", text)
            }),
            // "How EventBridge retries": these and everything of the server's.
            may_retry: matches!(status, 401 | 407 | 409 | 429) || response.status.is_server_error(),
            retry_after: seconds.map(Duration::from_secs),
        }
    }
}

impl From<Unanswered> for Ended {
    fn from(unanswered: Unanswered) -> Self {
        let (text, may_retry) = match unanswered {
            Unanswered::Connection { cause, .. } => (cause, true),
            Unanswered::Socket(cause) => (cause, true),
            Unanswered::Invalid(cause) => (cause, false),
        };
        Self {
            status: None,
            error: Some(("SDK_CLIENT_ERROR", text)),
            may_retry,
            retry_after: None,
        }
    }
}

/// Waits until more than `seen` attempts of deliveries were made, and gives the first beyond them.
pub(crate) async fn wait_for_attempt(
    shared: &Shared,
    seen: usize,
    timeout: Duration,
) -> Option<DeliveryAttempt> {
    let mut news = shared.news();
    let made = async {
        loop {
            news.borrow_and_update();
            if let Some(attempt) = shared.world().deliveries().attempts().get(seen) {
                return Some(attempt.clone());
            }
            news.changed().await.ok()?;
        }
    };
    tokio::time::timeout(timeout, made).await.ok().flatten()
}

/// Makes one attempt of a delivery.
pub(crate) async fn attempt(shared: &Shared, id: u64) {
    let prepared = {
        let mut world = shared.world();
        match world
            .deliveries()
            .pending
            .get(&id)
            .map(|pending| pending.delivery.clone())
        {
            None => return,
            Some(delivery) if delivery.is_broken => Err(Some(Ended::final_error(
                "INVALID_JSON",
                "Invalid input for target.",
            ))),
            Some(delivery) if is_state_machine(&delivery.target.arn) => Err(start(&mut world, &delivery)),
            Some(delivery) => prepare(&mut world, &delivery).map_err(Some),
        }
    };
    let ended = match prepared {
        Err(ended) => ended.unwrap_or_else(Ended::well),
        Ok(mut outgoing) => {
            let call = async {
                outgoing.authorize(shared).await?;
                outgoing.exchange(shared).await
            };
            match tokio::time::timeout(LONGEST_ATTEMPT, call).await {
                Ok(Ok(response)) => Ended::of(&response),
                Ok(Err(unanswered)) => unanswered.into(),
                Err(_) => Unanswered::Socket("The API did not answer within 5 seconds".to_owned()).into(),
            }
        }
    };
    settle(&mut shared.world(), id, ended);
    shared.announce();
}

/// Whether the role of a rule may deliver.
fn permitted(world: &mut World, delivery: &Delivery, action: &str) -> Result<(), Ended> {
    let resources = [delivery.target.arn.clone(), delivery.rule_name.clone()];
    let denied = world.faults.denied(&[action.to_owned()], &resources).is_some();
    if !denied {
        return Ok(());
    }
    let text = format!("The rule's role is not authorized to perform: {action}");
    Err(Ended::final_error("NO_PERMISSIONS", text))
}

/// Starts an execution of the state machine that a delivery is for; gives how that went wrong, if it did.
fn start(world: &mut World, delivery: &Delivery) -> Option<Ended> {
    let target = &delivery.target;
    if let Err(ended) = permitted(world, delivery, states::START) {
        return Some(ended);
    }
    let role = target.role_arn.as_deref().unwrap_or_default();
    if !iam::trusts_service(world, role, "events.amazonaws.com") {
        let text = format!("EventBridge is not authorized to assume the rule's role {role}");
        return Some(Ended::final_error("NO_PERMISSIONS", text));
    }
    let event_id = delivery.event["id"].as_str().unwrap_or_default();
    let error = states::start_by_rule(world, &target.arn, event_id, &delivery.payload).err()?;
    let code = match error.code.as_str() {
        "StateMachineDoesNotExist" | "StateMachineDeleting" => "NO_RESOURCE",
        _ => "SDK_CLIENT_ERROR",
    };
    Some(Ended::final_error(code, error.message))
}

/// The request of a delivery, as the API destination and the target's parameters make it.
fn prepare(world: &mut World, delivery: &Delivery) -> Result<Outgoing, Ended> {
    let target = &delivery.target;
    permitted(world, delivery, INVOKE)?;
    if !target.arn.contains(":api-destination/") {
        let text = format!(
            "Only API destinations and state machines are served here, not {}",
            target.arn
        );
        return Err(Ended::final_error("NO_RESOURCE", text));
    }
    let Some(destination) = destination(world, &target.arn) else {
        let text = format!("There is no API destination {}", target.arn);
        return Err(Ended::final_error("NO_RESOURCE", text));
    };
    if !world.events().invokes(destination) {
        return Err(
            Unanswered::connection("InvalidConnectionState", "The API destination is INACTIVE").into(),
        );
    }
    let mut connections = world.events().connections.values();
    let connection = connections.find(|connection| connection.arn == destination.connection_arn);
    let adds_to_bodies = connection.is_some_and(|connection| {
        let http = &connection.parameters["InvocationHttpParameters"];
        listed(http, "BodyParameters").next().is_some()
    });
    let parameters = target.http.resolved(&delivery.event);
    let mut values = parameters.path_values.iter();
    let mut endpoint = String::new();
    for (index, piece) in destination.endpoint.split('*').enumerate() {
        if index > 0 {
            endpoint.push_str(
                &values
                    .next()
                    .map(|value| percent_encode(value))
                    .unwrap_or_default(),
            );
        }
        endpoint.push_str(piece);
    }
    let invalid = |what: &str| Ended::final_error("INVALID_PARAMETER", format!("'{what}' cannot be called"));
    let method: Method = destination
        .method
        .parse()
        .map_err(|_| invalid(&destination.method))?;
    let carries = !matches!(method, Method::GET | Method::HEAD);
    let mut headers: Vec<Part> = parameters
        .headers
        .iter()
        .map(|(name, value)| Part::plain(name.to_lowercase(), value))
        .collect();
    headers.push(Part::plain("user-agent", "Amazon/EventBridge/ApiDestinations"));
    Ok(Outgoing {
        connection_arn: destination.connection_arn.clone(),
        method,
        uri: endpoint.parse().map_err(|_| invalid(&endpoint))?,
        query: parameters
            .query
            .iter()
            .map(|(name, value)| Part::plain(name, value))
            .collect(),
        headers,
        // Only an object takes the connection's body parameters; anything else is sent as it is.
        body: carries.then(|| match serde_json::from_str(&delivery.payload) {
            Ok(object @ Value::Object(_)) if adds_to_bodies => object,
            _ => delivery.payload.clone().into(),
        }),
        body_has_secrets: false,
        keeps_own_headers: false,
        content_type: "application/json",
        encode: |body| match body {
            Value::String(text) => text.clone(),
            json => json.to_string(),
        },
    })
}

/// Records an attempt, and plans the next one or ends the delivery.
fn settle(world: &mut World, id: u64, ended: Ended) {
    let now = world.elapsed();
    let first_pause = world.times.delivery_retry;
    let Some(pending) = world.deliveries_mut().pending.get_mut(&id) else {
        return;
    };
    pending.attempts += 1;
    let (attempts, age) = (pending.attempts, now.saturating_sub(pending.since));
    let target = &pending.delivery.target;
    let doubled = 1_u32
        .checked_shl(attempts - 1)
        .unwrap_or(LONGEST_PAUSE)
        .min(LONGEST_PAUSE);
    let pause = (first_pause * doubled).max(ended.retry_after.unwrap_or_default());
    let retry = target.retry;
    let exhausted = if attempts > retry.most_attempts {
        Some("MaximumRetryAttempts")
    } else if age + pause > Duration::from_secs(retry.most_age.into()) {
        Some("MaximumEventAgeInSeconds")
    } else {
        None
    };
    let outcome = match (&ended.error, &target.dead_letter_arn) {
        (None, _) => "delivered",
        (Some(_), _) if ended.may_retry && exhausted.is_none() => "retried",
        (Some(_), Some(_)) => "dead-lettered",
        (Some(_), None) => "dropped",
    };
    let record = DeliveryAttempt {
        delivery: id,
        attempt: attempts,
        event_id: pending.delivery.event["id"]
            .as_str()
            .unwrap_or_default()
            .to_owned(),
        rule: pending.delivery.rule_name.clone(),
        target: target.id.clone(),
        target_arn: target.arn.clone(),
        status: ended.status,
        error: ended.error.as_ref().map(|(_, text)| text.clone()),
        outcome: outcome.to_owned(),
        at: now.as_secs_f64(),
    };
    keep(&mut world.deliveries_mut().attempts, record);
    if outcome == "retried" {
        return enqueue(world, id, pause);
    }
    let Some(pending) = world.deliveries_mut().pending.remove(&id) else {
        return;
    };
    if let (Some((code, text)), Some(queue)) = (ended.error, pending.delivery.target.dead_letter_arn) {
        let mut attributes = BTreeMap::from(
            [
                ("RULE_ARN", pending.delivery.rule_arn),
                ("TARGET_ARN", pending.delivery.target.arn),
                ("ERROR_CODE", code.to_owned()),
                ("ERROR_MESSAGE", text),
            ]
            .map(|(name, value)| (name.to_owned(), value)),
        );
        // Recorded: what is never tried again tells no number of tries.
        if ended.may_retry || attempts > 1 {
            attributes.insert("RETRY_ATTEMPTS".to_owned(), (attempts - 1).to_string());
        }
        if let Some(condition) = exhausted.filter(|_| ended.may_retry) {
            attributes.insert("EXHAUSTED_RETRY_CONDITION".to_owned(), condition.to_owned());
        }
        let letter = DeadLetter {
            queue,
            event: pending.delivery.event,
            body: pending.delivery.payload,
            attributes,
        };
        keep(&mut world.deliveries_mut().dead_letters, letter);
    }
}
