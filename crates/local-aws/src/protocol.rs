//! The wire protocols: requests into named operations with an input, answers and errors into bytes.

pub(crate) mod json;
pub(crate) mod query;
pub(crate) mod rest_json;
pub(crate) mod shape;
pub(crate) mod xml;

use bytes::Bytes;
use http::{Response, StatusCode};
use http_body_util::Full;

use crate::error::ApiError;
use crate::ids;

/// The services, each with its protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Service {
    Ec2,
    Lattice,
    Events,
    States,
    Sts,
    SecretsManager,
    Kms,
    Iam,
}

/// How a service's requests and answers are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Protocol {
    Ec2Query,
    /// With the namespace of its answers.
    AwsQuery(&'static str),
    RestJson,
    /// With what stands before the operation in `X-Amz-Target`, and the version.
    Json(&'static str, &'static str),
}

impl Service {
    pub(crate) const ALL: [Self; 8] = [
        Self::Ec2,
        Self::Lattice,
        Self::Events,
        Self::States,
        Self::Sts,
        Self::SecretsManager,
        Self::Kms,
        Self::Iam,
    ];

    pub(crate) fn protocol(self) -> Protocol {
        match self {
            Self::Ec2 => Protocol::Ec2Query,
            Self::Lattice => Protocol::RestJson,
            Self::Events => Protocol::Json("AWSEvents", "1.1"),
            Self::States => Protocol::Json("AWSStepFunctions", "1.0"),
            Self::Sts => Protocol::AwsQuery("https://sts.amazonaws.com/doc/2011-06-15/"),
            Self::SecretsManager => Protocol::Json("secretsmanager", "1.1"),
            Self::Kms => Protocol::Json("TrentService", "1.1"),
            Self::Iam => Protocol::AwsQuery("https://iam.amazonaws.com/doc/2010-05-08/"),
        }
    }

