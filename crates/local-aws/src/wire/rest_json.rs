//! restJson1: the operation in method and path, members in path, query and body.

use bytes::Bytes;
use http::Response;
use http_body_util::Full;
use serde_json::{Map, Value, json};

use super::query::with_retry_after;
use super::shape::Shape;
use super::{add_header, pairs, percent_decode, response};
use crate::core::error::{Answer, ApiError};

/// One operation's place: its method, and its path with the members that segments carry:
/// `/resourcegateways/{resourceGatewayIdentifier}`.
#[derive(Clone, Copy)]
pub(crate) struct Place {
    pub(crate) method: &'static str,
    pub(crate) path: &'static str,
}

/// The members that a path carries, with their values.
pub(crate) type Labels = Vec<(&'static str, String)>;

impl Place {
    /// The first segment of the path.
    pub(crate) fn begins(&self) -> &'static str {
        let path = self.path.trim_start_matches('/');
        path.split('/').next().unwrap_or(path)
    }

    /// The members of a request that is for this place. The last member takes what is left, so that an ARN may have its
    /// slashes.
    fn labels(&self, method: &str, path: &str) -> Option<Labels> {
        if self.method != method {
            return None;
        }
        let mut labels = Labels::new();
        let mut rest = path.trim_start_matches('/');
        let mut segments = self.path.trim_start_matches('/').split('/').peekable();
        while let Some(segment) = segments.next() {
            let is_last = segments.peek().is_none();
            let member = segment.strip_prefix('{').and_then(|name| name.strip_suffix('}'));
            let (given, after) = match rest.split_once('/') {
                Some(_) if is_last && member.is_some() => (rest, ""),
                Some((given, after)) => (given, after),
                None => (rest, ""),
            };
            match member {
                Some(_) if given.is_empty() => return None,
                Some(member) => labels.push((member, percent_decode(given, false))),
                None if given != segment => return None,
                None => {}
            }
            rest = after;
        }
        rest.is_empty().then_some(labels)
    }

    /// How many segments are fixed: of several places that a path fits, the one with the most is meant.
    fn fixed(&self) -> usize {
        self.path
            .split('/')
            .filter(|segment| !segment.starts_with('{'))
            .count()
    }
}

/// Finds the operation of a request among those that have a place.
pub(crate) fn find(
    places: impl Iterator<Item = (&'static str, Place)>,
    method: &str,
    path: &str,
) -> Option<(&'static str, Labels)> {
    let fitting =
        places.filter_map(|(operation, place)| Some((place.fixed(), operation, place.labels(method, path)?)));
    let (_, operation, labels) = fitting.max_by_key(|(fixed, ..)| *fixed)?;
    Some((operation, labels))
}

/// Puts path, query and body together into one input. Query members are texts, except that numbers and flags
/// get the type they are declared with; `repeated` is the member that the query may give several times.
pub(crate) fn input(labels: Labels, query: &str, body: &[u8], repeated: &str) -> Answer<Value> {
    let mut input = match body {
        [] => Map::new(),
        bytes => match serde_json::from_slice(bytes) {
            Ok(Value::Object(members)) => members,
            _ => {
                return Err(validation(
                    "cannotParse",
                    "The request body could not be parsed",
                    &[],
                ));
            }
        },
    };
    for (member, label) in labels {
        input.insert(member.to_owned(), label.into());
    }
    for (name, value) in pairs(query, false) {
        if name == repeated {
            if let Value::Array(list) = input.entry(name).or_insert_with(|| json!([])) {
                list.push(value.into());
            }
            continue;
        }
        let value = match value.as_str() {
            "true" => json!(true),
            "false" => json!(false),
            text if matches!(name.as_str(), "maxResults" | "limit") => text
                .parse::<i64>()
                .map_or_else(|_| json!(text), |number| json!(number)),
            text => json!(text),
        };
        input.insert(name, value);
    }
    Ok(Value::Object(input))
}

/// Checks an input by its shape; the error lists the fields.
pub(crate) fn check(shape: &Shape, input: &Value) -> Answer<()> {
    let violations = shape.violations(input);
    if violations.is_empty() {
        return Ok(());
    }
    let reason = if violations.iter().any(|v| v.is_type_error()) {
        "cannotParse"
    } else {
        "fieldValidationFailed"
    };
    let fields: Vec<(String, String)> = violations
        .iter()
        .map(|v| (v.path.clone(), v.sentence()))
        .collect();
    let fields: Vec<(&str, &str)> = fields
        .iter()
        .map(|(name, text)| (name.as_str(), text.as_str()))
        .collect();
    Err(validation(reason, &super::json::summary(&violations), &fields))
}

/// A `ValidationException` with its reason and fields.
pub(crate) fn validation(reason: &str, message: &str, fields: &[(&str, &str)]) -> ApiError {
    let error = ApiError::new(400, "ValidationException", message).with("reason", reason);
    if fields.is_empty() {
        return error;
    }
    let fields: Vec<Value> = fields
        .iter()
        .map(|(name, message)| json!({ "name": name, "message": message }))
        .collect();
    error.with("fieldList", fields)
}

pub(crate) fn error(error: &ApiError) -> Response<Full<Bytes>> {
    let mut body = error.members.clone();
    body.insert("message".to_owned(), error.message.clone().into());
    let mut answer = response(
        error.status,
        Some("application/json"),
        Bytes::from(Value::Object(body).to_string()),
    );
    add_header(&mut answer, "x-amzn-errortype", &error.code);
    with_retry_after(answer, error)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLACES: [(&str, Place); 4] = [
        (
            "Get",
            Place {
                method: "GET",
                path: "/restapis/{restApiId}",
            },
        ),
        (
            "Parts",
            Place {
                method: "GET",
                path: "/restapis/{restApiId}/resources",
            },
        ),
        (
            "Part",
            Place {
                method: "GET",
                path: "/restapis/{restApiId}/resources/{resourceId}",
            },
        ),
        (
            "Tags",
            Place {
                method: "GET",
                path: "/tags/{resourceArn}",
            },
        ),
    ];

    #[test]
    fn a_path_is_of_the_place_that_says_most_of_it() {
        let found = |path: &str| {
            let (operation, labels) = find(PLACES.into_iter(), "GET", path)?;
            let labels: Vec<String> = labels.into_iter().map(|(_, label)| label).collect();
            Some((operation, labels.join(" ")))
        };
        for (path, expected) in [
            ("/restapis/a", Some(("Get", "a"))),
            ("/restapis/a/resources", Some(("Parts", "a"))),
            ("/restapis/a/resources/b%20c", Some(("Part", "a b c"))),
            ("/tags/arn:x:1/2", Some(("Tags", "arn:x:1/2"))),
            ("/tags/arn%3Ax%2F2", Some(("Tags", "arn:x/2"))),
            ("/restapis", None),
            ("/restapis/", None),
            ("/tags", None),
            ("/other/a", None),
        ] {
            let expected = expected.map(|(operation, labels)| (operation, labels.to_owned()));
            assert_eq!(found(path), expected, "{path}");
        }
        assert!(find(PLACES.into_iter(), "POST", "/restapis/a").is_none());
    }
}
