//! Tags as the provider block and the resource want them together, and as AWS shows them.

use std::collections::BTreeMap;

use terraform_plugin::Attr;

use super::model::{Model, Tags};
use crate::client::TagPolicy;

impl Model {
    /// The same configuration with all tags that are wanted: the provider's, and the resource's own, which count more.
    pub fn with_all_tags(self, policy: &TagPolicy) -> Self {
        Self {
            tags_all: all(policy, &self.tags),
            ..self
        }
    }

    /// The same as it stands with all tags that AWS shows, `shown`. Tags that are left to others stay as they were.
    pub fn with_shown_tags(self, policy: &TagPolicy, shown: BTreeMap<String, String>) -> Self {
        let former = known(&self.tags_all);
        let kept = former.iter().filter(|(key, _)| policy.ignores(key));
        let mut all: BTreeMap<_, _> = shown
            .into_iter()
            .filter(|(key, _)| !policy.ignores(key))
            .collect();
        all.extend(kept.map(|(key, value)| (key.clone(), value.clone())));
        let given = known(&self.tags);
        // What only the provider block wants, or wanted, is none of the resource's own.
        let is_default = |key: &String, value: &String| {
            !given.contains_key(key)
                && (policy.defaults.get(key) == Some(value) || former.get(key) == Some(value))
        };
        let own = all.iter().filter(|(key, value)| !is_default(key, value));
        let own: BTreeMap<_, _> = own.map(|(key, value)| (key.clone(), value.clone())).collect();
        let tags = if own == given {
            self.tags.clone()
        } else if own.is_empty() {
            Attr::Null
        } else {
            attr(own)
        };
        Self {
            tags,
            tags_all: attr(all),
            ..self
        }
    }
}

fn all(policy: &TagPolicy, own: &Attr<Tags>) -> Attr<Tags> {
    let defaults = policy.defaults.iter();
    let mut all: Tags = defaults
        .map(|(key, value)| (key.clone(), Attr::Known(value.clone())))
        .collect();
    match own {
        Attr::Unknown => return Attr::Unknown,
        Attr::Null => {}
        Attr::Known(own) => all.extend(own.clone()),
    }
    Attr::Known(all)
}

/// What is known of tags.
pub fn known(tags: &Attr<Tags>) -> BTreeMap<String, String> {
    let tags = tags.known().into_iter().flatten();
    tags.map(|(key, value)| (key.clone(), value.known().cloned().unwrap_or_default()))
        .collect()
}

fn attr(tags: BTreeMap<String, String>) -> Attr<Tags> {
    Attr::Known(
        tags.into_iter()
            .map(|(key, value)| (key, Attr::Known(value)))
            .collect(),
    )
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

    fn policy(defaults: &[(&str, &str)]) -> TagPolicy {
        TagPolicy {
            defaults: map(defaults),
            ignored_keys: vec!["cost".to_owned()],
            ..TagPolicy::default()
        }
    }

    fn model(tags: Attr<Tags>, all: &[(&str, &str)]) -> Model {
        Model {
            tags,
            tags_all: attr(map(all)),
            ..Model::default()
        }
    }

    #[test]
    fn the_resources_tags_count_more_than_the_providers() {
        let wanted = |tags| {
            model(tags, &[])
                .with_all_tags(&policy(&[("env", "prod"), ("empty", "")]))
                .tags_all
        };
        let defaults = attr(map(&[("env", "prod"), ("empty", "")]));
        assert_eq!(wanted(Attr::Null), defaults);
        assert_eq!(wanted(attr(map(&[]))), defaults);
        assert_eq!(
            wanted(attr(map(&[("env", "dev"), ("team", "x")]))),
            attr(map(&[("env", "dev"), ("team", "x"), ("empty", "")]))
        );
        assert_eq!(wanted(Attr::Unknown), Attr::Unknown);
        let half = Tags::from([("env".to_owned(), Attr::Unknown)]);
        let both = wanted(Attr::Known(half))
            .into_known()
            .expect("its keys are known");
        assert!(both["env"].is_unknown() && both["empty"].is_known());
    }

    #[test]
    fn what_the_provider_block_wants_or_wanted_is_not_shown_as_the_resources() {
        let given = attr(map(&[("team", "x")]));
        let both = &[("env", "prod"), ("team", "x")];
        // Defaults now, and before.
        for defaults in [&[("env", "prod")][..], &[("env", "dev")], &[]] {
            let seen = model(given.clone(), both).with_shown_tags(&policy(defaults), map(both));
            assert!(
                seen.tags == given && seen.tags_all == attr(map(both)),
                "{defaults:?}"
            );
        }
        // The same key in both.
        let same = attr(map(&[("env", "prod")]));
        let seen = model(same.clone(), &[("env", "prod")]);
        let seen = seen.with_shown_tags(&policy(&[("env", "prod")]), map(&[("env", "prod")]));
        assert!(seen.tags == same);
        // Changed by hand: shown, so that the next plan takes it back.
        let seen = model(Attr::Null, &[("env", "prod")]);
        let seen = seen.with_shown_tags(&policy(&[("env", "prod")]), map(&[("env", "dev")]));
        assert!(seen.tags == attr(map(&[("env", "dev")])) && seen.tags_all == attr(map(&[("env", "dev")])));
    }

    #[test]
    fn what_is_left_to_others_is_neither_shown_nor_missed() {
        let seen = model(Attr::Null, &[]).with_shown_tags(&policy(&[]), map(&[("cost", "7")]));
        assert!(seen.tags == Attr::Null && seen.tags_all == attr(map(&[])));
        // Configured all the same: it is written once, and whatever becomes of it is not told.
        let given = attr(map(&[("cost", "1")]));
        for now in [&[][..], &[("cost", "7")]] {
            let seen = model(given.clone(), &[("cost", "1")]).with_shown_tags(&policy(&[]), map(now));
            assert!(seen.tags == given && seen.tags_all == given);
        }
    }
}
