//! Numbers of arbitrary precision, as Terraform computes them.

mod small;
mod written;

use std::{fmt, str::FromStr};

use bigdecimal::{
    BigDecimal, ToPrimitive, Zero,
    num_bigint::{BigInt, BigUint, Sign},
};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use self::{small::Small, written::Written};

/// Name under which a [`Number`] passes through the value serializer and deserializer as text.
pub(crate) const NUMBER_TOKEN: &str = "$terraform_plugin::Number";

/// Bits of the mantissa of core's numbers (go-cty uses big floats of that precision).
const PRECISION: u64 = 512;
/// Decimals of up to so many digits come back unchanged from a mantissa of 512 bits.
const EXACT_DIGITS: u64 = 153;
/// Numbers beyond 10^±this are refused: no configuration has them, and their plain digits would fill memory.
const MAX_EXPONENT: i64 = 10_000;

/// A text that is no number, or a number that is out of range (beyond 10^±10000).
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a number of at most {MAX_EXPONENT} digits")]
#[non_exhaustive]
pub struct NumberError;

/// A number: any integer or decimal, exact up to the 512 bits that core itself keeps.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Number(Repr, Written);

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Repr {
    NegativeInfinity,
    Finite(BigDecimal),
    Infinity,
}

impl Number {
    /// Greater than every other number.
    pub const INFINITY: Self = Self::digits(Repr::Infinity);
    /// Less than every other number.
    pub const NEGATIVE_INFINITY: Self = Self::digits(Repr::NegativeInfinity);

    const fn digits(repr: Repr) -> Self {
        Self(repr, Written::Digits)
    }

    fn from_decimal(decimal: BigDecimal) -> Result<Self, NumberError> {
        if decimal.is_zero() {
            return Ok(Self::digits(Repr::Finite(BigDecimal::zero())));
        }
        // Before anything is computed with it: the exponent of a hostile text may be near the end of its range.
        let exponent = i64::try_from(decimal.digits())
            .ok()
            .and_then(|digits| digits.checked_sub(decimal.fractional_digit_count()));
        match exponent {
            Some(exponent) if exponent.abs() <= MAX_EXPONENT => {}
            _ => return Err(NumberError),
        }
        let decimal = decimal.normalized();
        let exact = decimal.digits() <= EXACT_DIGITS;
        Ok(Self::digits(Repr::Finite(if exact {
            decimal
        } else {
            rounded(&decimal)
        })))
    }

    /// The number whose shortest decimal text is that of `float`: 0.1 is one tenth, not its binary neighbour.
    ///
    /// # Errors
    /// NaN is no number.
    pub fn from_f64(float: f64) -> Result<Self, NumberError> {
        if float.is_infinite() {
            return Ok(if float > 0.0 {
                Self::INFINITY
            } else {
                Self::NEGATIVE_INFINITY
            });
        }
        float.to_string().parse()
    }

    /// [`from_f64`](Self::from_f64) of a float in a model: it may stand for a number of more digits.
    pub(crate) fn written_as_f64(float: f64) -> Result<Self, NumberError> {
        Self::from_f64(float).map(|number| Self(number.0, Written::F64))
    }

    /// The same for a float of 32 bits.
    pub(crate) fn written_as_f32(float: f32) -> Result<Self, NumberError> {
        if float.is_infinite() {
            return Self::written_as_f64(float.into());
        }
        let number: Self = float.to_string().parse()?;
        Ok(Self(number.0, Written::F32))
    }

    /// Whether a model's float was written as this number, and is what the model would make of `other`, too.
    pub(crate) fn stands_for(&self, other: &Self) -> bool {
        let nearest = match self.1 {
            Written::Digits => return false,
            Written::F32 => self.to_f32() == other.to_f32(),
            Written::F64 => self.to_f64() == other.to_f64(),
        };
        nearest && self.is_finite() == other.is_finite()
    }

    /// Exactly the binary number that `float` is.
    pub(crate) fn from_f64_exactly(float: f64) -> Result<Self, NumberError> {
        if float.is_infinite() {
            return Self::from_f64(float);
        }
        if let Some(small) = Small::of_float(float) {
            return Ok(small.into());
        }
        BigDecimal::try_from(float)
            .map_err(|_| NumberError)
            .and_then(Self::from_decimal)
    }

