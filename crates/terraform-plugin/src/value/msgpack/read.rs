//! Reading: untrusted bytes to values.

use std::collections::{BTreeMap, btree_map::Entry};

use rmp::Marker;

use super::{
    super::{
        Bound, Elements, Number, Refinement, Type, Value,
        codec::{CodecError, Result, check_depth},
        normalised,
    },
    MAX_REFINEMENT, REFINED,
};
use crate::path::Step;

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

pub(super) struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    /// Whether nothing is left.
    pub(super) fn is_done(&self) -> bool {
        self.rest.is_empty()
    }

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
        self.str().map(|text| normalised(text.to_owned()))
    }

    /// A string as it was sent, not normalised.
    fn str(&mut self) -> Result<&'a str> {
        match self.token()? {
            Token::Str(bytes) => str(bytes),
            token => Err(CodecError::new(format!("{} instead of a string", token.kind()))),
        }
    }

    pub(super) fn value(&mut self, ty: &Type, depth: usize) -> Result<Value> {
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
                let mut map = BTreeMap::new();
                for _ in 0..count {
                    let key = self.text()?;
                    let value = self
                        .value(ty, depth + 1)
                        .map_err(|err| err.below(Step::key(&key)))?;
                    match map.entry(key) {
                        Entry::Vacant(place) => place.insert(value),
                        Entry::Occupied(place) => {
                            return Err(CodecError::new("the same key twice").below(Step::key(place.key())));
                        }
                    };
                }
                Ok(Value::Map(map))
            }
            (Type::Object(attributes), Token::Map(count)) => {
                let mut object = BTreeMap::new();
                for _ in 0..count {
                    let sent = self.str()?;
                    let (name, ty) = match attributes.get_key_value(sent) {
                        Some(known) => known,
                        None => known(attributes, sent)?,
                    };
                    let value = self.value(ty, depth + 1).map_err(|err| err.below(name))?;
                    if object.insert(name.clone(), value).is_some() {
                        return Err(CodecError::new("the same attribute twice").below(name));
                    }
                }
                if object.len() == attributes.len() {
                    return Ok(Value::Object(object));
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
            .filter(|length| *length >= 0)
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

fn str(bytes: &[u8]) -> Result<&str> {
    std::str::from_utf8(bytes).map_err(|_| CodecError::new("a string that is not UTF-8"))
}

fn text(bytes: &[u8]) -> Result<String> {
    str(bytes).map(|text| normalised(text.to_owned()))
}

/// The attribute of a name that was not sent in normal form.
fn known<'t>(attributes: &'t BTreeMap<String, Type>, sent: &str) -> Result<(&'t String, &'t Type)> {
    let name = normalised(sent.to_owned());
    attributes
        .get_key_value(&name)
        .ok_or_else(|| CodecError::new("is not in the schema").below(&name))
}

fn number(token: &Token<'_>) -> Result<Number> {
    let number = match token {
        Token::Signed(number) => Ok((*number).into()),
        Token::Unsigned(number) => Ok((*number).into()),
        Token::Float(number) => Number::from_f64_exactly(*number),
        Token::Str(bytes) => str(bytes)?.parse(),
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
    let mut reader = Reader::new(body);
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
    if !reader.is_done() {
        return Err(CodecError::new("bytes after the refinements"));
    }
    if refinement.is_contradictory() {
        return Err(CodecError::new("refinements that no value could keep to"));
    }
    Ok(refinement)
}
