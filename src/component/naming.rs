//! What components are called and how they are marked as ours.

use std::collections::BTreeMap;

use sha2::{Digest as _, Sha256};

/// The tag that makes an object ours: its value is the invocation's name.
pub const INVOCATION_TAG: &str = "terraform-provider-private:invocation";

/// The tag that makes an object a `private_api_path`'s: its value is the path's id, `<name>/<instance>`.
pub const PATH_TAG: &str = "terraform-provider-private:path";

/// The tags that make objects ours.
pub const OWNER_TAGS: [&str; 2] = [INVOCATION_TAG, PATH_TAG];

/// The tag that a resource configuration carries while the create of its invocation runs.
pub const CREATING_TAG: &str = "terraform-provider-private:creating";

/// Keys that begin so are the provider's own: hidden from `tags` and refused in it.
pub const RESERVED_TAG_PREFIX: &str = "terraform-provider-private:";

/// The longest name that VPC Lattice takes (CreateResourceGateway, `name`, max=40).
const LONGEST: usize = 40;

/// Hexadecimal digits of the hash: 32 bits, enough for the handful of objects that one invocation ever has at
/// a time.
const HASH_DIGITS: usize = 8;

/// Whose an object is: the tag that says so, and what its objects are called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Owner {
    name: String,
    tag: &'static str,
    value: String,
    name_prefix: Option<String>,
}

impl Owner {
    /// An invocation, by its name.
    pub fn invocation(name: &str, name_prefix: Option<&str>) -> Self {
        Self {
            name: name.to_owned(),
            tag: INVOCATION_TAG,
            value: name.to_owned(),
            name_prefix: name_prefix.map(str::to_owned),
        }
    }

    /// A path: two of one name can stand side by side while one replaces the other, so that each has an instance of
    /// its own.
    pub fn path(name: &str, instance: &str, name_prefix: Option<&str>) -> Self {
        Self {
            name: name.to_owned(),
            tag: PATH_TAG,
            value: format!("{name}/{instance}"),
            name_prefix: name_prefix.map(str::to_owned),
        }
    }

    /// The name that the user gave.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether a connection of that name is its own: an invocation has one, a path none.
    pub fn has_connection(&self, name: &str) -> bool {
        self.tag == INVOCATION_TAG && self.name == name
    }

    /// Key and value of the tag.
    pub fn tag(&self) -> (&'static str, &str) {
        (self.tag, &self.value)
    }

    /// What it is, in words.
    pub fn words(&self) -> String {
        let what = if self.tag == PATH_TAG {
            "path"
        } else {
            "invocation"
        };
        format!("private API {what} {}", self.name)
    }

    /// The name of a path component: a prefix and a short hash of whose it is and of everything that the object
    /// cannot change in place, so that a replacement never collides with what it replaces, nor `a.b` with `a_b`.
    pub fn component_name<'b>(&self, fixed: impl IntoIterator<Item = &'b str>) -> String {
        let mut hash = Sha256::new();
        // The length keeps ("ab", "c") and ("a", "bc") apart.
        let mut add = |part: &str| {
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part.as_bytes());
        };
        add(&self.value);
        fixed.into_iter().for_each(&mut add);
        let digits: String = hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
        let prefix = match &self.name_prefix {
            Some(given) => slug(given),
            None => slug(&self.name),
        };
        format!("{prefix}-{}", &digits[..HASH_DIGITS])
    }

    /// Whether an object that is called so may be ours; its tags say whether it is.
    pub fn may_have_named(&self, name: &str) -> bool {
        let given = self.name_prefix.as_deref().map(slug);
        name.starts_with(&slug(&self.name)) || given.is_some_and(|prefix| name.starts_with(&prefix))
    }

    /// The tags of a component: the user's, and the one that makes it ours.
    pub fn tags(&self, user: &BTreeMap<String, String>) -> BTreeMap<String, String> {
        let mut all = user.clone();
        all.insert(self.tag.to_owned(), self.value.clone());
        all
    }

    /// Whether these tags make an object ours.
    pub fn owns(&self, tags: &BTreeMap<String, String>) -> bool {
        tags.get(self.tag) == Some(&self.value)
    }

    /// Why a recorded object that no longer bears our tag is left alone.
    pub fn lost_tag(&self, tags: &BTreeMap<String, String>) -> Option<String> {
        let (key, value) = self.tag();
        (!self.owns(tags)).then(|| {
            let seen = tags
                .get(key)
                .map_or_else(|| "is gone".to_owned(), |name| format!("says {name}"));
            format!(
                "its tag {key} {seen}, so it may be somebody else's by now. Set the tag to {value} if it is still this \
                 resource's, else delete it by hand"
            )
        })
    }
}

/// What names that are made of these words begin with; several owners can share it.
pub fn slug(words: &str) -> String {
    let mut slug = String::new();
    for letter in words.chars().map(|letter| letter.to_ascii_lowercase()) {
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
            let owner = Owner::invocation(name, None);
            let made_name = owner.component_name(["vpc-1"]);
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
            assert!(owner.may_have_named(&made_name), "{made_name}");
            assert!(made.insert(made_name), "{name} collides");
        }
    }

    #[test]
    fn the_hash_covers_what_cannot_change_in_place() {
        let orders = Owner::invocation("orders", None);
        let given = Owner::invocation("orders", Some("shop"));
        let name = |fixed: &[&'static str]| orders.component_name(fixed.iter().copied());
        assert_eq!(name(&["vpc-1"]), name(&["vpc-1"]));
        assert_ne!(name(&["vpc-1"]), name(&["vpc-2"]));
        assert_ne!(name(&["ab", "c"]), name(&["a", "bc"]));
        assert!(given.component_name(["vpc-1"]).starts_with("shop-"));
        assert!(given.may_have_named("orders-1") && given.may_have_named("shop-1"));
    }

    #[test]
    fn two_instances_of_a_path_share_no_name_and_no_tag() {
        let (one, two) = (Owner::path("orders", "1", None), Owner::path("orders", "2", None));
        assert_ne!(one.component_name(["vpc-1"]), two.component_name(["vpc-1"]));
        assert!(one.owns(&one.tags(&BTreeMap::new())) && !two.owns(&one.tags(&BTreeMap::new())));
        assert!(!Owner::invocation("orders/1", None).owns(&one.tags(&BTreeMap::new())));
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
