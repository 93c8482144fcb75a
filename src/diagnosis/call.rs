//! How a call over a connection ended, in the words of Step Functions.

use serde_json::{Map, Value};

/// The error of a call, as a state machine sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallFailure {
    /// `States.Http.Socket`, `States.Http.StatusCode.403`, `Events.ConnectionResource.AccessDenied`, …
    pub error: String,
    /// What AWS says about it, or what the API answered; may be empty.
    pub cause: String,
}

/// What API Gateway itself answers in an API's place, as the one member `message` of an object ("Gateway response types in
/// API Gateway").
const OF_API_GATEWAY: [&str; 6] = [
    "Forbidden",
    NO_ROUTE,
    "Internal server error",
    "Endpoint request timed out",
    "Too Many Requests",
    "Limit Exceeded",
];

/// What it answers where a policy refuses a call begins so.
const REFUSED: &str = "User: anonymous is not authorized to perform: execute-api:Invoke on resource: ";

/// What it answers where an API has no such stage, path or method.
const NO_ROUTE: &str = "Missing Authentication Token";

/// The one thing that a body says, `message`.
fn message(body: &str) -> Option<String> {
    let body: Map<String, Value> = serde_json::from_str(body).ok()?;
    let mut members = body.into_iter();
    match (members.next()?, members.next()) {
        ((name, Value::String(words)), None) if name.eq_ignore_ascii_case("message") => Some(words),
        _ => None,
    }
}

/// Whether a body is API Gateway's own words.
fn is_of_api_gateway(body: &str) -> bool {
    message(body).is_some_and(|words| OF_API_GATEWAY.contains(&words.as_str()) || words.starts_with(REFUSED))
}

/// The longest cause that is shown, in characters.
const MOST: usize = 500;

impl CallFailure {
    /// The status that the API answered, where it did.
    pub fn status(&self) -> Option<u16> {
        self.error.strip_prefix("States.Http.StatusCode.")?.parse().ok()
    }

    /// Whether API Gateway says that the API has nothing there.
    pub fn is_missing_route(&self) -> bool {
        message(&self.cause).is_some_and(|words| words == NO_ROUTE)
    }

    /// The error with its cause, a clause. What an API answers by itself is left out: it may quote the credentials of the
    /// call, which nobody here knows to look for.
    pub fn words(&self) -> String {
        let is_of_aws = self.status().is_none() || is_of_api_gateway(&self.cause);
        if self.cause.is_empty() {
            return self.error.clone();
        }
        if !is_of_aws {
            // After a refusal of the credentials EventBridge makes no further call, which could show it.
            let how = match self.status() {
                Some(401 | 407) => "its own logs have it",
                _ => "`aws stepfunctions test-state` shows it",
            };
            return format!(
                "{} (what the API answered is not shown, since it may quote a secret; {how})",
                self.error
            );
        }
        let visible = |letter: char| if letter.is_control() { ' ' } else { letter };
        let mut shown: String = self.cause.chars().take(MOST).map(visible).collect();
        if self.cause.chars().nth(MOST).is_some() {
            shown.push_str(" …");
        }
        format!("{}: {}", self.error, shown.trim().trim_end_matches('.'))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(error: &str, cause: &str) -> String {
        let failure = CallFailure {
            error: error.to_owned(),
            cause: cause.to_owned(),
        };
        failure.words()
    }

    #[test]
    fn an_answer_of_the_api_itself_is_not_shown() {
        for quoting in [
            r#"{"message":"Forbidden","x-api-key":"hunter2"}"#,
            r#"{"message":"Forbidden: hunter2"}"#,
            "hunter2",
        ] {
            let shown = words("States.Http.StatusCode.403", quoting);
            assert!(!shown.contains("hunter2"), "{shown}");
        }
        let quoted = words(
            "States.Http.StatusCode.400",
            r#"{"you sent":{"x-api-key":"hunter2"}}"#,
        );
        assert!(
            !quoted.contains("hunter2") && quoted.contains("test-state"),
            "{quoted}"
        );
        let of_gateway = words("States.Http.StatusCode.403", r#"{"message":"Forbidden"}"#);
        assert!(of_gateway.contains("Forbidden"), "{of_gateway}");
        assert_eq!(
            words("States.Http.StatusCode.404", ""),
            "States.Http.StatusCode.404"
        );
    }

    #[test]
    fn what_aws_says_is_shown_on_one_line_and_cut() {
        let long = words("States.Runtime", &format!("a\nb {}", "x".repeat(2_000)));
        assert!(
            long.starts_with("States.Runtime: a b x") && long.ends_with(" …"),
            "{long}"
        );
        assert_eq!(
            words("States.Http.Socket", "Connection Timed Out."),
            "States.Http.Socket: Connection Timed Out"
        );
    }
}
