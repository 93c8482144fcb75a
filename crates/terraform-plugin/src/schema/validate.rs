//! What core leaves to the provider when a configuration is validated.

use super::{Attribute, Block, BlockNesting, Body, Child, Kind, Level, Nesting, Rule, rule::Subject};
use crate::{
    diagnostic::{Diagnostic, Diagnostics},
    path::{Scope, Step},
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
    check.body(body, &Scope::body(config), &mut found);
    found
}

impl ConfigCheck {
    /// The rules of a whole body, and what is within.
    fn body(&self, body: &Body, scope: &Scope<'_>, found: &mut Diagnostics) {
        self.level(body.level(), scope, found);
        let subject = Subject {
            value: scope.value,
            path: scope.path.clone(),
            scope: scope.clone(),
            is_body: true,
            write_only_allowed: self.write_only_allowed,
        };
        apply(&body.rules, &subject, found);
    }

    fn level(&self, level: Level<'_>, scope: &Scope<'_>, found: &mut Diagnostics) {
        for (name, child) in level.children() {
            let Some(value) = scope.value.attribute(name) else {
                continue;
            };
            let subject = Subject {
                value,
                path: scope.path.then(name),
                scope: scope.clone(),
                is_body: false,
                write_only_allowed: self.write_only_allowed,
            };
            let go_on = match child {
                Child::Attribute(attribute) => self.attribute(name, attribute, &subject, found),
                Child::Block(block) => self.block(name, block, &subject, found),
            };
            if go_on {
                self.inside(child, &scope.inner(Some(Step::from(name)), value), found);
            }
        }
    }

