//! What core accepts as a plan (core: objchange's AssertPlanValid).

use super::{Broken, carry::unrefined};
use crate::{
    path::{Path, Step},
    schema::{Attribute, Block, BlockNesting, Body, Kind, Nesting, of, within},
    value::{Elements, Value},
};

const NOTHING: &Value = &Value::Null;

/// Where `planned` is not what a provider may plan from `config` and `prior`.
pub(crate) fn assert_plan_valid(body: &Body, prior: &Value, config: &Value, planned: &Value) -> Vec<Broken> {
    let mut check = Check { broken: Vec::new() };
    check.body(body, prior, config, planned, &Path::root());
    check.broken
}

struct Check {
    broken: Vec<Broken>,
}

impl Check {
    fn add(&mut self, at: &Path, rule: &str) {
        self.broken.push(Broken::new(at, rule));
    }

    fn body(&mut self, body: &Body, prior: &Value, config: &Value, planned: &Value, at: &Path) {
        if config.is_null() != planned.is_null() {
            let rule = if planned.is_null() {
                "is planned to be absent, but the configuration has it"
            } else {
                "is planned to exist, but the configuration does not have it"
            };
            return self.add(at, rule);
        }
        if planned.is_null() {
            return;
        }
        if planned.is_unknown() {
            if !config.is_unknown() {
                self.add(at, "is planned as wholly unknown; only attributes may be unknown");
            }
            return;
        }
        self.attributes(&body.attributes, prior, config, planned, at);
        for (name, block) in &body.blocks {
            self.block(
                block,
                of(prior, name),
                of(config, name),
                of(planned, name),
                &at.then(name),
            );
        }
    }

    fn block(&mut self, block: &Block, prior: &Value, config: &Value, planned: &Value, at: &Path) {
        let is_single = block.nesting == BlockNesting::Single;
        if planned.is_null() && !is_single {
            return self.add(at, "where there are no blocks, it is empty and never null");
        }
        if config.is_unknown() {
            if !planned.is_unknown() {
                self.add(at, "the configuration's blocks are unknown and must stay so");
            }
            return;
        }
        if block.computed && config.is_null() {
            return;
        }
        if planned.is_unknown() {
            return self.add(at, "the configuration's blocks are planned as unknown");
        }
        match (block.nesting, config, planned) {
            (BlockNesting::Single | BlockNesting::Group, ..) => {
                self.body(&block.body, prior, config, planned, at);
            }
            // Elements of sets have no identity by which they could be compared.
            (BlockNesting::Set, Value::Set(_), Value::Set(planneds)) => {
                if planneds
                    .iter()
                    .any(|planned| planned.is_null() || planned.is_unknown())
                {
                    self.add(
                        at,
                        "a block is planned as null or unknown; only its attributes may be",
                    );
                }
            }
            _ => {
                for (step, config, planned) in self.side_by_side("blocks", config, planned, at) {
                    let prior = element_of(prior, &step);
                    self.body(&block.body, prior, config, planned, &at.then(step));
                }
            }
        }
    }

