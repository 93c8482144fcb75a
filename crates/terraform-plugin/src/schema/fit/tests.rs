use super::*;
use crate::{
    PathExpr,
    schema::{
        Block, boolean, dynamic, int64, list, list_nested, map, map_nested, number, object, set, single,
        string, tuple,
    },
};

fn misfits(schema: &Schema) -> Vec<String> {
    check(schema)
        .into_iter()
        .map(|(path, rule)| format!("{path}: {rule}"))
        .collect()
}

fn of(attribute: Attribute) -> Vec<String> {
    misfits(&Schema::new(0).attr("x", attribute).attr("y", string()))
}

#[test]
fn rules_on_the_types_they_are_for_fit() {
    let root = || PathExpr::root();
    let schema = Schema::new(0)
        .attr(
            "text",
            string().matches("a", "a").length(1..).bytes(..9).one_of(["a"]),
        )
        .attr("big", int64().between(1..).one_of([1_i64, 2]))
        .attr("flag", boolean().equals(true))
        .attr(
            "texts",
            list(Type::String)
                .matches("a", "a")
                .unique()
                .no_nulls()
                .each([Rule::bytes(1..)]),
        )
        .attr(
            "sets",
            set(Type::Number)
                .length(1..)
                .each([Rule::between(1..)])
                .one_of([1_i64]),
        )
        .attr(
            "maps",
            map(Type::String)
                .keys([Rule::length(1..)])
                .does_not_match("a", "a")
                .not_empty(),
        )
        .attr(
            "pair",
            tuple([Type::String, Type::String])
                .one_of(["a"])
                .each([Rule::length(1..)]),
        )
        .attr(
            "plain",
            object([("a", Type::String)]).each([Rule::at_least_one_of(["a"])]),
        )
        .attr(
            "any",
            dynamic()
                .matches("a", "a")
                .between(1..)
                .each([Rule::length(1..)])
                .keys([Rule::length(1..)]),
        )
        .attr(
            "one",
            single([
                (
                    "a",
                    string().conflicts_with(["b"]).requires([root().name("text")]),
                ),
                (
                    "b",
                    string().rule(Rule::when("a", [Rule::one_of(["x"])], [Rule::is_absent()])),
                ),
            ])
            .each([Rule::exactly_one_of(["a", "b"])]),
        )
        .attr(
            "many",
            list_nested([
                (
                    "a",
                    number().rule(Rule::at_least_sum_of([PathExpr::relative()
                        .parent()
                        .index(0)
                        .name("b")])),
                ),
                (
                    "b",
                    number().requires_one_of([PathExpr::relative().parent().parent().name("text")]),
                ),
            ])
            .each([Rule::required_together(["a", "b"])]),
        )
        .attr(
            "keyed",
            map_nested([(
                "a",
                string().at_least_one_of([root().name("keyed").any_key().name("a")]),
            )])
            .not_empty()
            .no_nulls(),
        )
        .block(
            "block",
            Block::list()
                .rule(Rule::is_required())
                .rule(Rule::each([Rule::conflicting(["a", "b"])]))
                .attr(
                    "a",
                    string().requires([root().name("many").any_index().name("a")]),
                )
                .attr("b", string()),
        )
        .rule(Rule::exactly_one_of(["text", "one.a", "many[*].a", "block[*].a"]));
    assert_eq!(misfits(&schema), [""; 0]);
}

