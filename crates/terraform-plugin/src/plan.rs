//! What may be planned and applied: core's own rules as functions of values.

mod compatible;
mod generate;
mod order;
mod replace;
mod rewrite;
mod valid;

pub(crate) use self::{
    compatible::assert_compatible,
    generate::{config_from_state, empty},
    order::{Draft, DraftError, Drafted, settle},
    replace::requires_replace,
    rewrite::{as_state, keep_same, mark_computed_unknown, null_write_only, open_elements},
    valid::assert_plan_valid,
};
use crate::{
    path::{Path, Step},
    schema::{Attribute, BlockNesting, Body, Kind, Nesting},
    value::Value,
};

/// One broken rule of core's, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Broken {
    pub(crate) path: Path,
    pub(crate) rule: String,
}

impl Broken {
    fn new(path: &Path, rule: impl Into<String>) -> Self {
        Self {
            path: path.clone(),
            rule: rule.into(),
        }
    }
}

/// Calls `visit` for every attribute of the schema that `value` holds, outermost first, with its path. Paths
/// end at sets. `visit` says whether to go on into the attribute.
fn walk<'a>(
    body: &'a Body,
    value: &'a Value,
    visit: &mut impl FnMut(Path, &'a Attribute, &'a Value) -> bool,
) {
    walk_body(body, value, &Path::root(), false, visit);
}

fn walk_body<'a>(
    body: &'a Body,
    value: &'a Value,
    at: &Path,
    in_set: bool,
    visit: &mut impl FnMut(Path, &'a Attribute, &'a Value) -> bool,
) {
    walk_attributes(&body.attributes, value, at, in_set, visit);
    for (name, block) in &body.blocks {
        let Some(value) = value.attribute(name) else {
            continue;
        };
        let at = step_in(at, Step::from(name), in_set);
        match (block.nesting, value) {
            (BlockNesting::Single | BlockNesting::Group, value) => {
                walk_body(&block.body, value, &at, in_set, visit);
            }
            (BlockNesting::List, Value::List(inner)) => {
                for (i, value) in (0..).zip(inner) {
                    walk_body(
                        &block.body,
                        value,
                        &step_in(&at, Step::Index(i), in_set),
                        in_set,
                        visit,
                    );
                }
            }
            (BlockNesting::Set, Value::Set(inner)) => {
                for value in inner {
                    walk_body(&block.body, value, &at, true, visit);
                }
            }
            (BlockNesting::Map, Value::Map(inner)) => {
                for (key, value) in inner {
                    walk_body(
                        &block.body,
                        value,
                        &step_in(&at, Step::key(key), in_set),
                        in_set,
                        visit,
                    );
                }
            }
            _ => {}
        }
    }
}

fn walk_attributes<'a>(
    attributes: &'a [(String, Attribute)],
    value: &'a Value,
    at: &Path,
    in_set: bool,
    visit: &mut impl FnMut(Path, &'a Attribute, &'a Value) -> bool,
) {
    for (name, attribute) in attributes {
        let Some(value) = value.attribute(name) else {
            continue;
        };
        let at = step_in(at, Step::from(name), in_set);
        if !visit(at.clone(), attribute, value) {
            continue;
        }
        let Kind::Nested(nesting, inner_attributes) = &attribute.kind else {
            continue;
        };
        match (nesting, value) {
            (Nesting::Single, value) => walk_attributes(inner_attributes, value, &at, in_set, visit),
            (Nesting::List, Value::List(inner)) => {
                for (i, value) in (0..).zip(inner) {
                    let at = step_in(&at, Step::Index(i), in_set);
                    walk_attributes(inner_attributes, value, &at, in_set, visit);
                }
            }
            (Nesting::Set, Value::Set(inner)) => {
                for value in inner {
                    walk_attributes(inner_attributes, value, &at, true, visit);
                }
            }
            (Nesting::Map, Value::Map(inner)) => {
                for (key, value) in inner {
                    let at = step_in(&at, Step::key(key), in_set);
                    walk_attributes(inner_attributes, value, &at, in_set, visit);
                }
            }
            _ => {}
        }
    }
}

fn step_in(at: &Path, step: Step, in_set: bool) -> Path {
    if in_set { at.clone() } else { at.then(step) }
}

/// The write-only attributes that have a value. In an unknown element of a list or a map they have an unknown one: core
/// looks into it.
pub(crate) fn write_only_values(body: &Body, value: &Value) -> Vec<Path> {
    let mut found = Vec::new();
    walk(body, value, &mut |path, attribute, value| {
        if attribute.write_only && !value.is_null() {
            found.push(path);
            return true;
        }
        let Kind::Nested(_, inner) = &attribute.kind else {
            return true;
        };
        let mut look = |step: Step, element: &Value| {
            let write_only = inner.iter().filter(|(_, attribute)| attribute.write_only);
            if element.is_unknown() {
                found.extend(write_only.map(|(name, _)| path.then(step.clone()).then(name)));
            }
        };
        match value {
            Value::List(elements) => (0..)
                .zip(elements)
                .for_each(|(i, element)| look(Step::Index(i), element)),
            Value::Map(elements) => elements
                .iter()
                .for_each(|(key, element)| look(Step::key(key), element)),
            _ => {}
        }
        true
    });
    found
}
