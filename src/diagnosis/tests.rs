//! Ways to break a path, each on a local AWS: what is found, and that its remedy, applied as it is written, makes the next
//! check pass.

mod bench;
mod calls;
mod commands;
mod hidden;
mod objects;
mod urls;
