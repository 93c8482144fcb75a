//! The part of IAM's policy language that endpoint policies and API resource policies use, and its judgement.

use std::net::IpAddr;

use ipnet::IpNet;
use serde_json::Value;

use crate::core::wildcard;

/// A policy that was read and found right.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Policy(Vec<Statement>);

#[derive(Clone, Debug, PartialEq)]
struct Statement {
    allows: bool,
    /// Whether it is about callers that nobody knows, which these are: calls to a private API are not signed.
    anyone: bool,
    actions: Matching,
    resources: Option<Matching>,
    conditions: Vec<Condition>,
}

/// `Action` or `NotAction`, `Resource` or `NotResource`.
#[derive(Clone, Debug, PartialEq)]
struct Matching {
    patterns: Vec<String>,
    negated: bool,
}

#[derive(Clone, Debug, PartialEq)]
struct Condition {
    operator: Operator,
    negated: bool,
    /// `…IfExists`: holds where the key is not there.
    if_exists: bool,
    key: String,
    values: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Operator {
    Equals,
    EqualsIgnoreCase,
    Like,
    Ip,
    Bool,
    /// `Null`: whether the key is missing.
    Missing,
}

/// What a call is, as far as policies ask for it.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Request {
    pub(crate) action: String,
    pub(crate) resource: String,
    /// Condition keys in lower case, with their values.
    pub(crate) context: Vec<(&'static str, String)>,
}

/// What a policy says to a request.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Judgement {
    Allowed,
    /// No statement allows it.
    NotAllowed,
    /// A statement denies it, whatever others say.
    Denied,
}

impl Policy {
    /// Reads a policy.
    ///
    /// # Errors
    /// A text that names the element that is wrong or not judged here.
    pub(crate) fn read(document: &Value) -> Result<Self, String> {
        let statements = match document.get("Statement") {
            Some(Value::Array(statements)) => statements.iter().collect(),
            Some(statement @ Value::Object(_)) => vec![statement],
            _ => return Err("Statement: is missing".to_owned()),
        };
        let read = statements.into_iter().enumerate().map(|(index, statement)| {
            Statement::read(statement).map_err(|error| format!("Statement[{index}].{error}"))
        });
        read.collect::<Result<_, _>>().map(Self)
    }

    /// Reads the policy of a session, which is about its holder and names nobody.
    ///
    /// # Errors
    /// A text that names the element that is wrong or not judged here: a resource other than `*`.
    pub(crate) fn of_session(document: &Value) -> Result<Self, String> {
        let mut document = document.clone();
        let statements = match document.get_mut("Statement") {
            Some(Value::Array(statements)) => statements.iter_mut().collect(),
            statement => statement.into_iter().collect::<Vec<_>>(),
        };
        for (index, statement) in statements.into_iter().enumerate() {
            if statement["Resource"] != "*" {
                return Err(format!("Statement[{index}].Resource: only '*' is judged here"));
            }
            statement["Principal"] = "*".into();
        }
        Self::read(&document)
    }

    pub(crate) fn judge(&self, request: &Request) -> Judgement {
        let mut judgement = Judgement::NotAllowed;
        for statement in self.0.iter().filter(|statement| statement.applies(request)) {
            if !statement.allows {
                return Judgement::Denied;
            }
            judgement = Judgement::Allowed;
        }
        judgement
    }
}

impl Statement {
    fn read(statement: &Value) -> Result<Self, String> {
        let members = statement.as_object().ok_or("is not an object")?;
        const KNOWN: [&str; 9] = [
            "Sid",
            "Effect",
            "Principal",
            "NotPrincipal",
            "Action",
            "NotAction",
            "Resource",
            "NotResource",
            "Condition",
        ];
        if let Some(name) = members.keys().find(|name| !KNOWN.contains(&name.as_str())) {
            return Err(format!("{name}: is not an element of a statement"));
        }
        let allows = match statement["Effect"].as_str() {
            Some("Allow") => true,
            Some("Deny") => false,
            _ => return Err("Effect: is neither Allow nor Deny".to_owned()),
        };
        if members.contains_key("NotPrincipal") {
            return Err("NotPrincipal: is not judged here".to_owned());
        }
        let principals = match &statement["Principal"] {
            Value::Object(kinds) => kinds.get("AWS").map(texts).unwrap_or_default(),
            Value::Null => return Err("Principal: is missing".to_owned()),
            plain => texts(plain),
        };
        let actions = matching(statement, "Action", "NotAction").ok_or("Action: is missing")?;
        let conditions = statement["Condition"].as_object().into_iter().flatten();
        let conditions = conditions.map(|(operator, keys)| Condition::read(operator, keys));
        Ok(Self {
            allows,
            anyone: principals.iter().any(|principal| principal == "*"),
            actions,
            resources: matching(statement, "Resource", "NotResource"),
            conditions: conditions.collect::<Result<Vec<_>, _>>()?.concat(),
        })
    }

