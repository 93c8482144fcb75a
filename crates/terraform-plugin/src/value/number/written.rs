//! What a number was written from, which is no part of what it is.

use std::{
    cmp::Ordering,
    hash::{Hash, Hasher},
};

/// Whether a model's float was written as the number. A float has fewer digits than what it was read from, so that
/// [`plan`](crate::plan) has to know where the rest of them was lost. Numbers are equal whatever they were written from.
#[derive(Clone, Copy, Debug)]
pub(super) enum Written {
    Digits,
    F32,
    F64,
}

impl PartialEq for Written {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for Written {}

impl PartialOrd for Written {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Written {
    fn cmp(&self, _: &Self) -> Ordering {
        Ordering::Equal
    }
}

impl Hash for Written {
    fn hash<H: Hasher>(&self, _: &mut H) {}
}
