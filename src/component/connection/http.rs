//! The HTTP parameters of a connection, of its calls and of its requests for tokens: what is wanted, what AWS shows,
//! and which lists an update sends.

mod request;

use std::collections::BTreeMap;

use aws_sdk_eventbridge::types::ConnectionHttpParameters;
use reconcile::Fact;
use serde::{Deserialize, Serialize};

use super::{Credential, Secret};
use crate::component::ComponentError;
use request::Entry;

/// One thing for each of the three lists of parameters.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lists<T> {
    pub header: T,
    pub query_string: T,
    pub body: T,
}

/// HTTP parameters by list and name.
pub type HttpParameters = Lists<BTreeMap<String, HttpValue>>;

/// What AWS shows of HTTP parameters.
pub type SeenHttpParameters = Lists<BTreeMap<String, SeenHttpValue>>;

/// A value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HttpValue {
    Plain(Fact<String>),
    Secret(Credential),
}

/// What AWS shows of a value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SeenHttpValue {
    Plain(String),
    Secret,
}

/// One of the three lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum List {
    Header,
    QueryString,
    Body,
}

impl List {
    pub const ALL: Lists<Self> = Lists {
        header: Self::Header,
        query_string: Self::QueryString,
        body: Self::Body,
    };

    /// The argument that gives it.
    pub fn argument(self) -> &'static str {
        match self {
            Self::Header => "header",
            Self::QueryString => "query_string",
            Self::Body => "body",
        }
    }

    fn words(self) -> &'static str {
        match self {
            Self::Header => "header parameters",
            Self::QueryString => "query string parameters",
            Self::Body => "body parameters",
        }
    }

    /// Whether two names mean one parameter: case does not matter in the name of a header (RFC 9110, 5.1).
    pub fn same_name(self, one: &str, other: &str) -> bool {
        match self {
            Self::Header => one.eq_ignore_ascii_case(other),
            Self::QueryString | Self::Body => one == other,
        }
    }

    /// Whether two values are one: white space around the value of a header is no part of it (RFC 9110, 5.5).
    pub fn same_value(self, one: &str, other: &str) -> bool {
        let blank = [' ', '\t'];
        match self {
            Self::Header => one.trim_matches(blank) == other.trim_matches(blank),
            Self::QueryString | Self::Body => one == other,
        }
    }

    /// The entry of that name, with the name as it is spelt there.
    pub fn entry<'m, V>(self, entries: &'m BTreeMap<String, V>, name: &str) -> Option<(&'m String, &'m V)> {
        entries.iter().find(|(other, _)| self.same_name(other, name))
    }

    fn differs(self, want: &BTreeMap<String, HttpValue>, seen: &BTreeMap<String, SeenHttpValue>) -> bool {
        want.len() != seen.len()
            || want
                .iter()
                .any(|(name, want)| match (want, self.entry(seen, name)) {
                    (HttpValue::Plain(Fact::Known(want)), Some((_, SeenHttpValue::Plain(seen)))) => {
                        !self.same_value(want, seen)
                    }
                    (HttpValue::Secret(_), Some((_, SeenHttpValue::Secret))) => false,
                    _ => true,
                })
    }
}

impl<T> Lists<T> {
    /// The same for every list.
    pub fn of(each: T) -> Self
    where
        T: Clone,
    {
        Self {
            header: each.clone(),
            query_string: each.clone(),
            body: each,
        }
    }

    pub fn as_ref(&self) -> Lists<&T> {
        Lists {
            header: &self.header,
            query_string: &self.query_string,
            body: &self.body,
        }
    }

    pub fn as_mut(&mut self) -> Lists<&mut T> {
        Lists {
            header: &mut self.header,
            query_string: &mut self.query_string,
            body: &mut self.body,
        }
    }

    pub fn map<U>(self, mut each: impl FnMut(T) -> U) -> Lists<U> {
        Lists {
            header: each(self.header),
            query_string: each(self.query_string),
            body: each(self.body),
        }
    }

    pub fn zip<U>(self, other: Lists<U>) -> Lists<(T, U)> {
        Lists {
            header: (self.header, other.header),
            query_string: (self.query_string, other.query_string),
            body: (self.body, other.body),
        }
    }
}

impl<T> IntoIterator for Lists<T> {
    type Item = T;
    type IntoIter = std::array::IntoIter<T, 3>;

    fn into_iter(self) -> Self::IntoIter {
        [self.header, self.query_string, self.body].into_iter()
    }
}

impl<T> Lists<Option<T>> {
    /// All of them, if there are.
    pub fn transpose(self) -> Option<Lists<T>> {
        Some(Lists {
            header: self.header?,
            query_string: self.query_string?,
            body: self.body?,
        })
    }
}

