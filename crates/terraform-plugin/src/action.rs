//! Actions: the trait that authors write, and its wrapper.

use std::{
    fmt,
    future::Future,
    sync::{Arc, LazyLock, Mutex, PoisonError},
};

use serde::{Serialize, de::DeserializeOwned};
use tokio::sync::mpsc::UnboundedSender;

use crate::{
    call::{Call, ClientSlot, Cx, ValidateCx},
    configurable::{Boxed, Configurable, LazyShape, decode, decode_known, model_violation},
    diagnostic::Outcome,
    model::Holes,
    schema::{Owner, Schema},
    shape::Shape,
    value::{Value, codec::CodecError},
};

/// An action: something to be done once, such as an invalidation or a restart, without a state (Terraform 1.14
/// and later).
///
/// Methods are written as `async fn`.
///
/// ```
/// use serde::{Deserialize, Serialize};
/// use terraform_plugin::{Action, Cx, Outcome, Progress, Schema, schema::string};
///
/// struct Restart;
///
/// #[derive(Serialize, Deserialize)]
/// struct RestartConfig {
///     machine: String,
/// }
///
/// impl Action for Restart {
///     const NAME: &'static str = "lab_restart";
///     type Client = ();
///     type Config = RestartConfig;
///
///     fn schema() -> Schema {
///         Schema::new(0).attr("machine", string().required())
///     }
///
///     async fn invoke(&self, _: &Cx<()>, config: RestartConfig, progress: &Progress) -> Outcome {
///         progress.say(format!("{} goes down", config.machine));
///         progress.say(format!("{} is up again", config.machine));
///         Ok(())
///     }
/// }
/// ```
pub trait Action: Send + Sync + 'static {
    /// The full type name, `private_api_reauthorize`.
    const NAME: &'static str;
    /// What [`Provider::configure`](crate::Provider::configure) made.
    type Client: Send + Sync + 'static;
    /// The configuration, as a serde struct. What may be null or unknown is an [`Attr`](crate::Attr): all values
    /// are known when the action is invoked, and may be unknown when it is planned.
    type Config: Serialize + DeserializeOwned + Send + Sync + 'static;

    /// The schema, of version 0, without computed attributes.
    fn schema() -> Schema;

    /// Checks what the schema cannot express. Works offline and unconfigured; values may be unknown.
    ///
    /// # Errors
    /// What is wrong, each with the path of the attribute.
    fn validate(&self, cx: &ValidateCx, config: &Self::Config) -> Outcome {
        let _ = (cx, config);
        Ok(())
    }

    /// Checks, with the client, whether the action could be done, while a plan is made that includes it. Values
    /// may be unknown. Of the reasons to [`defer`](Cx::defer), only
    /// [`Deferral::ProviderConfigUnknown`](crate::Deferral::ProviderConfigUnknown) is one for an action.
    fn plan(&self, cx: &Cx<Self::Client>, config: Self::Config) -> impl Future<Output = Outcome> + Send {
        let _ = (cx, config);
        async { Ok(()) }
    }

    /// Does it. The configuration is wholly known.
    fn invoke(
        &self,
        cx: &Cx<Self::Client>,
        config: Self::Config,
        progress: &Progress,
    ) -> impl Future<Output = Outcome> + Send;
}

/// Tells the user how far an action has come. A clone is another handle.
#[derive(Clone)]
pub struct Progress(Arc<Mutex<Option<UnboundedSender<String>>>>);

impl Progress {
    pub(crate) fn new(sender: UnboundedSender<String>) -> Self {
        Self(Arc::new(Mutex::new(Some(sender))))
    }

    /// Shows one line to the user, now. Never waits: an action must not stand still in the middle of a change
    /// because nobody reads along. Once the action has ended there is nobody to tell.
    pub fn say(&self, message: impl Into<String>) {
        if let Some(sender) = &*self.0.lock().unwrap_or_else(PoisonError::into_inner) {
            sender.send(message.into()).ok();
        }
    }

    /// The action has ended; handles that it left somewhere say nothing any more.
    pub(crate) fn end(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
    }
}

impl fmt::Debug for Progress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Progress(…)")
    }
}

/// An action behind its types.
pub(crate) trait ActionHandler: Configurable {
    fn plan(&self, call: Call, config: Value) -> Boxed<'_, Outcome>;

    fn invoke(&self, call: Call, config: Value, progress: Progress) -> Boxed<'_, Outcome>;
}

/// An action with what the wrapper needs of it.
pub(crate) struct TypedAction<A: Action> {
    action: A,
    shape: LazyShape,
    client: Arc<ClientSlot<A::Client>>,
}

impl<A: Action> TypedAction<A> {
    pub(crate) fn new(action: A, client: Arc<ClientSlot<A::Client>>) -> Self {
        Self {
            action,
            shape: LazyLock::new(|| Arc::new(Shape::owned_by(Owner::Action, A::NAME, A::schema))),
            client,
        }
    }
}

impl<A: Action> Configurable for TypedAction<A> {
    fn name(&self) -> &'static str {
        A::NAME
    }

    fn shape(&self) -> &Arc<Shape> {
        &self.shape
    }

    fn model_violation(&self) -> Option<CodecError> {
        model_violation::<A::Config>(&self.shape, Holes::NullAndUnknown)
    }

    fn validate(&self, cx: &ValidateCx, config: &Value) -> Outcome {
        match decode_known(config, &self.shape)? {
            Some(config) => self.action.validate(cx, &config),
            None => Ok(()),
        }
    }
}

impl<A: Action> ActionHandler for TypedAction<A> {
    fn plan(&self, call: Call, config: Value) -> Boxed<'_, Outcome> {
        Box::pin(async move {
            let cx = Cx::new(self.client.get()?, call);
            self.action.plan(&cx, decode(&config, &self.shape)?).await
        })
    }

    fn invoke(&self, call: Call, config: Value, progress: Progress) -> Boxed<'_, Outcome> {
        Box::pin(async move {
            let cx = Cx::new(self.client.get()?, call);
            self.action
                .invoke(&cx, decode(&config, &self.shape)?, &progress)
                .await
        })
    }
}
