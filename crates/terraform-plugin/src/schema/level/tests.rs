use super::*;
use crate::schema::{Block, Schema, list_nested, map_nested, set_nested, single, string};

fn schema() -> Schema {
    let inner = || [("x", string().optional())];
    Schema::new(0)
        .attr("wo", string().optional().write_only())
        .attr("json", string().optional().same_json())
        .attr("one", single(inner()).optional())
        .attr("list", list_nested(inner()).optional())
        .attr("map", map_nested(inner()).optional())
        .attr("set", set_nested(inner()).optional())
        .block("made", Block::list().computed().attr("x", string().computed()))
}

#[test]
fn elements_may_be_the_same_where_all_that_is_configured_of_them_is() {
    let x = |x: &str| Value::object([("x", x.into())]);
    for (name, a, b, same) in [
        ("wo", "a".into(), Value::Null, true),
        ("json", "{}".into(), "{ }".into(), true),
        ("json", "{}".into(), "[]".into(), false),
        ("one", Value::object([("x", Value::Null)]), Value::Null, false),
        (
            "list",
            Value::List(vec![x("a")]),
            Value::List(vec![x("a"), x("b")]),
            false,
        ),
        (
            "map",
            Value::map([("k", x("a"))]),
            Value::map([("l", x("a"))]),
            false,
        ),
        ("set", Value::set([x("a")]), Value::set([x("a"), x("b")]), false),
        (
            "set",
            Value::set([x("a"), x("b")]),
            Value::set([x("b"), x("a")]),
            true,
        ),
        ("one", x("a"), x("b"), false),
        ("one", Value::Null, Value::Null, true),
        (
            "list",
            Value::List(vec![x("a")]),
            Value::List(vec![x("b")]),
            false,
        ),
        ("list", Value::List(vec![]), Value::Null, false),
        (
            "map",
            Value::map([("k", x("a"))]),
            Value::map([("k", x("b"))]),
            false,
        ),
        (
            "set",
            Value::set([x("a"), x("b")]),
            Value::set([x("a"), x("c")]),
            false,
        ),
        ("made", Value::List(vec![x("a")]), Value::List(vec![]), true),
    ] {
        let (a, b) = (Value::object([(name, a)]), Value::object([(name, b)]));
        assert_eq!(schema().body.level().may_be_same(&a, &b), same, "{a:?} {b:?}");
    }
}

#[test]
fn what_says_most_gets_its_own_counterpart() {
    let known = Value::object([("one", Value::object([("x", "a".into())]))]);
    let partly = Value::object([
        ("one", Value::object([("x", Value::UNKNOWN)])),
        ("json", Value::Null),
    ]);
    let set = Value::set([Value::UNKNOWN, partly.clone(), known.clone()]);
    // What is computed was filled in since: none of the first two is equal to an element.
    let filled = Value::object([
        ("one", Value::object([("x", Value::UNKNOWN)])),
        ("json", Value::UNKNOWN),
    ]);
    let inner = [
        ("one", single([("x", string().optional())]).optional()),
        ("json", string().optional().computed()),
    ];
    let schema = Schema::new(0).attr("set", set_nested(inner).optional());
    let level = schema
        .body
        .level()
        .children()
        .next()
        .and_then(|(_, child)| child.level());
    let (_, level) = level.expect("elements");
    let found = level.counterparts(&[&filled, &Value::UNKNOWN, &known], &set, &[]);
    assert_eq!(found, [&partly, &Value::UNKNOWN, &known]);
}

/// A set whose elements have three attributes that may be configured or computed.
fn open_set() -> Schema {
    let inner = ["p", "q", "r"].map(|name| (name, string().optional().computed()));
    Schema::new(0).attr("set", set_nested(inner).optional())
}

fn in_set(schema: &Schema) -> Level<'_> {
    let mut children = schema.body.level().children();
    let (_, level) = children.find_map(|(_, child)| child.level()).expect("elements");
    level
}

/// `-` is null, `?` unknown.
fn pqr(texts: [&str; 3]) -> Value {
    let values = texts.map(|text| match text {
        "-" => Value::Null,
        "?" => Value::UNKNOWN,
        text => text.into(),
    });
    Value::object(["p", "q", "r"].into_iter().zip(values))
}

