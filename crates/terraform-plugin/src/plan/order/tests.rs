use super::*;
use crate::{
    plan::{assert_plan_valid, requires_replace},
    schema::{Attribute, Block, Schema, int64, list_nested, map_nested, set_nested, single, string},
};

mod differential;
mod property;

fn make(schema: &Schema, prior: &Value, config: &Value, proposed: Value) -> Drafted {
    let draft = Draft {
        body: &schema.body,
        config,
        prior,
        proposed,
        private: Private::new(),
        computed_blocks: true,
    };
    draft.make().expect("a draft")
}

/// The plan of one attribute `x`, beside a configured one `other` that changes.
fn changing(x: Attribute, prior: impl Into<Value>, config: impl Into<Value>) -> Value {
    let schema = Schema::new(0).attr("x", x).attr("other", string().optional());
    let (prior, config) = (prior.into(), config.into());
    let object = |x: &Value, other: &str| Value::object([("x", x.clone()), ("other", other.into())]);
    let proposed = if config.is_null() { &prior } else { &config };
    let planned = make(
        &schema,
        &object(&prior, "old"),
        &object(&config, "new"),
        object(proposed, "new"),
    );
    planned.planned.attribute("x").expect("x").clone()
}

/// The same where nothing else changes.
fn unchanged(x: Attribute, prior: impl Into<Value>, config: impl Into<Value>) -> Value {
    let schema = Schema::new(0).attr("x", x);
    let (prior, config) = (prior.into(), config.into());
    let object = |x: &Value| Value::object([("x", x.clone())]);
    let proposed = if config.is_null() { &prior } else { &config };
    let planned = make(&schema, &object(&prior), &object(&config), object(proposed));
    planned.planned.attribute("x").expect("x").clone()
}

#[test]
fn defaults_come_from_the_configuration_and_not_from_what_is_proposed() {
    let with_default = || string().optional().computed().default("d");
    assert_eq!(changing(with_default(), Value::Null, Value::Null), "d".into());
    assert_eq!(unchanged(with_default(), "old", Value::Null), "d".into());
    assert_eq!(unchanged(with_default(), "d", "mine"), "mine".into());
    assert_eq!(changing(with_default(), "d", Value::UNKNOWN), Value::UNKNOWN);
    let made = || string().optional().computed().default_with(|| "made".into());
    assert_eq!(changing(made(), Value::Null, Value::Null), "made".into());
}

#[test]
fn defaults_reach_into_what_is_configured_and_complete_objects() {
    let inner = || {
        [
            ("a", string().optional()),
            ("size", int64().optional().computed().default(1_i64)),
        ]
    };
    let element = |a: &str, size: Value| Value::object([("a", a.into()), ("size", size)]);
    let one = |size: i64| element("a", size.into());
    let open = || element("a", Value::Null);
    assert_eq!(changing(single(inner()).optional(), Value::Null, open()), one(1));
    assert_eq!(
        changing(single(inner()).optional(), Value::Null, Value::Null),
        Value::Null
    );
    assert_eq!(
        changing(
            list_nested(inner()).optional(),
            Value::Null,
            Value::List(vec![open(), one(2)])
        ),
        Value::List(vec![one(1), one(2)])
    );
    assert_eq!(
        changing(set_nested(inner()).optional(), Value::Null, Value::set([open()])),
        Value::set([one(1)])
    );
    let whole = single(inner())
        .optional()
        .computed()
        .default(Value::object([("a", "a".into())]));
    assert_eq!(changing(whole, Value::Null, Value::Null), open());
}

