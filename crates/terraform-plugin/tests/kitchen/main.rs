//! The real CLIs run the kitchen provider, which uses every feature of the framework.
//!
//! Each test runs on every CLI that is found and has the feature (see the crate cli-harness). One feature is one file,
//! here and in `provider/`.

mod kitchen;

mod greeting;
mod jar;
mod kinds;
mod life_cycle;
mod notes;
mod pantry;
