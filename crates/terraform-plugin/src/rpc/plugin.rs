//! A provider with its resources, as the RPCs see it: without types.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

use tokio_util::sync::CancellationToken;

use crate::{
    diagnostic::{Diagnostic, Diagnostics},
    provider::{Provider, ProviderHandler, TypedProvider},
    resource::{Deferral, Handler},
    schema::{self, Violation},
    wire::tfplugin6::ClientCapabilities,
};

pub(crate) struct Plugin {
    address: &'static str,
    provider: Box<dyn ProviderHandler>,
    resources: BTreeMap<&'static str, Arc<dyn Handler>>,
    twice: Vec<&'static str>,
    interrupt: Mutex<CancellationToken>,
    capabilities: Mutex<ClientCapabilities>,
    deferred: Mutex<Option<Deferral>>,
}

impl Plugin {
    pub(crate) fn new<P: Provider>(provider: P) -> Self {
        let (provider, catalog) = TypedProvider::new(provider);
        let mut resources = BTreeMap::new();
        let mut twice = Vec::new();
        for handler in catalog.resources {
            let name = handler.shape().name;
            if resources.insert(name, handler).is_some() {
                twice.push(name);
            }
        }
        Self {
            address: P::ADDRESS,
            provider: Box::new(provider),
            resources,
            twice,
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
        self.resources.values()
    }

    pub(crate) fn resource(&self, type_name: &str) -> Result<Arc<dyn Handler>, Diagnostics> {
        self.resources.get(type_name).cloned().ok_or_else(|| {
            let detail = format!("This provider has no resource type {type_name}.");
            Diagnostic::error("Unknown resource type", detail).into()
        })
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

    /// All that core would reject in the schemas, and models that do not fit them.
    pub(crate) fn violations(&self) -> Vec<Violation> {
        let provider = self.provider.shape();
        let mut found = schema::check("provider", &provider.schema);
        found.extend(self.provider.model_violation().map(|err| Violation {
            owner: "provider".to_owned(),
            path: err.path,
            rule: format!("the model does not fit the schema: {}", err.message),
        }));
        if let Some(meta) = self.provider.meta() {
            found.extend(schema::check("provider_meta", &meta.schema));
        }
        for handler in self.resources() {
            let shape = handler.shape();
            found.extend(schema::check(shape.name, &shape.schema));
            let identity = shape.identity.iter();
            found.extend(identity.flat_map(|identity| identity.schema.violations(shape.name)));
            let prefix = format!("{}_", provider.name);
            if !shape.name.starts_with(&prefix) && shape.name != provider.name {
                found.push(Violation::of(
                    shape.name,
                    format!("the type name must begin with {prefix}"),
                ));
            }
            found.extend(handler.model_violation().map(|err| Violation {
                owner: shape.name.to_owned(),
                path: err.path,
                rule: format!("the model does not fit the schema: {}", err.message),
            }));
        }
        found.extend(
            self.twice
                .iter()
                .map(|name| Violation::of(name, "the type name is used twice")),
        );
        found
    }
}
