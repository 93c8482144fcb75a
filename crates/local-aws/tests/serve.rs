//! A running local AWS, spoken to as any client would: signed HTTP, written by hand.

#[path = "serve/buses.rs"]
mod buses;
#[path = "serve/client.rs"]
mod client;
#[path = "serve/control.rs"]
mod control;
#[path = "serve/delivery.rs"]
mod delivery;
#[path = "serve/events.rs"]
mod events;
#[path = "serve/executions.rs"]
mod executions;
#[path = "serve/executions_go_on.rs"]
mod executions_go_on;
#[path = "serve/faults.rs"]
mod faults;
#[path = "serve/hostile.rs"]
mod hostile;
#[path = "serve/invocation.rs"]
mod invocation;
#[path = "serve/lattice.rs"]
mod lattice;
#[path = "serve/leaving.rs"]
mod leaving;
#[path = "serve/oauth.rs"]
mod oauth;
#[path = "serve/page.rs"]
mod page;
#[path = "serve/partitions.rs"]
mod partitions;
#[path = "serve/policies.rs"]
mod policies;
#[path = "serve/rest_apis.rs"]
mod rest_apis;
#[path = "serve/security_groups.rs"]
mod security_groups;
#[path = "serve/signing.rs"]
mod signing;
#[path = "serve/state.rs"]
mod state;
#[path = "serve/state_machines.rs"]
mod state_machines;
#[path = "serve/switches.rs"]
mod switches;
#[path = "serve/test_state.rs"]
mod test_state;
#[path = "serve/time.rs"]
mod time;
#[path = "serve/unserved.rs"]
mod unserved;
#[path = "serve/upstream.rs"]
mod upstream;
#[path = "serve/variables.rs"]
mod variables;
