//! The rules that core holds a schema to, checked before core sees it.

use std::{collections::BTreeSet, convert::Infallible, fmt};

use super::{Attribute, Block, BlockNesting, Body, Child, Kind, Nesting, Rewritten, Schema, fit};
use crate::{
    path::Path,
    value::{Type, Value, conform},
};

/// One broken rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Violation {
    /// The provider or the resource.
    pub(crate) owner: String,
    pub(crate) path: Path,
    pub(crate) rule: String,
}

impl Violation {
    /// A rule that the whole of `owner` breaks.
    pub(crate) fn of(owner: &str, rule: impl Into<String>) -> Self {
        Self {
            owner: owner.to_owned(),
            path: Path::root(),
            rule: rule.into(),
        }
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.owner)?;
        if !self.path.is_root() {
            write!(f, ", {}", self.path)?;
        }
        write!(f, ": {}", self.rule)
    }
}

/// Where things stand within the schema, for the rules that depend on it.
#[derive(Clone, Copy, Default)]
struct Inside {
    set: bool,
    /// Of a nested attribute that is a collection. Blocks are no such: core makes tuples and objects of those
    /// that hold dynamic types.
    nested_collection: bool,
    computed: bool,
}

/// All rules that the schema breaks (core: configschema's internal validation), and all of its own rules that mean
/// nothing.
pub(crate) fn check(owner: &str, schema: &Schema) -> Vec<Violation> {
    let mut checks = Checks {
        owner,
        found: Vec::new(),
    };
    if schema.version() < 0 {
        checks.add(&Path::root(), "the version must not be negative");
    }
    checks.body(&schema.body, &Path::root(), Inside::default());
    for (path, rule) in fit::check(schema) {
        checks.add(&path, rule);
    }
    checks.found
}

/// Whether a name can stand in a configuration as an attribute's, a parameter's or a function's (hclsyntax takes more of
/// Unicode).
pub(crate) fn is_identifier(name: &str) -> bool {
    let word = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_';
    name.bytes().all(word) && name.bytes().next().is_some_and(|b| !b.is_ascii_digit())
}

pub(crate) const NAMES: &str =
    "names consist of lower-case letters, digits and underscores, and begin with no digit";

struct Checks<'a> {
    owner: &'a str,
    found: Vec<Violation>,
}

