//! What a list resource finds, on its way to the host.

use std::{
    ops::ControlFlow,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
};

use serde::Serialize;
use tokio::sync::mpsc;

use crate::{
    call::Warnings,
    diagnostic::{Diagnostic, Diagnostics},
    model,
    path::Path,
    plan,
    shape::{self, Shape},
    value::{
        Type, Value,
        codec::{self, CodecError},
        conform,
    },
};

/// One object that was found.
#[derive(Clone, Debug)]
pub struct Listed<M> {
    display_name: String,
    identity: codec::Result<Value>,
    resource: Option<M>,
}

impl<M> Listed<M> {
    /// An object with this identity, a serde struct that fits the managed resource's identity schema. The
    /// display name is what users read.
    pub fn new(display_name: impl Into<String>, identity: &impl Serialize) -> Self {
        Self {
            display_name: display_name.into(),
            identity: model::encode_loosely(identity),
            resource: None,
        }
    }

    /// The whole object, as a refresh would record it. Needed only where
    /// [`Results::include_resource`] says so.
    #[must_use]
    pub fn resource(mut self, resource: M) -> Self {
        self.resource = Some(resource);
        self
    }
}

/// What one event of the answer holds.
pub(crate) struct ListEvent {
    pub(crate) found: Option<Found>,
    pub(crate) diagnostics: Diagnostics,
}

/// One object that was found, checked.
pub(crate) struct Found {
    pub(crate) display_name: String,
    pub(crate) identity: Value,
    pub(crate) resource: Option<Value>,
}

/// Where a list resource's results go: to the host, one by one, no faster than it takes them.
pub struct Results<M> {
    pub(super) list: Arc<Shape>,
    pub(super) resource: Arc<Shape>,
    pub(super) identity: Type,
    pub(super) include_resource: bool,
    pub(super) left: AtomicU64,
    pub(super) failed: AtomicBool,
    pub(super) warnings: Warnings,
    pub(super) events: mpsc::Sender<ListEvent>,
    pub(super) model: std::marker::PhantomData<fn(M)>,
}

impl<M: Serialize> Results<M> {
    /// Whether the host wants the whole objects, not only their identities. What is given without being asked
    /// for is not sent.
    pub fn include_resource(&self) -> bool {
        self.include_resource
    }

    /// How many more results the host takes; `u64::MAX` where it set no limit. For page sizes.
    pub fn left(&self) -> u64 {
        self.left.load(Ordering::Relaxed)
    }

    /// Hands one result on, once the host has taken the one before. `Break` says that it wants no more: the
    /// limit is reached, or nobody listens any longer. Return then; what is pushed all the same goes nowhere.
    pub async fn push(&self, listed: Listed<M>) -> ControlFlow<()> {
        if self.left() == 0 || self.failed.load(Ordering::Relaxed) {
            return ControlFlow::Break(());
        }
        let event = match self.checked(listed) {
            Ok(found) => {
                self.left.fetch_sub(1, Ordering::Relaxed);
                let mut diagnostics = self.warnings.take();
                if self.include_resource && found.resource.is_none() {
                    let detail = format!(
                        "{} was asked for whole objects and gave only an identity for {:?}.",
                        self.list.owner(),
                        found.display_name
                    );
                    diagnostics.push(Diagnostic::warning("Incomplete result", detail));
                }
                ListEvent {
                    found: Some(found),
                    diagnostics,
                }
            }
            Err(bug) => {
                self.failed.store(true, Ordering::Relaxed);
                ListEvent {
                    found: None,
                    diagnostics: bug.into(),
                }
            }
        };
        if self.events.send(event).await.is_err() || self.left() == 0 || self.failed.load(Ordering::Relaxed) {
            return ControlFlow::Break(());
        }
        ControlFlow::Continue(())
    }

    /// The result by core's rules: a wholly known identity of the schema's type, and an object that could be a
    /// state.
    fn checked(&self, listed: Listed<M>) -> Result<Found, Diagnostic> {
        let bug = |path: Path, rule: String| shape::bug(&self.list, path, rule);
        let misfit = |what: &str, err: CodecError| {
            bug(
                Path::root(),
                format!(
                    "{what} of {:?} does not fit its schema: {err}",
                    listed.display_name
                ),
            )
        };
        let identity = listed
            .identity
            .clone()
            .and_then(|value| conform::coerce(value, &self.identity));
        let identity = identity.map_err(|err| misfit("the identity", err))?;
        if identity.is_null() || !identity.is_wholly_known() {
            let rule = format!("the identity of {:?} must be known", listed.display_name);
            return Err(bug(Path::root(), rule));
        }
        let of = self.resource.identity.as_ref();
        if let Some(name) = of.and_then(|of| of.missing_for_import(&identity).into_iter().next()) {
            let rule = format!(
                "{name} of the identity of {:?} is null, and nobody could import by it",
                listed.display_name
            );
            return Err(bug(Path::root(), rule));
        }
        let resource = match listed.resource.as_ref().filter(|_| self.include_resource) {
            Some(model) => {
                let value = model::encode(model, &self.resource.ty);
                let value = value.map_err(|err| misfit("the object", err))?;
                let value = plan::null_write_only(&self.resource.schema.body, value);
                if let Some(path) = value.unknown_paths().first() {
                    let rule = format!("{path} of the object {:?} must be known", listed.display_name);
                    return Err(bug(Path::root(), rule));
                }
                Some(value)
            }
            None => None,
        };
        Ok(Found {
            display_name: listed.display_name,
            identity,
            resource,
        })
    }
}

impl<M> std::fmt::Debug for Results<M> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Results")
            .field("include_resource", &self.include_resource)
            .field("left", &self.left)
            .finish_non_exhaustive()
    }
}
