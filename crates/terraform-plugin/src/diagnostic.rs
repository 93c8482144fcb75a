//! Errors and warnings for the user of a provider.

use std::fmt;

use crate::path::Path;

/// What every verb of a provider or resource answers.
pub type Outcome = Result<(), Diagnostics>;

/// How grave a [`Diagnostic`] is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Severity {
    /// The operation failed.
    Error,
    /// The operation went on; the user should know.
    Warning,
}

/// One message to the user, shown with the place in the configuration that it is about.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Diagnostic {
    /// Error or warning.
    pub severity: Severity,
    /// One line, without a full stop: what is wrong, in the user's words.
    pub summary: String,
    /// Sentences: why, what stands now, what to do.
    pub detail: String,
    /// The attribute that it is about; the root is the whole body.
    pub path: Path,
}

impl Diagnostic {
    /// An error about the whole body.
    pub fn error(summary: impl Into<String>, detail: impl Into<String>) -> Self {
        Self {
            severity: Severity::Error,
            summary: summary.into(),
            detail: detail.into(),
            path: Path::root(),
        }
    }

    /// Turns whatever went wrong into an error with this summary, and its cause as the detail: for `map_err`.
    ///
    /// ```
    /// use terraform_plugin::{Diagnostic, Outcome};
    ///
    /// fn remove(path: &str) -> Outcome {
    ///     Ok(std::fs::remove_file(path).map_err(Diagnostic::because("The file cannot be removed"))?)
    /// }
    /// assert!(remove("/nowhere/at/all").is_err());
    /// ```
    pub fn because<E: std::error::Error>(summary: &str) -> impl FnOnce(E) -> Self {
        move |err| {
            let mut detail = err.to_string();
            let mut cause = err.source();
            while let Some(err) = cause {
                detail.push_str(&format!(": {err}"));
                cause = err.source();
            }
            Self::error(summary, detail)
        }
    }

    /// A warning about the whole body.
    pub fn warning(summary: impl Into<String>, detail: impl Into<String>) -> Self {
        Self {
            severity: Severity::Warning,
            ..Self::error(summary, detail)
        }
    }

    /// The same, about the attribute at `path`.
    #[must_use]
    pub fn at(mut self, path: Path) -> Self {
        self.path = path;
        self
    }

    /// Whether this is an error.
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let word = match self.severity {
            Severity::Error => "Error",
            Severity::Warning => "Warning",
        };
        write!(f, "{word}: {}", self.summary)?;
        if !self.path.is_root() {
            write!(f, " (at {})", self.path)?;
        }
        if !self.detail.is_empty() {
            write!(f, "\n{}", self.detail)?;
        }
        Ok(())
    }
}

/// Diagnostics in the order in which they were found, without repetitions.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Diagnostics(Vec<Diagnostic>);

impl Diagnostics {
    /// None yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds one, unless the same is there.
    pub fn push(&mut self, diagnostic: Diagnostic) {
        if !self.0.contains(&diagnostic) {
            self.0.push(diagnostic);
        }
    }

    /// Whether there is an error among them.
    pub fn has_errors(&self) -> bool {
        self.0.iter().any(Diagnostic::is_error)
    }

    /// Whether there is nothing at all.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// All of them, first found first.
    pub fn iter(&self) -> std::slice::Iter<'_, Diagnostic> {
        self.0.iter()
    }

    /// `Ok` when there is no error. Warnings alone are not a failure and are dropped: give those to
    /// [`Cx::warn`](crate::Cx::warn).
    ///
    /// # Errors
    /// All that was gathered, if an error is among it.
    pub fn into_outcome(self) -> Outcome {
        if self.has_errors() { Err(self) } else { Ok(()) }
    }

    /// The same diagnostics, with `base` before each path.
    pub(crate) fn below(self, base: &Path) -> Self {
        self.0
            .into_iter()
            .map(|mut diagnostic| {
                diagnostic.path = base.join(&diagnostic.path);
                diagnostic
            })
            .collect()
    }
}

impl From<Diagnostic> for Diagnostics {
    fn from(diagnostic: Diagnostic) -> Self {
        Self(vec![diagnostic])
    }
}

impl Extend<Diagnostic> for Diagnostics {
    fn extend<I: IntoIterator<Item = Diagnostic>>(&mut self, diagnostics: I) {
        for diagnostic in diagnostics {
            self.push(diagnostic);
        }
    }
}

impl FromIterator<Diagnostic> for Diagnostics {
    fn from_iter<I: IntoIterator<Item = Diagnostic>>(diagnostics: I) -> Self {
        let mut all = Self::new();
        all.extend(diagnostics);
        all
    }
}

impl IntoIterator for Diagnostics {
    type Item = Diagnostic;
    type IntoIter = std::vec::IntoIter<Diagnostic>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl<'a> IntoIterator for &'a Diagnostics {
    type Item = &'a Diagnostic;
    type IntoIter = std::slice::Iter<'a, Diagnostic>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.iter()
    }
}

impl fmt::Display for Diagnostics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, diagnostic) in self.0.iter().enumerate() {
            if i > 0 {
                writeln!(f)?;
            }
            write!(f, "{diagnostic}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Diagnostics {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::path;

    #[test]
    fn the_same_diagnostic_is_kept_once() {
        let mut all = Diagnostics::new();
        all.push(Diagnostic::error("a", "b"));
        all.push(Diagnostic::error("a", "b"));
        all.push(Diagnostic::error("a", "b").at(path!("x")));
        assert_eq!(all.len(), 2);
    }

    #[test]
    fn warnings_alone_are_no_failure() {
        assert!(
            Diagnostics::from(Diagnostic::warning("a", "b"))
                .into_outcome()
                .is_ok()
        );
        assert!(
            Diagnostics::from(Diagnostic::error("a", "b"))
                .into_outcome()
                .is_err()
        );
    }

    #[test]
    fn the_text_names_the_place() {
        let text = Diagnostic::error("Bad", "Do this.").at(path!("a", 1)).to_string();
        assert_eq!(text, "Error: Bad (at a[1])\nDo this.");
    }
}
