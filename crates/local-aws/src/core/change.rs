//! Changes that happen by themselves: which there are, and what they do.

use crate::core::agenda::{Due, Subject};
use crate::core::world::World;

/// Changes of one type of object, or of what is no object: what happens when they are due.
pub(crate) trait Change: Sync {
    /// The service's signing name.
    fn service(&self) -> &'static str;

    /// The names on the agenda. No two services have one in common.
    fn dues(&self) -> Vec<&'static str>;

    /// The type of the objects, where fault rules may change their states.
    fn kind(&self) -> Option<&'static str> {
        None
    }

    /// The states that objects pass through, in which a fault rule may hold them.
    fn passing(&self) -> Vec<&'static str> {
        Vec::new()
    }

    /// The states that a fault rule may turn an object's course to.
    fn failures(&self) -> Vec<&'static str> {
        Vec::new()
    }

    /// Lets a change happen; gives it back if a fault rule holds it.
    fn happen(&self, world: &mut World, due: Due) -> Option<Due>;
}

/// A change that no fault rule can turn or hold.
pub(crate) struct Plain {
    pub(crate) service: &'static str,
    pub(crate) due: &'static str,
    pub(crate) effect: fn(&mut World, &Subject),
}

impl Change for Plain {
    fn service(&self) -> &'static str {
        self.service
    }

    fn dues(&self) -> Vec<&'static str> {
        vec![self.due]
    }

    fn happen(&self, world: &mut World, due: Due) -> Option<Due> {
        (self.effect)(world, &due.subject);
        None
    }
}
