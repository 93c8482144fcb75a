//! URLs that mean the same, whatever a service makes of their spelling.

/// Whether two https URLs are one: case and a final dot do not matter in scheme and host, nor does the port of the scheme
/// where it is written, nor a lone slash for the path (RFC 3986, 6.2).
pub fn same(one: &str, other: &str) -> bool {
    normal(one) == normal(other)
}

/// Origin and path, comparable.
fn normal(url: &str) -> (String, &str) {
    let (scheme, rest) = url.split_once("://").unwrap_or(("", url));
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (authority, path) = rest.split_at(end);
    let origin = format!("{scheme}://{authority}").to_ascii_lowercase();
    let origin = match scheme {
        _ if scheme.eq_ignore_ascii_case("https") => origin.strip_suffix(":443").unwrap_or(&origin),
        _ => &origin,
    };
    let origin = origin.strip_suffix('.').unwrap_or(origin);
    (origin.to_owned(), if path == "/" { "" } else { path })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_spelling_of_an_origin_does_not_matter_and_the_path_does() {
        let table = [
            (
                "https://Login.Example.COM/token",
                "https://login.example.com/token",
                true,
            ),
            (
                "HTTPS://login.example.com./token",
                "https://login.example.com/token",
                true,
            ),
            (
                "https://login.example.com:443/token",
                "https://login.example.com/token",
                true,
            ),
            ("https://login.example.com/", "https://login.example.com", true),
            (
                "https://login.example.com/Token",
                "https://login.example.com/token",
                false,
            ),
            (
                "https://login.example.com/token/",
                "https://login.example.com/token",
                false,
            ),
            (
                "https://login.example.com:8443/token",
                "https://login.example.com/token",
                false,
            ),
            (
                "https://login.example.com?a=1",
                "https://login.example.com",
                false,
            ),
        ];
        for (one, other, expected) in table {
            assert_eq!(same(one, other), expected, "{one} {other}");
        }
    }
}
