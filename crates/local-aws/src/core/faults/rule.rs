//! Fault rules as they are sent and stored: what they may say, and which of the four kinds they are.

use std::time::Duration;

use bytes::Bytes;
use http::Response;
use http_body_util::Full;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::core::surface::Surface;
use crate::core::wildcard;
use crate::wire::response;

/// A rule as it is sent. Which members are there tells its kind.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Rule {
    /// Of calls and of states: the service's signing name; of calls also `execute-api` or `*`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) service: Option<String>,
    /// Of calls: the operation, or `*`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) operation: Option<String>,
    /// Of calls and denials: a part of the name or id that the call is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) resource: Option<String>,
    /// Of calls: what happens to them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) effect: Option<Effect>,
    /// Of denials: an IAM action, `*` in it stands for anything.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) deny: Option<String>,
    /// Of connections: what becomes of them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) accept: Option<Accept>,
    /// Of states: the type of the objects.
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub(super) kind: Option<String>,
    /// Of states: a part of the object's name or id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) name: Option<String>,
    /// Of states: the state that objects do not leave while the rule stands.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) stuck: Option<String>,
    /// Of states: the state that objects reach instead.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) becomes: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) reason: Option<String>,
    /// How often it fires; without it, always.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) count: Option<u64>,
    /// How many matches it lets pass first.
    #[serde(skip_serializing_if = "is_zero")]
    pub(super) after: u64,
}

fn is_zero(number: &u64) -> bool {
    *number == 0
}

/// What becomes of a new connection.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Accept {
    /// It is closed before a byte is read.
    Refuse,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Effect {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) error: Option<InjectedError>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) delay_ms: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) drop: Option<Cut>,
    /// The reply breaks off after so many bytes of its body.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) truncate: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) reply: Option<Garbled>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) endless: Option<Endless>,
    /// The call waits until the rule is removed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) hold: Option<Cut>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) throttle: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) retry_after: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) access_denied: Option<bool>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct InjectedError {
    #[serde(default)]
    pub(super) code: String,
    #[serde(default)]
    pub(super) message: String,
    #[serde(default = "bad_request")]
    pub(super) status: u16,
    /// The error's members beside the message: `resourceId`, `reason`.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub(super) members: Map<String, Value>,
}

fn bad_request() -> u16 {
    400
}

/// What has no end.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Endless {
    /// The body of the answer: bytes come for as long as somebody reads.
    Body,
    /// The pages of a listing: after each comes the first one again.
    Pages,
}

/// A reply that no service would send; it takes the place of the real one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Garbled {
    /// Before: somebody on the way answers, and the service does not hear of the call.
    #[serde(default = "after")]
    pub(crate) when: Cut,
    #[serde(default = "ok")]
    pub(crate) status: u16,
    #[serde(default = "html")]
    pub(crate) content_type: String,
    pub(crate) body: String,
}

impl Garbled {
    pub(crate) fn response(&self) -> Response<Full<Bytes>> {
        let body = Bytes::from(self.body.clone());
        response(self.status, Some(&self.content_type), body)
    }
}

fn after() -> Cut {
    Cut::After
}

fn ok() -> u16 {
    200
}

fn html() -> String {
    "text/html".to_owned()
}

/// When the connection is cut, or the call held.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Cut {
    /// Nothing was done.
    Before,
    /// The work was done; the reply is lost.
    After,
}

/// The name by which rules mean the seeded servers, with the one operation `Invoke`.
pub(super) const EXECUTE_API: &str = "execute-api";

/// The states of a type of object that passes through some by itself.
pub(crate) struct Course {
    pub(crate) service: &'static str,
    pub(crate) kind: &'static str,
    /// The states in which a rule may hold an object.
    pub(crate) passing: Vec<&'static str>,
    /// The states that a rule may turn an object's course to.
    pub(crate) failures: Vec<&'static str>,
}

/// What there is that rules can be about.
pub(crate) trait Known {
    fn surfaces(&self) -> Vec<&'static Surface>;

    fn courses(&self) -> Vec<Course>;
}

impl Rule {
    /// Checks what the members say together.
    pub(super) fn check(&self, known: &dyn Known) -> Result<(), String> {
        let kinds = [
            self.effect.is_some() || self.operation.is_some(),
            self.deny.is_some(),
            self.accept.is_some(),
            self.stuck.is_some() || self.becomes.is_some(),
        ];
        if kinds.iter().filter(|given| **given).count() > 1 {
            return Err("a rule has one of effect, deny, accept, and stuck or becomes".to_owned());
        }
        match kinds {
            [_, true, ..] => self.check_denial(known),
            [_, _, true, _] => {
                self.refuse_members("accept", &["service", "resource", "type", "name", "reason"])
            }
            [.., true] => self.check_states(known),
            _ => self.check_calls(known),
        }
    }

    fn refuse_members(&self, with: &str, members: &[&str]) -> Result<(), String> {
        let given = [
            ("service", self.service.is_some()),
            ("resource", self.resource.is_some()),
            ("type", self.kind.is_some()),
            ("name", self.name.is_some()),
            ("reason", self.reason.is_some()),
        ];
        let wrong = given
            .iter()
            .find(|(name, given)| *given && members.contains(name));
        wrong.map_or(Ok(()), |(name, _)| {
            Err(format!("{name}: does not go with {with}"))
        })
    }

    fn check_denial(&self, known: &dyn Known) -> Result<(), String> {
        self.refuse_members("deny", &["service", "type", "name", "reason"])?;
        let action = self.deny.as_deref().unwrap_or_default();
        let mut surfaces = known.surfaces().into_iter();
        if surfaces.any(|surface| surface.asks_for(|asked| is_of(action, asked))) {
            return Ok(());
        }
        Err(format!(
            "deny: '{action}' is no IAM action that is asked for here, such as ec2:CreateSecurityGroup or events:*"
        ))
    }

