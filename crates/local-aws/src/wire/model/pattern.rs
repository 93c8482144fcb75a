//! Patterns of models: Java's regular expressions, for the whole text.

use std::borrow::Cow;
use std::sync::OnceLock;

use fancy_regex::Regex;
use serde::Deserialize;

/// A pattern, compiled when the first text comes.
#[derive(Deserialize)]
#[serde(from = "Cow<'m, str>", bound(deserialize = "'de: 'm"))]
pub(super) struct Pattern<'m> {
    source: Cow<'m, str>,
    compiled: OnceLock<Option<Regex>>,
}

impl<'m> From<Cow<'m, str>> for Pattern<'m> {
    fn from(source: Cow<'m, str>) -> Self {
        Self {
            source,
            compiled: OnceLock::new(),
        }
    }
}

impl Pattern<'_> {
    /// As the model writes it.
    pub(super) fn source(&self) -> &str {
        &self.source
    }

    fn compiled(&self) -> Option<&Regex> {
        let compile = || Regex::new(&format!("^(?s:{})$", ascii(&self.source))).ok();
        self.compiled.get_or_init(compile).as_ref()
    }

    /// Whether it is a pattern at all; one that is none admits nothing.
    #[cfg(test)]
    pub(super) fn is_right(&self) -> bool {
        self.compiled().is_some()
    }

    pub(super) fn admits(&self, text: &str) -> bool {
        let matched = self.compiled().map(|regex| regex.is_match(text));
        matches!(matched, Some(Ok(true)))
    }
}

/// The same pattern with Java's classes, which have ASCII alone.
fn ascii(pattern: &str) -> String {
    let mut out = String::with_capacity(pattern.len());
    let mut letters = pattern.chars();
    while let Some(letter) = letters.next() {
        if letter != '\\' {
            out.push(letter);
            continue;
        }
        match letters.next() {
            Some('d') => out.push_str("[0-9]"),
            Some('w') => out.push_str("[0-9A-Za-z_]"),
            Some(escaped) => out.extend(['\\', escaped]),
            None => out.push('\\'),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_is_for_the_whole_text_looks_ahead_and_has_ascii_classes() {
        let pattern = |source: &'static str| Pattern::from(Cow::Borrowed(source));
        let name = pattern("(?!rgw-)(?![-])(?!.*[-]$)(?!.*[-]{2})[a-z0-9-]+");
        for text in ["abc", "orders-1a2b", "a-b-c", "0rg"] {
            assert!(name.admits(text), "{text}");
        }
        for text in ["-abc", "abc-", "a--b", "Abc", "rgw-abc", "a_b", "abc\n"] {
            assert!(!name.admits(text), "{text}");
        }
        let words = pattern(r"[\w+=,.@\\-]+\d");
        assert!(words.admits(r"a\1") && !words.admits("ä1") && !words.admits("a٣"));
    }
}
