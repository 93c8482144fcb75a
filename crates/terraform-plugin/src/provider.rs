//! A provider: its configuration, and what it offers.

mod erased;

use std::{fmt, future::Future, sync::Arc};

use serde::{Serialize, de::DeserializeOwned};
use tokio_util::sync::CancellationToken;

pub(crate) use self::erased::{ProviderHandler, TypedProvider};
use crate::{
    action::{Action, ActionHandler, TypedAction},
    call::{ClientSlot, Deferral, Deferred, ValidateCx, Warnings},
    data_source::{DataSource, DataSourceHandler, TypedDataSource},
    diagnostic::{Diagnostic, Diagnostics, Outcome},
    ephemeral_resource::{EphemeralResource, EphemeralResourceHandler, TypedEphemeralResource},
    function::{Function, FunctionHandler, TypedFunction},
    list_resource::{ListResource, ListResourceHandler, TypedListResource},
    resource::{Handler, Resource, Typed},
    schema::Schema,
};

/// A provider.
///
/// ```
/// use serde::{Deserialize, Serialize};
/// use terraform_plugin::{Attr, Catalog, ConfigureCx, Diagnostics, Provider, Schema, schema::string, testing::Host};
///
/// struct Lab;
///
/// #[derive(Serialize, Deserialize)]
/// struct LabConfig {
///     endpoint: Attr<String>,
/// }
///
/// /// What resources work with.
/// struct Client {
///     endpoint: String,
/// }
///
/// impl Provider for Lab {
///     const NAME: &'static str = "lab";
///     const ADDRESS: &'static str = "registry.terraform.io/example/lab";
///     const VERSION: &'static str = env!("CARGO_PKG_VERSION");
///     type Config = LabConfig;
///     type Client = Client;
///
///     fn schema() -> Schema {
///         Schema::new(0).attr("endpoint", string().optional().matches("^https://", "an https URL"))
///     }
///
///     async fn configure(&self, _: &ConfigureCx, config: LabConfig) -> Result<Client, Diagnostics> {
///         // While a plan is made, what another resource gives may be unknown.
///         let endpoint = config.endpoint.into_known();
///         Ok(Client { endpoint: endpoint.unwrap_or_else(|| "https://lab.example".to_owned()) })
///     }
///
///     fn catalog(catalog: &mut Catalog<Client>) {
///         // catalog.resource(Machine);
///         let _ = catalog;
///     }
/// }
///
/// assert!(Host::new(Lab).problems().is_empty());
/// ```
///
/// One process serves one configuration of it, or none: core also starts a provider only to read its schema
/// or to validate, and then never configures it.
pub trait Provider: Send + Sync + 'static {
    /// The provider's own name, which the names of its resources begin with: `private` for
    /// `private_api_invocation`. Its log level is read from `TF_LOG_PROVIDER_PRIVATE`.
    const NAME: &'static str;
    /// The source address, `registry.terraform.io/private-api/private`.
    const ADDRESS: &'static str;
    /// The version, without a `v`.
    const VERSION: &'static str;
    /// The crates beside `terraform_provider_<name>` whose log events are the provider's own. Events of all
    /// other crates are never logged, since they may hold secrets.
    const LOG_TARGETS: &'static [&'static str] = &[];
    /// What else the program can be asked to do, for its `--help`: a first argument that `main` looks at before it calls
    /// [`serve`](crate::serve), and what it does, in a few words.
    const COMMANDS: &'static [(&'static str, &'static str)] = &[];
    /// The provider block.
    type Config: Serialize + DeserializeOwned + Send + Sync + 'static;
    /// What the resources work with.
    type Client: Send + Sync + 'static;

    /// The provider block's schema. By default it has nothing to configure.
    fn schema() -> Schema {
        Schema::new(0)
    }

    /// The schema of `provider_meta` blocks, in which a module says something to the provider; for
    /// [`Cx::provider_meta`](crate::Cx::provider_meta). By default there is none.
    fn meta_schema() -> Option<Schema> {
        None
    }

    /// Checks what the schema cannot express. Works offline; values may be unknown.
    ///
    /// # Errors
    /// What is wrong, each with the path of the attribute.
    fn validate(&self, cx: &ValidateCx, config: &Self::Config) -> Outcome {
        let _ = (cx, config);
        Ok(())
    }

    /// Makes the client. While a plan is made, `config` may hold unknown values.
    fn configure(
        &self,
        cx: &ConfigureCx,
        config: Self::Config,
    ) -> impl Future<Output = Result<Self::Client, Diagnostics>> + Send;

    /// Names all that the provider offers.
    fn catalog(catalog: &mut Catalog<Self::Client>);
}

