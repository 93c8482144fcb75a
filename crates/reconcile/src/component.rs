//! What the engine asks of one kind of object: what it is compared by, when it is settled, and how it is
//! found, made, changed and removed.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use tokio::time::Instant;

use crate::record::{Id, Kind, Recorded};

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
    /// Ready for use as far as can be told, but not in the state in which it should end: it may be a stop on the way (a
    /// private connection seems to pass through AUTHORIZED). It is accepted once it has stood for so long: in a run that
    /// has changed the object by the run's own clock and with a warning, else by what the service says too.
    Standing {
        /// The state in the service's words.
        state: String,
        /// How long it has to stand.
        needed: Duration,
        /// How long it has stood by what the service says; zero where it does not say.
        stood: Duration,
    },
    /// On its way; the state in the service's words.
    Working(String),
    /// It will not get there by itself; the reason in the service's words.
    Failed(String),
}

/// An object that a search has found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found<O = ()> {
    /// Its id.
    pub id: Id,
    /// The name it bears.
    pub name: String,
    /// Whether it bears the mark of a run that has not ended.
    pub marked: bool,
    /// What the search has read of it and when, which saves a read; `None` where it only listed the object.
    pub seen: Option<(O, Instant)>,
}

impl<O> Found<O> {
    /// An object that was only listed.
    pub fn listed(id: impl Into<Id>, name: impl Into<String>, marked: bool) -> Self {
        Self {
            id: id.into(),
            name: name.into(),
            marked,
            seen: None,
        }
    }

    /// The same with what the search has just read of it.
    #[must_use]
    pub fn with(self, seen: O) -> Self {
        self.with_read(seen, Instant::now())
    }

    /// The same with what was read of it at that time.
    #[must_use]
    pub fn with_read(self, seen: O, at: Instant) -> Self {
        Self {
            seen: Some((seen, at)),
            ..self
        }
    }
}

/// What a create has come to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Made {
    /// The id of the object.
    pub id: Id,
    /// Somebody else had made just what is wanted, and it is used as it is. That is recorded; the object is never
    /// changed and never removed.
    pub borrowed: bool,
}

impl Made {
    /// An object that was made, and is ours.
    pub fn ours(id: impl Into<Id>) -> Self {
        Self {
            id: id.into(),
            borrowed: false,
        }
    }

    /// An object of somebody else that is just what is wanted.
    pub fn borrowed(id: impl Into<Id>) -> Self {
        Self {
            id: id.into(),
            borrowed: true,
        }
    }
}

