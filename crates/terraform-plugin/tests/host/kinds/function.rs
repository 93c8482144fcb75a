//! Functions: what goes in, what comes out, and how they fail.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use terraform_plugin::{
    Attr, Function, FunctionError, Parameter, Signature, Type, Value,
    schema::{boolean, dynamic, list, map, number, object, set, string, tuple},
    testing::Host,
};

use super::{Library, World};

/// A function with all that parameters can have.
pub(super) struct Join;

impl Function for Join {
    const NAME: &'static str = "join_titles";
    type Arguments = (String, Attr<String>, Vec<String>);
    type Result = String;

    fn signature() -> Signature {
        Signature::new(Type::String)
            .summary("Joins titles.")
            .describe("Joins *titles*.")
            .parameter("separator", Parameter::new(string().length(1..=3)))
            .parameter("first", Parameter::new(string()).allow_null().allow_unknown())
            .variadic("titles", Parameter::new(string().length(1..)))
    }

    async fn call(&self, (separator, first, titles): Self::Arguments) -> Result<String, FunctionError> {
        if let Some(at) = titles.iter().position(|title| title == "dog") {
            return Err(FunctionError::variadic(at, "dogs write no books"));
        }
        if separator == "?" {
            return Err(FunctionError::argument(7, "strange"));
        }
        if separator == "!" {
            panic!("too loud.");
        }
        let titles = first.into_known().into_iter().chain(titles);
        Ok(titles.collect::<Vec<_>>().join(&separator))
    }
}

/// A function of every type, with its arguments as a struct.
pub(super) struct Kinds;

#[derive(Deserialize, Serialize)]
pub(super) struct KindsArguments {
    text: String,
    number: f64,
    flag: bool,
    list: Vec<i64>,
    set: BTreeSet<String>,
    map: BTreeMap<String, bool>,
    object: Pair,
    tuple: (String, bool),
}

#[derive(Deserialize, Serialize)]
pub(super) struct Pair {
    left: i64,
    right: Attr<String>,
}

impl Function for Kinds {
    const NAME: &'static str = "kinds";
    type Arguments = KindsArguments;
    type Result = KindsArguments;

    fn signature() -> Signature {
        let ty = Type::object([
            ("text", Type::String),
            ("number", Type::Number),
            ("flag", Type::Bool),
            ("list", Type::list(Type::Number)),
            ("set", Type::set(Type::String)),
            ("map", Type::map(Type::Bool)),
            (
                "object",
                Type::object([("left", Type::Number), ("right", Type::String)]),
            ),
            ("tuple", Type::tuple([Type::String, Type::Bool])),
        ]);
        Signature::new(ty)
            .parameter("text", Parameter::new(string()))
            .parameter("number", Parameter::new(number()))
            .parameter("flag", Parameter::new(boolean()))
            .parameter("list", Parameter::new(list(Type::Number)))
            .parameter("set", Parameter::new(set(Type::String)))
            .parameter("map", Parameter::new(map(Type::Bool)))
            .parameter(
                "object",
                Parameter::new(object([("left", Type::Number), ("right", Type::String)])),
            )
            .parameter("tuple", Parameter::new(tuple([Type::String, Type::Bool])))
    }

    async fn call(&self, arguments: KindsArguments) -> Result<KindsArguments, FunctionError> {
        Ok(arguments)
    }
}

/// A function whose result's type depends on its argument.
pub(super) struct First;

impl Function for First {
    const NAME: &'static str = "first";
    type Arguments = (Vec<String>,);
    type Result = Option<String>;

    fn signature() -> Signature {
        Signature::new(Type::Dynamic).parameter("all", Parameter::new(dynamic()))
    }

    async fn call(&self, (all,): (Vec<String>,)) -> Result<Option<String>, FunctionError> {
        Ok(all.into_iter().next())
    }
}