/// What a provider offers, as [`Provider::catalog`] names it.
pub struct Catalog<C> {
    client: Arc<ClientSlot<C>>,
    pub(crate) resources: Vec<Arc<dyn Handler>>,
    pub(crate) data_sources: Vec<Arc<dyn DataSourceHandler>>,
    pub(crate) ephemeral_resources: Vec<Arc<dyn EphemeralResourceHandler>>,
    pub(crate) list_resources: Vec<Arc<dyn ListResourceHandler>>,
    pub(crate) actions: Vec<Arc<dyn ActionHandler>>,
    pub(crate) functions: Vec<Arc<dyn FunctionHandler>>,
}

impl<C> fmt::Debug for Catalog<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Catalog")
            .field("resources", &self.resources.len())
            .field("data_sources", &self.data_sources.len())
            .field("ephemeral_resources", &self.ephemeral_resources.len())
            .field("list_resources", &self.list_resources.len())
            .field("actions", &self.actions.len())
            .field("functions", &self.functions.len())
            .finish_non_exhaustive()
    }
}

impl<C> Catalog<C> {
    fn new(client: Arc<ClientSlot<C>>) -> Self {
        Self {
            client,
            resources: Vec::new(),
            data_sources: Vec::new(),
            ephemeral_resources: Vec::new(),
            list_resources: Vec::new(),
            actions: Vec::new(),
            functions: Vec::new(),
        }
    }
}

impl<C: Send + Sync + 'static> Catalog<C> {
    /// A managed resource.
    pub fn resource<R: Resource<Client = C>>(&mut self, resource: R) {
        self.resources
            .push(Arc::new(Typed::new(resource, Arc::clone(&self.client))));
    }

    /// A data source.
    pub fn data_source<D: DataSource<Client = C>>(&mut self, data_source: D) {
        let client = Arc::clone(&self.client);
        self.data_sources
            .push(Arc::new(TypedDataSource::new(data_source, client)));
    }

    /// An ephemeral resource.
    pub fn ephemeral_resource<E: EphemeralResource<Client = C>>(&mut self, ephemeral: E) {
        let client = Arc::clone(&self.client);
        self.ephemeral_resources
            .push(Arc::new(TypedEphemeralResource::new(ephemeral, client)));
    }

    /// A list resource. The managed resource whose objects it lists has to be named, too.
    pub fn list_resource<L: ListResource<Client = C>>(&mut self, list: L) {
        let client = Arc::clone(&self.client);
        self.list_resources
            .push(Arc::new(TypedListResource::new(list, client)));
    }

    /// An action.
    pub fn action<A: Action<Client = C>>(&mut self, action: A) {
        let client = Arc::clone(&self.client);
        self.actions.push(Arc::new(TypedAction::new(action, client)));
    }

    /// A function.
    pub fn function<F: Function>(&mut self, function: F) {
        self.functions.push(Arc::new(TypedFunction::new(function)));
    }
}

/// What surrounds a call of [`Provider::configure`].
#[derive(Debug)]
pub struct ConfigureCx {
    pub(crate) warnings: Warnings,
    pub(crate) terraform_version: String,
    pub(crate) cancelled: CancellationToken,
    pub(crate) deferral_allowed: bool,
    pub(crate) deferred: Deferred,
}

impl ConfigureCx {
    /// Tells the user something without failing.
    pub fn warn(&self, warning: Diagnostic) {
        self.warnings.push(warning);
    }

    /// The version of the Terraform or OpenTofu that runs, as it gives it; may be empty.
    pub fn terraform_version(&self) -> &str {
        &self.terraform_version
    }

    /// Cancelled when the user interrupts the run.
    pub fn cancelled(&self) -> &CancellationToken {
        &self.cancelled
    }

    /// Whether the host takes deferred answers.
    pub fn deferral_allowed(&self) -> bool {
        self.deferral_allowed
    }

    /// Puts off all reads, plans and imports of this run, and says why: the provider's configuration is not known
    /// well enough to reach anything. No verb is called then, but for the plans of resources that
    /// [ask for it](crate::Resource::PLANS_WHILE_DEFERRED). Where the host takes no deferred answer
    /// ([`deferral_allowed`](Self::deferral_allowed)) this is an error of the configuration.
    pub fn defer(&self, why: Deferral) {
        self.deferred.set(why);
    }
}
