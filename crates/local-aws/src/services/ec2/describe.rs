//! What every Describe call has in common: ids, filters, pages.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::{Kind, State, dry_run, items, required, text, texts};
use crate::core::error::{Answer, ApiError};
use crate::core::page::{self, Page};
use crate::core::tags::Tags;
use crate::core::wildcard;
use crate::core::world::World;
use crate::wire::Reply;

/// A type of object that can be described.
pub(crate) trait Described {
    const KIND: Kind;
    /// The list of ids in a request.
    const IDS: &'static str;
    /// The list in an answer.
    const SET: &'static str;
    /// Filters beside `tag:…` and `tag-key`.
    const FILTERS: &'static [&'static str];

    /// Filters whose values have to be ids; what is none is refused, as recorded of rules.
    const ID_FILTERS: &'static [(&'static str, Kind)] = &[];

    fn tags(&self) -> &Tags;
    /// The values that a filter of [`Self::FILTERS`] compares with.
    fn values(&self, filter: &str, ec2: &State) -> Vec<String>;
    /// As it is shown, by the members of the model.
    fn json(&self, world: &World) -> Value;
}

/// One filter: any of the values will do.
pub(crate) struct Filter {
    pub(crate) name: String,
    pub(crate) values: Vec<String>,
}

impl Filter {
    pub(crate) fn all(input: &Value, known: &[&str]) -> Answer<Vec<Self>> {
        let mut filters = Vec::new();
        for filter in items(input, "Filters") {
            let name = required(filter, "Name")?.to_owned();
            let values: Vec<String> = texts(filter, "Values").into_iter().map(str::to_owned).collect();
            if !known.contains(&name.as_str()) && name != "tag-key" && !name.starts_with("tag:") {
                return Err(ApiError::new(
                    "InvalidParameterValue",
                    format!("The filter '{name}' is invalid"),
                ));
            }
            if values.is_empty() {
                return Err(ApiError::new(
                    "InvalidParameterValue",
                    format!("The filter '{name}' must have at least one value"),
                ));
            }
            filters.push(Self { name, values });
        }
        Ok(filters)
    }

    pub(crate) fn admits(&self, tags: &Tags, values: impl FnOnce(&str) -> Vec<String>) -> bool {
        let having: Vec<String> = if self.name == "tag-key" {
            tags.keys().cloned().collect()
        } else if let Some(key) = self.name.strip_prefix("tag:") {
            tags.get(key).cloned().into_iter().collect()
        } else {
            values(&self.name)
        };
        self.values
            .iter()
            .map(|pattern| wildcard::tokens(pattern, true))
            .any(|pattern| having.iter().any(|value| wildcard::matches(&pattern, value)))
    }
}

pub(crate) fn describe<T: Described>(
    world: &mut World,
    input: &Value,
    all: fn(&State) -> &BTreeMap<String, T>,
) -> Answer<Reply> {
    let ids = texts(input, T::IDS);
    for id in &ids {
        T::KIND.find(all(world.ec2()), id)?;
        if world.fresh.misses(id) {
            return Err(T::KIND.not_found(id));
        }
    }
    let unlisted = if ids.is_empty() {
        world.fresh.unlisted(T::KIND.prefix)
    } else {
        BTreeSet::new()
    };
    let world = &*world;
    let map = all(world.ec2());
    let filters = Filter::all(input, T::FILTERS)?;
    for (name, kind) in T::ID_FILTERS {
        let ids = filters.iter().filter(|filter| filter.name == *name);
        for id in ids.flat_map(|filter| &filter.values) {
            kind.check(id).map_err(|error| {
                ApiError::new(error.code, format!("The {} ID '{id}' is malformed", kind.noun))
            })?;
        }
    }
    let found = map.iter().filter(|(id, item)| {
        (ids.is_empty() || ids.contains(&id.as_str()))
            && !unlisted.contains(*id)
            && filters
                .iter()
                .all(|filter| filter.admits(item.tags(), |name| item.values(name, world.ec2())))
    });
    let (page, next) = page(input, found, !ids.is_empty())?;
    dry_run(input)?;
    let mut body = json!({ "NextToken": next });
    // Moved, where the macro would copy it.
    body[T::SET] = page.into_iter().map(|item| item.json(world)).collect();
    Ok(Reply::json(body))
}

/// Cuts one page out of items that are sorted by their keys.
pub(crate) fn page<'k, T>(
    input: &Value,
    items: impl Iterator<Item = (&'k String, T)>,
    by_id: bool,
) -> Answer<Page<T>> {
    let limit = match input["MaxResults"].as_i64() {
        Some(_) if by_id => {
            return Err(ApiError::new(
                "InvalidParameterCombination",
                "The parameter MaxResults cannot be used with a list of ids",
            ));
        }
        Some(limit) => usize::try_from(limit).ok().filter(|limit| (5..=1000).contains(limit)).ok_or_else(|| {
            ApiError::new(
                "InvalidParameterValue",
                format!("Value ( {limit} ) for parameter maxResults is invalid. Expecting a value between 5 and 1000."),
            )
        })?,
        None => 1000,
    };
    let token = text(input, "NextToken");
    page::cut(items, token, limit).map_err(|_| {
        ApiError::new(
            "InvalidNextToken",
            "The specified nextToken value is incorrect or malformed",
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_end_where_the_next_begins() {
        let items: BTreeMap<String, u8> = (b'a'..=b'h')
            .map(|letter| (char::from(letter).to_string(), letter))
            .collect();
        let (first, token) = page(&json!({ "MaxResults": 5 }), items.iter(), false).unwrap();
        assert_eq!(first.len(), 5);
        let next = json!({ "MaxResults": 5, "NextToken": token });
        let (second, token) = page(&next, items.iter(), false).unwrap();
        assert_eq!((second, token), (vec![&b'f', &b'g', &b'h'], None));
        assert_eq!(
            page(&json!({ "MaxResults": 4 }), items.iter(), false)
                .unwrap_err()
                .code,
            "InvalidParameterValue"
        );
        assert_eq!(
            page(&json!({ "NextToken": "zz" }), items.iter(), false)
                .unwrap_err()
                .code,
            "InvalidNextToken"
        );
    }
}