#[test]
fn elements_of_a_set_keep_what_is_configured_of_them_though_each_leaves_open_what_the_other_sets() {
    let inner = || {
        [
            ("id", string().computed()),
            ("x", string().optional().computed()),
            ("y", string().optional().computed()),
        ]
    };
    let element = |id: Value, x: Value, y: Value| Value::object([("id", id), ("x", x), ("y", y)]);
    let (open, null) = (|| Value::UNKNOWN, || Value::Null);
    let schema = Schema::new(0)
        .attr("set", set_nested(inner()).optional())
        .attr("other", string().optional());
    let object = |other: &str, elements: [Value; 2]| {
        Value::object([("set", Value::set(elements)), ("other", other.into())])
    };
    let of_x = |id: Value, y: Value| element(id, "x".into(), y);
    let of_y = |id: Value, x: Value| element(id, x, "y".into());
    let config = object("new", [of_x(null(), null()), of_y(null(), null())]);
    for elements in [
        [of_x("1".into(), null()), of_y("2".into(), "computed".into())],
        [of_x("2".into(), "computed".into()), of_y("1".into(), null())],
    ] {
        let (prior, proposed) = (object("old", elements.clone()), object("new", elements));
        let planned = make(&schema, &prior, &config, proposed).planned;
        assert_eq!(
            planned,
            object("new", [of_x(open(), open()), of_y(open(), open())])
        );
    }
}

#[test]
fn elements_that_core_took_for_one_are_two_again_each_with_its_own() {
    let inner = || {
        [
            ("x", string().required()),
            ("zone", string().optional().computed().keep_prior()),
        ]
    };
    let block = inner()
        .into_iter()
        .fold(Block::set(), |block, (name, attribute)| {
            block.attr(name, attribute)
        });
    let in_zone = |zone: Value| Value::object([("x", "a".into()), ("zone", zone)]);
    for schema in [
        Schema::new(0).attr("set", set_nested(inner()).optional()),
        Schema::new(0).block("set", block),
    ] {
        let of = |zones: &[Value]| {
            Value::object([("set", Value::set(zones.iter().map(|zone| in_zone(zone.clone()))))])
        };
        let config = of(&[Value::Null, "n".into()]);
        // Core gives the open one what the first prior element has that fits it.
        let proposed = || of(&["n".into()]);
        let planned = make(&schema, &of(&["n".into()]), &config, proposed()).planned;
        assert_eq!(planned, of(&[Value::UNKNOWN, "n".into()]));
        let prior = of(&["n".into(), "s".into()]);
        assert_eq!(make(&schema, &prior, &config, proposed()).planned, prior);
    }
}

#[test]
fn nothing_fills_an_element_that_is_not_known_yet() {
    let inner = || {
        [
            ("a", string().required()),
            ("size", int64().optional().computed().default(1_i64)),
        ]
    };
    // So core proposes it, where the configuration has an unknown object.
    let element = || Value::object([("a", Value::UNKNOWN), ("size", Value::UNKNOWN)]);
    let list = |element: Value| Value::List(vec![element]);
    let map = |element: Value| Value::map([("k", element)]);
    let set = |element: Value| Value::set([element]);
    for (x, wrap) in [
        (list_nested(inner()), &list as &dyn Fn(Value) -> Value),
        (map_nested(inner()), &map),
        (set_nested(inner()), &set),
    ] {
        let schema = Schema::new(0).attr("x", x.optional());
        let object = |x: Value| Value::object([("x", x)]);
        let (config, proposed) = (object(wrap(Value::UNKNOWN)), object(wrap(element())));
        let planned = make(&schema, &Value::Null, &config, proposed.clone()).planned;
        assert_eq!(planned, proposed);
        assert_eq!(
            assert_plan_valid(&schema.body, &Value::Null, &config, &planned),
            []
        );
    }
}

#[test]
fn a_default_that_does_not_fit_is_named() {
    let schema = Schema::new(0).attr(
        "x",
        string()
            .optional()
            .computed()
            .default_with(|| Value::List(Vec::new())),
    );
    let object = Value::object([("x", Value::Null)]);
    let draft = Draft {
        body: &schema.body,
        config: &object,
        prior: &Value::Null,
        proposed: object.clone(),
        private: Private::new(),
        computed_blocks: true,
    };
    let Err(DraftError::Unfit(err)) = draft.make() else {
        panic!("an error")
    };
    assert_eq!(err.to_string(), "x: is a list instead of string");
}

#[test]
fn write_only_values_are_out_before_anything_is_compared() {
    assert_eq!(
        unchanged(string().optional().write_only(), Value::Null, "secret"),
        Value::Null
    );
}

