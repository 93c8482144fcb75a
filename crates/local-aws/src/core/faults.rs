//! Fault rules: which calls fail and how, what a caller may not do, which connections are refused, and which objects
//! get stuck or fail on their way to a state.

mod rule;
mod verdict;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::core::surface::Surface;

pub(crate) use rule::{Course as Courses, Cut, Endless, Known};
use rule::{EXECUTE_API, Effect, Rule, is_of};
pub(crate) use verdict::Verdict;

/// A rule with its number and how often it fired.
#[derive(Clone, Debug, Deserialize, Serialize)]
struct Armed {
    id: u64,
    /// Matches seen so far, the skipped ones included.
    matched: u64,
    fired: u64,
    /// How many calls it holds or has held.
    #[serde(skip)]
    held: u64,
    rule: Rule,
}

impl Armed {
    /// Counts a match; tells whether the rule fires.
    fn fires(&mut self) -> bool {
        if self.rule.count.is_some_and(|count| self.fired >= count) {
            return false;
        }
        self.matched += 1;
        let fires = self.matched > self.rule.after;
        self.fired += u64::from(fires);
        fires
    }

    fn is_about(&self, resources: &[String]) -> bool {
        let part = self.rule.resource.as_deref();
        part.is_none_or(|part| resources.iter().any(|resource| resource.contains(part)))
    }

    /// Whether it is a rule for calls of an operation.
    fn is_for(&self, service: &str, operation: &str) -> bool {
        let of = |member: &Option<String>, wanted: &str| {
            member.as_deref().is_some_and(|m| m == wanted || m == "*")
        };
        // A rule for every service does not mean the servers that are none of AWS's.
        let service_fits = match service {
            EXECUTE_API => self.rule.service.as_deref() == Some(EXECUTE_API),
            service => of(&self.rule.service, service),
        };
        self.rule.effect.is_some() && service_fits && of(&self.rule.operation, operation)
    }
}

/// An object on its way from one state to the next.
pub(crate) struct Passage<'a> {
    pub(crate) service: &'a str,
    pub(crate) kind: &'a str,
    pub(crate) id: &'a str,
    pub(crate) name: &'a str,
    pub(crate) from: &'a str,
    /// The states that it may come to instead of the next one.
    pub(crate) failures: &'a [&'static str],
}

/// What the rules make of a change of state.
#[derive(Debug, PartialEq)]
pub(crate) enum Course {
    Proceed,
    Stuck,
    Becomes { state: String, reason: Option<String> },
}

/// All rules, in the order they were added; of several that match, the first that still fires counts.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub(crate) struct Faults {
    rules: Vec<Armed>,
    last_id: u64,
}

/// Reads the rules of a file: a list, JSON or YAML.
///
/// # Errors
/// A text that names the field that is wrong; its line too, where a value has the wrong type or name.
pub(crate) fn read(known: &dyn Known, text: &str) -> Result<Value, String> {
    let rules: Vec<Rule> = crate::seed::text::read(text)?;
    for (index, rule) in rules.iter().enumerate() {
        rule.check(known).map_err(|error| format!("[{index}].{error}"))?;
    }
    serde_json::to_value(rules).map_err(|error| error.to_string())
}

fn parse(known: &dyn Known, rule: &Value) -> Result<Rule, String> {
    let rule: Rule =
        serde_path_to_error::deserialize(rule).map_err(|error| match error.path().to_string() {
            path if path == "." => error.into_inner().to_string(),
            path => format!("{path}: {}", error.into_inner()),
        })?;
    rule.check(known)?;
    Ok(rule)
}

