//! What fuzzing begins with, and what `cargo test` tries each time (`tests/corpora.rs`): an input for each thing that was
//! thought of, or found. `cargo run --bin seeds` writes them where cargo-fuzz looks for them.

mod codec;
mod message;
mod rpc;

pub use self::{
    codec::{json, msgpack, type_json},
    rpc::rpc,
};

/// An input, and what it shows.
#[derive(Debug)]
pub struct Seed {
    /// Says it in a few words, with hyphens.
    pub name: String,
    /// The bytes.
    pub input: Vec<u8>,
}

impl Seed {
    fn new(name: impl Into<String>, input: Vec<u8>) -> Self {
        Self {
            name: name.into(),
            input,
        }
    }
}
