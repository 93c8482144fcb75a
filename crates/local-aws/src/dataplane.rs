//! What goes over a connection: the way through the network, credentials, calls, deliveries, and the servers at the end.

pub(crate) mod delivery;
pub(crate) mod invocation;
pub(crate) mod network;
pub(crate) mod oauth;
pub(crate) mod private_api;
