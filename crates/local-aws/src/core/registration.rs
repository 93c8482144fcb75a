//! What the world has to know of a service, or of whatever else keeps something in it.

use crate::core::states::Kept;

/// What registers with the world.
pub(crate) struct Registration {
    /// What it keeps.
    pub(crate) kept: Option<Kept>,
}
