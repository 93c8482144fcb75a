//! The state that a verb keeps.

use std::{marker::PhantomData, sync::Arc};

use serde::{Serialize, de::DeserializeOwned};

use super::record::Record;
use crate::{
    diagnostic::{Diagnostic, Diagnostics, Outcome},
    identity, model,
    path::Path,
    plan, private,
    shape::Shape,
    value::{Type, Value, conform},
};

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
    /// record of a verb that succeeded is an error. Values of write-only attributes are left out by themselves.
    ///
    /// # Errors
    /// The model does not fit the schema. The record stays as it was.
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
        // Nobody has to take the configuration's secrets out of a model before it is recorded.
        let value = plan::null_write_only(&self.shape.schema.body, value);
        if let Err(err) = model::decode::<M>(&value) {
            return bug(
                err.path.clone(),
                format!("The recorded state cannot be read back: {err}."),
            );
        }
        self.record.set(value);
        Ok(())
    }

    /// The last recorded identity, which at first is the planned or the prior one. `None` where there is none, or not
    /// a known one yet.
    ///
    /// # Errors
    /// The struct does not fit the identity schema.
    pub fn identity<I: DeserializeOwned>(&self) -> Result<Option<I>, Diagnostics> {
        let value = self.record.lock().identity.clone();
        if identity::is_missing(&value) {
            return Ok(None);
        }
        identity::decode(self.shape.name, &value).map(Some)
    }

    /// Records the identity. A resource with an identity schema does so in create, read and update: hosts that knew
    /// no identities may have stored the state.
    ///
    /// # Errors
    /// The identity does not fit its schema, or there is none. The record stays as it was.
    pub fn set_identity(&self, identity: &impl Serialize) -> Outcome {
        let value = self.shape.encode_identity(identity)?;
        self.record.lock().identity = value;
        Ok(())
    }

    /// Records a state of nothing but the import id as `attribute`: for resources whose
    /// [`read`](crate::Resource::read) finds everything by that one attribute, which is a string or a number.
    ///
    /// # Errors
    /// The schema has no such attribute, or the model cannot hold a state in which all else is null; and an id that
    /// is no number where one is asked for.
    pub fn pass_through_id(&self, attribute: &str, id: &str) -> Outcome {
        let number = matches!(&self.shape.ty, Type::Object(all) if all.get(attribute) == Some(&Type::Number));
        let value = match id.parse() {
            Ok(id) if number => Value::Number(id),
            Err(_) if number => {
                let detail = format!("A {} is imported by a number, its {attribute}.", self.shape.name);
                return Err(Diagnostic::error("Unsuitable import id", detail).into());
            }
            _ => Value::from(id),
        };
        self.record_only([(attribute.to_owned(), value)])
    }

    /// Records the identity, and a state of nothing but the attributes that have the same names as the identity's:
    /// the whole of [`import_identity`](crate::Resource::import_identity) where read finds everything by those.
    ///
    /// # Errors
    /// The schema lacks one of the attributes, or the model cannot hold a state in which all else is null.
    pub fn pass_through_identity(&self, identity: &impl Serialize) -> Outcome {
        let identity = self.shape.encode_identity(identity)?;
        self.record.lock().identity = identity.clone();
        match identity {
            Value::Object(attributes) => self.record_only(attributes),
            _ => Ok(()),
        }
    }

    fn record_only(&self, values: impl IntoIterator<Item = (String, Value)>) -> Outcome {
        let mut state = plan::empty(&self.shape.schema.body);
        if let Value::Object(attributes) = &mut state {
            attributes.extend(values);
        }
        let checked = conform::coerce(state, &self.shape.ty)
            .and_then(|value| model::decode::<M>(&value).map(|_| value));
        match checked {
            Ok(value) => {
                self.record.set(value);
                Ok(())
            }
            Err(err) => {
                let detail = format!("A state of nothing but what the import gave does not fit: {err}.");
                let summary = format!("Bug in the provider: import of {}", self.shape.name);
                Err(Diagnostic::error(summary, detail).at(err.path).into())
            }
        }
    }

    /// Records that there is nothing any more.
    pub fn remove(&self) {
        self.record.set(Value::Null);
    }

    /// Private data of that key, as last recorded. None where nothing was left, and where what was left is another
    /// framework's: read it as what may be missing.
    pub fn private(&self, key: &str) -> Option<serde_json::Value> {
        self.record.lock().private.get(key).cloned()
    }

    /// Records private data, kept by core beside the state. Null removes the key.
    pub fn set_private(&self, key: &str, value: serde_json::Value) {
        private::set(&mut self.record.lock().private, key, value);
    }
}
