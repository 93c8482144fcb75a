//! Fault rules: which calls fail and how, and which objects get stuck or fail on their way to a state.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::error::ApiError;
use crate::protocol::Service;

/// A rule with its number and how often it fired.
#[derive(Clone, Debug)]
struct Armed {
    id: u64,
    /// Matches seen so far, the skipped ones included.
    matched: u64,
    fired: u64,
    rule: Rule,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
enum Rule {
    Call(CallRule),
    State(StateRule),
}

/// Changes how calls of one operation are answered.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct CallRule {
    service: String,
    operation: String,
    /// A part of the name or id that the call is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    resource: Option<String>,
    /// How often it fires; without it, always.
    #[serde(skip_serializing_if = "Option::is_none")]
    count: Option<u64>,
    /// How many matching calls it lets pass first.
    #[serde(default)]
    after: u64,
    effect: Effect,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Effect {
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<InjectedError>,
    #[serde(skip_serializing_if = "Option::is_none")]
    delay_ms: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    drop: Option<Cut>,
    #[serde(skip_serializing_if = "Option::is_none")]
    throttle: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    retry_after: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    access_denied: Option<bool>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct InjectedError {
    code: String,
    #[serde(default)]
    message: String,
    #[serde(default = "bad_request")]
    status: u16,
    /// The error's members beside the message: `resourceId`, `reason`.
    #[serde(default, skip_serializing_if = "serde_json::Map::is_empty")]
    members: serde_json::Map<String, Value>,
}

fn bad_request() -> u16 {
    400
}

/// When the connection is cut.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Cut {
    /// Nothing was done.
    Before,
    /// The work was done; the reply is lost.
    After,
}

/// Changes how an object gets from one state to the next.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct StateRule {
    service: String,
    #[serde(rename = "type")]
    kind: String,
    /// A part of the object's name or id.
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    /// The state that objects do not leave while the rule stands.
    #[serde(skip_serializing_if = "Option::is_none")]
    stuck: Option<String>,
    /// The state that objects reach instead.
    #[serde(skip_serializing_if = "Option::is_none")]
    becomes: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    count: Option<u64>,
}

/// What the rules make of one call.
#[derive(Debug, Default)]
pub(crate) struct Verdict {
    pub(crate) delay: Option<Duration>,
    pub(crate) refuse: Option<ApiError>,
    pub(crate) cut: Option<Cut>,
}

/// An object on its way from one state to the next.
pub(crate) struct Passage<'a> {
    pub(crate) service: Service,
    pub(crate) kind: &'a str,
    pub(crate) id: &'a str,
    pub(crate) name: &'a str,
    pub(crate) from: &'a str,
    /// Whether the object reaches its last state by this.
    pub(crate) settles: bool,
}

/// What the rules make of a change of state.
#[derive(Debug, PartialEq)]
pub(crate) enum Course {
    Proceed,
    Stuck,
    Becomes { state: String, reason: Option<String> },
}

/// The states that a rule may turn an object's course to, by type; `stuck` takes these and the passing ones.
const OUTCOMES: [(&str, &str, &[&str], &[&str]); 5] = [
    (
        "ec2",
        "vpc-endpoint",
        &["failed", "rejected", "expired"],
        &["pending", "deleting"],
    ),
    (
        "vpc-lattice",
        "resource-gateway",
        &["CREATE_FAILED", "UPDATE_FAILED", "DELETE_FAILED"],
        &["CREATE_IN_PROGRESS", "UPDATE_IN_PROGRESS", "DELETE_IN_PROGRESS"],
    ),
    (
        "vpc-lattice",
        "resource-configuration",
        &["CREATE_FAILED", "UPDATE_FAILED", "DELETE_FAILED"],
        &["CREATE_IN_PROGRESS", "UPDATE_IN_PROGRESS", "DELETE_IN_PROGRESS"],
    ),
    (
        "vpc-lattice",
        "service-network-resource-association",
        &["CREATE_FAILED", "DELETE_FAILED", "PARTIAL"],
        &["CREATE_IN_PROGRESS", "DELETE_IN_PROGRESS"],
    ),
    (
        "events",
        "connection",
        &["FAILED_CONNECTIVITY", "DEAUTHORIZED"],
        &[
            "CREATING",
            "UPDATING",
            "AUTHORIZING",
            "AUTHORIZED",
            "DEAUTHORIZING",
            "DELETING",
        ],
    ),
];

/// All rules, in the order they were added; of several that match, the first that still fires counts.
#[derive(Debug, Default)]
pub(crate) struct Faults {
    rules: Vec<Armed>,
    last_id: u64,
}

impl Faults {
    /// Adds a rule or a list of rules; none is added unless all are right.
    pub(crate) fn add(&mut self, rules: &Value) -> Result<Vec<u64>, String> {
        let parsed: Vec<Rule> = match rules {
            Value::Array(list) => list
                .iter()
                .enumerate()
                .map(|(index, rule)| parse(rule).map_err(|error| format!("[{index}]: {error}")))
                .collect::<Result<_, _>>()?,
            rule => vec![parse(rule)?],
        };
        Ok(parsed
            .into_iter()
            .map(|rule| {
                self.last_id += 1;
                self.rules.push(Armed {
                    id: self.last_id,
                    matched: 0,
                    fired: 0,
                    rule,
                });
                self.last_id
            })
            .collect())
    }

