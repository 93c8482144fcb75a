//! Reads and changes tags: those of VPC Lattice objects, which no Get and no List answers, and those of EC2.

use std::collections::{BTreeMap, HashMap};
use std::sync::Mutex;

use aws_sdk_ec2::types::Tag;
use reconcile::Id;

use crate::aws::{Api, Arn, AwsError, Called as _};
use crate::client::Aws;
use crate::component::ComponentError;
use crate::component::marks::{self, RECORDED};
use crate::component::naming::{CREATING_TAG, Owner};
use crate::component::object_tags::{ObjectTags, TagChanges, UserTags};
use crate::lock::lock;

/// The tags of VPC Lattice objects, by ARN. What was read is kept for one run: while an object is waited for, it is read
/// many times and its tags but once.
pub struct Tags<'a> {
    aws: &'a Aws,
    kept: Mutex<HashMap<String, ObjectTags>>,
}

impl<'a> Tags<'a> {
    pub fn new(aws: &'a Aws) -> Self {
        Self {
            aws,
            kept: Mutex::default(),
        }
    }

    /// The tags; `None` where the object is gone. An object of another account has none that could be ours, so it is not
    /// asked for them.
    pub async fn get(&self, arn: &str) -> Result<Option<ObjectTags>, ComponentError> {
        const API: Api = Api::new("vpc-lattice", "ListTagsForResource");
        if let Some(tags) = lock(&self.kept).get(arn) {
            return Ok(Some(tags.clone()));
        }
        let account = Arn::parse(arn).map(|arn| arn.account);
        let own = self.aws.caller().await?;
        if account.is_some_and(|account| account != own.account) {
            return Ok(Some(ObjectTags::default()));
        }
        let request = self.aws.lattice.list_tags_for_resource().resource_arn(arn);
        let Some(answer) = request.send().await.found(API)? else {
            return Ok(None);
        };
        let tags = ObjectTags::of(answer.tags.unwrap_or_default());
        self.remember(arn, tags.clone());
        Ok(Some(tags))
    }

    /// Takes note of the tags that an object was just made with.
    pub fn remember(&self, arn: &str, tags: ObjectTags) {
        lock(&self.kept).insert(arn.to_owned(), tags);
    }

    /// Changes the user's tags of an object that bore the tags `seen`.
    pub async fn change(&self, arn: &str, changes: TagChanges, seen: &ObjectTags) -> Result<(), AwsError> {
        let mut now = seen.clone();
        now.user.retain(|key, _| !changes.remove.contains(key));
        now.user.extend(changes.write.clone());
        // An object has 50 tags at most: what goes makes room for what comes.
        self.remove(arn, changes.remove).await?;
        self.write(arn, changes.write).await?;
        self.remember(arn, now);
        Ok(())
    }

    /// Has the tag of an object name this owner.
    pub async fn claim(&self, arn: &str, owner: &Owner, seen: &ObjectTags) -> Result<(), AwsError> {
        if owner.owns(seen) {
            return Ok(());
        }
        let value = owner.tag_value();
        self.write(arn, BTreeMap::from([(owner.tag_key().to_owned(), value.clone())]))
            .await?;
        self.remember(arn, seen.clone().held(owner.tag_key(), value, seen.is_marked()));
        Ok(())
    }

    /// Takes the mark off an object of this owner. Where that fails, the mark says that a state records the object, so that
    /// nobody takes it for left behind.
    pub async fn unmark(&self, arn: &str, owner: &Owner, seen: &ObjectTags) -> Result<ObjectTags, AwsError> {
        self.claim(arn, owner, seen).await?;
        if let Err(refused) = self.remove(arn, vec![CREATING_TAG.to_owned()]).await {
            // What is told is why the mark stays.
            self.write(arn, recorded_mark()).await.ok();
            return Err(refused);
        }
        let now = seen.clone().held(owner.tag_key(), owner.tag_value(), false);
        self.remember(arn, now.clone());
        Ok(now)
    }

    /// Marks an object again.
    pub async fn mark_again(&self, arn: &str) -> Result<(), AwsError> {
        self.write(arn, new_mark()).await
    }

    async fn write(&self, arn: &str, tags: BTreeMap<String, String>) -> Result<(), AwsError> {
        if tags.is_empty() {
            return Ok(());
        }
        lock(&self.kept).remove(arn);
        let request = self.aws.lattice.tag_resource().resource_arn(arn);
        let request = request.set_tags(Some(tags.into_iter().collect()));
        request.send().await.of(Api::new("vpc-lattice", "TagResource"))?;
        Ok(())
    }

