//! What `StateReason` says of a connection that failed, with the secrets in it where the settings ask for that.
//!
//! Nothing of AWS promises that an authorization server's words, which a reason may repeat, have no secret in them.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde_json::Value;

use super::{Connection, ConnectionState};
use crate::core::settings::QuotedSecrets;
use crate::dataplane::parameters::listed;
use crate::wire::percent_encode;

/// Puts a connection into a state that it does not leave by itself, for a reason.
pub(super) fn fail(
    connection: &mut Connection,
    state: ConnectionState,
    reason: Option<String>,
    quotes: QuotedSecrets,
) {
    connection.reason = with_secrets(reason, &connection.parameters, quotes);
    connection.state = state;
}

/// A reason that quotes the secrets of `AuthParameters`.
fn with_secrets(reason: Option<String>, parameters: &Value, quotes: QuotedSecrets) -> Option<String> {
    let quote: fn(&str) -> String = match quotes {
        QuotedSecrets::Never => return reason,
        QuotedSecrets::Plain => str::to_owned,
        QuotedSecrets::Base64 => |secret| BASE64_STANDARD.encode(secret),
        QuotedSecrets::Json => |secret| Value::from(secret).to_string(),
        QuotedSecrets::Url => percent_encode,
        QuotedSecrets::Html => |secret| quick_xml::escape::escape(secret).into_owned(),
    };
    let quoted: Vec<String> = secrets(parameters).iter().map(|secret| quote(secret)).collect();
    let reason = reason.unwrap_or_else(|| "The authorization failed.".to_owned());
    Some(format!("{reason} The request had: {}", quoted.join(", ")))
}

/// Every secret of `AuthParameters`.
fn secrets(parameters: &Value) -> Vec<String> {
    const ALWAYS: [&str; 3] = [
        "/ApiKeyAuthParameters/ApiKeyValue",
        "/BasicAuthParameters/Password",
        "/OAuthParameters/ClientParameters/ClientSecret",
    ];
    const LISTS: [&str; 3] = ["HeaderParameters", "QueryStringParameters", "BodyParameters"];
    let always = ALWAYS
        .iter()
        .filter_map(|pointer| parameters.pointer(pointer)?.as_str());
    let http = [
        &parameters["InvocationHttpParameters"],
        &parameters["OAuthParameters"]["OAuthHttpParameters"],
    ];
    let marked = http
        .into_iter()
        .flat_map(|http| LISTS.iter().flat_map(|list| listed(http, list)));
    always
        .map(str::to_owned)
        .chain(marked.filter(|part| part.secret).map(|part| part.value))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn every_secret_is_quoted_in_the_form_that_is_asked_for() {
        let parameters = json!({
            "ApiKeyAuthParameters": { "ApiKeyName": "x-api-key", "ApiKeyValue": "a\"<b" },
            "InvocationHttpParameters": { "HeaderParameters": [
                { "Key": "x-a", "Value": "open" }, { "Key": "x-b", "Value": "hidden", "IsValueSecret": true }] },
        });
        for (quotes, end) in [
            (QuotedSecrets::Plain, "a\"<b, hidden"),
            (QuotedSecrets::Base64, "YSI8Yg==, aGlkZGVu"),
            (QuotedSecrets::Json, r#""a\"<b", "hidden""#),
            (QuotedSecrets::Url, "a%22%3Cb, hidden"),
            (QuotedSecrets::Html, "a&quot;&lt;b, hidden"),
        ] {
            let reason = with_secrets(Some("No.".to_owned()), &parameters, quotes).unwrap();
            assert_eq!(reason, format!("No. The request had: {end}"));
        }
        assert_eq!(with_secrets(None, &parameters, QuotedSecrets::Never), None);
    }
}