impl Checks<'_> {
    fn add(&mut self, path: &Path, rule: impl Into<String>) {
        self.found.push(Violation {
            owner: self.owner.to_owned(),
            path: path.clone(),
            rule: rule.into(),
        });
    }

    fn body(&mut self, body: &Body, at: &Path, inside: Inside) {
        let mut names = BTreeSet::new();
        self.attributes(&body.attributes, at, inside, &mut names);
        for (name, block) in &body.blocks {
            let here = at.then(name);
            self.name(name, &here, &mut names);
            self.block(block, &here, inside);
        }
    }

    fn name<'n>(&mut self, name: &'n str, here: &Path, names: &mut BTreeSet<&'n str>) {
        if !is_identifier(name) {
            self.add(here, NAMES);
        }
        if !names.insert(name) {
            self.add(here, "the name is used twice");
        }
    }

    fn attributes<'n>(
        &mut self,
        attributes: &'n [(String, Attribute)],
        at: &Path,
        inside: Inside,
        names: &mut BTreeSet<&'n str>,
    ) {
        for (name, attribute) in attributes {
            let here = at.then(name);
            self.name(name, &here, names);
            self.attribute(attribute, &here, inside);
        }
    }

    fn attribute(&mut self, attribute: &Attribute, here: &Path, inside: Inside) {
        if !(attribute.required || attribute.optional || attribute.computed) {
            self.add(here, "must be required, optional or computed");
        }
        if attribute.required && attribute.optional {
            self.add(here, "cannot be both required and optional");
        }
        if attribute.required && attribute.computed {
            self.add(here, "cannot be both required and computed");
        }
        if attribute.write_only {
            if attribute.computed {
                self.add(here, "a write-only attribute cannot be computed");
            }
            if inside.set {
                self.add(here, "a write-only attribute cannot be inside of a set");
            }
            // Without a value in state there is nothing that a change could be seen by.
            if !attribute.replace.is_empty() {
                self.add(
                    here,
                    "a write-only attribute cannot replace the resource; give it a version attribute",
                );
            }
        }
        if inside.computed && !attribute.computed {
            self.add(here, "everything inside of what is computed must be computed");
        }
        self.plan_of(attribute, here);
        let computed_only = attribute.computed && !attribute.optional;
        match &attribute.kind {
            Kind::Plain(ty) => {
                let within = ty != &Type::Dynamic && ty.has_dynamic();
                if within || (inside.nested_collection && ty.has_dynamic()) {
                    self.add(
                        here,
                        "a dynamic type cannot be part of a collection or an object type",
                    );
                } else if inside.set && ty.has_dynamic() {
                    self.add(here, "a dynamic type cannot be inside of a set");
                }
            }
            Kind::Nested(nesting, attributes) => {
                let inside = Inside {
                    set: inside.set || *nesting == Nesting::Set,
                    nested_collection: inside.nested_collection || *nesting != Nesting::Single,
                    computed: inside.computed || computed_only,
                };
                self.attributes(attributes, here, inside, &mut BTreeSet::new());
                if attribute.write_only {
                    self.inside_write_only(attributes, here);
                }
            }
        }
    }

    /// What the attribute says of its own plan.
    fn plan_of(&mut self, attribute: &Attribute, here: &Path) {
        if let Some(default) = &attribute.default {
            if !(attribute.optional && attribute.computed) {
                self.add(here, "an attribute with a default must be optional and computed");
            }
            match default.get(&attribute.implied_type()) {
                Ok(value) if value.is_null() || !value.is_wholly_known() => {
                    self.add(here, "the default must be known and not null");
                }
                Ok(value) => {
                    if let Err(err) = conform::check(&value, &attribute.implied_type()) {
                        self.add(here, format!("the default does not fit: {err}"));
                    }
                    for path in missing(attribute, value) {
                        self.add(&here.join(&path), "is required, and the default leaves it out");
                    }
                }
                Err(err) => self.add(here, format!("the default does not fit: {err}")),
            }
        }
        if let Some(same) = attribute.same.as_ref().filter(|same| !same.is_built_in()) {
            if attribute.write_only {
                self.add(
                    here,
                    "a write-only value is in no state that it could mean the same as",
                );
            }
            if !same.suits(&attribute.implied_type()) {
                self.add(
                    here,
                    "there are no strings that could mean the same; compare values with `same_if`",
                );
            }
        }
        if !attribute.modifiers.is_empty() && !attribute.computed {
            self.add(
                here,
                "only a computed attribute can plan a value of its own (`keep_prior`, `plan`)",
            );
        }
    }

    fn inside_write_only(&mut self, attributes: &[(String, Attribute)], at: &Path) {
        for (name, attribute) in attributes {
            if !attribute.write_only {
                self.add(
                    &at.then(name),
                    "everything inside of a write-only attribute must be write-only",
                );
            }
        }
    }

    fn block(&mut self, block: &Block, here: &Path, inside: Inside) {
        if block.min < 0 || block.max < 0 {
            self.add(here, "the number of blocks cannot be negative");
        }
        match block.nesting {
            BlockNesting::Single if block.min != block.max || block.min > 1 => {
                self.add(here, "a single block is there at most once");
            }
            BlockNesting::Group | BlockNesting::Map if block.min != 0 || block.max != 0 => {
                self.add(here, "the number of blocks is limited only for lists and sets");
            }
            _ if block.max != 0 && block.min > block.max => {
                self.add(here, "at least more blocks than at most");
            }
            _ => {}
        }
        if block.computed {
            if block.nesting == BlockNesting::Group {
                self.add(here, "a group block cannot be computed");
            }
            if block.min > 0 {
                self.add(here, "computed blocks cannot be required");
            }
        } else if inside.computed {
            self.add(here, "everything inside of what is computed must be computed");
        }
        let inside = Inside {
            set: inside.set || block.nesting == BlockNesting::Set,
            computed: inside.computed || block.computed,
            ..inside
        };
        self.body(&block.body, here, inside);
    }
}

