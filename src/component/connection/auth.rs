//! The authorization of a connection: what is sent, and what AWS shows of it.

use aws_sdk_eventbridge::types::{
    ConnectionAuthResponseParameters, ConnectionAuthorizationType, ConnectionOAuthHttpMethod,
    ConnectivityResourceConfigurationArn, ConnectivityResourceParameters,
    CreateConnectionApiKeyAuthRequestParameters, CreateConnectionAuthRequestParameters,
    CreateConnectionBasicAuthRequestParameters, CreateConnectionOAuthClientRequestParameters,
    CreateConnectionOAuthRequestParameters, UpdateConnectionApiKeyAuthRequestParameters,
    UpdateConnectionAuthRequestParameters, UpdateConnectionBasicAuthRequestParameters,
    UpdateConnectionOAuthClientRequestParameters, UpdateConnectionOAuthRequestParameters,
};
use reconcile::Fact;
use serde::{Deserialize, Serialize};

use super::Secret;
use super::http::{self, HttpParameters, INERT_PARAMETER, SeenHttpParameters, Sending};

/// EventBridge demands an authorization, and many private APIs rely on their resource policy alone: a header
/// that says nothing serves.
const NO_AUTHORIZATION_HEADER: &str = INERT_PARAMETER;

/// The value of [`NO_AUTHORIZATION_HEADER`].
const NO_AUTHORIZATION_VALUE: &str = "none";

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
    OAuth(OAuth),
    None,
}

/// OAuth client credentials.
#[derive(Debug, Clone)]
pub struct OAuth {
    /// The token endpoint, an https URL.
    pub endpoint: Fact<String>,
    /// `GET`, `POST` or `PUT`.
    pub method: Fact<String>,
    pub client_id: Fact<String>,
    pub client_secret: Option<Secret>,
    /// Of the request for a token.
    pub http: Fact<HttpParameters>,
    /// The resource configuration by which the token endpoint is reached; `Absent` where it is public.
    pub token_configuration_arn: Fact<String>,
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
    OAuth(SeenOAuth),
    None,
    /// A type that this provider does not make, or nothing: a connection that lost its authorization shows no
    /// parameters any more.
    Other(String),
}

impl SeenAuthorization {
    /// Whether tokens are fetched over a private path.
    pub fn has_token_path(&self) -> bool {
        matches!(self, Self::OAuth(seen) if seen.token_configuration_arn.is_some())
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

impl OAuth {
    /// What AWS shows of another, in words.
    fn differs(&self, seen: &SeenOAuth) -> Vec<&'static str> {
        let mut differs = Vec::new();
        let same = self.endpoint.is(&seen.endpoint)
            && self.method.is(&seen.method)
            && self.client_id.is(&seen.client_id);
        if !same {
            differs.push("authorization");
        }
        match &self.http {
            Fact::Known(http) if http.differs(&seen.http).is_empty() => {}
            _ => differs.push("OAuth HTTP parameters"),
        }
        if self.token_path_differs(seen) {
            differs.push("path of the token endpoint");
        }
        differs
    }

    fn token_path_differs(&self, seen: &SeenOAuth) -> bool {
        match (&self.token_configuration_arn, &seen.token_configuration_arn) {
            (Fact::Absent, None) => false,
            (want, Some(seen)) => !want.is(seen),
            (_, None) => true,
        }
    }
}

/// A way through a resource configuration; an empty ARN leaves it.
pub fn connectivity(arn: &str) -> Option<ConnectivityResourceParameters> {
    let arn = ConnectivityResourceConfigurationArn::builder()
        .resource_configuration_arn(arn)
        .build()
        .ok()?;
    Some(
        ConnectivityResourceParameters::builder()
            .resource_parameters(arn)
            .build(),
    )
}

/// What an update sends of the authorization.
#[derive(Debug, Clone, Copy)]
pub struct Update<'a> {
    /// Everything, secrets and all.
    pub everything: bool,
    pub seen: &'a SeenAuthorization,
    pub http: Sending,
}

