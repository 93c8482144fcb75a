//! The authorization as requests carry it: whole, or without the secrets. A secret that is not known is an error before
//! anything is sent, never an empty text.

use std::fmt::Display;

use aws_sdk_eventbridge::types::{
    ConnectionAuthorizationType, ConnectionOAuthHttpMethod, ConnectivityResourceConfigurationArn,
    ConnectivityResourceParameters, CreateConnectionApiKeyAuthRequestParameters,
    CreateConnectionAuthRequestParameters, CreateConnectionBasicAuthRequestParameters,
    CreateConnectionOAuthClientRequestParameters, CreateConnectionOAuthRequestParameters,
    UpdateConnectionApiKeyAuthRequestParameters, UpdateConnectionAuthRequestParameters,
    UpdateConnectionBasicAuthRequestParameters, UpdateConnectionOAuthClientRequestParameters,
    UpdateConnectionOAuthRequestParameters,
};

use super::super::http::{HttpParameters, SeenHttpParameters, Sending};
use super::super::known;
use super::{Authorization, Credential, OAuth, SeenAuthorization};
use crate::component::ComponentError;
use crate::component::reserved;

/// What an update sends of the authorization.
#[derive(Debug, Clone, Copy)]
pub struct Update<'a> {
    /// Everything, secrets and all; else what AWS shows.
    pub everything: bool,
    pub seen: &'a SeenAuthorization,
    /// The lists of the token request.
    pub http: Sending,
}

impl Update<'_> {
    /// The secret, where secrets are sent.
    fn secret<'c>(&self, credential: &'c Credential, what: &str) -> Result<Option<&'c str>, ComponentError> {
        let secret = self.everything.then(|| secret(credential, what));
        secret.transpose()
    }
}

/// A way through a resource configuration; an empty ARN leaves it.
pub fn connectivity(arn: &str) -> ConnectivityResourceParameters {
    let arn = ConnectivityResourceConfigurationArn::builder().resource_configuration_arn(arn);
    ConnectivityResourceParameters::builder()
        .resource_parameters(built(arn.build()))
        .build()
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

    /// Everything, as CreateConnection takes it.
    ///
    /// # Errors
    /// [`ComponentError::NotKnown`]
    pub fn create_parameters(
        &self,
        http: &HttpParameters,
    ) -> Result<CreateConnectionAuthRequestParameters, ComponentError> {
        let all = CreateConnectionAuthRequestParameters::builder();
        let all = match self {
            Self::ApiKey { name, value } => {
                all.api_key_auth_parameters(api_key(known(name, KEY_NAME)?, secret(value, KEY)?))
            }
            Self::None => {
                all.api_key_auth_parameters(api_key(reserved::PARAMETER, reserved::PARAMETER_VALUE))
            }
            Self::Basic { username, password } => {
                let block = CreateConnectionBasicAuthRequestParameters::builder()
                    .username(known(username, USERNAME)?)
                    .password(secret(password, PASSWORD)?);
                all.basic_auth_parameters(built(block.build()))
            }
            Self::OAuth(oauth) => {
                let token = oauth.token_configuration_arn.as_ref().known();
                all.o_auth_parameters(oauth.create_parameters()?)
                    .set_connectivity_parameters(token.map(|arn| connectivity(arn)))
            }
        };
        Ok(all.set_invocation_http_parameters(http.all()?).build())
    }

    /// What UpdateConnection takes. Parts that are left out stay as they are.
    ///
    /// # Errors
    /// [`ComponentError::NotKnown`]
    pub fn update_parameters(
        &self,
        update: Update<'_>,
    ) -> Result<UpdateConnectionAuthRequestParameters, ComponentError> {
        let all = UpdateConnectionAuthRequestParameters::builder();
        let all = match self {
            Self::ApiKey { name, value } => all.api_key_auth_parameters(
                UpdateConnectionApiKeyAuthRequestParameters::builder()
                    .api_key_name(known(name, KEY_NAME)?)
                    .set_api_key_value(update.secret(value, KEY)?.map(str::to_owned))
                    .build(),
            ),
            Self::None => all.api_key_auth_parameters(
                UpdateConnectionApiKeyAuthRequestParameters::builder()
                    .api_key_name(reserved::PARAMETER)
                    .api_key_value(reserved::PARAMETER_VALUE)
                    .build(),
            ),
            Self::Basic { username, password } => all.basic_auth_parameters(
                UpdateConnectionBasicAuthRequestParameters::builder()
                    .username(known(username, USERNAME)?)
                    .set_password(update.secret(password, PASSWORD)?.map(str::to_owned))
                    .build(),
            ),
            Self::OAuth(oauth) => {
                let moves = match update.seen {
                    SeenAuthorization::OAuth(seen) => update.everything || oauth.token_path_differs(seen),
                    _ => true,
                };
                let token = oauth.token_configuration_arn.as_ref().known();
                all.o_auth_parameters(oauth.update_parameters(update)?)
                    .set_connectivity_parameters(token.filter(|_| moves).map(|arn| connectivity(arn)))
            }
        };
        if self.leaves_token_path(update.seen) {
            return Ok(all.connectivity_parameters(connectivity("")).build());
        }
        Ok(all.build())
    }
}

