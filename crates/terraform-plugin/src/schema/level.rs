//! One level of a schema, for all that walks schemas: nested attributes and blocks look alike there.

use std::collections::BTreeMap;

use super::{Attribute, Block, Nesting};
use crate::{
    path::{Path, Step},
    value::Value,
};

/// The attributes and block types of one object.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Level<'s> {
    pub(crate) attributes: &'s [(String, Attribute)],
    pub(crate) blocks: &'s [(String, Block)],
}

/// An attribute or a block type of a level.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Child<'s> {
    Attribute(&'s Attribute),
    Block(&'s Block),
}

impl<'s> Level<'s> {
    /// All that the level has, attributes first.
    pub(crate) fn children(self) -> impl Iterator<Item = (&'s str, Child<'s>)> {
        let attributes = self.attributes.iter();
        let blocks = self.blocks.iter();
        attributes
            .map(|(name, attribute)| (name.as_str(), Child::Attribute(attribute)))
            .chain(blocks.map(|(name, block)| (name.as_str(), Child::Block(block))))
    }

    /// Whether an attribute at any depth is such.
    pub(crate) fn any(self, test: &dyn Fn(&Attribute) -> bool) -> bool {
        self.children().any(|(_, child)| {
            matches!(child, Child::Attribute(attribute) if test(attribute))
                || child.level().is_some_and(|(_, level)| level.any(test))
        })
    }

    /// Whether what stands at the path, or what holds it, must not be shown.
    pub(crate) fn hides(self, path: &Path) -> bool {
        let Some((name, rest)) = path.steps().split_first() else {
            return false;
        };
        // Elements have steps of their own, which lead to no attribute.
        let of_name = |(of, _): &(&str, Child<'_>)| matches!(name, Step::Attribute(name) if name == of);
        match self.children().find(of_name) {
            Some((_, child)) => {
                matches!(child, Child::Attribute(attribute) if attribute.sensitive || attribute.write_only)
                    || child
                        .level()
                        .is_some_and(|(_, level)| level.hides(&rest.iter().cloned().collect()))
            }
            None => !rest.is_empty() && self.hides(&rest.iter().cloned().collect()),
        }
    }

    /// Whether `value` and `other` may be the same element of a set: what the configuration sets means the same
    /// in both, and what is computed may still be open in one of them.
    pub(crate) fn may_be_same(self, value: &Value, other: &Value) -> bool {
        self.alike(value, other, NOTHING, Look::Loose)
    }

    /// The same, looked at in that way. What `config` sets is not open in `value` where it is unknown: the next plan knows
    /// it, and would not find the two alike any more.
    fn alike(self, value: &Value, other: &Value, config: &Value, look: Look) -> bool {
        self.children().all(|(name, child)| {
            let (value, other, config) = (within(value, name), within(other, name), within(config, name));
            match child {
                Child::Attribute(attribute) => {
                    let open = |value: &Value| value.is_null() || value.is_unknown();
                    let ignored = match look {
                        Look::Strict => open(other),
                        Look::Loose => open(other) || (open(value) && !config.is_unknown()),
                        Look::Configured => true,
                    };
                    attribute.write_only
                        || (attribute.computed && ignored)
                        || attribute
                            .same
                            .as_ref()
                            .is_some_and(|same| same.holds(other, value))
                        || match attribute.level() {
                            Some((nesting, level)) => level.alike_inside(nesting, value, other, config, look),
                            None => value == other,
                        }
                }
                Child::Block(block) => {
                    let (nesting, level) = block.level();
                    block.computed || level.alike_inside(nesting, value, other, config, look)
                }
            }
        })
    }

    fn alike_inside(
        self,
        nesting: Nesting,
        value: &Value,
        other: &Value,
        config: &Value,
        look: Look,
    ) -> bool {
        let alike = |a: &Value, b: &Value, config: &Value| self.alike(a, b, config, look);
        if nesting == Nesting::Single {
            return value.is_null() == other.is_null() && alike(value, other, config);
        }
        match (value, other) {
            (Value::List(a), Value::List(b)) => {
                let mut pairs = (0..).zip(a.iter().zip(b));
                a.len() == b.len() && pairs.all(|(i, (a, b))| alike(a, b, at_index(config, i)))
            }
            (Value::Map(a), Value::Map(b)) => {
                let mut pairs = a.iter().zip(b.values());
                a.keys().eq(b.keys()) && pairs.all(|((key, a), b)| alike(a, b, at_key(config, key)))
            }
            (Value::Set(a), Value::Set(b)) => {
                let configured = match config.is_wholly_known() {
                    true => vec![NOTHING; a.len()],
                    false => self.counterparts(&a.iter().collect::<Vec<_>>(), config, &[]),
                };
                let a: Vec<&Value> = a.iter().collect();
                let found = self.looked_for(&a, other, &configured, &[look]);
                a.len() == b.len() && found.iter().all(Option::is_some)
            }
            (value, other) => value == other,
        }
    }
}

impl<'s> Child<'s> {
    /// What is within it, if anything is.
    pub(crate) fn level(self) -> Option<(Nesting, Level<'s>)> {
        match self {
            Self::Attribute(attribute) => attribute.level(),
            Self::Block(block) => Some(block.level()),
        }
    }

    /// [`Level::rewrite`] of what is within a value of it, with paths that begin there.
    pub(crate) fn rewrite_within<E>(
        self,
        value: Value,
        beside: &[&Value],
        rewrite: &mut Rewrite<'_, E>,
    ) -> Result<Value, E> {
        let place = Place {
            holders: beside.to_vec(),
            ..Place::default()
        };
        match self.level() {
            Some((nesting, level)) => level.rewrite_inside(nesting, value, &place, rewrite),
            None => Ok(value),
        }
    }
}

pub(crate) const NOTHING: &Value = &Value::Null;

/// An attribute of an object; null where there is none.
pub(crate) fn of<'v>(value: &'v Value, name: &str) -> &'v Value {
    value.attribute(name).unwrap_or(NOTHING)
}

