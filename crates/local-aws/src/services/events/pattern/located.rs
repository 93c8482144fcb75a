//! JSON with the places of its parts, as the parser of AWS tells them: behind the token that it has come to. A text that
//! it has not looked at is passed by its first quote alone.

use serde_json::{Number, Value};

/// What goes wrong at a place.
#[derive(Debug, PartialEq)]
pub(super) struct Wrong {
    pub(super) reason: String,
    /// In bytes from the beginning; none where AWS tells no place.
    pub(super) at: Option<usize>,
    /// Whether the place is told once more, as it is of what stands in a list of exceptions.
    pub(super) again: bool,
}

impl Wrong {
    pub(super) fn nowhere<T>(reason: impl Into<String>) -> Result<T, Self> {
        Err(Self {
            reason: reason.into(),
            at: None,
            again: false,
        })
    }

    fn at<T>(at: usize, reason: impl Into<String>) -> Result<T, Self> {
        Err(Self {
            reason: reason.into(),
            at: Some(at),
            again: false,
        })
    }

    /// The reason with the place in a source.
    pub(super) fn message(&self, source: &str) -> String {
        /// The most characters of the source that are told.
        const MOST: usize = 500;
        let Some(at) = self.at else {
            return self.reason.clone();
        };
        let before = &source[..at];
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
        let (told, rest) = match source.char_indices().nth(MOST) {
            Some((end, _)) => {
                let more = source[end..].chars().count();
                (&source[..end], format!("[truncated {more} chars]"))
            }
            None => (source, String::new()),
        };
        let place = format!("\n at [Source: (String)\"{told}\"{rest}; line: {line}, column: {column}]");
        let times = if self.again { 2 } else { 1 };
        format!("{}{}", self.reason, place.repeat(times))
    }
}

/// A part of a JSON text.
#[derive(Debug)]
pub(super) struct Part {
    pub(super) content: Content,
    begin: usize,
    end: usize,
}

#[derive(Debug)]
pub(super) enum Content {
    /// A text, a number, `true`, `false` or `null`.
    Leaf(Value),
    List(Vec<Part>),
    Object(Vec<(String, Part)>),
}

impl Part {
    pub(super) fn text(&self) -> Option<&str> {
        match &self.content {
            Content::Leaf(leaf) => leaf.as_str(),
            Content::List(_) | Content::Object(_) => None,
        }
    }

    pub(super) fn number(&self) -> Option<&Number> {
        match &self.content {
            Content::Leaf(Value::Number(number)) => Some(number),
            _ => None,
        }
    }

    /// Refuses this part as soon as the parser comes to it.
    pub(super) fn refuse<T>(&self, reason: impl Into<String>) -> Result<T, Wrong> {
        let is_passed = matches!(&self.content, Content::Leaf(leaf) if !leaf.is_string());
        Wrong::at(if is_passed { self.end } else { self.begin + 1 }, reason)
    }

    /// Refuses this part once the parser has read it.
    pub(super) fn refuse_read<T>(&self, reason: impl Into<String>) -> Result<T, Wrong> {
        Wrong::at(self.end, reason)
    }
}

/// How deep lists and objects may stand in each other.
const MOST_DEEP: usize = 100;

/// Reads a text.
pub(super) fn read(source: &str) -> Result<Part, Wrong> {
    let reader = Reader { source };
    let (part, end) = reader.part(reader.skip(0), 0)?;
    if reader.skip(end) < source.len() {
        return reader.otherwise();
    }
    Ok(part)
}

struct Reader<'s> {
    source: &'s str,
}

