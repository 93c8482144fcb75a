//! The URL of a call: https, with a host, in the form that Step Functions takes.

use std::fmt;

/// A URL that a task can call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TaskUrl {
    /// In lower case, without a final dot.
    pub host: String,
    pub port: u16,
    /// What follows host and port: empty, or it begins with `/`, `?` or `#`.
    pub path: String,
    text: String,
}

/// Why a text is not a URL that a task can call. A clause.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unusable {
    #[error("{0:?} does not begin with https://, and Step Functions and EventBridge call nothing else")]
    NotHttps(String),
    #[error(
        "{0:?} names no host; a URL is https://<host>/<stage>/<path>, for instance \
         https://a1b2c3d4e5.execute-api.eu-central-1.amazonaws.com/prod/orders"
    )]
    NoHost(String),
    #[error("{0:?} has a user name or a password; credentials belong into the connection")]
    HasCredentials(String),
    #[error("{0:?} has the port {1:?}, which is not a number from 1 to 65535")]
    Port(String, String),
    #[error("{0:?} has a character that no URL has; write it in percent-encoding, such as %20 for a space")]
    Character(String),
}

impl TaskUrl {
    /// Reads a URL.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn parse(text: &str) -> Result<Self, Unusable> {
        let quoted = || text.to_owned();
        let rest = text
            .get(..8)
            .filter(|scheme| scheme.eq_ignore_ascii_case("https://"));
        let rest = rest
            .map(|_| &text[8..])
            .ok_or_else(|| Unusable::NotHttps(quoted()))?;
        if !text
            .bytes()
            .all(|byte| byte.is_ascii_graphic() && !b"\"<>\\^`{|}".contains(&byte))
        {
            return Err(Unusable::Character(quoted()));
        }
        let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
        let (authority, path) = rest.split_at(end);
        if authority.contains('@') {
            return Err(Unusable::HasCredentials(quoted()));
        }
        let (host, port) = match authority.split_once(':') {
            Some((host, port)) => {
                let number = port.parse().ok().filter(|number| *number != 0);
                (
                    host,
                    number.ok_or_else(|| Unusable::Port(quoted(), port.to_owned()))?,
                )
            }
            None => (authority, 443),
        };
        let host = host.strip_suffix('.').unwrap_or(host).to_ascii_lowercase();
        if !is_host(&host) {
            return Err(Unusable::NoHost(quoted()));
        }
        Ok(Self {
            host,
            port,
            path: path.to_owned(),
            text: quoted(),
        })
    }
}

impl fmt::Display for TaskUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// Whether a text in lower case is a host name.
pub fn is_host(text: &str) -> bool {
    let label = |label: &str| {
        let mut bytes = label.bytes();
        let inner =
            |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-' || byte == b'_';
        (1..=63).contains(&label.len())
            && bytes.all(inner)
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    text.len() <= 253 && text.split('.').all(label)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn host_port_and_path_are_told_apart() {
        for (text, host, port, path) in [
            (
                "https://api.example.com/prod/orders",
                "api.example.com",
                443,
                "/prod/orders",
            ),
            (
                "HTTPS://API.example.com.:8443?a=1",
                "api.example.com",
                8443,
                "?a=1",
            ),
            ("https://api.example.com", "api.example.com", 443, ""),
        ] {
            let url = TaskUrl::parse(text).expect(text);
            assert_eq!(
                (url.host.as_str(), url.port, url.path.as_str()),
                (host, port, path),
                "{text}"
            );
            assert_eq!(url.to_string(), text);
        }
    }

    #[test]
    fn what_no_task_can_call_is_refused_with_the_reason() {
        for (text, words) in [
            ("", "https://"),
            ("http://api.example.com/", "https://"),
            ("api.example.com", "https://"),
            ("https://", "no host"),
            ("https:///prod", "no host"),
            ("https://-a.example.com/", "no host"),
            ("https://a..example.com/", "no host"),
            ("https://u:p@api.example.com/", "the connection"),
            ("https://api.example.com:0/", "from 1 to 65535"),
            ("https://api.example.com:99999/", "from 1 to 65535"),
            ("https://api.example.com/a b", "percent-encoding"),
            ("https://api.example.com/ä", "percent-encoding"),
            ("https://api.example.com/{id}", "percent-encoding"),
        ] {
            let refused = TaskUrl::parse(text).expect_err(text);
            assert!(refused.to_string().contains(words), "{text}: {refused}");
        }
    }
}
