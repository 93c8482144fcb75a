//! A host for tests: walks a provider as core does, in process, in milliseconds.
//!
//! ```text
//!  validate → upgrade, read → propose → plan → check ─┬→ re-plan → compare → apply → check
//!                                                     └ replace: a second plan without a prior state
//! ```
//!
//! What core would reject is an error here too. Written from the behaviour of Terraform and OpenTofu, apart
//! from the checks that the framework itself makes on every answer.
//!
//! ```no_run
//! # use terraform_plugin::{config, path, testing::Host, Diagnostics, Provider};
//! # async fn test(provider: impl Provider) -> Result<(), Diagnostics> {
//! let host = Host::new(provider);
//! host.configure(config! { region = "eu-west-1" }).await?;
//! let mut thing = host.resource("my_thing")?;
//! thing.apply(config! { name = "a", network = { subnet_ids = ["x"] } }).await?;
//! let plan = thing.plan(config! { name = "b" }).await?;
//! assert!(plan.is_replace() && plan.is_unknown(&path!("id")));
//! # Ok(())
//! # }
//! ```

mod calls;
pub mod codec;
mod config;
mod instance;
mod kinds;
mod object;
mod planned;
pub(crate) mod propose;
mod raw;
mod stored;

use std::sync::Arc;

use tokio_util::task::TaskTracker;
use tonic::{Request, Response, Status};

use self::{calls::Calls, kinds::Wire};
pub use self::{
    instance::Instance,
    kinds::{
        CallError, HostedAction, HostedDataSource, HostedEphemeralResource, HostedListResource, Invoked,
        ListResult, OpenEphemeralResource,
    },
    planned::{Action, Planned, Planning},
    raw::{METHODS, Refused},
    stored::Stored,
};
use crate::{
    diagnostic::{Diagnostic, Diagnostics, Outcome},
    provider::Provider,
    rpc::{Plugin, Service, convert},
    value::Value,
    wire::tfplugin6::{self as wire, provider_server::Provider as _},
};

/// A host with one provider.
#[derive(Debug)]
pub struct Host {
    service: Arc<Service>,
    profile: Profile,
}

/// What the host can do.
#[derive(Clone, Copy, Debug)]
struct Profile {
    /// None where the host is too old to send any.
    capabilities: Option<wire::ClientCapabilities>,
    identity: bool,
}

impl Profile {
    fn deferral(&self) -> bool {
        self.capabilities.is_some_and(|all| all.deferral_allowed)
    }

    fn computed_blocks(&self) -> bool {
        self.capabilities.is_some_and(|all| all.computed_blocks_allowed)
    }

    fn write_only(&self) -> bool {
        self.capabilities
            .is_some_and(|all| all.write_only_attributes_allowed)
    }

    fn planned_private(&self) -> bool {
        self.capabilities.is_some_and(|all| all.store_planned_private)
    }
}

impl Host {
    /// A host of today (Terraform 1.12 or OpenTofu 1.12 and later) with this provider, not configured yet.
    pub fn new<P: Provider>(provider: P) -> Self {
        let capabilities = wire::ClientCapabilities {
            write_only_attributes_allowed: true,
            ..wire::ClientCapabilities::default()
        };
        Self {
            service: Arc::new(Service::new(Plugin::new(provider), TaskTracker::new())),
            profile: Profile {
                capabilities: Some(capabilities),
                identity: true,
            },
        }
    }

    /// The same host, as old as to know no write-only attributes (and to send no capabilities at all).
    #[must_use]
    pub fn without_write_only(mut self) -> Self {
        self.profile.capabilities = None;
        self
    }

    /// The same host, as new as to know computed blocks (Terraform 1.16).
    #[must_use]
    pub fn with_computed_blocks(mut self) -> Self {
        self.profile
            .capabilities
            .get_or_insert_default()
            .computed_blocks_allowed = true;
        self
    }

    /// The same host, as old as to know no identities (Terraform and OpenTofu 1.11).
    #[must_use]
    pub fn without_identity(mut self) -> Self {
        self.profile.identity = false;
        self
    }

    /// The same host, taking deferred answers (`-allow-deferral`, Stacks).
    #[must_use]
    pub fn with_deferral(mut self) -> Self {
        self.profile.capabilities.get_or_insert_default().deferral_allowed = true;
        self
    }

    /// The same host, keeping the private data of a plan for the second plan, as Terraform 1.16 does.
    #[must_use]
    pub fn with_planned_private(mut self) -> Self {
        self.profile
            .capabilities
            .get_or_insert_default()
            .store_planned_private = true;
        self
    }

    /// All that is wrong with the provider's schemas, models, upgrades and patterns, in words. One test of every
    /// provider should see to it that this is empty.
    pub fn problems(&self) -> Vec<String> {
        let plugin = self.service.plugin();
        let violations = plugin
            .violations(true)
            .into_iter()
            .map(|violation| violation.to_string());
        violations.chain(plugin.broken_rules()).collect()
    }