#[test]
fn a_rule_on_a_type_that_it_is_not_for_is_named() {
    for (attribute, misfit) in [
        (
            number().matches("a", "a"),
            "x: `matches` is a rule for strings, and this is a number",
        ),
        (
            list(Type::Bool).matches("a", "a"),
            "x: `matches` is a rule for strings, and this is a list, each of whose elements is a bool",
        ),
        (
            single([]).does_not_match("a", "a"),
            "x: `does_not_match` is a rule for strings, and this is an object",
        ),
        (
            boolean().length(1..),
            "x: `length` is a rule for strings, lists, sets and maps, and this is a bool",
        ),
        (
            tuple([Type::String]).length(1..),
            "x: `length` is a rule for strings, lists, sets and maps, and this is a tuple",
        ),
        (
            number().bytes(1..),
            "x: `bytes` is a rule for strings, and this is a number",
        ),
        (
            string().between(1..),
            "x: `between` is a rule for numbers, and this is a string",
        ),
        (
            list(Type::Number).between(1..),
            "x: `between` is a rule for numbers, and this is a list, each of whose elements is a number",
        ),
        (
            string().one_of([1_i64]),
            "x: `one_of` lists a number, and this is a string",
        ),
        (
            number().none_of_any_case(["a"]),
            "x: `none_of` lists a string, and this is a number",
        ),
        (
            string().equals(true),
            "x: `one_of` lists a bool, and this is a string",
        ),
        (
            string().unique(),
            "x: `unique` is a rule for lists, as sets have no element twice, and this is a string",
        ),
        (
            set(Type::String).unique(),
            "x: `unique` is a rule for lists, as sets have no element twice, and this is a set, each of whose elements \
             is a string",
        ),
        (
            string().no_nulls(),
            "x: `no_nulls` is a rule for collections, and this is a string",
        ),
        (
            single([]).no_nulls(),
            "x: `no_nulls` is a rule for collections, and this is an object",
        ),
        (
            string().not_empty(),
            "x: `not_empty` is a rule for collections and objects, and this is a string",
        ),
        (
            string().each([Rule::length(1..)]),
            "x: `each` is a rule for collections and objects, and this is a string",
        ),
        (
            list(Type::Number).each([Rule::length(1..)]),
            "x: `length` is a rule for strings, lists, sets and maps, and this is a number",
        ),
        (
            list(Type::String).keys([Rule::length(1..)]),
            "x: `keys` is a rule for maps, and this is a list, each of whose elements is a string",
        ),
        (
            map(Type::Bool).keys([Rule::between(1..)]),
            "x: `between` is a rule for numbers, and this is a string",
        ),
        (
            string().rule(Rule::any([Rule::length(1..), Rule::between(1..)])),
            "x: `between` is a rule for numbers, and this is a string",
        ),
        (
            string().rule(Rule::all([Rule::between(1..)]).because("why")),
            "x: `between` is a rule for numbers, and this is a string",
        ),
        (
            string().rule(Rule::equal_to_sum_of(["x"])),
            "x: `x` in the comparison with a sum is a string",
        ),
        (
            string().rule(Rule::when("y", [Rule::between(1..)], [Rule::is_absent()])),
            "x: `between` is a rule for numbers, and this is a string",
        ),
        (
            string().rule(Rule::when("y", [], [Rule::between(1..)])),
            "x: `between` is a rule for numbers, and this is a string",
        ),
    ] {
        assert_eq!(of(attribute).first().map(String::as_str), Some(misfit));
    }
}

#[test]
fn ranges_and_lists_that_allow_nothing_or_everything_are_named() {
    let within = |name: &str| format!("x: nothing is within the range of `{name}`");
    #[expect(clippy::reversed_empty_ranges, reason = "what an author got wrong")]
    for (attribute, misfit) in [
        (string().length(3..=2), within("length")),
        (string().length(3..3), within("length")),
        (string().length(..0), within("length")),
        (string().bytes(3..=2), within("bytes")),
        (number().between(3..=2), within("between")),
        (number().between(3..3), within("between")),
        (
            string().length(..),
            "x: the range of `length` limits nothing".to_owned(),
        ),
        (
            string().length(0..),
            "x: the range of `length` limits nothing".to_owned(),
        ),
        (
            number().rule(Rule::between::<i64>(..)),
            "x: the range of `between` limits nothing".to_owned(),
        ),
        (string().one_of([""; 0]), "x: `one_of` lists no values".to_owned()),
        (
            string().none_of([""; 0]),
            "x: `none_of` lists no values".to_owned(),
        ),
        (
            string().rule(Rule::any([])),
            "x: `any` has no rules in it".to_owned(),
        ),
        (
            string().rule(Rule::all([])),
            "x: `all` has no rules in it".to_owned(),
        ),
        (
            list(Type::String).each([]),
            "x: `each` has no rules in it".to_owned(),
        ),
        (
            map(Type::String).keys([]),
            "x: `keys` has no rules in it".to_owned(),
        ),
        (
            string().rule(Rule::when("y", [], [])),
            "x: `when` has no rules in it".to_owned(),
        ),
        (
            string().rule(Rule::unless(["y"], [])),
            "x: `unless` has no rules in it".to_owned(),
        ),
        (
            string().rule(Rule::unless([""; 0], [Rule::is_absent()])),
            "x: `unless` needs 1 path at least".to_owned(),
        ),
        (
            string().conflicts_with([""; 0]),
            "x: conflicting needs 1 path at least".to_owned(),
        ),
    ] {
        assert_eq!(of(attribute), [misfit]);
    }
}