/// The same; unknown in an object that is not known yet, which core looks into.
pub(crate) fn within<'v>(object: &'v Value, name: &str) -> &'v Value {
    match object {
        Value::Unknown(_) => &Value::UNKNOWN,
        object => of(object, name),
    }
}

/// Where in a state a rewrite is.
#[derive(Clone, Debug, Default)]
pub(crate) struct Place<'v> {
    /// Ends at a set.
    pub(crate) path: Path,
    pub(crate) in_set: bool,
    /// What holds the place in each of the values beside.
    pub(crate) holders: Vec<&'v Value>,
    by_configured: bool,
}

impl Place<'_> {
    fn inner<'v>(&self, step: Option<Step>, holders: Vec<&'v Value>) -> Place<'v> {
        let path = match step {
            Some(step) if !self.in_set => self.path.then(step),
            _ => self.path.clone(),
        };
        Place {
            path,
            in_set: self.in_set,
            holders,
            by_configured: self.by_configured,
        }
    }
}

/// How two elements of a set are looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Look {
    /// Nothing is open in the one which the other has, as nothing is that a configuration sets.
    Strict,
    /// What is computed may be open in both.
    Loose,
    /// What may be computed tells nothing.
    Configured,
}

/// What becomes of an attribute or block.
pub(crate) enum Rewritten {
    /// This is the value.
    Done(Value),
    /// What is within it comes next.
    Into(Value),
}

/// Says what becomes of each attribute and block, given what stands at the same place in the values beside.
pub(crate) type Rewrite<'f, E> =
    dyn FnMut(&Place<'_>, Child<'_>, Value, &[&Value]) -> Result<Rewritten, E> + 'f;