impl Lists<bool> {
    pub fn any(self) -> bool {
        self.into_iter().any(|one| one)
    }

    /// Those of either.
    pub fn or(self, other: Self) -> Self {
        self.zip(other).map(|(one, other)| one || other)
    }
}

/// Reads what AWS shows.
pub fn seen(shown: Option<&ConnectionHttpParameters>) -> SeenHttpParameters {
    let Some(shown) = shown else {
        return SeenHttpParameters::default();
    };
    Lists {
        header: request::shown(shown.header_parameters()),
        query_string: request::shown(shown.query_string_parameters()),
        body: request::shown(shown.body_parameters()),
    }
}

/// Which lists an update sends, and how it clears one.
#[derive(Debug, Clone, Copy)]
pub struct Sending {
    /// All of them, whatever AWS shows; but for those that can be left as they are and hold a secret that is not known.
    pub all: bool,
    /// Those whose secrets are sent although AWS shows no difference.
    pub secrets: Lists<bool>,
    /// An empty list had no effect: what is to be cleared gets an entry that says nothing.
    pub inert: bool,
}

impl Lists<BTreeMap<String, HttpValue>> {
    /// The lists that differ from what AWS shows, in words.
    pub fn differs(&self, seen: &SeenHttpParameters) -> Vec<&'static str> {
        let lists = List::ALL.zip(self.as_ref().zip(seen.as_ref())).into_iter();
        lists
            .filter(|(list, (want, seen))| list.differs(want, seen))
            .map(|(list, _)| list.words())
            .collect()
    }

    /// Every secret.
    pub fn credentials(&self) -> impl Iterator<Item = &Credential> {
        self.as_ref().into_iter().flat_map(credentials)
    }

    /// Every secret that is known.
    pub fn secrets(&self) -> impl Iterator<Item = &Secret> {
        self.credentials().filter_map(Credential::known)
    }

    /// Everything, as CreateConnection takes it; `None` where there is nothing.
    ///
    /// # Errors
    /// [`ComponentError::NotKnown`]
    pub fn all(&self) -> Result<Option<ConnectionHttpParameters>, ComponentError> {
        let sending = Sending {
            all: false,
            secrets: Lists::of(false),
            inert: false,
        };
        self.changes(&SeenHttpParameters::default(), sending)
    }

    /// Which lists have a secret.
    pub fn have_secrets(&self) -> Lists<bool> {
        self.as_ref().map(|list| credentials(list).next().is_some())
    }

    /// The lists that an update sends, each whole. `None` where that is none.
    ///
    /// # Errors
    /// [`ComponentError::NotKnown`]
    pub fn changes(
        &self,
        seen: &SeenHttpParameters,
        sending: Sending,
    ) -> Result<Option<ConnectionHttpParameters>, ComponentError> {
        let lists = List::ALL
            .zip(self.as_ref().zip(seen.as_ref()))
            .zip(sending.secrets);
        let lists = lists.map(|((list, (want, seen)), secrets)| {
            let known = credentials(want).all(Credential::is_known);
            let secret = credentials(want).next().is_some();
            let anything = !(want.is_empty() && seen.is_empty());
            let sent = list.differs(want, seen) || secrets && secret || sending.all && anything && known;
            sent.then(|| entries(list, want, sending.inert)).transpose()
        });
        let (header, query_string, body) = (lists.header?, lists.query_string?, lists.body?);
        if header.is_none() && query_string.is_none() && body.is_none() {
            return Ok(None);
        }
        let request = ConnectionHttpParameters::builder()
            .set_header_parameters(header.map(request::all))
            .set_query_string_parameters(query_string.map(request::all))
            .set_body_parameters(body.map(request::all));
        Ok(Some(request.build()))
    }
}

fn credentials(list: &BTreeMap<String, HttpValue>) -> impl Iterator<Item = &Credential> {
    list.values().filter_map(|value| match value {
        HttpValue::Secret(credential) => Some(credential),
        HttpValue::Plain(_) => None,
    })
}

/// The entries of one list.
fn entries(
    list: List,
    want: &BTreeMap<String, HttpValue>,
    inert: bool,
) -> Result<Vec<Entry<'_>>, ComponentError> {
    if want.is_empty() && inert {
        return Ok(vec![Entry::INERT]);
    }
    want.iter()
        .map(|(name, value)| entry(list, name, value))
        .collect()
}

