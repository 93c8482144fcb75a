//! The HTTP parameters of a connection, of its calls and of its requests for tokens.

use std::collections::BTreeMap;

use aws_sdk_eventbridge::types::{
    ConnectionBodyParameter, ConnectionHeaderParameter, ConnectionHttpParameters,
    ConnectionQueryStringParameter,
};
use reconcile::Fact;
use serde::{Deserialize, Serialize};

use super::Secret;

/// What stays of a list that EventBridge will not clear: one entry that says nothing.
pub const INERT_PARAMETER: &str = "x-private-api-invocation";

/// The value of [`INERT_PARAMETER`].
const INERT_VALUE: &str = "none";

/// HTTP parameters by kind and name.
#[derive(Debug, Clone, Default)]
pub struct HttpParameters {
    pub header: BTreeMap<String, HttpValue>,
    pub query_string: BTreeMap<String, HttpValue>,
    pub body: BTreeMap<String, HttpValue>,
}

/// A value. A secret is `None` where only a comparison is made (a refresh).
#[derive(Debug, Clone)]
pub enum HttpValue {
    Plain(Fact<String>),
    Secret(Option<Secret>),
}

/// What AWS shows of HTTP parameters.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SeenHttpParameters {
    pub header: BTreeMap<String, SeenHttpValue>,
    pub query_string: BTreeMap<String, SeenHttpValue>,
    pub body: BTreeMap<String, SeenHttpValue>,
}

/// What AWS shows of a value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SeenHttpValue {
    Plain(String),
    Secret,
}

/// One kind of parameters: what is wanted, what is seen, and its words.
type Kind<'a> = (
    &'static str,
    &'a BTreeMap<String, HttpValue>,
    &'a BTreeMap<String, SeenHttpValue>,
);

/// Reads what AWS shows.
pub fn seen(shown: Option<&ConnectionHttpParameters>) -> SeenHttpParameters {
    let Some(shown) = shown else {
        return SeenHttpParameters::default();
    };
    let entry = |key: &Option<String>, value: &Option<String>, secret: bool| {
        let value = match value {
            Some(value) if !secret => SeenHttpValue::Plain(value.clone()),
            _ => SeenHttpValue::Secret,
        };
        Some((key.clone()?, value))
    };
    SeenHttpParameters {
        header: without_inert(
            shown
                .header_parameters()
                .iter()
                .filter_map(|given| entry(&given.key, &given.value, given.is_value_secret)),
        ),
        query_string: without_inert(
            shown
                .query_string_parameters()
                .iter()
                .filter_map(|given| entry(&given.key, &given.value, given.is_value_secret)),
        ),
        body: without_inert(
            shown
                .body_parameters()
                .iter()
                .filter_map(|given| entry(&given.key, &given.value, given.is_value_secret)),
        ),
    }
}

/// A list that holds nothing but the inert entry counts as an empty one.
fn without_inert(list: impl Iterator<Item = (String, SeenHttpValue)>) -> BTreeMap<String, SeenHttpValue> {
    list.filter(|(name, _)| name != INERT_PARAMETER).collect()
}

/// Which lists an update sends, and how it clears one.
#[derive(Debug, Clone, Copy)]
pub struct Sending {
    /// All of them, whatever AWS shows.
    pub all: bool,
    /// Those with secrets too.
    pub secrets: bool,
    /// An empty list had no effect: what is to be cleared gets the inert entry.
    pub inert: bool,
}

