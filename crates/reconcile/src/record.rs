//! What is recorded: kinds, ids, the slots they fill, the record of them, and the steps that change it.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::de::{Deserializer, Error as _};
use serde::ser::Serializer;
use serde::{Deserialize, Serialize};

/// A kind of object: the key it is recorded under and the words people read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Kind {
    /// Key in records and snapshots, for example `gateway`. Never change it once released.
    pub key: &'static str,
    /// Words for errors and pending work, for example `resource gateway`.
    pub name: &'static str,
}

/// The id under which a service knows an object: whatever [`Component::observe`](crate::Component::observe)
/// takes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Id(String);

impl Id {
    /// An id as the service writes it.
    pub fn new(id: impl Into<String>) -> Self {
        Self(id.into())
    }

    /// The id as the service writes it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<&str> for Id {
    fn from(id: &str) -> Self {
        Self(id.to_owned())
    }
}

impl From<String> for Id {
    fn from(id: String) -> Self {
        Self(id)
    }
}

/// One place in the graph that one object fills. Written `gateway`, or `api_destination/orders` where a kind
/// has several.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Slot {
    kind: Cow<'static, str>,
    instance: Option<String>,
}

impl Slot {
    /// The one slot of a kind.
    pub const fn of(kind: Kind) -> Self {
        Self {
            kind: Cow::Borrowed(kind.key),
            instance: None,
        }
    }

    /// One of several slots of a kind.
    pub fn named(kind: Kind, instance: impl Into<String>) -> Self {
        Self {
            kind: Cow::Borrowed(kind.key),
            instance: Some(instance.into()),
        }
    }

    /// The [`Kind::key`].
    pub fn kind(&self) -> &str {
        &self.kind
    }

    /// Which of the kind, where there are several.
    pub fn instance(&self) -> Option<&str> {
        self.instance.as_deref()
    }
}

impl fmt::Display for Slot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.instance {
            Some(instance) => write!(f, "{}/{instance}", self.kind),
            None => f.write_str(&self.kind),
        }
    }
}

impl Serialize for Slot {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Slot {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let (kind, instance) = match text.split_once('/') {
            Some((kind, instance)) => (kind, Some(instance)),
            None => (text.as_str(), None),
        };
        if kind.is_empty() || instance.is_some_and(str::is_empty) {
            return Err(D::Error::custom(format!(
                "`{text}` is not a slot: expected `kind` or `kind/instance`"
            )));
        }
        Ok(Self {
            kind: Cow::Owned(kind.to_owned()),
            instance: instance.map(str::to_owned),
        })
    }
}

/// The words for a slot: the kind's name, and the instance where there are several.
pub(crate) struct Words<'a>(pub(crate) Kind, pub(crate) &'a Slot);

impl fmt::Display for Words<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.1.instance() {
            Some(instance) => write!(f, "{} {instance}", self.0.name),
            None => f.write_str(self.0.name),
        }
    }
}

/// An object that is ours and no longer wanted.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Retired {
    /// The [`Kind::key`].
    pub kind: Cow<'static, str>,
    /// Its id.
    pub id: Id,
}

/// What the caller's state keeps: what is ours, and what of somebody else's is used.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recorded {
    /// The object that fills each slot.
    #[serde(default)]
    pub current: BTreeMap<Slot, Id>,
    /// Objects that are still to be removed.
    #[serde(default)]
    pub retired: BTreeSet<Retired>,
    /// Those of the objects above that are somebody else's, and only used: never changed and never removed.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub borrowed: BTreeSet<Id>,
}

impl Recorded {
    /// Whether nothing is recorded.
    pub fn is_empty(&self) -> bool {
        self.current.is_empty() && self.retired.is_empty()
    }

    /// The same record with an object in a slot.
    #[must_use]
    pub fn with(mut self, slot: Slot, id: impl Into<Id>) -> Self {
        self.current.insert(slot, id.into());
        self
    }

    /// The same record with a retired object.
    #[must_use]
    pub fn with_retired(mut self, kind: Kind, id: impl Into<Id>) -> Self {
        self.retired.insert(Retired {
            kind: Cow::Borrowed(kind.key),
            id: id.into(),
        });
        self
    }

    /// The same record with somebody else's object in a slot.
    #[must_use]
    pub fn with_borrowed(mut self, slot: Slot, id: impl Into<Id>) -> Self {
        let id = id.into();
        self.borrowed.insert(id.clone());
        self.with(slot, id)
    }

    /// Whether the object is somebody else's.
    pub fn is_borrowed(&self, id: &Id) -> bool {
        self.borrowed.contains(id)
    }

