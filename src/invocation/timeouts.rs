//! How long each verb may take: Go durations, as every provider's `timeouts` block takes them.

use std::time::Duration;

use terraform_plugin::Attr;

use super::model::{Model, Timeouts};

const LONG: Duration = Duration::from_secs(30 * 60);
const READ: Duration = Duration::from_secs(5 * 60);

/// A verb with a time of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verb {
    Create,
    Read,
    Update,
    Delete,
}

impl Timeouts {
    /// Every argument with its name.
    pub fn arguments(&self) -> [(&'static str, &Attr<String>); 4] {
        [
            ("create", &self.create),
            ("read", &self.read),
            ("update", &self.update),
            ("delete", &self.delete),
        ]
    }
}

/// The time for `verb`.
pub fn timeout(model: &Model, verb: Verb) -> Duration {
    let (pick, default): (fn(&Timeouts) -> &Attr<String>, _) = match verb {
        Verb::Create => (|all| &all.create, LONG),
        Verb::Read => (|all| &all.read, READ),
        Verb::Update => (|all| &all.update, LONG),
        Verb::Delete => (|all| &all.delete, LONG),
    };
    let given = model.timeouts.known().and_then(|all| pick(all).known());
    given.and_then(|text| parse(text).ok()).unwrap_or(default)
}

/// Parses a Go duration: decimal numbers, each with a unit, as in `1h30m` or `1.5h`.
///
/// # Errors
/// What is wrong with it, in words.
pub fn parse(text: &str) -> Result<Duration, &'static str> {
    const WORDS: &str = "must be a duration such as 90s, 30m or 1h30m";
    let mut rest = text;
    let mut total = 0.0;
    if rest.is_empty() {
        return Err(WORDS);
    }
    while !rest.is_empty() {
        let digits = rest
            .find(|c: char| !c.is_ascii_digit() && c != '.')
            .ok_or(WORDS)?;
        let (number, after) = rest.split_at(digits);
        let number: f64 = number.parse().map_err(|_| WORDS)?;
        let unit_end = after
            .find(|c: char| c.is_ascii_digit() || c == '.')
            .unwrap_or(after.len());
        let (unit, after) = after.split_at(unit_end);
        total += number
            * match unit {
                "ns" => 1e-9,
                "us" | "µs" | "μs" => 1e-6,
                "ms" => 1e-3,
                "s" => 1.0,
                "m" => 60.0,
                "h" => 3600.0,
                _ => return Err(WORDS),
            };
        rest = after;
    }
    match Duration::try_from_secs_f64(total) {
        Ok(duration) if !duration.is_zero() => Ok(duration),
        Ok(_) => Err("must be longer than nothing"),
        Err(_) => Err("is too long"),
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
            assert_eq!(parse(text), Ok(Duration::from_secs_f64(seconds)), "{text}");
        }
        for text in [
            "",
            "30",
            "m",
            "1x",
            "-1s",
            "1h30",
            "1..5h",
            "0s",
            "99999999999999999999h",
        ] {
            assert!(parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn what_is_not_set_has_a_default() {
        assert_eq!(timeout(&Model::default(), Verb::Read), READ);
        let update = Attr::Known("1m".to_owned());
        let timeouts = Attr::Known(Timeouts {
            update,
            ..Timeouts::default()
        });
        let model = Model {
            timeouts,
            ..Model::default()
        };
        assert_eq!(timeout(&model, Verb::Update), Duration::from_secs(60));
        assert_eq!(timeout(&model, Verb::Create), LONG);
    }
}
