//! What AWS shows of an authorization: never a secret.

use aws_sdk_eventbridge::types::{ConnectionAuthResponseParameters, ConnectionAuthorizationType};
use serde::{Deserialize, Serialize};

use super::super::http::{self, SeenHttpParameters};
use crate::component::reserved;

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
    OAuth(SeenOAuth),
    None,
    /// A type that this provider does not make, or nothing: a connection that lost its authorization shows no
    /// parameters any more.
    Other(String),
}

impl SeenAuthorization {
    /// Whether tokens are fetched over a private path.
    pub fn has_token_path(&self) -> bool {
        self.token_configuration_arn().is_some()
    }

    /// The resource configuration by which the token endpoint is reached.
    pub fn token_configuration_arn(&self) -> Option<&str> {
        match self {
            Self::OAuth(seen) => seen.token_configuration_arn.as_deref(),
            _ => None,
        }
    }

    /// The association that EventBridge made with it.
    pub fn token_association_arn(&self) -> Option<&str> {
        match self {
            Self::OAuth(seen) => seen.token_association_arn.as_deref(),
            _ => None,
        }
    }
}

/// What AWS shows of OAuth client credentials.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SeenOAuth {
    pub endpoint: String,
    pub method: String,
    pub client_id: String,
    pub http: SeenHttpParameters,
    pub token_configuration_arn: Option<String>,
    pub token_association_arn: Option<String>,
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
    if let (Some(ConnectionAuthorizationType::OauthClientCredentials), Some(oauth)) =
        (kind, parameters.and_then(seen_oauth))
    {
        return SeenAuthorization::OAuth(oauth);
    }
    match (kind, key, user) {
        (Some(ConnectionAuthorizationType::ApiKey), Some(name), _) if reserved::is_parameter(&name) => {
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

fn seen_oauth(all: &ConnectionAuthResponseParameters) -> Option<SeenOAuth> {
    let oauth = all.o_auth_parameters.as_ref()?;
    let path = all
        .connectivity_parameters
        .as_ref()
        .and_then(|connectivity| connectivity.resource_parameters.as_ref());
    let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    Some(SeenOAuth {
        endpoint: oauth.authorization_endpoint.clone()?,
        method: oauth.http_method.as_ref()?.as_str().to_owned(),
        client_id: oauth.client_parameters.as_ref()?.client_id.clone()?,
        http: http::seen(oauth.o_auth_http_parameters.as_ref()),
        token_configuration_arn: path.and_then(|path| some(&path.resource_configuration_arn)),
        token_association_arn: path.and_then(|path| some(&path.resource_association_arn)),
    })
}
