//! The slots of an invocation: under which name the record holds the one object of each kind.

use reconcile::Slot;

use crate::component::{CONFIGURATION, CONNECTION, GATEWAY, GROUP, INGRESS};

pub static GROUP_SLOT: Slot = Slot::of(GROUP);
pub static INGRESS_SLOT: Slot = Slot::of(INGRESS);
pub static GATEWAY_SLOT: Slot = Slot::of(GATEWAY);
pub static CONFIGURATION_SLOT: Slot = Slot::of(CONFIGURATION);
pub static CONNECTION_SLOT: Slot = Slot::of(CONNECTION);