impl Authorization {
    /// The type, as EventBridge names it.
    pub fn kind(&self) -> ConnectionAuthorizationType {
        match self {
            Self::ApiKey { .. } | Self::None => ConnectionAuthorizationType::ApiKey,
            Self::Basic { .. } => ConnectionAuthorizationType::Basic,
            Self::OAuth(_) => ConnectionAuthorizationType::OauthClientCredentials,
        }
    }

    /// Every secret.
    pub fn secrets(&self) -> Vec<&Secret> {
        let own = match self {
            Self::ApiKey { value: secret, .. } | Self::Basic { password: secret, .. } => secret.as_ref(),
            Self::OAuth(oauth) => oauth.client_secret.as_ref(),
            Self::None => None,
        };
        let http = match self {
            Self::OAuth(oauth) => oauth.http.as_ref().known(),
            _ => None,
        };
        own.into_iter()
            .chain(http.into_iter().flat_map(HttpParameters::secrets))
            .collect()
    }

    /// What differs from what AWS shows, in words.
    pub fn differs(&self, seen: &SeenAuthorization) -> Vec<&'static str> {
        let same = match (self, seen) {
            (Self::ApiKey { name, .. }, SeenAuthorization::ApiKey { name: seen }) => name.is(seen),
            (Self::Basic { username, .. }, SeenAuthorization::Basic { username: seen }) => username.is(seen),
            (Self::OAuth(oauth), SeenAuthorization::OAuth(seen)) => return oauth.differs(seen),
            (Self::None, SeenAuthorization::None) => true,
            _ => false,
        };
        if same { Vec::new() } else { vec!["authorization"] }
    }

    /// Whether it is of the type that AWS shows: then parts that are not sent keep their values.
    pub fn is_of_kind(&self, seen: &SeenAuthorization) -> bool {
        matches!(
            (self, seen),
            (Self::ApiKey { .. }, SeenAuthorization::ApiKey { .. })
                | (Self::Basic { .. }, SeenAuthorization::Basic { .. })
                | (Self::OAuth(_), SeenAuthorization::OAuth(_))
                | (Self::None, SeenAuthorization::None)
        )
    }

    /// Whether the token endpoint's private path is to be left.
    pub fn leaves_token_path(&self, seen: &SeenAuthorization) -> bool {
        let wanted = matches!(self, Self::OAuth(oauth) if oauth.token_configuration_arn != Fact::Absent);
        seen.has_token_path() && !wanted
    }

    /// Everything, as CreateConnection takes it.
    pub fn create_parameters(&self, http: &HttpParameters) -> CreateConnectionAuthRequestParameters {
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
            Self::OAuth(oauth) => {
                let client = CreateConnectionOAuthClientRequestParameters::builder()
                    .client_id(known(&oauth.client_id))
                    .client_secret(secret(&oauth.client_secret))
                    .build();
                let http = oauth.http.as_ref().known();
                let token = oauth.token_configuration_arn.as_ref().known();
                let parameters = CreateConnectionOAuthRequestParameters::builder()
                    .set_client_parameters(client.ok())
                    .authorization_endpoint(known(&oauth.endpoint))
                    .http_method(ConnectionOAuthHttpMethod::from(known(&oauth.method).as_str()))
                    .set_o_auth_http_parameters(http.and_then(HttpParameters::all))
                    .build();
                all.set_o_auth_parameters(parameters.ok())
                    .set_connectivity_parameters(token.and_then(|arn| connectivity(arn)))
            }
        };
        all.set_invocation_http_parameters(http.all()).build()
    }

    /// What UpdateConnection takes: with the secret, or only what AWS shows. Parts that are left out stay as
    /// they are.
    pub fn update_parameters(&self, update: Update<'_>) -> UpdateConnectionAuthRequestParameters {
        let with_secret = update.everything;
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
            Self::OAuth(oauth) => {
                let none = SeenHttpParameters::default();
                let seen = match update.seen {
                    SeenAuthorization::OAuth(seen) => Some(seen),
                    _ => None,
                };
                let client = UpdateConnectionOAuthClientRequestParameters::builder()
                    .client_id(known(&oauth.client_id))
                    .set_client_secret(secret(&oauth.client_secret))
                    .build();
                let http = oauth.http.as_ref().known();
                let http =
                    http.and_then(|http| http.changes(seen.map_or(&none, |seen| &seen.http), update.http));
                let parameters = UpdateConnectionOAuthRequestParameters::builder()
                    .client_parameters(client)
                    .authorization_endpoint(known(&oauth.endpoint))
                    .http_method(ConnectionOAuthHttpMethod::from(known(&oauth.method).as_str()))
                    .set_o_auth_http_parameters(http)
                    .build();
                let token = oauth.token_configuration_arn.as_ref().known();
                let moves = update.everything || seen.is_none_or(|seen| oauth.token_path_differs(seen));
                all.o_auth_parameters(parameters)
                    .set_connectivity_parameters(token.filter(|_| moves).and_then(|arn| connectivity(arn)))
            }
        };
        if self.leaves_token_path(update.seen) {
            return all.set_connectivity_parameters(connectivity("")).build();
        }
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

    fn update(everything: bool, seen: &SeenAuthorization) -> Update<'_> {
        let http = Sending {
            all: everything,
            secrets: false,
            inert: false,
        };
        Update {
            everything,
            seen,
            http,
        }
    }

    #[test]
    fn an_update_without_the_secret_sends_only_what_aws_shows() {
        let password = Some(Secret::new("hunter2"));
        let basic = Authorization::Basic {
            username: Fact::Known("ann".into()),
            password,
        };
        let seen = SeenAuthorization::Basic {
            username: "ann".into(),
        };
        let without = basic
            .update_parameters(update(false, &seen))
            .basic_auth_parameters
            .unwrap();
        assert_eq!(
            (without.username.as_deref(), without.password),
            (Some("ann"), None)
        );
        let with = basic
            .update_parameters(update(true, &seen))
            .basic_auth_parameters
            .unwrap();
        assert_eq!(with.password.as_deref(), Some("hunter2"));
    }

    #[test]
    fn no_authorization_is_told_from_an_api_key_by_its_header() {
        let shown = |name: &str| SeenAuthorization::ApiKey {
            name: name.to_owned(),
        };
        let key = |name| Authorization::ApiKey { name, value: None };
        assert!(Authorization::None.differs(&SeenAuthorization::None).is_empty());
        assert!(!Authorization::None.differs(&shown("x-api-key")).is_empty());
        let known = key(Fact::Known("x-api-key".into()));
        assert!(known.differs(&shown("x-api-key")).is_empty() && !known.differs(&shown("other")).is_empty());
        assert!(!key(Fact::Later).differs(&shown("x-api-key")).is_empty());
    }

    #[test]
    fn a_private_token_endpoint_is_left_by_an_empty_arn_and_kept_by_saying_nothing() {
        let oauth = |token: Fact<String>| {
            Authorization::OAuth(OAuth {
                endpoint: Fact::Known("https://auth.example.com".into()),
                method: Fact::Known("POST".into()),
                client_id: Fact::Known("me".into()),
                client_secret: None,
                http: Fact::Known(HttpParameters::default()),
                token_configuration_arn: token,
            })
        };
        let seen = SeenAuthorization::OAuth(SeenOAuth {
            endpoint: "https://auth.example.com".into(),
            method: "POST".into(),
            client_id: "me".into(),
            http: SeenHttpParameters::default(),
            token_configuration_arn: Some("arn:one".into()),
            token_association_arn: None,
        });
        let sent = |token| {
            let sent = oauth(token)
                .update_parameters(update(false, &seen))
                .connectivity_parameters;
            sent.and_then(|sent| Some(sent.resource_parameters?.resource_configuration_arn))
        };
        assert_eq!(sent(Fact::Absent).as_deref(), Some(""));
        assert_eq!(sent(Fact::Known("arn:one".into())), None);
        assert_eq!(sent(Fact::Known("arn:two".into())).as_deref(), Some("arn:two"));
        assert_eq!(oauth(Fact::Absent).differs(&seen), ["path of the token endpoint"]);
    }
}