#[test]
fn what_means_the_same_is_no_change() {
    let json = || string().optional().same_json();
    let (before, after) = (r#"{"a":1}"#, r#"{ "a": 1 }"#);
    assert_eq!(unchanged(json(), before, after), before.into());
    assert_eq!(unchanged(json(), before, "{}"), "{}".into());
    // Nothing differs, so what is computed stays known.
    let schema = Schema::new(0)
        .attr("x", json())
        .attr("id", string().computed())
        .attr("deep", map_nested([("x", json())]).optional());
    let state = |text: &str, id: Value| {
        let deep = Value::map([("k", Value::object([("x", text.into())]))]);
        Value::object([("x", text.into()), ("id", id), ("deep", deep)])
    };
    let prior = state(before, "i".into());
    let config = state(after, Value::Null);
    let planned = make(&schema, &prior, &config, state(after, "i".into())).planned;
    assert_eq!(planned, prior);
    assert_eq!(assert_plan_valid(&schema.body, &prior, &config, &planned), []);
}

#[test]
fn computed_values_are_unknown_only_where_something_differs() {
    let computed = || string().computed();
    assert_eq!(changing(computed(), "old", Value::Null), Value::UNKNOWN);
    assert_eq!(unchanged(computed(), "old", Value::Null), "old".into());
    let either = || string().optional().computed();
    assert_eq!(changing(either(), "old", Value::Null), Value::UNKNOWN);
    assert_eq!(changing(either(), "old", "mine"), "mine".into());
}

#[test]
fn the_prior_value_is_kept_where_the_attribute_says_so() {
    let keep = || string().optional().computed().keep_prior();
    assert_eq!(changing(keep(), "old", Value::Null), "old".into());
    assert_eq!(changing(keep(), Value::Null, Value::Null), Value::Null);
    assert_eq!(changing(keep(), "old", "mine"), "mine".into());
    assert_eq!(changing(keep(), "old", Value::UNKNOWN), Value::UNKNOWN);
    let unless_null = || string().computed().keep_prior_unless_null();
    assert_eq!(changing(unless_null(), "old", Value::Null), "old".into());
    assert_eq!(changing(unless_null(), Value::Null, Value::Null), Value::UNKNOWN);
}

#[test]
fn what_is_new_has_no_prior_value_to_keep() {
    let inner = || {
        [
            ("a", string().optional()),
            ("id", string().computed().keep_prior()),
        ]
    };
    let element = |a: &str, id: Value| Value::object([("a", a.into()), ("id", id)]);
    let prior = Value::List(vec![element("a", "i".into())]);
    let config = Value::List(vec![element("a", Value::Null), element("b", Value::Null)]);
    assert_eq!(
        changing(list_nested(inner()).optional(), prior, config),
        Value::List(vec![element("a", "i".into()), element("b", Value::UNKNOWN)])
    );
    let prior = Value::set([element("a", "i".into())]);
    let config = Value::set([element("b", Value::Null), element("a", Value::Null)]);
    assert_eq!(
        changing(set_nested(inner()).optional(), prior, config),
        Value::set([element("a", "i".into()), element("b", Value::UNKNOWN)])
    );
}

#[test]
fn modifiers_run_in_order_a_parent_before_what_is_within() {
    let note = |plan: &mut AttributePlan<'_>, what: &str| -> crate::Outcome {
        let mut seen = plan
            .private("seen")
            .cloned()
            .unwrap_or_else(|| serde_json::json!([]));
        if let Some(seen) = seen.as_array_mut() {
            seen.push(format!("{} {what}", plan.path()).into());
        }
        plan.set_private("seen", seen);
        Ok(())
    };
    let inner = string().computed().plan(move |plan| note(plan, "inner"));
    let schema = Schema::new(0)
        .attr(
            "outer",
            single([("in", inner)])
                .computed()
                .plan(move |plan| note(plan, "first"))
                .plan(move |plan| {
                    note(plan, "second")?;
                    plan.set(Value::object([("in", Value::UNKNOWN)]));
                    Ok(())
                }),
        )
        .attr("below", string().computed().plan(move |plan| note(plan, "last")));
    let config = Value::object([("outer", Value::Null), ("below", Value::Null)]);
    let drafted = make(&schema, &Value::Null, &config, config.clone());
    assert_eq!(
        drafted.private["seen"],
        serde_json::json!(["outer first", "outer second", "outer.in inner", "below last"])
    );
    assert_eq!(
        drafted.planned.attribute("outer"),
        Some(&Value::object([("in", Value::UNKNOWN)]))
    );
}

