//! Values as JSON, the encoding of stored state.

mod read;
mod write;

pub(crate) use self::{
    read::{Strictness, decode},
    write::encode,
};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::{Type, Value, codec::CodecError};

    fn written(value: &Value, ty: &Type) -> Vec<u8> {
        encode(value, ty).expect("JSON")
    }

    fn ty() -> Type {
        Type::object([
            ("n", Type::Number),
            ("s", Type::set(Type::String)),
            ("m", Type::map(Type::tuple([Type::Bool, Type::String]))),
            ("d", Type::Dynamic),
        ])
    }

    #[test]
    fn json_reads_as_state_is_stored() {
        let json = r#"{"n":123456789012345678901234567890.5,"s":["b","a","b"],"m":{"k":[true,null]},
                       "d":{"value":{"x":1e2},"type":["object",{"x":"number"}]}}"#;
        let value = decode(json.as_bytes(), &ty(), Strictness::Exact).expect("value");
        assert_eq!(
            value.attribute("n"),
            Some(&Value::Number(
                "123456789012345678901234567890.5".parse().expect("number")
            ))
        );
        assert_eq!(value.attribute("s"), Some(&Value::set(["a".into(), "b".into()])));
        assert_eq!(value.get(&crate::path!("d", "x")), Some(&100.into()));
        let again = written(&value, &ty());
        assert_eq!(decode(&again, &ty(), Strictness::Exact), Ok(value));
    }

    #[test]
    fn state_of_the_same_version_may_have_other_attributes() {
        let json = br#"{"n":1,"gone":{"deep":[1]},"s":null,"m":null}"#;
        assert!(decode(json, &ty(), Strictness::Exact).is_err());
        let value = decode(json, &ty(), Strictness::Lenient).expect("value");
        assert_eq!(value.attribute("d"), Some(&Value::Null));
        assert_eq!(value.attribute("gone"), None);
    }

    #[test]
    fn a_number_may_be_a_string_with_escapes() {
        let read = |json: &str| decode(json.as_bytes(), &Type::Number, Strictness::Exact);
        assert_eq!(read(r#""12.50""#), read("12.5"));
        assert_eq!(read(r#""\u0031""#), read("1"));
        assert!(read(r#""1" "#).is_ok() && read(r#""1""2""#).is_err());
    }

    #[test]
    fn a_type_within_a_value_may_be_as_deep_as_alone() {
        let ty = (0..62).fold(Type::Bool, |ty, _| Type::object([("a", ty)]));
        assert_eq!(Type::from_json(&ty.to_json()).as_ref(), Ok(&ty));
        let value = Value::Dynamic(Box::new(ty), Box::new(Value::Null));
        let json = written(&value, &Type::Dynamic);
        assert_eq!(decode(&json, &Type::Dynamic, Strictness::Exact), Ok(value));
    }

    #[test]
    fn hostile_json_is_an_error() {
        let deep = "[".repeat(100_000);
        let mut nested = String::from("null");
        for _ in 0..200 {
            nested = format!(r#"{{"value":{nested},"type":"dynamic"}}"#);
        }
        for (json, ty) in [
            ("", Type::String),
            ("\"a", Type::String),
            ("\"a\" \"b\"", Type::String),
            ("1", Type::String),
            ("\"x\"", Type::Number),
            ("1e999999999", Type::Number),
            ("true", Type::Number),
            (r#"{"a":1,"a":2}"#, Type::map(Type::Number)),
            (r#"{"a":1,"a":2}"#, Type::object([("a", Type::Number)])),
            (r#"{"value":1}"#, Type::Dynamic),
            (
                r#"{"value":{"a":1,"a":2},"type":["map","number"]}"#,
                Type::Dynamic,
            ),
            ("[1]", Type::tuple([])),
            (deep.as_str(), Type::list(Type::String)),
            (nested.as_str(), Type::Dynamic),
        ] {
            let shown = &json[..json.len().min(40)];
            assert!(
                decode(json.as_bytes(), &ty, Strictness::Exact).is_err(),
                "{shown}"
            );
        }
    }

    #[test]
    fn primitive_values_become_each_other_in_state_as_in_other_frameworks() {
        let read = |json: &str, ty: &Type| decode(json.as_bytes(), ty, Strictness::Lenient).ok();
        let number = |text: &str| Some(Value::Number(text.parse().expect("a number")));
        let text = |text: &str| Some(Value::from(text));
        let (yes, no) = (Some(Value::Bool(true)), Some(Value::Bool(false)));
        for (json, ty, expected) in [
            ("17", Type::String, text("17")),
            ("-1.50", Type::String, text("-1.50")),
            (
                "123456789012345678901234567890",
                Type::String,
                text("123456789012345678901234567890"),
            ),
            ("1e2", Type::String, text("1e2")),
            ("true", Type::String, text("true")),
            ("false", Type::String, text("false")),
            ("null", Type::String, Some(Value::Null)),
            ("\"17\"", Type::Number, number("17")),
            ("\"many\"", Type::Number, None),
            ("\"\"", Type::Number, None),
            ("true", Type::Number, None),
            ("\"true\"", Type::Bool, yes.clone()),
            ("\"1\"", Type::Bool, yes.clone()),
            ("1", Type::Bool, yes),
            ("\"false\"", Type::Bool, no.clone()),
            ("\"0\"", Type::Bool, no.clone()),
            ("0", Type::Bool, no),
            ("\"yes\"", Type::Bool, None),
            ("\"True\"", Type::Bool, None),
            ("2", Type::Bool, None),
            ("\"\"", Type::Bool, None),
            ("[1]", Type::String, None),
            ("{}", Type::String, None),
            ("\"a\"", Type::list(Type::String), None),
        ] {
            assert_eq!(read(json, &ty), expected, "{json} as {ty}");
            let within = format!(r#"{{"b":[{{"k":{json}}}],"a":null}}"#);
            let around = |ty: Type| Type::object([("a", Type::Bool), ("b", Type::list(Type::map(ty)))]);
            let found = read(&within, &around(ty));
            let value = found.and_then(|value| value.get(&crate::path!("b", 0, "k")).cloned());
            assert_eq!(value, expected, "{within}");
        }
        let exact = |json: &str, ty: &Type| decode(json.as_bytes(), ty, Strictness::Exact);
        assert!(exact("17", &Type::String).is_err() && exact("1", &Type::Bool).is_err());
    }

    #[test]
    fn what_does_not_fit_is_named_with_its_place() {
        let ty = Type::object([
            ("list", Type::list(Type::object([("n", Type::Number)]))),
            ("map", Type::map(Type::tuple([Type::Bool, Type::String]))),
            ("any", Type::Dynamic),
        ]);
        for (json, place) in [
            (r#"{"list":[{"n":1},{"n":"x"}]}"#, "list[1].n"),
            (r#"{"map":{"k":[true,[]]}}"#, "map[\"k\"][1]"),
            (
                r#"{"any":{"type":["object",{"a":"bool"}],"value":{"a":[]}}}"#,
                "any.a",
            ),
            (r#"{"list":{}}"#, "list"),
        ] {
            let err = decode(json.as_bytes(), &ty, Strictness::Lenient).expect_err("refused");
            assert_eq!(err.path.to_string(), place, "{err}");
        }
        let err: CodecError = decode(b"{", &ty, Strictness::Lenient).expect_err("refused");
        assert!(err.path.is_root());
    }

    #[test]
    fn errors_do_not_quote_what_may_be_secret() {
        for json in [
            r#"{"n":"hunter2"}"#,
            r#"{"s":"hunter2"}"#,
            r#"{"s":["hunter2" x]}"#,
            r#"{"d":"hunter2"}"#,
        ] {
            let err = decode(json.as_bytes(), &ty(), Strictness::Lenient).expect_err("refused");
            assert!(!err.to_string().contains("hunter2"), "{err}");
        }
    }
}
