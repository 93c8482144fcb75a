//! Which holders of a name were killed before their states recorded what they made.

use std::collections::BTreeSet;

use super::ComponentError;
use super::naming::Owner;
use super::tags::Tags;
use crate::aws::ErrorKind;
use crate::client::Aws;

/// The tag values of holders of the owner's name whose objects may be taken over: something of theirs bears the mark of a
/// run that has not ended, no resource configuration of theirs has lost it, and no create of this process is at work for
/// them.
///
/// The configuration's mark goes first when a run ends: a holder with a configuration that bears none is recorded, or its
/// connection is alive, and marks that it still has go with its next apply.
///
/// A listing that may not be made is left out: the search for each kind tells of it.
///
/// # Errors
/// Calls that fail otherwise.
pub async fn left_behind(aws: &Aws, owner: &Owner) -> Result<BTreeSet<String>, ComponentError> {
    let tags = Tags::new(aws);
    let (mut marked, mut signed_off) = (BTreeSet::new(), BTreeSet::new());
    let holder = |tags: &super::ObjectTags| {
        let value = tags.holder(owner.tag_key())?;
        owner.shares_name(value).then(|| value.clone())
    };
    for group in allowed(aws.listings.groups.all().await)?
        .iter()
        .flat_map(|all| all.iter())
    {
        let tags = super::ObjectTags::of(group.tags.clone());
        marked.extend(holder(&tags).filter(|_| tags.is_marked()));
    }
    for gateway in allowed(aws.listings.gateways.all().await)?
        .iter()
        .flat_map(|all| all.iter())
    {
        if owner.may_have_named(&gateway.name)
            && let Some(Some(tags)) = allowed_tags(tags.get(&gateway.arn).await)?
        {
            marked.extend(holder(&tags).filter(|_| tags.is_marked()));
        }
    }
    for configuration in allowed(aws.listings.configurations.all().await)?
        .iter()
        .flat_map(|all| all.iter())
    {
        if owner.may_have_named(&configuration.name)
            && let Some(Some(tags)) = allowed_tags(tags.get(&configuration.arn).await)?
            && let Some(holder) = holder(&tags)
        {
            if tags.is_marked() {
                marked.insert(holder);
            } else {
                signed_off.insert(holder);
            }
        }
    }
    marked.retain(|holder| !signed_off.contains(holder) && !aws.holders.is_held(holder));
    Ok(marked)
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
