//! A provider without its types: what the RPC layer calls.

use std::{future::Future, pin::Pin, sync::Arc};

use super::{Catalog, ConfigureCx, Provider};
use crate::{
    call::{ClientSlot, ValidateCx},
    configurable::{decode, model_violation},
    diagnostic::Outcome,
    model::Holes,
    schema::Owner,
    shape::{self, Shape},
    value::{Value, codec::CodecError},
};

/// A provider behind its types. Its configuration becomes a model at its edge.
pub(crate) trait ProviderHandler: Send + Sync {
    fn shape(&self) -> &Arc<Shape>;

    /// Of `provider_meta` blocks, if there are such.
    fn meta(&self) -> Option<&Shape>;

    /// Where the configuration's model does not fit the schema.
    fn model_violation(&self) -> Option<CodecError>;

    fn validate(&self, cx: &ValidateCx, config: &Value) -> Outcome;

    /// Makes the client and keeps it for the resources.
    fn configure(&self, cx: ConfigureCx, config: Value)
    -> Pin<Box<dyn Future<Output = Outcome> + Send + '_>>;
}

/// A provider with what the wrapper needs of it.
pub(crate) struct TypedProvider<P: Provider> {
    provider: P,
    shape: Arc<Shape>,
    meta: Option<Shape>,
    client: Arc<ClientSlot<P::Client>>,
}

impl<P: Provider> TypedProvider<P> {
    /// The provider and what it offers.
    pub(crate) fn new(provider: P) -> (Self, Catalog<P::Client>) {
        let client = Arc::new(ClientSlot::default());
        let mut catalog = Catalog::new(Arc::clone(&client));
        let ((), of_catalog) = shape::described("catalog", || P::catalog(&mut catalog), || ());
        let mut shape = Shape::owned_by(Owner::Provider, P::NAME, P::schema);
        let (meta, of_meta) = shape::described("meta_schema", P::meta_schema, || None);
        shape.panicked = shape.panicked.or(of_meta).or(of_catalog);
        let meta = meta.map(|schema| Shape::new(P::NAME, || schema));
        (
            Self {
                provider,
                shape: Arc::new(shape),
                meta,
                client,
            },
            catalog,
        )
    }
}

impl<P: Provider> ProviderHandler for TypedProvider<P> {
    fn shape(&self) -> &Arc<Shape> {
        &self.shape
    }

    fn meta(&self) -> Option<&Shape> {
        self.meta.as_ref()
    }

    fn model_violation(&self) -> Option<CodecError> {
        model_violation::<P::Config>(&self.shape, Holes::NullAndUnknown)
    }

    fn validate(&self, cx: &ValidateCx, config: &Value) -> Outcome {
        self.provider.validate(cx, &decode(config, &self.shape)?)
    }

    fn configure(
        &self,
        cx: ConfigureCx,
        config: Value,
    ) -> Pin<Box<dyn Future<Output = Outcome> + Send + '_>> {
        Box::pin(async move {
            let config = decode(&config, &self.shape)?;
            self.client.set(self.provider.configure(&cx, config).await?);
            Ok(())
        })
    }
}
