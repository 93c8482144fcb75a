//! The codecs: what is read can be written, and comes back as it was.

use terraform_plugin::{Type, Value, testing::codec};

/// The types that the first byte of an input chooses from. The last one brings every other along.
const TYPES: [&str; 8] = [
    r#""bool""#,
    r#""number""#,
    r#""string""#,
    r#"["list",["set","number"]]"#,
    r#"["map",["tuple",["string","number","dynamic"]]]"#,
    r#"["set",["object",{"a":"string","b":["list","bool"]}]]"#,
    r#"["object",{"d":"dynamic","l":["list","string"],"m":["map","number"],"n":"number","s":["set","dynamic"]}]"#,
    r#""dynamic""#,
];

/// The first byte that chooses a type, and its name.
pub type Choice = (u8, &'static str);

pub const BOOL: Choice = (0, "bool");
pub const NUMBER: Choice = (1, "number");
pub const STRING: Choice = (2, "string");
pub const LIST_OF_SETS: Choice = (3, "list_of_sets");
pub const MAP_OF_TUPLES: Choice = (4, "map_of_tuples");
pub const SET_OF_OBJECTS: Choice = (5, "set_of_objects");
pub const OBJECT: Choice = (6, "object");
pub const DYNAMIC: Choice = (7, "dynamic");

/// The type that the first byte chooses, and the rest of the input.
fn typed(input: &[u8]) -> Option<(Type, &[u8])> {
    let (choice, rest) = input.split_first()?;
    let json = TYPES[usize::from(*choice) % TYPES.len()];
    Some((codec::decode_type(json.as_bytes()).expect("a type"), rest))
}

/// A value as MessagePack.
pub fn msgpack(input: &[u8]) {
    let Some((ty, bytes)) = typed(input) else { return };
    if let Ok(value) = codec::decode_msgpack(bytes, &ty) {
        comes_back_from_msgpack(&value, &ty);
        if value.is_wholly_known() {
            comes_back_from_json(&value, &ty);
        }
    }
}

/// A value as JSON.
pub fn json(input: &[u8]) {
    let Some((ty, bytes)) = typed(input) else { return };
    if let Ok(value) = codec::decode_json(bytes, &ty) {
        assert!(value.is_wholly_known(), "JSON that says unknown: {value:?}");
        comes_back_from_json(&value, &ty);
        comes_back_from_msgpack(&value, &ty);
    }
}

/// A type as JSON.
pub fn type_json(input: &[u8]) {
    if let Ok(ty) = codec::decode_type(input) {
        let json = codec::encode_type(&ty);
        let again = codec::decode_type(&json).expect("what was written is read");
        assert_eq!(again, ty);
        assert_eq!(codec::encode_type(&again), json);
        assert!(!ty.to_string().is_empty());
    }
}

fn comes_back_from_msgpack(value: &Value, ty: &Type) {
    let bytes = codec::encode_msgpack(value, ty).expect("what was read is written");
    let again = codec::decode_msgpack(&bytes, ty).expect("what was written is read");
    // As go-cty does, writing drops long refinements and cuts long prefixes.
    if !has_refinements(value) {
        assert_eq!(&again, value);
    }
    let bytes = codec::encode_msgpack(&again, ty).expect("written again");
    assert_eq!(codec::decode_msgpack(&bytes, ty), Ok(again));
}

fn comes_back_from_json(value: &Value, ty: &Type) {
    match codec::encode_json(value, ty) {
        Ok(json) => assert_eq!(codec::decode_json(&json, ty).as_ref(), Ok(value)),
        Err(err) => assert!(err.message().contains("infinite"), "{err}"),
    }
}

fn has_refinements(value: &Value) -> bool {
    match value {
        Value::Unknown(refinement) => refinement.is_some(),
        Value::List(inner) | Value::Tuple(inner) => inner.iter().any(has_refinements),
        Value::Set(inner) => inner.iter().any(has_refinements),
        Value::Map(inner) | Value::Object(inner) => inner.values().any(has_refinements),
        Value::Dynamic(_, inner) => has_refinements(inner),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => false,
    }
}
