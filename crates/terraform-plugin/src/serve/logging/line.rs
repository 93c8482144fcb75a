//! One line of hclog's JSON, within the limits of who reads it.

use std::time::SystemTime;

use serde_json::{Map, Value};
use time::OffsetDateTime;
use tracing::Level;

use crate::value::cut;

/// Hosts split longer lines, and log the pieces raw (go-plugin reads 64 KiB at a time); in bytes.
const MAX_LINE: usize = 64 * 1024 - 1;
/// What is left of a message when the line would be too long; in bytes. JSON may write each byte as six.
const MAX_MESSAGE: usize = 8 * 1024;

/// The line, with its newline and none inside.
///
/// `@level`, `@message` and `@timestamp` are always strings: any other type crashes Terraform itself
/// (go-plugin's host asserts it). So fields cannot take these names; a leading `@` is cut off.
pub(super) fn line(
    at: SystemTime,
    level: Level,
    module: &str,
    message: &str,
    fields: Map<String, Value>,
) -> String {
    let mut fields: Map<String, Value> = fields
        .into_iter()
        .map(|(name, value)| (name.trim_start_matches('@').to_string(), value))
        .collect();
    fields.insert("@timestamp".into(), timestamp(at).into());
    fields.insert("@level".into(), name(level).into());
    fields.insert("@module".into(), module.into());
    fields.insert("@message".into(), message.into());
    let mut line = Value::Object(fields).to_string();
    if line.len() > MAX_LINE {
        let kept = cut(message, MAX_MESSAGE);
        let message = format!("{kept} (cut: the line had {} bytes)", line.len());
        return self::line(at, level, module, &message, Map::new());
    }
    line.push('\n');
    line
}

/// hclog's names of the levels.
fn name(level: Level) -> &'static str {
    match level {
        Level::TRACE => "trace",
        Level::DEBUG => "debug",
        Level::INFO => "info",
        Level::WARN => "warn",
        Level::ERROR => "error",
    }
}

/// RFC 3339 in UTC with exactly six fractional digits: with any other number hosts cannot read the line.
fn timestamp(at: SystemTime) -> String {
    let at = OffsetDateTime::from(at);
    let (year, month, day) = at.to_calendar_date();
    let (hour, minute, second, microsecond) = at.to_hms_micro();
    format!(
        "{year:04}-{:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{microsecond:06}Z",
        u8::from(month)
    )
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, UNIX_EPOCH};

    use serde_json::json;

    use super::*;

    #[test]
    fn timestamps_have_six_digits() {
        let table = [
            (Duration::ZERO, "1970-01-01T00:00:00.000000Z"),
            (Duration::from_nanos(999), "1970-01-01T00:00:00.000000Z"),
            (Duration::new(951_782_400, 1_000), "2000-02-29T00:00:00.000001Z"),
            (
                Duration::new(1_795_375_878, 120_000_000),
                "2026-11-22T19:31:18.120000Z",
            ),
        ];
        for (since, expected) in table {
            assert_eq!(timestamp(UNIX_EPOCH + since), expected);
        }
    }

    fn parsed(message: &str, fields: Value) -> Value {
        let Value::Object(fields) = fields else {
            panic!("not an object: {fields}")
        };
        let line = line(UNIX_EPOCH, Level::WARN, "provider", message, fields);
        assert_eq!(line.find('\n'), Some(line.len() - 1), "one line: {line}");
        serde_json::from_str(&line).expect("JSON")
    }

    #[test]
    fn a_line_is_what_hclog_reads() {
        let expected = json!({
            "@timestamp": "1970-01-01T00:00:00.000000Z", "@level": "warn", "@module": "provider",
            "@message": "two\nlines", "attempt": 3, "ready": false,
        });
        assert_eq!(
            parsed("two\nlines", json!({ "attempt": 3, "ready": false })),
            expected
        );
    }

    #[test]
    fn fields_cannot_take_the_names_that_hosts_rely_on() {
        let line = parsed(
            "true words",
            json!({ "@message": 1, "@level": null, "@@timestamp": [] }),
        );
        assert_eq!(line["@message"], "true words");
        assert_eq!(line["@level"], "warn");
        assert_eq!(line["@timestamp"], "1970-01-01T00:00:00.000000Z");
        assert_eq!(line["message"], 1);
    }

    #[test]
    fn a_line_never_exceeds_what_hosts_read_at_once() {
        for (message, fields) in [
            ("\u{1}".repeat(100_000), json!({})),
            ("ü".repeat(100_000), json!({})),
            ("short".into(), json!({ "long": "x".repeat(100_000) })),
        ] {
            let line = parsed(&message, fields);
            assert!(line.to_string().len() < MAX_LINE);
            assert!(
                line["@message"]
                    .as_str()
                    .is_some_and(|text| text.contains("(cut: the line had ")),
                "{line}"
            );
            assert_eq!(line["long"], Value::Null);
        }
    }
}
