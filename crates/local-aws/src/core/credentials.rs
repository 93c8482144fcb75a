//! The access keys that requests may be signed with.

use std::collections::{BTreeMap, BTreeSet};
use std::time::SystemTime;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::core::policy::{Judgement, Policy, Request};
use crate::seed::Origin;

/// Who stands behind an access key.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct Key {
    pub(crate) secret: String,
    /// The session token that goes with a temporary key, and its end.
    pub(crate) session: Option<(String, SystemTime)>,
    pub(crate) arn: String,
    pub(crate) user_id: String,
    /// What the session may do at most.
    #[serde(default)]
    pub(crate) session_policy: Option<Value>,
    /// The keys of its tags that its own sessions have too, in small letters.
    #[serde(default)]
    pub(crate) transitive_tags: BTreeSet<String>,
}

impl Key {
    /// Whether the session may not do something. Only actions are judged: policies of sessions are about `*` here.
    pub(crate) fn denies(&self, action: &str) -> bool {
        let policy = self.session_policy.as_ref().map(Policy::of_session);
        let request = Request {
            action: action.to_owned(),
            ..Request::default()
        };
        // One that cannot be read was refused when the session was made.
        policy.is_some_and(|policy| policy.is_ok_and(|policy| policy.judge(&request) != Judgement::Allowed))
    }
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
            session_policy: None,
            transitive_tags: BTreeSet::new(),
        };
        Self(BTreeMap::from([("local".to_owned(), key)]))
    }

    pub(crate) fn get(&self, access_key: &str) -> Option<&Key> {
        self.0.get(access_key)
    }

    /// The first of some actions that the holder of an access key may not do.
    pub(crate) fn denied<'a>(&self, access_key: &str, actions: &'a [String]) -> Option<&'a str> {
        let key = self.get(access_key)?;
        let mut actions = actions.iter();
        actions.find(|action| key.denies(action)).map(String::as_str)
    }

    pub(crate) fn add(&mut self, access_key: String, key: Key) {
        self.0.insert(access_key, key);
    }
}