#[test]
fn what_fits_two_elements_gets_the_one_that_nobody_else_has_to_have() {
    let schema = open_set();
    for (values, others, found) in [
        // The second says more.
        (
            [["a", "-", "-"], ["a", "b", "-"]],
            [["a", "b", "1"], ["a", "c", "2"]],
            [Some(1), Some(0)],
        ),
        (
            [["a", "?", "?"], ["a", "b", "?"]],
            [["a", "b", "1"], ["a", "c", "2"]],
            [Some(1), Some(0)],
        ),
        // The second says no more, but has no choice.
        (
            [["a", "-", "-"], ["-", "b", "-"]],
            [["a", "b", "1"], ["a", "c", "2"]],
            [Some(1), Some(0)],
        ),
        // There is only one.
        (
            [["a", "-", "-"], ["-", "b", "-"]],
            [["a", "b", "1"], ["c", "c", "2"]],
            [Some(0), None],
        ),
        // An equal one is nobody else's.
        (
            [["a", "-", "-"], ["a", "b", "1"]],
            [["a", "b", "1"], ["c", "c", "2"]],
            [None, Some(0)],
        ),
    ] {
        let (values, others) = (values.map(pqr), others.map(pqr));
        let expected = found.map(|found| found.map_or(NOTHING, |i: usize| &others[i]));
        let set = Value::set(others.iter().cloned());
        let found = in_set(&schema).counterparts(&[&values[0], &values[1]], &set, &[]);
        assert_eq!(found, expected, "{values:?}");
        // In whatever order they come.
        let found = in_set(&schema).counterparts(&[&values[1], &values[0]], &set, &[]);
        if expected.contains(&NOTHING) && values[1] != others[0] {
            assert_eq!(found.iter().filter(|found| found.is_null()).count(), 1);
        } else {
            assert_eq!(found, [expected[1], expected[0]], "{values:?}");
        }
    }
}

#[test]
fn sets_are_alike_where_each_element_has_one_of_its_own() {
    let inner = ["p", "q", "r"].map(|name| (name, string().optional().computed()));
    let schema = Schema::new(0).attr("set", set_nested(inner).optional());
    let of = |elements: [[&str; 3]; 2]| Value::object([("set", Value::set(elements.map(pqr)))]);
    let level = schema.body.level();
    let open = of([["a", "-", "-"], ["a", "b", "-"]]);
    assert!(level.may_be_same(&open, &of([["a", "b", "1"], ["a", "c", "2"]])));
    // Both fit the first.
    assert!(!level.may_be_same(&open, &of([["a", "b", "1"], ["c", "c", "2"]])));
}

#[test]
fn what_is_open_is_counted_by_its_depth() {
    let both = || [Value::Null, Value::UNKNOWN];
    let keys = || ["k", "l"].into_iter().zip(both());
    for holder in [
        Value::List(both().into()),
        Value::Tuple(both().into()),
        Value::set(both()),
        Value::map(keys()),
        Value::object(keys()),
    ] {
        assert_eq!(open_values(&holder, 0), [0, 2, 0, 0], "{holder:?}");
    }
    let list = |inner: Value| Value::List(vec!["known".into(), inner, Value::Null]);
    assert_eq!(open_values(&Value::Null, 0), [1, 0, 0, 0]);
    assert_eq!(open_values(&list(list(Value::UNKNOWN)), 0), [0, 1, 2, 0]);
    let deep = list(list(list(list(Value::UNKNOWN))));
    assert_eq!(open_values(&deep, 0), [0, 1, 1, 3]);
}

#[test]
fn a_path_ends_at_a_set() {
    let x = || Value::object([("x", "a".into())]);
    let inner = || [("x", string().optional())];
    let within = [("list", list_nested(inner()).optional())];
    let schema = Schema::new(0)
        .attr("one", single(inner()).optional())
        .attr("list", list_nested(inner()).optional())
        .attr("map", map_nested(inner()).optional())
        .attr("set", set_nested(within).optional());
    let list = || Value::List(vec![x()]);
    let state = Value::object([
        ("one", x()),
        ("list", list()),
        ("map", Value::map([("k", x())])),
        ("set", Value::set([Value::object([("list", list())])])),
    ]);
    let mut paths = Vec::new();
    let rewritten = schema
        .body
        .level()
        .rewrite(state.clone(), &[], &mut |place, _, value, _| {
            paths.push(place.path.to_string());
            Ok::<_, std::convert::Infallible>(Rewritten::Into(value))
        });
    assert_eq!(rewritten, Ok(state));
    assert_eq!(
        paths,
        [
            "one",
            "one.x",
            "list",
            "list[0].x",
            "map",
            "map[\"k\"].x",
            "set",
            "set",
            "set"
        ]
    );
}

#[test]
fn what_must_not_be_shown_is_hidden_with_what_holds_it() {
    let inner = || {
        [
            ("x", string().optional()),
            ("key", string().optional().sensitive()),
        ]
    };
    let schema = Schema::new(0)
        .attr("wo", string().optional().write_only())
        .attr("plain", string().optional())
        .attr("list", list_nested(inner()).optional())
        .attr("map", map_nested(inner()).optional());
    let hides = |path: Path| schema.body.level().hides(&path);
    assert!(hides(crate::path!("wo")) && !hides(crate::path!("plain")));
    assert!(hides(crate::path!("list", 0, "key")) && !hides(crate::path!("list", 0, "x")));
    assert!(!hides(crate::path!("list", 0)) && !hides(crate::path!()));
}