impl Level<'_> {
    /// Rewrites all attributes and blocks of `value`, outermost first, each with its counterparts in the values
    /// beside: those of the same name, index or key or, in a set, of its counterpart. The first of the values beside is the
    /// configuration, null where there is none.
    pub(crate) fn rewrite<E>(
        self,
        value: Value,
        beside: &[&Value],
        rewrite: &mut Rewrite<'_, E>,
    ) -> Result<Value, E> {
        let place = Place {
            holders: beside.to_vec(),
            ..Place::default()
        };
        self.rewrite_object(value, &place, rewrite)
    }

    /// The same beside the value before, for what depends on a meaning: there, elements of sets are the same wherever what is
    /// configured of them is, or a plan with a part that is not known yet would find another one than the next.
    pub(crate) fn rewrite_by_configured<E>(
        self,
        value: Value,
        before: &Value,
        rewrite: &mut Rewrite<'_, E>,
    ) -> Result<Value, E> {
        let place = Place {
            holders: vec![NOTHING, before],
            by_configured: true,
            ..Place::default()
        };
        self.rewrite_object(value, &place, rewrite)
    }

    fn rewrite_object<E>(
        self,
        value: Value,
        holder: &Place<'_>,
        rewrite: &mut Rewrite<'_, E>,
    ) -> Result<Value, E> {
        let Value::Object(mut object) = value else {
            return Ok(value);
        };
        for (name, child) in self.children() {
            let Some(value) = object.remove(name) else {
                continue;
            };
            let beside: Vec<&Value> = holder.holders.iter().map(|holder| within(holder, name)).collect();
            let place = holder.inner(Some(Step::from(name)), holder.holders.clone());
            let value = match rewrite(&place, child, value, &beside)? {
                Rewritten::Done(value) => value,
                Rewritten::Into(value) => match child.level() {
                    Some((nesting, level)) => level.rewrite_inside(
                        nesting,
                        value,
                        &holder.inner(Some(Step::from(name)), beside),
                        rewrite,
                    )?,
                    None => value,
                },
            };
            object.insert(name.to_owned(), value);
        }
        Ok(Value::Object(object))
    }

    fn rewrite_inside<E>(
        self,
        nesting: Nesting,
        value: Value,
        here: &Place<'_>,
        rewrite: &mut Rewrite<'_, E>,
    ) -> Result<Value, E> {
        match (nesting, value) {
            (Nesting::Single, value) => self.rewrite_object(value, here, rewrite),
            (Nesting::List, Value::List(inner)) => {
                let mut rewritten = Vec::with_capacity(inner.len());
                for (i, value) in inner.into_iter().enumerate() {
                    let beside = here.holders.iter().map(|list| at_index(list, i)).collect();
                    let step = Step::Index(i64::try_from(i).unwrap_or(i64::MAX));
                    rewritten.push(self.rewrite_object(value, &here.inner(Some(step), beside), rewrite)?);
                }
                Ok(Value::List(rewritten))
            }
            (Nesting::Map, Value::Map(inner)) => {
                let mut rewritten = BTreeMap::new();
                for (key, value) in inner {
                    let beside = here.holders.iter().map(|map| at_key(map, &key)).collect();
                    let place = here.inner(Some(Step::key(&key)), beside);
                    rewritten.insert(key, self.rewrite_object(value, &place, rewrite)?);
                }
                Ok(Value::Map(rewritten))
            }
            (Nesting::Set, Value::Set(inner)) => {
                let inner: Vec<Value> = inner.into_iter().collect();
                let beside = self.all_counterparts(&inner.iter().collect::<Vec<_>>(), here);
                let mut rewritten = Vec::with_capacity(inner.len());
                for (i, value) in inner.into_iter().enumerate() {
                    let beside = beside.iter().map(|found| found[i]).collect();
                    let place = Place {
                        in_set: true,
                        ..here.inner(None, beside)
                    };
                    rewritten.push(self.rewrite_object(value, &place, rewrite)?);
                }
                Ok(Value::set(rewritten))
            }
            (_, value) => Ok(value),
        }
    }

    /// The counterparts of these elements in each of the sets beside.
    fn all_counterparts<'v>(self, values: &[&Value], here: &Place<'v>) -> Vec<Vec<&'v Value>> {
        let Some((config, others)) = here.holders.split_first() else {
            return Vec::new();
        };
        let configured = self.counterparts(values, config, &[]);
        let looks: &[Look] = match here.by_configured {
            true => &[Look::Strict, Look::Loose, Look::Configured],
            false => &[Look::Strict, Look::Loose],
        };
        let others = others.iter().map(|set| {
            let found = self.looked_for(values, set, &configured, looks);
            found.into_iter().map(|found| found.unwrap_or(NOTHING)).collect()
        });
        let found: Vec<_> = others.collect();
        std::iter::once(configured).chain(found).collect()
    }

    /// The counterpart of each of these elements in a set, null where it has none: an equal one if there is, else one that
    /// it may have come from; each once. What says most is tried first, on both sides, or it would be left to an element
    /// that says something else; and none stays alone that another can make room for. `configured` has the configuration's
    /// counterparts of them, where there is one.
    pub(crate) fn counterparts<'v>(
        self,
        values: &[&Value],
        set: &'v Value,
        configured: &[&Value],
    ) -> Vec<&'v Value> {
        let found = self.looked_for(values, set, configured, &[Look::Strict, Look::Loose]);
        found.into_iter().map(|found| found.unwrap_or(NOTHING)).collect()
    }

    fn looked_for<'v>(
        self,
        values: &[&Value],
        set: &'v Value,
        configured: &[&Value],
        looks: &[Look],
    ) -> Vec<Option<&'v Value>> {
        let mut others = elements(set);
        others.sort_by_cached_key(|element| open_values(element, 0));
        let config = |value: usize| configured.get(value).copied().unwrap_or(NOTHING);
        let fits = |value: usize, other: usize, look: Option<Look>| match look {
            None => values[value] == others[other],
            Some(look) => self.alike(values[value], others[other], config(value), look),
        };
        let mut order: Vec<usize> = (0..values.len()).collect();
        order.sort_by_cached_key(|&value| open_values(values[value], 0));
        let mut pairs = Pairs::new(values.len(), others.len(), &fits);
        for look in std::iter::once(None).chain(looks.iter().copied().map(Some)) {
            pairs.find(&order, look);
        }
        let found = pairs.of_values.into_iter();
        found.map(|pair| Some(others[pair?.0])).collect()
    }
}

