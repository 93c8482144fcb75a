//! The tags of an object: the user's, and the provider's own, which say whose it is.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::marks::{CREATING_TAG, RECORDED, RESERVED_TAG_PREFIX};

/// What an object bears, without the tags that AWS keeps for itself (`aws:…`), which nobody can change.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ObjectTags {
    /// The user's, or somebody else's.
    pub user: BTreeMap<String, String>,
    /// Those with the reserved prefix.
    own: BTreeMap<String, String>,
}

impl ObjectTags {
    /// Sorts tags as AWS shows them.
    pub fn of(tags: impl IntoIterator<Item = (String, String)>) -> Self {
        let tags = tags.into_iter().filter(|(key, _)| !key.starts_with("aws:"));
        let (own, user) = tags.partition(|(key, _)| key.starts_with(RESERVED_TAG_PREFIX));
        Self { user, own }
    }

    /// All of them.
    pub fn all(&self) -> BTreeMap<String, String> {
        self.user.clone().into_iter().chain(self.own.clone()).collect()
    }

    /// The keys of the provider's own tags.
    pub fn own_keys(&self) -> impl Iterator<Item = &str> {
        self.own.keys().map(String::as_str)
    }

    /// Whether the object bears the provider's own tag by that key.
    pub fn has_own(&self, key: &str) -> bool {
        self.own.contains_key(key)
    }

    /// The value of the tag by that key, which says whose the object is.
    pub fn holder(&self, key: &str) -> Option<&String> {
        self.own.get(key)
    }

    /// Whether the object bears the mark of a run that has not ended, and that no state records.
    pub fn is_marked(&self) -> bool {
        self.mark().is_some_and(|mark| mark != RECORDED)
    }

    /// The value of the mark, which is to be taken off, whatever it says.
    pub fn mark(&self) -> Option<&str> {
        self.own.get(CREATING_TAG).map(String::as_str)
    }

    /// The same, with another holder and without the mark, or with it.
    pub fn held(mut self, key: &str, holder: String, marked: bool) -> Self {
        self.own.insert(key.to_owned(), holder);
        if !marked {
            self.own.remove(CREATING_TAG);
        }
        self
    }
}

/// The user's tags that are wanted of the objects of one resource.
///
/// What differs is told by the state, not by each object: a tag that somebody put on one of them shows in the state, and
/// a plan that keeps it (`ignore_changes`) must leave every object as it is.
#[derive(Debug, Clone, Default)]
pub struct UserTags {
    /// `None` while they are not known.
    pub wanted: Option<BTreeMap<String, String>>,
    /// What the state shows of the objects that it records; all of the wanted ones count for any other object.
    pub shown: Option<Shown>,
}

/// The tags in the state, and the ids of the objects that it speaks of.
#[derive(Debug, Clone)]
pub struct Shown {
    pub tags: BTreeMap<String, String>,
    pub ids: Vec<String>,
}

impl UserTags {
    /// What must be written to an object and what removed from it.
    pub fn changes(&self, id: &str, seen: &BTreeMap<String, String>) -> TagChanges {
        let Some(wanted) = &self.wanted else {
            return TagChanges::default();
        };
        let shown = self
            .shown
            .as_ref()
            .filter(|shown| shown.ids.iter().any(|of| of == id));
        let settled =
            |key: &str, value: Option<&String>| shown.is_some_and(|shown| shown.tags.get(key) == value);
        let write = wanted
            .iter()
            .filter(|(key, value)| seen.get(*key) != Some(value) && !settled(key, Some(value)));
        let remove = seen
            .keys()
            .filter(|key| !wanted.contains_key(*key) && !settled(key, None));
        TagChanges {
            write: write.map(|(key, value)| (key.clone(), value.clone())).collect(),
            remove: remove.cloned().collect(),
        }
    }

    /// Whether an object needs a change, or may need one that is only known later.
    pub fn differ(&self, id: &str, seen: &BTreeMap<String, String>) -> bool {
        self.wanted.is_none() || !self.changes(id, seen).is_empty()
    }
}

/// Tags to be written, and keys to be removed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TagChanges {
    pub write: BTreeMap<String, String>,
    pub remove: Vec<String>,
}

impl TagChanges {
    /// Whether there is nothing to do.
    pub fn is_empty(&self) -> bool {
        self.write.is_empty() && self.remove.is_empty()
    }
}

/// What a state tells of tags in which its objects disagree, by key; `None` where it tells of none.
pub type Disputed = BTreeMap<String, Option<String>>;

