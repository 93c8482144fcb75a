//! What each intrinsic function does with its arguments.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use md5::Md5;
use serde_json::{Map, Value};
use sha1::Sha1;
use sha2::{Digest, Sha256, Sha384, Sha512};

use crate::core::ids;

/// Every function there is.
pub(super) const NAMES: [&str; 18] = [
    "States.Array",
    "States.ArrayContains",
    "States.ArrayGetItem",
    "States.ArrayLength",
    "States.ArrayPartition",
    "States.ArrayRange",
    "States.ArrayUnique",
    "States.Base64Decode",
    "States.Base64Encode",
    "States.Format",
    "States.Hash",
    "States.JsonMerge",
    "States.JsonToString",
    "States.MathAdd",
    "States.MathRandom",
    "States.StringSplit",
    "States.StringToJson",
    "States.UUID",
];

/// The most characters that are encoded, decoded or hashed, and the most items of a range.
const MOST_CHARACTERS: usize = 10_000;
const MOST_ITEMS: i64 = 1000;

/// Why a function gives nothing.
#[derive(Debug)]
pub(super) enum Wrong {
    /// An argument is of another kind than the function takes.
    Arguments,
    Otherwise(String),
}

impl<T: Into<String>> From<T> for Wrong {
    fn from(cause: T) -> Self {
        Self::Otherwise(cause.into())
    }
}

type Result<T> = std::result::Result<T, Wrong>;

/// Calls a function.
///
/// # Errors
/// A text that says which argument is wrong.
pub(super) fn call(name: &str, arguments: &[Value]) -> Result<Value> {
    match (name, arguments) {
        ("States.Array", items) => Ok(Value::Array(items.to_vec())),
        ("States.ArrayContains", [list, item]) => {
            Ok(array(list)?.iter().any(|other| is_same(other, item)).into())
        }
        ("States.ArrayGetItem", [list, index]) => {
            let (list, index) = (array(list)?, integer(index)?);
            let found = usize::try_from(index).ok().and_then(|index| list.get(index));
            found
                .cloned()
                .ok_or_else(|| format!("the index {index} is out of the array's {} items", list.len()).into())
        }
        ("States.ArrayLength", [list]) => Ok(array(list)?.len().into()),
        ("States.ArrayPartition", [list, size]) => {
            let size = usize::try_from(integer(size)?).ok().filter(|size| *size > 0);
            let size = size.ok_or("the size of the parts must be a positive number")?;
            Ok(array(list)?
                .chunks(size)
                .map(|part| Value::from(part.to_vec()))
                .collect())
        }
        ("States.ArrayRange", [first, last, step]) => range(integer(first)?, integer(last)?, integer(step)?),
        ("States.ArrayUnique", [list]) => {
            let mut unique: Vec<Value> = Vec::new();
            for item in array(list)? {
                if !unique.iter().any(|other| is_same(other, item)) {
                    unique.push(item.clone());
                }
            }
            Ok(Value::Array(unique))
        }
        ("States.Base64Encode", [data]) => Ok(BASE64_STANDARD.encode(short(text(data)?)?).into()),
        ("States.Base64Decode", [data]) => {
            let bytes = BASE64_STANDARD.decode(short(text(data)?)?);
            let decoded = bytes.ok().and_then(|bytes| String::from_utf8(bytes).ok());
            Ok(decoded.ok_or("the text is not the Base64 of a text")?.into())
        }
        ("States.Format", [template, values @ ..]) => format(text(template)?, values),
        ("States.Hash", [data, algorithm]) => Ok(digest(short(&plain(data))?, text(algorithm)?)?.into()),
        ("States.JsonMerge", [one, other, deep]) => {
            if *deep != Value::Bool(false) {
                return Err("the third argument must be false: only shallow merges are made".into());
            }
            let (Value::Object(one), Value::Object(other)) = (one, other) else {
                return Err("two objects are merged, and nothing else".into());
            };
            let mut merged = one.clone();
            merged.extend(other.clone());
            Ok(Value::Object(merged))
        }
        ("States.JsonToString", [value]) => Ok(value.to_string().into()),
        ("States.MathAdd", [one, other]) => Ok(integer(one)?.wrapping_add(integer(other)?).into()),
        ("States.MathRandom", [start, end]) => random(integer(start)?, integer(end)?, None),
        ("States.MathRandom", [start, end, seed]) => {
            random(integer(start)?, integer(end)?, Some(integer(seed)?))
        }
        ("States.StringSplit", [data, splitters]) => {
            let splitters: Vec<char> = text(splitters)?.chars().collect();
            let parts = text(data)?.split(splitters.as_slice());
            Ok(parts.filter(|part| !part.is_empty()).map(Value::from).collect())
        }
        ("States.StringToJson", [data]) => {
            match text(data)?.trim() {
                // Recorded: no text is null, and zero has no sign.
                "" => Ok(Value::Null),
                "-0" => Ok(0.into()),
                text => serde_json::from_str(text)
                    .map_err(|error| format!("the text is not JSON: {error}").into()),
            }
        }
        ("States.UUID", []) => Ok(ids::uuid().into()),
        (name, given) if NAMES.contains(&name) => {
            Err(format!("{name} does not take {} arguments", given.len()).into())
        }
        (name, _) => Err(format!("there is no intrinsic function '{name}'").into()),
    }
}