/// Who belongs to whom, each once: as many as can.
struct Pairs<'f> {
    /// Of each value, its counterpart and the look by which it is that.
    of_values: Vec<Option<(usize, Option<Look>)>>,
    of_others: Vec<Option<usize>>,
    fits: &'f dyn Fn(usize, usize, Option<Look>) -> bool,
}

impl<'f> Pairs<'f> {
    fn new(values: usize, others: usize, fits: &'f dyn Fn(usize, usize, Option<Look>) -> bool) -> Self {
        Self {
            of_values: vec![None; values],
            of_others: vec![None; others],
            fits,
        }
    }

    /// Finds counterparts for the values that have none, in that order.
    fn find(&mut self, order: &[usize], look: Option<Look>) {
        // What leads nowhere for one leads nowhere for the next.
        let mut tried = vec![false; self.of_others.len()];
        for &value in order {
            if self.of_values[value].is_none() && self.pair(value, look, &mut tried) {
                tried.fill(false);
            }
        }
    }

    /// Pairs the value with the first that is free, else with one whose own value has another to go to (Kuhn's algorithm).
    fn pair(&mut self, value: usize, look: Option<Look>, tried: &mut [bool]) -> bool {
        let mut others = 0..self.of_others.len();
        let free = |&other: &usize| self.of_others[other].is_none() && (self.fits)(value, other, look);
        let found = others.clone().find(free).or_else(|| {
            others.find(|&other| {
                let taken =
                    self.of_others[other].filter(|_| !tried[other] && (self.fits)(value, other, look));
                let before = taken.and_then(|value| Some((value, self.of_values[value]?.1)));
                before.is_some_and(|(value, look)| {
                    tried[other] = true;
                    self.pair(value, look, tried)
                })
            })
        });
        if let Some(other) = found {
            self.of_values[value] = Some((other, look));
            self.of_others[other] = Some(value);
        }
        found.is_some()
    }
}

/// How much in a value is null or not known, by depth: a whole that is not known says less than one in which much is not.
fn open_values(value: &Value, depth: usize) -> [usize; 4] {
    let mut open = [0; 4];
    let add = |inner: &Value| {
        let within = open_values(inner, depth + 1);
        open.iter_mut().zip(within).for_each(|(sum, more)| *sum += more);
    };
    match value {
        Value::List(inner) | Value::Tuple(inner) => inner.iter().for_each(add),
        Value::Set(inner) => inner.iter().for_each(add),
        Value::Map(inner) | Value::Object(inner) => inner.values().for_each(add),
        Value::Null | Value::Unknown(_) => open[depth.min(3)] = 1,
        _ => {}
    }
    open
}

/// An element of a list; null where there is none.
pub(crate) fn at_index(value: &Value, index: usize) -> &Value {
    match value {
        Value::List(inner) => inner.get(index).unwrap_or(NOTHING),
        _ => NOTHING,
    }
}

/// An element of a map; null where there is none.
pub(crate) fn at_key<'v>(value: &'v Value, key: &str) -> &'v Value {
    match value {
        Value::Map(inner) => inner.get(key).unwrap_or(NOTHING),
        _ => NOTHING,
    }
}

/// The elements of a set.
pub(crate) fn elements(value: &Value) -> Vec<&Value> {
    match value {
        Value::Set(inner) => inner.iter().collect(),
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests;
