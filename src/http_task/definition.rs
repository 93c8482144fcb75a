//! The state of a state machine that calls through a connection (AWS Step Functions Developer Guide, "Call HTTPS APIs").

use serde_json::{Map, Value, json};

use super::connection_arn::ConnectionArn;

/// What an HTTP task can send.
pub const METHODS: [&str; 7] = ["GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "HEAD"];

/// How a state machine refers to its input.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    JsonPath,
    Jsonata,
}

/// A call, and what comes after it.
#[derive(Debug, Clone)]
pub struct Task {
    pub connection: ConnectionArn,
    /// A URL, or what the language makes one of.
    pub url: String,
    pub method: String,
    pub language: Language,
    pub headers: Map<String, Value>,
    pub query_parameters: Map<String, Value>,
    pub request_body: Option<Value>,
    /// How lists are written into a form; `None` for a body in JSON.
    pub form: Option<String>,
    /// Whether the API may take the same request twice.
    pub idempotent: bool,
    pub comment: Option<String>,
    /// Seconds.
    pub timeout: Option<u64>,
    /// The state that comes then; `None` ends the execution.
    pub next: Option<String>,
}

impl Task {
    /// A call that sends nothing but the request, and ends the execution.
    pub fn new(connection: ConnectionArn, url: impl Into<String>, method: impl Into<String>) -> Self {
        Self {
            connection,
            url: url.into(),
            method: method.into(),
            language: Language::JsonPath,
            headers: Map::new(),
            query_parameters: Map::new(),
            request_body: None,
            form: None,
            idempotent: true,
            comment: None,
            timeout: None,
            next: None,
        }
    }

    /// The state, with retries for the first minutes.
    pub fn with_retries(&self) -> Value {
        let mut state = self.once();
        state["Retry"] = retries(self.idempotent);
        state
    }

    /// The state, for a single try.
    pub fn once(&self) -> Value {
        let mut state = json!({
            "Type": "Task",
            "Resource": format!("arn:{}:states:::http:invoke", self.connection.partition),
        });
        match self.language {
            Language::JsonPath => state["Parameters"] = self.arguments(),
            Language::Jsonata => {
                state["QueryLanguage"] = "JSONata".into();
                state["Arguments"] = self.arguments();
            }
        }
        if let Some(comment) = &self.comment {
            state["Comment"] = comment.as_str().into();
        }
        if let Some(seconds) = self.timeout {
            state["TimeoutSeconds"] = seconds.into();
        }
        match &self.next {
            Some(next) => state["Next"] = next.as_str().into(),
            None => state["End"] = true.into(),
        }
        state
    }

    fn arguments(&self) -> Value {
        let mut arguments = Map::new();
        self.put(&mut arguments, "ApiEndpoint", self.url.as_str().into());
        arguments.insert("Method".to_owned(), self.method.as_str().into());
        arguments.insert(
            "InvocationConfig".to_owned(),
            json!({ "ConnectionArn": self.connection.to_string() }),
        );
        for (name, given) in [
            ("Headers", &self.headers),
            ("QueryParameters", &self.query_parameters),
        ] {
            if !given.is_empty() {
                let mut members = Map::new();
                for (member, value) in given {
                    self.put(&mut members, member, value.clone());
                }
                arguments.insert(name.to_owned(), members.into());
            }
        }
        if let Some(body) = &self.request_body {
            self.put(&mut arguments, "RequestBody", body.clone());
        }
        if let Some(arrays) = &self.form {
            let form = json!({
                "RequestBodyEncoding": "URL_ENCODED",
                "RequestEncodingOptions": { "ArrayFormat": arrays },
            });
            arguments.insert("Transform".to_owned(), form);
        }
        arguments.into()
    }

    /// Puts a member in; in JSONPath, one that is read from the input has a name that ends with `.$`.
    fn put(&self, members: &mut Map<String, Value>, name: &str, value: Value) {
        let is_read = self.language == Language::JsonPath && value.as_str().is_some_and(is_path);
        let name = if is_read {
            format!("{name}.$")
        } else {
            name.to_owned()
        };
        members.insert(name, value);
    }
}

/// Whether a text is a JSONPath or an intrinsic function of Amazon States Language.
pub fn is_path(text: &str) -> bool {
    let path = text == "$"
        || text == "$$"
        || ["$.", "$[", "$$.", "$$["]
            .iter()
            .any(|begin| text.starts_with(begin));
    path || (text.starts_with("States.") && text.ends_with(')') && text.contains('('))
}

/// Whether a text is a JSONata expression.
pub fn is_expression(text: &str) -> bool {
    let text = text.trim();
    text.starts_with("{%") && text.ends_with("%}")
}

/// What a path answers while it is not known everywhere, and what an API answers that is busy. A request that may have
/// arrived is sent again only where it is idempotent.
fn retries(idempotent: bool) -> Value {
    let mut way = vec![
        "Events.ConnectionResource.InvalidConnectionState",
        "Events.ConnectionResource.InvalidPrivateConnectionState",
        "Events.ConnectionResource.AuthInProgress",
        "Events.ConnectionResource.ConcurrentModification",
        "Events.ConnectionResource.InternalError",
    ];
    let mut busy = vec!["States.Http.StatusCode.429", "States.Http.StatusCode.503"];
    if idempotent {
        way.push("States.Http.Socket");
        busy.extend(["States.Http.StatusCode.502", "States.Http.StatusCode.504"]);
    }
    json!([
        {
            "Comment": "The way is not open yet, is busy or breaks: also the first minutes after an apply",
            "ErrorEquals": way,
            "IntervalSeconds": 15,
            "BackoffRate": 2,
            "MaxDelaySeconds": 120,
            "MaxAttempts": 6,
        },
        {
            "Comment": "The policy of a new role is not known everywhere yet",
            "ErrorEquals": ["States.Http.AccessDenied", "Events.ConnectionResource.AccessDenied"],
            "IntervalSeconds": 10,
            "BackoffRate": 2,
            "MaxAttempts": 3,
        },
        {
            "Comment": "The API is busy",
            "ErrorEquals": busy,
            "IntervalSeconds": 2,
            "BackoffRate": 2,
            "MaxAttempts": 5,
            "JitterStrategy": "FULL",
        },
    ])
}
