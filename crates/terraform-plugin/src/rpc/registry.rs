//! What a provider offers of one kind, by name.

use std::{collections::BTreeMap, sync::Arc};

use super::Refused;
use crate::{
    diagnostic::Diagnostic,
    schema::{Owner, Violation},
};

/// All of one kind, in the order of their names.
pub(crate) struct Registry<H: ?Sized> {
    owner: Owner,
    by_name: BTreeMap<&'static str, Arc<H>>,
    twice: Vec<&'static str>,
    /// What the author's code says that was to describe one, and panicked.
    panicked: fn(&H) -> Option<&str>,
}

impl<H: ?Sized> Registry<H> {
    pub(crate) fn new(
        owner: Owner,
        all: Vec<Arc<H>>,
        name: impl Fn(&H) -> &'static str,
        panicked: fn(&H) -> Option<&str>,
    ) -> Self {
        let mut by_name = BTreeMap::new();
        let mut twice = Vec::new();
        for handler in all {
            let name = name(&handler);
            if by_name.insert(name, handler).is_some() {
                twice.push(name);
            }
        }
        Self {
            owner,
            by_name,
            twice,
            panicked,
        }
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Arc<H>> {
        self.by_name.values()
    }

    pub(crate) fn names(&self) -> impl Iterator<Item = String> {
        self.by_name.keys().map(|name| (*name).to_owned())
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.by_name.contains_key(name)
    }

    /// # Errors
    /// There is no such, or nobody knows what it looks like.
    pub(crate) fn get(&self, name: &str) -> Result<Arc<H>, Refused> {
        let owner = self.owner;
        let found = self.by_name.get(name).cloned().ok_or_else(|| {
            if self.by_name.is_empty() {
                let detail = format!("{} are not supported by this provider.", owner.plural());
                return Refused::unknown(Diagnostic::error("Not supported", detail));
            }
            let detail = format!("This provider has no {owner} {name}.");
            Refused::unknown(Diagnostic::error(format!("Unknown {owner}"), detail))
        })?;
        match (self.panicked)(&found) {
            Some(rule) => {
                let detail = format!(
                    "{}: {rule}. This is a bug in the provider; please report it.",
                    owner.of(name)
                );
                Err(Refused::unknown(Diagnostic::error("Bug in the provider", detail)))
            }
            None => Ok(found),
        }
    }

    /// Names that were used more than once, and type names that do not begin with the provider's.
    pub(crate) fn violations(&self, provider: &str) -> Vec<Violation> {
        let twice = self
            .twice
            .iter()
            .map(|name| (*name, "the name is used twice".to_owned()));
        let prefix = format!("{provider}_");
        let strange = self
            .by_name
            .keys()
            .filter(|name| self.owner != Owner::Function && **name != provider && !name.starts_with(&prefix))
            .map(|name| (*name, format!("the type name must begin with {prefix}")));
        strange
            .chain(twice)
            .map(|(name, rule)| Violation::of(&self.owner.of(name), rule))
            .collect()
    }
}