    fn check_calls(&self, known: &dyn Known) -> Result<(), String> {
        self.refuse_members("effect", &["type", "name", "reason"])?;
        let name = self.service.as_deref().ok_or("service: is missing")?;
        let operation = self.operation.as_deref().ok_or("operation: is missing")?;
        let surfaces = known.surfaces();
        match surfaces.iter().find(|surface| surface.name == name) {
            Some(surface) if operation != "*" && !surface.known().contains(&operation) => {
                return Err(format!(
                    "operation: '{operation}' is not an operation of {name} here"
                ));
            }
            None if name == EXECUTE_API && operation != "Invoke" => {
                return Err("operation: execute-api has Invoke only".to_owned());
            }
            None if name == "*" && operation != "*" => {
                return Err("operation: of every service only '*' can be meant".to_owned());
            }
            None if !matches!(name, EXECUTE_API | "*") => {
                let known: Vec<&str> = surfaces.iter().map(|surface| surface.name).collect();
                return Err(format!(
                    "service: '{name}' is not one of {}, {EXECUTE_API} or *",
                    known.join(", ")
                ));
            }
            _ => {}
        }
        let effect = self.effect.as_ref().ok_or("effect: is missing")?;
        let lists = ["*", "List", "Describe"]
            .iter()
            .any(|verb| operation.starts_with(verb));
        if effect.endless == Some(Endless::Pages) && !lists {
            return Err(format!("effect.endless: {operation} has no pages"));
        }
        effect.check(name == EXECUTE_API)
    }

    fn check_states(&self, known: &dyn Known) -> Result<(), String> {
        self.refuse_members("stuck or becomes", &["resource"])?;
        let (service, kind) = (
            self.service.as_deref().ok_or("service: is missing")?,
            self.kind.as_deref().ok_or("type: is missing")?,
        );
        let courses = known.courses();
        let mut found = courses.iter();
        let Some(course) = found.find(|course| course.service == service && course.kind == kind) else {
            let known: Vec<String> = courses
                .iter()
                .map(|course| format!("{} {}", course.service, course.kind))
                .collect();
            return Err(format!(
                "type: '{kind}' of service '{service}' has no states to change; there are: {}",
                known.join(", ")
            ));
        };
        let Course {
            passing, failures, ..
        } = course;
        match (self.stuck.as_deref(), self.becomes.as_deref()) {
            (Some(_), Some(_)) => Err("becomes: cannot be given together with stuck".to_owned()),
            (Some(state), None) if !passing.contains(&state) => {
                Err(format!("stuck: '{state}' is not one of {}", passing.join(", ")))
            }
            (None, Some(state)) if !failures.contains(&state) => Err(format!(
                "becomes: '{state}' is not one of {}",
                failures.join(", ")
            )),
            _ if self.after > 0 => Err("after: goes with calls, denials and connections only".to_owned()),
            _ => Ok(()),
        }
    }
}

impl Effect {
    fn check(&self, of_server: bool) -> Result<(), String> {
        let outcomes = [
            ("error", self.error.is_some()),
            ("throttle", self.throttle == Some(true)),
            ("access_denied", self.access_denied == Some(true)),
            ("drop", self.drop.is_some()),
            ("truncate", self.truncate.is_some()),
            ("reply", self.reply.is_some()),
            ("endless", self.endless.is_some()),
            ("hold", self.hold.is_some()),
        ];
        let chosen: Vec<&str> = outcomes
            .iter()
            .filter(|(_, set)| *set)
            .map(|(name, _)| *name)
            .collect();
        let all = outcomes.map(|(name, _)| name).join(", ");
        match chosen.as_slice() {
            [] if self.delay_ms.is_none() => return Err(format!("effect: one of delay_ms, {all} is needed")),
            [] | [_] => {}
            _ => return Err(format!("effect: only one of {all} can be given")),
        }
        if of_server
            && chosen
                .iter()
                .any(|name| matches!(*name, "access_denied" | "truncate" | "endless" | "hold"))
        {
            return Err(format!("effect.{}: does not go with execute-api", chosen[0]));
        }
        if self.retry_after.is_some() && self.error.is_none() && self.throttle != Some(true) {
            return Err("effect.retry_after: goes with throttle or error only".to_owned());
        }
        if let Some(reply) = &self.reply {
            if !(200..=599).contains(&reply.status) {
                return Err(format!(
                    "effect.reply.status: {} is not between 200 and 599",
                    reply.status
                ));
            }
            if reply.content_type.parse::<http::HeaderValue>().is_err() {
                return Err("effect.reply.content_type: is no value of a header".to_owned());
            }
        }
        match &self.error {
            Some(error) if !(400..=599).contains(&error.status) => Err(format!(
                "effect.error.status: {} is not between 400 and 599",
                error.status
            )),
            Some(error) if error.code.is_empty() && !of_server => {
                Err("effect.error.code: is empty".to_owned())
            }
            _ => Ok(()),
        }
    }

    pub(super) fn delay(&self) -> Option<Duration> {
        self.delay_ms.map(Duration::from_millis)
    }
}

/// Whether an action is of a pattern; actions have no case.
pub(super) fn is_of(pattern: &str, action: &str) -> bool {
    pattern.contains(':')
        && wildcard::matches(
            &wildcard::tokens(&pattern.to_lowercase(), true),
            &action.to_lowercase(),
        )
}
