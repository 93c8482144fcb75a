//! A framework for Terraform and OpenTofu providers in Rust, on plugin protocol 6.
//!
//! ```text
//!  Provider, Resource      what an author writes: serde models, verbs
//!  value, schema, plan     protocol-neutral: types, rules, core's own checks
//!  rpc                     one file per RPC: decode, call, check, encode
//!  serve                   the process: handshake, TLS, logs
//! ```
//!
//! An author implements [`Provider`] and [`Resource`], starts them with [`serve`], and tests them with
//! [`testing::Host`], which walks a provider as core does.

#![deny(missing_docs)]

mod attr;
mod diagnostic;
mod model;
mod path;
mod plan;
mod provider;
mod resource;
mod rpc;
pub mod schema;
mod serve;
mod value;

mod wire;

pub use tokio_util::sync::CancellationToken;

pub use self::{
    attr::Attr,
    diagnostic::{Diagnostic, Diagnostics, Outcome, Severity},
    path::{Path, Step},
    provider::{ConfigureCx, Provider, Resources, ValidateCx},
    resource::{Cx, Plan, Resource, State},
    schema::Schema,
    value::{Bound, Elements, Number, NumberError, Refinement, Type, Value},
};