    fn inside(&self, child: Child<'_>, scope: &Scope<'_>, found: &mut Diagnostics) {
        let Some((nesting, level)) = child.level() else {
            return;
        };
        let one = |scope: &Scope<'_>, found: &mut Diagnostics| match child {
            Child::Block(block) => self.body(&block.body, scope, found),
            Child::Attribute(_) => self.level(level, scope, found),
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
                    let here = scope.inner(Some(Step::key(key)), value);
                    // Such an element crashes core after the provider's plan (core-experiments, measured on
                    // terraform 1.11.4, terraform 1.16.0-rc2 and OpenTofu 1.12.6).
                    if value.is_null() && holds_secrets(level.attributes) {
                        let detail = format!(
                            "The element {key:?} is null. Leave the key out where there is nothing to set."
                        );
                        found.push(Diagnostic::error("Null element", detail).at(here.path));
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
    for rule in rules {
        found.extend(rule.check(subject).below(&subject.path));
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
mod tests {
    use super::*;
    use crate::{
        PathExpr,
        schema::{Schema, list_nested, map_nested, single, string},
    };

    fn schema() -> Schema {
        Schema::new(0)
            .attr(
                "name",
                string().required().matches("^[a-z]+$", "lower-case letters"),
            )
            .attr("id", string().computed())
            .attr("old", string().optional().deprecated("Use name."))
            .attr("secret_wo", string().optional().write_only())
            .attr(
                "one",
                single([("id", string().computed()), ("x", string().required())]).optional(),
            )
            .attr(
                "many",
                list_nested([("x", string().required().length(1..))]).optional(),
            )
            .attr(
                "keyed",
                map_nested([("value", string().optional().sensitive())]).optional(),
            )
            .attr("plain", map_nested([("value", string().optional())]).optional())
            .block(
                "timeouts",
                Block::single().attr("create", string().optional().length(2..)),
            )
    }

    fn config(change: impl IntoIterator<Item = (&'static str, Value)>) -> Value {
        let names = [
            "name",
            "id",
            "old",
            "secret_wo",
            "one",
            "many",
            "keyed",
            "plain",
            "timeouts",
        ]
        .map(|n| (n, Value::Null));
        let mut config: Vec<(&str, Value)> = names.into();
        config.push(("name", "abc".into()));
        config.extend(change);
        Value::object(config)
    }

    fn found(config: &Value, write_only_allowed: bool) -> Vec<String> {
        let found = validate(&schema().body, config, &ConfigCheck { write_only_allowed });
        found
            .iter()
            .map(|d| format!("{}: {}", d.path, d.summary))
            .collect()
    }

    #[test]
    fn a_good_configuration_passes() {
        assert_eq!(found(&config([]), true), [""; 0]);
        assert_eq!(
            found(
                &config([("secret_wo", "s".into()), ("name", Value::UNKNOWN)]),
                true
            ),
            [""; 0]
        );
    }

    #[test]
    fn each_rule_names_the_attribute() {
        let x = |value: Value| Value::object([("x", value)]);
        for (change, expected) in [
            (("name", Value::Null), "name: Missing required argument"),
            (("name", "ABC".into()), "name: Invalid attribute value"),
            (("id", "i".into()), "id: Value for a computed attribute"),
            (("old", "o".into()), "old: Deprecated attribute"),
            (
                ("one", Value::object([("id", "i".into()), ("x", "x".into())])),
                "one.id: Value for a computed attribute",
            ),
            (
                ("many", Value::List(vec![x("a".into()), x("".into())])),
                "many[1].x: Invalid attribute value",
            ),
            (
                ("many", Value::List(vec![x(Value::Null)])),
                "many[0].x: Missing required argument",
            ),
            (
                ("keyed", Value::map([("k", Value::Null)])),
                "keyed[\"k\"]: Null element",
            ),
            (
                ("timeouts", Value::object([("create", "x".into())])),
                "timeouts.create: Invalid attribute value",
            ),
        ] {
            assert_eq!(found(&config([change]), true), [expected]);
        }
    }

    #[test]
    fn blocks_and_whole_resources_are_deprecated_and_counted_too() {
        let schema = Schema::new(0)
            .deprecated("Use another.")
            .attr("a", string().optional())
            .attr("b", string().optional())
            .rule(Rule::exactly_one_of(["a", "b"]))
            .block(
                "old",
                Block::list()
                    .deprecated("Use new.")
                    .min(1)
                    .max(2)
                    .attr("x", string().optional()),
            )
            .block(
                "group",
                Block::group()
                    .deprecated("Use new.")
                    .attr("x", string().optional()),
            )
            .block(
                "ways",
                Block::list()
                    .rule(Rule::each([Rule::exactly_one_of(["x", "y"])]))
                    .attr(
                        "x",
                        string().optional().conflicts_with([PathExpr::root().name("a")]),
                    )
                    .attr("y", string().optional()),
            );
        let x = |x: Value| Value::object([("x", x)]);
        let found = |a: Value, old: usize, group: Value, ways: Value| -> Vec<String> {
            let config = Value::object([
                ("a", a),
                ("b", Value::Null),
                ("old", Value::List(vec![x(Value::Null); old])),
                ("group", x(group)),
                ("ways", ways),
            ]);
            let check = ConfigCheck {
                write_only_allowed: true,
            };
            let found = validate(&schema.body, &config, &check);
            found
                .iter()
                .map(|d| format!("{}: {}", d.path, d.summary))
                .collect()
        };
        let none = || Value::List(Vec::new());
        assert_eq!(
            found(Value::Null, 3, "g".into(), none()),
            [
                ": Deprecated",
                "old: Deprecated block",
                "old: Too many blocks",
                "group: Deprecated block",
                ": Invalid attribute combination",
            ]
        );
        assert_eq!(
            found("a".into(), 0, Value::Null, none()),
            [": Deprecated", "old: Too few blocks"]
        );
        let way = Value::object([("x", "x".into()), ("y", "y".into())]);
        assert_eq!(
            found("a".into(), 1, Value::Null, Value::List(vec![way])),
            [
                ": Deprecated",
                "old: Deprecated block",
                "ways[0]: Invalid attribute combination",
                "ways[0].x: Invalid attribute combination",
            ]
        );
    }

    #[test]
    fn a_null_element_without_secrets_is_the_users_choice() {
        assert_eq!(
            found(&config([("plain", Value::map([("k", Value::Null)]))]), true),
            [""; 0]
        );
    }

    #[test]
    fn a_write_only_argument_is_offered_where_the_host_knows_it() {
        let schema = Schema::new(0)
            .attr("secret", string().optional().prefer_write_only("secret_wo"))
            .attr("secret_wo", string().optional().write_only());
        let config = Value::object([("secret", "s".into()), ("secret_wo", Value::Null)]);
        for (write_only_allowed, expected) in [(true, 1), (false, 0)] {
            let found = validate(&schema.body, &config, &ConfigCheck { write_only_allowed });
            assert_eq!(found.len(), expected);
            assert!(!found.has_errors());
            assert!(
                found
                    .iter()
                    .all(|d| d.detail.contains("\"secret_wo\" takes the same value"))
            );
        }
    }

    #[test]
    fn write_only_values_need_a_host_that_knows_them() {
        let config = config([("secret_wo", "s".into())]);
        assert_eq!(
            found(&config, false),
            ["secret_wo: Write-only arguments are not supported"]
        );
    }
}
