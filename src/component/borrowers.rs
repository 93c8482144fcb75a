//! Who uses a rule that another holder made: AWS holds no second rule like it, so it must outlive the one that made it.
//!
//! A borrower notes itself in a tag of the rule. Whoever made the rule does not revoke it while a noted borrower lives, but
//! hands it over: the tag that says whose it is names the borrower from then on.

use std::collections::BTreeMap;

use super::ComponentError;
use super::marks::{CREATING_TAG, RESERVED_TAG_PREFIX};
use super::naming::Owner;
use super::object_tags::{ObjectTags, TagChanges};
use super::tags::Tags;
use crate::client::Aws;

/// How many tags an object of EC2 can have, those of AWS not counted.
const MOST_TAGS: usize = 50;

/// A key that begins so ends in a holder that uses the rule.
const USED_BY: &str = "used-by:";

/// A key that begins so ends in a holder that made the rule and has handed it over. It counts as gone for that one, whose
/// state may record it still where its run was killed.
const HANDED_OVER_BY: &str = "handed-over-by:";

/// The key of the note that `holder` uses the rule.
pub fn note(holder: &Owner) -> String {
    key(USED_BY, holder)
}

/// The key that says that `holder` has handed the rule over.
pub fn handed_over(holder: &Owner) -> String {
    key(HANDED_OVER_BY, holder)
}

/// Whether `holder` has handed the rule over.
pub fn is_handed_over(holder: &Owner, tags: &ObjectTags) -> bool {
    tags.has_own(&handed_over(holder))
}

fn key(what: &str, holder: &Owner) -> String {
    format!(
        "{RESERVED_TAG_PREFIX}{what}{}:{}",
        holder.kind(),
        holder.tag_value()
    )
}

/// What hands a rule with these tags over to the first of its borrowers that lives, one change after the other; `None` where none
/// does. The user's tags become those of the borrower.
pub async fn handover(
    aws: &Aws,
    from: &Owner,
    tags: &ObjectTags,
) -> Result<Option<[TagChanges; 2]>, ComponentError> {
    for noted in tags.own_keys() {
        let heir = noted
            .strip_prefix(RESERVED_TAG_PREFIX)
            .and_then(|key| key.strip_prefix(USED_BY))
            .and_then(|holder| holder.split_once(':'))
            .and_then(|(kind, value)| Owner::of_tag(kind, value));
        let Some(heir) = heir.filter(|heir| heir.tag_value() != from.tag_value()) else {
            continue;
        };
        let Some(wanted) = tags_of(aws, &heir).await? else {
            continue;
        };
        // Whose it is goes first: whatever ends the run in between, the rule has a holder. The user's tags make room for it.
        let own = BTreeMap::from([
            (heir.tag_key().to_owned(), heir.tag_value()),
            (handed_over(from), "true".to_owned()),
        ]);
        let given = TagChanges {
            remove: tags.user.keys().cloned().collect(),
            write: own.clone(),
        };
        let mut remove = vec![noted.to_owned(), CREATING_TAG.to_owned()];
        remove.extend((heir.tag_key() != from.tag_key()).then(|| from.tag_key().to_owned()));
        // An object has 50 tags at most: who handed it over before that has long recorded it.
        let former = format!("{RESERVED_TAG_PREFIX}{HANDED_OVER_BY}");
        let former = tags.own_keys().filter(|key| key.starts_with(&former));
        remove.extend(former.filter(|key| !own.contains_key(*key)).map(str::to_owned));
        let stays = tags.own_keys().filter(|key| !own.contains_key(*key));
        let stays: Vec<_> = stays
            .filter(|key| !remove.iter().any(|gone| gone == key))
            .collect();
        remove.extend(notes_without_room(&stays, own.len() + wanted.len()));
        return Ok(Some([
            given,
            TagChanges {
                write: wanted,
                remove,
            },
        ]));
    }
    Ok(None)
}

/// Those of the provider's own tags `keys` that are notes for which there is no room beside so many `other` tags. Those
/// borrowers find the rule gone once its holder goes, and make it anew; without this its holder could not be changed, nor go.
fn notes_without_room(keys: &[&str], other: usize) -> Vec<String> {
    let surplus = (keys.len() + other).saturating_sub(MOST_TAGS);
    let notes = format!("{RESERVED_TAG_PREFIX}{USED_BY}");
    let notes = keys.iter().filter(|key| key.starts_with(&notes));
    notes.take(surplus).map(|key| (*key).to_owned()).collect()
}

/// Takes off a rule with these tags the notes for which the changes of its user's tags leave no room.
pub fn make_room(tags: &ObjectTags, changes: &mut TagChanges) {
    let kept = tags.user.keys();
    let kept = kept.filter(|key| !changes.remove.contains(key) && !changes.write.contains_key(*key));
    let other = kept.count() + changes.write.len();
    let own: Vec<_> = tags.own_keys().collect();
    changes.remove.extend(notes_without_room(&own, other));
}

/// The user's tags of the resource configuration that a living holder has; `None` where there is none.
async fn tags_of(aws: &Aws, holder: &Owner) -> Result<Option<BTreeMap<String, String>>, ComponentError> {
    let tags = Tags::new(aws);
    // It may have been made since this process listed them.
    for configuration in aws.listings.configurations.searched(true).await?.iter() {
        if holder.may_have_named(&configuration.name)
            && let Some(seen) = tags.get(&configuration.arn).await?
            && holder.owns(&seen)
        {
            return Ok(Some(seen.user));
        }
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// CreateTags takes keys of 128 characters.
    #[test]
    fn the_longest_name_makes_no_key_too_long() {
        let name = "x".repeat(64);
        for holder in [
            Owner::invocation(&name, Some("1a2b3c4d"), None),
            Owner::path(&name, "1a2b3c4d", None),
        ] {
            for what in [USED_BY, HANDED_OVER_BY] {
                let key = key(what, &holder);
                assert!(key.len() <= 128, "{key}");
            }
            assert_eq!(
                Owner::of_tag(holder.kind(), &holder.tag_value()).map(|owner| owner.tag_value()),
                Some(holder.tag_value())
            );
        }
    }
}
