//! Client tokens: a request that comes once more with its token makes nothing anew.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::core::error::{Answer, ApiError};

/// Of one operation, by their tokens: all else that requests said, and the ids of what they made.
pub(crate) type Made = BTreeMap<String, (String, String)>;

/// The most characters of a token, the blanks around it among them.
const LONGEST: usize = 64;

/// What a request says of being the same as another.
pub(super) struct ClientToken {
    /// None where there is none, or one of nothing but blanks.
    pub(super) token: Option<String>,
    /// All that the request says but its token.
    request: String,
}

impl ClientToken {
    /// Reads a request's token, without the blanks around it.
    pub(super) fn of(input: &Value) -> Answer<Self> {
        let given = input["ClientToken"].as_str();
        let token = given.map(str::trim);
        match (given, token) {
            (Some(""), _) => return Err(invalid("")),
            (Some(given), Some(token)) if !token.is_empty() && given.chars().count() > LONGEST => {
                return Err(invalid(given));
            }
            _ => {}
        }
        let mut rest = input.clone();
        if let Some(members) = rest.as_object_mut() {
            members.remove("ClientToken");
        }
        Ok(Self {
            token: token.filter(|token| !token.is_empty()).map(str::to_owned),
            request: rest.to_string(),
        })
    }

    /// The id of what the same request has made already, of those things that are still there.
    pub(super) fn made<'m>(
        &self,
        made: &'m Made,
        is_there: impl Fn(&str) -> bool,
    ) -> Answer<Option<&'m str>> {
        let Some(token) = &self.token else { return Ok(None) };
        match made.get(token).filter(|(_, id)| is_there(id)) {
            Some((request, _)) if *request != self.request => Err(ApiError::new(
                "IdempotentParameterMismatch",
                format!("Wrong arguments for request with token {token}"),
            )),
            found => Ok(found.map(|(_, id)| id.as_str())),
        }
    }

    /// Notes what the request has made.
    pub(super) fn note(self, made: &mut Made, id: &str) -> Option<String> {
        if let Some(token) = &self.token {
            made.insert(token.clone(), (self.request, id.to_owned()));
        }
        self.token
    }
}

fn invalid(token: &str) -> ApiError {
    ApiError::new(
        "InvalidParameterValue",
        format!("Value ({token}) for parameter clientToken is invalid"),
    )
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn token(text: &str) -> Answer<Option<String>> {
        ClientToken::of(&json!({ "ClientToken": text })).map(|token| token.token)
    }

    #[test]
    fn blanks_are_no_part_of_a_token_but_of_its_length() {
        assert_eq!(token(" shop\t"), Ok(Some("shop".to_owned())));
        assert_eq!(token(&" ".repeat(65)), Ok(None));
        assert_eq!(token(&"t".repeat(64)), Ok(Some("t".repeat(64))));
        for wrong in [String::new(), "t".repeat(65), format!(" {} ", "t".repeat(63))] {
            let says = format!("Value ({wrong}) for parameter clientToken is invalid");
            assert_eq!(token(&wrong).unwrap_err().message, says);
        }
    }
}
