//! Durations as users write them: Go's, `1h30m`.

use std::{fmt, str::FromStr, time::Duration};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// A duration as a Go program reads it, as every provider's `timeouts` have them: decimal numbers, each with a unit
/// (`ns`, `us`, `ms`, `s`, `m`, `h`), such as `90s`, `1h30m` or `1.5h`. Longer than nothing.
///
/// Remembers how it was written, since a state must hold what the configuration says. Its attribute is
/// [`schema::duration`](crate::schema::duration).
///
/// ```
/// use std::time::Duration;
/// use terraform_plugin::GoDuration;
///
/// let patience: GoDuration = "1h30m".parse()?;
/// assert_eq!(patience.get(), Duration::from_secs(5400));
/// assert_eq!(patience.to_string(), "1h30m");
/// # Ok::<(), terraform_plugin::GoDurationError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GoDuration {
    text: String,
    duration: Duration,
}

/// Why a text is no duration.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum GoDurationError {
    /// It is not written like one.
    #[error("must be a duration such as 90s, 30m or 1h30m")]
    Unreadable,
    /// It is zero.
    #[error("must be longer than nothing")]
    Zero,
    /// It is more than a clock can count.
    #[error("is too long")]
    TooLong,
}

impl GoDuration {
    /// The duration itself.
    pub fn get(&self) -> Duration {
        self.duration
    }
}

impl FromStr for GoDuration {
    type Err = GoDurationError;

    fn from_str(text: &str) -> Result<Self, GoDurationError> {
        let is_number = |c: char| c.is_ascii_digit() || c == '.';
        let mut rest = text;
        let mut seconds = 0.0;
        if rest.is_empty() {
            return Err(GoDurationError::Unreadable);
        }
        while !rest.is_empty() {
            let digits = rest.find(|c| !is_number(c)).ok_or(GoDurationError::Unreadable)?;
            let (number, after) = rest.split_at(digits);
            let number: f64 = number.parse().map_err(|_| GoDurationError::Unreadable)?;
            let (unit, after) = after.split_at(after.find(is_number).unwrap_or(after.len()));
            seconds += number
                * match unit {
                    "ns" => 1e-9,
                    "us" | "µs" | "μs" => 1e-6,
                    "ms" => 1e-3,
                    "s" => 1.0,
                    "m" => 60.0,
                    "h" => 3600.0,
                    _ => return Err(GoDurationError::Unreadable),
                };
            rest = after;
        }
        match Duration::try_from_secs_f64(seconds) {
            Ok(Duration::ZERO) => Err(GoDurationError::Zero),
            Ok(duration) => Ok(Self {
                text: text.to_owned(),
                duration,
            }),
            Err(_) => Err(GoDurationError::TooLong),
        }
    }
}

impl fmt::Display for GoDuration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl Serialize for GoDuration {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.text)
    }
}

impl<'de> Deserialize<'de> for GoDuration {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse()
            .map_err(|err| de::Error::custom(format_args!("the duration {err}")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn go_durations_are_read() {
        for (text, seconds) in [
            ("90s", 90.0),
            ("30m", 1800.0),
            ("1h30m", 5400.0),
            ("1.5h", 5400.0),
            ("500ms", 0.5),
        ] {
            let read = text.parse::<GoDuration>().map(|duration| duration.get());
            assert_eq!(read, Ok(Duration::from_secs_f64(seconds)), "{text}");
        }
    }

    #[test]
    fn what_is_no_duration_says_what_is_wrong() {
        use GoDurationError::{TooLong, Unreadable, Zero};
        for (text, wrong) in [
            ("", Unreadable),
            ("30", Unreadable),
            ("m", Unreadable),
            ("1x", Unreadable),
            ("-1s", Unreadable),
            ("1h30", Unreadable),
            ("1..5h", Unreadable),
            ("0s", Zero),
            ("99999999999999999999h", TooLong),
        ] {
            assert_eq!(text.parse::<GoDuration>(), Err(wrong), "{text}");
        }
    }
}
