//! What the fuzz targets and the replay of their seeds (`tests/corpora.rs`) have in common: each target is a function of
//! an input, which panics where a property does not hold.

mod codec;
mod kinds;
mod provider;
mod rpc;
pub mod seeds;

pub use self::{
    codec::{json, msgpack, type_json},
    rpc::rpc,
};
