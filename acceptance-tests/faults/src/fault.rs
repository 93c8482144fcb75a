//! The ways in which a call, or what it began, goes wrong.

use serde_json::{Value, json};

/// What a fault is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// The `nth` call of an operation, from 1 on: `ec2:CreateSecurityGroup#1`.
    Call {
        service: String,
        operation: String,
        nth: u64,
    },
    /// The next change of state of an object, which ends in another state: `resource-gateway=CREATE_FAILED`.
    State(&'static Failure),
}

/// How an object's transition fails.
#[derive(Debug, PartialEq, Eq)]
pub struct Failure {
    service: &'static str,
    kind: &'static str,
    state: &'static str,
}

/// The transitions that fail.
pub const FAILURES: [Failure; 9] = {
    const fn lattice(kind: &'static str, state: &'static str) -> Failure {
        Failure {
            service: "vpc-lattice",
            kind,
            state,
        }
    }
    const fn connection(state: &'static str) -> Failure {
        Failure {
            service: "events",
            kind: "connection",
            state,
        }
    }
    [
        lattice("resource-gateway", "CREATE_FAILED"),
        lattice("resource-gateway", "UPDATE_FAILED"),
        lattice("resource-gateway", "DELETE_FAILED"),
        lattice("resource-configuration", "CREATE_FAILED"),
        lattice("resource-configuration", "DELETE_FAILED"),
        lattice("service-network-resource-association", "CREATE_FAILED"),
        lattice("service-network-resource-association", "DELETE_FAILED"),
        connection("FAILED_CONNECTIVITY"),
        connection("DEAUTHORIZED"),
    ]
};

impl Place {
    /// Reads what [`Place::to_string`] writes.
    pub fn parse(text: &str) -> Option<Self> {
        if let Some((kind, state)) = text.split_once('=') {
            let failure = FAILURES
                .iter()
                .find(|failure| failure.kind == kind && failure.state == state);
            return failure.map(Self::State);
        }
        let (call, nth) = text.split_once('#')?;
        let (service, operation) = call.split_once(':')?;
        Some(Self::Call {
            service: service.to_owned(),
            operation: operation.to_owned(),
            nth: nth.parse().ok()?,
        })
    }

    /// Whether it is a call that only looks.
    pub fn is_read(&self) -> bool {
        match self {
            Self::State(_) => false,
            Self::Call { operation, .. } => {
                let mut verbs = ["Describe", "Get", "List"].iter();
                verbs.any(|verb| operation.starts_with(verb))
            }
        }
    }

    /// Whether it is a call that changes something.
    pub fn is_mutation(&self) -> bool {
        matches!(self, Self::Call { .. }) && !self.is_read()
    }
}

impl Failure {
    /// The type of the object, and the state in which it ends.
    pub fn end(&self) -> (&'static str, &'static str) {
        (self.kind, self.state)
    }
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Call {
                service,
                operation,
                nth,
            } => write!(f, "{service}:{operation}#{nth}"),
            Self::State(failure) => write!(f, "{}={}", failure.kind, failure.state),
        }
    }
}