/// Where a value of a nested attribute has nothing for what is required in it.
fn missing(attribute: &Attribute, value: Value) -> Vec<Path> {
    let mut found = Vec::new();
    let walked = Child::Attribute(attribute).rewrite_within(value, &[], &mut |place,
                                                                              child,
                                                                              value,
                                                                              _|
     -> Result<_, Infallible> {
        if matches!(child, Child::Attribute(attribute) if attribute.required) && value.is_null() {
            found.push(place.path.clone());
        }
        Ok(Rewritten::Into(value))
    });
    let Ok(_) = walked;
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::{dynamic, int64, list, map_nested, set_nested, single, string};

    fn rules(schema: Schema) -> Vec<String> {
        check("thing", &schema).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_good_schema_breaks_no_rule() {
        let schema = Schema::new(0)
            .attr("name", string().required().replace())
            .attr("secret_wo", string().optional().write_only())
            .attr("any", dynamic().optional())
            .attr(
                "by_key",
                map_nested([("value", string().optional().write_only())]).optional(),
            )
            .attr("out", single([("id", string().computed())]).computed())
            .block("timeouts", Block::single().attr("create", string().optional()))
            .attr("size", int64().optional().computed().default(1_i64).keep_prior())
            .block("anys", Block::map().attr("x", dynamic().optional()))
            .block("made", Block::list().computed().attr("x", string().computed()))
            .block("rule", Block::list().min(1).max(2).attr("x", string().required()));
        assert_eq!(rules(schema), [""; 0]);
    }

    #[test]
    fn every_broken_rule_is_named_with_its_place() {
        let schema = Schema::new(-1)
            .attr("nothing", string())
            .attr("both", string().required().optional())
            .attr("set_by_both", string().required().computed())
            .attr("Upper", string().optional())
            .attr("1st", string().optional())
            .attr("twice", string().optional())
            .attr("twice", string().optional())
            .attr("wo", string().optional().computed().write_only())
            .attr(
                "inner",
                set_nested([("wo", string().optional().write_only())]).optional(),
            )
            .attr("any", list(Type::Dynamic).optional())
            .attr("out", single([("in", string().optional())]).computed())
            .attr("wo_replace", string().optional().write_only().replace())
            .attr("plain_default", string().optional().default("x"))
            .attr("bad_default", string().optional().computed().default(1_i64))
            .attr(
                "null_default",
                string().optional().computed().default(Value::Null),
            )
            .attr("keeps", string().optional().keep_prior())
            .attr("same_number", list(Type::Number).optional().same_json())
            .attr("same_wo", string().optional().write_only().same_time())
            .attr(
                "half_default",
                single([("a", string().required()), ("b", string().optional())])
                    .optional()
                    .computed()
                    .default(Value::object([("b", "b".into())])),
            )
            .block("made", Block::group().computed().attr("x", string().optional()))
            .block(
                "needed",
                Block::list().computed().min(1).attr("x", string().computed()),
            )
            .block("sets", Block::set().attr("x", dynamic().optional()))
            .block("few", Block::list().min(3).max(2))
            .block("group", Block::group().max(1))
            .block("both", Block::set().attr("wo", string().optional().write_only()));
        assert_eq!(
            rules(schema),
            [
                "thing: the version must not be negative",
                "thing, nothing: must be required, optional or computed",
                "thing, both: cannot be both required and optional",
                "thing, set_by_both: cannot be both required and computed",
                "thing, Upper: names consist of lower-case letters, digits and underscores, and begin with no digit",
                "thing, 1st: names consist of lower-case letters, digits and underscores, and begin with no digit",
                "thing, twice: the name is used twice",
                "thing, wo: a write-only attribute cannot be computed",
                "thing, inner.wo: a write-only attribute cannot be inside of a set",
                "thing, any: a dynamic type cannot be part of a collection or an object type",
                "thing, out.in: everything inside of what is computed must be computed",
                "thing, wo_replace: a write-only attribute cannot replace the resource; give it a version attribute",
                "thing, plain_default: an attribute with a default must be optional and computed",
                "thing, bad_default: the default does not fit: is a number instead of string",
                "thing, null_default: the default must be known and not null",
                "thing, keeps: only a computed attribute can plan a value of its own (`keep_prior`, `plan`)",
                "thing, same_number: there are no strings that could mean the same; compare values with `same_if`",
                "thing, same_wo: a write-only value is in no state that it could mean the same as",
                "thing, half_default.a: is required, and the default leaves it out",
                "thing, made: a group block cannot be computed",
                "thing, made.x: everything inside of what is computed must be computed",
                "thing, needed: computed blocks cannot be required",
                "thing, sets.x: a dynamic type cannot be inside of a set",
                "thing, few: at least more blocks than at most",
                "thing, group: the number of blocks is limited only for lists and sets",
                "thing, both: the name is used twice",
                "thing, both.wo: a write-only attribute cannot be inside of a set",
            ]
        );
    }
}
