//! Tags: those of VPC Lattice objects, which no Get and no List answers, and those of EC2.

use std::collections::{BTreeMap, HashMap};
use std::sync::Mutex;

use aws_sdk_ec2::types::Tag;
use reconcile::Id;

use crate::aws::{Api, Arn, Called as _};
use crate::client::Aws;
use crate::component::ComponentError;
use crate::component::naming::{Owner, own_tags, tag_changes};

/// Reads and changes tags, by ARN, and keeps what it has read for one run: while an object is waited for, it
/// is read many times and its tags but once.
pub struct Tags<'a> {
    aws: &'a Aws,
    kept: Mutex<HashMap<String, BTreeMap<String, String>>>,
}

impl<'a> Tags<'a> {
    pub fn new(aws: &'a Aws) -> Self {
        Self {
            aws,
            kept: Mutex::default(),
        }
    }

    /// The tags, without AWS's own; `None` where the object is gone.
    pub async fn get(&self, arn: &str) -> Result<Option<BTreeMap<String, String>>, ComponentError> {
        const API: Api = Api::new("vpc-lattice", "ListTagsForResource");
        if let Some(tags) = self.kept().get(arn) {
            return Ok(Some(tags.clone()));
        }
        let answer = self
            .aws
            .lattice
            .list_tags_for_resource()
            .resource_arn(arn)
            .send()
            .await;
        let Some(answer) = answer.found(API)? else {
            return Ok(None);
        };
        let tags = own_tags(answer.tags.unwrap_or_default());
        self.kept().insert(arn.to_owned(), tags.clone());
        Ok(Some(tags))
    }

    /// The tags of an object that may be another account's, which AWS does not show, whatever it answers: none then.
    pub async fn shown(&self, arn: &str) -> Result<Option<BTreeMap<String, String>>, ComponentError> {
        match self.get(arn).await {
            Ok(Some(tags)) => Ok(Some(tags)),
            Ok(None) | Err(_) if self.is_of_another_account(arn).await => Ok(Some(BTreeMap::new())),
            answer => answer,
        }
    }

    /// Whether the object bears the owner's tag. Listings hold what other accounts share, too; it may bear a name such
    /// as ours.
    pub async fn are_of(&self, arn: &str, owner: &Owner) -> Result<bool, ComponentError> {
        Ok(self.shown(arn).await?.is_some_and(|tags| owner.owns(&tags)))
    }

    async fn is_of_another_account(&self, arn: &str) -> bool {
        let caller = self.aws.caller().await;
        caller.is_ok_and(|own| Arn::parse(arn).is_some_and(|arn| arn.account != own.account))
    }

    /// Takes note of the tags that an object was just made with.
    pub fn remember(&self, arn: String, tags: BTreeMap<String, String>) {
        self.kept().insert(arn, tags);
    }

    /// Brings the tags from those `seen` to those wanted.
    pub async fn change(
        &self,
        arn: &str,
        want: &BTreeMap<String, String>,
        seen: &BTreeMap<String, String>,
    ) -> Result<(), ComponentError> {
        const TAG: Api = Api::new("vpc-lattice", "TagResource");
        const UNTAG: Api = Api::new("vpc-lattice", "UntagResource");
        let (write, remove) = tag_changes(want, seen);
        self.kept().remove(arn);
        if !write.is_empty() {
            let request = self.aws.lattice.tag_resource().resource_arn(arn);
            let request = request.set_tags(Some(write.into_iter().collect()));
            request.send().await.of(TAG)?;
        }
        if !remove.is_empty() {
            let request = self
                .aws
                .lattice
                .untag_resource()
                .resource_arn(arn)
                .set_tag_keys(Some(remove));
            request.send().await.of(UNTAG)?;
        }
        self.remember(arn.to_owned(), want.clone());
        Ok(())
    }

    fn kept(&self) -> std::sync::MutexGuard<'_, HashMap<String, BTreeMap<String, String>>> {
        self.kept
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

/// Tags as EC2 takes them.
pub fn ec2_tags(tags: &BTreeMap<String, String>) -> Vec<Tag> {
    tags.iter()
        .map(|(key, value)| Tag::builder().key(key).value(value).build())
        .collect()
}

/// Brings the tags of an EC2 object from those `seen` to those wanted.
pub async fn retag(
    aws: &Aws,
    id: &Id,
    want: &BTreeMap<String, String>,
    seen: &BTreeMap<String, String>,
) -> Result<(), ComponentError> {
    const CREATE: Api = Api::new("ec2", "CreateTags");
    const DELETE: Api = Api::new("ec2", "DeleteTags");
    let (write, remove) = tag_changes(want, seen);
    if !write.is_empty() {
        let request = aws.ec2.create_tags().resources(id.as_str());
        let answer = request.set_tags(Some(ec2_tags(&write))).send().await;
        answer.of(CREATE)?;
    }
    if !remove.is_empty() {
        let tags = remove.iter().map(|key| Tag::builder().key(key).build()).collect();
        let request = aws.ec2.delete_tags().resources(id.as_str());
        let answer = request.set_tags(Some(tags)).send().await;
        answer.of(DELETE)?;
    }
    Ok(())
}
