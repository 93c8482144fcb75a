//! Numbers whose digits fit 64 bits, which nearly all are: the same answers as from big arithmetic, without it.

use std::fmt;

use bigdecimal::BigDecimal;

/// `digits / 10^scale`, in lowest terms.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Small {
    digits: i64,
    scale: i64,
}

/// Floats hold all whole numbers up to 2^53.
const EXACT_WHOLE: u64 = 1 << 53;
/// 5^27 is the greatest power of five in 64 bits.
const MAX_SCALE: i64 = 27;

impl Small {
    /// The whole number, its trailing zeros in the scale.
    pub(super) fn whole(number: i64) -> Self {
        let mut small = Self {
            digits: number,
            scale: 0,
        };
        while small.digits != 0 && small.digits % 10 == 0 {
            small.digits /= 10;
            small.scale -= 1;
        }
        small
    }

    /// A normalised decimal, if its digits are few enough.
    pub(super) fn of(decimal: &BigDecimal) -> Option<Self> {
        let (digits, scale) = decimal.as_bigint_and_scale();
        let digits = i64::try_from(digits.as_ref()).ok()?;
        Some(Self { digits, scale })
    }

    /// Exactly the binary number that `float` is, if it is a fraction of few bits.
    pub(super) fn of_float(float: f64) -> Option<Self> {
        // Each doubling is exact, and turns one binary place into a whole one.
        let (mut whole, mut scale) = (float, 0_i64);
        while whole.fract() != 0.0 {
            whole *= 2.0;
            scale += 1;
            if scale > MAX_SCALE {
                return None;
            }
        }
        if whole.abs() > EXACT_WHOLE as f64 {
            return None;
        }
        if scale == 0 {
            return Some(Self::whole(whole as i64));
        }
        // n / 2^s = n × 5^s / 10^s. As n is odd, no zero trails.
        let digits = (whole as i64).checked_mul(five_to(scale)?)?;
        Some(Self { digits, scale })
    }

    /// The whole number that it is, if it is one of 64 bits.
    pub(super) fn to_whole(self) -> Option<i64> {
        match self.scale {
            0 => Some(self.digits),
            1.. => None,
            _ => self
                .digits
                .checked_mul(10_i64.checked_pow(self.scale.unsigned_abs().try_into().ok()?)?),
        }
    }

    /// The float that is exactly this number: `Some(None)` if there is none, `None` if that is not easy to tell.
    pub(super) fn to_float(self) -> Option<Option<f64>> {
        let (numerator, twos) = if self.scale > 0 {
            let fives = five_to(self.scale)?;
            // In lowest terms only fractions over a power of two are binary ones.
            if self.digits % fives != 0 {
                return Some(None);
            }
            (self.digits / fives, self.scale)
        } else {
            (self.to_whole()?, 0)
        };
        let exact = numerator.unsigned_abs() <= EXACT_WHOLE;
        exact.then(|| Some(numerator as f64 / (1_u64 << twos) as f64))
    }
}

/// Plain digits, without an exponent.
impl fmt::Display for Small {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let places = usize::try_from(self.scale.unsigned_abs()).unwrap_or(usize::MAX);
        if self.scale <= 0 {
            self.digits.fmt(f)?;
            // Zero has no digits before the point to move.
            let zeros = if self.digits == 0 { 0 } else { places };
            return (0..zeros).try_for_each(|_| f.write_str("0"));
        }
        let sign = if self.digits < 0 { "-" } else { "" };
        let digits = format!("{:0width$}", self.digits.unsigned_abs(), width = places + 1);
        let (whole, fraction) = digits.split_at(digits.len() - places);
        write!(f, "{sign}{whole}.{fraction}")
    }
}

impl From<Small> for BigDecimal {
    fn from(small: Small) -> Self {
        BigDecimal::new(small.digits.into(), small.scale)
    }
}

/// A power of five in 64 bits.
fn five_to(power: i64) -> Option<i64> {
    5_i64.checked_pow(power.try_into().ok()?)
}

#[cfg(test)]
mod tests {
    use bigdecimal::num_bigint::BigInt;
    use proptest::prelude::*;

    use super::*;
    use crate::value::Number;

    fn slow(digits: i64, scale: i64) -> BigDecimal {
        BigDecimal::new(BigInt::from(digits), scale).normalized()
    }

    proptest! {
        #[test]
        fn whole_numbers_are_normalised_as_by_big_arithmetic(n: i32, zeros in 0_u32..10) {
            let n = i64::from(n) * 10_i64.pow(zeros);
            let small = Small::whole(n);
            prop_assert_eq!(BigDecimal::from(small).into_bigint_and_scale(), slow(n, 0).into_bigint_and_scale());
            prop_assert_eq!(small.to_whole(), Some(n));
        }

        #[test]
        fn floats_are_exactly_what_big_arithmetic_says(n: i32, halvings in 0_i32..40) {
            let float = f64::from(n) / 2_f64.powi(halvings);
            let big = BigDecimal::try_from(float).expect("a number").normalized();
            if let Some(small) = Small::of_float(float) {
                prop_assert_eq!(BigDecimal::from(small).into_bigint_and_scale(), big.clone().into_bigint_and_scale());
            }
            if let Some(exact) = Small::of(&big).and_then(Small::to_float) {
                prop_assert_eq!(exact, Some(float));
            }
        }

        #[test]
        fn digits_are_written_as_by_big_arithmetic(digits: i64, scale in -20_i64..30) {
            let big = slow(digits, scale);
            if let Some(small) = Small::of(&big) {
                prop_assert_eq!(small.to_string(), big.to_plain_string());
            }
        }

        #[test]
        fn decimals_are_floats_only_where_big_arithmetic_agrees(digits: i64, scale in -20_i64..30) {
            let big = slow(digits, scale);
            if let Some(exact) = Small::of(&big).and_then(Small::to_float) {
                let number: Number = big.to_string().parse().expect("a number");
                let float = number.to_f64();
                let same = BigDecimal::try_from(float).expect("a number") == big;
                prop_assert_eq!(exact, same.then_some(float));
            }
        }
    }

    #[test]
    fn what_is_no_small_fraction_is_left_to_big_arithmetic() {
        for float in [
            f64::NAN,
            f64::INFINITY,
            0.1,
            1e300,
            5e-324,
            9_007_199_254_740_994.0,
        ] {
            assert_eq!(Small::of_float(float), None, "{float}");
        }
        assert_eq!(Small::of_float(-0.0), Some(Small { digits: 0, scale: 0 }));
    }
}
