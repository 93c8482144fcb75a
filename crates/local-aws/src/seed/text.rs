//! JSON or YAML texts into values, with errors that name line and field.

use serde::de::DeserializeOwned;

/// Reads a text: JSON if it begins like an object or list of it, else YAML.
pub(crate) fn read<T: DeserializeOwned>(text: &str) -> Result<T, String> {
    if text.trim_start().starts_with(['{', '[']) {
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
