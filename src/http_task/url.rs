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
    #[error("{0:?} has a user name or a password; credentials belong in the connection")]
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
        // Only what a user may see of it.
        let quoted = || shown(text);
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
            text: text.to_owned(),
        })
    }

    /// The URL for people: without the values of its query, which may be secret.
    pub fn shown(&self) -> String {
        shown(&self.text)
    }

    /// The URL without its query.
    pub fn without_query(&self) -> &str {
        self.text.split(['?', '#']).next().unwrap_or_default()
    }
}

/// A URL, or what was given for one, without user name and password and without the values of its query.
fn shown(text: &str) -> String {
    let (place, query) = text
        .split_once('?')
        .map_or((text, None), |(place, query)| (place, Some(query)));
    let (scheme, rest) = place
        .split_once("://")
        .map_or(("", place), |(scheme, rest)| (scheme, rest));
    let end = rest.find(['/', '#']).unwrap_or(rest.len());
    let (authority, path) = rest.split_at(end);
    let authority = match authority.rsplit_once('@') {
        Some((_, host)) => format!("…@{host}"),
        None => authority.to_owned(),
    };
    let separator = if scheme.is_empty() { "" } else { "://" };
    let mut shown = format!("{scheme}{separator}{authority}{path}");
    for (number, parameter) in query.into_iter().flat_map(|query| query.split('&')).enumerate() {
        shown.push(if number == 0 { '?' } else { '&' });
        shown.push_str(parameter.split('=').next().unwrap_or_default());
        shown.push_str("=…");
    }
    shown
}

/// The whole of it, as it is sent.
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
    fn what_may_be_secret_is_not_shown() {
        for text in [
            "https://joe:hunter2@api.example.com/x",
            "https://hunter2@api.example.com",
            "http://joe:hunter2@api.example.com/x",
            "joe:hunter2@api.example.com/x",
            "https://joe:hunter2@ä/x?token=hunter2",
        ] {
            let refused = TaskUrl::parse(text).expect_err(text).to_string();
            assert!(!refused.contains("hunter2"), "{refused}");
        }
        let url = TaskUrl::parse("https://api.example.com/x?token=hunter2&page=2").expect("a URL");
        assert_eq!(url.shown(), "https://api.example.com/x?token=…&page=…");
        assert_eq!(url.without_query(), "https://api.example.com/x");
        assert!(url.to_string().ends_with("?token=hunter2&page=2"));
    }

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
