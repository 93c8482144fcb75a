//! A value of a type as JSON, byte by byte: a tree of JSON values in between would cost more than the encoding.

use std::io::Write;

use crate::{
    path::Step,
    value::{
        Type, Value,
        codec::{CodecError, Result, check_depth},
    },
};

/// Writes a value of type `ty`, without spaces. Unknown values cannot be written.
pub(crate) fn encode(value: &Value, ty: &Type) -> Result<Vec<u8>> {
    let mut json = Vec::new();
    write(value, ty, &mut json, 0)?;
    Ok(json)
}

fn write(value: &Value, ty: &Type, json: &mut Vec<u8>, depth: usize) -> Result<()> {
    check_depth(depth)?;
    match (value, ty) {
        (Value::Null, _) => json.extend(b"null"),
        (Value::Unknown(_), _) => return Err(CodecError::new("is unknown, which JSON cannot say")),
        (Value::Bool(value), Type::Bool) => json.extend(if *value { &b"true"[..] } else { b"false" }),
        (Value::Number(number), Type::Number) if number.is_finite() => {
            write!(json, "{number}").map_err(unwritten)?;
        }
        (Value::Number(_), Type::Number) => return Err(CodecError::new("is infinite")),
        (Value::String(text), Type::String) => string(text, json)?,
        (Value::List(inner), Type::List(ty)) => {
            elements(inner.iter().map(|value| (value, &**ty)), json, depth)?
        }
        (Value::Set(inner), Type::Set(ty)) => {
            elements(inner.iter().map(|value| (value, &**ty)), json, depth)?
        }
        (Value::Tuple(inner), Type::Tuple(types)) if inner.len() == types.len() => {
            elements(inner.iter().zip(types), json, depth)?;
        }
        (Value::Map(inner), Type::Map(ty)) => {
            json.push(b'{');
            for (i, (key, value)) in inner.iter().enumerate() {
                name(i, key, json)?;
                write(value, ty, json, depth + 1).map_err(|err| err.below(Step::key(key)))?;
            }
            json.push(b'}');
        }
        (Value::Object(inner), Type::Object(attributes)) => {
            json.push(b'{');
            // Both are sorted by name, and mostly have the same ones.
            let mut beside = inner.iter();
            for (i, (attribute, ty)) in attributes.iter().enumerate() {
                let value = match beside.next() {
                    Some((name, value)) if name == attribute => value,
                    _ => inner
                        .get(attribute)
                        .ok_or_else(|| CodecError::new("is missing").below(attribute))?,
                };
                name(i, attribute, json)?;
                write(value, ty, json, depth + 1).map_err(|err| err.below(attribute))?;
            }
            json.push(b'}');
        }
        (Value::Dynamic(ty, value), Type::Dynamic) => {
            json.extend(br#"{"type":"#);
            json.extend(ty.to_json());
            json.extend(br#","value":"#);
            write(value, ty, json, depth + 1)?;
            json.push(b'}');
        }
        (value, ty) => return Err(CodecError::new(format!("is {} instead of {ty}", value.kind()))),
    }
    Ok(())
}

fn elements<'v>(
    inner: impl Iterator<Item = (&'v Value, &'v Type)>,
    json: &mut Vec<u8>,
    depth: usize,
) -> Result<()> {
    json.push(b'[');
    for (i, (value, ty)) in (0..).zip(inner) {
        if i > 0 {
            json.push(b',');
        }
        write(value, ty, json, depth + 1).map_err(|err| err.below(Step::Index(i)))?;
    }
    json.push(b']');
    Ok(())
}

/// The name of the member at `index`, and what stands around it.
fn name(index: usize, name: &str, json: &mut Vec<u8>) -> Result<()> {
    if index > 0 {
        json.push(b',');
    }
    string(name, json)?;
    json.push(b':');
    Ok(())
}

fn string(text: &str, json: &mut Vec<u8>) -> Result<()> {
    serde_json::to_writer(json, text).map_err(unwritten)
}

/// Memory takes whatever is written.
fn unwritten(err: impl std::fmt::Display) -> CodecError {
    CodecError::new(err.to_string())
}
