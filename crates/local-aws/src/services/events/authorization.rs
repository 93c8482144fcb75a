//! AuthParameters: what each authorization type needs, how updates merge, and what a description shows of
//! them.

use serde_json::{Map, Value, json};

use crate::core::error::{Answer, ApiError};

/// The parameter block of an authorization type.
pub(super) fn block(authorization_type: &str) -> &'static str {
    match authorization_type {
        "BASIC" => "BasicAuthParameters",
        "API_KEY" => "ApiKeyAuthParameters",
        _ => "OAuthParameters",
    }
}

const BLOCKS: [&str; 3] = ["BasicAuthParameters", "ApiKeyAuthParameters", "OAuthParameters"];

/// Checks that a request brings the block of its type, and no other.
pub(super) fn check(authorization_type: &str, parameters: &Value) -> Answer<()> {
    let wanted = block(authorization_type);
    if parameters.get(wanted).is_none_or(Value::is_null) {
        return Err(ApiError::new(
            "ValidationException",
            format!(
                "Parameter {wanted} is not valid. Reason: Missing required field(s) for authorization type {authorization_type}."
            ),
        ));
    }
    if let Some(other) = BLOCKS
        .iter()
        .find(|name| **name != wanted && parameters.get(**name).is_some_and(|v| !v.is_null()))
    {
        return Err(ApiError::new(
            "ValidationException",
            format!(
                "Parameter {other} is not valid. Reason: It does not go with authorization type {authorization_type}."
            ),
        ));
    }
    let endpoint = parameters
        .pointer("/OAuthParameters/AuthorizationEndpoint")
        .and_then(Value::as_str);
    if endpoint.is_some_and(|endpoint| !endpoint.starts_with("https://")) {
        return Err(ApiError::new(
            "ValidationException",
            "Parameter AuthorizationEndpoint is not valid. Reason: It must begin with https://.",
        ));
    }
    Ok(())
}

/// Whether a block has every secret and name that its type needs, as a change of the type demands.
pub(super) fn is_complete(authorization_type: &str, parameters: &Value) -> bool {
    let members: &[&str] = match authorization_type {
        "BASIC" => &["/Username", "/Password"],
        "API_KEY" => &["/ApiKeyName", "/ApiKeyValue"],
        _ => &[
            "/ClientParameters/ClientID",
            "/ClientParameters/ClientSecret",
            "/AuthorizationEndpoint",
            "/HttpMethod",
        ],
    };
    let block = &parameters[block(authorization_type)];
    members
        .iter()
        .all(|member| block.pointer(member).is_some_and(Value::is_string))
}

/// Lays a change over what there is: structures merge, everything else replaces.
pub(super) fn merge(into: &mut Value, change: &Value) {
    match (into, change) {
        (Value::Object(into), Value::Object(change)) => {
            for (name, value) in change.iter().filter(|(_, value)| !value.is_null()) {
                merge(into.entry(name.clone()).or_insert(Value::Null), value);
            }
        }
        (into, change) => *into = change.clone(),
    }
}

/// AuthParameters as sent, without the connectivity, which is kept apart.
pub(super) fn without_connectivity(parameters: &Value) -> Value {
    let members = parameters.as_object().into_iter().flatten();
    let kept = members.filter(|(name, value)| *name != "ConnectivityParameters" && !value.is_null());
    Value::Object(kept.map(|(name, value)| (name.clone(), value.clone())).collect())
}

/// Parameters without the empty lists of HTTP parameters, for which a change then says nothing.
pub(super) fn without_empty_lists(parameters: &Value) -> Value {
    match parameters {
        Value::Object(members) => {
            let kept = members
                .iter()
                .filter(|(_, value)| value.as_array().is_none_or(|list| !list.is_empty()));
            Value::Object(
                kept.map(|(name, value)| (name.clone(), without_empty_lists(value)))
                    .collect(),
            )
        }
        other => other.clone(),
    }
}

/// What a description shows: no secret, and `IsValueSecret` filled in.
pub(super) fn shown(parameters: &Value) -> Map<String, Value> {
    let mut shown = Map::new();
    let mut put = |name: &str, value: Value| {
        shown.insert(name.to_owned(), value);
    };
    if let Some(basic) = parameters.get("BasicAuthParameters") {
        put("BasicAuthParameters", json!({ "Username": basic["Username"] }));
    }
    if let Some(key) = parameters.get("ApiKeyAuthParameters") {
        put("ApiKeyAuthParameters", json!({ "ApiKeyName": key["ApiKeyName"] }));
    }
    if let Some(oauth) = parameters.get("OAuthParameters") {
        let mut block = json!({
            "ClientParameters": { "ClientID": oauth["ClientParameters"]["ClientID"] },
            "AuthorizationEndpoint": oauth["AuthorizationEndpoint"],
            "HttpMethod": oauth["HttpMethod"],
        });
        if let Some(http) = oauth.get("OAuthHttpParameters") {
            block["OAuthHttpParameters"] = shown_http(http);
        }
        put("OAuthParameters", block);
    }
    if let Some(http) = parameters.get("InvocationHttpParameters") {
        put("InvocationHttpParameters", shown_http(http));
    }
    shown
}

fn shown_http(http: &Value) -> Value {
    let lists = http.as_object().into_iter().flatten().filter_map(|(name, list)| {
        let list = list.as_array()?.iter().map(|parameter| {
            let secret = parameter["IsValueSecret"].as_bool().unwrap_or(false);
            let mut shown = json!({ "Key": parameter["Key"], "IsValueSecret": secret });
            if !secret {
                shown["Value"] = parameter["Value"].clone();
            }
            shown
        });
        Some((name.clone(), Value::Array(list.collect())))
    });
    Value::Object(lists.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_partial_update_keeps_the_rest() {
        let mut parameters = json!({
            "BasicAuthParameters": { "Username": "u", "Password": "old" },
            "InvocationHttpParameters": { "HeaderParameters": [{ "Key": "a", "Value": "1" }], "BodyParameters": [] },
        });
        merge(
            &mut parameters,
            &json!({ "BasicAuthParameters": { "Password": "new" }, "InvocationHttpParameters": { "HeaderParameters": [] } }),
        );
        assert_eq!(
            parameters,
            json!({
                "BasicAuthParameters": { "Username": "u", "Password": "new" },
                "InvocationHttpParameters": { "HeaderParameters": [], "BodyParameters": [] },
            })
        );
    }

    #[test]
    fn no_secret_is_shown() {
        let parameters = json!({
            "ApiKeyAuthParameters": { "ApiKeyName": "x-api-key", "ApiKeyValue": "hunter2" },
            "BasicAuthParameters": { "Username": "u", "Password": "hunter2" },
            "OAuthParameters": { "ClientParameters": { "ClientID": "c", "ClientSecret": "hunter2" }, "AuthorizationEndpoint": "https://a",
                "HttpMethod": "POST", "OAuthHttpParameters": { "BodyParameters": [{ "Key": "k", "Value": "hunter2", "IsValueSecret": true }] } },
            "InvocationHttpParameters": { "HeaderParameters": [
                { "Key": "k", "Value": "hunter2", "IsValueSecret": true }, { "Key": "open", "Value": "v" }] },
        });
        let shown = Value::Object(shown(&parameters));
        assert!(!shown.to_string().contains("hunter2"), "{shown}");
        assert_eq!(
            shown["InvocationHttpParameters"]["HeaderParameters"][1],
            json!({ "Key": "open", "Value": "v", "IsValueSecret": false })
        );
    }
}
