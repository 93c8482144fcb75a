//! The parameters of requests: those of a connection, a task, a target.

use http::Uri;
use serde_json::Value;

/// A name and value of a request, and whether it has to be withheld from who may not see secrets.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Part {
    pub(crate) name: String,
    pub(crate) value: String,
    pub(crate) secret: bool,
}

impl Part {
    pub(crate) fn plain(name: impl Into<String>, value: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            value: value.into(),
            secret: false,
        }
    }
}

pub(super) fn set(parts: &mut Vec<Part>, name: &str, value: String, secret: bool) {
    parts.retain(|part| part.name != name);
    parts.push(Part {
        name: name.to_owned(),
        value,
        secret,
    });
}

/// The parameters of one list of HTTP parameters: name, value, and whether the value is secret.
pub(crate) fn listed<'p>(http: &'p Value, list: &str) -> impl Iterator<Item = Part> + 'p {
    let parameters = http[list].as_array().into_iter().flatten();
    parameters.map(|parameter| Part {
        name: parameter["Key"].as_str().unwrap_or_default().to_owned(),
        value: parameter["Value"].as_str().unwrap_or_default().to_owned(),
        secret: parameter["IsValueSecret"].as_bool().unwrap_or(false),
    })
}

pub(crate) fn authority(uri: &Uri) -> &str {
    uri.authority()
        .map(http::uri::Authority::as_str)
        .unwrap_or_default()
}