/// What is known about all kinds when one of them is searched: some objects can only be told to be ours by
/// what they point at.
#[derive(Clone, Debug, Default)]
pub struct Inventory {
    /// Nothing is recorded, and nothing was made yet: what bears the mark was left by a killed create of any holder of
    /// our name, and a connection without the mark is alive. False once something is recorded: then only what bears
    /// our own token, or points at a recorded object, can be ours.
    pub fresh: bool,
    /// Ask the service anew: a listing that was made earlier may lack what is searched for.
    pub anew: bool,
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
    /// The error passes by itself: throttling, internal errors, a broken connection. Within a wait, a read that fails so
    /// is made again until the time is over.
    fn is_transient(&self) -> bool {
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

    /// What differs. Ignores names and marks, and depends on nothing but its arguments. A fact that is known only later
    /// differs. An object that is being deleted is [`Change::Replace`], as is one that has failed and cannot be mended.
    fn compare(&self, want: &Self::Spec, seen: &Self::Observed) -> Change;

    /// What is still wanted once a create or an update was carried out: a wish that one call fulfils, such as sending a
    /// secret again although nothing shows, is taken out.
    fn fulfilled(&self, want: &Self::Spec) -> Self::Spec {
        want.clone()
    }

    /// What is wanted of an object that a search has found or that was on its way out, if it fits and takes the slot. What no read
    /// shows, such as a secret, is whatever its maker gave it: such a wish is added.
    fn adopting(&self, want: &Self::Spec) -> Self::Spec {
        want.clone()
    }

    /// How far the object is.
    fn health(&self, seen: &Self::Observed) -> Health;

    /// Why this object must be neither changed nor removed, although it is recorded as ours: the tag that makes it ours
    /// is gone, or names another holder. Not asked of what is borrowed, nor of what a search has found to be left
    /// behind, as long as it bears the mark.
    fn guard(&self, _seen: &Self::Observed) -> Option<String> {
        None
    }

    /// Whether the object's tag names another holder, which has taken it over. What has lost its tag was taken by nobody.
    fn taken_over(&self, _seen: &Self::Observed) -> bool {
        false
    }

    /// Whether the object bears the mark of a run that has not ended. Kinds that can be tagged bear it from their
    /// create call on, until [`sign_off`](Self::sign_off) takes it off.
    fn marked(&self, _seen: &Self::Observed) -> bool {
        false
    }

    /// Makes an object that was left behind ours, at the beginning of a run: its tag names us from here on, so that a run
    /// that may still be at work on it sees that it has lost it. The mark stays. Nothing to do where the tag names us
    /// already.
    fn claim(
        &self,
        _id: &Id,
        _seen: &Self::Observed,
    ) -> impl Future<Output = Result<(), Self::Error>> + Send {
        async { Ok(()) }
    }

    /// Makes marked objects ours for good, right before the caller's state records them: their tag names us, and the
    /// mark goes. Answers with the objects as they are then; one that it answers with its mark is read until that is gone.
    fn sign_off(
        &self,
        _objects: Vec<(Id, Self::Observed)>,
    ) -> impl Future<Output = Result<Vec<(Id, Self::Observed)>, Self::Error>> + Send {
        async { Ok(Vec::new()) }
    }

    /// Marks objects again that are ours and whose marks have gone, since no state has come to record them.
    fn mark_again(
        &self,
        _objects: Vec<(Id, Self::Observed)>,
    ) -> impl Future<Output = Result<(), Self::Error>> + Send {
        async { Ok(()) }
    }

    /// Whether an object that was borrowed is ours by now: the one that made it has handed it over.
    fn given(&self, _seen: &Self::Observed) -> bool {
        false
    }

    /// Gives a borrowed object back, which is not used any more: whatever was done to it when it was borrowed is undone.
    fn release(&self, _id: &Id) -> impl Future<Output = Result<(), Self::Error>> + Send {
        async { Ok(()) }
    }

    /// Why a deletion that has begun will not end by itself (DELETE_FAILED).
    fn stuck(&self, _seen: &Self::Observed) -> Option<String> {
        None
    }

    /// After a change, a settled read counts only when a second one, so much later, is settled too.
    fn confirm(&self) -> Option<Duration> {
        None
    }

    /// Why the object does not serve although the service has accepted every change: it still leads elsewhere, say. Asked
    /// when the object fails after a change, and when changes that were made as often as a run makes them do not show; a
    /// run ends there. Where this is `None`
    /// the difference is a warning, and the next plan shows it.
    fn unserviceable(&self, _want: &Self::Spec, _seen: &Self::Observed) -> Option<String> {
        None
    }

    /// Whether the graph waits until the object is settled.
    fn awaited(&self) -> bool {
        true
    }

    /// Objects of the kind that are recorded, as far as a listing shows them, and those that were left behind: they bear
    /// the mark of a run of ours that has not ended. In a fresh run that is any holder of our name, later only our
    /// own token.
    ///
    /// # Errors
    /// Also when what is found forbids to go on: in a fresh run, an object that is alive and belongs to
    /// another record, or one of our name that is somebody else's.
    fn search(
        &self,
        inventory: &Inventory,
    ) -> impl Future<Output = Result<Vec<Found<Self::Observed>>, Self::Error>> + Send;

    /// The object, or `None` where it does not exist.
    fn observe(&self, id: &Id) -> impl Future<Output = Result<Option<Self::Observed>, Self::Error>> + Send;

    /// Makes the object, marked where the kind can be, and returns as soon as it has an id. What one call cannot set is
    /// left to [`update`](Self::update): once the new object is settled, it is compared like any other.
    fn create(&self, want: &Self::Spec) -> impl Future<Output = Result<Made, Self::Error>> + Send;

    /// Changes the object in place. Called only when it is not [`Health::Working`]. `tried` is how often this run has
    /// changed it already, without the effect that is wanted: for kinds that know a stronger way.
    fn update(
        &self,
        id: &Id,
        want: &Self::Spec,
        seen: &Self::Observed,
        tried: u32,
    ) -> impl Future<Output = Result<(), Self::Error>> + Send;

    /// Begins the deletion of what was just `seen`; no error where it has begun already. The engine then observes the
    /// object until it is gone, and begins again where it turns out that the call had no effect.
    fn delete(&self, id: &Id, seen: &Self::Observed) -> impl Future<Output = Result<(), Self::Error>> + Send;

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
