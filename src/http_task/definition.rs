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
    pub language: Language,
    /// What the call is made of, by the names of Amazon States Language: `ApiEndpoint`, `Method`, `Headers`, …
    pub arguments: Map<String, Value>,
    /// What the state puts out, in JSONata; `None` for all that the call answered.
    pub output: Option<Value>,
    /// Whether the API may take the same request twice.
    pub idempotent: bool,
    pub comment: Option<String>,
    /// Seconds.
    pub timeout: Option<u64>,
    /// The state that comes then; `None` ends the execution.
    pub next: Option<String>,
}

impl Task {
    /// A call that sends nothing but these arguments, and ends the execution.
    pub fn new(connection: ConnectionArn, language: Language, arguments: Map<String, Value>) -> Self {
        Self {
            connection,
            language,
            arguments,
            output: None,
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
        let mut arguments = self.arguments.clone();
        arguments.insert(
            "InvocationConfig".to_owned(),
            json!({ "ConnectionArn": self.connection.to_string() }),
        );
        let mut state = json!({
            "Type": "Task",
            "Resource": format!("arn:{}:states:::http:invoke", self.connection.partition),
        });
        match self.language {
            Language::JsonPath => state["Parameters"] = arguments.into(),
            Language::Jsonata => {
                state["QueryLanguage"] = "JSONata".into();
                state["Arguments"] = arguments.into();
            }
        }
        if let Some(output) = &self.output {
            state["Output"] = output.clone();
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
