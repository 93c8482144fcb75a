//! Values as MessagePack, the encoding of every value on the wire.
//!
//! The type guides both directions. What is read may come from anyone: lengths are compared with what is left before
//! anything is reserved, nesting is limited, and every byte has to be accounted for.

use rmp::{Marker, encode};

use super::{
    Bound, Elements, Number, Refinement, Type, Value,
    codec::{CodecError, Result, check_depth},
    normalised,
};
use crate::path::Step;

/// Extension code of a plain unknown value.
const UNKNOWN: i8 = 0;
/// Extension code of an unknown value with refinements.
const REFINED: i8 = 12;
/// go-cty reads refinements of up to so many bytes,
const MAX_REFINEMENT: usize = 1024;
/// and cuts prefixes to so many before it writes them.
const MAX_PREFIX: usize = 256;

/// Reads a value of type `ty`.
pub(crate) fn decode(bytes: &[u8], ty: &Type) -> Result<Value> {
    let mut reader = Reader { rest: bytes };
    let value = reader.value(ty, 0)?;
    if !reader.rest.is_empty() {
        return Err(CodecError::new("bytes after the end of the value"));
    }
    Ok(value)
}

/// Writes a value of type `ty`. A value that is not of that type is an error.
pub(crate) fn encode(value: &Value, ty: &Type) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    write(&mut bytes, value, ty, 0)?;
    Ok(bytes)
}

/// One item: the whole of a scalar, the head of a collection.
enum Token<'a> {
    Nil,
    Bool(bool),
    Signed(i64),
    Unsigned(u64),
    Float(f64),
    Str(&'a [u8]),
    Bin(&'a [u8]),
    Array(usize),
    Map(usize),
    Ext(i8, &'a [u8]),
}

impl Token<'_> {
    fn kind(&self) -> &'static str {
        match self {
            Self::Nil => "nil",
            Self::Bool(_) => "a bool",
            Self::Signed(_) | Self::Unsigned(_) | Self::Float(_) => "a number",
            Self::Str(_) => "a string",
            Self::Bin(_) => "bytes",
            Self::Array(_) => "an array",
            Self::Map(_) => "a map",
            Self::Ext(..) => "an extension",
        }
    }
}

struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    fn take(&mut self, length: usize) -> Result<&'a [u8]> {
        match self.rest.split_at_checked(length) {
            Some((taken, rest)) => {
                self.rest = rest;
                Ok(taken)
            }
            None => Err(CodecError::new("ends in the middle of a value")),
        }
    }

    fn bytes<const N: usize>(&mut self) -> Result<[u8; N]> {
        let mut bytes = [0; N];
        bytes.copy_from_slice(self.take(N)?);
        Ok(bytes)
    }

    /// A length of 1, 2 or 4 bytes.
    fn length(&mut self, width: usize) -> Result<usize> {
        let length = self
            .take(width)?
            .iter()
            .fold(0_u32, |all, byte| all << 8 | u32::from(*byte));
        usize::try_from(length).map_err(|_| CodecError::new("too long"))
    }

    /// A number of elements, each of which takes at least `least` bytes.
    fn count(&mut self, width: usize, least: usize) -> Result<usize> {
        let count = self.length(width)?;
        self.plausible(count, least)
    }

    fn plausible(&self, count: usize, least: usize) -> Result<usize> {
        if count > self.rest.len() / least {
            return Err(CodecError::new("ends in the middle of a value"));
        }
        Ok(count)
    }

    fn ext(&mut self, length: usize) -> Result<Token<'a>> {
        let [code] = self.bytes::<1>()?;
        Ok(Token::Ext(i8::from_be_bytes([code]), self.take(length)?))
    }

    fn token(&mut self) -> Result<Token<'a>> {
        let [marker] = self.bytes::<1>()?;
        Ok(match Marker::from_u8(marker) {
            Marker::Null => Token::Nil,
            Marker::False => Token::Bool(false),
            Marker::True => Token::Bool(true),
            Marker::FixPos(number) => Token::Unsigned(number.into()),
            Marker::FixNeg(number) => Token::Signed(number.into()),
            Marker::U8 => Token::Unsigned(u8::from_be_bytes(self.bytes()?).into()),
            Marker::U16 => Token::Unsigned(u16::from_be_bytes(self.bytes()?).into()),
            Marker::U32 => Token::Unsigned(u32::from_be_bytes(self.bytes()?).into()),
            Marker::U64 => Token::Unsigned(u64::from_be_bytes(self.bytes()?)),
            Marker::I8 => Token::Signed(i8::from_be_bytes(self.bytes()?).into()),
            Marker::I16 => Token::Signed(i16::from_be_bytes(self.bytes()?).into()),
            Marker::I32 => Token::Signed(i32::from_be_bytes(self.bytes()?).into()),
            Marker::I64 => Token::Signed(i64::from_be_bytes(self.bytes()?)),
            Marker::F32 => Token::Float(f32::from_be_bytes(self.bytes()?).into()),
            Marker::F64 => Token::Float(f64::from_be_bytes(self.bytes()?)),
            Marker::FixStr(length) => Token::Str(self.take(length.into())?),
            Marker::Str8 => self.length(1).and_then(|n| self.take(n)).map(Token::Str)?,
            Marker::Str16 => self.length(2).and_then(|n| self.take(n)).map(Token::Str)?,
            Marker::Str32 => self.length(4).and_then(|n| self.take(n)).map(Token::Str)?,
            Marker::Bin8 => self.length(1).and_then(|n| self.take(n)).map(Token::Bin)?,
            Marker::Bin16 => self.length(2).and_then(|n| self.take(n)).map(Token::Bin)?,
            Marker::Bin32 => self.length(4).and_then(|n| self.take(n)).map(Token::Bin)?,
            Marker::FixArray(count) => Token::Array(self.plausible(count.into(), 1)?),
            Marker::Array16 => Token::Array(self.count(2, 1)?),
            Marker::Array32 => Token::Array(self.count(4, 1)?),
            Marker::FixMap(count) => Token::Map(self.plausible(count.into(), 2)?),
            Marker::Map16 => Token::Map(self.count(2, 2)?),
            Marker::Map32 => Token::Map(self.count(4, 2)?),
            Marker::FixExt1 => self.ext(1)?,
            Marker::FixExt2 => self.ext(2)?,
            Marker::FixExt4 => self.ext(4)?,
            Marker::FixExt8 => self.ext(8)?,
            Marker::FixExt16 => self.ext(16)?,
            Marker::Ext8 => self.length(1).and_then(|n| self.ext(n))?,
            Marker::Ext16 => self.length(2).and_then(|n| self.ext(n))?,
            Marker::Ext32 => self.length(4).and_then(|n| self.ext(n))?,
            Marker::Reserved => return Err(CodecError::new("a byte that MessagePack does not use")),
        })
    }

    fn text(&mut self) -> Result<String> {
        match self.token()? {
            Token::Str(bytes) => text(bytes),
            token => Err(CodecError::new(format!("{} instead of a string", token.kind()))),
        }
    }

    fn value(&mut self, ty: &Type, depth: usize) -> Result<Value> {
        check_depth(depth)?;
        let token = match self.token()? {
            Token::Nil => return Ok(Value::Null),
            Token::Ext(REFINED, body) => return refinement(body, ty).map(unknown),
            // go-cty reads whatever extension it does not know as unknown.
            Token::Ext(..) => return Ok(Value::UNKNOWN),
            token => token,
        };
        match (ty, token) {
            (Type::Bool, Token::Bool(value)) => Ok(Value::Bool(value)),
            (
                Type::Number,
                token @ (Token::Signed(_) | Token::Unsigned(_) | Token::Float(_) | Token::Str(_)),
            ) => number(&token).map(Value::Number),
            (Type::String, Token::Str(bytes)) => text(bytes).map(Value::String),
            (Type::List(ty), Token::Array(count)) => self.elements(count, ty, depth).map(Value::List),
            (Type::Set(ty), Token::Array(count)) => self
                .elements(count, ty, depth)
                .map(|inner| Value::Set(Elements::from_iter(inner))),
            (Type::Tuple(types), Token::Array(count)) => {
                if count != types.len() {
                    return Err(CodecError::new(format!(
                        "{count} elements in a tuple of {}",
                        types.len()
                    )));
                }
                (0..)
                    .zip(types)
                    .map(|(i, ty)| self.value(ty, depth + 1).map_err(|err| err.below(Step::Index(i))))
                    .collect::<Result<_>>()
                    .map(Value::Tuple)
            }
            (Type::Map(ty), Token::Map(count)) => {
                let mut map = std::collections::BTreeMap::new();
                for _ in 0..count {
                    let key = self.text()?;
                    let value = self
                        .value(ty, depth + 1)
                        .map_err(|err| err.below(Step::key(&key)))?;
                    if map.insert(key.clone(), value).is_some() {
                        return Err(CodecError::new("the same key twice").below(Step::Key(key)));
                    }
                }
                Ok(Value::Map(map))
            }
            (Type::Object(attributes), Token::Map(count)) => {
                let mut object = std::collections::BTreeMap::new();
                for _ in 0..count {
                    let name = self.text()?;
                    let ty = attributes
                        .get(&name)
                        .ok_or_else(|| CodecError::new("is not in the schema").below(&name))?;
                    let value = self.value(ty, depth + 1).map_err(|err| err.below(&name))?;
                    if object.insert(name.clone(), value).is_some() {
                        return Err(CodecError::new("the same attribute twice").below(name));
                    }
                }
                match attributes.keys().find(|name| !object.contains_key(*name)) {
                    Some(missing) => Err(CodecError::new("is missing").below(missing)),
                    None => Ok(Value::Object(object)),
                }
            }
            (Type::Dynamic, Token::Array(2)) => {
                let ty = match self.token()? {
                    Token::Bin(json) | Token::Str(json) => Type::from_json(json)?,
                    token => return Err(CodecError::new(format!("{} instead of a type", token.kind()))),
                };
                let value = self.value(&ty, depth + 1)?;
                Ok(Value::Dynamic(Box::new(ty), Box::new(value)))
            }
            (ty, token) => Err(CodecError::new(format!("{} instead of {ty}", token.kind()))),
        }
    }

    fn elements(&mut self, count: usize, ty: &Type, depth: usize) -> Result<Vec<Value>> {
        // Not reserved in advance: a value takes more memory than the one byte that announces it.
        let mut elements = Vec::new();
        for i in 0..count {
            let index = i64::try_from(i).unwrap_or(i64::MAX);
            elements.push(self.value(ty, depth + 1).map_err(|err| err.below(index))?);
        }
        Ok(elements)
    }

    fn bound(&mut self) -> Result<Bound> {
        match self.token()? {
            Token::Array(2) => {}
            token => return Err(CodecError::new(format!("{} instead of a bound", token.kind()))),
        }
        let number = number(&self.token()?)?;
        match self.token()? {
            Token::Bool(inclusive) => Ok(Bound { number, inclusive }),
            token => Err(CodecError::new(format!("{} instead of a bool", token.kind()))),
        }
    }

    fn limit(&mut self) -> Result<i64> {
        number(&self.token()?)?
            .to_i64()
            .ok_or_else(|| CodecError::new("a length that is no length"))
    }

    /// Steps over one value of any kind.
    fn skip(&mut self, depth: usize) -> Result<()> {
        check_depth(depth)?;
        let inner = match self.token()? {
            Token::Array(count) => count,
            Token::Map(count) => 2 * count,
            _ => 0,
        };
        (0..inner).try_for_each(|_| self.skip(depth + 1))
    }
}

