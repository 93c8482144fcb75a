//! What a run did and how long each part took: the story that a time-out tells.

use std::fmt;
use std::time::Duration;

/// One thing that was done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// When it began, since the run began.
    pub at: Duration,
    /// How long it took.
    pub took: Duration,
    /// What it was, in words: `created resource gateway rgw-1`.
    pub what: String,
}

/// What was done, in the order in which it ended.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Timeline(Vec<Event>);

impl Timeline {
    /// The events.
    pub fn events(&self) -> &[Event] {
        &self.0
    }

    pub(crate) fn push(&mut self, event: Event) {
        self.0.push(event);
    }
}

impl fmt::Display for Timeline {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() {
            return f.write_str("Nothing was changed until then.");
        }
        f.write_str("Until then:")?;
        for Event { at, took, what } in &self.0 {
            write!(
                f,
                "\n  after {}: {what}, which took {}",
                Seconds(*at),
                Seconds(*took)
            )?;
        }
        Ok(())
    }
}

/// A duration as people say it: `0.3 s`, `4 min 5 s`.
pub(crate) struct Seconds(pub(crate) Duration);

impl fmt::Display for Seconds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let whole = self.0.as_secs();
        if whole < 60 {
            write!(f, "{:.1} s", self.0.as_secs_f64())
        } else {
            write!(f, "{} min {} s", whole / 60, whole % 60)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_written_as_people_say_them() {
        for (millis, text) in [
            (40, "0.0 s"),
            (300, "0.3 s"),
            (59_900, "59.9 s"),
            (60_000, "1 min 0 s"),
            (245_000, "4 min 5 s"),
        ] {
            assert_eq!(Seconds(Duration::from_millis(millis)).to_string(), text);
        }
    }
}