    fn applies(&self, request: &Request) -> bool {
        // An action has no case, an ARN has.
        let action = request.action.to_lowercase();
        let on_resource =
            |resources: &Matching| resources.matches(|pattern| resource_is(pattern, &request.resource));
        self.anyone
            && self
                .actions
                .matches(|pattern| like(&pattern.to_lowercase(), &action))
            && self.resources.as_ref().is_none_or(on_resource)
            && self.conditions.iter().all(|condition| condition.holds(request))
    }
}

/// Whether a pattern is of an ARN. An API's policy may leave out everything before the stage:
/// `execute-api:/prod/GET/orders`.
fn resource_is(pattern: &str, arn: &str) -> bool {
    match (pattern.strip_prefix("execute-api:/"), arn.split_once('/')) {
        (Some(pattern), Some((_, path))) => like(pattern, path),
        _ => like(pattern, arn),
    }
}

impl Matching {
    fn matches(&self, is_of: impl Fn(&str) -> bool) -> bool {
        self.patterns.iter().any(|pattern| is_of(pattern)) != self.negated
    }
}

fn matching(statement: &Value, name: &str, negated: &str) -> Option<Matching> {
    let read = |member: &str, negated: bool| {
        statement.get(member).map(|value| Matching {
            patterns: texts(value),
            negated,
        })
    };
    read(name, false).or_else(|| read(negated, true))
}

/// One text or a list of them.
fn texts(value: &Value) -> Vec<String> {
    let one = |value: &Value| match value {
        Value::String(text) => Some(text.clone()),
        Value::Bool(_) | Value::Number(_) => Some(value.to_string()),
        _ => None,
    };
    match value {
        Value::Array(list) => list.iter().filter_map(one).collect(),
        value => one(value).into_iter().collect(),
    }
}

fn like(pattern: &str, text: &str) -> bool {
    wildcard::matches(&wildcard::tokens(pattern, true), text)
}

impl Condition {
    fn read(operator: &str, keys: &Value) -> Result<Vec<Self>, String> {
        let (plain, if_exists) = match operator.strip_suffix("IfExists") {
            Some(plain) => (plain, true),
            None => (operator, false),
        };
        let (kind, negated) = match plain {
            "StringEquals" | "ArnEquals" => (Operator::Equals, false),
            "StringNotEquals" | "ArnNotEquals" => (Operator::Equals, true),
            "StringEqualsIgnoreCase" => (Operator::EqualsIgnoreCase, false),
            "StringNotEqualsIgnoreCase" => (Operator::EqualsIgnoreCase, true),
            "StringLike" | "ArnLike" => (Operator::Like, false),
            "StringNotLike" | "ArnNotLike" => (Operator::Like, true),
            "IpAddress" => (Operator::Ip, false),
            "NotIpAddress" => (Operator::Ip, true),
            "Bool" => (Operator::Bool, false),
            "Null" => (Operator::Missing, false),
            _ => return Err(format!("Condition.{operator}: is not judged here")),
        };
        let keys = keys
            .as_object()
            .ok_or_else(|| format!("Condition.{operator}: is not an object"))?;
        keys.iter()
            .map(|(key, values)| {
                let values = texts(values);
                if kind == Operator::Ip && values.iter().any(|value| net(value).is_none()) {
                    return Err(format!("Condition.{operator}.{key}: is not a list of addresses"));
                }
                Ok(Self {
                    operator: kind,
                    negated,
                    if_exists,
                    key: key.to_lowercase(),
                    values,
                })
            })
            .collect()
    }

    fn holds(&self, request: &Request) -> bool {
        let found = request.context.iter().find(|(key, _)| *key == self.key);
        if self.operator == Operator::Missing {
            return self
                .values
                .iter()
                .any(|value| (value == "true") == found.is_none());
        }
        let Some((_, actual)) = found else {
            // A negated operator holds for a key that is not there, too.
            return self.if_exists || self.negated;
        };
        let is = |value: &String| match self.operator {
            Operator::Equals | Operator::Missing => value == actual,
            Operator::EqualsIgnoreCase | Operator::Bool => value.eq_ignore_ascii_case(actual),
            Operator::Like => like(value, actual),
            Operator::Ip => {
                let address: Option<IpAddr> = actual.parse().ok();
                net(value)
                    .zip(address)
                    .is_some_and(|(net, address)| net.contains(&address))
            }
        };
        self.values.iter().any(is) != self.negated
    }
}

