//! The inputs as AWS holds them: the prior ones while they are equivalent, else what AWS shows.

use std::collections::BTreeMap;

use reconcile::{Fact, Id, Recorded};
use terraform_plugin::Attr;

use crate::client::TagPolicy;
use crate::component::{
    Disputed, List, SeenAuthorization, SeenConnection, SeenDestination, SeenHttpParameters, SeenHttpValue,
    SeenOAuth, shown as shown_tags, url,
};
use crate::invocation::desired::{DEFAULT_RATE, DEFAULT_TOKEN_METHOD};
use crate::invocation::graph::Objects;
use crate::invocation::model::{
    ApiDestination, ApiKey, Authorization, Basic, Destinations, HttpParameter, HttpParameters, Model,
    NoAuthorization, OAuth, Parameters, PrivateAuthorizationEndpoint,
};
use crate::invocation::tags::known;

/// `disputed` is what was told of tags in which objects disagree; it is brought up to date.
pub fn inputs(
    prior: &Model,
    policy: &TagPolicy,
    recorded: &Recorded,
    seen: &Objects,
    disputed: &mut Disputed,
) -> Model {
    let mut inputs = prior
        .clone()
        .with_shown_tags(policy, tags(prior, policy, recorded, seen, disputed));
    inputs.api_destinations = destinations(prior, seen);
    let Fact::Known(connection) = &seen.connection else {
        return inputs;
    };
    if inputs.description.known() != connection.description.as_ref() {
        inputs.description = connection.description.clone().into();
    }
    inputs.kms_key_identifier = key(&inputs.kms_key_identifier, connection);
    let authorization = inputs.authorization.known().cloned().unwrap_or_default();
    // Without its authorization a connection shows no parameters at all; `pending` tells.
    if let Some(authorization) = shown(connection, &authorization) {
        inputs.authorization = Attr::Known(authorization);
        inputs.invocation_http_parameters =
            http_parameters(&connection.http, &inputs.invocation_http_parameters);
    }
    inputs
}

/// All tags but the provider's own, with everything in which an object differs: what somebody put on one of them shows. What
/// is borrowed bears the tags of whoever made it.
fn tags(
    prior: &Model,
    policy: &TagPolicy,
    recorded: &Recorded,
    seen: &Objects,
    disputed: &mut Disputed,
) -> BTreeMap<String, String> {
    let former = known(&prior.tags_all);
    let group = seen.group.as_ref().known().map(|seen| &seen.tags);
    let ingress = seen.ingress.as_ref().known();
    let ingress = ingress.filter(|seen| !recorded.is_borrowed(&Id::new(&*seen.id)));
    let ingress = ingress.map(|seen| &seen.tags);
    let gateway = seen.gateway.as_ref().known().map(|seen| &seen.tags);
    let configuration = seen.configuration.as_ref().known().map(|seen| &seen.tags);
    let objects = [group, ingress, gateway, configuration].into_iter().flatten();
    let shown = shown_tags(&former, disputed, objects);
    disputed.retain(|key, _| !policy.ignores(key));
    shown
}

/// The key that is configured, unless the connection has quite another one. A key that was taken out of the
/// configuration stays in use and is no difference.
fn key(prior: &Attr<String>, connection: &SeenConnection) -> Attr<String> {
    match prior {
        Attr::Known(key) if !connection.has_key(key) => connection.kms_key.clone().into(),
        prior => prior.clone(),
    }
}

/// The authorization that AWS shows, with the secret that the state has for it; `None` where AWS shows
/// nothing that this provider makes, which `pending` then tells.
pub fn shown(connection: &SeenConnection, prior: &Authorization) -> Option<Authorization> {
    let default = Authorization::default();
    Some(match &connection.authorization {
        SeenAuthorization::ApiKey { name } => {
            let prior = prior.api_key.known().cloned().unwrap_or_default();
            let api_key = Attr::Known(ApiKey {
                name: or_equal(&prior.name, name, |one, other| one.eq_ignore_ascii_case(other)),
                ..prior
            });
            Authorization { api_key, ..default }
        }
        SeenAuthorization::Basic { username } => {
            let prior = prior.basic.known().cloned().unwrap_or_default();
            let basic = Attr::Known(Basic {
                username: Attr::Known(username.clone()),
                ..prior
            });
            Authorization { basic, ..default }
        }
        SeenAuthorization::OAuth(seen) => {
            let prior = prior
                .oauth_client_credentials
                .known()
                .cloned()
                .unwrap_or_default();
            Authorization {
                oauth_client_credentials: Attr::Known(oauth(connection, seen, prior)),
                ..default
            }
        }
        SeenAuthorization::None => Authorization {
            none: Attr::Known(NoAuthorization {}),
            ..default
        },
        SeenAuthorization::Other(_) => return None,
    })
}

