//! A user's text as it is quoted in a message.

/// The text in quotes. User name and password of a URL are left out: a message is shown whatever the value was marked as.
pub(crate) fn quoted(text: &str) -> String {
    let Some((scheme, rest)) = text.split_once("://") else {
        return format!("{text:?}");
    };
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    match rest[..end].rsplit_once('@') {
        Some((_, host)) => format!("{:?}", format!("{scheme}://…@{host}{}", &rest[end..])),
        None => format!("{text:?}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_password_of_a_url_is_not_quoted() {
        for (text, shown) in [
            ("https://joe:hunter2@a.example/x", r#""https://…@a.example/x""#),
            ("https://joe:hun@ter2@a.example", r#""https://…@a.example""#),
            ("https://a.example/x@y", r#""https://a.example/x@y""#),
            ("joe@example.com", r#""joe@example.com""#),
        ] {
            assert_eq!(quoted(text), shown);
        }
    }
}