macro_rules! faults {
    ($($(#[doc = $doc:literal])+ $fault:ident = $name:literal,)+) => {
        /// What goes wrong.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Fault {
            $($(#[doc = $doc])+ $fault,)+
        }

        /// All that can happen to a call.
        pub const FAULTS: &[Fault] = &[$(Fault::$fault),+];

        impl Fault {
            /// What it is called in the names of cells.
            pub fn name(self) -> &'static str {
                match self {
                    $(Self::$fault => $name,)+
                }
            }
        }
    };
}

faults! {
    /// The provider is killed before AWS does the work.
    KilledBefore = "provider-killed-before",
    /// The provider is killed after AWS did the work, before it knows.
    KilledAfter = "provider-killed-after",
    /// The CLI is killed while the provider waits for AWS.
    CliKilled = "cli-killed",
    /// Ctrl-C while the provider waits for AWS.
    Interrupted = "interrupted",
    /// Ctrl-C twice: the CLI does not wait.
    InterruptedTwice = "interrupted-twice",
    /// The permission is missing from this call on.
    Denied = "denied",
    /// AWS refuses the request once.
    Refused = "refused",
    /// AWS fails once.
    ServerError = "server-error",
    /// AWS fails from this call on, and the provider gives up early.
    Outage = "outage",
    /// Three calls are throttled.
    Throttled = "throttled",
    /// AWS did the work, and the connection ends without a reply.
    ReplyLost = "reply-lost",
    /// The connection ends before AWS does the work.
    Cut = "connection-cut",
    /// AWS did the work, and the reply breaks off.
    Truncated = "reply-truncated",
    /// AWS did the work, and a proxy answers with a page of its own.
    Garbled = "reply-garbled",
    /// A proxy answers, and AWS never hears of the call.
    Intercepted = "intercepted",
    /// No answer comes as long as the provider waits.
    Silent = "silent",
    /// What the call began ends in a failed state.
    Failed = "ends-failed",
}

impl Fault {
    /// The fault that is called so.
    pub fn named(name: &str) -> Option<Self> {
        FAULTS.iter().copied().find(|fault| fault.name() == name)
    }

    /// Whether a process is killed.
    pub fn kills(self) -> bool {
        matches!(
            self,
            Self::KilledBefore | Self::KilledAfter | Self::CliKilled | Self::InterruptedTwice
        )
    }

    /// Whether the run may end without a state that tells what was done.
    pub fn loses_the_state(self) -> bool {
        self.kills()
    }

    /// Whether it differs from the others at such a place: a read that is done leaves AWS as one that is not done.
    pub fn fits(self, place: &Place) -> bool {
        match (self, place) {
            (Self::Failed, Place::State(_)) => true,
            (Self::Failed, Place::Call { .. }) | (_, Place::State(_)) => false,
            (Self::KilledAfter | Self::ReplyLost, place) => place.is_mutation(),
            _ => true,
        }
    }

    /// Whether it takes minutes: the provider waits for its own time-outs.
    pub fn is_slow(self) -> bool {
        self == Self::Silent
    }

    /// The rule of local-aws; `None` where it is none of such a place.
    pub fn rule(self, place: &Place) -> Option<Value> {
        let (service, operation, nth) = match place {
            Place::State(Failure { service, kind, state }) => {
                let rule = json!({ "service": service, "type": kind, "becomes": state, "reason": "of the test", "count": 1 });
                return (self == Self::Failed).then_some(rule);
            }
            Place::Call {
                service,
                operation,
                nth,
            } => (service, operation, nth),
        };
        let (code, invalid) = match service.as_str() {
            "ec2" => ("InternalError", "InvalidParameterValue"),
            _ => ("InternalServerException", "ValidationException"),
        };
        let error = |code: &str, status: u16| json!({ "error": { "code": code, "message": "of the test", "status": status } });
        let (effect, count) = match self {
            Self::KilledBefore
            | Self::CliKilled
            | Self::Interrupted
            | Self::InterruptedTwice
            | Self::Silent => (json!({ "hold": "before" }), Some(1)),
            Self::KilledAfter => (json!({ "hold": "after" }), Some(1)),
            Self::Denied => (json!({ "access_denied": true }), None),
            Self::Refused => (error(invalid, 400), Some(1)),
            Self::ServerError => (error(code, 500), Some(1)),
            Self::Outage => (error(code, 500), None),
            Self::Throttled => (json!({ "throttle": true }), Some(3)),
            Self::ReplyLost => (json!({ "drop": "after" }), Some(1)),
            Self::Cut => (json!({ "drop": "before" }), Some(1)),
            Self::Truncated => (json!({ "truncate": 20 }), Some(1)),
            Self::Garbled => (
                json!({ "reply": { "status": 200, "body": "<html>Welcome</html>" } }),
                Some(1),
            ),
            Self::Intercepted => (
                json!({ "reply": { "when": "before", "status": 502, "body": "<html>Bad Gateway</html>" } }),
                Some(1),
            ),
            Self::Failed => return None,
        };
        let mut rule =
            json!({ "service": service, "operation": operation, "after": nth - 1, "effect": effect });
        if let Some(count) = count {
            rule["count"] = count.into();
        }
        Some(rule)
    }
}
