//! HTTP parameters as the SDK has them: a type for each list, all of one shape.

use std::collections::BTreeMap;

use aws_sdk_eventbridge::types::{
    ConnectionBodyParameter, ConnectionHeaderParameter, ConnectionQueryStringParameter,
};

use super::SeenHttpValue;
use crate::component::reserved::{PARAMETER, PARAMETER_VALUE, is_parameter};

/// An entry of a list, as it is sent.
#[derive(Clone, Copy)]
pub struct Entry<'a> {
    pub name: &'a str,
    pub value: &'a str,
    pub secret: bool,
}

impl Entry<'_> {
    /// What stays of a list that EventBridge will not clear: an entry that says nothing.
    pub const INERT: Self = Entry {
        name: PARAMETER,
        value: PARAMETER_VALUE,
        secret: false,
    };
}

/// The SDK's type for the entries of one list.
pub trait Parameter {
    fn of(entry: Entry<'_>) -> Self;

    /// Name, value, and whether it is secret.
    fn shown(&self) -> (Option<&str>, Option<&str>, bool);
}

macro_rules! parameter {
    ($($type:ty),+) => {$(
        impl Parameter for $type {
            fn of(entry: Entry<'_>) -> Self {
                Self::builder().key(entry.name).value(entry.value).is_value_secret(entry.secret).build()
            }

            fn shown(&self) -> (Option<&str>, Option<&str>, bool) {
                (self.key(), self.value(), self.is_value_secret())
            }
        }
    )+};
}

parameter!(
    ConnectionHeaderParameter,
    ConnectionQueryStringParameter,
    ConnectionBodyParameter
);

/// A list for a request.
pub fn all<P: Parameter>(entries: Vec<Entry<'_>>) -> Vec<P> {
    entries.into_iter().map(P::of).collect()
}

/// What AWS shows of a list. One that holds nothing but the inert entry counts as an empty one.
pub fn shown<P: Parameter>(list: &[P]) -> BTreeMap<String, SeenHttpValue> {
    let entry = |(name, value, secret): (Option<&str>, Option<&str>, bool)| {
        let value = match value {
            Some(value) if !secret => SeenHttpValue::Plain(value.to_owned()),
            _ => SeenHttpValue::Secret,
        };
        Some((name?.to_owned(), value))
    };
    let shown = list.iter().filter_map(|parameter| entry(parameter.shown()));
    shown.filter(|(name, _)| !is_parameter(name)).collect()
}
