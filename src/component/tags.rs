//! The tags of VPC Lattice objects, which no Get and no List answers.

use std::collections::{BTreeMap, HashMap};
use std::sync::Mutex;

use crate::aws::{Api, Aws, AwsError, ErrorKind};
use crate::component::ComponentError;
use crate::component::naming::{INVOCATION_TAG, own_tags, tag_changes};

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
        const API: Api = Api {
            service: "vpc-lattice",
            operation: "ListTagsForResource",
        };
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
        let answer = match answer.map_err(|error| AwsError::of(API, error)) {
            Err(error) if error.kind == ErrorKind::NotFound => return Ok(None),
            answer => answer?,
        };
        let tags = own_tags(answer.tags.unwrap_or_default());
        self.kept().insert(arn.to_owned(), tags.clone());
        Ok(Some(tags))
    }

    /// Whether the object bears the tag of this invocation.
    pub async fn are_ours(&self, arn: &str, invocation: &str) -> Result<bool, ComponentError> {
        let tags = self.get(arn).await?;
        Ok(tags.is_some_and(|tags| tags.get(INVOCATION_TAG).is_some_and(|name| name == invocation)))
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
        const TAG: Api = Api {
            service: "vpc-lattice",
            operation: "TagResource",
        };
        const UNTAG: Api = Api {
            service: "vpc-lattice",
            operation: "UntagResource",
        };
        let (write, remove) = tag_changes(want, seen);
        self.kept().remove(arn);
        if !write.is_empty() {
            let request = self.aws.lattice.tag_resource().resource_arn(arn);
            let request = request.set_tags(Some(write.into_iter().collect()));
            request.send().await.map_err(|error| AwsError::of(TAG, error))?;
        }
        if !remove.is_empty() {
            let request = self
                .aws
                .lattice
                .untag_resource()
                .resource_arn(arn)
                .set_tag_keys(Some(remove));
            request.send().await.map_err(|error| AwsError::of(UNTAG, error))?;
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