    /// Validates the provider's configuration and configures it. Made with [`config!`](crate::config!).
    ///
    /// # Errors
    /// What the provider says.
    pub async fn configure(&self, config: Value) -> Outcome {
        let shape = Arc::clone(self.service.plugin().provider().shape());
        let config = config::complete(&shape.schema, config)?;
        let config = Some(convert::dynamic_value(&config, &shape)?);
        let request = wire::validate_provider_config::Request {
            config: config.clone(),
        };
        let response = answer(self.service.validate_provider_config(Request::new(request)).await)?;
        succeeded(response.diagnostics)?;
        let request = wire::configure_provider::Request {
            terraform_version: "1.12.0".to_owned(),
            config,
            client_capabilities: self.profile.capabilities,
        };
        let response = answer(self.service.configure_provider(Request::new(request)).await)?;
        succeeded(response.diagnostics).map(|_| ())
    }

    /// Interrupts what is in flight, as Ctrl-C does.
    ///
    /// # Errors
    /// What the provider says.
    pub async fn stop(&self) -> Outcome {
        let response = answer(
            self.service
                .stop_provider(Request::new(wire::stop_provider::Request {}))
                .await,
        )?;
        match response.error {
            error if error.is_empty() => Ok(()),
            error => Err(Diagnostic::error("The provider could not be stopped", error).into()),
        }
    }

    /// A resource of that type, of which there is no state yet.
    ///
    /// # Errors
    /// The provider has no such resource type.
    pub fn resource(&self, type_name: &str) -> Result<Instance, Diagnostics> {
        let shape = Arc::clone(self.service.plugin().resource(type_name)?.shape());
        Ok(Instance::new(Calls::new(
            Arc::clone(&self.service),
            self.profile,
            shape,
        )))
    }

    fn wire(&self) -> Wire {
        Wire {
            service: Arc::clone(&self.service),
            capabilities: self.profile.capabilities,
        }
    }

    /// A data source.
    ///
    /// # Errors
    /// The provider has no data source of that name.
    pub fn data_source(&self, type_name: &str) -> Result<HostedDataSource, Diagnostics> {
        let handler = self.service.plugin().data_sources().get(type_name)?;
        Ok(HostedDataSource {
            wire: self.wire(),
            shape: Arc::clone(handler.shape()),
        })
    }

    /// An ephemeral resource.
    ///
    /// # Errors
    /// The provider has no ephemeral resource of that name.
    pub fn ephemeral_resource(&self, type_name: &str) -> Result<HostedEphemeralResource, Diagnostics> {
        Ok(HostedEphemeralResource {
            wire: self.wire(),
            handler: self.service.plugin().ephemeral_resources().get(type_name)?,
        })
    }

    /// A list resource.
    ///
    /// # Errors
    /// The provider has no list resource of that name.
    pub fn list_resource(&self, type_name: &str) -> Result<HostedListResource, Diagnostics> {
        let handler = self.service.plugin().list_resources().get(type_name)?;
        Ok(HostedListResource {
            wire: self.wire(),
            shape: Arc::clone(handler.shape()),
            resource: Arc::clone(handler.resource()),
            identity: handler.identity().cloned(),
        })
    }

    /// An action.
    ///
    /// # Errors
    /// The provider has no action of that name.
    pub fn action(&self, type_name: &str) -> Result<HostedAction, Diagnostics> {
        let handler = self.service.plugin().actions().get(type_name)?;
        Ok(HostedAction {
            wire: self.wire(),
            shape: Arc::clone(handler.shape()),
        })
    }

    /// Calls a function, twice, as core does to see that it is pure. Needs no configuration of the provider.
    ///
    /// # Errors
    /// What the function says, results that differ, and answers that core would reject.
    pub async fn call(
        &self,
        function: &str,
        arguments: impl IntoIterator<Item = Value>,
    ) -> Result<Value, CallError> {
        kinds::call(&self.wire(), function, arguments.into_iter().collect()).await
    }
}

/// The response itself. The framework answers with a status only when its runtime stops.
fn answer<T>(result: Result<Response<T>, Status>) -> Result<T, Diagnostics> {
    result
        .map(Response::into_inner)
        .map_err(|status| Diagnostic::error("The provider did not answer", status.to_string()).into())
}

/// The warnings, if there are no errors.
fn succeeded(diagnostics: Vec<wire::Diagnostic>) -> Result<Diagnostics, Diagnostics> {
    let diagnostics = convert::read_diagnostics(diagnostics);
    if diagnostics.has_errors() {
        Err(diagnostics)
    } else {
        Ok(diagnostics)
    }
}
