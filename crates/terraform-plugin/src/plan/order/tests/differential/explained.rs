//! What terraform-plugin-framework makes otherwise, and why that is accepted: by its rules in the places that are named
//! here, our plan must become theirs to the last value and path; by our rules, what we planned there. A difference that is
//! not accounted for in this way fails.

use std::collections::BTreeSet;

use crate::{
    path::{Path, Step},
    plan::generate::absent,
    schema::{Body, Change, Child, Level, Modifier, NOTHING, Nesting, at_index, at_key, elements, of},
    value::Value,
};

/// A plan, and what is to be replaced for it.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Plan {
    pub(super) planned: Value,
    pub(super) replace: BTreeSet<String>,
}

impl Plan {
    /// Core leaves out of the paths those at which nothing differs, and takes what is missing for null (Terraform's and
    /// OpenTofu's `getRequiredReplaces`, and what came before it).
    pub(super) fn counted_by_core(mut self, prior: &Value) -> Self {
        let at = |value: &Value, path: &str| value.get(&parsed(path)).unwrap_or(NOTHING).clone();
        self.replace
            .retain(|path| at(prior, path) != at(&self.planned, path));
        self
    }
}

/// A path as it is printed.
fn parsed(text: &str) -> Path {
    let step = |part: &str| match part.strip_suffix(']') {
        Some(element) => match element.parse() {
            Ok(index) => Step::Index(index),
            Err(_) => Step::key(element.trim_matches('"')),
        },
        None => Step::from(part),
    };
    let parts = text.split(['.', '[']).filter(|part| !part.is_empty());
    parts.map(step).collect()
}

/// `UseStateForUnknown` within an object that is new takes the prior null for a state, and plans null for what apply then
/// may not fill (hashicorp/terraform-plugin-framework#1197). Ours leaves it unknown.
const KEEPS: &str = "keep_prior in an object that is new: unknown here, null there";

/// What is within an object that comes replaces a resource there, compared with null. Ours leaves it to what holds the object:
/// an element that is added or a computed container that was not known would replace everything otherwise.
pub(super) const COMES: &str =
    "attributes of an object that comes: compared with null there, not compared here";

/// The elements of a set have nothing to be known by but their contents. There, an element's state and configuration are
/// what stands at the same place in an order that means nothing, so that values of one element turn up in another;
/// and an element that the proposed state completed is not found in the configuration, so that what is computed in it
/// is not unknown when the resource changes, as it is everywhere else. Ours matches elements by what is configured, as
/// core does, and plans in them as everywhere else.
const SETS: &str = "elements of sets: matched by what is configured here, by their order there";

/// Our plan by their rules, where they differ, and which did. None if by our own rules it is another one.
pub(super) fn theirs(
    body: &Body,
    ours: &Plan,
    proposed: &Value,
    config: &Value,
    prior: &Value,
    changes: bool,
) -> Option<(Plan, BTreeSet<&'static str>)> {
    let mut rules = Rules {
        changes,
        updates: !prior.is_null(),
        replace: ours.replace.clone(),
        reasons: BTreeSet::new(),
        lost: Vec::new(),
        ours: true,
    };
    let beside = Beside {
        proposed,
        config,
        prior,
    };
    let planned = rules.object(body.level(), ours.planned.clone(), beside, &Path::root());
    // A null that was kept is no change.
    for path in std::mem::take(&mut rules.lost) {
        rules.replace.remove(&path.to_string());
    }
    let plan = Plan {
        planned,
        replace: rules.replace,
    };
    rules.ours.then_some((plan, rules.reasons))
}

/// What stands beside a planned value.
#[derive(Clone, Copy)]
struct Beside<'v> {
    proposed: &'v Value,
    config: &'v Value,
    prior: &'v Value,
}

