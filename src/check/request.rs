//! The call that a check makes: read from a configuration, refused where it cannot be made, and written as a state.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};
use terraform_plugin::{Attr, Diagnostic, Diagnostics, Outcome, Path, path};

use crate::http_task::{ConnectionArn, Language, Task, TaskUrl, header, is_expression};
use crate::sentence::sentence;

pub type Texts = BTreeMap<String, Attr<String>>;

/// What a configuration says of the call.
#[derive(Debug, Clone)]
pub struct Inputs {
    pub connection_arn: Attr<String>,
    pub url: Attr<String>,
    pub http_method: Attr<String>,
    pub role_arn: Attr<String>,
    pub request_body: Attr<String>,
    pub headers: Attr<Texts>,
    pub query_parameters: Attr<Texts>,
    pub expected_status_codes: Attr<Vec<Attr<String>>>,
}

/// A call that can be made.
#[derive(Debug)]
pub struct Request {
    pub connection: ConnectionArn,
    pub url: TaskUrl,
    pub method: String,
    pub role_arn: String,
    body: Option<String>,
    headers: BTreeMap<String, String>,
    query: BTreeMap<String, String>,
    pub expected: Vec<Statuses>,
}

/// Statuses that are expected: one, or a hundred.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Statuses {
    One(u16),
    /// By the first digit.
    Hundred(u16),
}

impl Statuses {
    /// `204`, or `2xx`.
    pub fn parse(text: &str) -> Option<Self> {
        let first = text
            .bytes()
            .next()
            .filter(|first| (b'1'..=b'5').contains(first))?;
        if text.len() == 3 && text[1..].eq_ignore_ascii_case("xx") {
            return Some(Self::Hundred(u16::from(first - b'0')));
        }
        let is_number = text.len() == 3 && text.bytes().all(|byte| byte.is_ascii_digit());
        text.parse().ok().filter(|_| is_number).map(Self::One)
    }

    pub fn admits(self, status: u16) -> bool {
        match self {
            Self::One(one) => one == status,
            Self::Hundred(hundred) => status / 100 == hundred,
        }
    }
}

/// Refuses what cannot be called, as far as it is known.
pub fn validate(inputs: &Inputs) -> Outcome {
    let mut found = Diagnostics::new();
    let mut refuse = |path: Path, why: String| {
        found.push(Diagnostic::error("Invalid call", why).at(path));
    };
    if let Some(arn) = inputs.connection_arn.known()
        && let Err(why) = connection(arn)
    {
        refuse(path!("connection_arn"), why);
    }
    if let Some(url) = inputs.url.known()
        && let Err(why) = TaskUrl::parse(url)
    {
        refuse(path!("url"), sentence(why));
    }
    for (name, given) in [
        ("headers", &inputs.headers),
        ("query_parameters", &inputs.query_parameters),
    ] {
        for (key, value) in given.known().into_iter().flatten() {
            if value.is_null() {
                refuse(
                    Path::root().then(name),
                    format!("{key:?} is null. Leave it out, or give it a value."),
                );
            }
            if value.known().is_some_and(|text| is_expression(text)) {
                refuse(Path::root().then(name), expression(key));
            }
        }
    }
    if let Some(name) = inputs
        .headers
        .known()
        .and_then(|all| all.keys().find(|name| header::is_forbidden(name)))
    {
        refuse(
            path!("headers"),
            format!(
                "Step Functions lets no task set the header {name:?}. Credentials belong in the connection, other headers in \
                 its invocation_http_parameters."
            ),
        );
    }
    for (name, value) in inputs.headers.known().into_iter().flatten() {
        if !header::is_name(name) {
            refuse(
                path!("headers"),
                format!(
                    "{name:?} is not the name of a header: letters, digits and hyphens, such as x-trace-id."
                ),
            );
        }
        if value.known().is_some_and(|value| !header::is_value(value)) {
            refuse(
                path!("headers"),
                format!(
                    "The value of {name:?} has a line break or another control character, which no header can carry."
                ),
            );
        }
    }
    if inputs
        .request_body
        .known()
        .is_some_and(|body| is_expression(body))
    {
        refuse(path!("request_body"), expression("request_body"));
    }
    for code in inputs
        .expected_status_codes
        .known()
        .into_iter()
        .flatten()
        .filter_map(Attr::known)
    {
        if Statuses::parse(code).is_none() {
            refuse(
                path!("expected_status_codes"),
                format!("{code:?} is not a status, such as \"200\", nor a hundred of them, such as \"2xx\"."),
            );
        }
    }
    found.into_outcome()
}