#[test]
fn a_path_that_leads_nowhere_is_named_whatever_the_rule() {
    let relative = |path: &str| vec![PathExpr::from(path)];
    for (rule, name) in [
        (Rule::conflicting(relative("z")), "conflicting"),
        (Rule::requires(relative("z")), "requires"),
        (Rule::unless(relative("z"), [Rule::is_absent()]), "unless"),
        (Rule::requires_one_of(relative("z")), "requires_one_of"),
        (Rule::required_together(relative("z")), "required_together"),
        (Rule::exactly_one_of(relative("z")), "exactly_one_of"),
        (Rule::at_least_one_of(relative("z")), "at_least_one_of"),
        (Rule::at_most_sum_of(relative("z")), "the comparison with a sum"),
        (
            Rule::equal_to_product_of(relative("z")),
            "the comparison with a product",
        ),
        (Rule::prefer_write_only("z"), "prefer_write_only"),
        (Rule::when("z", [], [Rule::is_absent()]), "when"),
    ] {
        assert_eq!(
            of(number().rule(rule)),
            [format!("x: the path `z` of `{name}` leads nowhere")]
        );
    }
    for path in [
        // Into what has no attributes, through a collection without a step, an index into a map, and out of the body.
        PathExpr::from("y.deep"),
        PathExpr::from("many.a"),
        PathExpr::root().name("keyed").any_index(),
        PathExpr::root().name("many").any_key(),
        PathExpr::relative().parent(),
    ] {
        let inner = || [("a", string())];
        let schema = Schema::new(0)
            .attr("x", string().requires([path.clone()]))
            .attr("y", string())
            .attr("many", list_nested(inner()))
            .attr("keyed", map_nested(inner()));
        assert_eq!(
            misfits(&schema),
            [format!("x: the path `{path}` of `requires` leads nowhere")]
        );
    }
    let within = Schema::new(0)
        .attr("one", single([("a", string().requires(["one"]))]))
        .block(
            "block",
            Block::set()
                .attr("a", string())
                .rule(Rule::each([Rule::exactly_one_of(["a", "b"])])),
        )
        .rule(Rule::conflicting(["one", "two"]));
    assert_eq!(
        misfits(&within),
        [
            ": the path `two` of `conflicting` leads nowhere",
            "one.a: the path `one` of `requires` leads nowhere",
            "block: the path `b` of `exactly_one_of` leads nowhere",
        ]
    );
}

#[test]
fn rules_that_are_about_one_attribute_do_not_stand_for_whole_objects() {
    let schema = |rule: Rule| Schema::new(0).attr("a", string()).attr("b", string()).rule(rule);
    for (rule, misfit) in [
        (
            Rule::requires(["a"]),
            ": `requires` is a rule for an attribute, not for a whole object",
        ),
        (
            Rule::is_required(),
            ": `is_required` is a rule for an attribute or a block, not for what is within",
        ),
        (Rule::conflicting(["a"]), ": conflicting needs 2 paths at least"),
        (
            Rule::exactly_one_of(["a"]),
            ": exactly_one_of needs 2 paths at least",
        ),
    ] {
        assert_eq!(misfits(&schema(rule)), [misfit]);
    }
}

#[test]
fn a_default_keeps_to_the_rules_of_its_attribute() {
    let none = Rule::custom(|_| Err(crate::Diagnostic::error("No", "Never.").into()));
    let beside = Rule::custom_here(|here| match here.at("y") {
        Some(_) => Ok(()),
        None => Err(crate::Diagnostic::error("No", "It needs y.").into()),
    });
    let broken = |text: &str| {
        vec![format!(
            "x: the default breaks a rule of its own attribute: {text}"
        )]
    };
    for (attribute, found) in [
        (
            string().matches("^[a-z]+$", "lower-case letters").default("abc"),
            vec![],
        ),
        (
            string().matches("^[a-z]+$", "lower-case letters").default("ABC"),
            broken("The value must be lower-case letters; it is \"ABC\"."),
        ),
        (
            int64().between(1..=3).default_with(|| 4.into()),
            broken("The value must be at least 1 and at most 3; it is 4."),
        ),
        (string().rule(none).default("a"), broken("Never.")),
        (string().rule(beside).requires(["y"]).default("a"), vec![]),
    ] {
        assert_eq!(of(attribute), found);
    }
    let nested = list(Type::String)
        .each([Rule::length(2..)])
        .default(crate::Value::List(vec!["ab".into(), "a".into()]));
    assert_eq!(
        of(nested),
        [
            "x[1]: the default breaks a rule of its own attribute: The number of characters must be at least 2; it is 1."
        ]
    );
}
