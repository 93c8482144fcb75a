//! What components are called and how they are marked as ours.

use std::collections::BTreeMap;

use sha2::{Digest as _, Sha256};

/// The tag that makes an object ours: its value is the invocation's name.
pub const INVOCATION_TAG: &str = "terraform-provider-private:invocation";

/// The tag that a resource configuration carries while the create of its invocation runs.
pub const CREATING_TAG: &str = "terraform-provider-private:creating";

/// Keys that begin so are the provider's own: hidden from `tags` and refused in it.
pub const RESERVED_TAG_PREFIX: &str = "terraform-provider-private:";

/// The longest name that VPC Lattice takes (CreateResourceGateway, `name`, max=40).
const LONGEST: usize = 40;

/// Hexadecimal digits of the hash: 32 bits, enough for the handful of objects that one invocation ever has at
/// a time.
const HASH_DIGITS: usize = 8;

/// The name of a path component: a slug of the invocation's name and a short hash of the full name and of
/// everything that the object cannot change in place, so that a replacement never collides with what it
/// replaces, nor `a.b` with `a_b`.
pub fn component_name<'a>(invocation: &'a str, fixed: impl IntoIterator<Item = &'a str>) -> String {
    let mut hash = Sha256::new();
    for part in std::iter::once(invocation).chain(fixed) {
        // The length keeps ("ab", "c") and ("a", "bc") apart.
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part.as_bytes());
    }
    let digits: String = hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
    format!("{}-{}", name_prefix(invocation), &digits[..HASH_DIGITS])
}

/// What every component's name of this invocation begins with; several invocations can share it.
pub fn name_prefix(invocation: &str) -> String {
    let mut slug = String::new();
    for letter in invocation.chars().map(|letter| letter.to_ascii_lowercase()) {
        if letter.is_ascii_alphanumeric() {
            slug.push(letter);
        } else if !slug.is_empty() && !slug.ends_with('-') {
            slug.push('-');
        }
    }
    // The Lattice pattern, `(?!rgw-)(?![-])(?!.*[-]$)(?!.*[-]{2})[a-z0-9-]+`; EC2 refuses `sg-` for groups.
    if slug.trim_end_matches('-').is_empty() || ["rgw-", "rcfg-", "sg-"].iter().any(|id| slug.starts_with(id))
    {
        slug.insert_str(0, "p-");
    }
    slug.truncate(LONGEST - 1 - HASH_DIGITS);
    slug.trim_end_matches('-').to_owned()
}

/// The tags of a component: the user's, and the one that makes it ours.
pub fn component_tags(invocation: &str, tags: &BTreeMap<String, String>) -> BTreeMap<String, String> {
    let mut all = tags.clone();
    all.insert(INVOCATION_TAG.to_owned(), invocation.to_owned());
    all
}

/// Without the tags that AWS keeps for itself (`aws:…`), which nobody can change.
pub fn own_tags(tags: impl IntoIterator<Item = (String, String)>) -> BTreeMap<String, String> {
    tags.into_iter()
        .filter(|(key, _)| !key.starts_with("aws:"))
        .collect()
}

/// What must be written and what must be removed to get from the tags `seen` to those wanted.
pub fn tag_changes(
    want: &BTreeMap<String, String>,
    seen: &BTreeMap<String, String>,
) -> (BTreeMap<String, String>, Vec<String>) {
    let write = want.iter().filter(|(key, value)| seen.get(*key) != Some(value));
    let remove = seen
        .keys()
        .filter(|key| !want.contains_key(*key))
        .cloned()
        .collect();
    (
        write.map(|(key, value)| (key.clone(), value.clone())).collect(),
        remove,
    )
}

/// Why a recorded object that no longer bears our tag is left alone.
pub fn lost_tag(invocation: &str, tags: &BTreeMap<String, String>) -> Option<String> {
    let tag = tags.get(INVOCATION_TAG);
    (tag.is_none_or(|name| name != invocation)).then(|| {
        let seen = tag.map_or_else(|| "is gone".to_owned(), |name| format!("says {name}"));
        format!(
            "its tag {INVOCATION_TAG} {seen}, so it may be somebody else's by now. Set the tag to {invocation} if it is \
             still this invocation's, else delete it by hand"
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_fit_the_lattice_pattern_and_do_not_collide() {
        let names = [
            "orders",
            "a.b",
            "a_b",
            "___",
            "-x-",
            "rgw-1",
            "rcfg-",
            "sg-9",
            "A..B",
            &"x".repeat(64),
            "0",
        ];
        let mut made = std::collections::BTreeSet::new();
        for name in names {
            let made_name = component_name(name, ["vpc-1"]);
            assert!((3..=LONGEST).contains(&made_name.len()), "{made_name}");
            assert!(
                made_name
                    .bytes()
                    .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-'),
                "{made_name}"
            );
            assert!(
                !made_name.starts_with('-') && !made_name.contains("--"),
                "{made_name}"
            );
            assert!(
                !["rgw-", "rcfg-", "sg-"]
                    .iter()
                    .any(|id| made_name.starts_with(id)),
                "{made_name}"
            );
            assert!(made_name.starts_with(&name_prefix(name)), "{made_name}");
            assert!(made.insert(made_name), "{name} collides");
        }
    }

    #[test]
    fn the_hash_covers_what_cannot_change_in_place() {
        assert_eq!(
            component_name("orders", ["vpc-1"]),
            component_name("orders", ["vpc-1"])
        );
        assert_ne!(
            component_name("orders", ["vpc-1"]),
            component_name("orders", ["vpc-2"])
        );
        assert_ne!(
            component_name("orders", ["ab", "c"]),
            component_name("orders", ["a", "bc"])
        );
    }

    #[test]
    fn tag_changes_write_what_differs_and_remove_what_is_not_wanted() {
        let map = |pairs: &[(&str, &str)]| {
            pairs
                .iter()
                .map(|(k, v)| (k.to_string(), v.to_string()))
                .collect()
        };
        let (write, remove) = tag_changes(
            &map(&[("a", "1"), ("b", "2")]),
            &map(&[("a", "1"), ("b", "0"), ("c", "3")]),
        );
        assert_eq!(write, map(&[("b", "2")]));
        assert_eq!(remove, ["c"]);
    }
}