    /// Members or parameters that name what a call is about.
    pub(crate) fn resource_members(self) -> &'static [&'static str] {
        match self {
            Self::Ec2 => crate::ec2::RESOURCES,
            Self::Lattice => crate::lattice::RESOURCES,
            Self::Events => crate::events::RESOURCES,
            Self::States => crate::states::RESOURCES,
            Self::Sts => crate::sts::RESOURCES,
            Self::SecretsManager => crate::secretsmanager::RESOURCES,
            Self::Kms => crate::kms::RESOURCES,
            Self::Iam => crate::iam::RESOURCES,
        }
    }

    /// The name in the credential scope.
    pub(crate) fn signing_name(self) -> &'static str {
        match self {
            Self::Ec2 => "ec2",
            Self::Lattice => "vpc-lattice",
            Self::Events => "events",
            Self::States => "states",
            Self::Sts => "sts",
            Self::SecretsManager => "secretsmanager",
            Self::Kms => "kms",
            Self::Iam => "iam",
        }
    }

    pub(crate) fn from_signing_name(name: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|service| service.signing_name() == name)
    }

    /// The operations that fault rules may name.
    pub(crate) fn operations(self) -> Vec<&'static str> {
        let forwarded = (self == Self::Lattice).then_some(crate::lattice::FORWARDED);
        self.served().into_iter().chain(forwarded).collect()
    }

    /// The operations that are served, sorted.
    pub(crate) fn served(self) -> Vec<&'static str> {
        match self {
            Self::Ec2 => crate::ec2::operations(),
            Self::Lattice => crate::lattice::operations(),
            Self::Events => crate::events::operations(),
            Self::States => crate::states::operations(),
            Self::Sts => crate::sts::OPERATIONS.to_vec(),
            Self::SecretsManager => crate::secretsmanager::operations(),
            Self::Kms => crate::kms::operations(),
            Self::Iam => crate::iam::operations(),
        }
    }

    /// What a caller who asks too often is told.
    pub(crate) fn throttled(self, retry_after: Option<u64>) -> ApiError {
        let (status, code, message) = match self {
            Self::Ec2 => (503, "RequestLimitExceeded", "Request limit exceeded."),
            Self::Lattice => (429, "ThrottlingException", "Rate exceeded"),
            Self::Events | Self::States | Self::SecretsManager | Self::Kms => {
                (400, "ThrottlingException", "Rate exceeded")
            }
            Self::Sts | Self::Iam => (400, "Throttling", "Rate exceeded"),
        };
        ApiError {
            retry_after,
            ..ApiError::new(status, code, message)
        }
    }

    /// What a caller without the permission for an IAM action is told.
    pub(crate) fn access_denied(self, caller: &str, action: &str) -> ApiError {
        let text = format!(
            "User: {caller} is not authorized to perform: {action} because no identity-based policy allows the {action} action"
        );
        match self {
            Self::Ec2 => ApiError::new(
                403,
                "UnauthorizedOperation",
                format!("You are not authorized to perform this operation. {text}"),
            ),
            Self::Lattice => ApiError::new(403, "AccessDeniedException", text),
            Self::Events | Self::States | Self::SecretsManager | Self::Kms => {
                ApiError::new(400, "AccessDeniedException", text)
            }
            Self::Sts | Self::Iam => ApiError::new(403, "AccessDenied", text),
        }
    }

    /// What a caller is told who asks for an operation that there is not.
    pub(crate) fn unknown_operation(self, message: String) -> ApiError {
        match self.protocol() {
            Protocol::Ec2Query | Protocol::AwsQuery(_) => ApiError::bad_request("InvalidAction", message),
            Protocol::RestJson => ApiError::new(404, "UnknownOperationException", message),
            Protocol::Json(..) => ApiError::bad_request("UnknownOperationException", message),
        }
    }

    pub(crate) fn encode_error(self, error: &ApiError) -> Response<Full<Bytes>> {
        match self.protocol() {
            Protocol::Ec2Query => query::ec2_error(error),
            Protocol::AwsQuery(namespace) => query::aws_error(namespace, error),
            Protocol::RestJson => rest_json::error(error),
            Protocol::Json(_, version) => json::error(error, version),
        }
    }
}

/// What an operation answers with when it succeeds.
#[derive(Debug)]
pub(crate) enum Reply {
    Json {
        status: u16,
        body: serde_json::Value,
    },
    /// Nothing but the status.
    Empty {
        status: u16,
    },
    /// The content of the answer's root element.
    Xml(xml::Xml),
}

impl Reply {
    pub(crate) fn json(body: serde_json::Value) -> Self {
        Self::Json { status: 200, body }
    }

    pub(crate) fn status(&self) -> u16 {
        match self {
            Self::Json { status, .. } | Self::Empty { status } => *status,
            Self::Xml(_) => 200,
        }
    }

    /// The same answer, which promises another page of its listing.
    pub(crate) fn with_another_page(mut self, service: Service) -> Self {
        const TOKEN: &str = "7a";
        match &mut self {
            Self::Json { body, .. } => {
                let member = match service.protocol() {
                    Protocol::RestJson => "nextToken",
                    _ => "NextToken",
                };
                body[member] = TOKEN.into();
            }
            Self::Xml(content) => content.leaf("nextToken", TOKEN),
            Self::Empty { .. } => {}
        }
        self
    }

    pub(crate) fn encode(self, service: Service, operation: &str) -> Response<Full<Bytes>> {
        match self {
            Self::Empty { status } => response(status, None, Bytes::new()),
            Self::Json { status, body } => {
                let kind = match service.protocol() {
                    Protocol::Json(_, version) => &format!("application/x-amz-json-{version}"),
                    _ => "application/json",
                };
                response(status, Some(kind), Bytes::from(body.to_string()))
            }
            Self::Xml(content) => match service.protocol() {
                Protocol::AwsQuery(namespace) => query::aws_answer(namespace, operation, &content),
                _ => query::ec2_answer(operation, &content),
            },
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
