//! What data sources, ephemeral resources, list resources and actions have in common: a configuration with a
//! schema and a model of its own.

use std::{
    future::Future,
    pin::Pin,
    sync::{Arc, LazyLock},
};

use serde::{Serialize, de::DeserializeOwned};

use crate::{
    diagnostic::{Diagnostic, Diagnostics, Outcome},
    model,
    provider::ValidateCx,
    resource::Shape,
    value::{Value, codec::CodecError},
};

/// What an object-safe method that waits returns.
pub(crate) type Boxed<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// A shape that is built when it is first needed: a process that only validates one data source builds no
/// other schema.
pub(crate) type LazyShape = LazyLock<Arc<Shape>>;

/// Something with a configuration, behind its types.
pub(crate) trait Configurable: Send + Sync {
    /// The full type name.
    fn name(&self) -> &'static str;

    fn shape(&self) -> &Arc<Shape>;

    /// Where the model does not fit the schema.
    fn model_violation(&self) -> Option<CodecError>;

    fn validate(&self, cx: &ValidateCx, config: &Value) -> Outcome;
}

/// A configuration as its model.
pub(crate) fn decode<M: DeserializeOwned>(config: &Value) -> Result<M, Diagnostics> {
    model::decode(config).map_err(|err| {
        let detail = format!("The configuration does not fit the provider's model: {err}.");
        Diagnostic::error("Unsuitable configuration", detail)
            .at(err.path)
            .into()
    })
}

/// What an author's code answered, as a value of the shape's type.
pub(crate) fn encode<M: Serialize>(model: &M, shape: &Shape) -> Result<Value, Diagnostics> {
    model::encode(model, &shape.ty).map_err(|err| {
        let rule = format!("the result does not fit the schema: {}", err.message);
        crate::rpc::bug(shape, err.path, rule).into()
    })
}
