//! Which holders of a name were killed before their states recorded what they made, and which others there are.

use std::collections::{BTreeMap, BTreeSet};

use super::ComponentError;
use super::naming::Owner;
use super::tags::Tags;
use crate::aws::ErrorKind;
use crate::client::Aws;

/// The tag values of holders of the owner's name whose objects may be taken over: something of theirs bears the mark of a
/// run that has not ended, nothing of theirs has lost it, and no create of this process is at work for them.
///
/// Marks go when a run ends: a holder with an object that bears none is recorded, and marks that it still has go with its
/// next apply. The `leftovers` command goes by the same.
///
/// A listing that may not be made is left out: the search for each kind tells of it.
///
/// # Errors
/// Calls that fail otherwise.
pub async fn left_behind(aws: &Aws, owner: &Owner) -> Result<BTreeSet<String>, ComponentError> {
    let tags = Tags::new(aws);
    let (mut marked, mut signed_off) = (BTreeSet::new(), BTreeSet::new());
    let mut sort = |tags: &super::ObjectTags| {
        let holder = tags.holder(owner.tag_key());
        if let Some(holder) = holder.filter(|holder| owner.shares_name(holder)) {
            let kind = if tags.is_marked() {
                &mut marked
            } else {
                &mut signed_off
            };
            kind.insert(holder.clone());
        }
    };
    for group in allowed(aws.listings.groups.all().await)?
        .iter()
        .flat_map(|all| all.iter())
    {
        sort(&super::ObjectTags::of(group.tags.clone()));
    }
    for gateway in allowed(aws.listings.gateways.all().await)?
        .iter()
        .flat_map(|all| all.iter())
    {
        if owner.may_have_named(&gateway.name)
            && let Some(Some(tags)) = allowed_tags(tags.get(&gateway.arn).await)?
        {
            sort(&tags);
        }
    }
    for configuration in allowed(aws.listings.configurations.all().await)?
        .iter()
        .flat_map(|all| all.iter())
    {
        if owner.may_have_named(&configuration.name)
            && let Some(Some(tags)) = allowed_tags(tags.get(&configuration.arn).await)?
        {
            sort(&tags);
        }
    }
    marked.retain(|holder| !signed_off.contains(holder) && !aws.holders.is_held(holder));
    Ok(marked)
}

/// Resource configurations of other holders of the owner's name, by the holders' tag values: those that bear no mark, which a
/// create would take over, and that no resource of this process records. Where they may not be listed there are none.
///
/// # Errors
/// Calls that fail otherwise.
pub async fn namesakes(aws: &Aws, owner: &Owner) -> Result<BTreeMap<String, Vec<String>>, ComponentError> {
    let Some(listed) = allowed(aws.listings.configurations.all().await)? else {
        return Ok(BTreeMap::new());
    };
    let tags = Tags::new(aws);
    let mut found = BTreeMap::<String, Vec<String>>::new();
    for configuration in listed.iter().filter(|one| owner.may_have_named(&one.name)) {
        let seen = allowed_tags(tags.get(&configuration.arn).await)?.flatten();
        let holder = seen.as_ref().filter(|seen| !seen.is_marked());
        let holder = holder.and_then(|seen| seen.holder(owner.tag_key()));
        if let Some(holder) =
            holder.filter(|holder| owner.shares_name(holder) && !aws.recorded.is_held(holder))
        {
            found
                .entry(holder.clone())
                .or_default()
                .push(configuration.id.clone());
        }
    }
    Ok(found)
}

fn allowed<T>(answer: Result<T, crate::aws::AwsError>) -> Result<Option<T>, ComponentError> {
    match answer {
        Err(error) if error.kind == ErrorKind::AccessDenied => Ok(None),
        answer => Ok(Some(answer?)),
    }
}

fn allowed_tags<T>(answer: Result<T, ComponentError>) -> Result<Option<T>, ComponentError> {
    match answer {
        Err(ComponentError::Aws(error)) if error.kind == ErrorKind::AccessDenied => Ok(None),
        answer => answer.map(Some),
    }
}
