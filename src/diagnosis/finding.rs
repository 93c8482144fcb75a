//! One thing that is wrong with a path.

use super::remedy::Remedy;

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Calls certainly fail.
    Error,
    /// Calls may fail, now or soon.
    Warning,
}

impl Severity {
    /// The word for people and programs.
    pub fn word(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
        }
    }
}

/// What was seen, why it matters, and what mends it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Names the kind of finding, for scripts: `endpoint-ingress`.
    pub id: &'static str,
    pub severity: Severity,
    /// What was seen. A sentence.
    pub seen: String,
    /// Why it matters. A sentence.
    pub why: &'static str,
    /// What mends it, the best first; at least one.
    pub remedies: Vec<Remedy>,
    /// The title of AWS's page about it.
    pub page: &'static str,
}

impl Finding {
    /// The finding in a paragraph of a diagnostic.
    pub fn words(&self) -> String {
        let mut words = format!("{} {}", self.seen, self.why);
        for remedy in &self.remedies {
            words.push('\n');
            words.push_str(&remedy.words());
        }
        words
    }
}
