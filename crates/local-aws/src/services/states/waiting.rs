//! How long a Wait state waits, and the words for what cannot be waited for.

use std::time::{Duration, SystemTime};

use serde_json::Value;

use super::Failure;
use super::definition::Definition;
use super::template::Scope;
use crate::core::timestamp::parse_iso8601;

/// The longest wait, in seconds.
const LONGEST: u64 = 99_999_999;

/// The longest wait until a moment, in seconds: recorded between 24,855 and 24,856 days, which is where 31 bits end.
const LONGEST_UNTIL: u64 = (1 << 31) - 1;

/// What a Wait state waits for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Moment {
    In(Duration),
    At(SystemTime),
}

impl Moment {
    /// The moment that a Wait state names.
    pub(super) fn of(definition: &Definition<'_>, scope: &Scope<'_>) -> Result<Self, Failure> {
        for (name, read) in [
            ("Seconds", in_seconds as fn(&Value, Option<&str>) -> _),
            ("Timestamp", at_time),
        ] {
            let path = definition.state[format!("{name}Path")].as_str();
            let value = match (definition.state.get(name), path) {
                (Some(value), _) => scope.fill(value, name)?,
                (None, Some(path)) => scope.select(path).ok_or_else(|| {
                    Failure::runtime(format!(
                        "The {name}Path parameter does not reference an input value: {path}"
                    ))
                })?,
                (None, None) => continue,
            };
            return read(&value, path);
        }
        Err(Failure::runtime("The state names nothing to wait for"))
    }

    /// How long it is until then.
    pub(super) fn after(self, now: SystemTime) -> Result<Duration, Failure> {
        let (pause, longest) = match self {
            Self::In(pause) => (pause, LONGEST),
            Self::At(moment) => (moment.duration_since(now).unwrap_or_default(), LONGEST_UNTIL),
        };
        if pause.as_secs() > longest {
            return Err(Failure::runtime("Wait state delay is too long."));
        }
        Ok(pause)
    }
}

fn in_seconds(value: &Value, path: Option<&str>) -> Result<Moment, Failure> {
    // Recorded: what a path names may be the text of a number.
    let text = value.as_str().filter(|_| path.is_some());
    let number = text.and_then(|text| text.parse().ok());
    if let Some(seconds) = value.as_u64().or(number) {
        return Ok(Moment::In(Duration::from_secs(seconds)));
    }
    let is_negative = value.as_i64().is_some();
    Err(match path {
        Some(path) if is_negative => Failure::runtime(format!(
            "The SecondsPath parameter references a negative value: {path} == {value}"
        )),
        Some(path) => Failure::runtime(format!(
            "The SecondsPath parameter cannot be parsed as a long value: {path} == {value}"
        )),
        None => Failure::evaluation(
            format!("The Seconds field must be a whole number from 0 on, but was: {value}"),
            Some("Seconds"),
        ),
    })
}

fn at_time(value: &Value, path: Option<&str>) -> Result<Moment, Failure> {
    if let Some(moment) = value.as_str().and_then(parse_iso8601) {
        return Ok(Moment::At(moment));
    }
    let shown = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    Err(match path {
        Some(path) => Failure::runtime(format!(
            "The TimestampPath parameter does not reference a valid ISO-8601 extended offset date-time format \
             string: {path} == {shown}"
        )),
        None => Failure::evaluation(
            format!(
                "The Timestamp field cannot be parsed as an ISO-8601 extended offset date-time format string: \
                 {shown}"
            ),
            Some("Timestamp"),
        ),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn moment(state: Value) -> Result<Moment, String> {
        let input = json!({ "s": 5, "text": "6", "minus": -1, "half": 1.5, "at": "2026-11-22T08:09:10Z", "odd": "2026-13-22T08:09:10Z" });
        let scope = Scope {
            jsonata: false,
            input: &input,
            context: &Value::Null,
            variables: &json!({ "v": 7 }),
            result: None,
            error: None,
        };
        Moment::of(&Definition::new(&state, None), &scope).map_err(|failure| failure.cause)
    }

    #[test]
    fn seconds_and_times_are_read_from_wherever_they_stand() {
        let seconds = |seconds| Ok(Moment::In(Duration::from_secs(seconds)));
        assert_eq!(moment(json!({ "Type": "Wait", "Seconds": 3 })), seconds(3));
        assert_eq!(
            moment(json!({ "Type": "Wait", "SecondsPath": "$.s" })),
            seconds(5)
        );
        assert_eq!(moment(json!({ "Type": "Wait", "SecondsPath": "$v" })), seconds(7));
        assert_eq!(
            moment(json!({ "Type": "Wait", "SecondsPath": "$.text" })),
            seconds(6)
        );
        let at = parse_iso8601("2026-11-22T08:09:10Z").map(Moment::At);
        assert_eq!(
            moment(json!({ "Type": "Wait", "TimestampPath": "$.at" })).ok(),
            at
        );
        assert_eq!(
            moment(json!({ "Type": "Wait", "Timestamp": "2026-11-22T08:09:10Z" })).ok(),
            at
        );
    }

    #[test]
    fn what_cannot_be_waited_for_is_told_as_recorded() {
        for (path, said) in [
            (
                "$.minus",
                "The SecondsPath parameter references a negative value: $.minus == -1",
            ),
            (
                "$.half",
                "The SecondsPath parameter cannot be parsed as a long value: $.half == 1.5",
            ),
            (
                "$.none",
                "The SecondsPath parameter does not reference an input value: $.none",
            ),
        ] {
            assert_eq!(
                moment(json!({ "Type": "Wait", "SecondsPath": path })),
                Err(said.to_owned())
            );
        }
        let odd = moment(json!({ "Type": "Wait", "TimestampPath": "$.odd" })).unwrap_err();
        assert!(odd.ends_with("string: $.odd == 2026-13-22T08:09:10Z"), "{odd}");
        let now = SystemTime::UNIX_EPOCH;
        let long = Moment::In(Duration::from_secs(100_000_000)).after(now);
        assert_eq!(long, Err(Failure::runtime("Wait state delay is too long.")));
        assert_eq!(Moment::At(now).after(now), Ok(Duration::ZERO));
    }
}
