//! Tags, and what holds for those of every service. The words in which they are refused are each service's own.

use std::collections::BTreeMap;

pub(crate) type Tags = BTreeMap<String, String>;

/// The most tags of one resource.
pub(crate) const MOST: usize = 50;

/// Why tags are refused.
#[derive(Debug, PartialEq)]
pub(crate) enum Refused {
    /// A key begins with `aws:`.
    Reserved,
    TooMany,
}

/// Whether a key is one of AWS's own.
pub(crate) fn is_reserved(key: &str) -> bool {
    key.to_lowercase().starts_with("aws:")
}

/// The tags that a resource has once some are added to those that it has.
pub(crate) fn with(own: &Tags, added: Tags) -> Result<Tags, Refused> {
    if added.keys().any(|key| is_reserved(key)) {
        return Err(Refused::Reserved);
    }
    let mut whole = own.clone();
    whole.extend(added);
    if whole.len() > MOST {
        return Err(Refused::TooMany);
    }
    Ok(whole)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_add_up_to_fifty_of_the_users_own() {
        let of = |keys: std::ops::Range<usize>| keys.map(|key| (key.to_string(), String::new())).collect();
        assert_eq!(with(&of(0..49), of(48..50)).unwrap().len(), 50);
        assert_eq!(with(&of(0..49), of(49..51)), Err(Refused::TooMany));
        let reserved = Tags::from([("AWS:a".to_owned(), String::new())]);
        assert_eq!(with(&Tags::new(), reserved), Err(Refused::Reserved));
    }
}
