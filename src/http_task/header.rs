//! Headers that an HTTP task must not set (AWS Step Functions Developer Guide, "Call HTTPS APIs").

const NAMES: [&str; 13] = [
    "authorization",
    "connection",
    "content-md5",
    "date",
    "expect",
    "host",
    "max-forwards",
    "proxy-authenticate",
    "server",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];

const PREFIXES: [&str; 3] = ["x-amz-", "x-amzn-", "x-forwarded-"];

/// Whether Step Functions refuses a task that sets this header.
pub fn is_forbidden(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    NAMES.contains(&name.as_str()) || PREFIXES.iter().any(|prefix| name.starts_with(prefix))
}

/// Whether a text can be the name of a header (RFC 9110, a token).
pub fn is_name(text: &str) -> bool {
    let is_token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    !text.is_empty() && text.bytes().all(is_token)
}

/// Whether a text can be the value of a header: one line of visible characters, spaces and tabs.
pub fn is_value(text: &str) -> bool {
    !text.chars().any(|letter| letter.is_control() && letter != '\t')
}
