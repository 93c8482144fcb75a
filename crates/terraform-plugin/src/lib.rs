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
//! [`testing::Host`], which walks a provider as core does. The other kinds are [`DataSource`], [`EphemeralResource`],
//! [`Function`], [`ListResource`] and [`Action`]; each trait shows one at work.
//!
//! # A crate of your own
//!
//! A provider is a program whose name begins with `terraform-provider-`:
//!
//! ```toml
//! [package]
//! name = "terraform-provider-example"
//! version = "0.1.0"
//! edition = "2024"
//!
//! [dependencies]
//! serde = { version = "1", features = ["derive"] }
//! terraform-plugin = "0.1"
//!
//! [dev-dependencies]
//! tokio = { version = "1", features = ["macros", "rt"] }
//! ```
//!
//! The repository has a template for cargo-generate with a resource and its tests, and two complete providers among the
//! examples: `terraform-provider-greeting` in one file, and `terraform-provider-notes` with an identity, imports, a list,
//! an action and tests.
//!
//! # Names
//!
//! [`Provider::NAME`] is `example`, [`Provider::ADDRESS`] is `registry.terraform.io/namespace/example`, names of
//! resources begin with `example_`, and the program is `terraform-provider-example`.
//!
//! # Logging
//!
//! Events of [`tracing`] reach the CLI's log, with the level that `TF_LOG`, `TF_LOG_PROVIDER` or
//! `TF_LOG_PROVIDER_EXAMPLE` asks for. Only those of the crate `terraform_provider_example` and of
//! [`Provider::LOG_TARGETS`] do, since a library's may hold secrets.
//!
//! # Tests
//!
//! [`testing::Host`] walks the provider in process, in milliseconds:
//!
//! ```
//! # use terraform_plugin::{Catalog, ConfigureCx, Diagnostics, Provider};
//! # struct Example;
//! # impl Provider for Example {
//! #     const NAME: &'static str = "example";
//! #     const ADDRESS: &'static str = "registry.terraform.io/namespace/example";
//! #     const VERSION: &'static str = "0.1.0";
//! #     type Config = ();
//! #     type Client = ();
//! #     async fn configure(&self, _: &ConfigureCx, (): ()) -> Result<(), Diagnostics> { Ok(()) }
//! #     fn catalog(_: &mut Catalog<()>) {}
//! # }
//! use terraform_plugin::testing::Host;
//!
//! // All that is wrong with schemas, models and rules, which the CLI would tell at every start.
//! assert_eq!(Host::new(Example).problems(), [""; 0]);
//! ```
//!
//! For a test with a CLI, build the program and point `dev_overrides` of the CLI's configuration at its folder; `init` is
//! not needed then. Or run it with `--debug`, by hand or under a debugger, and give the CLI the `TF_REATTACH_PROVIDERS`
//! that it prints.
//!
//! # Packaging
//!
//! The registry takes a release with `terraform-provider-example_VERSION_OS_ARCH.zip` for each platform, which holds the
//! program as `terraform-provider-example_vVERSION`; a `…_SHA256SUMS` of them with its signature; and a
//! `…_manifest.json` that says `{"version": 1, "metadata": {"protocol_versions": ["6.0"]}}`. Link it statically where
//! you can (`-C target-feature=+crt-static`): Terraform's own container image has no glibc.

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
mod panics;
mod path;
mod plan;
mod private;
mod provider;
mod quoted;
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
    identity::IdentitySchema,
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
        commands: P::COMMANDS,
    };
    let calls = tokio_util::task::TaskTracker::new();
    let tracked = calls.clone();
    serve::run(identity, calls, move || {
        rpc::Service::new(rpc::Plugin::new(provider), tracked)
    })
}