    /// Removes one rule, or all of them; tells whether there was one.
    pub(crate) fn remove(&mut self, id: Option<u64>) -> bool {
        let before = self.rules.len();
        self.rules.retain(|armed| id.is_some_and(|id| id != armed.id));
        self.rules.len() != before
    }

    pub(crate) fn list(&self) -> Value {
        let listed = |armed: &Armed| json!({ "id": armed.id, "fired": armed.fired, "rule": armed.rule });
        Value::Array(self.rules.iter().map(listed).collect())
    }

    pub(crate) fn fired(&self, id: u64) -> u64 {
        self.rules
            .iter()
            .find(|armed| armed.id == id)
            .map_or(0, |armed| armed.fired)
    }

    /// Judges one call, and counts it.
    pub(crate) fn judge(
        &mut self,
        service: Service,
        operation: &str,
        resources: &[String],
        caller: &str,
    ) -> Verdict {
        for armed in &mut self.rules {
            let Rule::Call(rule) = &armed.rule else { continue };
            let named = |part: &String| resources.iter().any(|resource| resource.contains(part.as_str()));
            if rule.service != service.signing_name()
                || rule.operation != operation
                || !rule.resource.as_ref().is_none_or(named)
                || rule.count.is_some_and(|count| armed.fired >= count)
            {
                continue;
            }
            armed.matched += 1;
            if armed.matched <= rule.after {
                continue;
            }
            armed.fired += 1;
            return rule.effect.verdict(service, operation, caller);
        }
        Verdict::default()
    }

    /// Judges one change of state, and counts it.
    pub(crate) fn course(&mut self, passage: &Passage<'_>) -> Course {
        for armed in &mut self.rules {
            let Rule::State(rule) = &armed.rule else { continue };
            let named =
                |part: &String| passage.name.contains(part.as_str()) || passage.id.contains(part.as_str());
            if rule.service != passage.service.signing_name()
                || rule.kind != passage.kind
                || !rule.name.as_ref().is_none_or(named)
                || rule.count.is_some_and(|count| armed.fired >= count)
            {
                continue;
            }
            if rule.stuck.as_deref() == Some(passage.from) {
                armed.fired += 1;
                return Course::Stuck;
            }
            if let Some(state) = rule.becomes.as_ref().filter(|state| leads_to(passage, state)) {
                armed.fired += 1;
                return Course::Becomes {
                    state: state.clone(),
                    reason: rule.reason.clone(),
                };
            }
        }
        Course::Proceed
    }
}

/// Whether a state can be the end of what a passing state stands for: DELETE_FAILED of DELETE_IN_PROGRESS
/// only.
fn leads_to(passage: &Passage<'_>, to: &str) -> bool {
    let from = passage.from;
    match to.split_once('_') {
        Some((verb @ ("CREATE" | "UPDATE" | "DELETE"), "FAILED")) => from.starts_with(verb),
        // A connection is authorized first; only then is its path tried.
        Some(("FAILED", "CONNECTIVITY")) => passage.settles && !matches!(from, "DELETING" | "DEAUTHORIZING"),
        _ => !matches!(
            from,
            "DELETING" | "DELETE_IN_PROGRESS" | "deleting" | "DEAUTHORIZING"
        ),
    }
}

impl Effect {
    fn verdict(&self, service: Service, operation: &str, caller: &str) -> Verdict {
        let refuse = if let Some(error) = &self.error {
            let refused = ApiError::new(error.status, &error.code, &error.message);
            Some(ApiError {
                retry_after: self.retry_after,
                members: error.members.clone(),
                ..refused
            })
        } else if self.throttle == Some(true) {
            Some(service.throttled(self.retry_after))
        } else if self.access_denied == Some(true) {
            Some(service.access_denied(caller, operation))
        } else {
            None
        };
        Verdict {
            delay: self.delay_ms.map(Duration::from_millis),
            refuse,
            cut: self.drop,
        }
    }

    fn check(&self) -> Result<(), String> {
        let refusals = [
            self.error.is_some(),
            self.throttle == Some(true),
            self.access_denied == Some(true),
            self.drop.is_some(),
        ];
        let chosen = refusals.iter().filter(|set| **set).count();
        if chosen > 1 {
            return Err(
                "effect: only one of error, throttle, access_denied and drop can be given".to_owned(),
            );
        }
        if chosen == 0 && self.delay_ms.is_none() {
            return Err(
                "effect: one of error, delay_ms, throttle, access_denied and drop is needed".to_owned(),
            );
        }
        if self.retry_after.is_some() && self.error.is_none() && self.throttle != Some(true) {
            return Err("effect.retry_after: goes with throttle or error only".to_owned());
        }
        match &self.error {
            Some(error) if !(400..=599).contains(&error.status) => Err(format!(
                "effect.error.status: {} is not between 400 and 599",
                error.status
            )),
            Some(error) if error.code.is_empty() => Err("effect.error.code: is empty".to_owned()),
            _ => Ok(()),
        }
    }
}

