//! Writing: values to bytes, as go-cty writes them.

use rmp::encode;

use super::{
    super::{
        Number, Refinement, Type, Value,
        codec::{CodecError, Result, check_depth},
        cut,
    },
    MAX_PREFIX, MAX_REFINEMENT, REFINED, UNKNOWN,
};
use crate::path::Step;

/// A length in the four bytes at most that the format has for it.
fn short(length: usize) -> Result<u32> {
    u32::try_from(length).map_err(|_| CodecError::new("too long for MessagePack"))
}

/// Writing into memory does not fail; the error is carried on all the same.
fn written<T, E: std::fmt::Display>(result: std::result::Result<T, E>) -> Result<()> {
    result.map(|_| ()).map_err(|err| CodecError::new(err.to_string()))
}

pub(super) fn write(out: &mut Vec<u8>, value: &Value, ty: &Type, depth: usize) -> Result<()> {
    check_depth(depth)?;
    match (value, ty) {
        (Value::Null, _) => written(encode::write_nil(out)),
        (Value::Unknown(refinement), ty) => write_unknown(out, refinement.as_deref(), ty),
        (Value::Bool(value), Type::Bool) => written(encode::write_bool(out, *value)),
        (Value::Number(number), Type::Number) => write_number(out, number),
        (Value::String(text), Type::String) => write_text(out, text),
        (Value::List(inner), Type::List(ty)) => write_elements(out, inner, ty, depth),
        (Value::Set(inner), Type::Set(ty)) => {
            written(encode::write_array_len(out, short(inner.len())?))?;
            inner
                .iter()
                .try_for_each(|value| write(out, value, ty, depth + 1))
        }
        (Value::Tuple(inner), Type::Tuple(types)) if inner.len() == types.len() => {
            written(encode::write_array_len(out, short(inner.len())?))?;
            (0..).zip(inner).zip(types).try_for_each(|((i, value), ty)| {
                write(out, value, ty, depth + 1).map_err(|err| err.below(Step::Index(i)))
            })
        }
        (Value::Map(inner), Type::Map(ty)) => {
            written(encode::write_map_len(out, short(inner.len())?))?;
            inner.iter().try_for_each(|(key, value)| {
                write_text(out, key)?;
                write(out, value, ty, depth + 1).map_err(|err| err.below(Step::key(key)))
            })
        }
        (Value::Object(inner), Type::Object(attributes)) => {
            if let Some(extra) = inner.keys().find(|name| !attributes.contains_key(*name)) {
                return Err(CodecError::new("is not in the schema").below(extra));
            }
            written(encode::write_map_len(out, short(attributes.len())?))?;
            attributes.iter().try_for_each(|(name, ty)| {
                let value = inner
                    .get(name)
                    .ok_or_else(|| CodecError::new("is missing").below(name))?;
                write_text(out, name)?;
                write(out, value, ty, depth + 1).map_err(|err| err.below(name))
            })
        }
        (Value::Dynamic(ty, value), Type::Dynamic) => {
            written(encode::write_array_len(out, 2))?;
            written(encode::write_bin(out, &ty.to_json()))?;
            write(out, value, ty, depth + 1)
        }
        (value, ty) => Err(CodecError::new(format!("is {} instead of {ty}", value.kind()))),
    }
}

fn write_elements(out: &mut Vec<u8>, inner: &[Value], ty: &Type, depth: usize) -> Result<()> {
    written(encode::write_array_len(out, short(inner.len())?))?;
    (0..)
        .zip(inner)
        .try_for_each(|(i, value)| write(out, value, ty, depth + 1).map_err(|err| err.below(Step::Index(i))))
}

fn write_text(out: &mut Vec<u8>, text: &str) -> Result<()> {
    short(text.len())?;
    written(encode::write_str(out, text))
}

/// As an integer where it is one of 64 bits, as a float where that is exact, else as text, like go-cty.
fn write_number(out: &mut Vec<u8>, number: &Number) -> Result<()> {
    if let Some(whole) = number.to_i64() {
        return written(encode::write_sint(out, whole));
    }
    match number.to_f64_exactly() {
        Some(float) if !number.is_integer() => written(encode::write_f64(out, float)),
        _ => write_text(out, &number.to_string()),
    }
}

fn write_unknown(out: &mut Vec<u8>, refinement: Option<&Refinement>, ty: &Type) -> Result<()> {
    let refinement = refinement.filter(|_| ty != &Type::Dynamic);
    let body = match refinement {
        Some(refinement) => write_refinement(refinement)?,
        None => None,
    };
    match body {
        Some(body) => {
            written(encode::write_ext_meta(out, short(body.len())?, REFINED))?;
            out.extend(body);
        }
        None => {
            written(encode::write_ext_meta(out, 1, UNKNOWN))?;
            out.push(0);
        }
    }
    Ok(())
}

/// The body of a refined unknown value, unless nothing is refined or it would be longer than go-cty reads.
fn write_refinement(refinement: &Refinement) -> Result<Option<Vec<u8>>> {
    let mut count = 0;
    let mut entries = Vec::new();
    let mut key = |entries: &mut Vec<u8>, key: u8| {
        count += 1;
        entries.push(key);
    };
    if let Some(null) = refinement.null {
        key(&mut entries, 1);
        written(encode::write_bool(&mut entries, null))?;
    }
    if let Some(prefix) = &refinement.prefix {
        key(&mut entries, 2);
        write_text(&mut entries, cut(prefix, MAX_PREFIX))?;
    }
    for (number, bound) in [(3, &refinement.lower), (4, &refinement.upper)] {
        if let Some(bound) = bound {
            key(&mut entries, number);
            written(encode::write_array_len(&mut entries, 2))?;
            write_number(&mut entries, &bound.number)?;
            written(encode::write_bool(&mut entries, bound.inclusive))?;
        }
    }
    for (number, length) in [(5, refinement.min_len), (6, refinement.max_len)] {
        if let Some(length) = length {
            key(&mut entries, number);
            written(encode::write_sint(&mut entries, length))?;
        }
    }
    if count == 0 || entries.len() >= MAX_REFINEMENT {
        return Ok(None);
    }
    let mut body = Vec::new();
    written(encode::write_map_len(&mut body, count))?;
    body.append(&mut entries);
    Ok(Some(body))
}
