//! What is wrong with an input, in AWS's words.

use crate::core::error::ApiError;
use crate::wire::rest_json::validation;

/// A constraint of a model.
#[derive(Debug, PartialEq)]
pub(super) enum Rule {
    NotNull,
    Pattern(String),
    Shortest(i64),
    Longest(i64),
    Least(i64),
    Most(i64),
    OneOf(String),
    OneOfUnion,
    /// Of each in a list or map, one of which breaks one of these.
    Each(Each, Vec<Rule>),
    /// What the value should be instead.
    Type(&'static str),
    /// There is no such parameter.
    Unknown,
}

/// What of a list or map has to be so.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Each {
    Member,
    Key,
    Value,
}

impl Rule {
    /// What the rule asks for.
    fn asks(&self) -> String {
        match self {
            Self::NotNull => "Member must not be null".to_owned(),
            Self::Pattern(pattern) => format!("Member must satisfy regular expression pattern: {pattern}"),
            Self::Shortest(min) => format!("Member must have length greater than or equal to {min}"),
            Self::Longest(max) => format!("Member must have length less than or equal to {max}"),
            Self::Least(min) => format!("Member must have value greater than or equal to {min}"),
            Self::Most(max) => format!("Member must have value less than or equal to {max}"),
            Self::OneOf(values) => format!("Member must satisfy enum value set: [{values}]"),
            Self::OneOfUnion => "exactly one member of the union must be set".to_owned(),
            Self::Each(each, rules) => {
                let rules: Vec<String> = rules.iter().map(Self::asks).collect();
                let each = match each {
                    Each::Member => "Member",
                    Each::Key => "Map keys",
                    Each::Value => "Map value",
                };
                format!("{each} must satisfy constraint: [{}]", rules.join(", "))
            }
            Self::Type(expected) => format!("Member must be a {expected}"),
            Self::Unknown => "there is no such parameter".to_owned(),
        }
    }
}

/// What a violation tells of the value.
#[derive(Debug, PartialEq)]
enum Told {
    Text(String),
    Null,
    /// It must not be repeated, or there is nothing to repeat.
    Nothing,
}

/// One broken constraint.
#[derive(Debug, PartialEq)]
pub(crate) struct Violation {
    /// `tags.key`, `subnetIds.1.member`.
    path: String,
    value: Told,
    rule: Rule,
}

impl Violation {
    pub(super) fn of(path: &str, rule: Rule, value: Option<String>) -> Self {
        Self {
            path: path.to_owned(),
            value: value.map_or(Told::Nothing, Told::Text),
            rule,
        }
    }

    pub(super) fn is_type_error(&self) -> bool {
        matches!(self.rule, Rule::Type(_))
    }

    /// The member that is missing.
    pub(crate) fn missing(&self) -> Option<&str> {
        (self.rule == Rule::NotNull).then_some(&*self.path)
    }

    pub(crate) fn sentence(&self) -> String {
        let path = &self.path;
        match &self.rule {
            Rule::Unknown => return format!("The parameter {path} is not recognized"),
            Rule::Type(expected) => {
                let article = if *expected == "integer" { "an" } else { "a" };
                return format!("The value at '{path}' is not {article} {expected}");
            }
            _ => {}
        }
        let value = match &self.value {
            Told::Text(value) => format!(" '{value}'"),
            Told::Null => " null".to_owned(),
            Told::Nothing => String::new(),
        };
        format!(
            "Value{value} at '{path}' failed to satisfy constraint: {}",
            self.rule.asks()
        )
    }

    /// The same with the names of its path in lower camel case.
    fn in_lower_camel_case(mut self) -> Self {
        let lower = |name: &str| {
            let mut letters = name.chars();
            let first = letters.next().map(|first| first.to_ascii_lowercase());
            first.into_iter().chain(letters).collect::<String>()
        };
        let names: Vec<String> = self.path.split('.').map(lower).collect();
        self.path = names.join(".");
        self
    }
}

/// `2 validation errors detected: …; …`.
fn summary(violations: &[Violation]) -> String {
    let plural = if violations.len() == 1 { "error" } else { "errors" };
    let sentences: Vec<String> = violations.iter().map(Violation::sentence).collect();
    format!(
        "{} validation {plural} detected: {}",
        violations.len(),
        sentences.join("; ")
    )
}

/// As the awsJson services say it: what cannot be read, or else every broken constraint.
pub(crate) fn in_one_sentence(violations: Vec<Violation>) -> ApiError {
    if let Some(violation) = violations.iter().find(|violation| violation.is_type_error()) {
        return ApiError::new("SerializationException", violation.sentence());
    }
    let named = violations.into_iter().map(Violation::in_lower_camel_case);
    ApiError::new("ValidationException", summary(&named.collect::<Vec<_>>()))
}

/// As VPC Lattice says it: with a list of the fields.
pub(crate) fn in_fields(violations: Vec<Violation>) -> ApiError {
    let reason = match violations.iter().any(Violation::is_type_error) {
        true => "cannotParse",
        false => "fieldValidationFailed",
    };
    let fields: Vec<(&str, String)> = violations
        .iter()
        .map(|violation| (&*violation.path, violation.sentence()))
        .collect();
    let fields: Vec<(&str, &str)> = fields.iter().map(|(name, text)| (*name, &**text)).collect();
    validation(reason, &summary(&violations), &fields)
}

/// As the awsQuery services say it: what cannot be read, or else every broken constraint; what is missing is null.
pub(crate) fn of_query(violations: Vec<Violation>) -> ApiError {
    if let Some(violation) = violations.iter().find(|violation| violation.is_type_error()) {
        return ApiError::new("MalformedInput", violation.sentence());
    }
    let named = violations.into_iter().map(|violation| match violation.rule {
        Rule::NotNull => Violation {
            value: Told::Null,
            ..violation.in_lower_camel_case()
        },
        _ => violation.in_lower_camel_case(),
    });
    let named: Vec<Violation> = named.collect();
    ApiError::new("ValidationError", summary(&named))
}

/// As EC2 says it, of the first that is wrong.
pub(crate) fn of_ec2(violations: Vec<Violation>) -> ApiError {
    let (code, message) = match violations.first() {
        None => ("InvalidParameterValue", String::new()),
        Some(violation) => {
            let path = violation.path.replace(".member", "");
            let value = match &violation.value {
                Told::Text(value) => value.as_str(),
                Told::Null | Told::Nothing => "",
            };
            match violation.rule {
                Rule::Unknown => ("UnknownParameter", violation.sentence()),
                Rule::NotNull => (
                    "MissingParameter",
                    format!("The request must contain the parameter {path}"),
                ),
                Rule::Type(expected) => (
                    "InvalidParameterValue",
                    format!("Value ({value}) for parameter {path} is not a valid {expected} value"),
                ),
                _ => (
                    "InvalidParameterValue",
                    format!("Value ({value}) for parameter {path} is invalid."),
                ),
            }
        }
    };
    ApiError::new(code, message)
}