#[test]
fn a_modifier_sees_the_whole_warns_refuses_and_requires_replacement() {
    let schema = Schema::new(0).attr("name", string().required()).attr(
        "arn",
        string().computed().plan(|plan| {
            match plan.config_at(&crate::path!("name")).and_then(Value::as_str) {
                Some("bad") => return Err(Diagnostic::error("Bad name", "Take another.").into()),
                Some("known") => {
                    plan.warn(Diagnostic::warning("Known", "It is known."));
                    plan.set("arn:known");
                }
                _ => plan.refine(crate::Refinement::default().prefix("arn:")),
            }
            plan.require_replace();
            Ok(())
        }),
    );
    let drafted = |name: &str| {
        let state = |name: &str, arn: Value| Value::object([("name", name.into()), ("arn", arn)]);
        let config = state(name, Value::Null);
        let prior = state("old", "arn:old".into());
        Draft {
            body: &schema.body,
            config: &config,
            prior: &prior,
            proposed: state(name, "arn:old".into()),
            private: Private::new(),
            computed_blocks: true,
        }
        .make()
    };
    let known = drafted("known").expect("a draft");
    assert_eq!(known.planned.attribute("arn"), Some(&"arn:known".into()));
    assert_eq!(known.requires_replace, [crate::path!("arn")]);
    assert_eq!(known.warnings.len(), 1);
    let open = drafted("open").expect("a draft");
    let arn = open.planned.attribute("arn").expect("arn");
    assert!(matches!(arn, Value::Unknown(Some(r)) if r.prefix.as_deref() == Some("arn:")));
    let Err(DraftError::Refused(found)) = drafted("bad") else {
        panic!("an error")
    };
    assert_eq!(
        found.iter().next().map(|d| d.path.clone()),
        Some(crate::path!("arn"))
    );
}

#[test]
fn computed_blocks_are_planned_where_the_host_knows_them_and_left_out_elsewhere() {
    let schema = Schema::new(0)
        .attr("name", string().required())
        .block("made", Block::list().computed().attr("id", string().computed()));
    let state = |name: &str, made: Value| Value::object([("name", name.into()), ("made", made)]);
    let one = || Value::List(vec![Value::object([("id", "i".into())])]);
    let none = || Value::List(Vec::new());
    let made = |config: Value, proposed: Value, computed_blocks: bool| {
        let config = state("new", config);
        let draft = Draft {
            body: &schema.body,
            config: &config,
            prior: &state("old", none()),
            proposed: state("new", proposed),
            private: Private::new(),
            computed_blocks,
        };
        let planned = draft.make().expect("a draft").planned;
        planned.attribute("made").expect("blocks").clone()
    };
    assert_eq!(made(Value::Null, none(), true), Value::UNKNOWN);
    assert_eq!(made(none(), none(), true), none());
    assert_eq!(made(none(), none(), false), none());

    let settled = |made: Value, computed_blocks: bool| {
        let planned = state("new", made);
        let settled = settle(
            &schema.body,
            &Value::Null,
            &planned,
            planned.clone(),
            computed_blocks,
        );
        settled.attribute("made").expect("blocks").clone()
    };
    assert_eq!(settled(one(), true), one());
    assert_eq!(settled(one(), false), none());
    assert_eq!(settled(Value::Null, true), none());
}

#[test]
fn the_authors_plan_keeps_refinements_types_and_what_means_the_same() {
    let schema = Schema::new(0)
        .attr("open", string().computed())
        .attr("text", string().computed().same_any_case());
    let state = |open: Value, text: &str| Value::object([("open", open), ("text", text.into())]);
    let refined = Value::Unknown(Some(Box::new(crate::Refinement::default().not_null())));
    let drafted = state(refined.clone(), "a");
    let settled = |planned: Value| settle(&schema.body, &state("o".into(), "a"), &drafted, planned, true);
    assert_eq!(settled(state(Value::UNKNOWN, "A")), state(refined, "a"));
    let narrower = Value::Unknown(Some(Box::new(crate::Refinement::default().prefix("p"))));
    assert_eq!(settled(state(narrower.clone(), "b")), state(narrower, "b"));
    // A model may write a text otherwise than it was configured, also where there was none before.
    let created = settle(
        &schema.body,
        &Value::Null,
        &drafted,
        state(Value::UNKNOWN, "A"),
        true,
    );
    assert_eq!(created, drafted);
}