impl OAuth {
    fn create_parameters(&self) -> Result<CreateConnectionOAuthRequestParameters, ComponentError> {
        let client = CreateConnectionOAuthClientRequestParameters::builder()
            .client_id(known(&self.client_id, CLIENT_ID)?)
            .client_secret(secret(&self.client_secret, CLIENT_SECRET)?);
        let block = CreateConnectionOAuthRequestParameters::builder()
            .client_parameters(built(client.build()))
            .authorization_endpoint(known(&self.endpoint, ENDPOINT)?)
            .http_method(self.http_method()?)
            .set_o_auth_http_parameters(self.http()?.all()?);
        Ok(built(block.build()))
    }

    fn update_parameters(
        &self,
        update: Update<'_>,
    ) -> Result<UpdateConnectionOAuthRequestParameters, ComponentError> {
        let nothing = SeenHttpParameters::default();
        let seen = match update.seen {
            SeenAuthorization::OAuth(seen) => &seen.http,
            _ => &nothing,
        };
        let client_secret = update.secret(&self.client_secret, CLIENT_SECRET)?;
        let client = UpdateConnectionOAuthClientRequestParameters::builder()
            .client_id(known(&self.client_id, CLIENT_ID)?)
            .set_client_secret(client_secret.map(str::to_owned))
            .build();
        Ok(UpdateConnectionOAuthRequestParameters::builder()
            .client_parameters(client)
            .authorization_endpoint(known(&self.endpoint, ENDPOINT)?)
            .http_method(self.http_method()?)
            .set_o_auth_http_parameters(self.http()?.changes(seen, update.http)?)
            .build())
    }

    fn http_method(&self) -> Result<ConnectionOAuthHttpMethod, ComponentError> {
        Ok(ConnectionOAuthHttpMethod::from(
            known(&self.method, METHOD)?.as_str(),
        ))
    }

    fn http(&self) -> Result<&HttpParameters, ComponentError> {
        known(&self.http, "the OAuth HTTP parameters")
    }
}

const KEY: &str = "the value of the API key";
const KEY_NAME: &str = "the name of the API key";
const USERNAME: &str = "the user name";
const PASSWORD: &str = "the password";
const CLIENT_ID: &str = "the client id";
const CLIENT_SECRET: &str = "the client secret";
const ENDPOINT: &str = "the authorization endpoint";
const METHOD: &str = "the method of the token request";

fn secret<'c>(credential: &'c Credential, what: &str) -> Result<&'c str, ComponentError> {
    credential.to_send(|| what.to_owned())
}

fn api_key(name: &str, value: &str) -> CreateConnectionApiKeyAuthRequestParameters {
    let block = CreateConnectionApiKeyAuthRequestParameters::builder();
    built(block.api_key_name(name).api_key_value(value).build())
}

/// What a builder makes all of whose required members are set.
fn built<T, E: Display>(built: Result<T, E>) -> T {
    built.unwrap_or_else(|error| unreachable!("every required member is set: {error}"))
}

