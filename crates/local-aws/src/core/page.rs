//! Listings in pages: the token of the next page is the last key of this one, in hexadecimal.

/// A token that no listing has given out.
#[derive(Debug, PartialEq)]
pub(crate) struct WrongToken;

/// One page, and the token of the next.
pub(crate) type Page<T> = (Vec<T>, Option<String>);

/// Cuts one page out of items that are sorted by their keys.
pub(crate) fn cut<K: AsRef<str>, T>(
    items: impl Iterator<Item = (K, T)>,
    token: Option<&str>,
    limit: usize,
) -> Result<Page<T>, WrongToken> {
    let after = token.map(|token| decoded(token).ok_or(WrongToken)).transpose()?;
    let mut rest = items
        .filter(|(key, _)| after.as_deref().is_none_or(|after| key.as_ref() > after))
        .peekable();
    let mut page = Vec::new();
    let mut last = None;
    while page.len() < limit {
        let Some((key, item)) = rest.next() else { break };
        last = Some(key);
        page.push(item);
    }
    let next = rest.peek().and(last).map(|key| hex::encode(key.as_ref()));
    Ok((page, next))
}

fn decoded(token: &str) -> Option<String> {
    String::from_utf8(hex::decode(token).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_end_where_the_next_begins() {
        let items = || {
            ["a", "b", "c", "d", "e"]
                .into_iter()
                .map(|letter| (letter, letter))
        };
        let (first, token) = cut(items(), None, 3).unwrap();
        assert_eq!(first, ["a", "b", "c"]);
        let (second, token) = cut(items(), token.as_deref(), 3).unwrap();
        assert_eq!((second, token), (vec!["d", "e"], None));
        assert_eq!(cut(items(), Some("zz"), 3), Err(WrongToken));
    }
}
