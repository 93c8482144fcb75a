//! Whether the rules of a schema mean something where they stand, and its defaults keep to them.

use super::{
    Attribute, Child, Level, Nesting, Rule, Schema,
    rule::{Ground, Subject},
};
use crate::{
    diagnostic::Diagnostic,
    expr::Scope,
    path::Path,
    value::{Type, Value},
};

/// What is wrong, each with its place.
pub(super) fn check(schema: &Schema) -> Vec<(Path, String)> {
    let ty = schema.implied_type();
    let mut fit = Fit { found: Vec::new() };
    let body = Ground {
        ty: &ty,
        around: vec![&ty],
        is_body: true,
    };
    fit.rules(&schema.body.rules, &body, &Path::root());
    fit.level(schema.body.level(), &[&ty], &Path::root());
    fit.found
}

impl Attribute {
    /// What its own rules say of a value, of those that look at nothing else.
    fn broken_by(&self, value: &Value, here: &Path) -> Vec<Diagnostic> {
        let subject = Subject {
            value,
            path: here.clone(),
            scope: Scope::body(value),
            is_body: false,
            of_attribute: true,
            secret: false,
            write_only_allowed: true,
        };
        let alone = self.rules.iter().filter(|rule| rule.stands_alone());
        let broken = alone.flat_map(|rule| rule.check(&subject));
        broken.filter(Diagnostic::is_error).collect()
    }

    /// Whether a rule of its own refuses the value.
    pub(crate) fn refuses(&self, value: &Value) -> bool {
        !self.broken_by(value, &Path::root()).is_empty()
    }
}

struct Fit {
    found: Vec<(Path, String)>,
}

impl Fit {
    fn rules(&mut self, rules: &[Rule], ground: &Ground<'_>, at: &Path) {
        let misfits = rules.iter().flat_map(|rule| rule.misfits(ground));
        self.found.extend(misfits.map(|misfit| (at.clone(), misfit)));
    }

    /// `around` ends with the object that holds the level.
    fn level(&mut self, level: Level<'_>, around: &[&Type], at: &Path) {
        let Some(Type::Object(types)) = around.last() else {
            return;
        };
        for (name, child) in level.children() {
            // Of two of one name, which is a violation of its own, the last one has the type.
            let Some(ty) = types.get(name) else { continue };
            let here = at.then(name);
            let ground = Ground {
                ty,
                around: around.to_vec(),
                is_body: false,
            };
            match child {
                Child::Attribute(attribute) => {
                    self.rules(&attribute.rules, &ground, &here);
                    self.default(attribute, &here);
                }
                Child::Block(block) => self.rules(&block.rules, &ground, &here),
            }
            let Some((nesting, inner)) = child.level() else {
                continue;
            };
            let mut around = around.to_vec();
            around.push(ty);
            match (nesting, ty) {
                (Nesting::List, Type::List(element))
                | (Nesting::Set, Type::Set(element))
                | (Nesting::Map, Type::Map(element)) => around.push(element),
                _ => {}
            }
            if let (Child::Block(block), Some(object)) = (child, around.last()) {
                let body = Ground {
                    ty: object,
                    around: around.clone(),
                    is_body: true,
                };
                self.rules(&block.body.rules, &body, &here);
            }
            self.level(inner, &around, &here);
        }
    }

    /// A default is a value like any other, and nobody else would find out before a user leaves it to the default.
    fn default(&mut self, attribute: &Attribute, here: &Path) {
        let value = attribute
            .default
            .as_ref()
            .map(|default| default.get(&attribute.implied_type()));
        let Some(Ok(value)) = value else { return };
        let errors = attribute.broken_by(&value, here);
        self.found.extend(errors.into_iter().map(|error| {
            let place = here.join(&error.path);
            (
                place,
                format!("the default breaks a rule of its own attribute: {}", error.detail),
            )
        }));
    }
}

#[cfg(test)]
mod tests;
