//! Takes over the state of `aws_cloudwatch_event_connection` (`moved` blocks): the connection keeps its ARN, and what
//! it points at is referenced.

use std::collections::BTreeMap;

use serde_json::Value;
use terraform_plugin::{Attr, Diagnostic, MoveSource, Moves, Outcome, State};

use super::model::{
    ApiKey, Authorization, Basic, HttpParameter, HttpParameters, Model, OAuth, Parameters,
    PrivateAuthorizationEndpoint,
};
use super::present::Place;
use crate::aws::Arn;

const PEER: &str = "aws_cloudwatch_event_connection";

pub fn moves() -> Moves<Model> {
    Moves::new().from_json("hashicorp/aws", PEER, take_over)
}

fn take_over(source: &MoveSource, state: &State<Model>) -> Outcome {
    let peer = source.json()?;
    let text = |pointer: &str| text(&peer, pointer);
    let (Some(name), Some(arn)) = (text("/name"), text("/arn")) else {
        return Err(refused(&peer, "its state lacks the name or the ARN").into());
    };
    let configuration =
        "/invocation_connectivity_parameters/0/resource_parameters/0/resource_configuration_arn";
    let Some(configuration) = text(configuration) else {
        let why = "it is public: it has no private path, and this resource is for private APIs";
        return Err(refused(&peer, why).into());
    };
    let Some(authorization) = authorization(&peer) else {
        return Err(refused(&peer, "its state shows no authorization").into());
    };
    let place = Place::of_arn(&arn);
    let model = Model {
        name: Attr::Known(name.clone()),
        id: Attr::Known(name.clone()),
        region: place.as_ref().map(|place| place.region.clone()).into(),
        shared_resource_configuration_arn: Attr::Known(configuration.clone()),
        resource_configuration_id: Arn::parse(&configuration)
            .and_then(|arn| arn.name().map(str::to_owned))
            .into(),
        resource_configuration_arn: Attr::Known(configuration),
        authorization: Attr::Known(authorization),
        invocation_http_parameters: http_parameters(
            peer.pointer("/auth_parameters/0/invocation_http_parameters/0"),
        ),
        description: text("/description").into(),
        kms_key_identifier: text("/kms_key_identifier").into(),
        connection_arn: Attr::Known(arn),
        connection_secret_arn: text("/secret_arn").into(),
        resource_association_arn: text(
            "/invocation_connectivity_parameters/0/resource_parameters/0/resource_association_arn",
        )
        .into(),
        pending: Attr::Known(Vec::new()),
        retired: Attr::Known(Vec::new()),
        borrowed: Attr::Known(Vec::new()),
        tags_all: Attr::Known(BTreeMap::new()),
        ..Model::default()
    };
    super::identity::set(state, &model, place.as_ref())?;
    state.set(&model)
}

fn refused(peer: &Value, why: &str) -> Diagnostic {
    let name = text(peer, "/name").unwrap_or_default();
    Diagnostic::error(
        "Cannot be moved",
        format!(
            "The connection {name} of {PEER} cannot become a private_api_invocation: {why}. Remove the moved block, and \
             keep that resource or create a new one."
        ),
    )
}

/// A text that is there and not empty.
fn text(value: &Value, pointer: &str) -> Option<String> {
    let found = value.pointer(pointer)?.as_str()?;
    (!found.is_empty()).then(|| found.to_owned())
}

fn authorization(peer: &Value) -> Option<Authorization> {
    let default = Authorization::default();
    let auth = peer.pointer("/auth_parameters/0")?;
    let of = |pointer: &str| -> Attr<String> { text(auth, pointer).into() };
    match peer.get("authorization_type")?.as_str()? {
        "API_KEY" => Some(Authorization {
            api_key: Attr::Known(ApiKey {
                name: of("/api_key/0/key"),
                value: of("/api_key/0/value"),
                ..ApiKey::default()
            }),
            ..default
        }),
        "BASIC" => Some(Authorization {
            basic: Attr::Known(Basic {
                username: of("/basic/0/username"),
                password: of("/basic/0/password"),
                ..Basic::default()
            }),
            ..default
        }),
        "OAUTH_CLIENT_CREDENTIALS" => {
            let token = text(
                auth,
                "/connectivity_parameters/0/resource_parameters/0/resource_configuration_arn",
            );
            let private = token.map(|arn| PrivateAuthorizationEndpoint {
                resource_configuration_arn: Attr::Known(arn),
                ..PrivateAuthorizationEndpoint::default()
            });
            Some(Authorization {
                oauth_client_credentials: Attr::Known(OAuth {
                    authorization_endpoint: of("/oauth/0/authorization_endpoint"),
                    http_method: of("/oauth/0/http_method"),
                    client_id: of("/oauth/0/client_parameters/0/client_id"),
                    client_secret: of("/oauth/0/client_parameters/0/client_secret"),
                    oauth_http_parameters: http_parameters(auth.pointer("/oauth/0/oauth_http_parameters/0")),
                    private_authorization_endpoint: private.into(),
                    ..OAuth::default()
                }),
                ..default
            })
        }
        _ => None,
    }
}

fn http_parameters(block: Option<&Value>) -> Attr<HttpParameters> {
    let Some(block) = block else { return Attr::Null };
    let of = |kind: &str| -> Attr<Parameters> {
        let list = block.get(kind).and_then(Value::as_array).into_iter().flatten();
        let parameters: Parameters = list.filter_map(parameter).collect();
        if parameters.is_empty() {
            Attr::Null
        } else {
            Attr::Known(parameters)
        }
    };
    let all = HttpParameters {
        header: of("header"),
        query_string: of("query_string"),
        body: of("body"),
    };
    if all == HttpParameters::default() {
        Attr::Null
    } else {
        Attr::Known(all)
    }
}

fn parameter(given: &Value) -> Option<(String, Attr<HttpParameter>)> {
    let name = given.get("key")?.as_str()?.to_owned();
    let value: Attr<String> = given
        .get("value")
        .and_then(Value::as_str)
        .map(str::to_owned)
        .into();
    let secret = given
        .get("is_value_secret")
        .and_then(Value::as_bool)
        .unwrap_or(false);
    let parameter = if secret {
        HttpParameter {
            secret_value: value,
            ..HttpParameter::default()
        }
    } else {
        HttpParameter {
            value,
            ..HttpParameter::default()
        }
    };
    Some((name, Attr::Known(parameter)))
}