/// A block, or one address.
fn net(text: &str) -> Option<IpNet> {
    text.parse()
        .ok()
        .or_else(|| text.parse().map(|address: IpAddr| address.into()).ok())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn request() -> Request {
        Request {
            action: "execute-api:Invoke".to_owned(),
            resource: "arn:aws:execute-api:us-east-1:123456789012:abcdefghij/prod/GET/orders".to_owned(),
            context: vec![
                ("aws:sourcevpce", "vpce-1".to_owned()),
                ("aws:sourcevpc", "vpc-1".to_owned()),
                ("aws:vpcsourceip", "10.0.0.7".to_owned()),
            ],
        }
    }

    fn judged(statements: Value) -> Judgement {
        Policy::read(&json!({ "Statement": statements }))
            .unwrap()
            .judge(&request())
    }

    fn allow(more: Value) -> Value {
        let mut statement =
            json!({ "Effect": "Allow", "Principal": "*", "Action": "execute-api:Invoke", "Resource": "*" });
        statement
            .as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        statement
    }

    #[test]
    fn each_element_has_to_fit() {
        use Judgement::{Allowed, NotAllowed};
        for (more, judgement) in [
            (json!({}), Allowed),
            (json!({ "Action": "EXECUTE-API:*" }), Allowed),
            (json!({ "Action": "execute-api:ManageConnections" }), NotAllowed),
            (json!({ "Principal": { "AWS": "*" } }), Allowed),
            (
                json!({ "Principal": { "AWS": "arn:aws:iam::123456789012:root" } }),
                NotAllowed,
            ),
            (json!({ "Resource": "execute-api:/prod/GET/*" }), Allowed),
            (json!({ "Resource": "execute-api:/test/*" }), NotAllowed),
            (
                json!({ "Resource": ["arn:aws:execute-api:*:*:abcdefghij/*"] }),
                Allowed,
            ),
            (
                json!({ "Condition": { "StringEquals": { "aws:SourceVpce": ["vpce-0", "vpce-1"] } } }),
                Allowed,
            ),
            (
                json!({ "Condition": { "StringEquals": { "aws:SourceVpce": "vpce-2" } } }),
                NotAllowed,
            ),
            (
                json!({ "Condition": { "StringLike": { "aws:sourceVpc": "vpc-*" } } }),
                Allowed,
            ),
            (
                json!({ "Condition": { "StringNotEquals": { "aws:SourceVpc": "vpc-1" } } }),
                NotAllowed,
            ),
            (
                json!({ "Condition": { "IpAddress": { "aws:VpcSourceIp": "10.0.0.0/24" } } }),
                Allowed,
            ),
            (
                json!({ "Condition": { "NotIpAddress": { "aws:VpcSourceIp": ["10.0.0.0/24"] } } }),
                NotAllowed,
            ),
            (
                json!({ "Condition": { "IpAddress": { "aws:SourceIp": "10.0.0.0/24" } } }),
                NotAllowed,
            ),
            (
                json!({ "Condition": { "IpAddressIfExists": { "aws:SourceIp": "10.0.0.0/24" } } }),
                Allowed,
            ),
            (
                json!({ "Condition": { "ArnLike": { "aws:PrincipalArn": "*" } } }),
                NotAllowed,
            ),
            (
                json!({ "Condition": { "Null": { "aws:PrincipalArn": "true" } } }),
                Allowed,
            ),
        ] {
            assert_eq!(judged(allow(more.clone())), judgement, "{more}");
        }
    }

    #[test]
    fn a_denial_wins_wherever_it_stands() {
        let deny = json!({ "Effect": "Deny", "Principal": "*", "Action": "*", "Resource": "*",
            "Condition": { "StringNotEquals": { "aws:SourceVpce": "vpce-2" } } });
        assert_eq!(judged(json!([deny, allow(json!({}))])), Judgement::Denied);
        assert_eq!(judged(json!([allow(json!({})), deny])), Judgement::Denied);
    }

    #[test]
    fn a_wrong_policy_is_refused_with_the_element() {
        for (more, element) in [
            (json!({ "Effect": "allow" }), "Effect"),
            (json!({ "Actions": "*" }), "Actions"),
            (json!({ "NotPrincipal": "*" }), "NotPrincipal"),
            (json!({ "Condition": { "DateLessThan": {} } }), "DateLessThan"),
            (
                json!({ "Condition": { "IpAddress": { "aws:SourceIp": "10.0" } } }),
                "aws:SourceIp",
            ),
        ] {
            let error = Policy::read(&json!({ "Statement": [allow(more)] })).unwrap_err();
            assert!(error.contains(element), "{error}");
        }
    }
}
