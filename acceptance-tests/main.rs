//! The real CLI runs the real provider against a local AWS; each test has its own of everything.
//!
//! ```text
//!  scenario ──writes──▶ workspace ──runs──▶ terraform | tofu ──starts──▶ provider ──HTTP──▶ local-aws
//!      └────────────── looks at objects and calls, injects faults, changes by hand ────────────┘
//! ```
//!
//! A scenario runs once for every CLI that is found: `terraform` and `tofu` on `PATH`, and the programs that the
//! variable `TF_ACC_CLIS` names, separated by colons.

mod aws;
mod workspace;

mod access_denied;
mod addresses;
mod aliases;
mod answers;
mod bad_input;
mod budget;
mod destinations;
mod doctor;
mod drift;
mod examples;
mod hostile;
mod import;
mod killed;
mod leftovers;
mod life_cycle;
mod lost_replies;
mod many;
mod oauth;
mod pages;
mod paths;
mod peers;
mod process;
mod recovery;
mod replacement;
mod schema;
mod secrets;
mod sequences;
mod unknown;
mod update;
