//! Whether the wildcards of a pattern are too many to be looked for at once.
//!
//! EventBridge counts, over all that a value may begin with, how many beginnings of wildcard patterns fit it at the
//! same time (event-ruler's README, "Machine Complexity Evaluation"), and takes ten. Patterns of one field count
//! together, those of different fields do not. They are compared as bytes, with the quotes around the text.

use std::collections::HashMap;

use super::Requirements;
use super::matcher::Matcher;
use crate::core::wildcard::Token;

/// As recorded: ten are taken, eleven refused.
const MOST: usize = 10;

/// Whether a pattern with these alternatives is refused.
pub(super) fn is_too_complex(alternatives: &[Requirements]) -> bool {
    let mut steps: HashMap<(usize, &str), Step<'_>> = HashMap::new();
    let mut states = 0;
    for requirements in alternatives {
        let mut state = 0;
        for (path, matchers) in requirements {
            // What stands behind a field that has to be absent is not counted, as recorded.
            if matchers.as_slice() == [Matcher::Exists(false)] {
                break;
            }
            let step = steps.entry((state, path.as_str())).or_default();
            let shared = step.next.iter().find(|(known, _)| matchers.contains(known));
            state = match shared {
                Some((_, next)) => *next,
                None => {
                    states += 1;
                    states
                }
            };
            for matcher in matchers {
                step.next.push((matcher, state));
                let own = step.wildcards.len();
                for tokens in matcher.wildcards() {
                    let mut wildcard = Wildcard::of(tokens);
                    let mut known = step.wildcards.iter().enumerate();
                    wildcard.shares_first = known.any(|(at, known)| {
                        known.is_like(&wildcard) || at >= own && known.begins_like(&wildcard)
                    });
                    step.wildcards.push(wildcard);
                }
            }
        }
    }
    steps.values().any(|step| most_at_once(&step.wildcards) > MOST)
}

/// What is asked of one field by all alternatives that have asked the same before it.
#[derive(Default)]
struct Step<'p> {
    wildcards: Vec<Wildcard>,
    /// Alternatives that share a matcher go on together.
    next: Vec<(&'p Matcher, usize)>,
}

/// A wildcard pattern in bytes: what comes before its first `*`, and what comes behind each.
struct Wildcard {
    first: Vec<u8>,
    behind: Vec<Vec<u8>>,
    /// Its beginnings up to the first `*` are another one's, too: of the same pattern, or of one of the same exceptions.
    shares_first: bool,
}

impl Wildcard {
    fn of(tokens: &[Token]) -> Self {
        let mut parts = vec![vec![b'"']];
        for token in tokens {
            match (token, parts.last_mut()) {
                (Token::Literal(letter), Some(part)) => {
                    part.extend(letter.encode_utf8(&mut [0; 4]).bytes());
                }
                _ => parts.push(Vec::new()),
            }
        }
        if let Some(last) = parts.last_mut() {
            last.push(b'"');
        }
        let first = parts.remove(0);
        Self {
            first,
            behind: parts,
            shares_first: false,
        }
    }

    fn is_like(&self, other: &Self) -> bool {
        self.first == other.first && self.behind == other.behind
    }

    fn begins_like(&self, other: &Self) -> bool {
        self.first == other.first && !self.behind.is_empty() && !other.behind.is_empty()
    }

    /// How many `*` of its own it has.
    fn stars(&self) -> usize {
        self.behind.len().saturating_sub(usize::from(self.shares_first))
    }

    /// How many of its beginnings fit a text.
    fn fitting(&self, text: &[u8]) -> usize {
        if text.len() <= self.first.len() {
            let ends_at_star = text.len() == self.first.len() && !self.behind.is_empty();
            return if !self.shares_first && self.first.starts_with(text) {
                1 + usize::from(ends_at_star)
            } else {
                0
            };
        }
        let Some(mut rest) = text.strip_prefix(self.first.as_slice()) else {
            return 0;
        };
        let mut fitting = 0;
        for part in &self.behind {
            fitting += 1 + endings(part, rest);
            match rest.windows(part.len().max(1)).position(|window| window == part) {
                Some(at) => rest = &rest[at + part.len()..],
                None => break,
            }
        }
        fitting.saturating_sub(usize::from(self.shares_first))
    }
}

/// How many beginnings of a part are endings of a text.
fn endings(part: &[u8], text: &[u8]) -> usize {
    let longest = part.len().min(text.len());
    (1..=longest)
        .filter(|length| text.ends_with(&part[..*length]))
        .count()
}

/// The most beginnings that fit any text at once.
fn most_at_once(wildcards: &[Wildcard]) -> usize {
    let within = wildcards.iter().flat_map(|one| {
        let beginnings = (1..=one.first.len()).map(move |length| &one.first[..length]);
        beginnings.map(move |text| wildcards.iter().map(|other| other.fitting(text)).sum::<usize>())
    });
    // Behind the first stars anything may come: first what leads to every other star, then the worst.
    let behind = wildcards.iter().map(|one| {
        let open = wildcards
            .iter()
            .filter(|other| one.first.starts_with(&other.first));
        let stars = open.clone().map(Wildcard::stars).sum::<usize>();
        if stars > MOST {
            return stars;
        }
        let parts: Vec<&Vec<u8>> = open.flat_map(|other| &other.behind).collect();
        let texts = parts
            .iter()
            .flat_map(|part| (1..=part.len()).map(move |length| &part[..length]));
        let worst = texts.map(|text| parts.iter().map(|part| endings(part, text)).sum::<usize>());
        stars + worst.max().unwrap_or_default()
    });
    within.chain(behind).max().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::wildcard;

    fn most(patterns: &str) -> usize {
        let mut wildcards: Vec<Wildcard> = Vec::new();
        for text in patterns.split(' ') {
            let mut wildcard = Wildcard::of(&wildcard::tokens(text, false));
            wildcard.shares_first = wildcards.iter().any(|known| known.is_like(&wildcard));
            wildcards.push(wildcard);
        }
        most_at_once(&wildcards)
    }

    #[test]
    fn beginnings_that_fit_at_once_are_counted() {
        for (patterns, expected) in [
            ("shop", 1),
            ("*", 2),
            ("*o", 2),
            ("*oo", 3),
            ("s*bob", 3),
            ("*o*o*o*o*o", 10),
            ("*o*o*o*o*o*", 11),
            ("*:*:*:*:*:shop/*", 11),
            ("/a/*/dir/dir/dir/dir/file", 6),
            ("*ÿÿÿ*", 5),
            ("0*x 1*x 2*x", 3),
            ("*x *y", 4),
            ("*x *x", 3),
            ("*x* *x* *x* *x*", 9),
            ("*x* *x* *x* *x* *x*", 11),
            ("*shop sh*p", 4),
            ("shop* shop-*", 4),
        ] {
            assert_eq!(most(patterns), expected, "{patterns}");
        }
    }
}
