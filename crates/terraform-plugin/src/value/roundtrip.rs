//! Properties of both encodings, over values and types that nobody thought of.

use proptest::{collection::vec, prelude::*};

use super::{
    Number, Refinement, Type, Value, conform,
    json::{self, Strictness},
    msgpack,
};

fn types() -> impl Strategy<Value = Type> {
    let leaf = prop_oneof![
        Just(Type::Bool),
        Just(Type::Number),
        Just(Type::String),
        Just(Type::Dynamic)
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            inner.clone().prop_map(Type::list),
            inner.clone().prop_map(Type::set),
            inner.clone().prop_map(Type::map),
            vec(("[a-z]{1,3}", inner.clone()), 0..4).prop_map(Type::object),
            vec(inner, 0..4).prop_map(Type::Tuple),
        ]
    })
}

fn numbers() -> impl Strategy<Value = Number> {
    let parsed = |text: String| text.parse().expect("a number");
    prop_oneof![
        any::<i64>().prop_map(Number::from),
        any::<u64>().prop_map(Number::from),
        "-?[1-9][0-9]{0,40}(\\.[0-9]{1,30})?(e-?[0-9]{1,3})?".prop_map(parsed),
    ]
}

fn unknowns(ty: &Type) -> BoxedStrategy<Value> {
    let refined = |refinement: Refinement| Value::Unknown(Some(Box::new(refinement)));
    let not_null = Refinement {
        null: Some(false),
        ..Refinement::default()
    };
    match ty {
        Type::Dynamic => Just(Value::UNKNOWN).boxed(),
        Type::String => "[a-z:]{1,9}"
            .prop_map(move |prefix| {
                refined(Refinement {
                    prefix: Some(prefix),
                    ..Refinement::default()
                })
            })
            .boxed(),
        Type::List(_) | Type::Set(_) | Type::Map(_) => (0..9_i64)
            .prop_map(move |len| {
                refined(Refinement {
                    min_len: Some(len),
                    ..Refinement::default()
                })
            })
            .boxed(),
        _ => prop_oneof![Just(Value::UNKNOWN), Just(refined(not_null))].boxed(),
    }
}

/// Values of that type; where `known` is set, without unknown ones.
fn values(ty: Type, known: bool) -> BoxedStrategy<Value> {
    let inner: BoxedStrategy<Value> = match ty.clone() {
        Type::Bool => any::<bool>().prop_map(Value::Bool).boxed(),
        Type::Number => numbers().prop_map(Value::Number).boxed(),
        Type::String => ".{0,12}".prop_map(Value::string).boxed(),
        Type::Dynamic => prop_oneof![
            Just(Type::Bool),
            Just(Type::map(Type::Number)),
            Just(Type::tuple([Type::String]))
        ]
        .prop_flat_map(move |ty| {
            let wrap = ty.clone();
            values(ty, known).prop_map(move |value| Value::Dynamic(Box::new(wrap.clone()), Box::new(value)))
        })
        .boxed(),
        Type::List(ty) => vec(values(*ty, known), 0..4).prop_map(Value::List).boxed(),
        Type::Set(ty) => vec(values(*ty, known), 0..4).prop_map(Value::set).boxed(),
        Type::Map(ty) => vec((".{0,4}", values(*ty, known)), 0..4)
            .prop_map(Value::map)
            .boxed(),
        Type::Object(attributes) => attributes
            .into_iter()
            .map(|(name, ty)| values(ty, known).prop_map(move |value| (name.clone(), value)))
            .collect::<Vec<_>>()
            .prop_map(Value::object)
            .boxed(),
        Type::Tuple(types) => types
            .into_iter()
            .map(|ty| values(ty, known))
            .collect::<Vec<_>>()
            .prop_map(Value::Tuple)
            .boxed(),
    };
    if known {
        prop_oneof![1 => Just(Value::Null), 8 => inner].boxed()
    } else {
        prop_oneof![1 => Just(Value::Null), 1 => unknowns(&ty), 8 => inner].boxed()
    }
}

fn typed(known: bool) -> impl Strategy<Value = (Type, Value)> {
    types().prop_flat_map(move |ty| (Just(ty.clone()), values(ty, known)))
}

proptest! {
    #[test]
    fn messagepack_comes_back((ty, value) in typed(false)) {
        prop_assert_eq!(conform::check(&value, &ty), Ok(()));
        let bytes = msgpack::encode(&value, &ty).expect("encoded");
        prop_assert_eq!(msgpack::decode(&bytes, &ty), Ok(value));
    }

    #[test]
    fn json_comes_back((ty, value) in typed(true)) {
        let json = json::encode(&value, &ty).expect("encoded");
        prop_assert_eq!(json::decode(&json, &ty, Strictness::Exact), Ok(value));
    }

    #[test]
    fn models_hold_any_value((ty, value) in typed(false)) {
        prop_assert_eq!(crate::model::decode::<Value>(&value), Ok(value.clone()));
        // Null as a whole is how `()` is written, the model of what has no attributes.
        prop_assume!(!value.is_null());
        prop_assert_eq!(crate::model::encode(&value, &ty), Ok(value));
    }

    #[test]
    fn type_json_comes_back(ty in types()) {
        prop_assert_eq!(Type::from_json(&ty.to_json()), Ok(ty));
    }

    #[test]
    fn every_cut_of_messagepack_is_an_error((ty, value) in typed(false), cut in any::<prop::sample::Index>()) {
        let bytes = msgpack::encode(&value, &ty).expect("encoded");
        prop_assert!(msgpack::decode(&bytes[..cut.index(bytes.len())], &ty).is_err());
    }

    #[test]
    fn damaged_messagepack_is_read_or_refused(
        (ty, value) in typed(false),
        at in any::<prop::sample::Index>(),
        byte in any::<u8>(),
    ) {
        let mut bytes = msgpack::encode(&value, &ty).expect("encoded");
        let at = at.index(bytes.len());
        bytes[at] = byte;
        if let Ok(read) = msgpack::decode(&bytes, &ty) {
            prop_assert_eq!(conform::check(&read, &ty), Ok(()));
        }
    }

    #[test]
    fn noise_is_read_or_refused(bytes in vec(any::<u8>(), 0..64), ty in types()) {
        if let Ok(read) = msgpack::decode(&bytes, &ty) {
            prop_assert_eq!(conform::check(&read, &ty), Ok(()));
        }
        if let Ok(read) = json::decode(&bytes, &ty, Strictness::Lenient) {
            prop_assert_eq!(conform::check(&read, &ty), Ok(()));
        }
    }
}
