//! The wire protocols: requests into named operations with an input, answers and errors into bytes.

pub(crate) mod json;
pub(crate) mod model;
pub(crate) mod query;
pub(crate) mod rest_json;
pub(crate) mod sigv4;
pub(crate) mod xml;

use bytes::Bytes;
use http::{Response, StatusCode};
use http_body_util::Full;
use serde_json::{Map, Value};

use crate::core::error::ApiError;
use crate::core::ids;
use model::Model;

/// How a service's requests and answers are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Protocol<'m> {
    Ec2Query,
    /// With the namespace of its answers.
    AwsQuery(&'m str),
    RestJson,
    /// With what stands before the operation in `X-Amz-Target`, and the version.
    Json(&'m str, &'m str),
}

impl Protocol<'_> {
    pub(crate) fn encode_error(self, error: &ApiError) -> Response<Full<Bytes>> {
        match self {
            Self::Ec2Query => query::ec2_error(error),
            Self::AwsQuery(namespace) => query::aws_error(namespace, error),
            Self::RestJson => rest_json::error(error),
            Self::Json(_, version) => json::error(error, version),
        }
    }
}

/// What an operation answers with when it succeeds: the members of the model's output. What the model does not name
/// is not sent.
#[derive(Debug)]
pub(crate) struct Reply(Value);

impl Reply {
    pub(crate) fn json(body: Value) -> Self {
        Self(body)
    }

    #[cfg(test)]
    pub(crate) fn into_body(self) -> Value {
        self.0
    }

    /// The same answer, which promises another page of its listing.
    pub(crate) fn with_another_page(mut self, model: &Model<'_>, operation: &str) -> Self {
        model.promise_more(operation, &mut self.0, "7a");
        self
    }

    pub(crate) fn encode(self, model: &Model<'_>, operation: &str) -> Response<Full<Bytes>> {
        let body = self.0;
        match model.protocol() {
            Protocol::AwsQuery(namespace) => {
                query::aws_answer(namespace, operation, &model.xml_answer(operation, &body))
            }
            Protocol::Ec2Query => query::ec2_answer(operation, &model.xml_answer(operation, &body)),
            Protocol::RestJson => {
                rest_json::answer(model.status(operation), model.json_answer(operation, body))
            }
            Protocol::Json(_, version) => {
                let body = model
                    .json_answer(operation, body)
                    .unwrap_or_else(|| Value::Object(Map::new()));
                let kind = format!("application/x-amz-json-{version}");
                response(200, Some(&kind), Bytes::from(body.to_string()))
            }
        }
    }
}

/// An answer with the headers that every AWS answer has.
pub(crate) fn response(status: u16, content_type: Option<&str>, body: Bytes) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(body));
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers = response.headers_mut();
    if let Some(kind) = content_type.and_then(|kind| kind.parse().ok()) {
        headers.insert(http::header::CONTENT_TYPE, kind);
    }
    if let Ok(id) = ids::uuid().parse() {
        headers.insert("x-amzn-requestid", id);
    }
    response
}

/// Adds a header; one that no header line can hold is left out.
pub(crate) fn add_header(response: &mut Response<Full<Bytes>>, name: &'static str, value: &str) {
    if let Ok(value) = value.parse() {
        response.headers_mut().insert(name, value);
    }
}

/// Percent-encodes everything but the unreserved characters of RFC 3986.
pub(crate) fn percent_encode(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => out.push(char::from(byte)),
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}

/// Decodes `%41` and, in forms, `+`; what is no UTF-8 becomes U+FFFD.
pub(crate) fn percent_decode(text: &str, plus_is_space: bool) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        rest = tail;
        match (first, tail) {
            (b'%', [high, low, after @ ..]) => match (hex_digit(*high), hex_digit(*low)) {
                (Some(high), Some(low)) => {
                    bytes.push(high << 4 | low);
                    rest = after;
                }
                _ => bytes.push(b'%'),
            },
            (b'+', _) if plus_is_space => bytes.push(b' '),
            _ => bytes.push(*first),
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn hex_digit(digit: u8) -> Option<u8> {
    char::from(digit)
        .to_digit(16)
        .and_then(|value| u8::try_from(value).ok())
}

/// The pairs of a query string or form, decoded.
pub(crate) fn pairs(text: &str, plus_is_space: bool) -> Vec<(String, String)> {
    text.split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| {
            let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
            (
                percent_decode(key, plus_is_space),
                percent_decode(value, plus_is_space),
            )
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_are_decoded_and_broken_escapes_kept() {
        assert_eq!(
            pairs("a=1+2&b%5B=%C3%A4&c&d=%zz%4", true),
            [("a", "1 2"), ("b[", "ä"), ("c", ""), ("d", "%zz%4")].map(|(k, v)| (k.to_owned(), v.to_owned()))
        );
    }
}