    fn finite(&self) -> Option<&BigDecimal> {
        match &self.0 {
            Repr::Finite(decimal) => Some(decimal),
            Repr::NegativeInfinity | Repr::Infinity => None,
        }
    }

    /// The sum, unless one of them is infinite or it is out of range.
    pub(crate) fn checked_add(&self, other: &Self) -> Option<Self> {
        Self::from_decimal(self.finite()? + other.finite()?).ok()
    }

    /// The product, unless one of them is infinite or it is out of range.
    pub(crate) fn checked_mul(&self, other: &Self) -> Option<Self> {
        Self::from_decimal(self.finite()? * other.finite()?).ok()
    }

    pub(crate) fn is_finite(&self) -> bool {
        self.finite().is_some()
    }

    /// Whether it is a whole number.
    pub fn is_integer(&self) -> bool {
        self.finite().is_some_and(BigDecimal::is_integer)
    }

    /// The number, if it is a whole number of that range.
    pub fn to_i64(&self) -> Option<i64> {
        self.finite().and_then(Small::of).and_then(Small::to_whole)
    }

    /// The number, if it is a whole number of that range.
    pub fn to_u64(&self) -> Option<u64> {
        self.finite()
            .filter(|decimal| decimal.is_integer())
            .and_then(ToPrimitive::to_u64)
    }

    /// The nearest float.
    pub fn to_f64(&self) -> f64 {
        match &self.0 {
            Repr::NegativeInfinity => f64::NEG_INFINITY,
            Repr::Infinity => f64::INFINITY,
            // The text of a decimal is always one that f64 reads; reading rounds to nearest.
            Repr::Finite(decimal) => decimal.to_scientific_notation().parse().unwrap_or(f64::NAN),
        }
    }

    /// The nearest float of 32 bits, which is not always the one nearest to the nearest of 64.
    pub(crate) fn to_f32(&self) -> f32 {
        match &self.0 {
            Repr::NegativeInfinity => f32::NEG_INFINITY,
            Repr::Infinity => f32::INFINITY,
            Repr::Finite(decimal) => decimal.to_scientific_notation().parse().unwrap_or(f32::NAN),
        }
    }

    /// The float that is exactly this number, if there is one.
    pub(crate) fn to_f64_exactly(&self) -> Option<f64> {
        if let Some(exact) = self.finite().and_then(Small::of).and_then(Small::to_float) {
            return exact;
        }
        let float = self.to_f64();
        (Self::from_f64_exactly(float).as_ref() == Ok(self)).then_some(float)
    }
}

/// Plain digits, without an exponent, as core writes numbers.
impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Repr::NegativeInfinity => f.write_str("-Inf"),
            Repr::Infinity => f.write_str("Inf"),
            Repr::Finite(decimal) => match Small::of(decimal) {
                Some(small) => small.fmt(f),
                None => f.write_str(&decimal.to_plain_string()),
            },
        }
    }
}

impl FromStr for Number {
    type Err = NumberError;

    fn from_str(text: &str) -> Result<Self, NumberError> {
        match text {
            "Inf" | "+Inf" => return Ok(Self::INFINITY),
            "-Inf" => return Ok(Self::NEGATIVE_INFINITY),
            _ => {}
        }
        if let Ok(whole) = text.parse::<i64>() {
            return Ok(whole.into());
        }
        // Digits, one point, one exponent: what JSON and go-cty write; no underscores or other liberties.
        let plain = |b: u8| b.is_ascii_digit() || matches!(b, b'+' | b'-' | b'.' | b'e' | b'E');
        if text.len() > 2 * MAX_EXPONENT as usize + 16 || !text.bytes().all(plain) {
            return Err(NumberError);
        }
        text.parse::<BigDecimal>()
            .map_err(|_| NumberError)
            .and_then(Self::from_decimal)
    }
}