fn entry<'w>(list: List, name: &'w str, value: &'w HttpValue) -> Result<Entry<'w>, ComponentError> {
    let what = || format!("{name} of the {}", list.words());
    let (value, secret) = match value {
        HttpValue::Plain(Fact::Known(value)) => (value.as_str(), false),
        HttpValue::Plain(Fact::Later | Fact::Absent) => {
            return Err(ComponentError::NotKnown { what: what() });
        }
        HttpValue::Secret(credential) => (credential.to_send(what)?, true),
    };
    Ok(Entry { name, value, secret })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::component::reserved::PARAMETER;

    fn plain(value: &str) -> HttpValue {
        HttpValue::Plain(Fact::Known(value.into()))
    }

    fn secret() -> HttpValue {
        HttpValue::Secret(Credential::Known(Secret::new("hunter2")))
    }

    const DIFFERENCES: Sending = Sending {
        all: false,
        secrets: Lists {
            header: false,
            query_string: false,
            body: false,
        },
        inert: false,
    };
    const ALL: Sending = Sending {
        all: true,
        ..DIFFERENCES
    };

    fn header_secrets() -> Sending {
        let secrets = Lists {
            header: true,
            ..Lists::default()
        };
        Sending {
            secrets,
            ..DIFFERENCES
        }
    }

    #[test]
    fn a_list_is_sent_whole_exactly_when_it_differs_or_its_secrets_go() {
        let want = HttpParameters {
            header: [("a".into(), plain("1")), ("key".into(), secret())].into(),
            query_string: [("q".into(), plain("1"))].into(),
            ..HttpParameters::default()
        };
        let shown = seen(want.all().expect("all is known").as_ref());
        assert!(want.differs(&shown).is_empty());
        assert_eq!(want.changes(&shown, DIFFERENCES).expect("nothing is sent"), None);
        assert_eq!(shown.header["key"], SeenHttpValue::Secret);

        let secrets = want
            .changes(&shown, header_secrets())
            .expect("known")
            .expect("some");
        assert_eq!(secrets.header_parameters().len(), 2);
        assert_eq!(secrets.query_string_parameters, None);
        let all = want.changes(&shown, ALL).expect("known").expect("some");
        assert!(all.query_string_parameters.is_some());

        let fewer = HttpParameters {
            header: want.header.clone(),
            ..HttpParameters::default()
        };
        assert_eq!(fewer.differs(&shown), ["query string parameters"]);
        let cleared = fewer.changes(&shown, DIFFERENCES).expect("known").expect("some");
        assert_eq!(cleared.query_string_parameters, Some(vec![]));
        assert_eq!(cleared.header_parameters, None);
    }

    #[test]
    fn what_cannot_be_cleared_gets_an_inert_entry_that_counts_as_none() {
        let shown = SeenHttpParameters {
            body: [("b".into(), SeenHttpValue::Secret)].into(),
            ..SeenHttpParameters::default()
        };
        let inert = Sending {
            inert: true,
            ..DIFFERENCES
        };
        let cleared = HttpParameters::default()
            .changes(&shown, inert)
            .expect("known")
            .expect("some");
        assert_eq!(cleared.body_parameters()[0].key.as_deref(), Some(PARAMETER));
        assert_eq!(seen(Some(&cleared)), SeenHttpParameters::default());
    }

    #[test]
    fn a_list_whose_secret_is_not_known_stays_as_it_is_or_is_an_error_and_is_never_sent_without_it() {
        let known = HttpParameters {
            header: [("key".into(), secret())].into(),
            ..HttpParameters::default()
        };
        let shown = seen(known.all().expect("all is known").as_ref());
        let want = HttpParameters {
            header: [("key".into(), HttpValue::Secret(Credential::NotKnown))].into(),
            ..HttpParameters::default()
        };
        assert!(want.differs(&shown).is_empty());
        assert_eq!(want.changes(&shown, DIFFERENCES).expect("nothing is sent"), None);
        assert_eq!(want.changes(&shown, ALL).expect("nothing is sent"), None);
        for refused in [
            want.all(),
            want.changes(&shown, header_secrets()),
            want.changes(&SeenHttpParameters::default(), DIFFERENCES),
        ] {
            assert!(
                matches!(refused, Err(ComponentError::NotKnown { .. })),
                "{refused:?}"
            );
        }
    }

    #[test]
    fn headers_are_compared_without_the_case_of_their_names_and_the_blanks_around_their_values() {
        let shown = |name: &str, value: &str| -> BTreeMap<_, _> {
            [(name.to_owned(), SeenHttpValue::Plain(value.to_owned()))].into()
        };
        let want: BTreeMap<_, _> = [("X-Shop".to_owned(), plain(" one"))].into();
        let cases = [
            ("x-shop", "one", true),
            ("x-shop", "two", false),
            ("shop", "one", false),
        ];
        for (name, value, same) in cases {
            assert_eq!(
                List::Header.differs(&want, &shown(name, value)),
                !same,
                "{name}: {value}"
            );
        }
        assert!(List::QueryString.differs(&want, &shown("x-shop", " one")));
        assert!(List::Body.differs(&want, &shown("X-Shop", "one")));
    }
}