    async fn remove(&self, arn: &str, keys: Vec<String>) -> Result<(), AwsError> {
        if keys.is_empty() {
            return Ok(());
        }
        lock(&self.kept).remove(arn);
        let request = self.aws.lattice.untag_resource().resource_arn(arn);
        let request = request.set_tag_keys(Some(keys));
        request
            .send()
            .await
            .of(Api::new("vpc-lattice", "UntagResource"))?;
        Ok(())
    }
}

/// The tags that an object of this owner is made with, the mark of a run that has not ended among them.
///
/// # Errors
/// While the user's are not known, which a run never meets.
pub fn new(owner: &Owner, user: &UserTags) -> Result<BTreeMap<String, String>, ComponentError> {
    let user = user.wanted.as_ref().ok_or_else(|| ComponentError::NotKnown {
        what: "the tags".to_owned(),
    })?;
    Ok(owner.new_tags(user))
}

/// Tags as EC2 takes them.
pub fn ec2_tags(tags: &BTreeMap<String, String>) -> Vec<Tag> {
    let tag = |(key, value)| Tag::builder().key(key).value(value).build();
    tags.iter().map(tag).collect()
}

/// Tags as EC2 shows them.
pub fn of_ec2(tags: &[Tag]) -> ObjectTags {
    ObjectTags::of(
        tags.iter()
            .filter_map(|tag| Some((tag.key.clone()?, tag.value.clone()?))),
    )
}

/// Changes tags of an EC2 object. It has 50 at most, so that what goes makes room for what comes.
pub async fn change_ec2(aws: &Aws, id: &Id, changes: &TagChanges) -> Result<(), AwsError> {
    remove_ec2(aws, &[id], &changes.remove).await?;
    write_ec2(aws, &[id], &changes.write).await
}

/// Writes a tag that says nothing but its key to an EC2 object.
pub async fn note_ec2(aws: &Aws, id: &Id, key: String) -> Result<(), AwsError> {
    write_ec2(aws, &[id], &BTreeMap::from([(key, "true".to_owned())])).await
}

/// Removes that tag again.
pub async fn unnote_ec2(aws: &Aws, id: &Id, key: String) -> Result<(), AwsError> {
    remove_ec2(aws, &[id], &[key]).await
}

/// Has the tag of an EC2 object name this owner.
pub async fn claim_ec2(aws: &Aws, owner: &Owner, id: &Id, seen: &ObjectTags) -> Result<(), AwsError> {
    if owner.owns(seen) {
        return Ok(());
    }
    let tag = BTreeMap::from([(owner.tag_key().to_owned(), owner.tag_value())]);
    write_ec2(aws, &[id], &tag).await
}

/// Takes the marks off EC2 objects that are this owner's. Where that fails, they say that a state records the objects.
pub async fn unmark_ec2(aws: &Aws, ids: &[&Id]) -> Result<(), AwsError> {
    if let Err(refused) = remove_ec2(aws, ids, &[CREATING_TAG.to_owned()]).await {
        write_ec2(aws, ids, &recorded_mark()).await.ok();
        return Err(refused);
    }
    Ok(())
}

/// Marks EC2 objects again.
pub async fn mark_ec2_again(aws: &Aws, ids: &[&Id]) -> Result<(), AwsError> {
    write_ec2(aws, ids, &new_mark()).await
}

fn new_mark() -> BTreeMap<String, String> {
    BTreeMap::from([(CREATING_TAG.to_owned(), marks::begun())])
}

fn recorded_mark() -> BTreeMap<String, String> {
    BTreeMap::from([(CREATING_TAG.to_owned(), RECORDED.to_owned())])
}

async fn write_ec2(aws: &Aws, ids: &[&Id], tags: &BTreeMap<String, String>) -> Result<(), AwsError> {
    if tags.is_empty() {
        return Ok(());
    }
    let ids = ids.iter().map(ToString::to_string).collect();
    let request = aws.ec2.create_tags().set_resources(Some(ids));
    let answer = request.set_tags(Some(ec2_tags(tags))).send().await;
    answer.of(Api::new("ec2", "CreateTags"))?;
    Ok(())
}

async fn remove_ec2(aws: &Aws, ids: &[&Id], keys: &[String]) -> Result<(), AwsError> {
    if keys.is_empty() {
        return Ok(());
    }
    let ids = ids.iter().map(ToString::to_string).collect();
    let keys = keys.iter().map(|key| Tag::builder().key(key).build()).collect();
    let request = aws.ec2.delete_tags().set_resources(Some(ids));
    request
        .set_tags(Some(keys))
        .send()
        .await
        .of(Api::new("ec2", "DeleteTags"))?;
    Ok(())
}