impl<'v> Beside<'v> {
    fn each(self, get: impl Fn(&'v Value) -> &'v Value) -> Self {
        Self {
            proposed: get(self.proposed),
            config: get(self.config),
            prior: get(self.prior),
        }
    }
}

struct Rules {
    /// Whether anything differs from the prior state before what is computed becomes unknown.
    changes: bool,
    /// Whether there is a prior state.
    updates: bool,
    replace: BTreeSet<String>,
    reasons: BTreeSet<&'static str>,
    lost: Vec<Path>,
    /// Whether what was planned in sets follows our rules.
    ours: bool,
}

impl Rules {
    /// Outside of sets.
    fn object(&mut self, level: Level<'_>, ours: Value, beside: Beside<'_>, at: &Path) -> Value {
        let Value::Object(mut object) = ours else {
            return ours;
        };
        for (name, child) in level.children() {
            let ours = object.remove(name).expect("every attribute");
            let is_new = !matches!(beside.prior, Value::Object(_));
            let beside = beside.each(|value| of(value, name));
            let here = at.then(name);
            let open = ours.is_unknown() && !beside.config.is_unknown();
            let keeps = matches!(child, Child::Attribute(attribute)
                if attribute.modifiers.iter().any(|each| matches!(each, Modifier::KeepPrior)));
            let value = if self.updates && is_new && open && keeps {
                self.reasons.insert(KEEPS);
                self.lost.push(here);
                Value::Null
            } else {
                match child.level() {
                    Some((nesting, level)) => self.inside(child, nesting, level, ours, beside, &here),
                    None => ours,
                }
            };
            object.insert(name.to_owned(), value);
        }
        Value::Object(object)
    }

    fn inside(
        &mut self,
        child: Child<'_>,
        nesting: Nesting,
        level: Level<'_>,
        ours: Value,
        beside: Beside<'_>,
        at: &Path,
    ) -> Value {
        match (nesting, ours) {
            (Nesting::Single, ours) => self.object(level, ours, beside, at),
            (Nesting::List, Value::List(inner)) => {
                let each = |(i, value): (usize, Value)| {
                    let here = at.then(Step::Index(i64::try_from(i).expect("few")));
                    self.object(level, value, beside.each(|list| at_index(list, i)), &here)
                };
                Value::List(inner.into_iter().enumerate().map(each).collect())
            }
            (Nesting::Map, Value::Map(inner)) => {
                let each = |(key, value): (String, Value)| {
                    let here = at.then(Step::key(&key));
                    let value = self.object(level, value, beside.each(|map| at_key(map, &key)), &here);
                    (key, value)
                };
                Value::Map(inner.into_iter().map(each).collect())
            }
            // What the configuration does not have is not looked into.
            (Nesting::Set, ours @ Value::Set(_)) if !beside.config.is_null() => {
                self.set(child, level, ours, beside, at)
            }
            (_, ours) => ours,
        }
    }

    /// A set that is in no other, and which a plan does not leave as it was.
    fn set(
        &mut self,
        child: Child<'_>,
        level: Level<'_>,
        ours: Value,
        beside: Beside<'_>,
        at: &Path,
    ) -> Value {
        let mut inner = Inside {
            by_order: true,
            updates: self.updates,
            replaces: false,
        };
        let configured = elements(beside.config);
        let open = |element: &Value| self.changes && configured.contains(&element);
        let planned = inner.set(level, beside.proposed, &open, beside.config, beside.prior);
        let mut by_ours = Inside {
            by_order: false,
            updates: self.updates,
            replaces: false,
        };
        let open = |_: &Value| self.changes;
        self.ours &= ours == by_ours.set(level, beside.proposed, &open, beside.config, beside.prior);
        let change = Change {
            path: at,
            config: beside.config,
            prior: beside.prior,
            planned: &planned,
        };
        let here = at.to_string();
        let replaces = self.updates && (inner.replaces || Inside::own(child, &change));
        let listed = if replaces {
            self.replace.insert(here)
        } else {
            self.replace.remove(&here)
        };
        if listed || planned != ours {
            self.reasons.insert(SETS);
        }
        planned
    }
}

/// A plan within a set.
struct Inside {
    /// Whether elements are matched by their order, or by what is configured of them.
    by_order: bool,
    updates: bool,
    /// Whether anything within requires replacement, which is said of the set.
    replaces: bool,
}

impl Inside {
    /// Whether the change requires replacement by itself. An object that was not there had no blocks either.
    fn own(child: Child<'_>, change: &Change<'_>) -> bool {
        let none = |block| change.prior.is_null() && *change.planned == absent(block);
        change.prior != change.planned
            && match child {
                Child::Attribute(attribute) => attribute.replace.iter().any(|when| when.holds(change)),
                Child::Block(block) => block.replace && !none(block),
            }
    }

