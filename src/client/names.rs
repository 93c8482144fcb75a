//! Names that creates of this process hold. Two resources of one configuration with one name would be created side by
//! side, and each would take what the other makes for its own.

use std::collections::HashSet;
use std::sync::Mutex;

use crate::lock::lock;

/// The names that are held.
#[derive(Debug, Default)]
pub struct Names(Mutex<HashSet<String>>);

/// A name that is held until this is dropped, or for good.
#[derive(Debug)]
pub struct Claim<'a> {
    names: &'a Names,
    name: &'a str,
    kept: bool,
}

impl Names {
    /// Takes a name; `None` where another create has it.
    pub fn claim<'a>(&'a self, name: &'a str) -> Option<Claim<'a>> {
        self.change(|held| held.insert(name.to_owned())).then_some(Claim {
            names: self,
            name,
            kept: false,
        })
    }

    /// Holds a name for good.
    pub fn hold(&self, name: &str) {
        self.change(|held| held.insert(name.to_owned()));
    }

    /// Whether a create has the name.
    pub fn is_held(&self, name: &str) -> bool {
        self.change(|held| held.contains(name))
    }

    /// Whether none is held.
    pub fn is_empty(&self) -> bool {
        self.change(|held| held.is_empty())
    }

    /// Gives a name back: what bore it is gone.
    pub fn free(&self, name: &str) {
        self.change(|held| held.remove(name));
    }

    fn change<T>(&self, change: impl FnOnce(&mut HashSet<String>) -> T) -> T {
        change(&mut lock(&self.0))
    }
}

impl Claim<'_> {
    /// Holds the name as long as the process configures no other provider: something bears it now.
    pub fn keep(mut self) {
        self.kept = true;
    }
}

impl Drop for Claim<'_> {
    fn drop(&mut self) {
        if !self.kept {
            self.names.free(self.name);
        }
    }
}