    /// The elements of two lists or two maps, where there are as many on both sides; else what is wrong is told, and
    /// there is nothing to compare.
    fn side_by_side<'v>(
        &mut self,
        what: &str,
        config: &'v Value,
        planned: &'v Value,
        at: &Path,
    ) -> Vec<(Step, &'v Value, &'v Value)> {
        match (config, planned) {
            (Value::List(configs), Value::List(planneds)) if configs.len() == planneds.len() => {
                let pairs = (0..).zip(configs.iter().zip(planneds));
                return pairs
                    .map(|(i, (config, planned))| (Step::Index(i), config, planned))
                    .collect();
            }
            (Value::Map(configs), Value::Map(planneds)) if configs.keys().eq(planneds.keys()) => {
                let pairs = configs.iter().zip(planneds.values());
                return pairs
                    .map(|((key, config), planned)| (Step::key(key), config, planned))
                    .collect();
            }
            (Value::List(_), Value::List(_)) => {
                self.add(
                    at,
                    &format!("the number of {what} differs from the configuration's"),
                );
            }
            (Value::Map(_), Value::Map(_)) => {
                self.add(
                    at,
                    &format!("the keys of the {what} differ from the configuration's"),
                );
            }
            _ => self.add(at, &format!("is of another kind than the configuration's {what}")),
        }
        Vec::new()
    }

    fn attributes(
        &mut self,
        attributes: &[(String, Attribute)],
        prior: &Value,
        config: &Value,
        planned: &Value,
        at: &Path,
    ) {
        for (name, attribute) in attributes {
            self.attribute(
                attribute,
                of(prior, name),
                of(config, name),
                of(planned, name),
                &at.then(name),
            );
        }
    }

    fn attribute(
        &mut self,
        attribute: &Attribute,
        prior: &Value,
        config: &Value,
        planned: &Value,
        at: &Path,
    ) {
        if attribute.write_only {
            if !planned.is_null() {
                self.add(at, "a write-only value must not be planned");
            }
            return;
        }
        let (same_as_config, same_as_prior) = (unrefined(planned) == unrefined(config), || {
            unrefined(planned) == unrefined(prior)
        });
        if same_as_config || (!prior.is_null() && !config.is_null() && same_as_prior()) {
            return;
        }
        // A computed attribute may have a configured value where `ignore_changes` put the prior one there.
        if attribute.computed && (config.is_null() || !attribute.optional) {
            return;
        }
        if let Kind::Nested(nesting, inner) = &attribute.kind {
            return self.nested(*nesting, inner, prior, config, planned, at);
        }
        self.add(
            at,
            if prior.is_null() {
                "the planned value differs from the configuration's"
            } else {
                "the planned value is neither the configuration's nor the prior one"
            },
        );
    }

    fn nested(
        &mut self,
        nesting: Nesting,
        attributes: &[(String, Attribute)],
        prior: &Value,
        config: &Value,
        planned: &Value,
        at: &Path,
    ) {
        if config.is_null() != planned.is_null() || config.is_unknown() != planned.is_unknown() {
            return self.add(at, "differs from the configuration in being null or unknown");
        }
        match (nesting, config, planned) {
            (Nesting::Single, ..) => self.attributes(attributes, prior, config, planned, at),
            (Nesting::Set, Value::Set(configs), Value::Set(planneds)) => {
                // Unknown elements may turn out equal to others, so a set has no certain number of them.
                let least = |value: &Value, elements: &Elements| match value.is_wholly_known() {
                    true => elements.len(),
                    false => usize::from(!elements.is_empty()),
                };
                let (fewest, most) = (least(planned, planneds), planneds.len());
                let (config_fewest, config_most) = (least(config, configs), configs.len());
                if fewest > config_most || most < config_fewest {
                    self.add(at, "the number of elements differs from the configuration's");
                }
            }
            _ => {
                for (step, config, planned) in self.side_by_side("elements", config, planned, at) {
                    let prior = element_of(prior, &step);
                    self.element(attributes, prior, config, planned, &at.then(step));
                }
            }
        }
    }

    fn element(
        &mut self,
        attributes: &[(String, Attribute)],
        prior: &Value,
        config: &Value,
        planned: &Value,
        at: &Path,
    ) {
        if config.is_null() != planned.is_null() || (planned.is_unknown() && !config.is_unknown()) {
            return self.add(at, "differs from the configuration in being null or unknown");
        }
        if planned.is_unknown() {
            return;
        }
        // Core looks into unknown elements: each attribute of theirs is unknown.
        for (name, attribute) in attributes {
            let (prior, at) = (of(prior, name), at.then(name));
            self.attribute(attribute, prior, within(config, name), of(planned, name), &at);
        }
    }
}