#[tokio::test]
async fn a_function_is_called_without_a_configured_provider() {
    let host = Host::new(Library(World::default()));
    let joined = host
        .call("join_titles", ["-".into(), "a".into(), "b".into(), "c".into()])
        .await;
    assert_eq!(joined, Ok("a-b-c".into()));
    assert_eq!(
        host.call("join_titles", ["-".into(), Value::Null]).await,
        Ok("".into())
    );
}

#[tokio::test]
async fn every_type_goes_in_and_comes_out() {
    let host = Host::new(Library(World::default()));
    let pair = Value::object([("left", 1.into()), ("right", Value::Null)]);
    let arguments = [
        ("text", "t".into()),
        ("number", Value::Number("1.5".parse().expect("a number"))),
        ("flag", true.into()),
        ("list", Value::from(vec![1, 2])),
        ("set", Value::set(["x".into()])),
        ("map", Value::map([("k", false.into())])),
        ("object", pair),
        ("tuple", Value::Tuple(vec!["u".into(), true.into()])),
    ];
    let expected = Value::object(arguments.clone());
    assert_eq!(
        host.call("kinds", arguments.map(|(_, value)| value)).await,
        Ok(expected)
    );
    let first = host
        .call("first", [Value::from(vec!["x", "y"])])
        .await
        .expect("a result");
    assert_eq!(first.plain(), &"x".into());
}

#[tokio::test]
async fn an_argument_that_is_unknown_makes_the_result_unknown_unless_it_is_allowed() {
    let host = Host::new(Library(World::default()));
    let first = host.call("first", [Value::UNKNOWN]).await;
    assert_eq!(first, Ok(Value::UNKNOWN));
    let joined = host
        .call("join_titles", ["-".into(), Value::UNKNOWN, "b".into()])
        .await;
    assert_eq!(joined, Ok("b".into()), "the function decides");
}

#[tokio::test]
async fn an_error_of_a_function_names_the_argument() {
    let host = Host::new(Library(World::default()));
    for (arguments, at, expected) in [
        (vec!["-", "a", "b", "dog"], Some(3), "dogs write no books"),
        (vec!["----", "a"], Some(0), "at least 1 and at most 3"),
        (vec!["-", "a", "b", ""], Some(3), "at least 1"),
        (
            vec!["?", "a"],
            None,
            "function join_titles: strange (this blames the argument 7 of 2",
        ),
        (
            vec!["!", "a"],
            None,
            "too loud. This is a bug in the provider; please report it",
        ),
        (vec!["-"], None, "1 arguments"),
    ] {
        let called = host
            .call("join_titles", arguments.iter().map(|text| Value::from(*text)))
            .await;
        let refused = called.expect_err("refused");
        assert_eq!(refused.argument, at, "{refused}");
        assert!(refused.text.contains(expected), "{refused}");
        assert!(!refused.text.ends_with('.'), "{refused}");
    }
    // What only the model refuses, too, with the place in it.
    let arguments = |list: Value, number: Value| {
        let pair = Value::object([("left", number), ("right", Value::Null)]);
        [
            "t".into(),
            1.into(),
            true.into(),
            list,
            Value::set(["x".into()]),
            Value::map([("k", true.into())]),
            pair,
            Value::Tuple(vec!["u".into(), true.into()]),
        ]
    };
    for (arguments, at, expected) in [
        (
            arguments(Value::List(vec![1.into(), Value::Null]), 1.into()),
            3,
            "list[1]: The value must not be null",
        ),
        (
            arguments(
                Value::List(vec![]),
                Value::Number("1.5".parse().expect("a number")),
            ),
            6,
            "object.left: The value must be a whole number",
        ),
    ] {
        let refused = host.call("kinds", arguments).await.expect_err("refused");
        assert_eq!(refused.argument, Some(at), "{refused}");
        assert!(refused.text.starts_with(expected), "{refused}");
    }
    let refused = host
        .call("join_titles", [Value::Null, Value::Null])
        .await
        .expect_err("refused");
    assert!(
        refused.argument == Some(0) && refused.text.contains("\"separator\""),
        "{refused}"
    );
}
