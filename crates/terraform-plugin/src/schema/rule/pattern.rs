//! Patterns that are compiled when they are first needed: compiling them all would slow every start.

use std::sync::{Arc, OnceLock};

use regex::Regex;

use super::invalid;
use crate::diagnostic::Diagnostic;

pub(crate) struct Pattern {
    pub(super) text: String,
    words: String,
    regex: OnceLock<Result<Regex, regex::Error>>,
}

impl Pattern {
    pub(super) fn new(text: &str, words: &str) -> Arc<Self> {
        Arc::new(Self {
            text: text.to_owned(),
            words: words.to_owned(),
            regex: OnceLock::new(),
        })
    }

    /// The compiled pattern, or what is wrong with it.
    pub(crate) fn regex(&self) -> Result<&Regex, String> {
        self.regex
            .get_or_init(|| Regex::new(&self.text))
            .as_ref()
            .map_err(ToString::to_string)
    }

    pub(super) fn check(&self, text: &str) -> Option<Diagnostic> {
        match self.regex() {
            Ok(regex) if regex.is_match(text) => None,
            Ok(_) => Some(invalid(format!(
                "The value must be {} (pattern {}).",
                self.words, self.text
            ))),
            Err(err) => Some(Diagnostic::error(
                "Bug in the provider",
                format!("The pattern of this attribute cannot be compiled: {err}"),
            )),
        }
    }
}
