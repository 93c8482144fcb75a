//! The tokens of OAuth connections, which are kept until they expire.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use serde_json::Value;

/// The tokens of connections, by the connection's ARN.
#[derive(Debug, Default)]
pub(crate) struct Tokens(Mutex<BTreeMap<String, Token>>);

#[derive(Clone, Debug)]
pub(super) struct Token {
    pub(super) text: String,
    /// The moment of its end.
    pub(super) until: Duration,
    /// What it was fetched with; a token of other parameters is of no use.
    pub(super) parameters: Value,
}

impl Tokens {
    pub(super) fn get(&self, arn: &str, parameters: &Value, now: Duration) -> Option<String> {
        let tokens = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let token = tokens.get(arn)?;
        (token.until > now && token.parameters == *parameters).then(|| token.text.clone())
    }

    pub(super) fn keep(&self, arn: &str, token: Token) {
        let mut tokens = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        tokens.insert(arn.to_owned(), token);
    }

    pub(super) fn forget(&self, arn: &str) -> bool {
        let mut tokens = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        tokens.remove(arn).is_some()
    }

    pub(crate) fn clear(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}
