//! What the engine asks of one kind of object: what it is compared by, when it is settled, and how it is
//! found, made, changed and removed.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::time::Duration;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::record::{Id, Recorded, Slot};

/// A kind of object: the key it is recorded under and the words people read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Kind {
    /// Key in records and snapshots, for example `gateway`. Never change it once released.
    pub key: &'static str,
    /// Words for errors and pending work, for example `resource gateway`.
    pub name: &'static str,
}

/// Something a graph learns from one component and gives to the next.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Fact<T> {
    /// It is there.
    Known(T),
    /// It will be known once a planned step has run. Occurs in dry runs only.
    Later,
    /// The object is not wanted.
    #[default]
    Absent,
}

impl<T> Fact<T> {
    /// The fact about a part of it.
    pub fn map<U>(self, part: impl FnOnce(T) -> U) -> Fact<U> {
        match self {
            Self::Known(value) => Fact::Known(part(value)),
            Self::Later => Fact::Later,
            Self::Absent => Fact::Absent,
        }
    }

    /// The same fact by reference.
    pub fn as_ref(&self) -> Fact<&T> {
        match self {
            Self::Known(value) => Fact::Known(value),
            Self::Later => Fact::Later,
            Self::Absent => Fact::Absent,
        }
    }

    /// The value, if it is known.
    pub fn known(self) -> Option<T> {
        match self {
            Self::Known(value) => Some(value),
            Self::Later | Self::Absent => None,
        }
    }
}

impl<T: PartialEq> Fact<T> {
    /// Whether the fact is known and equals `seen`. [`Fact::Later`] equals nothing: what is still to be made
    /// cannot be what is already there. The comparison a component makes for an upstream id.
    pub fn is(&self, seen: &T) -> bool {
        matches!(self, Self::Known(value) if value == seen)
    }
}

/// What has to happen to an object so that it becomes what is wanted. The strings say what differs, for the
/// plan and for pending work: `description`, `egress 443 missing`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// Nothing.
    Keep,
    /// It can be changed in place.
    Update(Vec<String>),
    /// It cannot be changed in place, it has failed for good, or it is being deleted.
    Replace(Vec<String>),
    /// Perhaps it can be changed in place; perhaps the service takes the change without effect. Planned as
    /// [`Change::Replace`]. A run tries [`Component::update`] first and replaces the object where the change
    /// does not show; a refusal that means the same is for the component to swallow, since an error ends the
    /// run. Of an object that only just was made, or is retired, it is taken for something that cannot be
    /// changed.
    Attempt(Vec<String>),
}

impl Change {
    /// What differs.
    pub(crate) fn reasons(&self) -> &[String] {
        match self {
            Self::Keep => &[],
            Self::Update(why) | Self::Replace(why) | Self::Attempt(why) => why,
        }
    }
}

/// How far an object is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Health {
    /// Ready for use.
    Settled,
    /// Settled once this state has stood for so long, since it may be the end or a stop on the way (a private
    /// connection seems to pass through AUTHORIZED).
    Standing(Duration),
    /// On its way; the state in the service's words.
    Working(String),
    /// It will not get there by itself; the reason in the service's words.
    Failed(String),
}

/// An object that is provably ours.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// Its id.
    pub id: Id,
    /// The name it bears.
    pub name: String,
    /// Whether it carries the mark of a create that has not ended.
    pub marked: bool,
}

/// What is known about all kinds when one of them is searched: some objects can only be told to be ours by
/// what they point at.
#[derive(Clone, Debug, Default)]
pub struct Inventory {
    /// Nothing is recorded, and nothing was made yet: what is found was left by a killed create, or it is
    /// alive. False in the search for what a create of this very run has made, where what points at a
    /// recorded object is ours.
    pub fresh: bool,
    /// What is recorded, with what earlier searches added as retired.
    pub recorded: Recorded,
    /// What searches have found, by [`Kind::key`]: recorded objects too.
    pub found: BTreeMap<String, Vec<Found>>,
}

