//! What a killed create of a `private_api_path` left: a path has no connection whose name would tell.

use std::collections::{BTreeMap, BTreeSet};

use super::ComponentError;
use super::naming::{CREATING_TAG, OWNER_TAGS, Owner, PATH_TAG};
use super::tags::Tags;
use crate::aws::ErrorKind;
use crate::client::Aws;

/// The instance that a killed create of a path of that name has chosen: one whose objects have no configuration, or one
/// that still bears the mark of a create. Others of the name are alive: while one path replaces another, both stand.
pub async fn leftover_instance(aws: &Aws, name: &str) -> Result<Option<String>, ComponentError> {
    let any = Owner::path(name, "", None);
    let tags = Tags::new(aws);
    let mut seen: BTreeMap<String, BTreeSet<&str>> = BTreeMap::new();
    let instance = |tags: &BTreeMap<String, String>| {
        let (of, instance) = tags.get(PATH_TAG)?.rsplit_once('/')?;
        (of == name).then(|| instance.to_owned())
    };
    match aws.listings.groups(&OWNER_TAGS).await {
        Ok(groups) => {
            for found in groups.iter().filter_map(|group| instance(&group.tags)) {
                seen.entry(found).or_default();
            }
        }
        Err(error) if error.kind == ErrorKind::AccessDenied => return Ok(None),
        Err(error) => return Err(error.into()),
    }
    for gateway in aws
        .listings
        .gateways()
        .await?
        .iter()
        .filter(|one| any.may_have_named(&one.name))
    {
        if let Some(found) = tags.get(&gateway.arn).await?.as_ref().and_then(instance) {
            seen.entry(found).or_default();
        }
    }
    for configuration in aws
        .listings
        .configurations()
        .await?
        .iter()
        .filter(|one| any.may_have_named(&one.name))
    {
        let Some(tags) = tags.get(&configuration.arn).await? else {
            continue;
        };
        if let Some(found) = instance(&tags) {
            let state = if tags.contains_key(CREATING_TAG) {
                "creating"
            } else {
                "alive"
            };
            seen.entry(found).or_default().insert(state);
        }
    }
    let left = seen.into_iter().find(|(_, states)| !states.contains("alive"));
    Ok(left.map(|(instance, _)| instance))
}
