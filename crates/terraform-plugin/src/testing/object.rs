//! What core keeps of one object.

use crate::value::Value;

/// State, private data, identity and mark of one object; none where the state is null.
#[derive(Clone, Debug)]
pub(super) struct Object {
    pub(super) state: Value,
    pub(super) private: Vec<u8>,
    pub(super) identity: Value,
    pub(super) tainted: bool,
}

impl Object {
    /// No object.
    pub(super) const NONE: Self = Self {
        state: Value::Null,
        private: Vec::new(),
        identity: Value::Null,
        tainted: false,
    };

    pub(super) fn is_none(&self) -> bool {
        self.state.is_null()
    }

    /// What is left when the provider dies in the middle of a change.
    pub(super) fn after_kill(&self) -> Self {
        Self {
            state: self.state.clone(),
            tainted: self.tainted,
            ..Self::NONE
        }
    }
}
