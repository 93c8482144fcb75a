//! An ephemeral resource without its types: what the RPC layer calls.

use std::{
    sync::{Arc, LazyLock},
    time::SystemTime,
};

use serde::{Serialize, de::DeserializeOwned};

use super::EphemeralResource;
use crate::{
    call::{Call, ClientSlot, Cx, ValidateCx},
    configurable::{Boxed, Configurable, LazyShape, decode, decode_known, encode, model_violation},
    diagnostic::{Diagnostic, Diagnostics, Outcome},
    model::Holes,
    path::Path,
    schema::Owner,
    shape::{self, Shape},
    value::{Value, codec::CodecError},
};

/// What core keeps of an open ephemeral resource.
pub(crate) struct Lease {
    /// JSON.
    pub(crate) private: Vec<u8>,
    pub(crate) renew_at: Option<SystemTime>,
}

/// An ephemeral resource behind its types.
pub(crate) trait EphemeralResourceHandler: Configurable {
    fn open(&self, call: Call, config: Value) -> Boxed<'_, Result<(Value, Lease), Diagnostics>>;

    fn renew(&self, call: Call, private: Vec<u8>) -> Boxed<'_, Result<Lease, Diagnostics>>;

    fn close(&self, call: Call, private: Vec<u8>) -> Boxed<'_, Outcome>;
}

/// An ephemeral resource with what the wrapper needs of it.
pub(crate) struct TypedEphemeralResource<E: EphemeralResource> {
    ephemeral: E,
    shape: LazyShape,
    client: Arc<ClientSlot<E::Client>>,
}

impl<E: EphemeralResource> TypedEphemeralResource<E> {
    pub(crate) fn new(ephemeral: E, client: Arc<ClientSlot<E::Client>>) -> Self {
        Self {
            ephemeral,
            shape: LazyLock::new(|| Arc::new(Shape::owned_by(Owner::EphemeralResource, E::NAME, E::schema))),
            client,
        }
    }

    fn cx(&self, call: Call) -> Result<Cx<E::Client>, Diagnostics> {
        Ok(Cx::new(self.client.get()?, call))
    }

    fn lease(&self, private: &E::Private, renew_at: Option<SystemTime>) -> Result<Lease, Diagnostics> {
        Ok(Lease {
            private: write(private, &self.shape)?,
            renew_at,
        })
    }
}

// The texts of serde_json's errors may quote what is private, so they stay out.

fn write<P: Serialize>(private: &P, shape: &Shape) -> Result<Vec<u8>, Diagnostics> {
    serde_json::to_vec(private).map_err(|_| {
        let rule = "the private data cannot be written as JSON";
        shape::bug(shape, Path::root(), rule).into()
    })
}

fn read<P: DeserializeOwned>(private: &[u8], shape: &Shape) -> Result<P, Diagnostics> {
    let json = if private.is_empty() { b"null" } else { private };
    serde_json::from_slice(json).map_err(|_| {
        let detail = format!(
            "The private data of {} are not what this version of the provider wrote. Run the command again.",
            shape.owner()
        );
        Diagnostic::error("Unreadable private data", detail).into()
    })
}

impl<E: EphemeralResource> Configurable for TypedEphemeralResource<E> {
    fn name(&self) -> &'static str {
        E::NAME
    }

    fn shape(&self) -> &Arc<Shape> {
        &self.shape
    }

    fn model_violation(&self) -> Option<CodecError> {
        model_violation::<E::Model>(&self.shape, Holes::Null)
    }

    fn validate(&self, cx: &ValidateCx, config: &Value) -> Outcome {
        match decode_known(config, &self.shape)? {
            Some(config) => self.ephemeral.validate(cx, &config),
            None => Ok(()),
        }
    }
}

impl<E: EphemeralResource> EphemeralResourceHandler for TypedEphemeralResource<E> {
    fn open(&self, call: Call, config: Value) -> Boxed<'_, Result<(Value, Lease), Diagnostics>> {
        Box::pin(async move {
            let opened = self
                .ephemeral
                .open(&self.cx(call)?, decode(&config, &self.shape)?)
                .await?;
            let lease = self.lease(&opened.private, opened.renew_at)?;
            Ok((encode(&opened.result, &self.shape)?, lease))
        })
    }

    fn renew(&self, call: Call, private: Vec<u8>) -> Boxed<'_, Result<Lease, Diagnostics>> {
        Box::pin(async move {
            let private = read(&private, &self.shape)?;
            let renewed = self.ephemeral.renew(&self.cx(call)?, private).await?;
            self.lease(&renewed.private, renewed.renew_at)
        })
    }

    fn close(&self, call: Call, private: Vec<u8>) -> Boxed<'_, Outcome> {
        Box::pin(async move {
            let private = read(&private, &self.shape)?;
            self.ephemeral.close(&self.cx(call)?, private).await
        })
    }
}
