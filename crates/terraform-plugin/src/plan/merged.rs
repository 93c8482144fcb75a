//! Elements of sets that would become one: a set has each element once, so that one of them would be lost.

use super::rewrite::{mark_computed_unknown, rewritten, with_defaults};
use crate::{
    path::{Path, Step},
    schema::{Body, Child, Level, NOTHING, Nesting, Rewritten, of},
    value::Value,
};

/// The set attributes of a configuration of which two elements differ only in that one says what the other leaves to a
/// default. The plan would have one element for both, and core refuses a plan that has fewer than the configuration. Blocks
/// that are the same are one block, as they are where a configuration repeats one.
pub(crate) fn made_one_by_defaults(body: &Body, config: &Value) -> Vec<Path> {
    let mut found = Vec::new();
    if body.level().any(&|attribute| attribute.default.is_some()) {
        in_level(body.level(), config, &Path::root(), &mut found);
        found.dedup();
    }
    found
}

fn in_level(level: Level<'_>, config: &Value, at: &Path, found: &mut Vec<Path>) {
    for (name, child) in level.children() {
        let here = at.then(name);
        match (child.level(), of(config, name)) {
            (Some((Nesting::Single, level)), value) => in_level(level, value, &here, found),
            (Some((_, level)), Value::List(inner)) => {
                for (i, value) in (0..).zip(inner) {
                    in_level(level, value, &here.then(Step::Index(i)), found);
                }
            }
            (Some((_, level)), Value::Map(inner)) => {
                for (key, value) in inner {
                    in_level(level, value, &here.then(Step::key(key)), found);
                }
            }
            (Some((_, level)), Value::Set(inner)) => {
                let planned = Value::set(inner.iter().map(|element| from_nothing(level, element)));
                let is_attribute = matches!(child, Child::Attribute(_));
                if is_attribute && matches!(planned, Value::Set(planned) if planned.len() < inner.len()) {
                    found.push(here.clone());
                }
                // A path ends at a set.
                let mut within = Vec::new();
                inner
                    .iter()
                    .for_each(|element| in_level(level, element, &here, &mut within));
                found.extend(within.first().map(|_| here));
            }
            _ => {}
        }
    }
}

/// What is planned of an element that was not there before.
fn from_nothing(level: Level<'_>, config: &Value) -> Value {
    // A default that does not fit is told elsewhere.
    let planned = with_defaults(level, config.clone(), config).unwrap_or_else(|_| config.clone());
    mark_computed_unknown(level, planned, config)
}

/// What core proposes, with all elements of the configuration's sets. Core completes each with what is computed in the first
/// prior element that fits it; where that is what another one of them says itself, it has one element for both.
pub(super) fn with_all_elements(body: &Body, prior: &Value, proposed: Value, config: &Value) -> Value {
    rewritten(
        body.level(),
        proposed,
        &[config, prior],
        &|child, value, beside| {
            let Some((_, level)) = child.level() else {
                return Rewritten::Done(value);
            };
            let value = match (beside, value) {
                ([Value::Set(config), prior], Value::Set(elements)) if elements.len() < config.len() => {
                    let config: Vec<&Value> = config.iter().collect();
                    let lost = lost(level, &config, &Value::Set(elements.clone()), prior);
                    Value::set(elements.into_iter().chain(lost))
                }
                (_, value) => value,
            };
            // Elements of large sets are not looked for where nothing is to be done within.
            if holds_sets(level) {
                Rewritten::Into(value)
            } else {
                Rewritten::Done(value)
            }
        },
    )
}

fn holds_sets(level: Level<'_>) -> bool {
    let mut levels = level.children().filter_map(|(_, child)| child.level());
    levels.any(|(nesting, level)| nesting == Nesting::Set || holds_sets(level))
}

/// The elements of the configuration that none of the proposed ones is.
fn lost(level: Level<'_>, config: &[&Value], proposed: &Value, prior: &Value) -> Vec<Value> {
    let kept = level.counterparts(config, proposed, &[]);
    let prior = level.counterparts(config, prior, &[]);
    let beside = config.iter().zip(prior).zip(kept);
    let lost = beside.filter(|(_, kept)| kept.is_null());
    lost.map(|((config, prior), _)| completed(level, config, prior))
        .collect()
}

/// An element of the configuration with what is computed of the prior one.
fn completed(level: Level<'_>, config: &Value, prior: &Value) -> Value {
    rewritten(
        level,
        config.clone(),
        &[NOTHING, prior],
        &|child, value, beside| match (child, beside) {
            (Child::Attribute(attribute), [_, prior]) if attribute.computed && value.is_null() => {
                Rewritten::Done((*prior).clone())
            }
            _ => Rewritten::Into(value),
        },
    )
}
