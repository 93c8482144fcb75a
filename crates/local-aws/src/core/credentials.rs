//! The access keys that requests may be signed with.

use std::collections::BTreeMap;
use std::time::SystemTime;

use serde::{Deserialize, Serialize};

use crate::seed::Origin;

/// Who stands behind an access key.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct Key {
    pub(crate) secret: String,
    /// The session token that goes with a temporary key, and its end.
    pub(crate) session: Option<(String, SystemTime)>,
    pub(crate) arn: String,
    pub(crate) user_id: String,
}

#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct Credentials(BTreeMap<String, Key>);

impl Credentials {
    /// The one key that is always there: `local` with the secret `local`.
    pub(crate) fn new(origin: &Origin) -> Self {
        let key = Key {
            secret: "local".to_owned(),
            session: None,
            arn: origin.global_arn("iam", "user/local"),
            user_id: "AIDALOCALLOCALLOCALL".to_owned(),
        };
        Self(BTreeMap::from([("local".to_owned(), key)]))
    }

    pub(crate) fn get(&self, access_key: &str) -> Option<&Key> {
        self.0.get(access_key)
    }

    pub(crate) fn add(&mut self, access_key: String, key: Key) {
        self.0.insert(access_key, key);
    }
}