    /// Each element of a set, beside what is matched with it in the other two.
    fn set(
        &mut self,
        level: Level<'_>,
        value: &Value,
        open: &dyn Fn(&Value) -> bool,
        config: &Value,
        prior: &Value,
    ) -> Value {
        let values = elements(value);
        let (config, prior) = if self.by_order {
            let padded = |set| elements(set).into_iter().chain(std::iter::repeat(NOTHING));
            let count = values.len();
            (
                padded(config).take(count).collect(),
                padded(prior).take(count).collect(),
            )
        } else {
            let config = level.counterparts(&values, config, &[]);
            let prior = level.counterparts(&values, prior, &config);
            (config, prior)
        };
        let planned = values.iter().zip(config).zip(prior);
        let planned = planned
            .map(|((element, config), prior)| self.object(level, element, open(element), config, prior));
        Value::set(planned.collect::<Vec<_>>())
    }

    /// An object, where what is computed and not configured is unknown if it is `open`.
    fn object(
        &mut self,
        level: Level<'_>,
        value: &Value,
        open: bool,
        config: &Value,
        prior: &Value,
    ) -> Value {
        let Value::Object(_) = value else {
            return value.clone();
        };
        let has_prior = !prior.is_null();
        let children = level.children().map(|(name, child)| {
            let [value, config, prior] = [value, config, prior].map(|value| of(value, name));
            (name, self.child(child, value, open, config, prior, has_prior))
        });
        Value::object(children.collect::<Vec<_>>())
    }

    fn child(
        &mut self,
        child: Child<'_>,
        value: &Value,
        open: bool,
        config: &Value,
        prior: &Value,
        has_prior: bool,
    ) -> Value {
        let (mut planned, mut open) = (value, open);
        if let Child::Attribute(attribute) = child {
            // Theirs looks for the element in the configuration and finds it only where it is as configured.
            let configured = if self.by_order { value } else { config };
            if open && attribute.computed && attribute.default.is_none() && configured.is_null() {
                planned = &Value::UNKNOWN;
            }
            for modifier in &attribute.modifiers {
                let keeps = match modifier {
                    Modifier::KeepPrior => self.updates && (self.by_order || has_prior),
                    Modifier::KeepPriorUnlessNull => !prior.is_null(),
                    Modifier::Custom(_) => panic!("a modifier that the judge does not know"),
                };
                if keeps && planned.is_unknown() && !config.is_unknown() {
                    planned = prior;
                    // Nor does anything within it become unknown.
                    open = false;
                }
            }
        }
        let change = Change {
            path: &Path::root(),
            config,
            prior,
            planned,
        };
        self.replaces |= Self::own(child, &change);
        match (child.level(), planned) {
            (Some((Nesting::Single, level)), planned) => self.object(level, planned, open, config, prior),
            (Some((Nesting::List, level)), Value::List(inner)) => {
                let each =
                    |(i, value)| self.object(level, value, open, at_index(config, i), at_index(prior, i));
                Value::List(inner.iter().enumerate().map(each).collect())
            }
            (Some((Nesting::Map, level)), Value::Map(inner)) => {
                let each = |(key, value): (&String, _)| {
                    let value = self.object(level, value, open, at_key(config, key), at_key(prior, key));
                    (key.clone(), value)
                };
                Value::Map(inner.iter().map(each).collect())
            }
            (Some((Nesting::Set, level)), planned @ Value::Set(_)) => {
                self.set(level, planned, &|_| open, config, prior)
            }
            (_, planned) => planned.clone(),
        }
    }
}