fn oauth(connection: &SeenConnection, seen: &SeenOAuth, prior: OAuth) -> OAuth {
    let same_path = seen.token_configuration_arn.is_some()
        && seen.token_configuration_arn == connection.configuration_arn;
    let private = match (
        &prior.private_authorization_endpoint,
        &seen.token_configuration_arn,
    ) {
        (Attr::Known(given), Some(arn))
            if given.same_path == Attr::Known(true) && same_path
                || given.resource_configuration_arn.known() == Some(arn) =>
        {
            prior.private_authorization_endpoint.clone()
        }
        (_, None) => Attr::Null,
        (_, Some(_)) if same_path => Attr::Known(PrivateAuthorizationEndpoint {
            same_path: Attr::Known(true),
            ..PrivateAuthorizationEndpoint::default()
        }),
        (_, Some(arn)) => Attr::Known(PrivateAuthorizationEndpoint {
            resource_configuration_arn: Attr::Known(arn.clone()),
            ..PrivateAuthorizationEndpoint::default()
        }),
    };
    OAuth {
        authorization_endpoint: or_equal(&prior.authorization_endpoint, &seen.endpoint, url::same),
        http_method: or_default(&prior.http_method, &seen.method, DEFAULT_TOKEN_METHOD),
        client_id: Attr::Known(seen.client_id.clone()),
        oauth_http_parameters: http_parameters(&seen.http, &prior.oauth_http_parameters),
        private_authorization_endpoint: private,
        ..prior
    }
}

/// Null while AWS holds the default.
fn or_default(prior: &Attr<String>, seen: &str, default: &str) -> Attr<String> {
    if prior.is_null() && seen == default {
        Attr::Null
    } else {
        Attr::Known(seen.to_owned())
    }
}

/// As it was given, while AWS shows what means the same.
fn or_equal(prior: &Attr<String>, seen: &str, equal: impl Fn(&str, &str) -> bool) -> Attr<String> {
    match prior {
        Attr::Known(given) if equal(given, seen) => prior.clone(),
        _ => Attr::Known(seen.to_owned()),
    }
}

/// HTTP parameters as AWS shows them, with the secrets that the state has for them. No list, an empty one and none
/// at all are equivalent.
pub fn http_parameters(seen: &SeenHttpParameters, prior: &Attr<HttpParameters>) -> Attr<HttpParameters> {
    let given = prior.known().cloned().unwrap_or_default();
    let lists = List::ALL.zip(seen.as_ref().zip(given.as_ref()));
    let now = lists.map(|(list, (seen, given))| parameters(list, seen, given));
    if prior.is_null() && now == HttpParameters::default() {
        Attr::Null
    } else {
        Attr::Known(now)
    }
}

fn parameters(
    list: List,
    seen: &BTreeMap<String, SeenHttpValue>,
    prior: &Attr<Parameters>,
) -> Attr<Parameters> {
    if seen.is_empty() && prior.known().is_none_or(BTreeMap::is_empty) {
        return prior.clone();
    }
    let parameter = |(name, value): (&String, &SeenHttpValue)| {
        let prior = prior.known().and_then(|prior| list.entry(prior, name));
        let given = prior.and_then(|(_, given)| given.known());
        let parameter = match (value, given) {
            (SeenHttpValue::Secret, Some(given)) if given.value.is_null() => given.clone(),
            (SeenHttpValue::Secret, _) => HttpParameter::default(),
            (SeenHttpValue::Plain(value), given) => {
                let prior = given.map_or(&Attr::Null, |given| &given.value);
                HttpParameter {
                    value: or_equal(prior, value, |one, other| list.same_value(one, other)),
                    ..HttpParameter::default()
                }
            }
        };
        let name = prior.map_or(name, |(spelt, _)| spelt);
        (name.clone(), Attr::Known(parameter))
    };
    Attr::Known(seen.iter().map(parameter).collect())
}

/// The API destinations that are there.
fn destinations(prior: &Model, seen: &Objects) -> Attr<Destinations> {
    let Attr::Known(given) = &prior.api_destinations else {
        return prior.api_destinations.clone();
    };
    let there = |name: &String| match seen.destinations.get(name) {
        Some(Fact::Known(seen)) => Some(seen),
        _ => None,
    };
    let now = given.iter().filter_map(|(name, given)| {
        let given = given.known().cloned().unwrap_or_default();
        Some((name.clone(), Attr::Known(destination(there(name)?, given))))
    });
    Attr::Known(now.collect())
}

/// One API destination as AWS shows it.
pub fn destination(seen: &SeenDestination, prior: ApiDestination) -> ApiDestination {
    let rate = if prior.invocation_rate_limit_per_second.is_null() && seen.rate == DEFAULT_RATE {
        Attr::Null
    } else {
        Attr::Known(i64::from(seen.rate))
    };
    ApiDestination {
        invocation_endpoint: Attr::Known(seen.endpoint.clone()),
        http_method: Attr::Known(seen.method.clone()),
        invocation_rate_limit_per_second: rate,
        description: seen.description.clone().into(),
        ..prior
    }
}