impl From<Small> for Number {
    fn from(small: Small) -> Self {
        Self::digits(Repr::Finite(small.into()))
    }
}

impl From<i64> for Number {
    fn from(number: i64) -> Self {
        Small::whole(number).into()
    }
}

impl From<u64> for Number {
    fn from(number: u64) -> Self {
        match i64::try_from(number) {
            Ok(number) => number.into(),
            Err(_) => Self::digits(Repr::Finite(BigDecimal::from(number).normalized())),
        }
    }
}

impl From<i32> for Number {
    fn from(number: i32) -> Self {
        i64::from(number).into()
    }
}

/// As [`Number::from_f64`].
impl TryFrom<f64> for Number {
    type Error = NumberError;

    fn try_from(float: f64) -> Result<Self, NumberError> {
        Self::from_f64(float)
    }
}

impl Serialize for Number {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_newtype_struct(NUMBER_TOKEN, &self.to_string())
    }
}

impl<'de> Deserialize<'de> for Number {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text;

        impl<'de> de::Visitor<'de> for Text {
            type Value = Number;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a number")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Number, E> {
                text.parse().map_err(E::custom)
            }

            fn visit_newtype_struct<D: Deserializer<'de>>(self, deserializer: D) -> Result<Number, D::Error> {
                deserializer.deserialize_str(self)
            }
        }

        deserializer.deserialize_newtype_struct(NUMBER_TOKEN, Text)
    }
}

/// A decimal as it comes back from core: rounded to 512 bits (to nearest, ties to even), then written with
/// the fewest digits that round to the same bits.
fn rounded(decimal: &BigDecimal) -> BigDecimal {
    let Binary { mantissa, exponent } = to_binary(decimal);
    let exact = from_binary(decimal.sign(), &mantissa, exponent);
    (EXACT_DIGITS..=EXACT_DIGITS + 4)
        .map(|digits| exact.with_prec(digits).normalized())
        .find(|short| {
            to_binary(short)
                == Binary {
                    mantissa: mantissa.clone(),
                    exponent,
                }
        })
        .unwrap_or(exact)
}

/// `mantissa × 2^exponent`, the mantissa of exactly 512 bits.
#[derive(PartialEq, Eq)]
struct Binary {
    mantissa: BigUint,
    exponent: i64,
}

fn to_binary(decimal: &BigDecimal) -> Binary {
    let (digits, scale) = decimal.abs().into_bigint_and_exponent();
    let digits = digits.magnitude().clone();
    let ten = BigUint::from(10_u8).pow(u32::try_from(scale.unsigned_abs()).unwrap_or(u32::MAX));
    let (numerator, denominator) = if scale >= 0 {
        (digits, ten)
    } else {
        (digits * ten, BigUint::from(1_u8))
    };

    // The quotient of these two has 512 or 513 bits; one step of adjustment follows.
    let bits = |n: &BigUint| i64::try_from(n.bits()).unwrap_or(i64::MAX);
    let mut exponent = bits(&numerator) - bits(&denominator) - PRECISION as i64;
    loop {
        let shift = exponent.unsigned_abs();
        let (n, d) = if exponent >= 0 {
            (numerator.clone(), &denominator << shift)
        } else {
            (&numerator << shift, denominator.clone())
        };
        let quotient = &n / &d;
        if quotient.bits() > PRECISION {
            exponent += 1;
            continue;
        }
        let twice = (n - &quotient * &d) * 2_u8;
        let up = twice > d || (twice == d && quotient.bit(0));
        let mantissa = if up { quotient + 1_u8 } else { quotient };
        if mantissa.bits() > PRECISION {
            return Binary {
                mantissa: mantissa >> 1_u8,
                exponent: exponent + 1,
            };
        }
        return Binary { mantissa, exponent };
    }
}

