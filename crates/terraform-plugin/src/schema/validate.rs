//! What core leaves to the provider when a configuration is validated.

use super::{
    Attribute, Block, BlockNesting, Body, Child, Kind, Level, Nesting, Rule,
    rule::{Subject, null_element},
};
use crate::{
    diagnostic::{Diagnostic, Diagnostics},
    expr::Scope,
    path::{Path, Step},
    value::Value,
};

/// A validation of one configuration.
pub(crate) struct ConfigCheck {
    /// Whether the host knows write-only attributes.
    pub(crate) write_only_allowed: bool,
}

/// All that is wrong with `config` by the rules of its schema, with paths from the body inwards.
pub(crate) fn validate(body: &Body, config: &Value, check: &ConfigCheck) -> Diagnostics {
    let mut found = Diagnostics::new();
    if config.is_null() || config.is_unknown() {
        return found;
    }
    if let Some(message) = &body.deprecated {
        found.push(Diagnostic::warning("Deprecated", message.clone()));
    }
    check.body(body, &Scope::body(config), false, &mut found);
    found
}

impl ConfigCheck {
    /// What a rule of something in `scope` looks at.
    fn subject<'v>(&self, value: &'v Value, path: Path, scope: &Scope<'v>, secret: bool) -> Subject<'v> {
        Subject {
            value,
            path,
            scope: scope.clone(),
            is_body: false,
            of_attribute: scope.of_attribute,
            secret,
            write_only_allowed: self.write_only_allowed,
        }
    }

    /// The rules of a whole body, and what is within. `secret` says that messages must not show any of it.
    fn body(&self, body: &Body, scope: &Scope<'_>, secret: bool, found: &mut Diagnostics) {
        self.level(body.level(), scope, secret, found);
        let subject = Subject {
            is_body: true,
            ..self.subject(scope.value, scope.path.clone(), scope, secret)
        };
        apply(&body.rules, &subject, found);
    }

    fn level(&self, level: Level<'_>, scope: &Scope<'_>, secret: bool, found: &mut Diagnostics) {
        for (name, child) in level.children() {
            let Some(value) = scope.value.attribute(name) else {
                continue;
            };
            let hidden =
                matches!(child, Child::Attribute(attribute) if attribute.sensitive || attribute.write_only);
            let subject = Subject {
                of_attribute: matches!(child, Child::Attribute(_)),
                ..self.subject(value, scope.path.then(name), scope, secret || hidden)
            };
            let go_on = match child {
                Child::Attribute(attribute) => self.attribute(name, attribute, &subject, found),
                Child::Block(block) => self.block(name, block, &subject, found),
            };
            if go_on {
                let mut inner = scope.inner(Some(Step::from(name)), value);
                inner.of_attribute = subject.of_attribute;
                self.inside(child, &inner, subject.secret, found);
            }
        }
    }