#[test]
fn replacement_is_decided_by_the_settled_plan() {
    let schema = Schema::new(0).attr("x", string().required().replace().same_any_case());
    let state = |x: &str| Value::object([("x", x.into())]);
    let planned = make(&schema, &state("a"), &state("A"), state("A")).planned;
    assert_eq!(
        requires_replace(&schema.body, &state("a"), &planned, &state("A")),
        []
    );
    let planned = make(&schema, &state("a"), &state("b"), state("b")).planned;
    assert_eq!(
        requires_replace(&schema.body, &state("a"), &planned, &state("b")),
        [crate::path!("x")]
    );
}

/// Elements of a set are known by what is configured. Where that is not known yet in the first plan, the second one may
/// find that it is not what was there before.
#[test]
fn what_is_kept_of_an_element_in_the_first_plan_is_kept_in_the_second() {
    let inner = || {
        [
            ("k", string().required()),
            ("v", string().optional().computed().default("default")),
            ("json", string().optional().same_json()),
            ("hash", string().computed().keep_prior()),
        ]
    };
    let element = |v: &Value, json: &str, hash: Value| {
        Value::object([
            ("k", "k".into()),
            ("v", v.clone()),
            ("json", json.into()),
            ("hash", hash),
        ])
    };
    let of_set = |element: Value| Value::object([("set", Value::set([element]))]);
    let of_deep = |element: Value| {
        let holder = Value::object([("deep", Value::set([element])), ("hash", Value::Null)]);
        Value::object([("set", Value::set([holder]))])
    };
    let schemas = [
        Schema::new(0).attr("set", set_nested(inner()).optional()),
        Schema::new(0).attr(
            "set",
            set_nested([
                ("deep", set_nested(inner()).optional()),
                ("hash", string().computed().keep_prior()),
            ])
            .optional(),
        ),
    ];
    let wraps: [&dyn Fn(Value) -> Value; 2] = [&of_set, &of_deep];
    for (schema, wrap) in schemas.iter().zip(wraps) {
        let prior = wrap(element(&"old".into(), "[ ]", "h".into()));
        let planned = |v: &Value| {
            let config = wrap(element(v, "[]", Value::Null));
            let drafted = make(schema, &prior, &config, config.clone()).planned;
            settle(&schema.body, &prior, &drafted, drafted.clone(), true)
        };
        let first = planned(&Value::UNKNOWN);
        for then in ["new", "old"] {
            let second = planned(&then.into());
            let broken = crate::plan::assert_compatible(&first, &second);
            assert_eq!(broken, [], "{first:?} {second:?}");
        }
    }
}

/// A default says what it says, and no more: the provider sets what is computed in it, and what it has set stays.
#[test]
fn what_is_computed_within_a_default_is_for_the_provider_to_set() {
    let inner = || {
        [
            ("level", string().optional().computed().default("own")),
            ("made", string().computed()),
            ("said", string().optional().computed()),
        ]
    };
    let element = |made: Value| Value::object([("level", "x".into()), ("made", made), ("said", "s".into())]);
    let default = || Value::object([("level", "x".into()), ("said", "s".into())]);
    let wraps: [(Attribute, &dyn Fn(Value) -> Value); 4] = [
        (single(inner()), &|value| value),
        (list_nested(inner()), &|value| Value::List(vec![value])),
        (map_nested(inner()), &|value| Value::map([("k", value)])),
        (set_nested(inner()), &|value| Value::set([value])),
    ];
    for (attribute, wrap) in wraps {
        let attribute = || attribute.clone().optional().computed().default(wrap(default()));
        let made = wrap(element("m".into()));
        let open = wrap(element(Value::UNKNOWN));
        assert_eq!(changing(attribute(), Value::Null, Value::Null), open);
        assert_eq!(unchanged(attribute(), made.clone(), Value::Null), made);
        assert_eq!(changing(attribute(), made, Value::Null), open);
    }
}
