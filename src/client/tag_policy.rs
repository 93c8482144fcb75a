//! What the provider block says of tags: those that everything bears, and those that are left to others.

use std::collections::BTreeMap;

/// `default_tags` and `ignore_tags` of a provider block.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TagPolicy {
    /// Tags of everything that is tagged, unless a resource gives the key another value.
    pub defaults: BTreeMap<String, String>,
    /// Keys that somebody else looks after.
    pub ignored_keys: Vec<String>,
    /// What such keys begin with.
    pub ignored_prefixes: Vec<String>,
}

impl TagPolicy {
    /// Whether tags of that key are somebody else's.
    pub fn ignores(&self, key: &str) -> bool {
        let begins = |prefix: &String| key.starts_with(prefix.as_str());
        self.ignored_keys.iter().any(|ignored| ignored == key) || self.ignored_prefixes.iter().any(begins)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_ignored_whole_and_by_what_they_begin_with() {
        let policy = TagPolicy {
            ignored_keys: vec!["cost".to_owned()],
            ignored_prefixes: vec!["sec:".to_owned()],
            ..TagPolicy::default()
        };
        for (key, is_ignored) in [
            ("cost", true),
            ("cost2", false),
            ("sec:scan", true),
            ("a:sec:", false),
        ] {
            assert_eq!(policy.ignores(key), is_ignored, "{key}");
        }
    }
}
