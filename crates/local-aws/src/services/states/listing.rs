//! Pages of listings.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde_json::{Map, Value};

use crate::core::error::{Answer, ApiError};
use crate::wire::Reply;

/// How many there are on a page that is told no number.
const USUAL: usize = 100;

/// Answers with the page of a listing that an input asks for, under its member's name.
pub(super) fn page<T>(
    input: &Value,
    member: &str,
    items: impl Iterator<Item = T>,
    shown: impl Fn(T) -> Value,
) -> Answer<Reply> {
    let begin = match input["nextToken"].as_str() {
        None => 0,
        Some(token) => {
            position(token).ok_or_else(|| ApiError::new("InvalidToken", "Invalid Token: 'Invalid token'"))?
        }
    };
    let most = input["maxResults"]
        .as_u64()
        .and_then(|most| usize::try_from(most).ok());
    let most = most.filter(|most| *most > 0).unwrap_or(USUAL);
    let mut rest = items.skip(begin);
    let listed: Vec<Value> = rest.by_ref().take(most).map(shown).collect();
    let mut body = Map::from_iter([(member.to_owned(), Value::Array(listed))]);
    if rest.next().is_some() {
        let token = BASE64_URL_SAFE_NO_PAD.encode((begin + most).to_string());
        body.insert("nextToken".to_owned(), token.into());
    }
    Ok(Reply::json(Value::Object(body)))
}

fn position(token: &str) -> Option<usize> {
    let bytes = BASE64_URL_SAFE_NO_PAD.decode(token).ok()?;
    String::from_utf8(bytes).ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn listed(input: Value) -> Result<Value, String> {
        match page(&input, "items", 0..3, Value::from) {
            Ok(reply) => Ok(reply.into_body()),
            Err(error) => Err(error.code),
        }
    }

    #[test]
    fn pages_follow_each_other_until_nothing_is_left() {
        let first = listed(json!({ "maxResults": 2 })).unwrap();
        assert_eq!(first["items"], json!([0, 1]));
        let second = listed(json!({ "maxResults": 2, "nextToken": first["nextToken"] })).unwrap();
        assert_eq!(second, json!({ "items": [2] }));
        assert_eq!(listed(json!({})).unwrap(), json!({ "items": [0, 1, 2] }));
        assert_eq!(
            listed(json!({ "nextToken": "!" })),
            Err("InvalidToken".to_owned())
        );
    }
}