impl HttpParameters {
    fn kinds<'a>(&'a self, seen: &'a SeenHttpParameters) -> [Kind<'a>; 3] {
        [
            ("header parameters", &self.header, &seen.header),
            ("query string parameters", &self.query_string, &seen.query_string),
            ("body parameters", &self.body, &seen.body),
        ]
    }

    /// The kinds that differ from what AWS shows, in words.
    pub fn differs(&self, seen: &SeenHttpParameters) -> Vec<&'static str> {
        let kinds = self.kinds(seen).into_iter();
        kinds
            .filter(|(_, want, seen)| differs(want, seen))
            .map(|(words, ..)| words)
            .collect()
    }

    /// Every secret.
    pub fn secrets(&self) -> impl Iterator<Item = &Secret> {
        let values = self
            .header
            .values()
            .chain(self.query_string.values())
            .chain(self.body.values());
        values.filter_map(|value| match value {
            HttpValue::Secret(secret) => secret.as_ref(),
            HttpValue::Plain(_) => None,
        })
    }

    /// Everything, as CreateConnection takes it; `None` where there is nothing.
    pub fn all(&self) -> Option<ConnectionHttpParameters> {
        let sending = Sending {
            all: false,
            secrets: false,
            inert: false,
        };
        self.changes(&SeenHttpParameters::default(), sending)
    }

    /// The lists that an update sends, each whole: those that differ, or all. `None` where that is none.
    pub fn changes(&self, seen: &SeenHttpParameters, sending: Sending) -> Option<ConnectionHttpParameters> {
        let [header, query_string, body] = self.kinds(seen).map(|(_, want, seen)| {
            let secret = want.values().any(|value| matches!(value, HttpValue::Secret(_)));
            let sent = differs(want, seen)
                || sending.all && !(want.is_empty() && seen.is_empty())
                || sending.secrets && secret;
            sent.then(|| entries(want, sending.inert))
        });
        if header.is_none() && query_string.is_none() && body.is_none() {
            return None;
        }
        let header = header.map(|all| {
            let header = |(key, value, secret): (String, String, bool)| {
                ConnectionHeaderParameter::builder()
                    .key(key)
                    .value(value)
                    .is_value_secret(secret)
                    .build()
            };
            all.into_iter().map(header).collect()
        });
        let query_string = query_string.map(|all| {
            let query = |(key, value, secret): (String, String, bool)| {
                ConnectionQueryStringParameter::builder()
                    .key(key)
                    .value(value)
                    .is_value_secret(secret)
                    .build()
            };
            all.into_iter().map(query).collect()
        });
        let body = body.map(|all| {
            let body = |(key, value, secret): (String, String, bool)| {
                ConnectionBodyParameter::builder()
                    .key(key)
                    .value(value)
                    .is_value_secret(secret)
                    .build()
            };
            all.into_iter().map(body).collect()
        });
        Some(
            ConnectionHttpParameters::builder()
                .set_header_parameters(header)
                .set_query_string_parameters(query_string)
                .set_body_parameters(body)
                .build(),
        )
    }
}

/// Name, value, and whether it is secret.
fn entries(want: &BTreeMap<String, HttpValue>, inert: bool) -> Vec<(String, String, bool)> {
    if want.is_empty() && inert {
        return vec![(INERT_PARAMETER.to_owned(), INERT_VALUE.to_owned(), false)];
    }
    let entry = |(name, value): (&String, &HttpValue)| {
        let (value, secret) = match value {
            HttpValue::Plain(value) => (value.clone().known(), false),
            HttpValue::Secret(secret) => (secret.as_ref().map(|secret| secret.expose().to_owned()), true),
        };
        (name.clone(), value.unwrap_or_default(), secret)
    };
    want.iter().map(entry).collect()
}

fn differs(want: &BTreeMap<String, HttpValue>, seen: &BTreeMap<String, SeenHttpValue>) -> bool {
    want.len() != seen.len()
        || want.iter().any(|(name, want)| match (want, seen.get(name)) {
            (HttpValue::Plain(want), Some(SeenHttpValue::Plain(seen))) => !want.is(seen),
            (HttpValue::Secret(_), Some(SeenHttpValue::Secret)) => false,
            _ => true,
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(value: &str) -> HttpValue {
        HttpValue::Plain(Fact::Known(value.into()))
    }

    fn only(sending: &str) -> Sending {
        Sending {
            all: sending == "all",
            secrets: sending == "secrets",
            inert: sending == "inert",
        }
    }

    #[test]
    fn a_list_is_sent_whole_exactly_when_it_differs_or_its_secrets_go() {
        let secret = HttpValue::Secret(Some(Secret::new("hunter2")));
        let want = HttpParameters {
            header: [("a".into(), plain("1")), ("key".into(), secret)].into(),
            query_string: [("q".into(), plain("1"))].into(),
            ..HttpParameters::default()
        };
        let shown = seen(want.all().as_ref());
        assert!(want.differs(&shown).is_empty() && want.changes(&shown, only("")).is_none());
        assert_eq!(shown.header["key"], SeenHttpValue::Secret);

        let secrets = want.changes(&shown, only("secrets")).unwrap();
        assert_eq!(
            (
                secrets.header_parameters().len(),
                secrets.query_string_parameters.is_some()
            ),
            (2, false)
        );
        assert!(
            want.changes(&shown, only("all"))
                .unwrap()
                .query_string_parameters
                .is_some()
        );

        let fewer = HttpParameters {
            header: want.header.clone(),
            ..HttpParameters::default()
        };
        assert_eq!(fewer.differs(&shown), ["query string parameters"]);
        let cleared = fewer.changes(&shown, only("")).unwrap();
        assert_eq!(cleared.query_string_parameters, Some(vec![]));
        assert_eq!(cleared.header_parameters, None);
    }

    #[test]
    fn what_cannot_be_cleared_gets_an_inert_entry_that_counts_as_none() {
        let shown = SeenHttpParameters {
            body: [("b".into(), SeenHttpValue::Secret)].into(),
            ..SeenHttpParameters::default()
        };
        let cleared = HttpParameters::default().changes(&shown, only("inert")).unwrap();
        assert_eq!(cleared.body_parameters()[0].key.as_deref(), Some(INERT_PARAMETER));
        assert_eq!(seen(Some(&cleared)), SeenHttpParameters::default());
    }
}
