//! JSON or YAML texts into values, with errors that name line and field.

use std::fmt;

use serde::de::{DeserializeOwned, DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

/// Whether a text is JSON: it begins like an object or list of it. Else it is YAML.
fn is_json(text: &str) -> bool {
    text.trim_start().starts_with(['{', '['])
}

/// Reads a text.
pub(crate) fn read<T: DeserializeOwned>(text: &str) -> Result<T, String> {
    if is_json(text) {
        let json = &mut serde_json::Deserializer::from_str(text);
        return serde_path_to_error::deserialize(json)
            .map_err(|error| message(error.path().to_string(), &error.inner().to_string()));
    }
    // The parser's own error is built around the one that has the path; so the path is kept beside it.
    let mut path = String::new();
    serde_saphyr::with_deserializer_from_str(text, |yaml| {
        serde_path_to_error::deserialize(yaml).map_err(|error| {
            path = error.path().to_string();
            error.into_inner()
        })
    })
    .map_err(|error| message(path, &error.to_string()))
}

fn message(path: String, error: &str) -> String {
    if path.is_empty() || path == "." {
        error.to_owned()
    } else {
        format!("{path}: {error}")
    }
}

/// What is wrong with a value of a text, with the line of the field that it begins with: `vpcs[0].id: …`. A field that
/// the text leaves out has that of what it is in.
pub(crate) fn placed(text: &str, wrong: String) -> String {
    let path = wrong.split_once(": ").map_or("", |(path, _)| path);
    let mut steps: Vec<&str> = path
        .split(['.', '['])
        .map(|step| step.trim_end_matches(']'))
        .collect();
    while !steps.is_empty() {
        if let Some(place) = place(text, &steps) {
            return format!("{wrong} at {place}");
        }
        steps.pop();
    }
    wrong
}

/// Where a value is: the parser is made to stumble over it, and tells where it did.
fn place(text: &str, steps: &[&str]) -> Option<String> {
    let seek = Seek { steps };
    let (line, column) = if is_json(text) {
        let error = seek
            .deserialize(&mut serde_json::Deserializer::from_str(text))
            .err()?;
        (error.line() as u64, error.column() as u64)
    } else {
        let sought = serde_saphyr::with_deserializer_from_str(text, |yaml| seek.deserialize(yaml));
        let location = sought.err()?.location()?;
        (location.line(), location.column())
    };
    Some(format!("line {line}, column {column}"))
}

/// Goes to a value by members and numbers.
#[derive(Clone, Copy)]
struct Seek<'s> {
    steps: &'s [&'s str],
}

impl<'de> DeserializeSeed<'de> for Seek<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        if self.steps.is_empty() {
            return deserializer.deserialize_any(Stumble);
        }
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Seek<'_> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object or a list")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let (first, rest) = self.steps.split_first().unwrap_or((&"", &[]));
        while let Some(name) = map.next_key::<String>()? {
            if name == *first {
                map.next_value_seed(Seek { steps: rest })?;
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        let (first, rest) = self.steps.split_first().unwrap_or((&"", &[]));
        let wanted: Option<usize> = first.parse().ok();
        for index in 0.. {
            let there = if wanted == Some(index) {
                seq.next_element_seed(Seek { steps: rest })?.is_some()
            } else {
                seq.next_element::<IgnoredAny>()?.is_some()
            };
            if !there {
                break;
            }
        }
        Ok(())
    }
}

/// Takes no value at all.
struct Stumble;

impl Visitor<'_> for Stumble {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("the value that is looked for")
    }
}
