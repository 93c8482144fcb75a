//! The provider service: one file per RPC, which decodes, calls, checks and encodes.

mod answer;
mod apply_resource_change;
mod call_function;
mod calls;
mod close_ephemeral_resource;
mod configure_provider;
pub(crate) mod convert;
mod deferral;
mod generate_resource_config;
mod get_functions;
mod get_metadata;
mod get_provider_schema;
mod get_resource_identity_schemas;
mod import_resource_state;
mod invoke_action;
mod list_resource;
mod move_resource_state;
mod open_ephemeral_resource;
mod places;
mod plan_action;
mod plan_resource_change;
mod plugin;
mod read_data_source;
mod read_resource;
mod registry;
mod renew_ephemeral_resource;
mod service;
mod stop_provider;
#[cfg(test)]
mod tests;
mod unsupported;
mod upgrade_resource_identity;
mod upgrade_resource_state;
mod validate_action_config;
mod validate_config;
mod validate_data_resource_config;
mod validate_ephemeral_resource_config;
mod validate_list_resource_config;
mod validate_provider_config;
mod validate_resource_config;

use std::{any::Any, future::Future, panic::AssertUnwindSafe};

use futures_util::FutureExt;
use tokio_util::sync::CancellationToken;

use self::answer::Refused;
pub(crate) use self::{plugin::Plugin, service::Service};
use crate::{
    call::{Call, Deferred, Warnings},
    diagnostic::{Diagnostic, Diagnostics, Outcome},
    panics,
    value::Value,
    wire::tfplugin6::{ClientCapabilities, DynamicValue},
};

/// One call of an RPC: the provider it goes to, and whether it is still wanted.
pub(crate) struct Rpc {
    pub(crate) plugin: std::sync::Arc<Plugin>,
    pub(crate) cancelled: CancellationToken,
    /// Cancelled when the host has dropped the call: nobody gets its answer.
    pub(crate) abandoned: CancellationToken,
}

impl Rpc {
    /// The circumstances of a resource's verb. Where the request says nothing of the host's capabilities,
    /// what it said when it configured the provider holds.
    fn call(&self, capabilities: Option<&ClientCapabilities>) -> Call {
        let capabilities = capabilities
            .copied()
            .unwrap_or_else(|| self.plugin.capabilities());
        Call {
            warnings: Warnings::default(),
            cancelled: self.cancelled.clone(),
            abandoned: self.abandoned.clone(),
            write_only_allowed: capabilities.write_only_attributes_allowed,
            deferral_allowed: capabilities.deferral_allowed,
            planned_private_stored: capabilities.store_planned_private,
            computed_blocks_allowed: capabilities.computed_blocks_allowed,
            deferred: Deferred::default(),
            provider_meta: Value::Null,
        }
    }

    /// The same, with the module's `provider_meta` block.
    fn call_of(
        &self,
        capabilities: Option<&ClientCapabilities>,
        meta: Option<&DynamicValue>,
    ) -> Result<Call, Diagnostics> {
        let mut call = self.call(capabilities);
        if let Some(shape) = self.plugin.provider().meta() {
            call.provider_meta = convert::value(meta, &shape.ty, "provider_meta block")?;
        }
        Ok(call)
    }
}

/// Runs an author's code so that its panic becomes an error of this one call. The panic hook has printed the
/// crash report that core shows.
async fn caught<T>(code: impl Future<Output = Result<T, Diagnostics>>) -> Result<T, Diagnostics> {
    AssertUnwindSafe(code)
        .catch_unwind()
        .await
        .unwrap_or_else(|panic| Err(crashed(panic.as_ref(), "").into()))
}

const KEPT: &str = "What it had recorded until then is kept in the state. ";

/// The same for code that records a state, of which nothing is lost.
async fn caught_recording(code: impl Future<Output = Outcome>) -> Outcome {
    AssertUnwindSafe(code)
        .catch_unwind()
        .await
        .unwrap_or_else(|panic| Err(crashed(panic.as_ref(), KEPT).into()))
}

/// The same for code that does not wait.
fn caught_at_once<T>(code: impl FnOnce() -> Result<T, Diagnostics>) -> Result<T, Diagnostics> {
    panics::caught(code).unwrap_or_else(|said| Err(crash(&said, "").into()))
}

/// The same for what compares a recorded state, which is kept as it is where that panics.
fn caught_keeping(recorded: Value, compare: impl FnOnce(Value) -> Value) -> (Value, Option<Diagnostic>) {
    match panics::caught(|| compare(recorded.clone())) {
        Ok(compared) => (compared, None),
        Err(said) => (recorded, Some(crash(&said, KEPT))),
    }
}

fn crashed(panic: &(dyn Any + Send), kept: &str) -> Diagnostic {
    crash(panics::said_in_a_sentence(panic), kept)
}

fn crash(said: &str, kept: &str) -> Diagnostic {
    let detail = format!(
        "The provider crashed while it worked on this: {said}. {kept}This is a bug in the provider; please report it."
    );
    Diagnostic::error("The provider crashed", detail)
}
