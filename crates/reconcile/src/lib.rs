//! A level-triggered engine that makes, changes, adopts and removes a handful of dependent objects in
//! recorded steps.
//!
//! Create, update, delete, and what follows after any of them was killed, are one walk over one graph; a plan
//! is the same walk as a rehearsal. The engine compares what is wanted with what it sees, not with what it
//! did last time, so it can be stopped anywhere.
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
//! A [`Component`] knows one kind of object; a [`Graph`] knows their order; the [`Engine`] owns waiting,
//! recording, recovery and cancellation. None of them is a data structure that somebody has to build: the
//! graph is ordinary code.
//!
//! Whose an object is, is never concluded from what is missing. What is made bears a mark from its create call on, and
//! [`Engine::sign_off`] takes it off when the caller is about to record it; so what bears the mark and is not recorded
//! was left behind by a run that was killed. Every kind is scanned for it before the first step, and what is found becomes
//! retired; an empty slot takes a retired object that fits before a new one is made; and what was taken over is
//! compared again like anything else. Whether an object is ours or borrowed is recorded when it is made.
//!
//! ```
//! use reconcile::*;
//! # use std::{collections::BTreeMap, sync::Mutex};
//! # #[derive(Debug, thiserror::Error)]
//! # #[error("refused")]
//! # struct Refused;
//! # impl Failure for Refused {
//! #     fn is_not_found(&self) -> bool { false }
//! #     fn is_in_use(&self) -> bool { false }
//! #     fn is_already_exists(&self) -> bool { false }
//! # }
//! /// Topics of a message broker, by name; the value is the retention in days.
//! #[derive(Default)]
//! struct Topics(Mutex<BTreeMap<Id, u32>>);
//!
//! impl Component for Topics {
//!     const KIND: Kind = Kind { key: "topic", name: "topic" };
//!     type Spec = u32;
//!     type Observed = u32;
//!     type Error = Refused;
//!
//!     fn name(&self, _: &u32) -> String { "orders".into() }
//!     fn name_of(&self, _: &u32) -> String { "orders".into() }
//!     fn compare(&self, want: &u32, seen: &u32) -> Change {
//!         if want == seen { Change::Keep } else { Change::Update(vec!["retention".into()]) }
//!     }
//!     fn health(&self, _: &u32) -> Health { Health::Settled }
//!
//!     async fn search(&self, _: &Inventory) -> Result<Vec<Found<u32>>, Refused> { Ok(vec![]) }
//!     async fn observe(&self, id: &Id) -> Result<Option<u32>, Refused> {
//!         Ok(self.0.lock().unwrap().get(id).copied())
//!     }
//!     async fn create(&self, want: &u32) -> Result<Made, Refused> {
//!         self.0.lock().unwrap().insert(Id::from("orders"), *want);
//!         Ok(Made::ours("orders"))
//!     }
//!     async fn update(&self, id: &Id, want: &u32, _: &u32, _: u32) -> Result<(), Refused> {
//!         self.0.lock().unwrap().insert(id.clone(), *want);
//!         Ok(())
//!     }
//!     async fn delete(&self, id: &Id, _: &u32) -> Result<(), Refused> {
//!         self.0.lock().unwrap().remove(id);
//!         Ok(())
//!     }
//! }
//!
//! const TOPIC: Slot = Slot::of(Topics::KIND);
//!
//! /// One topic with this retention, or none.
//! struct Broker<'a>(&'a Topics, Option<u32>);
//!
//! impl Graph<Refused> for Broker<'_> {
//!     type Output = Fact<u32>;
//!     async fn walk(&self, engine: &Engine<Refused>) -> Result<Fact<u32>, Error<Refused>> {
//!         engine.scan(self.0).await?;
//!         let topic = engine.ensure(self.0, &TOPIC, self.1).await?;
//!         engine.sweep(self.0).await?;
//!         Ok(topic)
//!     }
//! }
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Error<Refused>> {
//! let topics = Topics::default();
//! let engine = Engine::new(Recorded::default());
//! let planned = engine.plan(&Broker(&topics, Some(7))).await?;
//! assert_eq!(planned.steps, [Step::Create(TOPIC)]);
//! engine.run(&Broker(&topics, Some(7)), Some(&planned.steps)).await?;
//!
//! let engine = Engine::new(engine.recorded());
//! let planned = engine.plan(&Broker(&topics, Some(30))).await?;
//! assert_eq!(engine.pending(), ["update topic orders: retention"]);
//! engine.run(&Broker(&topics, None), None).await?;
//! assert!(engine.recorded().is_empty());
//! # Ok(())
//! # }
//! ```

#![deny(missing_docs)]

mod component;
mod engine;
mod error;
mod record;
mod timeline;
mod wait;
mod warning;

pub use component::{Change, Component, Fact, Failure, Found, Graph, Health, Inventory, Made, Snapshot};
pub use engine::{Engine, Plan};
pub use error::{Action, Error};
pub use record::{Id, Kind, Recorded, Retired, Slot, Step};
pub use timeline::{Event, Timeline};
pub use warning::Warning;