fn text(bytes: &[u8]) -> Result<String> {
    match std::str::from_utf8(bytes) {
        Ok(text) => Ok(normalised(text.to_owned())),
        Err(_) => Err(CodecError::new("a string that is not UTF-8")),
    }
}

fn number(token: &Token<'_>) -> Result<Number> {
    let number = match token {
        Token::Signed(number) => Ok((*number).into()),
        Token::Unsigned(number) => Ok((*number).into()),
        Token::Float(number) => Number::from_f64_exactly(*number),
        Token::Str(bytes) => text(bytes)?.parse(),
        token => return Err(CodecError::new(format!("{} instead of a number", token.kind()))),
    };
    number.map_err(|err| CodecError::new(err.to_string()))
}

fn unknown(refinement: Refinement) -> Value {
    Value::Unknown((!refinement.is_empty()).then(|| Box::new(refinement)))
}

/// Reads the body of a refined unknown value: a map from what is refined to how.
fn refinement(body: &[u8], ty: &Type) -> Result<Refinement> {
    if body.len() > MAX_REFINEMENT {
        return Err(CodecError::new("refinements that are too long"));
    }
    let mut refinement = Refinement::default();
    // An unknown value of unknown type has none, whatever is written there.
    if ty == &Type::Dynamic {
        return Ok(refinement);
    }
    let mut reader = Reader { rest: body };
    let Token::Map(count) = reader.token()? else {
        return Err(CodecError::new("refinements that are no map"));
    };
    let collection = matches!(ty, Type::List(_) | Type::Set(_) | Type::Map(_));
    for _ in 0..count {
        let key = number(&reader.token()?)?
            .to_i64()
            .ok_or_else(|| CodecError::new("an unusable refinement"))?;
        match key {
            1 => match reader.token()? {
                Token::Bool(null) => refinement.null = Some(null),
                token => return Err(CodecError::new(format!("{} instead of a bool", token.kind()))),
            },
            2 if ty == &Type::String => refinement.prefix = Some(reader.text()?),
            3 if ty == &Type::Number => refinement.lower = Some(reader.bound()?),
            4 if ty == &Type::Number => refinement.upper = Some(reader.bound()?),
            5 if collection => refinement.min_len = Some(reader.limit()?),
            6 if collection => refinement.max_len = Some(reader.limit()?),
            2..=6 => return Err(CodecError::new(format!("a refinement that does not fit {ty}"))),
            // What later versions may add.
            _ => reader.skip(0)?,
        }
    }
    if reader.rest.is_empty() {
        Ok(refinement)
    } else {
        Err(CodecError::new("bytes after the refinements"))
    }
}