/// An element of a list or a map; null where there is none.
fn element_of<'a>(value: &'a Value, step: &Step) -> &'a Value {
    value.get(&Path::root().then(step.clone())).unwrap_or(NOTHING)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::{Schema, list_nested, map_nested, set_nested, single, string};

    fn schema() -> Schema {
        let inner = || [("x", string().optional()), ("id", string().computed())];
        Schema::new(0)
            .attr("plain", string().optional())
            .attr("id", string().computed())
            .attr("maybe", string().optional().computed())
            .attr("secret_wo", string().optional().write_only())
            .attr("one", single(inner()).optional())
            .attr("many", list_nested(inner()).optional())
            .attr("keyed", map_nested(inner()).optional())
            .attr("bag", set_nested(inner()).optional())
            .block("list", Block::list().attr("x", string().optional()))
            .block("made", Block::list().computed().attr("x", string().computed()))
            .block("timeouts", Block::single().attr("x", string().optional()))
    }

    fn state(changes: &[(&'static str, Value)]) -> Value {
        let null = [
            "plain",
            "id",
            "maybe",
            "secret_wo",
            "one",
            "many",
            "keyed",
            "bag",
            "timeouts",
        ];
        let mut state: Vec<(&str, Value)> = null.map(|name| (name, Value::Null)).into();
        state.push(("list", Value::List(Vec::new())));
        state.push(("made", Value::List(Vec::new())));
        state.extend(changes.iter().cloned());
        Value::object(state)
    }

    fn x(x: &str, id: impl Into<Value>) -> Value {
        Value::object([("x", x.into()), ("id", id.into())])
    }

    fn one_block(x: &str) -> Value {
        Value::object([("x", x.into())])
    }

    /// A change of prior, configuration and plan, and the place of the broken rule, if one is broken.
    type Case = (&'static str, Option<Value>, Value, Value, Option<&'static str>);

    #[test]
    fn plans_keep_to_cores_rules() {
        let null = || Value::Null;
        let list = |inner: Vec<Value>| Value::List(inner);
        let refined = || Value::Unknown(Some(Box::new(crate::Refinement::default().not_null())));
        let cases: Vec<Case> = vec![
            ("plain", None, "a".into(), "a".into(), None),
            ("plain", None, "a".into(), "b".into(), Some("plain")),
            ("plain", None, null(), "b".into(), Some("plain")),
            ("plain", None, "a".into(), Value::UNKNOWN, Some("plain")),
            ("plain", None, Value::UNKNOWN, "a".into(), Some("plain")),
            ("plain", Some("A".into()), "a".into(), "A".into(), None),
            ("plain", Some("A".into()), null(), "A".into(), Some("plain")),
            ("id", None, null(), Value::UNKNOWN, None),
            ("id", None, null(), "i".into(), None),
            ("id", None, "c".into(), "i".into(), None),
            ("plain", None, refined(), Value::UNKNOWN, None),
            (
                "bag",
                None,
                Value::set([x("a", null()), x("b", null())]),
                Value::set([x("a", "i"), x("b", "i"), x("c", "i")]),
                Some("bag"),
            ),
            ("made", None, null(), Value::UNKNOWN, None),
            ("made", None, null(), list(vec![one_block("a")]), None),
            ("made", None, null(), null(), Some("made")),
            ("made", None, list(vec![]), Value::UNKNOWN, Some("made")),
            (
                "list",
                None,
                list(vec![one_block("a")]),
                Value::UNKNOWN,
                Some("list"),
            ),
            ("list", None, Value::UNKNOWN, list(vec![]), Some("list")),
            ("list", None, Value::UNKNOWN, Value::UNKNOWN, None),
            (
                "list",
                None,
                list(vec![one_block("a")]),
                list(vec![Value::UNKNOWN]),
                Some("list[0]"),
            ),
            ("maybe", None, null(), "m".into(), None),
            ("maybe", None, "a".into(), "b".into(), Some("maybe")),
            ("secret_wo", None, "s".into(), null(), None),
            ("secret_wo", None, "s".into(), "s".into(), Some("secret_wo")),
            ("one", None, x("a", null()), x("a", Value::UNKNOWN), None),
            ("one", None, x("a", null()), x("b", "i"), Some("one.x")),
            ("one", None, x("a", null()), null(), Some("one")),
            ("one", None, null(), x("a", null()), Some("one")),
            (
                "many",
                None,
                list(vec![x("a", null())]),
                list(vec![x("a", "i")]),
                None,
            ),
            (
                "many",
                None,
                list(vec![x("a", null())]),
                list(vec![]),
                Some("many"),
            ),
            (
                "many",
                None,
                list(vec![x("a", null())]),
                list(vec![x("b", "i")]),
                Some("many[0].x"),
            ),
            (
                "keyed",
                None,
                Value::map([("k", x("a", null()))]),
                Value::map([("k", x("a", "i"))]),
                None,
            ),
            (
                "keyed",
                None,
                Value::map([("k", x("a", null()))]),
                Value::map([("l", x("a", "i"))]),
                Some("keyed"),
            ),
            (
                "bag",
                None,
                Value::set([x("a", null())]),
                Value::set([x("a", Value::UNKNOWN)]),
                None,
            ),
            (
                "bag",
                None,
                Value::set([x("a", null())]),
                Value::set([]),
                Some("bag"),
            ),
            (
                "list",
                None,
                list(vec![one_block("a")]),
                list(vec![one_block("a")]),
                None,
            ),
            (
                "list",
                None,
                list(vec![one_block("a")]),
                list(vec![one_block("b")]),
                Some("list[0].x"),
            ),
            ("list", None, list(vec![one_block("a")]), null(), Some("list")),
            ("timeouts", None, one_block("a"), one_block("a"), None),
            ("timeouts", None, null(), one_block("a"), Some("timeouts")),
        ];
        for (name, prior, config, planned, broken) in cases {
            let shown = format!("{name}: {prior:?} {config:?} {planned:?}");
            let prior = prior.map_or(Value::Null, |prior| state(&[(name, prior)]));
            let found = assert_plan_valid(
                &schema().body,
                &prior,
                &state(&[(name, config)]),
                &state(&[(name, planned)]),
            );
            let paths: Vec<String> = found.iter().map(|broken| broken.path.to_string()).collect();
            assert_eq!(paths, Vec::from_iter(broken), "{shown}");
        }
    }
}
