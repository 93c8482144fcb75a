//! What surrounds every call of an author's code.

use std::{
    fmt,
    sync::{Arc, Mutex, PoisonError, RwLock},
};

use tokio_util::sync::CancellationToken;

use serde::de::DeserializeOwned;

use crate::{
    diagnostic::{Diagnostic, Diagnostics},
    model,
    value::Value,
};

/// The client that the provider was configured with, shared by all its resources.
pub(crate) struct ClientSlot<C>(RwLock<Option<Arc<C>>>);

impl<C> Default for ClientSlot<C> {
    fn default() -> Self {
        Self(RwLock::new(None))
    }
}

impl<C> ClientSlot<C> {
    pub(crate) fn set(&self, client: C) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = Some(Arc::new(client));
    }

    pub(crate) fn get(&self) -> Result<Arc<C>, Diagnostics> {
        let client = self.0.read().unwrap_or_else(PoisonError::into_inner).clone();
        client.ok_or_else(|| {
            Diagnostic::error(
                "The provider is not configured",
                "Its configuration failed, or was not given before this was asked for. See the other errors.",
            )
            .into()
        })
    }
}

/// Warnings gathered while a verb runs. Kept outside of it, so that they outlive a failure.
#[derive(Clone, Debug, Default)]
pub(crate) struct Warnings(Arc<Mutex<Diagnostics>>);

impl Warnings {
    pub(crate) fn push(&self, mut warning: Diagnostic) {
        warning.severity = crate::Severity::Warning;
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(warning);
    }

    pub(crate) fn take(&self) -> Diagnostics {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Why an answer has to wait for another run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Deferral {
    /// The configuration of this object is not known well enough.
    ConfigUnknown,
    /// The configuration of the provider is not known well enough.
    ProviderConfigUnknown,
    /// Something that this object needs does not exist yet.
    AbsentPrerequisite,
}

/// Whether a verb wants to wait. Kept outside of it, as its warnings are.
#[derive(Clone, Debug, Default)]
pub(crate) struct Deferred(Arc<Mutex<Option<Deferral>>>);

impl Deferred {
    pub(crate) fn set(&self, why: Deferral) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(why);
    }

    pub(crate) fn get(&self) -> Option<Deferral> {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What an RPC knows of its circumstances, before a resource's types come in.
#[derive(Clone, Debug)]
pub(crate) struct Call {
    pub(crate) warnings: Warnings,
    pub(crate) cancelled: CancellationToken,
    pub(crate) abandoned: CancellationToken,
    pub(crate) write_only_allowed: bool,
    pub(crate) deferral_allowed: bool,
    pub(crate) planned_private_stored: bool,
    pub(crate) computed_blocks_allowed: bool,
    pub(crate) deferred: Deferred,
    /// What the module's `provider_meta` block says; null where there is none.
    pub(crate) provider_meta: Value,
}

/// What surrounds a call of a verb: the client, a place for warnings, and whether the user wants to stop.
pub struct Cx<C> {
    client: Arc<C>,
    call: Call,
}

impl<C> Cx<C> {
    pub(crate) fn new(client: Arc<C>, call: Call) -> Self {
        Self { client, call }
    }

    /// The client that the provider was configured with.
    pub fn client(&self) -> &C {
        &self.client
    }

    /// Tells the user something without failing. Reaches the user also when the verb fails afterwards.
    pub fn warn(&self, warning: Diagnostic) {
        self.call.warnings.push(warning);
    }

    /// Cancelled when the user interrupts the run. Finish the step at hand, record, and return. A verb that blocks its thread
    /// keeps the interrupt from being heard ([`Resource`](crate::Resource)).
    pub fn cancelled(&self) -> &CancellationToken {
        &self.call.cancelled
    }

    /// Whether the host still waits for the answer. Once it does not (it was killed, or its connection broke), what the
    /// verb records reaches no state: it must not do what is only right when the state tells of it.
    pub fn answer_is_awaited(&self) -> bool {
        !self.call.abandoned.is_cancelled()
    }

    /// Whether the host knows write-only attributes (Terraform 1.11, OpenTofu 1.11 and later).
    pub fn write_only_allowed(&self) -> bool {
        self.call.write_only_allowed
    }

    /// Puts the answer off to another run, and says why. Whatever the verb does afterwards is not used. Where the
    /// host takes no deferred answer ([`deferral_allowed`](Self::deferral_allowed)) this is an error of the verb.
    pub fn defer(&self, why: Deferral) {
        self.call.deferred.set(why);
    }

    /// Whether the host takes a deferred answer.
    pub fn deferral_allowed(&self) -> bool {
        self.call.deferral_allowed
    }

    /// Whether the plan made during apply sees the private data of the first one (Terraform 1.16 and later): see
    /// [`Plan::planned_private`](crate::Plan::planned_private).
    pub fn planned_private_stored(&self) -> bool {
        self.call.planned_private_stored
    }

    /// Whether the host knows computed blocks (Terraform 1.16 and later).
    pub fn computed_blocks_allowed(&self) -> bool {
        self.call.computed_blocks_allowed
    }

    /// The `provider_meta` block of the module that the resource belongs to, by the schema of
    /// [`Provider::meta_schema`](crate::Provider::meta_schema). There need not be one, and hosts may not send it.
    ///
    /// # Errors
    /// The block does not fit `M`.
    pub fn provider_meta<M: DeserializeOwned>(&self) -> Result<Option<M>, Diagnostics> {
        if self.call.provider_meta.is_null() {
            return Ok(None);
        }
        model::decode(&self.call.provider_meta).map(Some).map_err(|err| {
            let detail =
                format!("The module's provider_meta block does not fit the provider's struct: {err}.");
            Diagnostic::error("Unsuitable provider_meta block", detail).into()
        })
    }
}

impl<C> fmt::Debug for Cx<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cx")
            .field("call", &self.call)
            .finish_non_exhaustive()
    }
}

/// What surrounds a validation.
#[derive(Debug)]
pub struct ValidateCx {
    pub(crate) warnings: Warnings,
    pub(crate) write_only_allowed: bool,
}

impl ValidateCx {
    /// Tells the user something without failing.
    pub fn warn(&self, warning: Diagnostic) {
        self.warnings.push(warning);
    }

    /// Whether the host knows write-only attributes (Terraform 1.11, OpenTofu 1.11 and later).
    pub fn write_only_allowed(&self) -> bool {
        self.write_only_allowed
    }
}
