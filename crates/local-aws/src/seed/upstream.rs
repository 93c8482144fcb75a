//! The address of a server of the user's own, which only may be on this machine.

use http::Uri;

/// The authority that an `upstream` names.
///
/// # Errors
/// A text that says what is wrong: a URL of another machine, or with more than a host and a port.
pub(crate) fn authority(upstream: &str) -> Result<String, String> {
    let wrong = || format!("'{upstream}' is not http://127.0.0.1:PORT");
    let uri: Uri = upstream.parse().map_err(|_| wrong())?;
    let authority = uri.authority().ok_or_else(wrong)?;
    let is_here = matches!(authority.host(), "127.0.0.1" | "localhost" | "[::1]");
    let is_bare = uri.path() == "/" && uri.query().is_none() && authority.port_u16().is_some();
    if uri.scheme_str() == Some("http") && is_here && is_bare && !upstream.contains('@') {
        Ok(authority.to_string())
    } else {
        Err(wrong())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_port_of_this_machine_is_an_upstream() {
        assert_eq!(
            authority("http://127.0.0.1:8080"),
            Ok("127.0.0.1:8080".to_owned())
        );
        assert_eq!(
            authority("http://localhost:8080/"),
            Ok("localhost:8080".to_owned())
        );
        for wrong in [
            "http://127.0.0.1",
            "https://127.0.0.1:8080",
            "http://10.0.0.1:8080",
            "http://127.0.0.1.example.com:8080",
            "http://user@127.0.0.1:8080",
            "http://127.0.0.1:8080/orders",
            "127.0.0.1:8080",
        ] {
            assert!(authority(wrong).is_err(), "{wrong}");
        }
    }
}
