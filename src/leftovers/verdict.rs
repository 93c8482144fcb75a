//! What is left over, and what is kept and why. Pure: an inventory in, verdicts out.

use std::collections::BTreeMap;
use std::fmt;
use std::time::{Duration, SystemTime};

use reconcile::{Recorded, Slot};

use super::inventory::{Holder, Inventory, Object};
use crate::component::naming::PATH_TAG;
use crate::component::{API_DESTINATION, CONNECTION};

/// The objects of one holder, and what is to become of them.
#[derive(Debug, Clone)]
pub struct Holding {
    pub holder: Holder,
    pub objects: Vec<Object>,
    /// Since when there is nothing new of it; `None` where nothing tells.
    pub newest: Option<SystemTime>,
    pub verdict: Verdict,
}

/// What is to become of a holder's objects.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// No state records them, and nobody uses them.
    LeftOver,
    /// Nothing of them bears the mark: some state records them.
    Recorded,
    /// They bear the mark, and stay all the same: why, in words.
    Kept(String),
}

impl Holding {
    /// Whether it may be removed.
    pub fn is_left_over(&self) -> bool {
        self.verdict == Verdict::LeftOver
    }

    /// Whether these are the same objects.
    pub fn objects_equal(&self, other: &Self) -> bool {
        let ids = |holding: &Self| {
            let mut ids: Vec<_> = holding.objects.iter().map(|object| object.id.clone()).collect();
            ids.sort_unstable();
            ids
        };
        self.holder == other.holder && ids(self) == ids(other)
    }

    /// The resource type in a configuration.
    pub fn resource(&self) -> &'static str {
        if self.holder.tag == PATH_TAG {
            "private_api_path"
        } else {
            "private_api_invocation"
        }
    }

    /// The record that a state would have had of it.
    pub fn recorded(&self) -> Recorded {
        self.objects
            .iter()
            .fold(Recorded::default(), |recorded, object| match object.kind {
                API_DESTINATION => recorded.with(Slot::named(object.kind, &object.name), object.id.as_str()),
                CONNECTION => recorded.with(Slot::of(object.kind), object.id.as_str()),
                // There can be several: of a create that was killed, taken up and killed again.
                kind => recorded.with_retired(kind, object.id.as_str()),
            })
    }
}

impl fmt::Display for Holding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.resource(), self.holder.value)
    }
}

/// Judges every holder, those with something left over first.
pub fn judge(inventory: &Inventory, now: SystemTime, older_than: Duration) -> Vec<Holding> {
    let mut holders: BTreeMap<&Holder, Vec<Object>> = BTreeMap::new();
    for object in &inventory.objects {
        holders.entry(&object.holder).or_default().push(object.clone());
    }
    let mut judged: Vec<Holding> = holders
        .into_iter()
        .map(|(holder, objects)| {
            let newest = objects.iter().filter_map(|object| object.created).max();
            let verdict = verdict(inventory, &objects, newest, now, older_than);
            Holding {
                holder: holder.clone(),
                objects,
                newest,
                verdict,
            }
        })
        .collect();
    judged.sort_by_key(|holding| match holding.verdict {
        Verdict::LeftOver => 0,
        Verdict::Kept(_) => 1,
        Verdict::Recorded => 2,
    });
    judged
}

fn verdict(
    inventory: &Inventory,
    objects: &[Object],
    newest: Option<SystemTime>,
    now: SystemTime,
    older_than: Duration,
) -> Verdict {
    if !objects.iter().any(|object| object.marked == Some(true)) {
        return Verdict::Recorded;
    }
    if let Some(unmarked) = objects.iter().find(|object| object.marked == Some(false)) {
        return Verdict::Kept(format!(
            "{} ({}) has lost the mark, so a state may record it; apply that state's configuration again, which takes the \
             other marks off",
            unmarked.id, unmarked.name
        ));
    }
    for object in objects {
        if let Some(used) = inventory.uses.iter().find(|used| used.of == object.id) {
            return Verdict::Kept(format!("{} uses {} ({})", used.by, object.id, object.name));
        }
    }
    if older_than.is_zero() {
        return Verdict::LeftOver;
    }
    match newest.map(|newest| now.duration_since(newest).unwrap_or_default()) {
        Some(age) if age >= older_than => Verdict::LeftOver,
        Some(_) => Verdict::Kept(
            "it is so young that its create may be running; wait, or give a shorter --older-than".to_owned(),
        ),
        None => Verdict::Kept(
            "nothing tells its age, so that its create may be running; if none is, give --older-than 0s"
                .to_owned(),
        ),
    }
}

#[cfg(test)]
mod tests {
    use reconcile::Kind;

    use super::super::inventory::{Place, Use};
    use super::*;
    use crate::component::naming::INVOCATION_TAG;
    use crate::component::{CONFIGURATION, GATEWAY, GROUP};

    const HOUR: Duration = Duration::from_secs(3600);
    const NOW: Duration = Duration::from_secs(100 * 3600);

