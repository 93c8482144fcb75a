//! Prefix lists of AWS: those of the services that gateway endpoints lead to. Their blocks are made up (RFC 5737).

use serde_json::{Value, json};

use super::describe::{Filter, page};
use super::{dry_run, texts};
use crate::core::error::{Answer, ApiError};
use crate::core::tags::Tags;
use crate::core::world::World;
use crate::wire::Reply;

pub(super) struct PrefixList {
    service: &'static str,
    pub(super) id: &'static str,
    block: &'static str,
}

const LISTS: [PrefixList; 2] = [
    PrefixList {
        service: "dynamodb",
        id: "pl-02cd2c6b",
        block: "198.51.100.0/25",
    },
    PrefixList {
        service: "s3",
        id: "pl-63a5400a",
        block: "198.51.100.128/25",
    },
];

/// The list of a service, by its full name.
pub(super) fn of_service(name: &str) -> Option<&'static PrefixList> {
    let service = name.rsplit('.').next()?;
    LISTS.iter().find(|list| list.service == service)
}

pub(super) fn describe(world: &World, input: &Value) -> Answer<Reply> {
    let ids = texts(input, "PrefixListIds");
    if let Some(id) = ids.iter().find(|id| !LISTS.iter().any(|list| list.id == **id)) {
        return Err(ApiError::new(
            "InvalidPrefixListId.NotFound",
            format!("The prefix list ID '{id}' does not exist"),
        ));
    }
    let filters = Filter::all(input, &["prefix-list-id", "prefix-list-name"])?;
    let named = LISTS.iter().map(|list| {
        let name = format!("com.amazonaws.{}.{}", world.origin.region, list.service);
        (name, list)
    });
    let named: Vec<_> = named.collect();
    let wanted = named.iter().filter(|(name, list)| {
        let value = |filter: &str| match filter {
            "prefix-list-id" => vec![list.id.to_owned()],
            _ => vec![name.clone()],
        };
        (ids.is_empty() || ids.contains(&list.id))
            && filters.iter().all(|filter| filter.admits(&Tags::new(), value))
    });
    let (page, next) = page(input, wanted.map(|one| (&one.0, one)), !ids.is_empty())?;
    dry_run(input)?;
    let page = page.into_iter();
    let page = page.map(
        |(name, list)| json!({ "PrefixListId": list.id, "PrefixListName": name, "Cidrs": [list.block] }),
    );
    Ok(Reply::json(
        json!({ "PrefixLists": page.collect::<Value>(), "NextToken": next }),
    ))
}