impl Inventory {
    /// What was found of a kind.
    pub fn of(&self, kind: Kind) -> &[Found] {
        self.found.get(kind.key).map_or(&[], Vec::as_slice)
    }

    /// Whether an object of this kind is recorded (current or retired) or was found.
    pub fn owns(&self, kind: Kind, id: &Id) -> bool {
        self.recorded.owns(kind.key, id) || self.of(kind).iter().any(|found| found.id == *id)
    }
}

/// What the engine must know about an error of a component. All components of one engine share one error
/// type.
pub trait Failure: std::error::Error + Send + Sync + 'static {
    /// The object does not exist.
    fn is_not_found(&self) -> bool;
    /// The object cannot be deleted yet: something uses it, or it is in the middle of a change. Deletion is
    /// retried.
    fn is_in_use(&self) -> bool;
    /// An object of that name exists already.
    fn is_already_exists(&self) -> bool;
    /// The object is used by something that is not ours, so that retrying is of no use while we do not remove
    /// everything: an update leaves it retired, with a warning. When nothing is to be left it is retried as
    /// [`Failure::is_in_use`].
    fn is_held_by_others(&self) -> bool {
        false
    }
    /// The caller may not make this call. A search that may not be made is a warning.
    fn is_denied(&self) -> bool {
        false
    }
    /// The call may have had its effect all the same: time-outs, dropped connections, internal errors.
    fn may_have_happened(&self) -> bool {
        false
    }
}

/// One kind of object. Pure functions say what is wanted and seen; the asynchronous ones call the service.
///
/// The engine never drops a future of [`create`](Self::create), [`update`](Self::update) or
/// [`delete`](Self::delete) before it has answered, since a dropped call is a lost reply.
pub trait Component: Send + Sync {
    /// The kind.
    const KIND: Kind;
    /// What is wanted. Ids from upstream are [`Fact`]s.
    type Spec: Clone + Send + Sync;
    /// What the service answers, without secrets: snapshots of it are stored between plan and apply.
    type Observed: Clone + Serialize + DeserializeOwned + Send + Sync;
    /// The error of every component of the engine.
    type Error: Failure;

    /// The name the object will bear; it depends on what cannot be changed in place, so that a replacement
    /// can stand beside what it replaces. Called only when every fact in `want` is known.
    fn name(&self, want: &Self::Spec) -> String;

    /// The name the object bears.
    fn name_of(&self, seen: &Self::Observed) -> String;

    /// What differs. Ignores names. A fact that is known only later differs. An object that is being deleted
    /// is [`Change::Replace`], as is one that has failed and cannot be mended.
    fn compare(&self, want: &Self::Spec, seen: &Self::Observed) -> Change;

    /// How far the object is.
    fn health(&self, seen: &Self::Observed) -> Health;

    /// Why this object must be neither changed nor removed, although it is recorded: it has lost the tag that
    /// makes it ours.
    fn guard(&self, _seen: &Self::Observed) -> Option<String> {
        None
    }

    /// Whether the object fills its slot although it is not ours: [`create`](Self::create) found that
    /// somebody else had made just what is wanted (an equal security group rule), and answered with its id.
    ///
    /// A borrowed object stays in its slot as long as it compares as [`Change::Keep`]. It is never changed
    /// and never removed: where it differs the slot is filled anew, and where it is no longer wanted it is
    /// only forgotten. [`guard`](Self::guard) is not asked for it.
    fn borrowed(&self, _seen: &Self::Observed) -> bool {
        false
    }

    /// Why a deletion that has begun will not end by itself (DELETE_FAILED).
    fn stuck(&self, _seen: &Self::Observed) -> Option<String> {
        None
    }

    /// After a change, a settled read counts only when a second one, so much later, is settled too.
    fn confirm(&self) -> Option<Duration> {
        None
    }

    /// Whether the graph waits until the object is settled.
    fn awaited(&self) -> bool {
        true
    }

