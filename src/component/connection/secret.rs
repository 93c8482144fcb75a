//! Secrets, and whether this run knows them: what nobody knows can be left as it is, and can never be sent.

use std::fmt;

use crate::aws::{Scrubber, region_option};
use crate::component::ComponentError;

/// A secret value; it never shows in debug output.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    pub fn new(secret: impl Into<String>) -> Self {
        Self(secret.into())
    }

    /// The value, to be sent to AWS and nowhere else.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// A secret that is wanted, as far as this run knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Credential {
    Known(Secret),
    /// EventBridge may hold it, and this run does not know it: a write-only value outside of an apply or of a
    /// configuration that is gone, or a secret of an imported connection. It compares as unchanged.
    NotKnown,
}

impl Credential {
    pub fn known(&self) -> Option<&Secret> {
        match self {
            Self::Known(secret) => Some(secret),
            Self::NotKnown => None,
        }
    }

    pub fn is_known(&self) -> bool {
        self.known().is_some()
    }

    /// The value for a request.
    ///
    /// # Errors
    /// [`ComponentError::NotKnown`] of `what`, instead of a request with something else in its place.
    pub(super) fn to_send(&self, what: impl FnOnce() -> String) -> Result<&str, ComponentError> {
        match self {
            Self::Known(secret) => Ok(secret.expose()),
            Self::NotKnown => Err(ComponentError::NotKnown { what: what() }),
        }
    }
}

/// What stands in a text in place of a secret.
const SCRUBBED: &str = "(secret)";

/// The secrets that the texts of one connection must not show.
#[derive(Debug, Clone)]
pub struct Secrets {
    known: Vec<Secret>,
    complete: bool,
    told: Option<String>,
}

/// Nothing is known: a text that may quote a secret is withheld.
pub static UNKNOWN: Secrets = Secrets {
    known: Vec::new(),
    complete: false,
    told: None,
};

impl Secrets {
    /// The secrets that are known. `complete` says whether those are all that EventBridge has, and `told` is the reason
    /// that was told last, without any secret.
    pub fn new(known: impl IntoIterator<Item = Secret>, complete: bool, told: Option<String>) -> Self {
        Self {
            known: known.into_iter().collect(),
            complete,
            told,
        }
    }

    /// A text that AWS says of the connection `name`, without the secrets that are known.
    fn clean(&self, name: &str, text: &str) -> String {
        Scrubber::new(self.known.iter().map(Secret::expose), [name]).clean(text)
    }

    /// What may be told of EventBridge's reason for the state of the connection `name`, whose ARN is `arn`. EventBridge, or an authorization
    /// server whose words it repeats, may quote a secret; of one that is write-only only an apply knows what to look for.
    pub(super) fn reason(&self, name: &str, arn: &str, reason: &str) -> String {
        match &self.told {
            _ if self.complete => self.clean(name, reason),
            Some(told) if is_scrubbed(told, &self.clean(name, reason)) => told.clone(),
            _ => format!(
                "withheld, since it may quote a secret that is not known here; `aws events describe-connection{} --name \
                 {name}` shows it",
                region_option(arn)
            ),
        }
    }
}

/// Whether `told` is `text` with something scrubbed, or nothing.
fn is_scrubbed(told: &str, text: &str) -> bool {
    let Some((first, told)) = told.split_once(SCRUBBED) else {
        return told == text;
    };
    let (between, last) = told.rsplit_once(SCRUBBED).unwrap_or(("", told));
    let rest = text.strip_prefix(first).and_then(|text| text.strip_suffix(last));
    let Some(mut rest) = rest else { return false };
    for piece in between.split(SCRUBBED) {
        match rest.split_once(piece) {
            Some((_, after)) => rest = after,
            None => return false,
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    const ARN: &str = "arn:aws:events:eu-central-1:123456789012:connection/orders/0a1b";

    #[test]
    fn a_secret_does_not_show_in_debug_output() {
        let known = Credential::Known(Secret::new("hunter2"));
        assert_eq!(format!("{known:?}"), "Known(Secret(…))");
    }

    #[test]
    fn what_is_not_known_cannot_be_sent() {
        let refused = Credential::NotKnown.to_send(|| "api_key.value".to_owned());
        let words = refused.expect_err("there is nothing to send").to_string();
        assert!(words.contains("api_key.value"), "{words}");
    }

    #[test]
    fn a_reason_shows_no_secret_and_is_withheld_where_one_may_not_be_known() {
        let secrets = ["hunter2", "hunter2-longer", ""].map(Secret::new);
        let known = Secrets::new(secrets, true, None);
        let reason = "sent hunter2-longer and hunter2, got 401";
        let told = known.reason("orders", ARN, reason);
        assert_eq!(told, "sent (secret) and (secret), got 401");

        let later = Secrets::new([], false, Some(told.clone()));
        assert_eq!(later.reason("orders", ARN, reason), told);
        for other in ["sent hunter2, got 401", "sent a and b, got 403", "hunter2"] {
            let words = later.reason("orders", ARN, other);
            assert!(
                words.contains("describe-connection --region eu-central-1 --name orders")
                    && !words.contains("hunter2"),
                "{words}"
            );
        }
        let plain = Secrets::new([], false, Some("Could not connect".to_owned()));
        assert_eq!(
            plain.reason("orders", ARN, "Could not connect"),
            "Could not connect"
        );
        assert!(
            UNKNOWN
                .reason("orders", ARN, "Could not connect")
                .contains("withheld")
        );
    }
}
