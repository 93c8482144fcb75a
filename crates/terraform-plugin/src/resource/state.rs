//! The state that a verb keeps.

use std::{marker::PhantomData, sync::Arc};

use serde::{Serialize, de::DeserializeOwned};

use super::record::{Record, set_private};
use crate::{
    diagnostic::{Diagnostic, Outcome},
    model,
    path::Path,
    plan,
    schema::{Owner, Schema},
    value::{Type, Value},
};

/// A schema with the type that it implies.
#[derive(Debug)]
pub(crate) struct Shape {
    pub(crate) of: Owner,
    pub(crate) name: &'static str,
    pub(crate) schema: Schema,
    pub(crate) ty: Type,
}

impl Shape {
    /// That of a managed resource.
    pub(crate) fn new(name: &'static str, schema: Schema) -> Self {
        Self::owned_by(Owner::Resource, name, schema)
    }

    pub(crate) fn owned_by(of: Owner, name: &'static str, schema: Schema) -> Self {
        let ty = schema.implied_type();
        Self { of, name, schema, ty }
    }

    /// What it belongs to, in words.
    pub(crate) fn owner(&self) -> String {
        self.of.of(self.name)
    }
}

/// The state of one resource while a verb works on it. Every record replaces the one before; the last one is
/// answered.
///
/// A handle: clones record into the same state, so that what works for a verb can be given one.
#[derive(Debug)]
pub struct State<M> {
    prior: Option<Arc<M>>,
    record: Record,
    shape: Arc<Shape>,
    model: PhantomData<fn() -> M>,
}

impl<M> Clone for State<M> {
    fn clone(&self) -> Self {
        Self {
            prior: self.prior.clone(),
            record: self.record.clone(),
            shape: Arc::clone(&self.shape),
            model: PhantomData,
        }
    }
}

impl<M: Serialize + DeserializeOwned> State<M> {
    pub(super) fn new(prior: Option<M>, record: Record, shape: Arc<Shape>) -> Self {
        Self {
            prior: prior.map(Arc::new),
            record,
            shape,
            model: PhantomData,
        }
    }

    /// The state when the verb began; none on create and import.
    pub fn prior(&self) -> Option<&M> {
        self.prior.as_deref()
    }

    /// The last record, which at first is the prior state. Write-only attributes are null in it.
    pub fn get(&self) -> Option<M> {
        let value = self.record.lock().value.clone();
        if value.is_null() {
            return None;
        }
        // `set` made sure that what it records can be read back; the prior state was read when the verb
        // began.
        model::decode(&value).ok()
    }

    /// Records this state. Attributes may still be unknown while work goes on; what is unknown in the last
    /// record of a verb that succeeded is an error.
    ///
    /// # Errors
    /// The model does not fit the schema, or a write-only attribute has a value. The record stays as it was.
    pub fn set(&self, model: &M) -> Outcome {
        let bug = |path: Path, detail: String| -> Outcome {
            Err(Diagnostic::error(
                format!("Bug in the provider: state of {}", self.shape.name),
                detail,
            )
            .at(path)
            .into())
        };
        let value = match model::encode(model, &self.shape.ty) {
            Ok(value) => value,
            Err(err) => {
                return bug(
                    err.path.clone(),
                    format!("The state does not fit the schema: {err}."),
                );
            }
        };
        if let Some(path) = plan::write_only_values(&self.shape.schema.body, &value)
            .into_iter()
            .next()
        {
            let detail = format!(
                "The state has a value for the write-only attribute {path}. Write-only values must not be recorded."
            );
            return bug(path, detail);
        }
        if let Err(err) = model::decode::<M>(&value) {
            return bug(
                err.path.clone(),
                format!("The recorded state cannot be read back: {err}."),
            );
        }
        self.record.set(value);
        Ok(())
    }

    /// Records that there is nothing any more.
    pub fn remove(&self) {
        self.record.set(Value::Null);
    }

    /// Private data of that key, as last recorded.
    pub fn private(&self, key: &str) -> Option<serde_json::Value> {
        self.record.lock().private.get(key).cloned()
    }

    /// Records private data, kept by core beside the state. Null removes the key.
    pub fn set_private(&self, key: &str, value: serde_json::Value) {
        set_private(&mut self.record.lock().private, key, value);
    }
}