impl Faults {
    /// Adds a rule or a list of rules; none is added unless all are right.
    pub(crate) fn add(&mut self, known: &dyn Known, rules: &Value) -> Result<Vec<u64>, String> {
        let parsed: Vec<Rule> = match rules {
            Value::Array(list) => list
                .iter()
                .enumerate()
                .map(|(index, rule)| parse(known, rule).map_err(|error| format!("[{index}]: {error}")))
                .collect::<Result<_, _>>()?,
            rule => vec![parse(known, rule)?],
        };
        Ok(parsed
            .into_iter()
            .map(|rule| {
                self.last_id += 1;
                self.rules.push(Armed {
                    id: self.last_id,
                    matched: 0,
                    fired: 0,
                    held: 0,
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
        let listed = |armed: &Armed| {
            let mut listed = json!({ "id": armed.id, "fired": armed.fired, "rule": armed.rule });
            if armed.held > 0 {
                listed["held"] = armed.held.into();
            }
            listed
        };
        Value::Array(self.rules.iter().map(listed).collect())
    }

    pub(crate) fn fired(&self, id: u64) -> u64 {
        self.rules
            .iter()
            .find(|armed| armed.id == id)
            .map_or(0, |armed| armed.fired)
    }

    /// Takes note that a rule holds a call.
    pub(crate) fn hold(&mut self, id: u64) {
        for armed in self.rules.iter_mut().filter(|armed| armed.id == id) {
            armed.held += 1;
        }
    }

    /// How many calls a rule holds or has held; `None` once it is removed.
    pub(crate) fn held(&self, id: u64) -> Option<u64> {
        let armed = self.rules.iter().find(|armed| armed.id == id);
        armed.map(|armed| armed.held)
    }

    /// Whether there is any rule for connections.
    pub(crate) fn judges_connections(&self) -> bool {
        self.rules.iter().any(|armed| armed.rule.accept.is_some())
    }

    /// Whether a new connection is closed before a byte is read.
    pub(crate) fn refuses_connection(&mut self) -> bool {
        let mut rules = self.rules.iter_mut().filter(|armed| armed.rule.accept.is_some());
        rules.any(Armed::fires)
    }

    /// Judges one call, and counts it.
    pub(crate) fn judge(
        &mut self,
        service: &Surface,
        operation: &str,
        resources: &[String],
        caller: &str,
    ) -> Verdict {
        let effect = self.effect(service.name, operation, resources);
        effect.map_or_else(Verdict::default, |(id, effect)| {
            let action = format!("{}:{operation}", service.name);
            Verdict {
                hold: effect.hold.map(|when| (id, when)),
                ..effect.verdict(service, caller, &action)
            }
        })
    }

    /// Judges one request to a seeded server, by its host and path, and counts it.
    pub(crate) fn judge_invocation(&mut self, target: String) -> Verdict {
        let effect = self.effect(EXECUTE_API, "Invoke", &[target]);
        effect.map_or_else(Verdict::default, |(_, effect)| effect.verdict_of_server())
    }

    fn effect(&mut self, service: &str, operation: &str, resources: &[String]) -> Option<(u64, &Effect)> {
        let mut matching = self
            .rules
            .iter_mut()
            .filter(|armed| armed.is_for(service, operation) && armed.is_about(resources));
        let fired = matching.find_map(|armed| armed.fires().then_some(armed))?;
        Some((fired.id, fired.rule.effect.as_ref()?))
    }

    /// The first of some IAM actions that a rule denies, counted.
    pub(crate) fn denied<'a>(&mut self, actions: &'a [String], resources: &[String]) -> Option<&'a str> {
        let mut rules = self.rules.iter_mut();
        rules.find_map(|armed| {
            let pattern = armed.rule.deny.clone()?;
            let action = actions.iter().find(|action| is_of(&pattern, action))?;
            (armed.is_about(resources) && armed.fires()).then_some(action.as_str())
        })
    }

    /// Judges one change of state, and counts it.
    pub(crate) fn course(&mut self, passage: &Passage<'_>) -> Course {
        for armed in &mut self.rules {
            let rule = &armed.rule;
            let named =
                |part: &String| passage.name.contains(part.as_str()) || passage.id.contains(part.as_str());
            if rule.service.as_deref() != Some(passage.service)
                || rule.kind.as_deref() != Some(passage.kind)
                || !rule.name.as_ref().is_none_or(named)
            {
                continue;
            }
            if rule.stuck.as_deref() == Some(passage.from) && armed.fires() {
                return Course::Stuck;
            }
            let rule = &armed.rule;
            let Some(state) = rule
                .becomes
                .clone()
                .filter(|state| passage.failures.contains(&state.as_str()))
            else {
                continue;
            };
            let reason = rule.reason.clone();
            if armed.fires() {
                return Course::Becomes { state, reason };
            }
        }
        Course::Proceed
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::services::{REGISTRY, events, sts};

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
                json!({ "service": "execute-api", "operation": "Invoke", "effect": { "hold": "after" } }),
                "hold",
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
            let error = Faults::default().add(&*REGISTRY, &rule).unwrap_err();
            assert!(error.contains(field), "{rule}: {error}");
        }
    }

    #[test]
    fn a_wrong_file_names_line_and_field() {
        for (text, parts) in [
            (
                "- service: ec2\n  operation: DescribeVpcs\n  efect: {}\n",
                &["efect", "line 3"][..],
            ),
            (
                "- service: ec2\n  operation: DescribeVpcs\n  effect: { delay_ms: long }\n",
                &["[0].effect.delay_ms", "line 3"],
            ),
            (
                "- deny: ec2:CreateSecurtyGroup\n",
                &["[0].deny", "CreateSecurtyGroup"],
            ),
            (
                "[{\"accept\": \"refuse\", \"count\": \"one\"}]",
                &["[0].count", "line 1"],
            ),
            ("- accept: refuse\n  name: x\n", &["[0].name"]),
            ("service: ec2\n", &["line 1"]),
        ] {
            let error = read(&*REGISTRY, text).unwrap_err();
            assert!(parts.iter().all(|part| error.contains(part)), "{text}\n{error}");
        }
        let good = "- deny: ec2:Create*\n- { accept: refuse, count: 1 }\n";
        assert_eq!(
            Faults::default().add(&*REGISTRY, &read(&*REGISTRY, good).unwrap()),
            Ok(vec![1, 2])
        );
    }

    #[test]
    fn a_denial_is_of_actions_and_counts() {
        let mut faults = Faults::default();
        faults
            .add(
                &*REGISTRY,
                &json!({ "deny": "ec2:create*", "resource": "orders", "after": 1, "count": 1 }),
            )
            .unwrap();
        let actions = ["ec2:DescribeVpcs".to_owned(), "ec2:CreateTags".to_owned()];
        let mut denied = |name: &str| faults.denied(&actions, &[name.to_owned()]);
        assert_eq!([denied("other"), denied("orders")], [None, None]);
        assert_eq!(
            [denied("orders"), denied("orders")],
            [Some("ec2:CreateTags"), None]
        );
    }

    #[test]
    fn a_rule_for_everything_means_every_service_but_the_seeded_servers() {
        let mut faults = Faults::default();
        faults
            .add(
                &*REGISTRY,
                &json!({ "service": "*", "operation": "*", "effect": { "throttle": true } }),
            )
            .unwrap();
        assert!(
            faults
                .judge(&sts::SURFACE, "AssumeRole", &[], "me")
                .refuse
                .is_some()
        );
        assert!(faults.judge_invocation("host/path".to_owned()).refuse.is_none());
    }

    #[test]
    fn a_rule_skips_fires_and_ends() {
        let mut faults = Faults::default();
        let rule = json!({ "service": "events", "operation": "CreateConnection", "resource": "ord", "after": 1, "count": 2,
            "effect": { "throttle": true, "retry_after": 3 } });
        let ids = faults.add(&*REGISTRY, &rule).unwrap();
        let mut refused = |name: &str| {
            faults
                .judge(&events::SURFACE, "CreateConnection", &[name.to_owned()], "me")
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
            .add(
                &*REGISTRY,
                &json!({ "service": "vpc-lattice", "type": "resource-gateway", "becomes": "DELETE_FAILED" }),
            )
            .unwrap();
        let mut course = |from, failures: &[&'static str]| {
            faults.course(&Passage {
                service: "vpc-lattice",
                kind: "resource-gateway",
                id: "rgw-1",
                name: "orders",
                from,
                failures,
            })
        };
        assert_eq!(course("CREATE_IN_PROGRESS", &["CREATE_FAILED"]), Course::Proceed);
        assert!(matches!(
            course("DELETE_IN_PROGRESS", &["DELETE_FAILED"]),
            Course::Becomes { .. }
        ));
    }

    #[test]
    fn only_actions_that_are_asked_for_can_be_denied() {
        for known in [
            "ec2:CreateSecurityGroup",
            "events:*",
            "EC2:describe*",
            "iam:PassRole",
            "states:InvokeHTTPEndpoint",
        ] {
            let added = Faults::default().add(&*REGISTRY, &json!({ "deny": known }));
            assert_eq!(added, Ok(vec![1]), "{known}");
        }
        for unknown in ["ec2:CreateSecurtyGroup", "CreateSecurityGroup", "s3:*", "*"] {
            let added = Faults::default().add(&*REGISTRY, &json!({ "deny": unknown }));
            assert!(added.is_err(), "{unknown}");
        }
    }
}
