//! A provider with its resources, as the RPCs see it: without types.

use std::sync::{Arc, Mutex, PoisonError};

use tokio_util::sync::CancellationToken;

use super::{Refused, registry::Registry};
use crate::{
    action::ActionHandler,
    call::Deferral,
    configurable::Configurable,
    data_source::DataSourceHandler,
    ephemeral_resource::EphemeralResourceHandler,
    function::FunctionHandler,
    list_resource::ListResourceHandler,
    panics,
    provider::{Provider, ProviderHandler, TypedProvider},
    resource::Handler,
    schema::{self, Owner, Violation},
    shape::Shape,
    value::codec::CodecError,
    wire::tfplugin6::ClientCapabilities,
};

pub(crate) struct Plugin {
    address: &'static str,
    provider: Box<dyn ProviderHandler>,
    resources: Registry<dyn Handler>,
    data_sources: Registry<dyn DataSourceHandler>,
    ephemeral_resources: Registry<dyn EphemeralResourceHandler>,
    list_resources: Registry<dyn ListResourceHandler>,
    actions: Registry<dyn ActionHandler>,
    functions: Registry<dyn FunctionHandler>,
    interrupt: Mutex<CancellationToken>,
    capabilities: Mutex<ClientCapabilities>,
    deferred: Mutex<Option<Deferral>>,
}

impl Plugin {
    pub(crate) fn new<P: Provider>(provider: P) -> Self {
        let (provider, catalog) = TypedProvider::new(provider);
        Self {
            address: P::ADDRESS,
            provider: Box::new(provider),
            resources: Registry::new(
                Owner::Resource,
                catalog.resources,
                |each| each.shape().name,
                |each| each.shape().panicked.as_deref(),
            ),
            data_sources: configurables(Owner::DataSource, catalog.data_sources),
            ephemeral_resources: configurables(Owner::EphemeralResource, catalog.ephemeral_resources),
            list_resources: configurables(Owner::ListResource, catalog.list_resources),
            actions: configurables(Owner::Action, catalog.actions),
            functions: Registry::new(
                Owner::Function,
                catalog.functions,
                |each| each.name(),
                |each| each.panicked(),
            ),
            interrupt: Mutex::default(),
            capabilities: Mutex::default(),
            deferred: Mutex::default(),
        }
    }

