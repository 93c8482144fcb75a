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
