//! What may be planned and applied: core's own rules as functions of values.

mod carry;
mod compatible;
mod generate;
mod merged;
mod order;
mod replace;
mod rewrite;
mod valid;

pub(crate) use self::{
    carry::{carry, carry_from, carry_numbers, long_numbers},
    compatible::assert_compatible,
    generate::{config_from_state, empty},
    merged::made_one_by_defaults,
    order::{Draft, DraftError, Drafted, settle},
    replace::requires_replace,
    rewrite::{as_state, keep_same, mark_computed_unknown, null_write_only, open_elements},
    valid::assert_plan_valid,
};
use crate::{
    path::{Path, Step},
    schema::{Body, Child, Level, Nesting, within},
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

/// The write-only attributes that have a value. In an unknown element of a list or a map they have an unknown one: core
/// looks into it.
pub(crate) fn write_only_values(body: &Body, value: &Value) -> Vec<Path> {
    let mut found = Vec::new();
    in_level(body.level(), value, &Path::root(), &mut found);
    found
}

fn in_level(level: Level<'_>, object: &Value, at: &Path, found: &mut Vec<Path>) {
    for (name, child) in level.children() {
        let value = within(object, name);
        let here = at.then(name);
        if matches!(child, Child::Attribute(attribute) if attribute.write_only) && !value.is_null() {
            found.push(here);
            continue;
        }
        // There are no write-only attributes in sets.
        match (child.level(), value) {
            (Some((Nesting::Single, level)), value @ Value::Object(_)) => {
                in_level(level, value, &here, found)
            }
            (Some((Nesting::List, level)), Value::List(inner)) => {
                for (i, value) in (0..).zip(inner) {
                    in_level(level, value, &here.then(Step::Index(i)), found);
                }
            }
            (Some((Nesting::Map, level)), Value::Map(inner)) => {
                for (key, value) in inner {
                    in_level(level, value, &here.then(Step::key(key)), found);
                }
            }
            _ => {}
        }
    }
}
