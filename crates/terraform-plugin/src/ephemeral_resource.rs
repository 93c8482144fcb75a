//! Ephemeral resources: the trait that authors write, and what its verbs answer.

mod erased;

use std::{future::Future, time::SystemTime};

use serde::{Serialize, de::DeserializeOwned};

pub(crate) use self::erased::{EphemeralResourceHandler, Lease, TypedEphemeralResource};
use crate::{
    call::{Cx, ValidateCx},
    diagnostic::{Diagnostic, Diagnostics, Outcome},
    schema::Schema,
};

/// An ephemeral resource: something that exists only while Terraform runs, such as a token, and is never
/// written into a plan or a state (Terraform 1.10, OpenTofu 1.11 and later).
///
/// It is opened once while the plan is made and again while it is applied, renewed while it is in use, and
/// closed at the end of each.
///
/// Methods are written as `async fn`.
///
/// ```
/// use std::time::{Duration, SystemTime};
/// use serde::{Deserialize, Serialize};
/// use terraform_plugin::{Attr, Cx, Diagnostics, EphemeralResource, Opened, Outcome, Renewed, Schema, schema::string};
///
/// struct Token;
///
/// #[derive(Serialize, Deserialize)]
/// struct TokenModel {
///     user: String,
///     token: Attr<String>,
/// }
///
/// impl EphemeralResource for Token {
///     const NAME: &'static str = "vault_token";
///     type Client = ();
///     type Model = TokenModel;
///     type Private = String;
///
///     fn schema() -> Schema {
///         Schema::new(0)
///             .attr("user", string().required())
///             .attr("token", string().computed().sensitive())
///     }
///
///     async fn open(&self, _: &Cx<()>, config: TokenModel) -> Result<Opened<TokenModel, String>, Diagnostics> {
///         let token = TokenModel { token: Attr::Known("t0ken".to_owned()), ..config };
///         let in_five_minutes = SystemTime::now() + Duration::from_secs(300);
///         Ok(Opened::new(token, "lease-1".to_owned()).renew_at(in_five_minutes))
///     }
///
///     async fn renew(&self, _: &Cx<()>, lease: String) -> Result<Renewed<String>, Diagnostics> {
///         // This lease runs for as long as anybody needs it from now on.
///         Ok(Renewed::new(lease))
///     }
///
///     async fn close(&self, _: &Cx<()>, lease: String) -> Outcome {
///         // Revoke the lease.
///         drop(lease);
///         Ok(())
///     }
/// }
/// ```
pub trait EphemeralResource: Send + Sync + 'static {
    /// The full type name, `private_api_token`.
    const NAME: &'static str;
    /// What [`Provider::configure`](crate::Provider::configure) made.
    type Client: Send + Sync + 'static;
    /// Configuration and result, as a serde struct. What may be null or unknown is an [`Attr`](crate::Attr).
    type Model: Serialize + DeserializeOwned + Send + Sync + 'static;
    /// What [`open`](Self::open) leaves for [`renew`](Self::renew) and [`close`](Self::close); `()` for
    /// nothing. Core keeps it as JSON for as long as it runs, and shows it to nobody.
    type Private: Serialize + DeserializeOwned + Send + Sync + 'static;

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

    /// Makes it, and answers with the configuration and all that is computed. Everything has to be known.
    fn open(
        &self,
        cx: &Cx<Self::Client>,
        config: Self::Model,
    ) -> impl Future<Output = Result<Opened<Self::Model, Self::Private>, Diagnostics>> + Send;

    /// Keeps it alive. Called once the time of [`Opened::renew_at`] or [`Renewed::renew_at`] has come, and never
    /// where none was given.
    fn renew(
        &self,
        cx: &Cx<Self::Client>,
        private: Self::Private,
    ) -> impl Future<Output = Result<Renewed<Self::Private>, Diagnostics>> + Send {
        let _ = (cx, private);
        async {
            let detail = format!(
                "The ephemeral resource {} asks to be renewed and does not implement `renew`. This is a bug in the \
                 provider; please report it.",
                Self::NAME
            );
            Err(Diagnostic::error("Bug in the provider", detail).into())
        }
    }

    /// Ends it. By default there is nothing to do.
    fn close(&self, cx: &Cx<Self::Client>, private: Self::Private) -> impl Future<Output = Outcome> + Send {
        let _ = (cx, private);
        async { Ok(()) }
    }
}

/// An ephemeral resource that was opened.
#[derive(Clone, Debug)]
pub struct Opened<M, P = ()> {
    result: M,
    private: P,
    renew_at: Option<SystemTime>,
}

impl<M, P> Opened<M, P> {
    /// The result, and what to keep for its renewal and its end.
    pub fn new(result: M, private: P) -> Self {
        Self {
            result,
            private,
            renew_at: None,
        }
    }

    /// Asks for [`EphemeralResource::renew`] once this time has come. Choose it well before the end: core
    /// renews when it gets to it.
    #[must_use]
    pub fn renew_at(mut self, at: SystemTime) -> Self {
        self.renew_at = Some(at);
        self
    }
}

/// An ephemeral resource that was renewed.
#[derive(Clone, Debug)]
pub struct Renewed<P = ()> {
    private: P,
    renew_at: Option<SystemTime>,
}

impl<P> Renewed<P> {
    /// What to keep from now on. Without [`renew_at`](Self::renew_at) this was the last renewal.
    pub fn new(private: P) -> Self {
        Self {
            private,
            renew_at: None,
        }
    }

    /// Asks for the next renewal once this time has come.
    #[must_use]
    pub fn renew_at(mut self, at: SystemTime) -> Self {
        self.renew_at = Some(at);
        self
    }
}
