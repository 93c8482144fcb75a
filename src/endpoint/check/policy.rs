//! Whether the policy of a VPC endpoint forbids every call for certain.
//!
//! Not an evaluator: a condition may hold or not, and what cannot be read forbids nothing.

use serde_json::Value;

use super::{EndState, Seen};
use crate::endpoint::Problem;

const INVOKE: &str = "execute-api:Invoke";

pub fn lets_somebody_call(end: &EndState<'_>, _: &Seen) -> Vec<Problem> {
    let forbidden = end.endpoint.and_then(|endpoint| {
        let why = forbids(endpoint.policy.as_deref()?)?;
        let id = endpoint.id.clone();
        Some(Problem::ForbiddenByPolicy { id, why })
    });
    forbidden.into_iter().collect()
}

/// Why nobody can call, where that is certain.
fn forbids(policy: &str) -> Option<String> {
    let document: Value = serde_json::from_str(policy).ok()?;
    let statements: Vec<&Value> = match document.get("Statement")? {
        Value::Array(all) => all.iter().collect(),
        one => vec![one],
    };
    let effect = |statement: &Value, effect: &str| statement["Effect"].as_str() == Some(effect);
    let denies = statements.iter().any(|statement| {
        effect(statement, "Deny")
            && covers_invoke(statement, true)
            && statement["Condition"].is_null()
            && is_everyone(&statement["Principal"])
            && is_everything(&statement["Resource"])
    });
    if denies {
        return Some(format!("a statement denies {INVOKE} to everyone on everything"));
    }
    let allows = statements
        .iter()
        .any(|statement| effect(statement, "Allow") && covers_invoke(statement, false));
    (!allows).then(|| format!("no statement allows {INVOKE}"))
}

/// Whether a statement is about calls: `certainly`, or possibly.
fn covers_invoke(statement: &Value, certainly: bool) -> bool {
    match (&statement["Action"], &statement["NotAction"]) {
        (Value::Null, Value::Null) => !certainly,
        (Value::Null, not) => !texts(not).any(matches_invoke),
        (action, _) => texts(action).any(matches_invoke),
    }
}

fn texts(value: &Value) -> impl Iterator<Item = &str> {
    let all = match value {
        Value::Array(all) => all.as_slice(),
        one => std::slice::from_ref(one),
    };
    all.iter().filter_map(Value::as_str)
}

/// IAM's wildcards: `*` any characters, `?` one; actions in any case. Goes back to the last star only.
fn matches_invoke(pattern: &str) -> bool {
    let (pattern, text) = (pattern.as_bytes(), INVOKE.as_bytes());
    let (mut at, mut seen) = (0, 0);
    let mut star = None;
    while seen < text.len() {
        match pattern.get(at) {
            Some(b'*') => {
                star = Some((at + 1, seen));
                at += 1;
            }
            Some(one) if *one == b'?' || one.eq_ignore_ascii_case(&text[seen]) => {
                at += 1;
                seen += 1;
            }
            _ => match star {
                Some((after, from)) => {
                    star = Some((after, from + 1));
                    (at, seen) = (after, from + 1);
                }
                None => return false,
            },
        }
    }
    pattern[at..].iter().all(|rest| *rest == b'*')
}

fn is_everyone(principal: &Value) -> bool {
    principal == "*"
        || principal
            .get("AWS")
            .is_some_and(|aws| texts(aws).any(|one| one == "*"))
}

fn is_everything(resource: &Value) -> bool {
    texts(resource).any(|one| one == "*")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wildcards_match_as_iam_says_and_in_no_time() {
        for pattern in [
            "*",
            "execute-api:*",
            "EXECUTE-API:Invoke",
            "execute-api:?nvoke",
            "*:*k*",
            "e*e",
        ] {
            assert!(matches_invoke(pattern), "{pattern}");
        }
        let long = format!("{}x", "*e".repeat(60));
        for pattern in [
            "",
            "execute-api:",
            "s3:*",
            "execute-api:Invoke?",
            "execute-api:Invoke2",
            &long,
        ] {
            assert!(!matches_invoke(pattern), "{pattern}");
        }
    }

    #[test]
    fn only_what_forbids_every_call_for_certain_does() {
        let forbidding = [
            r#"{"Statement":[{"Effect":"Allow","Principal":"*","Action":"s3:*","Resource":"*"}]}"#,
            r#"{"Statement":[]}"#,
            r#"{"Statement":[{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"},
                {"Effect":"Deny","Principal":{"AWS":"*"},"Action":"execute-api:inv*","Resource":"*"}]}"#,
            r#"{"Statement":{"Effect":"Allow","Principal":"*","NotAction":["execute-api:*"],"Resource":"*"}}"#,
        ];
        for policy in forbidding {
            assert!(forbids(policy).is_some(), "{policy}");
        }
        let not_certain = [
            r#"{"Statement":[{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}]}"#,
            r#"{"Statement":[{"Effect":"Allow","Principal":"*","Action":["execute-api:Invoke"],"Resource":"arn:x"}]}"#,
            r#"{"Statement":[{"Effect":"Allow","Action":"*"},{"Effect":"Deny","Principal":"*","Action":"*","Resource":"*",
                "Condition":{"StringNotEquals":{"aws:SourceVpc":"vpc-1"}}}]}"#,
            r#"{"Statement":[{"Effect":"Allow","Action":"*"},{"Effect":"Deny","Principal":"*","Action":"*","Resource":"arn:x"}]}"#,
            "no JSON",
        ];
        for policy in not_certain {
            assert_eq!(forbids(policy), None, "{policy}");
        }
    }
}
