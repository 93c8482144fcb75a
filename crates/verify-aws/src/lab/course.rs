//! An object's way through its states, looked at each second.

use std::fmt;
use std::time::Duration;

use super::{LONGEST, Lab};
use crate::object::{GONE, Kind};
use crate::trouble::{Outcome, Trouble};

/// How often one looks: each second for minutes, then more rarely.
const OFTEN: Duration = Duration::from_secs(1);
const RARELY: Duration = Duration::from_secs(5);
const RARELY_FROM: Duration = Duration::from_secs(5 * 60);

/// The states that were seen, each with the time of the first look that saw it, counted from the first look.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Course {
    steps: Vec<(Duration, String)>,
    passed: Duration,
}

impl Course {
    /// Notes what a look has seen.
    pub fn note(&mut self, passed: Duration, state: &str) {
        self.passed = passed;
        if self.steps.last().is_none_or(|(_, last)| last != state) {
            self.steps.push((passed, state.to_owned()));
        }
    }

    /// The state that was seen last.
    pub fn state(&self) -> &str {
        self.steps.last().map_or(GONE, |(_, state)| state)
    }

    /// When a state was first seen.
    pub fn at(&self, state: &str) -> Option<Duration> {
        let mut steps = self.steps.iter();
        steps.find(|(_, seen)| seen == state).map(|(at, _)| *at)
    }

    /// When the state that was seen last was first seen.
    pub fn since(&self) -> Duration {
        self.steps.last().map_or(Duration::ZERO, |(at, _)| *at)
    }

    /// How long the state that was seen last stands.
    pub fn stands(&self) -> Duration {
        self.passed.saturating_sub(self.since())
    }

    /// How long it was looked at.
    pub fn passed(&self) -> Duration {
        self.passed
    }

    /// Whether nothing is under way: states that end in ING or IN_PROGRESS tell that something is.
    pub fn is_settled(&self) -> bool {
        let state = self.state().to_ascii_uppercase();
        self.state() != GONE && !state.ends_with("ING") && !state.ends_with("IN_PROGRESS")
    }

    /// Whether anything was seen under way.
    pub fn was_under_way(&self) -> bool {
        self.steps
            .iter()
            .any(|(_, state)| state.ends_with("IN_PROGRESS") || state.ends_with("ING"))
    }

    pub fn is_gone(&self) -> bool {
        self.state() == GONE
    }
}

impl fmt::Display for Course {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, (at, state)) in self.steps.iter().enumerate() {
            let arrow = if index == 0 { "" } else { " → " };
            write!(f, "{arrow}{state} {:.1} s", at.as_secs_f64())?;
        }
        Ok(())
    }
}

impl Lab {
    /// Looks each second until `done` or until the time is over, whichever is first.
    pub fn course(
        &mut self,
        kind: Kind,
        id: &str,
        longest: Duration,
        mut done: impl FnMut(&Course) -> bool,
    ) -> Outcome<Course> {
        self.observe(longest, |lab, course, passed| {
            let described = kind.describe(&lab.aws, id)?;
            course.note(passed, &kind.state(described.as_ref()));
            Ok(done(course))
        })
    }

    /// The same with a look of one's own, which tells whether it is done.
    pub fn observe(
        &mut self,
        longest: Duration,
        mut look: impl FnMut(&mut Self, &mut Course, Duration) -> Outcome<bool>,
    ) -> Outcome<Course> {
        let (began, mut course) = (self.clock.now(), Course::default());
        loop {
            let passed = self.clock.now().saturating_sub(began);
            if look(self, &mut course, passed)? || passed >= longest {
                return Ok(course);
            }
            self.wait(if passed < RARELY_FROM { OFTEN } else { RARELY })?;
        }
    }

    /// Waits for a state; another one that is no way there is an error.
    pub fn reaches(&mut self, kind: Kind, id: &str, state: &str) -> Outcome<Course> {
        let failed = |course: &Course| {
            let state = course.state().to_ascii_uppercase();
            state.contains("FAILED") || state == "DEAUTHORIZED" || state == "REJECTED"
        };
        let course = self.course(kind, id, LONGEST, |course| {
            course.state() == state || failed(course)
        })?;
        if course.state() == state {
            return Ok(course);
        }
        let what = format!("the {} did not come to {state}: {course}", kind.words());
        Err(Trouble::Unexpected(what))
    }

    /// Waits until it is gone.
    pub fn goes(&mut self, kind: Kind, id: &str) -> Outcome<Course> {
        let ended = |course: &Course| course.is_gone() || course.state() == "DELETE_FAILED";
        let course = self.course(kind, id, LONGEST, ended)?;
        if course.is_gone() {
            return Ok(course);
        }
        let what = format!("the {} does not go: {course}", kind.words());
        Err(Trouble::Unexpected(what))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_course_tells_each_state_once_and_since_when_it_stands() {
        let mut course = Course::default();
        for (second, state) in [
            (0, GONE),
            (1, "CREATING"),
            (2, "CREATING"),
            (3, "AUTHORIZED"),
            (9, "AUTHORIZED"),
        ] {
            course.note(Duration::from_secs(second), state);
        }
        assert_eq!(
            course.to_string(),
            "gone 0.0 s → CREATING 1.0 s → AUTHORIZED 3.0 s"
        );
        assert_eq!(course.at("AUTHORIZED"), Some(Duration::from_secs(3)));
        assert_eq!(course.stands(), Duration::from_secs(6));
        assert!(course.is_settled() && course.was_under_way() && !course.is_gone());
    }
}
