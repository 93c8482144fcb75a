//! Values as MessagePack, the encoding of every value on the wire.
//!
//! The type guides both directions. What is read may come from anyone: lengths are compared with what is left
//! before anything is reserved, nesting is limited, and every byte has to be accounted for.

mod read;
mod write;

use super::{
    Type, Value,
    codec::{CodecError, Result},
};

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
    let mut reader = read::Reader::new(bytes);
    let value = reader.value(ty, 0)?;
    if !reader.is_done() {
        return Err(CodecError::new("bytes after the end of the value"));
    }
    Ok(value)
}

/// Writes a value of type `ty`. A value that is not of that type is an error.
pub(crate) fn encode(value: &Value, ty: &Type) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    write::write(&mut bytes, value, ty, 0)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::{
        super::{Bound, Number, Refinement},
        *,
    };

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
