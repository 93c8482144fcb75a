//! A level-triggered engine that makes, changes, adopts and removes a handful of dependent objects in recorded steps.
//!
//! Create, update, delete, and what follows after any of them was killed, are one walk over one graph; a plan is the same walk as a
//! rehearsal. The engine compares what is wanted with what it sees, not with what it did last time, so it can be stopped anywhere.
//!
//! ```text
//!             what the caller's state says is ours                    the plan's steps
//!                          │ Recorded                                        │ Vec<Step>
//!                          ▼                                                 ▼
//!   Graph::walk ──▶ scan ─────▶ ensure ─▶ ensure ─▶ ensure ─────▶ sweep   rehearsed steps ⊆ planned steps?
//!   (caller's      strays       group     gateway   connection    retired    │ else: changed since the plan
//!    code)         retire         │          │          │         in reverse ▼
//!                                 └─ keep │ update │ replace │ adopt │ create ─▶ wait until settled
//!                                                  │ after every mutation
//!                                                  ▼
//!                                     journal(Recorded, Snapshot)  ─▶ the caller's state
//! ```
//!
//! A [`Component`] knows one kind of object; a [`Graph`] knows their order; the [`Engine`] owns waiting, recording, recovery and
//! cancellation. None of them is a data structure that somebody has to build: the graph is ordinary code.
//!
//! Three rules make interrupted runs come out clean: every kind is scanned before the first step, and what is ours but not recorded
//! becomes retired; an empty slot takes a retired object that fits before a new one is made; and what was taken over is compared
//! again like anything else.

#![deny(missing_docs)]

mod component;
mod engine;
mod error;
mod record;
mod timeline;
mod wait;

pub use component::{Change, Component, Fact, Failure, Found, Graph, Health, Inventory, Kind, Snapshot};
pub use engine::{Engine, Plan};
pub use error::{Action, Error};
pub use record::{Id, Recorded, Retired, Slot, Step};
pub use timeline::{Event, Timeline};