fn expression(what: &str) -> String {
    format!("{what:?} is a JSONata expression. A check sends values as they are; give the value itself.")
}

fn connection(arn: &str) -> Result<ConnectionArn, String> {
    let connection = ConnectionArn::parse(arn).map_err(sentence)?;
    if connection.id.is_none() {
        return Err(format!(
            "{arn:?} lacks the random part of a connection's ARN, which a call needs. Give connection_arn, not \
             connection_arn_for_policy."
        ));
    }
    Ok(connection)
}

impl Request {
    /// The call of a configuration that is wholly known.
    ///
    /// # Errors
    /// It cannot be made; a value that was not known before can be wrong, too.
    pub fn of(inputs: &Inputs) -> Result<Self, Diagnostics> {
        validate(inputs)?;
        let refused = |path: Path, why: String| Diagnostic::error("Invalid call", why).at(path);
        let arn = inputs.connection_arn.required(path!("connection_arn"))?;
        let url = inputs.url.required(path!("url"))?;
        let codes = inputs.expected_status_codes.known().into_iter().flatten();
        let expected: Vec<_> = codes.filter_map(|code| Statuses::parse(code.known()?)).collect();
        Ok(Self {
            connection: connection(arn).map_err(|why| refused(path!("connection_arn"), why))?,
            url: TaskUrl::parse(url).map_err(|why| refused(path!("url"), sentence(why)))?,
            method: inputs
                .http_method
                .known()
                .map_or("GET", String::as_str)
                .to_owned(),
            role_arn: inputs.role_arn.required(path!("role_arn"))?.clone(),
            body: inputs.request_body.known().cloned(),
            headers: texts(&inputs.headers),
            query: texts(&inputs.query_parameters),
            expected: if expected.is_empty() {
                vec![Statuses::Hundred(2)]
            } else {
                expected
            },
        })
    }

    /// The definition of the state that makes it. In JSONata nothing of it is taken for a path.
    pub fn definition(&self) -> String {
        let mut arguments = Map::new();
        arguments.insert("ApiEndpoint".to_owned(), self.url.to_string().into());
        arguments.insert("Method".to_owned(), self.method.as_str().into());
        if !self.headers.is_empty() {
            arguments.insert("Headers".to_owned(), json!(self.headers));
        }
        if !self.query.is_empty() {
            arguments.insert("QueryParameters".to_owned(), json!(self.query));
        }
        if let Some(body) = &self.body {
            let json = serde_json::from_str(body).unwrap_or_else(|_| Value::from(body.as_str()));
            arguments.insert("RequestBody".to_owned(), json);
        }
        let task = Task {
            // What else the API answers is of no interest, may be secret, and may be too large for a state.
            output: Some(json!({ "StatusCode": "{% $states.result.StatusCode %}" })),
            ..Task::new(self.connection.clone(), Language::Jsonata, arguments)
        };
        task.once().to_string()
    }

    /// Whether a status proves it.
    pub fn expects(&self, status: u16) -> bool {
        self.expected.iter().any(|statuses| statuses.admits(status))
    }
}

fn texts(given: &Attr<Texts>) -> BTreeMap<String, String> {
    let given = given.known().into_iter().flatten();
    given
        .filter_map(|(name, value)| Some((name.clone(), value.known()?.clone())))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_is_one_or_any_of_a_hundred() {
        assert_eq!(Statuses::parse("204"), Some(Statuses::One(204)));
        assert_eq!(Statuses::parse("4XX"), Some(Statuses::Hundred(4)));
        for text in ["", "2", "20", "2000", "x00", "2x0", "600", "0xx", "2äx"] {
            assert_eq!(Statuses::parse(text), None, "{text}");
        }
        assert!(Statuses::Hundred(2).admits(299) && !Statuses::Hundred(2).admits(300));
    }
}
