use super::*;
use crate::{
    PathExpr,
    schema::{Schema, int32, int64, list_nested, map_nested, single, string},
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
            "ways[0].y: Invalid attribute combination",
            "ways[0].x: Invalid attribute combination",
        ]
    );
}

#[test]
fn a_number_that_is_not_whole_is_told_once_and_with_the_range_of_its_attribute() {
    let schema = Schema::new(0)
        .attr("port", int64().optional().between(1..=65_535))
        .attr(
            "least",
            int32()
                .optional()
                .rule(Rule::between(1..).because("None is no number.")),
        )
        .attr("any", int32().optional());
    let said = |name: &str, number: &str| -> Vec<String> {
        let given = Value::Number(number.parse().expect("a number"));
        let config = crate::value::conform::complete(Value::object([(name, given)]), &schema.implied_type());
        let check = ConfigCheck {
            write_only_allowed: true,
        };
        let found = validate(&schema.body, &config.expect("it fits"), &check);
        found.iter().map(|d| d.detail.clone()).collect()
    };
    for (name, number, expected) in [
        (
            "port",
            "443.5",
            "The value must be a whole number from 1 to 65535; it is 443.5.",
        ),
        (
            "port",
            "-0.5",
            "The value must be a whole number from 1 to 65535; it is -0.5.",
        ),
        (
            "port",
            "1e30",
            "The value must be a whole number from 1 to 65535; it is 1000000000000000000000000000000.",
        ),
        (
            "port",
            "70000",
            "The value must be at least 1 and at most 65535; it is 70000.",
        ),
        (
            "least",
            "0.5",
            "The value must be a whole number, at least 1; it is 0.5.",
        ),
        ("any", "2.5", "The value must be a whole number; it is 2.5."),
        (
            "any",
            "3e9",
            "The value must be a whole number from -2147483648 to 2147483647; it is 3000000000.",
        ),
    ] {
        assert_eq!(said(name, number), [expected]);
    }
}

#[test]
fn a_duration_that_is_none_is_told_with_what_was_given() {
    let schema = Schema::new(0).block("timeouts", Block::timeouts(["create"]));
    let said = |given: &str| -> Vec<String> {
        let config = Value::object([("timeouts", Value::object([("create", given.into())]))]);
        let check = ConfigCheck {
            write_only_allowed: true,
        };
        let found = validate(&schema.body, &config, &check);
        found.iter().map(|d| d.detail.clone()).collect()
    };
    assert_eq!(
        said("30"),
        ["The value must be a duration such as 90s, 30m or 1h30m; it is \"30\"."]
    );
    assert_eq!(
        said("0s"),
        ["The value must be longer than nothing; it is \"0s\"."]
    );
    assert_eq!(said("30m"), [""; 0]);
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
