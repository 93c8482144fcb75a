//! What components are called, and the tags that say whose they are.

use std::collections::{BTreeMap, BTreeSet};

use sha2::{Digest as _, Sha256};

use super::marks;
pub use super::marks::{CREATING_TAG, INVOCATION_TAG, PATH_TAG, RESERVED_TAG_PREFIX};
use super::object_tags::ObjectTags;

/// The longest name that VPC Lattice takes (CreateResourceGateway, `name`, max=40).
const LONGEST: usize = 40;

/// Characters of base 32 that say whose an object is, and as many that tell it from others of that owner: 30 bits each.
const HASH_LENGTH: usize = 6;

/// What is left of [`LONGEST`] for the prefix.
pub const LONGEST_PREFIX: usize = LONGEST - 1 - 2 * HASH_LENGTH;

/// Whose an object is: the tag that says so, and what its objects are called.
///
/// One name can have several holders: a tainted resource and what replaces it, or resources of two states. A token that
/// each create chooses tells them apart, in the record and in the tag.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Owner {
    name: String,
    tag: &'static str,
    /// `None` for a state that an older version has written.
    token: Option<String>,
    name_prefix: Option<String>,
    /// The tag values of holders of the name whose runs were killed.
    left_behind: BTreeSet<String>,
}

impl Owner {
    /// An invocation, by its name and the token that its create chose.
    pub fn invocation(name: &str, token: Option<&str>, name_prefix: Option<&str>) -> Self {
        Self::new(INVOCATION_TAG, name, token, name_prefix)
    }

    /// A path, by its name and the token that its create chose.
    pub fn path(name: &str, token: &str, name_prefix: Option<&str>) -> Self {
        Self::new(PATH_TAG, name, Some(token), name_prefix)
    }

    /// The holder that a tag names, by its [`kind`](Self::kind) and the tag's value.
    pub fn of_tag(kind: &str, value: &str) -> Option<Self> {
        let tag = [INVOCATION_TAG, PATH_TAG]
            .into_iter()
            .find(|tag| tag.strip_prefix(RESERVED_TAG_PREFIX) == Some(kind))?;
        let (name, token) = match value.rsplit_once('/') {
            Some((name, token)) => (name, Some(token)),
            None => (value, None),
        };
        Some(Self::new(tag, name, token, None))
    }

    fn new(tag: &'static str, name: &str, token: Option<&str>, name_prefix: Option<&str>) -> Self {
        Self {
            name: name.to_owned(),
            tag,
            token: token.map(str::to_owned),
            name_prefix: name_prefix.map(str::to_owned),
            left_behind: BTreeSet::new(),
        }
    }

    /// The same, which takes over what these holders have left behind.
    pub fn with_left_behind(self, left_behind: BTreeSet<String>) -> Self {
        Self { left_behind, ..self }
    }

    /// The name that the user gave.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The key of the tag.
    pub fn tag_key(&self) -> &'static str {
        self.tag
    }

    /// What its tag calls it: `invocation` or `path`.
    pub fn kind(&self) -> &'static str {
        self.tag.strip_prefix(RESERVED_TAG_PREFIX).unwrap_or(self.tag)
    }

    /// The value of the tag.
    pub fn tag_value(&self) -> String {
        match &self.token {
            Some(token) => format!("{}/{token}", self.name),
            None => self.name.clone(),
        }
    }

    /// Whether a value of the tag names a holder of our name.
    pub fn shares_name(&self, value: &str) -> bool {
        value.split('/').next() == Some(&self.name)
    }

    /// Whether a connection of that name is its own: an invocation has one, a path none.
    pub fn has_connection(&self, name: &str) -> bool {
        self.tag == INVOCATION_TAG && self.name == name
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

    /// The name of a path component: a prefix, whose it is, and a hash of its token and of everything that the object
    /// cannot change in place. So a replacement never collides with what it replaces, nor `a.b` with `a_b`, and an object
    /// is found by its owner's part whatever the prefix was.
    pub fn component_name<'b>(&self, fixed: impl IntoIterator<Item = &'b str>) -> String {
        let prefix = self.name_prefix.as_deref().unwrap_or(&self.name);
        let token = self.token.clone().into_iter();
        let fixed = base32(token.chain(fixed.into_iter().map(str::to_owned)));
        format!("{}-{}{fixed}", slug(prefix), self.name_hash())
    }

    /// Whether an object that is called so may be a holder's of our name; its tags say whether it is.
    pub fn may_have_named(&self, name: &str) -> bool {
        let hashes = name.rsplit('-').next().unwrap_or_default();
        hashes.len() == 2 * HASH_LENGTH && hashes.starts_with(&self.name_hash())
    }

    fn name_hash(&self) -> String {
        base32([self.tag, self.name.as_str()])
    }

    /// The tags of an object that is made: the user's, the one that makes it ours, and the mark.
    pub fn new_tags(&self, user: &BTreeMap<String, String>) -> BTreeMap<String, String> {
        let mut all = user.clone();
        all.insert(self.tag.to_owned(), self.tag_value());
        all.insert(CREATING_TAG.to_owned(), marks::begun());
        all
    }

    /// Whether these tags make an object ours.
    pub fn owns(&self, tags: &ObjectTags) -> bool {
        tags.holder(self.tag) == Some(&self.tag_value())
    }

    /// Whether a search finds an object with these tags: in a fresh run what a killed run of any holder has left, later
    /// what bears our own token. A state that an older version has written has none, so that only the mark tells.
    pub fn finds(&self, fresh: bool, tags: &ObjectTags) -> bool {
        if fresh {
            return tags.is_marked()
                && tags
                    .holder(self.tag)
                    .is_some_and(|holder| self.left_behind.contains(holder));
        }
        self.owns(tags) && (self.token.is_some() || tags.is_marked())
    }

    /// Whether a recorded object is another holder's by now.
    pub fn lost_to_another(&self, tags: &ObjectTags) -> bool {
        tags.holder(self.tag)
            .is_some_and(|holder| *holder != self.tag_value())
    }

    /// Why a recorded object that no longer bears our tag is left alone, and the command that puts the tag back. `object` is the
    /// id of an EC2 object, or the ARN of one of VPC Lattice, in `region`.
    pub fn lost_tag(&self, tags: &ObjectTags, object: &str, region: &str) -> Option<String> {
        if self.owns(tags) {
            return None;
        }
        let (key, value) = (self.tag, self.tag_value());
        let command = if object.starts_with("arn:") {
            format!(
                "aws vpc-lattice tag-resource --region {region} --resource-arn {object} --tags {key}={value}"
            )
        } else {
            format!(
                "aws ec2 create-tags --region {region} --resources {object} --tags Key={key},Value={value}"
            )
        };
        Some(match tags.holder(key) {
            None => format!(
                "its tag {key} is gone, so it may be somebody else's by now. If it is still this resource's, put the tag back \
                 ({command}); else delete it by hand, once nothing uses it any more"
            ),
            Some(holder) => format!(
                "its tag {key} says {holder}, and this resource is {value}: another resource of that name has taken it \
                 over. If it is this resource's all the same, put the tag back ({command})"
            ),
        })
    }
}

