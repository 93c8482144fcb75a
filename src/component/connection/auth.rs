//! The authorization of a connection: what is sent, and what AWS shows of it.

use std::fmt;

use aws_sdk_eventbridge::types::{
    ConnectionAuthResponseParameters, ConnectionAuthorizationType,
    CreateConnectionApiKeyAuthRequestParameters, CreateConnectionAuthRequestParameters,
    CreateConnectionBasicAuthRequestParameters, UpdateConnectionApiKeyAuthRequestParameters,
    UpdateConnectionAuthRequestParameters, UpdateConnectionBasicAuthRequestParameters,
};
use reconcile::Fact;
use serde::{Deserialize, Serialize};

/// EventBridge demands an authorization, and many private APIs rely on their resource policy alone: a header
/// that says nothing serves.
const NO_AUTHORIZATION_HEADER: &str = "x-private-api-invocation";

/// The value of [`NO_AUTHORIZATION_HEADER`].
const NO_AUTHORIZATION_VALUE: &str = "none";

/// A secret value; it never shows in debug output.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    pub fn new(secret: impl Into<String>) -> Self {
        Self(secret.into())
    }

    /// The value, to be sent to AWS and nowhere else.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// How the API is called. Secrets are `None` where only a comparison is made (a refresh).
#[derive(Debug, Clone)]
pub enum Authorization {
    ApiKey {
        name: Fact<String>,
        value: Option<Secret>,
    },
    Basic {
        username: Fact<String>,
        password: Option<Secret>,
    },
    None,
}

/// What AWS shows of an authorization.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SeenAuthorization {
    ApiKey {
        name: String,
    },
    Basic {
        username: String,
    },
    None,
    /// A type that this provider does not make, or nothing: a connection that lost its authorization shows no
    /// parameters any more.
    Other(String),
}

/// Reads what AWS shows.
pub fn seen(
    kind: Option<&ConnectionAuthorizationType>,
    parameters: Option<&ConnectionAuthResponseParameters>,
) -> SeenAuthorization {
    let key = parameters
        .and_then(|all| all.api_key_auth_parameters.as_ref())
        .and_then(|key| key.api_key_name.clone());
    let user = parameters
        .and_then(|all| all.basic_auth_parameters.as_ref())
        .and_then(|user| user.username.clone());
    match (kind, key, user) {
        (Some(ConnectionAuthorizationType::ApiKey), Some(name), _) if name == NO_AUTHORIZATION_HEADER => {
            SeenAuthorization::None
        }
        (Some(ConnectionAuthorizationType::ApiKey), Some(name), _) => SeenAuthorization::ApiKey { name },
        (Some(ConnectionAuthorizationType::Basic), _, Some(username)) => {
            SeenAuthorization::Basic { username }
        }
        (kind, ..) => {
            SeenAuthorization::Other(kind.map_or_else(String::new, |kind| kind.as_str().to_owned()))
        }
    }
}

impl Authorization {
    /// The type, as EventBridge names it.
    pub fn kind(&self) -> ConnectionAuthorizationType {
        match self {
            Self::ApiKey { .. } | Self::None => ConnectionAuthorizationType::ApiKey,
            Self::Basic { .. } => ConnectionAuthorizationType::Basic,
        }
    }

    /// The secret, where there is one.
    pub fn secret(&self) -> Option<&Secret> {
        match self {
            Self::ApiKey { value: secret, .. } | Self::Basic { password: secret, .. } => secret.as_ref(),
            Self::None => None,
        }
    }

    /// Whether AWS shows this authorization, as far as it shows any.
    pub fn matches(&self, seen: &SeenAuthorization) -> bool {
        match (self, seen) {
            (Self::ApiKey { name, .. }, SeenAuthorization::ApiKey { name: seen }) => name.is(seen),
            (Self::Basic { username, .. }, SeenAuthorization::Basic { username: seen }) => username.is(seen),
            (Self::None, SeenAuthorization::None) => true,
            _ => false,
        }
    }

