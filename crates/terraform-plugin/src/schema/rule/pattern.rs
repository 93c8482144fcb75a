//! Patterns that are compiled when they are first needed: compiling them all would slow every start.

use std::sync::{Arc, OnceLock};

use regex::Regex;

use super::{Subject, check::invalid};
use crate::{diagnostic::Diagnostic, value::Value};

pub(crate) struct Pattern {
    pub(super) text: String,
    pub(super) words: String,
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

    /// Whether the text looks like the pattern, or does not, as it is wanted.
    pub(super) fn check(&self, value: &Value, wanted: bool, subject: &Subject<'_>) -> Option<Diagnostic> {
        let text = value.as_str()?;
        match self.regex() {
            Ok(regex) if regex.is_match(text) == wanted => None,
            Ok(_) => {
                let not = if wanted { "" } else { "not " };
                let (words, given) = (&self.words, subject.given(value));
                Some(invalid(format!("The value must {not}be {words}{given}.")))
            }
            Err(err) => Some(Diagnostic::error(
                "Bug in the provider",
                format!("The pattern of this attribute cannot be compiled: {err}"),
            )),
        }
    }
}
