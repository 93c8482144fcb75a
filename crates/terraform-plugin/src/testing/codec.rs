//! The two encodings of values and the one of types, for golden files and for comparison with other
//! implementations.
//!
//! MessagePack is what travels between core and a provider, JSON what state files hold. Both need the type:
//! the bytes alone do not say whether a list or a set was meant.
//!
//! ```
//! use terraform_plugin::{Type, Value, testing::codec};
//!
//! let ty = codec::decode_type(br#"["object",{"name":"string","ports":["set","number"]}]"#)?;
//! let value = codec::decode_json(br#"{"name":"a","ports":[443,80,443]}"#, &ty)?;
//! assert_eq!(value, Value::object([("name", "a".into()), ("ports", Value::set([80.into(), 443.into()]))]));
//!
//! let bytes = codec::encode_msgpack(&value, &ty)?;
//! assert_eq!(codec::decode_msgpack(&bytes, &ty)?, value);
//! # Ok::<(), codec::CodecError>(())
//! ```

pub use crate::value::codec::CodecError;
use crate::value::{
    Type, Value,
    json::{self, Strictness},
    msgpack,
};

/// Reads a value of type `ty` from MessagePack.
///
/// # Errors
/// The bytes are no value of that type, are cut or longer than the value, hold a key twice or a number beyond
/// 10^±10000, or nest more than 100 levels deep.
pub fn decode_msgpack(bytes: &[u8], ty: &Type) -> Result<Value, CodecError> {
    msgpack::decode(bytes, ty)
}

/// Writes a value of type `ty` as MessagePack, in the bytes that go-cty chooses: object attributes and map keys
/// sorted, numbers as short as they are exact.
///
/// # Errors
/// The value is not of that type.
pub fn encode_msgpack(value: &Value, ty: &Type) -> Result<Vec<u8>, CodecError> {
    msgpack::encode(value, ty)
}

/// Reads a value of type `ty` from JSON. All attributes of an object type must be there, and no others.
///
/// # Errors
/// As [`decode_msgpack`]. The text of the error never quotes the value.
pub fn decode_json(json: &[u8], ty: &Type) -> Result<Value, CodecError> {
    json::decode(json, ty, Strictness::Exact)
}

/// Writes a value of type `ty` as JSON, without spaces.
///
/// # Errors
/// The value is not of that type, or holds what JSON cannot say: something unknown, or an infinite number.
pub fn encode_json(value: &Value, ty: &Type) -> Result<Vec<u8>, CodecError> {
    json::encode(value, ty)
}

/// Reads a type from the JSON in which schemas and dynamic values carry it.
///
/// # Errors
/// The JSON is no type, or one that nests more than 100 levels deep.
pub fn decode_type(json: &[u8]) -> Result<Type, CodecError> {
    Type::from_json(json)
}

/// Writes a type as JSON: `"string"`, `["list","number"]`, `["object",{"a":"bool"}]`.
pub fn encode_type(ty: &Type) -> Vec<u8> {
    ty.to_json()
}
