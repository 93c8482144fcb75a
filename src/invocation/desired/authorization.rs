//! The authorization and the HTTP parameters that are asked for, and which of their secrets have to be sent.

use std::collections::BTreeMap;

use reconcile::Fact;
use terraform_plugin::Attr;

use super::{optional, or_default, required};
use crate::component::{Authorization, HttpParameters, HttpValue, OAuth, Secret};
use crate::invocation::model;

/// How a token is asked for, where the configuration does not say.
pub const DEFAULT_TOKEN_METHOD: &str = "POST";

/// The authorization, and whether its token endpoint is reached by the invocation's own path.
pub fn authorization(given: &Attr<model::Authorization>) -> (Fact<Authorization>, bool) {
    let Attr::Known(given) = given else {
        return (Fact::Later, false);
    };
    let mut same_path = false;
    let authorization = match (
        &given.api_key,
        &given.basic,
        &given.oauth_client_credentials,
        &given.none,
    ) {
        (Attr::Known(key), ..) => Authorization::ApiKey {
            name: required(&key.name),
            value: secret(&key.value, &key.value_wo),
        },
        (_, Attr::Known(basic), ..) => Authorization::Basic {
            username: required(&basic.username),
            password: secret(&basic.password, &basic.password_wo),
        },
        (.., Attr::Known(oauth), _) => {
            let (token_configuration_arn, same) = token_path(&oauth.private_authorization_endpoint);
            same_path = same;
            Authorization::OAuth(OAuth {
                endpoint: required(&oauth.authorization_endpoint),
                method: or_default(&oauth.http_method, DEFAULT_TOKEN_METHOD.to_owned()),
                client_id: required(&oauth.client_id),
                client_secret: secret(&oauth.client_secret, &oauth.client_secret_wo),
                http: http_parameters(&oauth.oauth_http_parameters),
                token_configuration_arn,
            })
        }
        (.., Attr::Known(_)) => Authorization::None,
        _ => return (Fact::Later, false),
    };
    (Fact::Known(authorization), same_path)
}

fn secret(plain: &Attr<String>, write_only: &Attr<String>) -> Option<Secret> {
    let given = plain.known().or(write_only.known());
    given.map(|secret| Secret::new(secret.clone()))
}

/// The resource configuration by which the token endpoint is reached, or that it is the invocation's own.
fn token_path(given: &Attr<model::PrivateAuthorizationEndpoint>) -> (Fact<String>, bool) {
    match given {
        Attr::Known(given) => match &given.same_path {
            Attr::Known(true) => (Fact::Later, true),
            Attr::Unknown => (Fact::Later, false),
            Attr::Known(false) | Attr::Null => (optional(&given.resource_configuration_arn), false),
        },
        Attr::Null => (Fact::Absent, false),
        Attr::Unknown => (Fact::Later, false),
    }
}

pub fn http_parameters(given: &Attr<model::HttpParameters>) -> Fact<HttpParameters> {
    let given = match given {
        Attr::Known(given) => given,
        Attr::Null => return Fact::Known(HttpParameters::default()),
        Attr::Unknown => return Fact::Later,
    };
    let kinds = [&given.header, &given.query_string, &given.body].map(values);
    let [Some(header), Some(query_string), Some(body)] = kinds else {
        return Fact::Later;
    };
    Fact::Known(HttpParameters {
        header,
        query_string,
        body,
    })
}

/// The values of one kind; `None` while its names are not known.
fn values(given: &Attr<model::Parameters>) -> Option<BTreeMap<String, HttpValue>> {
    let given = match given {
        Attr::Known(given) => given,
        Attr::Null => return Some(BTreeMap::new()),
        Attr::Unknown => return None,
    };
    let value = |parameter: &Attr<model::HttpParameter>| match parameter {
        Attr::Known(given) if given.value.is_null() => {
            HttpValue::Secret(secret(&given.secret_value, &given.secret_value_wo))
        }
        Attr::Known(given) => HttpValue::Plain(required(&given.value)),
        Attr::Null | Attr::Unknown => HttpValue::Plain(Fact::Later),
    };
    Some(
        given
            .iter()
            .map(|(name, parameter)| (name.clone(), value(parameter)))
            .collect(),
    )
}

/// Whether a secret, or the version of a write-only one, differs from what the state says was sent. AWS shows
/// neither.
pub fn secret_changed(config: &Attr<model::Authorization>, prior: &Attr<model::Authorization>) -> bool {
    let (Attr::Known(config), Attr::Known(prior)) = (config, prior) else {
        return true;
    };
    match (&config.api_key, &config.basic, &config.oauth_client_credentials) {
        (Attr::Known(new), ..) => prior
            .api_key
            .known()
            .is_none_or(|old| (&new.value, &new.value_wo_version) != (&old.value, &old.value_wo_version)),
        (_, Attr::Known(new), _) => prior.basic.known().is_none_or(|old| {
            (&new.password, &new.password_wo_version) != (&old.password, &old.password_wo_version)
        }),
        (.., Attr::Known(new)) => prior.oauth_client_credentials.known().is_none_or(|old| {
            (&new.client_secret, &new.client_secret_wo_version)
                != (&old.client_secret, &old.client_secret_wo_version)
                || http_secrets_changed(&new.oauth_http_parameters, &old.oauth_http_parameters)
        }),
        // `none` has no secret; a switch to it shows in the header's name.
        _ => {
            config.api_key.is_unknown()
                || config.basic.is_unknown()
                || config.oauth_client_credentials.is_unknown()
        }
    }
}

/// The same of HTTP parameters. Secrets that come or go show in the names.
pub fn http_secrets_changed(
    config: &Attr<model::HttpParameters>,
    prior: &Attr<model::HttpParameters>,
) -> bool {
    let config = match config {
        Attr::Known(config) => config,
        Attr::Null => return false,
        Attr::Unknown => return true,
    };
    let none = model::HttpParameters::default();
    let prior = prior.known().unwrap_or(&none);
    let kinds = [
        (&config.header, &prior.header),
        (&config.query_string, &prior.query_string),
        (&config.body, &prior.body),
    ];
    kinds.into_iter().any(|(config, prior)| {
        let Attr::Known(config) = config else {
            return config.is_unknown();
        };
        config.iter().any(|(name, new)| {
            let old = prior.known().and_then(|prior| prior.get(name));
            match (new, old) {
                (Attr::Known(new), Some(Attr::Known(old))) => {
                    (&new.secret_value, &new.secret_value_wo_version)
                        != (&old.secret_value, &old.secret_value_wo_version)
                }
                (Attr::Known(new), _) => new.value.is_null(),
                _ => true,
            }
        })
    })
}