    /// The object that fills a slot.
    pub fn get(&self, slot: &Slot) -> Option<&Id> {
        self.current.get(slot)
    }

    /// Whether the object is recorded, current or retired.
    pub fn owns(&self, kind: &str, id: &Id) -> bool {
        self.is_retired(kind, id)
            || self
                .current
                .iter()
                .any(|(slot, current)| slot.kind() == kind && current == id)
    }

    /// Whether anything of a kind is recorded, current or retired.
    pub fn has(&self, kind: Kind) -> bool {
        self.retired_of(kind).next().is_some() || self.slots_of(kind).next().is_some()
    }

    /// Every object of a kind, current or retired.
    pub fn ids_of(&self, kind: Kind) -> impl Iterator<Item = &Id> {
        let current = self
            .current
            .iter()
            .filter(move |(slot, _)| slot.kind() == kind.key);
        current.map(|(_, id)| id).chain(self.retired_of(kind))
    }

    /// The slots of a kind that are filled.
    pub fn slots_of(&self, kind: Kind) -> impl Iterator<Item = &Slot> {
        self.current.keys().filter(move |slot| slot.kind() == kind.key)
    }

    /// The retired objects of a kind.
    pub fn retired_of(&self, kind: Kind) -> impl Iterator<Item = &Id> {
        self.retired
            .iter()
            .filter(move |retired| retired.kind == kind.key)
            .map(|retired| &retired.id)
    }

    pub(crate) fn is_retired(&self, kind: &str, id: &Id) -> bool {
        self.retired
            .iter()
            .any(|retired| retired.kind == kind && retired.id == *id)
    }

    pub(crate) fn retire(&mut self, kind: Kind, id: Id) {
        self.retired.insert(Retired {
            kind: Cow::Borrowed(kind.key),
            id,
        });
    }

    /// Puts an object into a slot; what filled it becomes retired.
    pub(crate) fn fill(&mut self, kind: Kind, slot: &Slot, id: &Id) {
        if let Some(former) = self.current.insert(slot.clone(), id.clone())
            && former != *id
        {
            self.retire(kind, former);
        }
        self.forget_retired(kind.key, id);
    }

    pub(crate) fn forget(&mut self, kind: &str, id: &Id) {
        self.current
            .retain(|slot, current| slot.kind() != kind || current != id);
        self.forget_retired(kind, id);
    }

    pub(crate) fn forget_retired(&mut self, kind: &str, id: &Id) {
        self.retired
            .retain(|retired| !(retired.kind == kind && retired.id == *id));
        if !self.owns(kind, id) {
            self.borrowed.remove(id);
        }
    }
}

/// One create, update, replace or delete of one object.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// Make an object for an empty slot.
    Create(Slot),
    /// Put an object that is ours, but in no slot, into the slot.
    Adopt(Slot, Id),
    /// Change the object in place.
    Update(Slot, Id),
    /// Fill the slot with another object and remove this one.
    Replace(Slot, Id),
    /// Remove the object.
    Delete(Slot, Id),
}

impl Step {
    /// The slot that the step is about.
    pub fn slot(&self) -> &Slot {
        match self {
            Self::Create(slot)
            | Self::Adopt(slot, _)
            | Self::Update(slot, _)
            | Self::Replace(slot, _)
            | Self::Delete(slot, _) => slot,
        }
    }

    /// Whether a plan with this step allows `other`: the same, or less.
    ///
    /// Who was shown that an object will be made has also been shown that one is taken over and mended; who
    /// was shown a replacement has also been shown that the object is changed in place, made anew where it is
    /// gone, or removed.
    pub fn allows(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Create(_), Self::Create(_) | Self::Adopt(..) | Self::Update(..)) => {
                self.slot() == other.slot()
            }
            (Self::Replace(_, id), Self::Delete(other_slot, other_id)) => {
                self.slot().kind() == other_slot.kind() && id == other_id
            }
            (Self::Replace(_, id), Self::Replace(_, other_id)) => {
                self.slot() == other.slot() && id == other_id
            }
            (Self::Replace(..), Self::Create(_) | Self::Adopt(..) | Self::Update(..)) => {
                self.slot() == other.slot()
            }
            _ => self == other,
        }
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Create(slot) => write!(f, "create {slot}"),
            Self::Adopt(slot, id) => write!(f, "adopt {id} as {slot}"),
            Self::Update(slot, id) => write!(f, "update {slot} {id}"),
            Self::Replace(slot, id) => write!(f, "replace {slot} {id}"),
            Self::Delete(_, id) => write!(f, "remove {id}"),
        }
    }
}
