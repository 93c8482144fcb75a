//! Between a resource's serde struct and the values of its schema.

mod arguments;
mod de;
mod holes;
mod sample;
mod ser;
mod spelling;

use serde::{Serialize, de::DeserializeOwned};

pub(crate) use self::{
    arguments::{check as check_arguments, decode as decode_arguments},
    de::NULL_ELEMENT,
    holes::{Holes, check_holes},
    sample::of as sample,
    spelling::misspelled,
};
use crate::{
    quoted,
    schema::Schema,
    value::{
        Type, Value,
        codec::{CodecError, Result},
        conform,
    },
};

/// The model as a value of that type. What does not fit is an error that names the attribute.
pub(crate) fn encode<M: Serialize>(model: &M, ty: &Type) -> Result<Value> {
    let value = model.serialize(ser::ValueSerializer)?;
    match (value, ty) {
        // `()` is a model of what has no attributes.
        (Value::Null, Type::Object(attributes)) if attributes.is_empty() => Ok(Value::object::<&str>([])),
        (value, ty) => conform::coerce(value, ty),
    }
}

/// The model as a value of whatever type fits it. [`conform::coerce`] gives it the schema's.
pub(crate) fn encode_loosely<M: Serialize>(model: &M) -> Result<Value> {
    model.serialize(ser::ValueSerializer)
}

/// The value as a model.
pub(crate) fn decode<M: DeserializeOwned>(value: &Value) -> Result<M> {
    M::deserialize(de::ValueDeserializer(value)).map_err(de::Error::into_codec)
}

/// What a model refuses of a value, in the words of rules, after "the value". What was given is said where it may be.
pub(crate) fn refusal(err: &CodecError, given: Option<&Value>) -> String {
    let given = given.map(quoted::given).unwrap_or_default();
    match err.message.split_once(' ') {
        Some(("must" | "is" | "has", _)) => format!("{}{given}", err.message),
        // What an author's own type says may be any sentence.
        _ => format!("is not taken: {}{given}", err.message),
    }
}

/// Whether a model can hold values of that type at all, tried with a sample that has every attribute known but those of
/// which the model refuses the sample's text or number for reasons of its own. Only mismatches of shape count.
pub(crate) fn check<M: Serialize + DeserializeOwned>(ty: &Type) -> Option<CodecError> {
    let sample = sample::taken_by::<M>(ty);
    match M::deserialize(de::ValueDeserializer(&sample)) {
        Ok(model) => match model.serialize(ser::ValueSerializer) {
            Ok(value) => conform::coerce(value, ty).err(),
            Err(err) => Some(err),
        },
        Err(err) if err.is_mismatch() => Some(err.into_codec()),
        Err(_) => None,
    }
}

