//! Whether the policy of a VPC endpoint forbids every call for certain.
//!
//! Not an evaluator: a condition may hold or not, and what cannot be read forbids nothing.

use serde_json::Value;

const INVOKE: &str = "execute-api:Invoke";

/// Why nobody can call, where that is certain.
pub fn forbids(policy: &str) -> Option<String> {
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

/// IAM's wildcards: `*` any characters, `?` one; actions in any case.
fn matches_invoke(pattern: &str) -> bool {
    fn matches(pattern: &[u8], text: &[u8]) -> bool {
        match (pattern.first(), text.first()) {
            (None, None) => true,
            (Some(b'*'), _) => {
                matches(&pattern[1..], text) || (!text.is_empty() && matches(pattern, &text[1..]))
            }
            (Some(b'?'), Some(_)) => matches(&pattern[1..], &text[1..]),
            (Some(one), Some(other)) => one.eq_ignore_ascii_case(other) && matches(&pattern[1..], &text[1..]),
            _ => false,
        }
    }
    matches(pattern.as_bytes(), INVOKE.as_bytes())
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