fn from_binary(sign: Sign, mantissa: &BigUint, exponent: i64) -> BigDecimal {
    let shift = u32::try_from(exponent.unsigned_abs()).unwrap_or(u32::MAX);
    let (digits, scale) = if exponent >= 0 {
        (mantissa << shift, 0)
    } else {
        // m / 2^k = m × 5^k / 10^k
        (mantissa * BigUint::from(5_u8).pow(shift), i64::from(shift))
    };
    BigDecimal::new(BigInt::from_biguint(sign, digits), scale)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn number(text: &str) -> Number {
        text.parse().expect("a number")
    }

    #[test]
    fn equal_numbers_are_equal_however_they_are_written() {
        assert_eq!(number("1.50e2"), number("150"));
        assert_eq!(number("-0"), number("0.00"));
        assert_eq!(number("150"), Number::from(150));
    }

    #[test]
    fn numbers_are_written_in_plain_digits() {
        assert_eq!(number("1e3").to_string(), "1000");
        assert_eq!(number("1e-3").to_string(), "0.001");
        assert_eq!(number("-12.5").to_string(), "-12.5");
    }

    #[test]
    fn huge_exponents_are_refused() {
        for text in [
            "1e999999999",
            "1e-999999999",
            "1e99999999999999999999",
            "1e10001",
            "1000e9223372036854775807",
            "1e-9223372036854775807",
            "0.1e-9223372036854775808",
            "",
            "-",
            "1e",
            "0x1",
            "1_0",
        ] {
            assert!(text.parse::<Number>().is_err(), "{text}");
        }
    }

    #[test]
    fn floats_are_what_their_shortest_text_says() {
        assert_eq!(Number::from_f64(0.1), Ok(number("0.1")));
        assert_eq!(number("0.1").to_f64_exactly(), None);
        assert_eq!(number("0.5").to_f64_exactly(), Some(0.5));
        assert!(Number::from_f64(f64::NAN).is_err());
        assert!(Number::NEGATIVE_INFINITY < Number::from(0) && Number::from(0) < Number::INFINITY);
    }

    #[test]
    fn a_models_float_stands_for_each_number_that_it_is_nearest_to() {
        let third = number(&format!("0.{}", "3".repeat(150)));
        let float = Number::written_as_f64(1.0 / 3.0).expect("a number");
        assert!(float.stands_for(&third) && !float.stands_for(&number("0.3333")));
        // The same digits that no float was written as mean themselves.
        assert!(!number(&float.to_string()).stands_for(&third));
        assert_eq!(number(&float.to_string()), float);
        let small = Number::written_as_f32(0.1).expect("a number");
        assert!(small.stands_for(&number("0.100000001490116119384765625")));
        assert!(!small.stands_for(&number("0.10000002")));
    }

    #[test]
    fn a_float_of_32_bits_is_rounded_once() {
        // Just above the middle between two floats of 32 bits: the nearest of 64 bits is the middle itself.
        let near = number("1.00000005960464477539062501");
        assert_eq!(near.to_f32(), 1.000_000_1);
        assert_eq!(near.to_f64() as f32, 1.0);
    }

    #[test]
    fn whole_numbers_have_their_ranges() {
        assert_eq!(number("9223372036854775807").to_i64(), Some(i64::MAX));
        assert_eq!(number("9223372036854775808").to_i64(), None);
        assert_eq!(number("9223372036854775808").to_u64(), Some(1 << 63));
        assert_eq!(number("1.5").to_i64(), None);
    }

    #[test]
    fn integers_beyond_512_bits_are_rounded_as_core_does() {
        // 2^513 + 1 needs 514 bits; the nearest number of 512 bits is 2^513.
        let power = BigUint::from(1_u8) << 513_u16;
        let near: Number = (&power + 1_u8).to_string().parse().expect("a number");
        assert_eq!(near, power.to_string().parse().expect("a number"));
    }

    proptest! {
        #[test]
        fn rounding_twice_changes_nothing(digits in "[1-9][0-9]{150,200}", exponent in -300_i32..300) {
            let once = number(&format!("{digits}e{exponent}"));
            prop_assert_eq!(&number(&once.to_string()), &once);
            prop_assert!(once.finite().is_some_and(|d| d.digits() <= 156));
        }

        #[test]
        fn up_to_153_digits_stay(digits in "[1-9][0-9]{0,151}[1-9]") {
            prop_assert_eq!(number(&digits).to_string(), digits);
        }
    }
}