    pub(crate) fn address(&self) -> &'static str {
        self.address
    }

    pub(crate) fn provider(&self) -> &dyn ProviderHandler {
        self.provider.as_ref()
    }

    pub(crate) fn resources(&self) -> impl Iterator<Item = &Arc<dyn Handler>> {
        self.resources.iter()
    }

    pub(crate) fn resource(&self, type_name: &str) -> Result<Arc<dyn Handler>, Refused> {
        self.resources.get(type_name)
    }

    pub(crate) fn data_sources(&self) -> &Registry<dyn DataSourceHandler> {
        &self.data_sources
    }

    pub(crate) fn ephemeral_resources(&self) -> &Registry<dyn EphemeralResourceHandler> {
        &self.ephemeral_resources
    }

    pub(crate) fn list_resources(&self) -> &Registry<dyn ListResourceHandler> {
        &self.list_resources
    }

    pub(crate) fn actions(&self) -> &Registry<dyn ActionHandler> {
        &self.actions
    }

    pub(crate) fn functions(&self) -> &Registry<dyn FunctionHandler> {
        &self.functions
    }

    /// A token that [`interrupt`](Self::interrupt) cancels.
    pub(crate) fn token(&self) -> CancellationToken {
        self.interrupt
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .child_token()
    }

    /// Cancels all calls in flight. Later ones are not affected.
    pub(crate) fn interrupt(&self) {
        let fresh = CancellationToken::new();
        std::mem::replace(
            &mut *self.interrupt.lock().unwrap_or_else(PoisonError::into_inner),
            fresh,
        )
        .cancel();
    }

    /// What the host said it can do when it configured the provider.
    pub(crate) fn capabilities(&self) -> ClientCapabilities {
        *self.capabilities.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn set_capabilities(&self, capabilities: ClientCapabilities) {
        *self.capabilities.lock().unwrap_or_else(PoisonError::into_inner) = capabilities;
    }

    /// Why everything is put off in this run, if it is and the host takes that.
    pub(crate) fn deferral(&self, allowed: bool) -> Option<Deferral> {
        let deferred = *self.deferred.lock().unwrap_or_else(PoisonError::into_inner);
        deferred.filter(|_| allowed)
    }

    pub(crate) fn set_deferral(&self, deferral: Option<Deferral>) {
        *self.deferred.lock().unwrap_or_else(PoisonError::into_inner) = deferral;
    }

    /// All that core would reject in the schemas, and models that do not fit them. `thorough` tries spellings of texts too, for
    /// which each model is read and written ten times more.
    pub(crate) fn violations(&self, thorough: bool) -> Vec<Violation> {
        let provider = self.provider.shape();
        let mut found = of_shape(provider, || self.provider.model_violation());
        if let Some(meta) = self.provider.meta() {
            found.extend(schema::check("provider_meta", &meta.schema));
        }
        for handler in self.resources() {
            let shape = handler.shape();
            let owner = shape.owner();
            let misfits = of_shape(shape, || handler.model_violation());
            if thorough && misfits.is_empty() {
                found.extend(checked(&owner, "a field of its model", || handler.misspellings()));
            }
            found.extend(misfits);
            if shape.panicked.is_some() {
                continue;
            }
            found.extend(checked(&owner, "`upgrades` or `moves`", || {
                handler.way_violations()
            }));
            found.extend(checked(&owner, "a field of its identity", || {
                handler.identity_violations()
            }));
        }
        for each in self.configurables() {
            found.extend(of_shape(each.shape(), || each.model_violation()));
        }
        for list in self.list_resources.iter() {
            let owner = Owner::ListResource.of(list.name());
            if !self.resources.has(list.name()) {
                let rule = "the catalog has no managed resource of this name, whose objects it lists";
                found.push(Violation::of(&owner, rule));
            } else if list.identity().is_none() && list.resource().panicked.is_none() {
                let rule = "the managed resource of this name has no identity, which a listed object needs";
                found.push(Violation::of(&owner, rule));
            }
        }
        for function in self.functions.iter() {
            let owner = Owner::Function.of(function.name());
            found.extend(match function.panicked() {
                Some(rule) => vec![Violation::of(&owner, rule)],
                None => checked(&owner, "a rule or an argument", || function.violations()),
            });
        }
        let names = [
            self.resources.violations(provider.name),
            self.data_sources.violations(provider.name),
            self.ephemeral_resources.violations(provider.name),
            self.list_resources.violations(provider.name),
            self.actions.violations(provider.name),
            self.functions.violations(provider.name),
        ];
        found.extend(names.into_iter().flatten());
        found
    }

    /// Patterns that cannot be compiled, with their owners. Not part of [`violations`](Self::violations), as
    /// compiling them all takes longer than a start may.
    pub(crate) fn broken_rules(&self) -> Vec<String> {
        let resources = self.resources().map(|handler| handler.shape());
        let shapes = resources.chain(self.configurables().map(|each| each.shape()));
        let of_schemas = shapes.chain([self.provider.shape()]).flat_map(|shape| {
            shape
                .schema
                .body
                .broken_rules()
                .into_iter()
                .map(|p| (shape.owner(), p))
        });
        let of_functions = self.functions.iter().flat_map(|function| {
            let owner = Owner::Function.of(function.name());
            let broken = function.signature().broken_rules();
            broken.into_iter().map(move |problem| (owner.clone(), problem))
        });
        of_schemas
            .chain(of_functions)
            .map(|(owner, problem)| format!("{owner}, {problem}"))
            .collect()
    }

    /// All that has a configuration of its own and is no managed resource.
    fn configurables(&self) -> impl Iterator<Item = &dyn Configurable> {
        let data_sources = self
            .data_sources
            .iter()
            .map(|each| each.as_ref() as &dyn Configurable);
        let ephemeral = self
            .ephemeral_resources
            .iter()
            .map(|each| each.as_ref() as &dyn Configurable);
        let lists = self
            .list_resources
            .iter()
            .map(|each| each.as_ref() as &dyn Configurable);
        let actions = self.actions.iter().map(|each| each.as_ref() as &dyn Configurable);
        data_sources.chain(ephemeral).chain(lists).chain(actions)
    }
}

fn configurables<H: Configurable + ?Sized>(owner: Owner, all: Vec<Arc<H>>) -> Registry<H> {
    Registry::new(
        owner,
        all,
        |each| each.name(),
        |each| each.shape().panicked.as_deref(),
    )
}

fn of_shape(shape: &Shape, model: impl FnOnce() -> Option<CodecError>) -> Vec<Violation> {
    let owner = shape.owner();
    if let Some(rule) = &shape.panicked {
        return vec![Violation::of(&owner, rule)];
    }
    let mut found = checked(&owner, "a default or a rule", || {
        schema::check(&owner, &shape.schema)
    });
    found.extend(schema::check_owner(shape.of, shape.name, &shape.schema));
    found.extend(checked(&owner, "a field of its model", || {
        let misfit = model().map(|err| Violation {
            path: err.path,
            ..Violation::of(
                &owner,
                format!("the model does not fit the schema: {}", err.message),
            )
        });
        misfit.into_iter().collect()
    }));
    found
}

/// What a check finds that runs code of the author's, which is named where it panics.
fn checked(owner: &str, code: &str, check: impl FnOnce() -> Vec<Violation>) -> Vec<Violation> {
    panics::caught(check)
        .unwrap_or_else(|said| vec![Violation::of(owner, format!("{code} panicked: {said}"))])
}