    /// Everything, as CreateConnection takes it.
    pub fn create_parameters(&self) -> CreateConnectionAuthRequestParameters {
        let all = CreateConnectionAuthRequestParameters::builder();
        let secret = |secret: &Option<Secret>| {
            secret
                .as_ref()
                .map_or_else(String::new, |s| s.expose().to_owned())
        };
        let all = match self {
            Self::ApiKey { name, value } => {
                all.api_key_auth_parameters(api_key(&known(name), &secret(value)))
            }
            Self::None => {
                all.api_key_auth_parameters(api_key(NO_AUTHORIZATION_HEADER, NO_AUTHORIZATION_VALUE))
            }
            Self::Basic { username, password } => all.set_basic_auth_parameters(
                CreateConnectionBasicAuthRequestParameters::builder()
                    .username(known(username))
                    .password(secret(password))
                    .build()
                    .ok(),
            ),
        };
        all.build()
    }

    /// What UpdateConnection takes: with the secret, or only what AWS shows. Parts that are left out stay as
    /// they are.
    pub fn update_parameters(&self, with_secret: bool) -> UpdateConnectionAuthRequestParameters {
        let all = UpdateConnectionAuthRequestParameters::builder();
        let secret = |secret: &Option<Secret>| {
            secret
                .as_ref()
                .filter(|_| with_secret)
                .map(|secret| secret.expose().to_owned())
        };
        let all = match self {
            Self::ApiKey { name, value } => all.api_key_auth_parameters(
                UpdateConnectionApiKeyAuthRequestParameters::builder()
                    .api_key_name(known(name))
                    .set_api_key_value(secret(value))
                    .build(),
            ),
            Self::None => all.api_key_auth_parameters(
                UpdateConnectionApiKeyAuthRequestParameters::builder()
                    .api_key_name(NO_AUTHORIZATION_HEADER)
                    .api_key_value(NO_AUTHORIZATION_VALUE)
                    .build(),
            ),
            Self::Basic { username, password } => all.basic_auth_parameters(
                UpdateConnectionBasicAuthRequestParameters::builder()
                    .username(known(username))
                    .set_password(secret(password))
                    .build(),
            ),
        };
        all.build()
    }
}

fn known(fact: &Fact<String>) -> String {
    fact.as_ref().known().cloned().unwrap_or_default()
}

fn api_key(name: &str, value: &str) -> CreateConnectionApiKeyAuthRequestParameters {
    CreateConnectionApiKeyAuthRequestParameters::builder()
        .api_key_name(name)
        .api_key_value(value)
        .build()
        .unwrap_or_else(|error| unreachable!("both required members are set: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_does_not_show_in_debug_output() {
        let value = Some(Secret::new("hunter2"));
        let authorization = Authorization::ApiKey {
            name: Fact::Known("x-api-key".into()),
            value,
        };
        assert!(!format!("{authorization:?}").contains("hunter2"));
    }

    #[test]
    fn an_update_without_the_secret_sends_only_what_aws_shows() {
        let password = Some(Secret::new("hunter2"));
        let basic = Authorization::Basic {
            username: Fact::Known("ann".into()),
            password,
        };
        let without = basic.update_parameters(false).basic_auth_parameters.unwrap();
        assert_eq!(
            (without.username.as_deref(), without.password),
            (Some("ann"), None)
        );
        let with = basic.update_parameters(true).basic_auth_parameters.unwrap();
        assert_eq!(with.password.as_deref(), Some("hunter2"));
    }

    #[test]
    fn no_authorization_is_told_from_an_api_key_by_its_header() {
        let shown = |name: &str| SeenAuthorization::ApiKey {
            name: name.to_owned(),
        };
        assert!(Authorization::None.matches(&SeenAuthorization::None));
        assert!(!Authorization::None.matches(&shown("x-api-key")));
        let key = Authorization::ApiKey {
            name: Fact::Known("x-api-key".into()),
            value: None,
        };
        assert!(key.matches(&shown("x-api-key")) && !key.matches(&shown("other")));
        let later = Authorization::ApiKey {
            name: Fact::Later,
            value: None,
        };
        assert!(!later.matches(&shown("x-api-key")));
    }
}
