//! List resources: the trait that authors write, and the results that it streams.

mod erased;
mod results;

use std::future::Future;

use serde::{Serialize, de::DeserializeOwned};

pub use self::results::{Listed, Results};
pub(crate) use self::{
    erased::{ListRequest, ListResourceHandler, TypedListResource},
    results::ListEvent,
};
use crate::{
    call::{Cx, ValidateCx},
    diagnostic::Outcome,
    resource::Resource,
    schema::Schema,
};

/// A list resource: finds the objects of a managed resource that exist, whoever made them (`terraform query`,
/// Terraform 1.14 and later).
///
/// The managed resource has to have an identity: it is what a listed object is imported by.
///
/// Methods are written as `async fn`.
pub trait ListResource: Send + Sync + 'static {
    /// The managed resource whose objects are listed. Both have the same type name.
    type Resource: Resource<Client = Self::Client>;
    /// What [`Provider::configure`](crate::Provider::configure) made.
    type Client: Send + Sync + 'static;
    /// What to look for, as a serde struct. What may be null or unknown is an [`Attr`](crate::Attr): all values
    /// are known when objects are listed, and may be unknown when the configuration is validated.
    type Config: Serialize + DeserializeOwned + Send + Sync + 'static;

    /// The schema of the `config` block, of version 0, without computed attributes and sets.
    fn schema() -> Schema;

    /// Checks what the schema cannot express. Works offline and unconfigured; values may be unknown.
    ///
    /// # Errors
    /// What is wrong, each with the path of the attribute.
    fn validate(&self, cx: &ValidateCx, config: &Self::Config) -> Outcome {
        let _ = (cx, config);
        Ok(())
    }

    /// Pushes each object that it finds into `results`, until that wants no more.
    fn list(
        &self,
        cx: &Cx<Self::Client>,
        config: Self::Config,
        results: &Results<<Self::Resource as Resource>::Model>,
    ) -> impl Future<Output = Outcome> + Send;
}