/// A hash of some words in [`HASH_LENGTH`] characters `a-z2-7`.
fn base32(words: impl IntoIterator<Item = impl AsRef<str>>) -> String {
    const DIGITS: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";
    let mut hash = Sha256::new();
    for word in words {
        let word = word.as_ref();
        // The length keeps ("ab", "c") and ("a", "bc") apart.
        hash.update((word.len() as u64).to_be_bytes());
        hash.update(word.as_bytes());
    }
    let digits = hash.finalize();
    let digit = |byte: &u8| char::from(DIGITS[usize::from(*byte) % DIGITS.len()]);
    digits.iter().take(HASH_LENGTH).map(digit).collect()
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
    slug.truncate(LONGEST_PREFIX);
    slug.trim_end_matches('-').to_owned()
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
            let owner = Owner::invocation(name, Some("1a2b3c4d"), None);
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
    fn the_hash_covers_the_token_and_what_cannot_change_in_place() {
        let orders = Owner::invocation("orders", Some("1"), None);
        let name = |fixed: &[&'static str]| orders.component_name(fixed.iter().copied());
        assert_eq!(name(&["vpc-1"]), name(&["vpc-1"]));
        assert_ne!(name(&["vpc-1"]), name(&["vpc-2"]));
        assert_ne!(name(&["ab", "c"]), name(&["a", "bc"]));
        let another = Owner::invocation("orders", Some("2"), None);
        assert_ne!(name(&["vpc-1"]), another.component_name(["vpc-1"]));
    }

    #[test]
    fn a_name_says_whose_it_is_whatever_its_prefix_is_and_nothing_else() {
        let owner = |name: &str, prefix: Option<&str>| Owner::invocation(name, Some("1"), prefix);
        let named = owner("orders", Some("shop")).component_name(["vpc-1"]);
        assert!(named.starts_with("shop-"), "{named}");
        assert!(owner("orders", None).may_have_named(&named));
        for other in ["a", "order", "orders-eu", "shop"] {
            assert!(!owner(other, None).may_have_named(&named), "{other}");
        }
        assert!(!Owner::path("orders", "1", None).may_have_named(&named));
        let longest = owner("orders", Some(&"x".repeat(31))).component_name(["vpc-1"]);
        assert_eq!(longest.len(), LONGEST);
    }

    fn tags(pairs: &[(&str, &str)]) -> ObjectTags {
        let pairs = pairs.iter();
        ObjectTags::of(pairs.map(|(key, value)| ((*key).to_owned(), (*value).to_owned())))
    }

    #[test]
    fn only_the_own_token_owns_and_only_the_mark_of_a_killed_run_is_left_behind() {
        let ours = Owner::invocation("orders", Some("1"), None);
        let left = ours
            .clone()
            .with_left_behind(BTreeSet::from(["orders/2".to_owned()]));
        // (value, marked, owned, found by a fresh run, found later)
        let table = [
            ("orders/1", false, true, false, true),
            ("orders/1", true, true, false, true),
            ("orders/2", true, false, true, false),
            ("orders/2", false, false, false, false),
            ("orders/3", true, false, false, false),
            ("orders", false, false, false, false),
        ];
        for (value, marked, owned, fresh, later) in table {
            let mut pairs = vec![(INVOCATION_TAG, value)];
            pairs.extend(marked.then_some((CREATING_TAG, "true")));
            let tags = tags(&pairs);
            let found = (
                ours.owns(&tags),
                left.finds(true, &tags),
                left.finds(false, &tags),
            );
            assert_eq!(found, (owned, fresh, later), "{value} {marked}");
        }
        assert!(!ours.owns(&tags(&[(PATH_TAG, "orders/1")])));
    }

    #[test]
    fn a_state_of_an_older_version_has_no_token_and_owns_by_its_name() {
        let older = Owner::invocation("orders", None, None);
        let unmarked = tags(&[(INVOCATION_TAG, "orders")]);
        assert!(older.owns(&unmarked) && !older.finds(false, &unmarked));
        let marked = tags(&[(INVOCATION_TAG, "orders"), (CREATING_TAG, "true")]);
        assert!(older.finds(false, &marked));
        assert!(!older.owns(&tags(&[(INVOCATION_TAG, "orders/1")])));
    }
}
