//! A resource as a state file keeps it.

/// One resource in a state file: what another version of the provider, or another provider, left there.
#[derive(Clone, Debug, PartialEq)]
pub struct Stored {
    pub(super) provider: String,
    pub(super) type_name: String,
    pub(super) version: i64,
    pub(super) state: serde_json::Value,
    /// The same state as it is written, which keeps the digits of large numbers.
    pub(super) json: Vec<u8>,
    pub(super) private: Vec<u8>,
    pub(super) identity: Option<(i64, serde_json::Value)>,
}

impl Stored {
    /// A resource of that provider (its source address) and type, with the version of the schema under which `state`
    /// was written.
    pub fn new(provider: &str, type_name: &str, version: i64, state: serde_json::Value) -> Self {
        Self {
            provider: provider.to_owned(),
            type_name: type_name.to_owned(),
            version,
            json: state.to_string().into_bytes(),
            state,
            private: Vec::new(),
            identity: None,
        }
    }

    /// The same with the state as a state file has it.
    pub(super) fn with_json(mut self, json: Vec<u8>) -> Self {
        self.state = serde_json::from_slice(&json).unwrap_or_default();
        self.json = json;
        self
    }

    /// The same with an identity, and the version of its schema.
    #[must_use]
    pub fn with_identity(mut self, version: i64, identity: serde_json::Value) -> Self {
        self.identity = Some((version, identity));
        self
    }

    /// The same with private data.
    #[must_use]
    pub fn with_private(mut self, private: impl Into<Vec<u8>>) -> Self {
        self.private = private.into();
        self
    }

    /// The state as JSON. Numbers of more than 64 bits lose digits here, and only here.
    pub fn state(&self) -> &serde_json::Value {
        &self.state
    }

    /// The identity as JSON, with the version of its schema.
    pub fn identity(&self) -> Option<(i64, &serde_json::Value)> {
        self.identity
            .as_ref()
            .map(|(version, identity)| (*version, identity))
    }
}
