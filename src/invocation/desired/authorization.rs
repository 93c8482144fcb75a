//! The authorization and the HTTP parameters that are asked for, and which of their secrets have to be sent.

use std::collections::BTreeMap;

use reconcile::Fact;
use terraform_plugin::Attr;

use super::{optional, or_default, required};
use crate::component::{Authorization, HttpParameters, HttpValue, List, Lists, OAuth, Resend};
use crate::invocation::model::{self, Model};

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
            value: key.secret().credential(),
        },
        (_, Attr::Known(basic), ..) => Authorization::Basic {
            username: required(&basic.username),
            password: basic.secret().credential(),
        },
        (.., Attr::Known(oauth), _) => {
            let (token_configuration_arn, same) = token_path(&oauth.private_authorization_endpoint);
            same_path = same;
            Authorization::OAuth(OAuth {
                endpoint: required(&oauth.authorization_endpoint),
                method: or_default(&oauth.http_method, DEFAULT_TOKEN_METHOD.to_owned()),
                client_id: required(&oauth.client_id),
                client_secret: oauth.secret().credential(),
                http: http_parameters(&oauth.oauth_http_parameters),
                token_configuration_arn,
            })
        }
        (.., Attr::Known(_)) => Authorization::None,
        _ => return (Fact::Later, false),
    };
    (Fact::Known(authorization), same_path)
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
    let lists = given.as_ref().map(values).transpose();
    lists.map_or(Fact::Later, Fact::Known)
}

/// The values of one list; `None` while its names are not known.
fn values(given: &Attr<model::Parameters>) -> Option<BTreeMap<String, HttpValue>> {
    let given = match given {
        Attr::Known(given) => given,
        Attr::Null => return Some(BTreeMap::new()),
        Attr::Unknown => return None,
    };
    let value = |parameter: &Attr<model::HttpParameter>| match parameter {
        Attr::Known(given) if given.value.is_null() => HttpValue::Secret(given.secret().credential()),
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

/// Which secrets, or versions of write-only ones, differ from what `prior` says was sent. AWS shows neither.
pub fn resend(config: &Model, prior: &Model) -> Resend {
    let (authorization, token_request) = of_authorization(&config.authorization, &prior.authorization);
    Resend {
        authorization,
        token_request,
        http: of_lists(
            &config.invocation_http_parameters,
            &prior.invocation_http_parameters,
        ),
    }
}

/// Of the authorization's own secret, and of the HTTP parameters of the request for a token.
fn of_authorization(
    config: &Attr<model::Authorization>,
    prior: &Attr<model::Authorization>,
) -> (bool, Lists<bool>) {
    let everything = (true, Lists::of(true));
    let (Attr::Known(config), Attr::Known(prior)) = (config, prior) else {
        return everything;
    };
    let nothing = Lists::of(false);
    match (&config.api_key, &config.basic, &config.oauth_client_credentials) {
        (Attr::Known(new), ..) => {
            let old = prior.api_key.known();
            (old.is_none_or(|old| !new.secret().is(&old.secret())), nothing)
        }
        (_, Attr::Known(new), _) => {
            let old = prior.basic.known();
            (old.is_none_or(|old| !new.secret().is(&old.secret())), nothing)
        }
        (.., Attr::Known(new)) => match prior.oauth_client_credentials.known() {
            Some(old) => (
                !new.secret().is(&old.secret()),
                of_lists(&new.oauth_http_parameters, &old.oauth_http_parameters),
            ),
            None => everything,
        },
        (Attr::Unknown, ..) | (_, Attr::Unknown, _) | (.., Attr::Unknown) => everything,
        // `none` has no secret; a switch to it shows in the header's name.
        (Attr::Null, Attr::Null, Attr::Null) => (false, nothing),
    }
}

/// Of HTTP parameters. Secrets that come or go show in the names.
fn of_lists(config: &Attr<model::HttpParameters>, prior: &Attr<model::HttpParameters>) -> Lists<bool> {
    let config = match config {
        Attr::Known(config) => config,
        Attr::Null => return Lists::of(false),
        Attr::Unknown => return Lists::of(true),
    };
    let none = model::HttpParameters::default();
    let prior = prior.known().unwrap_or(&none);
    let lists = List::ALL.zip(config.as_ref().zip(prior.as_ref()));
    lists.map(|(list, (config, prior))| {
        let Attr::Known(config) = config else {
            return config.is_unknown();
        };
        config.iter().any(|(name, new)| {
            let old = prior.known().and_then(|prior| list.entry(prior, name));
            match (new, old) {
                (Attr::Known(new), Some((_, Attr::Known(old)))) => !new.secret().is(&old.secret()),
                (Attr::Known(new), _) => new.value.is_null(),
                _ => true,
            }
        })
    })
}