    fn object(kind: Kind, id: &str, value: &str, marked: Option<bool>, hours_ago: Option<u32>) -> Object {
        Object {
            kind,
            id: id.to_owned(),
            name: format!("orders-{id}"),
            holder: Holder {
                tag: INVOCATION_TAG,
                value: value.to_owned(),
            },
            marked,
            created: hours_ago.map(|hours| SystemTime::UNIX_EPOCH + NOW - HOUR * hours),
        }
    }

    fn judged(objects: Vec<Object>, uses: Vec<Use>, older_than: Duration) -> Vec<Holding> {
        let place = Place {
            account: "123456789012".to_owned(),
            region: "eu-central-1".to_owned(),
        };
        let inventory = Inventory { place, objects, uses };
        judge(&inventory, SystemTime::UNIX_EPOCH + NOW, older_than)
    }

    fn kept(holding: &Holding) -> &str {
        match &holding.verdict {
            Verdict::Kept(why) => why,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn only_what_bears_the_mark_throughout_is_left_over() {
        let group = |marked| object(GROUP, "sg-1", "orders/1", Some(marked), Some(5));
        let configuration = |marked| object(CONFIGURATION, "rcfg-1", "orders/1", Some(marked), Some(5));
        let verdict = |objects| judged(objects, Vec::new(), HOUR).remove(0);
        assert!(verdict(vec![group(true), configuration(true)]).is_left_over());
        assert_eq!(
            verdict(vec![group(false), configuration(false)]).verdict,
            Verdict::Recorded
        );
        let signing_off = verdict(vec![group(true), configuration(false)]);
        assert!(kept(&signing_off).contains("rcfg-1"), "{signing_off:?}");
        let before_it = verdict(vec![group(false), configuration(true)]);
        assert!(kept(&before_it).contains("sg-1"), "{before_it:?}");
    }

    #[test]
    fn what_others_use_is_kept() {
        let used = Use {
            of: "rgw-1".to_owned(),
            by: "the resource configuration rcfg-9 (stock)".to_owned(),
        };
        let gateway = object(GATEWAY, "rgw-1", "orders/1", Some(true), Some(5));
        let holding = judged(vec![gateway], vec![used], HOUR).remove(0);
        assert!(kept(&holding).contains("rcfg-9"), "{holding:?}");
    }

    #[test]
    fn what_may_be_being_made_is_kept() {
        let old = object(GROUP, "sg-1", "orders/1", Some(true), Some(5));
        let young = object(GATEWAY, "rgw-1", "orders/1", Some(true), Some(0));
        let unknown = object(GROUP, "sg-2", "stock/2", Some(true), None);
        let all = vec![old.clone(), young, unknown];
        let holdings = judged(all.clone(), Vec::new(), HOUR);
        assert!(
            kept(&holdings[0]).contains("young"),
            "its newest object counts: {holdings:?}"
        );
        assert!(kept(&holdings[1]).contains("age"), "{holdings:?}");
        assert!(
            judged(all, Vec::new(), Duration::ZERO)
                .iter()
                .all(Holding::is_left_over)
        );
        // A clock that is behind makes nothing old.
        let future = Object {
            created: Some(SystemTime::UNIX_EPOCH + NOW + HOUR),
            ..old
        };
        assert!(kept(&judged(vec![future], Vec::new(), HOUR)[0]).contains("young"));
    }

    #[test]
    fn holders_of_one_name_are_told_apart() {
        let left = object(GROUP, "sg-1", "orders/1", Some(true), Some(5));
        let alive = object(GROUP, "sg-2", "orders/2", Some(false), Some(5));
        let path = Object {
            holder: Holder {
                tag: PATH_TAG,
                value: "orders/3".to_owned(),
            },
            ..left.clone()
        };
        let holdings = judged(vec![alive, left, path], Vec::new(), HOUR);
        let told: Vec<_> = holdings
            .iter()
            .map(|holding| (holding.to_string(), holding.is_left_over()))
            .collect();
        let expected = [
            ("private_api_invocation orders/1".to_owned(), true),
            ("private_api_path orders/3".to_owned(), true),
            ("private_api_invocation orders/2".to_owned(), false),
        ];
        assert_eq!(told, expected);
    }

    #[test]
    fn the_record_has_every_object_and_the_owner_is_the_tags() {
        let objects = vec![
            object(GROUP, "sg-1", "orders/1", Some(true), Some(5)),
            object(GATEWAY, "rgw-1", "orders/1", Some(true), Some(5)),
            object(GATEWAY, "rgw-2", "orders/1", Some(true), Some(5)),
            object(CONNECTION, "arn:connection", "orders/1", None, None),
            object(API_DESTINATION, "arn:destination", "orders/1", None, None),
        ];
        let holding = judged(objects, Vec::new(), HOUR).remove(0);
        let recorded = holding.recorded();
        assert_eq!((recorded.current.len(), recorded.retired.len()), (2, 3));
        assert_eq!(holding.holder.owner().tag_value(), "orders/1");
        assert_eq!(holding.holder.owner().tag_key(), INVOCATION_TAG);
    }
}
