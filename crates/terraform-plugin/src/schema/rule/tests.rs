use super::*;
use crate::{diagnostic::Diagnostic, expr::Scope, path::Path};

fn texts(rule: &Rule, value: &Value) -> Vec<String> {
    let object = Value::object([("x", value.clone())]);
    let subject = Subject {
        value,
        path: Path::root().then("x"),
        scope: Scope::body(&object),
        is_body: false,
        of_attribute: true,
        secret: false,
        write_only_allowed: true,
    };
    let found = rule.check(&subject).into_iter();
    found
        .map(|d| format!("{} {}", d.path, d.detail).trim_start().to_owned())
        .collect()
}

/// What is said about the attribute `x` of that object.
fn across(rule: &Rule, object: &Value) -> Vec<String> {
    let subject = Subject {
        value: object.attribute("x").expect("x"),
        path: Path::root().then("x"),
        scope: Scope::body(object),
        is_body: false,
        of_attribute: true,
        secret: false,
        write_only_allowed: true,
    };
    rule.check(&subject).into_iter().map(|d| d.detail).collect()
}

fn strings(texts: &[&str]) -> Value {
    Value::List(texts.iter().map(|text| Value::from(*text)).collect())
}

#[test]
fn a_pattern_holds_for_a_string_and_for_each_element() {
    let rule = Rule::matches("^[a-z]+$", "lower-case letters");
    assert!(texts(&rule, &"abc".into()).is_empty());
    assert_eq!(
        texts(&rule, &Value::List(vec!["a".into(), "B".into(), Value::UNKNOWN])),
        ["[1] The element must be lower-case letters; it is \"B\"."]
    );
}

#[test]
fn a_broken_rule_is_reported_as_the_providers_bug() {
    assert!(texts(&Rule::matches("(", "anything"), &"x".into())[0].contains("cannot be compiled"));
    let broken = Rule::each([Rule::between(f64::NAN..)]);
    assert_eq!(broken.broken(), ["a limit of its range is no number"]);
}

