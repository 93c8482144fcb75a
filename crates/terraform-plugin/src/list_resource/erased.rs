//! A list resource without its types: what the RPC layer calls.

use std::{
    marker::PhantomData,
    sync::{
        Arc, LazyLock,
        atomic::{AtomicBool, AtomicU64},
    },
};

use tokio::sync::mpsc;

use super::{ListEvent, ListResource, Results};
use crate::{
    call::{Call, ClientSlot, Cx, ValidateCx},
    configurable::{Boxed, Configurable, LazyShape, decode, decode_known, model_violation},
    diagnostic::Outcome,
    model::Holes,
    path::Path,
    resource::Resource,
    schema::Owner,
    shape::{self, Shape},
    value::{Type, Value, codec::CodecError},
};

/// What a host wants to be listed.
pub(crate) struct ListRequest {
    pub(crate) config: Value,
    pub(crate) include_resource: bool,
    /// At most so many results; none is no limit.
    pub(crate) limit: Option<u64>,
}

/// A list resource behind its types.
pub(crate) trait ListResourceHandler: Configurable {
    /// The type of the identities; none where the managed resource has no identity.
    fn identity(&self) -> Option<&Type>;

    /// The managed resource's.
    fn resource(&self) -> &Arc<Shape>;

    /// Lists into `events`, no faster than they are taken.
    fn list(&self, call: Call, request: ListRequest, events: mpsc::Sender<ListEvent>) -> Boxed<'_, Outcome>;
}

/// A list resource with what the wrapper needs of it.
pub(crate) struct TypedListResource<L: ListResource> {
    list: L,
    shape: LazyShape,
    resource: LazyShape,
    client: Arc<ClientSlot<L::Client>>,
}

impl<L: ListResource> TypedListResource<L> {
    pub(crate) fn new(list: L, client: Arc<ClientSlot<L::Client>>) -> Self {
        Self {
            list,
            shape: LazyLock::new(|| {
                Arc::new(Shape::owned_by(Owner::ListResource, L::Resource::NAME, L::schema))
            }),
            resource: LazyLock::new(|| {
                let shape = Shape::new(L::Resource::NAME, L::Resource::schema);
                Arc::new(shape.with_identity(L::Resource::identity))
            }),
            client,
        }
    }
}

impl<L: ListResource> Configurable for TypedListResource<L> {
    fn name(&self) -> &'static str {
        L::Resource::NAME
    }

    fn shape(&self) -> &Arc<Shape> {
        &self.shape
    }

    fn model_violation(&self) -> Option<CodecError> {
        model_violation::<L::Config>(&self.shape, Holes::Null)
    }

    fn validate(&self, cx: &ValidateCx, config: &Value) -> Outcome {
        match decode_known(config, &self.shape)? {
            Some(config) => self.list.validate(cx, &config),
            None => Ok(()),
        }
    }
}

impl<L: ListResource> ListResourceHandler for TypedListResource<L> {
    fn identity(&self) -> Option<&Type> {
        self.resource.identity.as_ref().map(|identity| &identity.ty)
    }

    fn resource(&self) -> &Arc<Shape> {
        &self.resource
    }

    fn list(&self, call: Call, request: ListRequest, events: mpsc::Sender<ListEvent>) -> Boxed<'_, Outcome> {
        Box::pin(async move {
            let Some(identity) = self.identity() else {
                let rule = "only objects of a resource with an identity schema can be listed";
                return Err(shape::bug(&self.shape, Path::root(), rule).into());
            };
            let results = Results {
                list: Arc::clone(&self.shape),
                resource: Arc::clone(&self.resource),
                identity: identity.clone(),
                include_resource: request.include_resource,
                left: AtomicU64::new(request.limit.unwrap_or(u64::MAX)),
                failed: AtomicBool::new(false),
                warnings: call.warnings.clone(),
                events,
                model: PhantomData,
            };
            let cx = Cx::new(self.client.get()?, call);
            self.list
                .list(&cx, decode(&request.config, &self.shape)?, &results)
                .await
        })
    }
}
