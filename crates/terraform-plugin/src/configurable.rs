//! What data sources, ephemeral resources, list resources and actions have in common: a configuration with a
//! schema and a model of its own.

use std::{
    future::Future,
    pin::Pin,
    sync::{Arc, LazyLock},
};

use serde::{Serialize, de::DeserializeOwned};

use crate::{
    call::ValidateCx,
    diagnostic::{Diagnostics, Outcome},
    model::{self, Holes},
    shape::{self, Shape},
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
pub(crate) fn decode<M: DeserializeOwned>(config: &Value, shape: &Shape) -> Result<M, Diagnostics> {
    model::decode(config).map_err(|err| shape::refused(shape, config, err))
}

/// A configuration as its model, to be validated. None where the model cannot hold what is unknown in it: the same
/// configuration is validated again once it is known.
pub(crate) fn decode_known<M: DeserializeOwned>(
    config: &Value,
    shape: &Shape,
) -> Result<Option<M>, Diagnostics> {
    match decode(config, shape) {
        Ok(model) => Ok(Some(model)),
        Err(_) if !config.is_wholly_known() => Ok(None),
        Err(misfit) => Err(misfit),
    }
}

/// Where a model does not fit the schema, or cannot hold what a configuration may leave open.
pub(crate) fn model_violation<M: Serialize + DeserializeOwned>(
    shape: &Shape,
    holes: Holes,
) -> Option<CodecError> {
    let level = shape.schema.body.level();
    model::check::<M>(&shape.ty).or_else(|| model::check_holes::<M>(level, &shape.ty, holes))
}

/// What an author's code answered, as a value of the shape's type.
pub(crate) fn encode<M: Serialize>(model: &M, shape: &Shape) -> Result<Value, Diagnostics> {
    model::encode(model, &shape.ty).map_err(|err| {
        let rule = format!("the result does not fit the schema: {}", err.message);
        shape::bug(shape, err.path, rule).into()
    })
}
