//! What every service stands on: time and what falls due in it, the world, faults, settings, errors.

pub(crate) mod agenda;
pub(crate) mod calls;
pub(crate) mod change;
pub(crate) mod clock;
pub(crate) mod credentials;
pub(crate) mod error;
pub(crate) mod faults;
pub(crate) mod fresh;
pub(crate) mod ids;
pub(crate) mod json_path;
pub(crate) mod life_cycle;
pub(crate) mod notice;
pub(crate) mod partition;
pub(crate) mod policy;
pub(crate) mod registration;
pub(crate) mod settings;
pub(crate) mod stale;
pub(crate) mod states;
pub(crate) mod store;
pub(crate) mod surface;
pub(crate) mod times;
pub(crate) mod timestamp;
pub(crate) mod wildcard;
pub(crate) mod words;
pub(crate) mod world;
