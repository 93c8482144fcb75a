//! The syntax of intrinsic functions: names, and arguments that are texts, numbers, paths or calls themselves.

use serde_json::Value;

#[derive(Debug, PartialEq)]
pub(super) enum Argument<'t> {
    /// A number, `true`, `false` or `null`.
    Value(Value),
    /// What stands between two quotes, with its escapes.
    Text(&'t str),
    Path(&'t str),
    Call {
        name: &'t str,
        arguments: Vec<Argument<'t>>,
    },
}

/// How deep calls may stand in calls.
const DEEPEST: usize = 32;

/// Reads a call.
///
/// # Errors
/// A text that says what is wrong, and where.
pub(super) fn parse(text: &str) -> Result<Argument<'_>, String> {
    let mut reader = Reader { text, at: 0 };
    let call = reader.argument(0)?;
    if !matches!(call, Argument::Call { .. }) {
        return Err("it is not a call of a function".to_owned());
    }
    reader.skip_spaces();
    if reader.rest().is_empty() {
        Ok(call)
    } else {
        Err(format!("nothing is expected after position {}", reader.at))
    }
}

/// A text without its escapes.
pub(super) fn unescaped(raw: &str) -> String {
    let mut out = String::with_capacity(raw.len());
    let mut letters = raw.chars();
    while let Some(c) = letters.next() {
        match c {
            '\\' => out.extend(letters.next()),
            c => out.push(c),
        }
    }
    out
}

struct Reader<'t> {
    text: &'t str,
    at: usize,
}

impl<'t> Reader<'t> {
    fn rest(&self) -> &'t str {
        &self.text[self.at..]
    }

    fn skip_spaces(&mut self) {
        self.at = self.text.len() - self.rest().trim_start().len();
    }

    fn takes(&mut self, c: char) -> bool {
        self.skip_spaces();
        let found = self.rest().starts_with(c);
        if found {
            self.at += c.len_utf8();
        }
        found
    }

    fn argument(&mut self, depth: usize) -> Result<Argument<'t>, String> {
        if depth > DEEPEST {
            return Err(format!("calls stand in calls at most {DEEPEST} deep"));
        }
        self.skip_spaces();
        let rest = self.rest();
        if rest.starts_with('\'') {
            return self.text();
        }
        if rest.starts_with('$') {
            return Ok(Argument::Path(self.path()));
        }
        if rest.starts_with("States.") {
            return self.call(depth);
        }
        let end = rest.find([',', ')']).unwrap_or(rest.len());
        let word = rest[..end].trim();
        let value: Option<Value> = serde_json::from_str(word).ok();
        let plain = value.filter(|value| !value.is_string() && !value.is_array() && !value.is_object());
        self.at += end;
        plain
            .map(Argument::Value)
            .ok_or_else(|| format!("'{word}' is neither a text in single quotes nor a number, path or call"))
    }

    fn call(&mut self, depth: usize) -> Result<Argument<'t>, String> {
        let rest = self.rest();
        let end = rest
            .find('(')
            .ok_or_else(|| format!("'{rest}' has no arguments"))?;
        let name = rest[..end].trim();
        self.at += end + 1;
        let mut arguments = Vec::new();
        if self.takes(')') {
            return Ok(Argument::Call { name, arguments });
        }
        loop {
            arguments.push(self.argument(depth + 1)?);
            if self.takes(')') {
                return Ok(Argument::Call { name, arguments });
            }
            if !self.takes(',') {
                return Err(format!(
                    "the arguments of {name} do not end at position {}",
                    self.at
                ));
            }
        }
    }

    fn text(&mut self) -> Result<Argument<'t>, String> {
        let inner = &self.rest()[1..];
        let mut letters = inner.char_indices();
        while let Some((index, c)) = letters.next() {
            match c {
                '\'' => {
                    self.at += index + 2;
                    return Ok(Argument::Text(&inner[..index]));
                }
                '\\' => match letters.next() {
                    Some((_, '\'' | '\\' | '{' | '}')) => {}
                    Some((_, other)) => return Err(format!("'\\{other}' is not an escape")),
                    None => break,
                },
                _ => {}
            }
        }
        Err("a text has no closing quote before the end".to_owned())
    }

    /// A path goes on to the comma or bracket that ends the argument; those in its own brackets belong to it.
    fn path(&mut self) -> &'t str {
        let rest = self.rest();
        let mut depth = 0_usize;
        let end = rest.find(|c| {
            match c {
                '[' | '(' => depth += 1,
                ']' => depth = depth.saturating_sub(1),
                ')' if depth > 0 => depth -= 1,
                ',' | ')' => return depth == 0,
                _ => {}
            }
            false
        });
        let path = &rest[..end.unwrap_or(rest.len())];
        self.at += path.len();
        path.trim_end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_are_told_apart() {
        let call = parse("States.Format( 'it\\'s {}', $.a[?(@.b == 1)], -1.5 ,true, States.UUID() )");
        let Ok(Argument::Call { name, arguments }) = call else {
            panic!("{call:?}")
        };
        assert_eq!(name, "States.Format");
        let expected = [
            Argument::Text("it\\'s {}"),
            Argument::Path("$.a[?(@.b == 1)]"),
            Argument::Value((-1.5).into()),
            Argument::Value(true.into()),
            Argument::Call {
                name: "States.UUID",
                arguments: Vec::new(),
            },
        ];
        assert_eq!(arguments, expected);
    }

    #[test]
    fn what_cannot_be_read_is_an_error() {
        let deep = format!("{}1{}", "States.Array(".repeat(40), ")".repeat(40));
        for text in [
            "$.a",
            "States.Array",
            "States.Array(a)",
            "States.Array(1) 2",
            "States.Array('a)",
            &deep,
        ] {
            assert!(parse(text).is_err(), "{text}");
        }
    }
}