    fn inside(&self, child: Child<'_>, scope: &Scope<'_>, secret: bool, found: &mut Diagnostics) {
        let Some((nesting, level)) = child.level() else {
            return;
        };
        let one = |scope: &Scope<'_>, found: &mut Diagnostics| match child {
            Child::Block(block) => self.body(&block.body, scope, secret, found),
            Child::Attribute(_) => self.level(level, scope, secret, found),
        };
        match (nesting, scope.value.plain()) {
            (Nesting::Single, Value::Object(_)) => one(scope, found),
            (Nesting::List, Value::List(inner)) => {
                for (i, value) in (0..).zip(inner) {
                    one(&scope.inner(Some(Step::Index(i)), value), found);
                }
            }
            (Nesting::Set, Value::Set(inner)) => {
                for value in inner {
                    one(&scope.inner(None, value), found);
                }
            }
            (Nesting::Map, Value::Map(inner)) => {
                for (key, value) in inner {
                    let step = Step::key(key);
                    let here = scope.inner(Some(step.clone()), value);
                    // Such an element crashes core after the provider's plan (core-experiments, measured on
                    // terraform 1.11.4, terraform 1.16.0-rc2 and OpenTofu 1.12.6).
                    if value.is_null() && holds_secrets(level.attributes) {
                        found.push(null_element(Some(&step)).at(here.path));
                    } else {
                        one(&here, found);
                    }
                }
            }
            _ => {}
        }
    }

    /// Whether what is within comes next.
    fn attribute(
        &self,
        name: &str,
        attribute: &Attribute,
        subject: &Subject<'_>,
        found: &mut Diagnostics,
    ) -> bool {
        let (value, here) = (subject.value, &subject.path);
        if value.is_null() {
            // Core refuses a required attribute that is left out, but not one that is set to null.
            if attribute.required {
                let detail = format!("The argument \"{name}\" is required, but it was set to null.");
                found.push(Diagnostic::error("Missing required argument", detail).at(here.clone()));
            }
            // Rules across attributes ask for what is not there.
            apply(&attribute.rules, subject, found);
            return false;
        }
        // Core checks this at the top level only.
        if attribute.computed && !attribute.optional {
            let detail = format!("\"{name}\" is decided by the provider and cannot be set. Remove it.");
            found.push(Diagnostic::error("Value for a computed attribute", detail).at(here.clone()));
            return false;
        }
        if attribute.write_only && !self.write_only_allowed {
            let detail = format!(
                "The write-only argument \"{name}\" needs Terraform 1.11 or later, or OpenTofu 1.11 or later. Upgrade, \
                 or use the argument that is kept in state instead."
            );
            found.push(Diagnostic::error("Write-only arguments are not supported", detail).at(here.clone()));
        }
        if let Some(message) = &attribute.deprecated {
            found.push(Diagnostic::warning("Deprecated attribute", message.clone()).at(here.clone()));
        }
        apply(&attribute.rules, subject, found);
        !value.is_unknown()
    }

    /// Whether what is within comes next.
    fn block(&self, name: &str, block: &Block, subject: &Subject<'_>, found: &mut Diagnostics) -> bool {
        let (value, here) = (subject.value, &subject.path);
        let count = match value.plain() {
            Value::List(inner) => Some(inner.len()),
            Value::Set(inner) => Some(inner.len()),
            Value::Map(inner) => Some(inner.len()),
            Value::Object(_) => Some(usize::from(is_written(block, value))),
            Value::Null => Some(0),
            _ => None,
        };
        if let (Some(message), Some(1..)) = (&block.body.deprecated, count) {
            found.push(Diagnostic::warning("Deprecated block", message.clone()).at(here.clone()));
        }
        // Core counts blocks as they are written. What a `dynamic` block makes is known to nobody before now.
        if let (Some(count), BlockNesting::List | BlockNesting::Set) = (count, block.nesting) {
            let count = i64::try_from(count).unwrap_or(i64::MAX);
            if count < block.min {
                let detail = format!(
                    "At least {} \"{name}\" blocks are required; there are {count}.",
                    block.min
                );
                found.push(Diagnostic::error("Too few blocks", detail).at(here.clone()));
            }
            if block.max != 0 && count > block.max {
                let detail = format!(
                    "At most {} \"{name}\" blocks are allowed; there are {count}.",
                    block.max
                );
                found.push(Diagnostic::error("Too many blocks", detail).at(here.clone()));
            }
        }
        apply(&block.rules, subject, found);
        !value.is_null() && !value.is_unknown()
    }
}

fn apply(rules: &[Rule], subject: &Subject<'_>, found: &mut Diagnostics) {
    let empty = matches!(subject.value.plain(), Value::String(text) if text.is_empty());
    let mut broken: Vec<&Rule> = Vec::new();
    for rule in rules {
        if broken.iter().any(|other| rule.is_told_by(other)) {
            continue;
        }
        let wrong = rule.check(subject);
        let refused = wrong.has_errors();
        found.extend(wrong.below(&subject.path));
        // An empty text breaks nearly every rule about texts; the first one tells it.
        if empty && refused {
            break;
        }
        if refused {
            broken.push(rule);
        }
    }
}

/// Whether the configuration has the block; a group is there in any case, with nothing in it.
fn is_written(block: &Block, value: &Value) -> bool {
    fn any(value: &Value) -> bool {
        match value.plain() {
            Value::Null => false,
            Value::Object(inner) => inner.values().any(any),
            Value::List(inner) => !inner.is_empty(),
            Value::Set(inner) => !inner.is_empty(),
            Value::Map(inner) => !inner.is_empty(),
            _ => true,
        }
    }
    block.nesting != BlockNesting::Group || any(value)
}

fn holds_secrets(attributes: &[(String, Attribute)]) -> bool {
    attributes.iter().any(|(_, attribute)| {
        attribute.sensitive
            || attribute.write_only
            || matches!(&attribute.kind, Kind::Nested(_, inner) if holds_secrets(inner))
    })
}

#[cfg(test)]
mod combinations;
#[cfg(test)]
mod tests;
