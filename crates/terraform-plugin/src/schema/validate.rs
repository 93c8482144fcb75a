//! What core leaves to the provider when a configuration is validated.

use super::{Attribute, BlockNesting, Body, Kind, Nesting};
use crate::{
    diagnostic::{Diagnostic, Diagnostics},
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
    check.body(body, config, &Path::root(), &mut found);
    found
}

impl ConfigCheck {
    fn body(&self, body: &Body, value: &Value, at: &Path, found: &mut Diagnostics) {
        self.attributes(&body.attributes, value, at, found);
        for (name, block) in &body.blocks {
            let Some(value) = value.attribute(name) else {
                continue;
            };
            let here = at.then(name);
            match (block.nesting, value) {
                (BlockNesting::Single | BlockNesting::Group, value) => {
                    self.body(&block.body, value, &here, found)
                }
                (BlockNesting::List, Value::List(inner)) => {
                    for (i, value) in (0..).zip(inner) {
                        self.body(&block.body, value, &here.then(Step::Index(i)), found);
                    }
                }
                (BlockNesting::Set, Value::Set(inner)) => {
                    for value in inner {
                        self.body(&block.body, value, &here, found);
                    }
                }
                (BlockNesting::Map, Value::Map(inner)) => {
                    for (key, value) in inner {
                        self.body(&block.body, value, &here.then(Step::key(key)), found);
                    }
                }
                _ => {}
            }
        }
    }

    fn attributes(
        &self,
        attributes: &[(String, Attribute)],
        value: &Value,
        at: &Path,
        found: &mut Diagnostics,
    ) {
        for (name, attribute) in attributes {
            if let Some(value) = value.attribute(name) {
                self.attribute(name, attribute, value, &at.then(name), found);
            }
        }
    }

    fn attribute(
        &self,
        name: &str,
        attribute: &Attribute,
        value: &Value,
        here: &Path,
        found: &mut Diagnostics,
    ) {
        if value.is_null() {
            // Core refuses a required attribute that is left out, but not one that is set to null.
            if attribute.required {
                let detail = format!("The argument \"{name}\" is required, but it was set to null.");
                found.push(Diagnostic::error("Missing required argument", detail).at(here.clone()));
            }
            return;
        }
        // Core checks this at the top level only.
        if attribute.computed && !attribute.optional {
            let detail = format!("\"{name}\" is decided by the provider and cannot be set. Remove it.");
            found.push(Diagnostic::error("Value for a computed attribute", detail).at(here.clone()));
            return;
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
        if value.is_unknown() {
            return;
        }
        for rule in &attribute.rules {
            found.extend(rule.check(value).below(here));
        }
        self.nested(attribute, value, here, found);
    }

    fn nested(&self, attribute: &Attribute, value: &Value, here: &Path, found: &mut Diagnostics) {
        let Kind::Nested(nesting, attributes) = &attribute.kind else {
            return;
        };
        match (nesting, value) {
            (Nesting::Single, value) => self.attributes(attributes, value, here, found),
            (Nesting::List, Value::List(inner)) => {
                for (i, value) in (0..).zip(inner) {
                    self.attributes(attributes, value, &here.then(Step::Index(i)), found);
                }
            }
            (Nesting::Set, Value::Set(inner)) => {
                for value in inner {
                    self.attributes(attributes, value, here, found);
                }
            }
            (Nesting::Map, Value::Map(inner)) => {
                for (key, value) in inner {
                    let here = here.then(Step::key(key));
                    // Such an element crashes core after the provider's plan (core-experiments, measured on
                    // terraform 1.11.4, terraform 1.16.0-rc2 and OpenTofu 1.12.6).
                    if value.is_null() && holds_secrets(attributes) {
                        let detail = format!(
                            "The element {key:?} is null. Leave the key out where there is nothing to set."
                        );
                        found.push(Diagnostic::error("Null element", detail).at(here));
                    } else {
                        self.attributes(attributes, value, &here, found);
                    }
                }
            }
            _ => {}
        }
    }
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
    use crate::schema::{Block, Schema, list_nested, map_nested, single, string};

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
    fn a_null_element_without_secrets_is_the_users_choice() {
        assert_eq!(
            found(&config([("plain", Value::map([("k", Value::Null)]))]), true),
            [""; 0]
        );
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