/// The user's tags as a state shows them: the `former` ones with everything in which an object differs.
///
/// Where objects disagree, the state shows what is not its former value, so that a tag that somebody put on one object, changed
/// or took away there shows. What it has told before is `disputed` and stays, as long as an object bears it out: the next look
/// tells the same.
pub fn shown<'a>(
    former: &BTreeMap<String, String>,
    disputed: &mut Disputed,
    objects: impl Iterator<Item = &'a ObjectTags> + Clone,
) -> BTreeMap<String, String> {
    let of_objects = objects.clone().flat_map(|object| object.user.keys());
    let keys: BTreeSet<String> = former.keys().chain(of_objects).cloned().collect();
    disputed.retain(|key, _| keys.contains(key));
    let mut shown = BTreeMap::new();
    for key in keys {
        let former = former.get(&key);
        let seen: Vec<Option<&String>> = objects.clone().map(|object| object.user.get(&key)).collect();
        let agree = seen.windows(2).all(|pair| pair[0] == pair[1]);
        let told = disputed.get(&key).is_some_and(|told| told.as_ref() == former);
        let now = match seen.first() {
            None => former,
            Some(value) if agree => *value,
            Some(_) if told && seen.contains(&former) => former,
            Some(_) => seen.iter().copied().find(|value| *value != former).flatten(),
        };
        if agree {
            disputed.remove(&key);
        } else {
            disputed.insert(key.clone(), now.cloned());
        }
        shown.extend(now.map(|value| (key, value.clone())));
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
        let pairs = pairs.iter();
        pairs
            .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
            .collect()
    }

    fn tags(wanted: &[(&str, &str)], shown: &[(&str, &str)]) -> UserTags {
        UserTags {
            wanted: Some(map(wanted)),
            shown: Some(Shown {
                tags: map(shown),
                ids: vec!["rgw-1".to_owned()],
            }),
        }
    }

    #[test]
    fn what_the_state_does_not_show_to_differ_is_left_alone() {
        // A tag that somebody put on one object and that the plan keeps; the other object lacks it.
        let kept = tags(
            &[("env", "prod"), ("team", "x")],
            &[("env", "prod"), ("team", "x")],
        );
        assert!(!kept.differ("rgw-1", &map(&[("env", "prod")])));
        // The same, which the plan takes away.
        let removed = tags(&[("env", "prod")], &[("env", "prod"), ("team", "x")]);
        let changes = removed.changes("rgw-1", &map(&[("env", "prod"), ("team", "x")]));
        assert_eq!(changes.remove, ["team"]);
        assert!(!removed.differ("rgw-1", &map(&[("env", "prod")])));
        // One that came after the last refresh is not known to anybody yet.
        assert!(!removed.differ("rgw-1", &map(&[("env", "prod"), ("new", "1")])));
        // One that the state shows to be lost.
        let lost = tags(&[("env", "prod")], &[]);
        assert_eq!(lost.changes("rgw-1", &map(&[])).write, map(&[("env", "prod")]));
    }

    #[test]
    fn an_object_that_the_state_does_not_speak_of_gets_all_tags() {
        let kept = tags(&[("env", "prod")], &[("env", "prod")]);
        let changes = kept.changes("rgw-2", &map(&[("old", "1")]));
        assert_eq!(
            (changes.write, changes.remove),
            (map(&[("env", "prod")]), vec!["old".to_owned()])
        );
        assert!(
            UserTags::default().differ("rgw-1", &map(&[])),
            "what is not known yet differs"
        );
    }

    #[test]
    fn a_state_shows_every_tag_in_which_an_object_differs() {
        let object = |pairs: &[(&str, &str)]| ObjectTags::of(map(pairs));
        let former = map(&[("env", "prod"), ("a", "1")]);
        let as_wanted = object(&[
            ("env", "prod"),
            ("a", "1"),
            (CREATING_TAG, "true"),
            ("aws:x", "y"),
        ]);
        let mut disputed = Disputed::new();
        let told = |former: &BTreeMap<_, _>, disputed: &mut Disputed, objects: &[&ObjectTags]| {
            shown(former, disputed, objects.iter().copied())
        };
        assert_eq!(told(&former, &mut disputed, &[&as_wanted]), former);
        assert_eq!(told(&former, &mut disputed, &[]), former, "nothing is seen");
        let tagged = object(&[("env", "dev"), ("team", "x")]);
        let now = told(&former, &mut disputed, &[&as_wanted, &tagged]);
        assert_eq!(now, map(&[("env", "dev"), ("team", "x")]));
        // The next look tells the same: what is changed, lost and new.
        assert_eq!(told(&now, &mut disputed, &[&as_wanted, &tagged]), now);

        // Also where the plan keeps the new one.
        let kept = map(&[("env", "prod"), ("a", "1"), ("team", "x")]);
        let tagged = object(&[("env", "prod"), ("a", "1"), ("team", "x")]);
        assert_eq!(told(&kept, &mut disputed, &[&as_wanted, &tagged]), kept);
        assert_eq!(told(&kept, &mut disputed, &[&as_wanted]), former);
        assert!(disputed.is_empty());
    }

    #[test]
    fn what_an_update_has_changed_on_some_objects_alone_is_not_told_as_done() {
        let object = |pairs: &[(&str, &str)]| ObjectTags::of(map(pairs));
        let former = map(&[("env", "prod"), ("gone", "1")]);
        let (changed, not_yet) = (
            object(&[("env", "dev"), ("new", "x")]),
            object(&[("env", "prod"), ("gone", "1")]),
        );
        let mut disputed = Disputed::from([
            ("env".to_owned(), Some("prod".to_owned())),
            ("gone".to_owned(), Some("1".to_owned())),
            ("new".to_owned(), None),
        ]);
        for look in 0..2 {
            let told = shown(&former, &mut disputed, [&changed, &not_yet].into_iter());
            assert_eq!(told, former, "look {look}");
        }
        let told = shown(&former, &mut disputed, [&changed, &changed].into_iter());
        assert_eq!(told, map(&[("env", "dev"), ("new", "x")]));
        assert!(disputed.is_empty());
    }
}
