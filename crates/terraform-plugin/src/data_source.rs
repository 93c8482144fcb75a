//! Data sources: the trait that authors write, and its wrapper.

use std::{
    future::Future,
    sync::{Arc, LazyLock},
};

use serde::{Serialize, de::DeserializeOwned};

use crate::{
    call::{Call, ClientSlot, Cx, ValidateCx},
    configurable::{Boxed, Configurable, LazyShape, decode, decode_known, encode, model_violation},
    diagnostic::{Diagnostics, Outcome},
    model::Holes,
    schema::{Owner, Schema},
    shape::Shape,
    value::{Value, codec::CodecError},
};

/// A data source: something that exists already, to be looked up.
///
/// Methods are written as `async fn`.
///
/// ```
/// use serde::{Deserialize, Serialize};
/// use terraform_plugin::{Attr, Cx, DataSource, Diagnostics, Schema, schema::string};
///
/// struct Zone;
///
/// #[derive(Serialize, Deserialize)]
/// struct ZoneModel {
///     name: String,
///     id: Attr<String>,
/// }
///
/// impl DataSource for Zone {
///     const NAME: &'static str = "dns_zone";
///     type Client = ();
///     type Model = ZoneModel;
///
///     fn schema() -> Schema {
///         Schema::new(0).attr("name", string().required()).attr("id", string().computed())
///     }
///
///     async fn read(&self, _: &Cx<()>, config: ZoneModel) -> Result<ZoneModel, Diagnostics> {
///         Ok(ZoneModel { id: Attr::Known(format!("zone-of-{}", config.name)), ..config })
///     }
/// }
/// ```
pub trait DataSource: Send + Sync + 'static {
    /// The full type name, `private_api_endpoint`.
    const NAME: &'static str;
    /// What [`Provider::configure`](crate::Provider::configure) made.
    type Client: Send + Sync + 'static;
    /// Configuration and result, as a serde struct. What may be null or unknown is an [`Attr`](crate::Attr).
    type Model: Serialize + DeserializeOwned + Send + Sync + 'static;

    /// The schema, of version 0.
    fn schema() -> Schema;

    /// Checks what the schema cannot express. Works offline and unconfigured; values may be unknown.
    ///
    /// # Errors
    /// What is wrong, each with the path of the attribute.
    fn validate(&self, cx: &ValidateCx, config: &Self::Model) -> Outcome {
        let _ = (cx, config);
        Ok(())
    }

    /// Looks it up. The configuration is wholly known; in what is answered everything has to be known.
    fn read(
        &self,
        cx: &Cx<Self::Client>,
        config: Self::Model,
    ) -> impl Future<Output = Result<Self::Model, Diagnostics>> + Send;
}

/// A data source behind its types.
pub(crate) trait DataSourceHandler: Configurable {
    fn read(&self, call: Call, config: Value) -> Boxed<'_, Result<Value, Diagnostics>>;
}

/// A data source with what the wrapper needs of it.
pub(crate) struct TypedDataSource<D: DataSource> {
    data_source: D,
    shape: LazyShape,
    client: Arc<ClientSlot<D::Client>>,
}

impl<D: DataSource> TypedDataSource<D> {
    pub(crate) fn new(data_source: D, client: Arc<ClientSlot<D::Client>>) -> Self {
        Self {
            data_source,
            shape: LazyLock::new(|| Arc::new(Shape::owned_by(Owner::DataSource, D::NAME, D::schema))),
            client,
        }
    }
}

impl<D: DataSource> Configurable for TypedDataSource<D> {
    fn name(&self) -> &'static str {
        D::NAME
    }

    fn shape(&self) -> &Arc<Shape> {
        &self.shape
    }

    fn model_violation(&self) -> Option<CodecError> {
        model_violation::<D::Model>(&self.shape, Holes::Null)
    }

    fn validate(&self, cx: &ValidateCx, config: &Value) -> Outcome {
        match decode_known(config, &self.shape)? {
            Some(config) => self.data_source.validate(cx, &config),
            None => Ok(()),
        }
    }
}

impl<D: DataSource> DataSourceHandler for TypedDataSource<D> {
    fn read(&self, call: Call, config: Value) -> Boxed<'_, Result<Value, Diagnostics>> {
        Box::pin(async move {
            let cx = Cx::new(self.client.get()?, call);
            let found = self.data_source.read(&cx, decode(&config, &self.shape)?).await?;
            encode(&found, &self.shape)
        })
    }
}