fn parse(rule: &Value) -> Result<Rule, String> {
    if rule.get("stuck").is_some() || rule.get("becomes").is_some() {
        let rule: StateRule = serde_json::from_value(rule.clone()).map_err(|error| error.to_string())?;
        let of_type = OUTCOMES
            .iter()
            .find(|(service, kind, ..)| *service == rule.service && *kind == rule.kind);
        let Some((_, _, ends, passing)) = of_type else {
            let known: Vec<String> = OUTCOMES
                .iter()
                .map(|(service, kind, ..)| format!("{service} {kind}"))
                .collect();
            return Err(format!(
                "type: '{}' of service '{}' has no states to change; there are: {}",
                rule.kind,
                rule.service,
                known.join(", ")
            ));
        };
        return match (&rule.stuck, &rule.becomes) {
            (Some(_), Some(_)) => Err("becomes: cannot be given together with stuck".to_owned()),
            (Some(state), None) if !passing.contains(&state.as_str()) => {
                Err(format!("stuck: '{state}' is not one of {}", passing.join(", ")))
            }
            (None, Some(state)) if !ends.contains(&state.as_str()) => {
                Err(format!("becomes: '{state}' is not one of {}", ends.join(", ")))
            }
            _ => Ok(Rule::State(rule)),
        };
    }
    let rule: CallRule = serde_json::from_value(rule.clone()).map_err(|error| error.to_string())?;
    let Some(service) = Service::from_signing_name(&rule.service) else {
        let known = Service::ALL.map(Service::signing_name);
        return Err(format!(
            "service: '{}' is not one of {}",
            rule.service,
            known.join(", ")
        ));
    };
    if !service.operations().contains(&rule.operation.as_str()) {
        return Err(format!(
            "operation: '{}' is not an operation of {} here",
            rule.operation, rule.service
        ));
    }
    rule.effect.check()?;
    Ok(Rule::Call(rule))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrong_rule_is_refused_with_the_field() {
        for (rule, field) in [
            (
                json!({ "operation": "X", "effect": { "drop": "after" } }),
                "service",
            ),
            (
                json!({ "service": "s3", "operation": "X", "effect": { "drop": "after" } }),
                "service",
            ),
            (
                json!({ "service": "ec2", "operation": "CreateSecurtyGroup", "effect": { "drop": "after" } }),
                "operation",
            ),
            (
                json!({ "service": "ec2", "operation": "DescribeVpcs", "effect": { "drop": "later" } }),
                "later",
            ),
            (
                json!({ "service": "ec2", "operation": "DescribeVpcs", "effect": {} }),
                "effect",
            ),
            (
                json!({ "service": "ec2", "operation": "DescribeVpcs", "effects": {} }),
                "effects",
            ),
            (
                json!({ "service": "ec2", "operation": "DescribeVpcs", "effect": { "error": { "code": "X", "status": 200 } } }),
                "status",
            ),
            (
                json!({ "service": "events", "type": "connection", "becomes": "CREATE_FAILED" }),
                "becomes",
            ),
            (
                json!({ "service": "events", "type": "conection", "stuck": "CREATING" }),
                "type",
            ),
        ] {
            let error = Faults::default().add(&rule).unwrap_err();
            assert!(error.contains(field), "{rule}: {error}");
        }
    }

    #[test]
    fn a_rule_skips_fires_and_ends() {
        let mut faults = Faults::default();
        let rule = json!({ "service": "events", "operation": "CreateConnection", "resource": "ord", "after": 1, "count": 2,
            "effect": { "throttle": true, "retry_after": 3 } });
        let ids = faults.add(&rule).unwrap();
        let mut refused = |name: &str| {
            faults
                .judge(Service::Events, "CreateConnection", &[name.to_owned()], "me")
                .refuse
                .and_then(|e| e.retry_after)
        };
        assert_eq!(
            [refused("other"), refused("orders"), refused("orders")],
            [None, None, Some(3)]
        );
        assert_eq!([refused("orders"), refused("orders")], [Some(3), None]);
        assert_eq!(faults.fired(ids[0]), 2);
        assert!(faults.remove(Some(ids[0])) && !faults.remove(None));
    }

    #[test]
    fn a_failure_belongs_to_its_own_verb() {
        let mut faults = Faults::default();
        faults
            .add(&json!({ "service": "vpc-lattice", "type": "resource-gateway", "becomes": "DELETE_FAILED" }))
            .unwrap();
        let mut course = |from| {
            let kind = "resource-gateway";
            faults.course(&Passage {
                service: Service::Lattice,
                kind,
                id: "rgw-1",
                name: "orders",
                from,
                settles: true,
            })
        };
        assert_eq!(course("CREATE_IN_PROGRESS"), Course::Proceed);
        assert!(matches!(course("DELETE_IN_PROGRESS"), Course::Becomes { .. }));
    }
}