    /// All objects of the kind that are provably ours, recorded or not.
    ///
    /// # Errors
    /// Also when what is found forbids to go on: in a fresh run, an object that is alive and belongs to
    /// another record, or one of our name that is somebody else's.
    fn owned(&self, inventory: &Inventory) -> impl Future<Output = Result<Vec<Found>, Self::Error>> + Send;

    /// The object, or `None` where it does not exist.
    fn observe(&self, id: &Id) -> impl Future<Output = Result<Option<Self::Observed>, Self::Error>> + Send;

    /// Makes the object and returns as soon as it has an id. What one call cannot set is left to
    /// [`update`](Self::update): once the new object is settled, it is compared like any other.
    fn create(&self, want: &Self::Spec) -> impl Future<Output = Result<Id, Self::Error>> + Send;

    /// Changes the object in place. Called only when it is not [`Health::Working`].
    fn update(
        &self,
        id: &Id,
        want: &Self::Spec,
        seen: &Self::Observed,
    ) -> impl Future<Output = Result<(), Self::Error>> + Send;

    /// Begins the deletion; no error where it has begun already. The engine then observes the object until it
    /// is gone.
    fn delete(&self, id: &Id) -> impl Future<Output = Result<(), Self::Error>> + Send;

    /// What is still there of an object that is itself gone, in words: a deletion is complete when this
    /// answers `None`.
    fn lingering(
        &self,
        _last: &Self::Observed,
    ) -> impl Future<Output = Result<Option<String>, Self::Error>> + Send {
        async { Ok(None) }
    }
}

/// The order in which components are made, changed and removed: ordinary code that calls
/// [`Engine::scan`](crate::Engine::scan) for each kind, then [`Engine::ensure`](crate::Engine::ensure) from
/// the ground up, then [`Engine::sweep`](crate::Engine::sweep) from the top down. It must be a function of
/// its own fields and of what the engine answers, since it is walked twice: once to rehearse, once to run.
pub trait Graph<E: Failure>: Sync {
    /// What the walk yields: usually the facts of every slot.
    type Output: Send;

    /// Walks the graph once.
    fn walk(
        &self,
        engine: &crate::Engine<E>,
    ) -> impl Future<Output = Result<Self::Output, crate::Error<E>>> + Send;
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

/// A snapshot of what was observed, by [`Kind::key`] and id: what a plan compares with, when it should not
/// call the service again.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Snapshot(BTreeMap<String, BTreeMap<Id, serde_json::Value>>);

impl Snapshot {
    /// The observation of an object. `None` where there is none, or one that this version cannot read.
    pub fn get<T: DeserializeOwned>(&self, kind: Kind, id: &Id) -> Option<T> {
        let value = self.0.get(kind.key)?.get(id)?;
        T::deserialize(value).ok()
    }

    /// Whether nothing is in it.
    pub fn is_empty(&self) -> bool {
        self.0.values().all(BTreeMap::is_empty)
    }

    pub(crate) fn keys(&self) -> BTreeSet<(String, Id)> {
        self.0
            .iter()
            .flat_map(|(kind, of_kind)| of_kind.keys().map(|id| (kind.clone(), id.clone())))
            .collect()
    }

    pub(crate) fn put<T: Serialize>(&mut self, kind: Kind, id: &Id, seen: &T) {
        match serde_json::to_value(seen) {
            Ok(value) => {
                self.0
                    .entry(kind.key.to_owned())
                    .or_default()
                    .insert(id.clone(), value);
            }
            // An observation that has no JSON is observed again wherever it is needed.
            Err(_) => self.forget(kind.key, id),
        }
    }

    pub(crate) fn forget(&mut self, kind: &str, id: &Id) {
        if let Some(of_kind) = self.0.get_mut(kind) {
            of_kind.remove(id);
        }
    }

    pub(crate) fn retain(&mut self, mut keep: impl FnMut(&str, &Id) -> bool) {
        for (kind, of_kind) in &mut self.0 {
            of_kind.retain(|id, _| keep(kind, id));
        }
        self.0.retain(|_, of_kind| !of_kind.is_empty());
    }
}