fn array(value: &Value) -> Result<&Vec<Value>> {
    value.as_array().ok_or(Wrong::Arguments)
}

fn text(value: &Value) -> Result<&str> {
    value.as_str().ok_or(Wrong::Arguments)
}

fn short(text: &str) -> Result<&str> {
    if text.chars().count() > MOST_CHARACTERS {
        return Err(format!("the text has more than {MOST_CHARACTERS} characters").into());
    }
    Ok(text)
}

/// A number; its fraction is rounded, halves upwards, as is recorded.
fn integer(value: &Value) -> Result<i64> {
    let whole = value.as_i64();
    let rounded = value.as_f64().map(|number| (number + 0.5).floor());
    let rounded = rounded.filter(|number| number.abs() < 9e15);
    whole
        .or_else(|| rounded.map(|number| number as i64))
        .ok_or(Wrong::Arguments)
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// An object as Java writes a map, which is recorded of `States.Format`: `{Id=7, Tags=[a, b]}`.
fn members(object: &Map<String, Value>) -> String {
    fn written(value: &Value) -> String {
        match value {
            Value::Object(object) => members(object),
            Value::Array(items) => format!("[{}]", items.iter().map(written).collect::<Vec<_>>().join(", ")),
            value => plain(value),
        }
    }
    let members = object
        .iter()
        .map(|(name, value)| format!("{name}={}", written(value)));
    format!("{{{}}}", members.collect::<Vec<_>>().join(", "))
}

/// Numbers are the same by their value: 1 and 1.0.
fn is_same(one: &Value, other: &Value) -> bool {
    match (one.as_f64(), other.as_f64()) {
        (Some(one), Some(other)) => one == other,
        _ => one == other,
    }
}

fn range(first: i64, last: i64, step: i64) -> Result<Value> {
    if step == 0 {
        return Err("the step must not be 0".into());
    }
    let count = (i128::from(last) - i128::from(first)) / i128::from(step) + 1;
    if count > i128::from(MOST_ITEMS) {
        return Err(format!("a range has at most {MOST_ITEMS} items").into());
    }
    let count = i64::try_from(count.max(0)).map_err(|error| error.to_string())?;
    Ok((0..count)
        .map(|index| Value::from(first + index * step))
        .collect())
}

/// Fills the places `{}` of a template; `\{`, `\}`, `\'` and `\\` stand for themselves.
fn format(template: &str, values: &[Value]) -> Result<Value> {
    let mut out = String::with_capacity(template.len());
    let mut values = values.iter();
    let mut letters = template.chars().peekable();
    while let Some(c) = letters.next() {
        match c {
            '\\' => out.extend(letters.next()),
            '{' if letters.next_if_eq(&'}').is_some() => match values.next() {
                Some(Value::Object(value)) => out.push_str(&members(value)),
                Some(value) => out.push_str(&plain(value)),
                None => return Err("there are more placeholders than values".into()),
            },
            c => out.push(c),
        }
    }
    if values.next().is_some() {
        return Err("there are more values than placeholders".into());
    }
    Ok(out.into())
}

/// The digest of a text, in hexadecimal digits.
///
/// # Errors
/// There is no such algorithm.
pub(in crate::services::states) fn digest(
    data: &str,
    algorithm: &str,
) -> std::result::Result<String, String> {
    Ok(match algorithm {
        "MD5" => hex::encode(Md5::digest(data)),
        "SHA-1" => hex::encode(Sha1::digest(data)),
        "SHA-256" => hex::encode(Sha256::digest(data)),
        "SHA-384" => hex::encode(Sha384::digest(data)),
        "SHA-512" => hex::encode(Sha512::digest(data)),
        other => {
            return Err(format!(
                "'{other}' is not an algorithm: there are MD5, SHA-1, SHA-256, SHA-384 and SHA-512"
            ));
        }
    })
}

fn random(start: i64, end: i64, seed: Option<i64>) -> Result<Value> {
    let span = end
        .checked_sub(start)
        .and_then(|span| u64::try_from(span).ok())
        .filter(|span| *span > 0);
    let span = span.ok_or("the end of the numbers must be above their start")?;
    let offset = (random_below(seed) * span as f64) as u64;
    i64::try_from(offset.min(span - 1))
        .map(|offset| (start + offset).into())
        .map_err(|error| error.to_string().into())
}

/// A number from 0 to below 1; the same for the same seed.
pub(in crate::services::states) fn random_below(seed: Option<i64>) -> f64 {
    let text = seed.map_or_else(ids::uuid, |seed| seed.to_string());
    let bytes = Sha256::digest(text);
    let high = bytes
        .iter()
        .take(6)
        .fold(0_u64, |so_far, byte| so_far << 8 | u64::from(*byte));
    high as f64 / (1_u64 << 48) as f64
}