#[test]
fn values_keep_to_their_rules() {
    let number = |text: &str| Value::Number(text.parse().expect("a number"));
    for (rule, good, bad, detail) in [
        (
            Rule::length(1..=3),
            "äöü".into(),
            "".into(),
            "The value is empty; the number of characters must be at least 1 and at most 3.",
        ),
        (
            Rule::length(..2),
            strings(&["a"]),
            strings(&["a", "b"]),
            "The number of elements must be less than 2; it is 2.",
        ),
        (
            Rule::bytes(..=3),
            "abc".into(),
            "äöü".into(),
            "The number of bytes must be at most 3; it is 6.",
        ),
        (
            Rule::between(1..=300),
            300.into(),
            0.into(),
            "The value must be at least 1 and at most 300; it is 0.",
        ),
        (
            Rule::between(..0.5),
            number("0.4"),
            number("0.5"),
            "The value must be less than 0.5; it is 0.5.",
        ),
        (
            Rule::fits(NumberFormat::Int32),
            number("2147483647"),
            number("2147483648"),
            "The value must be a whole number from -2147483648 to 2147483647; it is 2147483648.",
        ),
        (
            Rule::fits(NumberFormat::Int64),
            number("9223372036854775807"),
            number("1.5"),
            "The value must be a whole number; it is 1.5.",
        ),
        (
            Rule::fits(NumberFormat::Int64),
            number("-9223372036854775808"),
            number("9223372036854775808"),
            "The value must be a whole number from -9223372036854775808 to 9223372036854775807; it is 9223372036854775808.",
        ),
        (
            Rule::fits(NumberFormat::Float32),
            number("0.1"),
            number("1e39"),
            "The value must be within the range of a 32-bit floating-point number; it is \
             1000000000000000000000000000000000000000.",
        ),
        (
            Rule::fits(NumberFormat::Float64),
            number("0"),
            number("1e-400"),
            "The value must be within the range of a 64-bit floating-point number; it begins with \
             0.00000000000000000000000000000000000000000000000000000000000000000000000000000000000000000\
             0000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000.",
        ),
        (
            Rule::one_of(["GET", "POST"]),
            "GET".into(),
            "PUT".into(),
            "The value must be one of: GET, POST; it is \"PUT\".",
        ),
        (
            Rule::one_of([80_i64, 443]),
            443.into(),
            8080.into(),
            "The value must be one of: 80, 443; it is 8080.",
        ),
        (
            Rule::one_of([true]),
            true.into(),
            false.into(),
            "The value must be true; it is false.",
        ),
        (
            Rule::none_of(["root"]),
            "Root".into(),
            "root".into(),
            "The value must not be \"root\".",
        ),
        (
            Rule::none_of(["root", "admin"]),
            "Root".into(),
            "admin".into(),
            "The value must be none of: root, admin; it is \"admin\".",
        ),
        (
            Rule::none_of([true]),
            false.into(),
            true.into(),
            "The value must not be true.",
        ),
        (
            Rule::one_of_any_case(["get"]),
            "GET".into(),
            "put".into(),
            "The value must be get; it is \"put\".",
        ),
        (
            Rule::none_of_any_case(["root"]),
            "user".into(),
            "Root".into(),
            "The value must not be \"root\"; it is \"Root\".",
        ),
        (
            Rule::unique(),
            strings(&["a", "b"]),
            strings(&["a", "a"]),
            "[1] The element is there twice.",
        ),
        (
            Rule::no_nulls(),
            strings(&["a"]),
            Value::List(vec![Value::Null]),
            "[0] The element 0 is null, and must not be. Leave it out.",
        ),
        (
            Rule::each([Rule::length(1..)]),
            strings(&["a"]),
            strings(&["a", ""]),
            "[1] The value is empty; the number of characters must be at least 1.",
        ),
        (
            Rule::each([Rule::each([Rule::between(1..)])]),
            Value::List(vec![Value::List(vec![1.into()])]),
            Value::List(vec![Value::List(vec![0.into()])]),
            "[0][0] The value must be at least 1; it is 0.",
        ),
        (
            Rule::keys([Rule::matches("^[a-z]+$", "lower-case letters")]),
            Value::map([("a", Value::Null)]),
            Value::map([("A", Value::Null)]),
            "[\"A\"] The key must be lower-case letters; it is \"A\".",
        ),
        (
            Rule::is_required(),
            strings(&["a"]),
            strings(&[]),
            "\"x\" must be set.",
        ),
        (
            Rule::all([Rule::length(1..), Rule::length(..3)]),
            "a".into(),
            "".into(),
            "The value is empty; the number of characters must be at least 1.",
        ),
        (
            Rule::any([Rule::one_of(["a"]), Rule::length(3..)]),
            "abc".into(),
            "b".into(),
            "The value must be a; it is \"b\".",
        ),
        (
            Rule::custom(|_| Err(Diagnostic::error("No", "Never.").into())),
            Value::Null,
            "x".into(),
            "Never.",
        ),
    ] {
        assert_eq!(texts(&rule, &good), [""; 0], "{rule:?} {good:?}");
        let found = texts(&rule, &bad);
        assert_eq!(
            found.first().map(String::as_str),
            Some(detail),
            "{rule:?} {bad:?}"
        );
        if !matches!(rule.0, Kind::Required) {
            assert_eq!(texts(&rule, &Value::Null), [""; 0], "{rule:?} of null");
        }
        assert_eq!(texts(&rule, &Value::UNKNOWN), [""; 0], "{rule:?} of unknown");
    }
}

#[test]
fn one_way_that_holds_is_enough_and_decides_the_warnings() {
    let warning =
        |text: &'static str| Rule::custom(move |_| Err(Diagnostic::warning("Careful", text).into()));
    let ways = || [Rule::one_of(["a"]), warning("first"), warning("second")];
    assert_eq!(texts(&Rule::any(ways()), &"x".into()), ["first"]);
    assert_eq!(
        texts(&Rule::any_with_warnings(ways()), &"x".into()),
        ["first", "second"]
    );
}