impl Reader<'_> {
    /// The next place that is no blank.
    fn skip(&self, at: usize) -> usize {
        let blanks = self.source[at..].bytes().take_while(u8::is_ascii_whitespace);
        at + blanks.count()
    }

    fn byte(&self, at: usize) -> Option<u8> {
        self.source.as_bytes().get(at).copied()
    }

    /// The words for what AWS was not recorded to find wrong.
    fn otherwise<T>(&self) -> Result<T, Wrong> {
        let found = serde_json::from_str::<Value>(self.source).err();
        Wrong::nowhere(found.map_or_else(|| "it is no JSON".to_owned(), |error| error.to_string()))
    }

    /// The part that begins at a place, and the place behind it.
    fn part(&self, begin: usize, depth: usize) -> Result<(Part, usize), Wrong> {
        let (content, end) = match self.byte(begin) {
            Some(b'{' | b'[') if depth >= MOST_DEEP => return self.otherwise(),
            Some(b'{') => self.object(begin, depth)?,
            Some(b'[') => self.list(begin, depth)?,
            Some(b'"') => {
                let (text, end) = self.text(begin)?;
                (Content::Leaf(text.into()), end)
            }
            _ => self.word(begin)?,
        };
        Ok((Part { content, begin, end }, end))
    }

    fn object(&self, begin: usize, depth: usize) -> Result<(Content, usize), Wrong> {
        let mut members = Vec::new();
        let mut at = self.skip(begin + 1);
        if self.byte(at) == Some(b'}') {
            return Ok((Content::Object(members), at + 1));
        }
        loop {
            if self.byte(at) != Some(b'"') {
                return match self.source[at..].chars().next() {
                    Some(found) if found != '}' => Wrong::at(
                        at,
                        format!(
                            "Unexpected character ('{found}' (code {})): was expecting double-quote to start field name",
                            u32::from(found)
                        ),
                    ),
                    _ => self.otherwise(),
                };
            }
            let (name, end) = self.text(at)?;
            at = self.skip(end);
            if self.byte(at) != Some(b':') {
                return self.otherwise();
            }
            let (value, end) = self.part(self.skip(at + 1), depth + 1)?;
            members.push((name, value));
            at = self.skip(end);
            match self.byte(at) {
                Some(b',') => at = self.skip(at + 1),
                Some(b'}') => return Ok((Content::Object(members), at + 1)),
                _ => return self.otherwise(),
            }
        }
    }

    fn list(&self, begin: usize, depth: usize) -> Result<(Content, usize), Wrong> {
        let mut items = Vec::new();
        let mut at = self.skip(begin + 1);
        if self.byte(at) == Some(b']') {
            return Ok((Content::List(items), at + 1));
        }
        loop {
            let (item, end) = self.part(at, depth + 1)?;
            items.push(item);
            at = self.skip(end);
            match self.byte(at) {
                Some(b',') => at = self.skip(at + 1),
                Some(b']') => return Ok((Content::List(items), at + 1)),
                _ => return self.otherwise(),
            }
        }
    }

    fn text(&self, begin: usize) -> Result<(String, usize), Wrong> {
        let mut is_escaped = false;
        let inside = self.source[begin + 1..].bytes().position(|byte| {
            let ends = byte == b'"' && !is_escaped;
            is_escaped = byte == b'\\' && !is_escaped;
            ends
        });
        let Some(length) = inside else {
            return self.otherwise();
        };
        let end = begin + length + 2;
        match serde_json::from_str(&self.source[begin..end]) {
            Ok(text) => Ok((text, end)),
            Err(_) => self.otherwise(),
        }
    }

    /// A number, `true`, `false` or `null`.
    fn word(&self, begin: usize) -> Result<(Content, usize), Wrong> {
        let is_inside = |c: &char| c.is_alphanumeric() || "+-._$".contains(*c);
        let word: String = self.source[begin..].chars().take_while(is_inside).collect();
        let end = begin + word.len();
        match serde_json::from_str(&word) {
            Ok(leaf) => Ok((Content::Leaf(leaf), end)),
            Err(_) if word.starts_with(char::is_alphabetic) => Wrong::at(
                end,
                format!(
                    "Unrecognized token '{word}': was expecting (JSON String, Number, Array, Object or token 'null', 'true' \
                     or 'false')"
                ),
            ),
            Err(_) => self.otherwise(),
        }
    }
}
