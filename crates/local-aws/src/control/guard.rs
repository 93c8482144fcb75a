//! Who may speak to the control API: programs of this machine, and no page in a browser on it.
//!
//! A page of any origin can send a POST whose type is plain text without being asked, and by a name of its own that it
//! lets lead to 127.0.0.1 ("DNS rebinding") it could read answers, the API key among them. What a browser sends tells
//! both: `Origin`, and the page's own host in `Host`.

use std::net::IpAddr;

use http::request::Parts;
use http::{Method, header};

/// Why a request is refused, with its status.
pub(super) fn refusal(parts: &Parts) -> Option<(u16, String)> {
    let text = |name: header::HeaderName| parts.headers.get(name).and_then(|value| value.to_str().ok());
    let host = text(header::HOST).unwrap_or_default();
    if !is_loopback(host) {
        return Some((403, format!("Host: '{host}' is not this machine")));
    }
    if let Some(origin) = parts.headers.get(header::ORIGIN) {
        let origin = origin.to_str().unwrap_or_default();
        if origin.strip_prefix("http://") != Some(host) {
            return Some((403, format!("Origin: pages of '{origin}' have no business here")));
        }
    }
    let kind = text(header::CONTENT_TYPE).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    if parts.method == Method::POST && !kind.eq_ignore_ascii_case("application/json") {
        return Some((415, "Content-Type: a POST has to be application/json".to_owned()));
    }
    None
}

/// Whether an authority names this machine.
fn is_loopback(authority: &str) -> bool {
    let Ok(authority) = authority.parse::<http::uri::Authority>() else {
        return false;
    };
    let host = authority.host().trim_start_matches('[').trim_end_matches(']');
    host.eq_ignore_ascii_case("localhost")
        || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::Request;

    fn status(method: &str, headers: &[(&str, &str)]) -> Option<u16> {
        let mut request = Request::builder().method(method).uri("/_local/reset");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let (parts, ()) = request.body(()).unwrap().into_parts();
        refusal(&parts).map(|(status, _)| status)
    }

    #[test]
    fn programs_of_this_machine_are_let_in_and_pages_are_not() {
        let json = ("content-type", "application/json; charset=utf-8");
        for (method, headers, refused) in [
            ("GET", vec![("host", "127.0.0.1:4000")], None),
            ("GET", vec![("host", "localhost:4000")], None),
            ("GET", vec![("host", "[::1]:4000")], None),
            ("GET", vec![("host", "rebound.example.com:4000")], Some(403)),
            ("GET", vec![], Some(403)),
            (
                "GET",
                vec![("host", "127.0.0.1:4000"), ("origin", "http://127.0.0.1:4000")],
                None,
            ),
            (
                "GET",
                vec![("host", "127.0.0.1:4000"), ("origin", "https://example.com")],
                Some(403),
            ),
            (
                "GET",
                vec![("host", "127.0.0.1:4000"), ("origin", "null")],
                Some(403),
            ),
            ("POST", vec![("host", "127.0.0.1:4000"), json], None),
            (
                "POST",
                vec![("host", "127.0.0.1:4000"), ("content-type", "text/plain")],
                Some(415),
            ),
            ("POST", vec![("host", "127.0.0.1:4000")], Some(415)),
        ] {
            assert_eq!(status(method, &headers), refused, "{method} {headers:?}");
        }
    }
}