#[test]
fn rules_across_attributes_count_what_is_set() {
    let object = |x: Value, y: Value, z: Value| Value::object([("x", x), ("y", y), ("z", z)]);
    let (on, off, open) = (|| Value::from("v"), || Value::Null, || Value::UNKNOWN);
    let conflicting = Rule::conflicting(["y", "z"]);
    let requires = Rule::requires(["y", "z"]);
    let together = Rule::required_together(["y", "z"]);
    let exactly = Rule::exactly_one_of(["x", "y", "z"]);
    let at_least = Rule::at_least_one_of(["y", "z"]);
    for (rule, config, message) in [
        (&conflicting, object(on(), off(), off()), None),
        (&conflicting, object(off(), on(), on()), None),
        (&conflicting, object(on(), open(), off()), None),
        (&conflicting, object(open(), on(), off()), None),
        (
            &conflicting,
            object(on(), open(), on()),
            Some("Only one of \"x\" and \"z\" can be set. Keep one of them."),
        ),
        (&requires, object(off(), off(), off()), None),
        (&requires, object(on(), open(), on()), None),
        (
            &requires,
            object(on(), open(), off()),
            Some("\"z\" must be set where \"x\" is. Set it, or remove \"x\"."),
        ),
        (&together, object(on(), open(), on()), None),
        (&together, object(off(), off(), open()), None),
        (
            &together,
            object(on(), off(), on()),
            Some("\"x\", \"z\" and \"y\" must be set together: \"y\" is not. Set all of them, or none."),
        ),
        (&exactly, object(on(), off(), off()), None),
        (&exactly, object(off(), open(), off()), None),
        (&exactly, object(on(), open(), off()), None),
        (
            &exactly,
            object(on(), off(), on()),
            Some("Exactly one of \"x\", \"z\" and \"y\" must be set; \"x\" and \"z\" are. Keep one of them."),
        ),
        (
            &exactly,
            object(off(), off(), off()),
            Some("Exactly one of \"x\", \"y\" and \"z\" must be set; none is. Set one of them."),
        ),
        (&at_least, object(off(), off(), on()), None),
        (&at_least, object(off(), open(), off()), None),
        (
            &at_least,
            object(off(), off(), off()),
            Some("At least one of \"x\", \"y\" and \"z\" must be set; none is."),
        ),
    ] {
        assert_eq!(
            across(rule, &config),
            Vec::from_iter(message),
            "{rule:?} {config:?}"
        );
    }
}

#[test]
fn sums_and_products_are_compared_once_everything_is_known() {
    let object = |x: i64, y: Value| Value::object([("x", x.into()), ("y", y), ("z", Value::from(3))]);
    for (rule, config, message) in [
        (Rule::at_least_sum_of(["y", "z"]), object(5, 2.into()), None),
        (
            Rule::at_least_sum_of(["y", "z"]),
            object(4, 2.into()),
            Some("The value must be at least the sum of \"y\" and \"z\", which is 5; it is 4."),
        ),
        (Rule::at_most_sum_of(["y", "z"]), object(3, Value::Null), None),
        (
            Rule::equal_to_sum_of(["y", "z"]),
            object(4, 2.into()),
            Some("The value must be equal to the sum of \"y\" and \"z\", which is 5; it is 4."),
        ),
        (Rule::equal_to_sum_of(["y", "z"]), object(4, Value::UNKNOWN), None),
        (Rule::equal_to_product_of(["y", "z"]), object(6, 2.into()), None),
        (
            Rule::equal_to_product_of(["y", "z"]),
            object(5, 2.into()),
            Some("The value must be equal to the product of \"y\" and \"z\", which is 6; it is 5."),
        ),
    ] {
        assert_eq!(across(&rule, &config), Vec::from_iter(message), "{rule:?}");
    }
}

#[test]
fn what_follows_from_another_attribute_names_it_and_what_it_is() {
    let object = Value::object([("x", Value::from("v")), ("y", "IPV6".into())]);
    for (keeps_to, reason) in [
        (vec![], "This follows from \"y\", which is set."),
        (
            vec![Rule::one_of(["IPV6"])],
            "This follows from \"y\", which is \"IPV6\".",
        ),
        (
            vec![Rule::one_of(["IPV6", "DUALSTACK"])],
            "This follows from \"y\", which is one of \"IPV6\", \"DUALSTACK\".",
        ),
        (
            vec![Rule::none_of(["IPV4"])],
            "This follows from \"y\", which is not \"IPV4\".",
        ),
        (
            vec![Rule::matches("^IP", "a kind of address")],
            "This follows from \"y\", which is a kind of address.",
        ),
        (vec![Rule::length(4..)], "This follows from \"y\"."),
    ] {
        let rule = Rule::when("y", keeps_to, [Rule::none_of(["v"])]);
        assert_eq!(
            across(&rule, &object),
            [format!("The value must not be \"v\". {reason}")]
        );
    }
}

#[test]
fn a_rule_holds_unless_something_else_is_set_or_may_be() {
    let object = |y: Value| Value::object([("x", Value::from("v")), ("y", y), ("z", Value::Null)]);
    let rule = Rule::unless(["y", "z"], [Rule::none_of(["v"])]);
    assert_eq!(
        across(&rule, &object(Value::Null)),
        ["The value must not be \"v\"."]
    );
    assert_eq!(across(&rule, &object("v".into())), [""; 0]);
    assert_eq!(across(&rule, &object(Value::UNKNOWN)), [""; 0]);
    assert_eq!(Rule::unless(["y"], [Rule::matches("(", "any")]).broken().len(), 1);
}