/// A length in the four bytes at most that the format has for it.
fn short(length: usize) -> Result<u32> {
    u32::try_from(length).map_err(|_| CodecError::new("too long for MessagePack"))
}

/// Writing into memory does not fail; the error is carried on all the same.
fn written<T, E: std::fmt::Display>(result: std::result::Result<T, E>) -> Result<()> {
    result.map(|_| ()).map_err(|err| CodecError::new(err.to_string()))
}

fn write(out: &mut Vec<u8>, value: &Value, ty: &Type, depth: usize) -> Result<()> {
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
        write_text(&mut entries, &prefix[..prefix.floor_char_boundary(MAX_PREFIX)])?;
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

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes(hex: &str) -> Vec<u8> {
        let digits: Vec<u8> = hex.bytes().filter(u8::is_ascii_hexdigit).collect();
        let digit = |b: u8| {
            char::from(b)
                .to_digit(16)
                .and_then(|d| u8::try_from(d).ok())
                .expect("hex")
        };
        digits
            .chunks(2)
            .map(|pair| digit(pair[0]) << 4 | digit(pair[1]))
            .collect()
    }

    fn number(text: &str) -> Value {
        Value::Number(text.parse().expect("number"))
    }

    #[test]
    fn values_have_the_bytes_that_core_expects() {
        let refined = |refinement| Value::Unknown(Some(Box::new(refinement)));
        let not_null = Refinement {
            null: Some(false),
            ..Refinement::default()
        };
        let prefix = Refinement {
            null: Some(false),
            prefix: Some("ab".to_owned()),
            ..Refinement::default()
        };
        let range = Refinement {
            lower: Some(Bound {
                number: 1.into(),
                inclusive: true,
            }),
            ..Refinement::default()
        };
        let lengths = Refinement {
            min_len: Some(1),
            max_len: Some(2),
            ..Refinement::default()
        };
        let text = Type::String;
        for (value, ty, hex) in [
            (Value::Null, text.clone(), "c0"),
            (Value::UNKNOWN, text.clone(), "d40000"),
            (Value::UNKNOWN, Type::Dynamic, "d40000"),
            (refined(not_null.clone()), text.clone(), "c7030c 8101c2"),
            (refined(prefix), text.clone(), "c7070c 82 01c2 02a26162"),
            (refined(range), Type::Number, "c7050c 81 03 92 01 c3"),
            (refined(lengths), Type::list(text.clone()), "c7050c 82 0501 0602"),
            (refined(not_null), Type::Dynamic, "d40000"),
            ("a".into(), text.clone(), "a161"),
            (true.into(), Type::Bool, "c3"),
            (number("1"), Type::Number, "01"),
            (number("-1"), Type::Number, "ff"),
            (number("200"), Type::Number, "ccc8"),
            (number("0.5"), Type::Number, "cb3fe0000000000000"),
            (number("0.1"), Type::Number, "a3302e31"),
            (
                number("9223372036854775808"),
                Type::Number,
                "b3 39323233333732303336383534373735383038",
            ),
            (
                Value::Number(Number::INFINITY),
                Type::Number,
                "cb7ff0000000000000",
            ),
            (Value::List(vec!["a".into()]), Type::list(text.clone()), "91a161"),
            (
                Value::set(["b".into(), "a".into()]),
                Type::set(text.clone()),
                "92a161a162",
            ),
            (
                Value::map([("k", true.into())]),
                Type::map(Type::Bool),
                "81a16bc3",
            ),
            (
                Value::object([("b", Value::Null), ("a", 1.into())]),
                Type::object([("a", Type::Number), ("b", Type::Bool)]),
                "82a16101a162c0",
            ),
            (
                Value::Tuple(vec![1.into(), "a".into()]),
                Type::tuple([Type::Number, text.clone()]),
                "9201a161",
            ),
            (
                Value::Dynamic(Box::new(Type::Bool), Box::new(true.into())),
                Type::Dynamic,
                "92c406 22626f6f6c22 c3",
            ),
            (
                Value::Dynamic(Box::new(Type::Bool), Box::new(Value::Null)),
                Type::Dynamic,
                "92c406 22626f6f6c22 c0",
            ),
        ] {
            let encoded = encode(&value, &ty).expect("encoded");
            assert_eq!(encoded, bytes(hex), "{value:?}");
            // A refinement of a dynamic unknown does not travel.
            let expected = if ty == Type::Dynamic && value.is_unknown() {
                Value::UNKNOWN
            } else {
                value
            };
            assert_eq!(decode(&encoded, &ty), Ok(expected));
        }
    }

    #[test]
    fn other_ways_to_write_the_same_are_read() {
        for (hex, ty, value) in [
            ("d30000000000000001", Type::Number, number("1")),
            ("cf8000000000000000", Type::Number, number("9223372036854775808")),
            ("ca3f000000", Type::Number, number("0.5")),
            ("d9 0161", Type::String, "a".into()),
            ("d40500", Type::String, Value::UNKNOWN),
            ("c7030c 81 09c3", Type::String, Value::UNKNOWN),
            ("92a161a161", Type::set(Type::String), Value::set(["a".into()])),
            ("a365cc81", Type::String, "\u{e9}".into()),
        ] {
            assert_eq!(decode(&bytes(hex), &ty), Ok(value), "{hex}");
        }
    }

    #[test]
    fn hostile_bytes_are_an_error() {
        let object = Type::object([("a", Type::Bool)]);
        for (hex, ty) in [
            ("", Type::String),
            ("a561", Type::String),
            ("a1ff", Type::String),
            ("01", Type::String),
            ("c1", Type::String),
            ("a161 00", Type::String),
            ("dbffffffff", Type::String),
            ("ddffffffff", Type::list(Type::String)),
            ("dfffffffff", Type::map(Type::String)),
            ("82a161c0a161c0", Type::map(Type::String)),
            ("82a161c0a161c0", object.clone()),
            ("81a162c0", object.clone()),
            ("80", object),
            ("9101", Type::tuple([])),
            ("aa 31653939393939393939", Type::Number),
            ("cb7ff8000000000001", Type::Number),
            ("92 c403 226e22 c0", Type::Dynamic),
            ("91 c0", Type::Dynamic),
            ("c7030c 8103c3", Type::String),
            ("c7030c 8105c3", Type::list(Type::String)),
            ("c7020c 8101", Type::String),
        ] {
            assert!(decode(&bytes(hex), &ty).is_err(), "{hex}");
        }
    }

    #[test]
    fn dynamic_values_do_not_nest_without_end() {
        let mut hostile = Vec::new();
        for _ in 0..100_000 {
            hostile.extend(bytes("92c40922 64796e616d6963 22"));
        }
        hostile.push(0xc0);
        let err = decode(&hostile, &Type::Dynamic).expect_err("refused");
        assert!(err.message.contains("levels deep"), "{err}");
    }

    #[test]
    fn a_value_of_another_type_is_not_written() {
        let ty = Type::object([("a", Type::list(Type::Bool))]);
        let value = Value::object([("a", Value::List(vec!["secret".into()]))]);
        assert_eq!(
            encode(&value, &ty).expect_err("refused").to_string(),
            "a[0]: is a string instead of bool"
        );
    }

    #[test]
    fn long_prefixes_are_cut_between_characters() {
        let prefix = Some("é".repeat(200));
        let value = Value::Unknown(Some(Box::new(Refinement {
            prefix,
            ..Refinement::default()
        })));
        let encoded = encode(&value, &Type::String).expect("encoded");
        let Ok(Value::Unknown(Some(read))) = decode(&encoded, &Type::String) else {
            panic!("a refined unknown")
        };
        assert_eq!(read.prefix, Some("é".repeat(128)));
    }
}
