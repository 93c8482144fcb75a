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
///
/// ```
/// # use terraform_plugin::{IdentitySchema, Plan, Resource, State};
/// use serde::{Deserialize, Serialize};
/// use terraform_plugin::{Attr, Cx, Listed, ListResource, Outcome, Results, Schema, Type, schema::string};
/// # struct Machine;
/// # impl Resource for Machine {
/// #     const NAME: &'static str = "lab_machine";
/// #     type Client = ();
/// #     type Model = MachineModel;
/// #     type Identity = MachineIdentity;
/// #     fn schema() -> Schema { Schema::new(0).attr("name", string().required()) }
/// #     fn identity() -> Option<IdentitySchema> {
/// #         Some(IdentitySchema::new(0).required_for_import("name", Type::String, "Its name."))
/// #     }
/// #     async fn read(&self, _: &Cx<()>, _: &State<MachineModel>) -> Outcome { Ok(()) }
/// #     async fn create(&self, _: &Cx<()>, _: &Plan<MachineModel>, _: &State<MachineModel>) -> Outcome { Ok(()) }
/// #     async fn update(&self, _: &Cx<()>, _: &Plan<MachineModel>, _: &State<MachineModel>) -> Outcome { Ok(()) }
/// #     async fn delete(&self, _: &Cx<()>, _: &Plan<MachineModel>, _: &State<MachineModel>) -> Outcome { Ok(()) }
/// # }
/// # #[derive(Serialize, Deserialize)]
/// # struct MachineModel { name: Attr<String> }
/// # #[derive(Serialize, Deserialize)]
/// # struct MachineIdentity { name: String }
///
/// struct Machines;
///
/// #[derive(Serialize, Deserialize)]
/// struct Search {
///     prefix: Attr<String>,
/// }
///
/// impl ListResource for Machines {
///     type Resource = Machine;
///     type Client = ();
///     type Config = Search;
///
///     fn schema() -> Schema {
///         Schema::new(0).attr("prefix", string().optional())
///     }
///
///     async fn list(&self, _: &Cx<()>, search: Search, results: &Results<MachineModel>) -> Outcome {
///         let prefix = search.prefix.into_known().unwrap_or_default();
///         for name in ["ada", "alan", "grace"].into_iter().filter(|name| name.starts_with(&prefix)) {
///             let listed = Listed::new(name, &MachineIdentity { name: name.to_owned() });
///             let listed = listed.resource(MachineModel { name: name.into() });
///             if results.push(listed).await.is_break() {
///                 break;
///             }
///         }
///         Ok(())
///     }
/// }
/// ```
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
