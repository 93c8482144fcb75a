//! What AWS says, made fit to be shown: without the secrets that it may quote, without control characters, and not
//! without end.

mod view;

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use view::View;

/// What stands in a secret's place.
const REMOVED: &str = "(secret)";

/// A shorter secret is likely to be a part of some id by chance: it is removed only where it is a word of its own.
const LONG: usize = 8;

/// So much is shown, in characters.
const SHOWN: usize = 1_000;

/// So much is kept and searched for secrets, in characters. None of it beyond what is shown can be seen, so that no half of
/// a secret can, either.
const KEPT: usize = 8 * SHOWN;

/// What must never be taken for a secret: ARNs, and the actions of IAM.
static NAMES: LazyLock<Regex> = LazyLock::new(|| {
    let arn = r"\barn:aws[a-z-]*:[a-z0-9-]+:[a-z0-9-]*:(?:\d{12})?:[A-Za-z0-9_./:!*-]*[A-Za-z0-9*]";
    let action =
        r"\b(?:ec2|events|execute-api|iam|kms|ram|secretsmanager|states|sts|vpc-lattice):[A-Z][A-Za-z]+\b";
    Regex::new(&format!("{arn}|{action}")).expect("a pattern")
});

/// Runs of what Base64 is made of, in both alphabets.
static BASE64: LazyLock<regex::bytes::Regex> =
    LazyLock::new(|| regex::bytes::Regex::new("[A-Za-z0-9+/_-]{2,}={0,2}").expect("a pattern"));

/// Removes the secrets that are known from what AWS says.
#[derive(Clone, Default)]
pub struct Scrubber {
    secrets: Vec<String>,
    /// Names and ids that are no secrets, though one may be a part of them.
    public: Vec<String>,
}

impl Scrubber {
    /// One that removes `secrets`, and leaves the `public` words as they are.
    pub fn new<S: Into<String>, P: Into<String>>(
        secrets: impl IntoIterator<Item = S>,
        public: impl IntoIterator<Item = P>,
    ) -> Self {
        fn some(words: impl Iterator<Item = String>) -> Vec<String> {
            words.filter(|word| !word.is_empty()).collect()
        }
        Self {
            secrets: some(secrets.into_iter().map(Into::into)),
            public: some(public.into_iter().map(Into::into)),
        }
    }

    /// A text of AWS, such as the reason of a state, as it can be shown and recorded.
    pub fn clean(&self, text: &str) -> String {
        shown(&self.scrub(&kept(text)))
    }

    /// The text without the secrets, in whatever form they are quoted.
    pub fn scrub(&self, text: &str) -> String {
        if self.secrets.is_empty() {
            return text.to_owned();
        }
        let names = self.names(text);
        let mut found: Vec<Range<usize>> = Vec::new();
        for view in View::all(text) {
            let matches = self.secrets.iter().flat_map(|secret| occurrences(&view, secret));
            let matches = matches.chain(self.encoded(&view));
            found.extend(
                matches
                    .map(|range| view.place(range))
                    .filter(|range| {
                        !names
                            .iter()
                            .any(|name| name.start <= range.start && range.end <= name.end)
                    })
                    .map(|range| whole_word(text, range, &names)),
            );
        }
        found.sort_by_key(|range| range.start);
        let mut scrubbed = String::new();
        let mut at = 0;
        for range in found {
            if range.start >= at {
                scrubbed.push_str(&text[at..range.start]);
                scrubbed.push_str(REMOVED);
            }
            at = at.max(range.end);
        }
        scrubbed.push_str(&text[at..]);
        scrubbed
    }

    /// Where ARNs, actions and public words are.
    fn names(&self, text: &str) -> Vec<Range<usize>> {
        let arns = NAMES.find_iter(text).map(|found| found.range());
        let public = self.public.iter().flat_map(|word| {
            let found = text.match_indices(word.as_str());
            found.map(|(at, word)| at..at + word.len())
        });
        arns.chain(public).collect()
    }

    /// Runs of Base64 that hold a secret, alone or as the password of `user:password`.
    fn encoded(&self, view: &View) -> Vec<Range<usize>> {
        let holds = |run: &[u8]| {
            let words: Vec<u32> = run.iter().filter_map(|letter| sextet(*letter)).collect();
            // What stands before it, such as `auth/`, may be of the same letters.
            (0..4.min(words.len())).any(|offset| {
                let decoded = decode(&words[offset..]);
                self.secrets.iter().any(|secret| is_in(&decoded, secret))
            })
        };
        let runs = BASE64.find_iter(view.bytes());
        runs.filter(|run| holds(run.as_bytes()))
            .map(|run| run.range())
            .collect()
    }
}