/// Where a struct cannot hold what a state under that schema may be: of the wrong shape, or without room for null.
pub(crate) fn check_stored<Old: DeserializeOwned>(schema: &Schema) -> Option<CodecError> {
    let ty = schema.implied_type();
    match Old::deserialize(de::ValueDeserializer(&sample::taken_by::<Old>(&ty))) {
        Err(err) if err.is_mismatch() => Some(err.into_codec()),
        _ => check_holes::<Old>(schema.body.level(), &ty, Holes::Null),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet, HashMap};

    use serde::Deserialize;

    use super::*;
    use crate::{Attr, GoDuration, Number, Refinement};

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Nested {
        port: Attr<i64>,
        host: String,
    }

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Model {
        name: String,
        on: Attr<bool>,
        ratio: f64,
        big: Number,
        list: Attr<Vec<Attr<String>>>,
        set: BTreeSet<String>,
        map: HashMap<String, i64>,
        nested: Attr<Nested>,
        by_key: BTreeMap<String, Nested>,
        pair: (String, bool),
        maybe: Option<String>,
        any: Attr<BTreeMap<String, i64>>,
    }

    fn nested_ty() -> Type {
        Type::object([("port", Type::Number), ("host", Type::String)])
    }

    fn ty() -> Type {
        Type::object([
            ("name", Type::String),
            ("on", Type::Bool),
            ("ratio", Type::Number),
            ("big", Type::Number),
            ("list", Type::list(Type::String)),
            ("set", Type::set(Type::String)),
            ("map", Type::map(Type::Number)),
            ("nested", nested_ty()),
            ("by_key", Type::map(nested_ty())),
            ("pair", Type::tuple([Type::String, Type::Bool])),
            ("maybe", Type::String),
            ("any", Type::Dynamic),
        ])
    }

    fn model() -> Model {
        Model {
            name: "n".to_owned(),
            on: Attr::Unknown,
            ratio: 0.1,
            big: "123456789012345678901234567890.5".parse().expect("number"),
            list: Attr::Known(vec![Attr::Known("a".to_owned()), Attr::Unknown, Attr::Null]),
            set: BTreeSet::from(["x".to_owned()]),
            map: HashMap::from([("k".to_owned(), -1)]),
            nested: Attr::Known(Nested {
                port: Attr::Null,
                host: "h".to_owned(),
            }),
            by_key: BTreeMap::from([(
                "a".to_owned(),
                Nested {
                    port: Attr::Known(1),
                    host: "b".to_owned(),
                },
            )]),
            pair: ("p".to_owned(), true),
            maybe: None,
            any: Attr::Known(BTreeMap::from([("z".to_owned(), 3)])),
        }
    }

    #[test]
    fn a_model_comes_back_from_its_value() {
        let value = encode(&model(), &ty()).expect("value");
        assert_eq!(value.attribute("on"), Some(&Value::UNKNOWN));
        assert_eq!(
            value.attribute("ratio"),
            Some(&Value::Number("0.1".parse().expect("number")))
        );
        assert_eq!(value.attribute("set"), Some(&Value::set(["x".into()])));
        assert_eq!(decode::<Model>(&value), Ok(model()));
    }

    #[test]
    fn a_model_of_the_right_shape_passes_the_check() {
        assert_eq!(check::<Model>(&ty()), None);
    }

    #[test]
    fn a_plain_field_refuses_null_and_unknown() {
        for value in [Value::Null, Value::UNKNOWN] {
            let value = Value::object([("port", 1.into()), ("host", value)]);
            let err = decode::<Nested>(&value).expect_err("refused");
            assert_eq!(err.path.to_string(), "host");
            assert!(err.message.contains("cannot hold"), "{err}");
        }
    }

    #[test]
    fn a_struct_in_a_collection_holds_an_element_that_is_not_known_yet_if_its_fields_can() {
        #[derive(Debug, PartialEq, Deserialize)]
        struct Open {
            port: Attr<i64>,
            any: Value,
        }
        let list = Value::List(vec![Value::UNKNOWN]);
        let open = || Open {
            port: Attr::Unknown,
            any: Value::UNKNOWN,
        };
        assert_eq!(decode::<Vec<Open>>(&list).ok(), Some(vec![open()]));
        let map = Value::map([("k", Value::UNKNOWN)]);
        let held = decode::<BTreeMap<String, Open>>(&map).ok();
        assert_eq!(held, Some(BTreeMap::from([("k".to_owned(), open())])));
        // Who asks whether it is known is told so.
        assert_eq!(decode::<Vec<Attr<Open>>>(&list).ok(), Some(vec![Attr::Unknown]));
        for err in [
            decode::<Vec<Nested>>(&list).err().map(|err| err.to_string()),
            decode::<Vec<String>>(&list).err().map(|err| err.to_string()),
            decode::<Vec<Option<Open>>>(&list)
                .err()
                .map(|err| err.to_string()),
            decode::<Open>(&Value::UNKNOWN).err().map(|err| err.to_string()),
        ] {
            assert!(
                err.as_ref().is_some_and(|err| err.contains("is unknown")),
                "{err:?}"
            );
        }
    }

    #[test]
    fn a_null_element_that_a_model_cannot_hold_is_refused_as_a_value() {
        let list = Value::List(vec!["a".into(), Value::Null]);
        let err = decode::<Vec<String>>(&list).expect_err("refused");
        assert!(err.of_value && err.message == NULL_ELEMENT, "{err}");
        assert_eq!(err.path, crate::path!(1));
        let map = Value::map([("k", Value::Null)]);
        let err = decode::<BTreeMap<String, Nested>>(&map).expect_err("refused");
        assert!(err.of_value && err.message == NULL_ELEMENT, "{err}");
        assert!(decode::<Vec<Option<String>>>(&list).is_ok());
    }

    #[test]
    fn what_serde_buffers_is_refused_in_words_that_say_so() {
        #[derive(Serialize, Deserialize)]
        struct Flattened {
            #[serde(flatten)]
            inner: Inner,
        }
        #[derive(Serialize, Deserialize)]
        struct Inner {
            size: Attr<i64>,
        }
        #[derive(Serialize, Deserialize)]
        struct Untagged {
            size: Either,
        }
        #[derive(Serialize, Deserialize)]
        #[serde(untagged)]
        enum Either {
            Number(i64),
            Text(String),
        }
        let schema = Schema::new(0).attr("size", crate::schema::int64().optional());
        for found in [
            check_stored::<Flattened>(&schema),
            check_stored::<Untagged>(&schema),
        ] {
            let found = found.expect("refused");
            assert_eq!(found.path.to_string(), "size");
            assert!(
                found.message.contains("`flatten`, `untagged` and tagged enums"),
                "{found}"
            );
        }
    }

    #[test]
    fn missing_and_extra_attributes_are_named() {
        #[derive(Serialize, Deserialize)]
        struct Other {
            port: Attr<i64>,
            hots: Attr<String>,
        }
        let err = check::<Other>(&nested_ty()).expect("mismatch");
        assert!(err.to_string().contains("host"), "{err}");
        let err = encode(
            &Other {
                port: Attr::Null,
                hots: Attr::Null,
            },
            &nested_ty(),
        )
        .expect_err("mismatch");
        assert!(err.to_string().contains("host"), "{err}");
    }

    #[test]
    fn a_wrong_type_is_named_with_its_place() {
        #[derive(Serialize, Deserialize)]
        struct Inner {
            port: Attr<String>,
            host: Attr<String>,
        }
        #[derive(Serialize, Deserialize)]
        struct Outer {
            by_key: BTreeMap<String, Inner>,
        }
        let ty = Type::object([("by_key", Type::map(nested_ty()))]);
        let err = check::<Outer>(&ty).expect("mismatch");
        assert_eq!(err.path.to_string(), "by_key[\"key\"].port");
        assert!(err.message.contains("a string"), "{err}");
    }

    #[test]
    fn a_number_that_does_not_fit_its_field_is_named() {
        let value = Value::object([
            ("port", Value::Number("1.5".parse().expect("number"))),
            ("host", "h".into()),
        ]);
        let err = decode::<Nested>(&value).expect_err("refused");
        assert_eq!(err.path.to_string(), "port");
    }

    #[test]
    fn a_number_outside_of_its_fields_range_is_refused_in_the_words_of_rules() {
        let said = |text: &str, read: fn(&Value) -> Option<CodecError>| {
            let number = Value::Number(text.parse().expect("a number"));
            read(&number).map(|err| {
                assert!(err.of_value);
                err.message
            })
        };
        fn of<T: DeserializeOwned>(value: &Value) -> Option<CodecError> {
            decode::<Attr<T>>(value).err()
        }
        let byte = || Some("must be a whole number from 0 to 255".to_owned());
        let float = |bits: u8| {
            Some(format!(
                "must be within the range of a {bits}-bit floating-point number"
            ))
        };
        let long: Option<String> = Some(format!(
            "must be a whole number from {} to {}",
            i64::MIN,
            i64::MAX
        ));
        for (text, read, expected) in [
            ("255", of::<u8> as fn(&Value) -> Option<CodecError>, None),
            ("256", of::<u8>, byte()),
            ("-1", of::<u8>, byte()),
            ("1.5", of::<u8>, Some("must be a whole number".to_owned())),
            ("18446744073709551615", of::<u64>, None),
            ("18446744073709551615", of::<i64>, long),
            ("0.1", of::<f64>, None),
            // All the digits of the binary number next to 0.1.
            (
                "0.1000000000000000055511151231257827021181583404541015625",
                of::<f64>,
                None,
            ),
            ("0.12345678901234567890123", of::<f64>, None),
            ("1e309", of::<f64>, float(64)),
            ("0.1", of::<f32>, None),
            ("16777217", of::<f32>, None),
            ("1e39", of::<f32>, float(32)),
        ] {
            assert_eq!(said(text, read), expected, "{text}");
        }
    }

    #[test]
    fn a_unit_is_the_model_of_an_empty_schema_and_of_no_other() {
        let empty = Type::object::<&str>([]);
        assert_eq!(encode(&(), &empty), Ok(Value::object::<&str>([])));
        assert_eq!(decode::<()>(&Value::object::<&str>([])), Ok(()));
        assert_eq!(check::<()>(&empty), None);
        let err = check::<()>(&nested_ty()).expect("mismatch");
        assert!(err.message.contains("no field for the attribute `host`"), "{err}");
    }

    #[test]
    fn dynamic_attributes_keep_their_types_and_any_attribute_its_refinement() {
        #[derive(Debug, PartialEq, Serialize, Deserialize)]
        struct Open {
            any: Attr<Value>,
            arn: Attr<Value>,
            #[serde(rename = "type")]
            kind: Attr<String>,
            pairs: Attr<BTreeSet<(String, i64)>>,
        }
        let ty = Type::object([
            ("any", Type::Dynamic),
            ("arn", Type::String),
            ("type", Type::String),
            ("pairs", Type::set(Type::tuple([Type::String, Type::Number]))),
        ]);
        let list = Value::Dynamic(
            Box::new(Type::list(Type::Number)),
            Box::new(Value::List(vec![Value::Null])),
        );
        let model = Open {
            any: Attr::Known(list.clone()),
            arn: Attr::Known(Value::Unknown(Some(Box::new(
                Refinement::default().prefix("arn:"),
            )))),
            kind: "k".into(),
            pairs: Attr::Known(BTreeSet::from([("a".to_owned(), 1)])),
        };
        assert_eq!(check::<Open>(&ty), None);
        let value = encode(&model, &ty).expect("a value");
        assert_eq!(value.attribute("any"), Some(&list));
        let refined = value.attribute("arn").expect("the attribute");
        assert!(matches!(refined, Value::Unknown(Some(r)) if r.prefix.as_deref() == Some("arn:")));
        let back = decode::<Open>(&value).expect("the model");
        assert_eq!((back.any, back.arn), (Attr::Known(list), Attr::Unknown));

        let number = Type::object([("arn", Type::Number)]);
        let misfit = BTreeMap::from([("arn", model.arn)]);
        let err = encode(&misfit, &number).expect_err("refused");
        assert!(err.to_string().contains("refinement that does not fit"), "{err}");
    }

    #[test]
    fn what_a_model_refuses_of_the_sample_hides_no_mismatch_behind_it() {
        #[derive(Serialize, Deserialize)]
        struct Timed<D, P> {
            after: D,
            port: P,
        }
        let ty = Type::object([("after", Type::String), ("port", Type::Number)]);
        assert_eq!(check::<Timed<Attr<GoDuration>, Attr<i64>>>(&ty), None);
        assert_eq!(check::<Timed<GoDuration, i64>>(&ty), None);
        let err = check::<Timed<Attr<GoDuration>, String>>(&ty).expect("mismatch");
        assert_eq!(err.path.to_string(), "port");
    }

    #[test]
    fn unit_variants_are_strings() {
        #[derive(Debug, PartialEq, Serialize, Deserialize)]
        #[serde(rename_all = "UPPERCASE")]
        enum Method {
            Get,
        }
        assert_eq!(encode(&Method::Get, &Type::String), Ok("GET".into()));
        assert_eq!(decode::<Method>(&"GET".into()), Ok(Method::Get));
        assert!(decode::<Method>(&"PUT".into()).is_err());
        // The sample's text is none of the variants, which says nothing about the shape.
        assert_eq!(check::<Method>(&Type::String), None);
    }
}