#[cfg(test)]
mod tests {
    use super::super::{Secret, SeenOAuth};
    use reconcile::Fact;

    use super::*;
    use crate::component::{HttpValue, Lists};

    fn update(everything: bool, seen: &SeenAuthorization) -> Update<'_> {
        let http = Sending {
            all: everything,
            secrets: Lists::of(false),
            inert: false,
        };
        Update {
            everything,
            seen,
            http,
        }
    }

    fn text(text: &str) -> Fact<String> {
        Fact::Known(text.to_owned())
    }

    fn seen_basic() -> SeenAuthorization {
        SeenAuthorization::Basic {
            username: "ann".into(),
        }
    }

    fn basic(password: Credential) -> Authorization {
        Authorization::Basic {
            username: text("ann"),
            password,
        }
    }

    fn oauth(client_secret: Credential, token_configuration_arn: Fact<String>) -> OAuth {
        OAuth {
            endpoint: text("https://auth.example.com"),
            method: text("POST"),
            client_id: text("me"),
            client_secret,
            http: Fact::Known(HttpParameters::default()),
            token_configuration_arn,
        }
    }

    #[test]
    fn an_update_without_the_secret_sends_only_what_aws_shows() {
        let seen = seen_basic();
        let wanted = basic(Credential::Known(Secret::new("hunter2")));
        let without = wanted.update_parameters(update(false, &seen)).expect("known");
        let without = without.basic_auth_parameters.expect("a block");
        assert_eq!(
            (without.username.as_deref(), without.password),
            (Some("ann"), None)
        );
        let with = wanted.update_parameters(update(true, &seen)).expect("known");
        let with = with.basic_auth_parameters.expect("a block");
        assert_eq!(with.password.as_deref(), Some("hunter2"));
    }

    #[test]
    fn whatever_has_a_secret_that_is_not_known_makes_no_request_with_secrets() {
        let mut with_parameter = oauth(Credential::Known(Secret::new("known")), Fact::Absent);
        let parameter = HttpValue::Secret(Credential::NotKnown);
        with_parameter.http = Fact::Known(HttpParameters {
            body: [("audience".to_owned(), parameter)].into(),
            ..HttpParameters::default()
        });
        let table = [
            Authorization::ApiKey {
                name: text("x-api-key"),
                value: Credential::NotKnown,
            },
            basic(Credential::NotKnown),
            Authorization::OAuth(oauth(Credential::NotKnown, Fact::Absent)),
            Authorization::OAuth(with_parameter),
        ];
        let lost = SeenAuthorization::Other("API_KEY".to_owned());
        for wanted in table {
            let created = wanted.create_parameters(&HttpParameters::default());
            assert!(
                matches!(created, Err(ComponentError::NotKnown { .. })),
                "{wanted:?}"
            );
            let updated = wanted.update_parameters(update(true, &lost));
            assert!(
                matches!(updated, Err(ComponentError::NotKnown { .. })),
                "{wanted:?}"
            );
        }
    }

    #[test]
    fn a_private_token_endpoint_is_left_by_an_empty_arn_and_kept_by_saying_nothing() {
        let seen = SeenAuthorization::OAuth(SeenOAuth {
            endpoint: "https://auth.example.com".into(),
            method: "POST".into(),
            client_id: "me".into(),
            http: SeenHttpParameters::default(),
            token_configuration_arn: Some("arn:one".into()),
            token_association_arn: None,
        });
        let wanted = |token| Authorization::OAuth(oauth(Credential::NotKnown, token));
        let sent = |token| {
            let sent = wanted(token)
                .update_parameters(update(false, &seen))
                .expect("known");
            let sent = sent.connectivity_parameters;
            sent.and_then(|sent| Some(sent.resource_parameters?.resource_configuration_arn))
        };
        assert_eq!(sent(Fact::Absent).as_deref(), Some(""));
        assert_eq!(sent(text("arn:one")), None);
        assert_eq!(sent(text("arn:two")).as_deref(), Some("arn:two"));
        assert_eq!(
            wanted(Fact::Absent).differs(&seen),
            ["path of the token endpoint"]
        );
    }
}
