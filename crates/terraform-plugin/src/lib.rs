//! A framework for Terraform and OpenTofu providers in Rust, on plugin protocol 6.
//!
//! ```text
//!  Provider, Resource      what an author writes: serde models, verbs
//!  value, schema, plan     protocol-neutral: types, rules, core's own checks
//!  rpc                     one file per RPC: decode, call, check, encode
//!  serve                   the process: handshake, TLS, logs
//! ```
//!
//! An author implements [`Provider`] and [`Resource`], starts them with [`serve()`], and tests them with
//! [`testing::Host`], which walks a provider as core does.

#![deny(missing_docs, missing_debug_implementations)]

mod action;
mod attr;
mod call;
mod configurable;
mod data_source;
mod diagnostic;
mod duration;
mod ephemeral_resource;
mod expr;
mod function;
mod identity;
mod list_resource;
mod model;
mod path;
mod plan;
mod private;
mod provider;
mod resource;
mod rpc;
pub mod schema;
mod serve;
mod shape;
pub mod testing;
mod value;

mod wire;

pub use tokio_util::sync::CancellationToken;

pub use self::{
    action::{Action, Progress},
    attr::Attr,
    call::{Cx, Deferral, ValidateCx},
    data_source::DataSource,
    diagnostic::{Diagnostic, Diagnostics, Outcome, Severity},
    duration::{GoDuration, GoDurationError},
    ephemeral_resource::{EphemeralResource, Opened, Renewed},
    expr::PathExpr,
    function::{Function, FunctionError, Parameter, Signature},
    identity::{Identity, IdentitySchema},
    list_resource::{ListResource, Listed, Results},
    path::{Path, Step},
    provider::{Catalog, ConfigureCx, Provider},
    resource::{MoveSource, Moves, Plan, Resource, State, Upgrades},
    schema::Schema,
    value::{Bound, Elements, Number, NumberError, Refinement, Type, Value},
};

/// Serves a provider until the host has had enough of it: the whole of a provider's `main`.
///
/// Started by hand, the process says what it is and fails; with `--debug` it serves whoever attaches.
pub fn serve<P: Provider>(provider: P) -> std::process::ExitCode {
    let identity = serve::Identity {
        name: P::NAME,
        address: P::ADDRESS.to_owned(),
        version: P::VERSION,
        log_targets: P::LOG_TARGETS,
    };
    let service = rpc::Service::new(rpc::Plugin::new(provider));
    serve::run(identity, service.calls().clone(), service)
}