/// Where a secret is in a view; a short one only as a word of its own.
fn occurrences(view: &View, secret: &str) -> Vec<Range<usize>> {
    let bytes = view.bytes();
    let all = positions(bytes, secret.as_bytes());
    let ranges = all.map(|at| at..at + secret.len());
    ranges
        .filter(|range| is_long(secret) || stands_alone(bytes, range))
        .collect()
}

/// Whether a secret is in what Base64 holds.
fn is_in(decoded: &[u8], secret: &str) -> bool {
    positions(decoded, secret.as_bytes()).any(|at| {
        let before = at.checked_sub(1).map(|at| decoded[at]);
        let after = decoded.get(at + secret.len()).copied();
        let is_apart = |byte: Option<u8>| byte.is_none_or(|byte| !is_word(byte));
        is_long(secret) || is_apart(before) && is_apart(after)
    })
}

fn positions(bytes: &[u8], wanted: &[u8]) -> impl Iterator<Item = usize> {
    let windows = bytes.windows(wanted.len()).enumerate();
    windows
        .filter(move |(_, window)| *window == wanted)
        .map(|(at, _)| at)
}

fn is_long(secret: &str) -> bool {
    secret.chars().count() >= LONG
}

/// Letters, digits, and what joins them in names; the letters beyond ASCII are made of bytes beyond it.
fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte >= 0x80 || matches!(byte, b'-' | b'_')
}

/// Whether what is around a range does not make it a part of an id, as in `orders-prod` or `example.com/prod`; a full stop
/// or a colon that ends a clause does not.
fn stands_alone(bytes: &[u8], range: &Range<usize>) -> bool {
    let joins = |mut beside: Box<dyn Iterator<Item = &u8> + '_>| match beside.next() {
        Some(b'.' | b'/' | b':') => beside.next().is_some_and(|byte| is_word(*byte)),
        Some(byte) => is_word(*byte),
        None => false,
    };
    !joins(Box::new(bytes[..range.start].iter().rev())) && !joins(Box::new(bytes[range.end..].iter()))
}

/// The range with the rest of the words in which it begins and ends, as far as they are no names: what is left of a word
/// would tell of the secret.
fn whole_word(text: &str, range: Range<usize>, names: &[Range<usize>]) -> Range<usize> {
    let bytes = text.as_bytes();
    let is_free = |at: usize| is_word(bytes[at]) && !names.iter().any(|name| name.contains(&at));
    let mut whole = range;
    while whole.start > 0 && is_free(whole.start - 1) && is_word(bytes[whole.start]) {
        whole.start -= 1;
    }
    while whole.end < bytes.len() && is_free(whole.end) && is_word(bytes[whole.end - 1]) {
        whole.end += 1;
    }
    text.floor_char_boundary(whole.start)..text.ceil_char_boundary(whole.end)
}

/// The six bits that a letter of Base64 stands for.
fn sextet(letter: u8) -> Option<u32> {
    let value = match letter {
        b'A'..=b'Z' => letter - b'A',
        b'a'..=b'z' => letter - b'a' + 26,
        b'0'..=b'9' => letter - b'0' + 52,
        b'+' | b'-' => 62,
        b'/' | b'_' => 63,
        _ => return None,
    };
    Some(value.into())
}

/// What sextets stand for, without bits that make no whole byte.
fn decode(sextets: &[u32]) -> Vec<u8> {
    let group = |group: &[u32]| {
        let bits = (0..4).fold(0, |bits, at| bits << 6 | group.get(at).copied().unwrap_or(0));
        let [_, bytes @ ..] = bits.to_be_bytes();
        let whole = group.len() * 6 / 8;
        bytes.into_iter().take(whole)
    };
    sextets.chunks(4).flat_map(group).collect()
}

/// The part of a text that is looked at.
pub fn kept(text: &str) -> String {
    text.chars().take(KEPT).collect()
}

/// A text as a terminal can show it: control characters and what turns the direction of writing are escaped, lines are
/// joined, and what is long is cut.
pub fn shown(text: &str) -> String {
    let mut shown = String::new();
    for letter in text.chars().take(SHOWN) {
        match letter {
            '\n' | '\r' | '\t' => shown.push(' '),
            '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}' => {
                shown.extend(letter.escape_unicode());
            }
            letter if letter.is_control() => shown.extend(letter.escape_unicode()),
            letter => shown.push(letter),
        }
    }
    if text.chars().nth(SHOWN).is_some() {
        shown.push_str(" … (the rest is cut)");
    }
    shown
}

#[cfg(test)]
mod tests;
