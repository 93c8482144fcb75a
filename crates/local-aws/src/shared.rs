//! What every connection shares: the world under its lock, its clock, the records, and the news of changes.

use std::io::{self, Write};
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde_json::Value;
use tokio::sync::watch;

use crate::core::calls::CallLog;
use crate::core::clock::Clock;
use crate::core::error::Answer;
use crate::core::settings::Settings;
use crate::core::store::Store;
use crate::core::times::{Speed, Times};
use crate::core::world::{Snapshot, World};
use crate::dataplane::private_api::PrivateApi;
use crate::dataplane::tokens::Tokens;
use crate::seed::{Origin, Seed};

/// The state that stands for "there is none any more" where a caller waits for one.
pub(crate) const GONE: &str = "gone";

pub(crate) struct Shared {
    pub(crate) seed: Seed,
    pub(crate) calls: CallLog,
    pub(crate) private_api: PrivateApi,
    pub(crate) tokens: Tokens,
    origin: Origin,
    times: Times,
    speed: Speed,
    settings: Settings,
    /// Makes a world with what the seed has.
    lay: Lay,
    pub(crate) clock: Arc<Clock>,
    /// Fault rules that a reset comes back to.
    faults: Value,
    /// Whether each request is told on standard error.
    pub(crate) logs: bool,
    store: Option<Store>,
    /// Whether something may have changed since the state was saved.
    unsaved: AtomicBool,
    /// Told whenever something may have changed.
    news: watch::Sender<()>,
    world: Mutex<World>,
}

/// Makes a world with what the seed has; the times are scaled already.
pub(crate) type Lay = fn(&Origin, Times, Speed, Settings, &Clock) -> Answer<World>;

/// What a world is made of, beside its servers and its clock.
pub(crate) struct Ingredients {
    pub(crate) origin: Origin,
    /// Scaled already.
    pub(crate) times: Times,
    pub(crate) speed: Speed,
    pub(crate) settings: Settings,
    pub(crate) lay: Lay,
    pub(crate) faults: Value,
    pub(crate) logs: bool,
    pub(crate) store: Option<Store>,
    /// The state that the store had.
    pub(crate) saved: Option<Snapshot>,
}

impl Shared {
    pub(crate) fn new(
        endpoint: SocketAddr,
        ingredients: Ingredients,
        private_api: PrivateApi,
        clock: Arc<Clock>,
    ) -> io::Result<Self> {
        let Ingredients {
            origin,
            times,
            speed,
            settings,
            lay,
            faults,
            logs,
            store,
            saved,
        } = ingredients;
        let world = match saved {
            Some(saved) => saved.world(origin.clone(), times.clone(), speed),
            None => fresh(lay, &origin, &times, speed, &settings, &faults, &clock)?,
        };
        let shared = Self {
            seed: origin.seed(format!("http://{endpoint}")),
            calls: CallLog::default(),
            private_api,
            tokens: Tokens::default(),
            origin,
            times,
            speed,
            settings,
            lay,
            clock,
            faults,
            logs,
            store,
            unsaved: AtomicBool::new(true),
            news: watch::Sender::new(()),
            world: Mutex::new(world),
        };
        // A place that cannot be written to is found out now, not after the first change.
        shared.save(false)?;
        Ok(shared)
    }

    /// The world as it is now. A panic under the lock would leave it as it was then, which still is a world.
    pub(crate) fn world(&self) -> MutexGuard<'_, World> {
        let mut world = self.lock();
        if world.advance(self.clock.now()) {
            self.announce();
        }
        world
    }

    fn lock(&self) -> MutexGuard<'_, World> {
        self.world.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Tells who waits that something may have changed.
    pub(crate) fn announce(&self) {
        self.unsaved.store(true, Ordering::Relaxed);
        self.news.send_replace(());
    }

    /// Saves the state, if it is kept and something may have changed.
    fn save(&self, to_disk: bool) -> io::Result<()> {
        let Some(store) = &self.store else { return Ok(()) };
        if !self.unsaved.swap(false, Ordering::Relaxed) && !to_disk {
            return Ok(());
        }
        let bytes = self.lock().save()?;
        store.save(&bytes, to_disk)
    }

    /// Saves the state before anybody is told of what changed it; what goes wrong is told on standard error.
    pub(crate) fn persist(&self, to_disk: bool) {
        if let Err(error) = self.save(to_disk) {
            self.tell(format_args!("local-aws: {error}"));
        }
    }

    /// Writes one line to standard error; whoever closed it does not want it.
    pub(crate) fn tell(&self, line: std::fmt::Arguments<'_>) {
        let _ = writeln!(io::stderr().lock(), "{line}");
    }

    /// Hears whenever something may have changed.
    pub(crate) fn news(&self) -> watch::Receiver<()> {
        self.news.subscribe()
    }

    /// Skips time; what falls due in it happens, each at its own moment.
    pub(crate) fn advance(&self, time: Duration) {
        self.clock.skip(time);
        drop(self.world());
    }

    /// Skips time until nothing is on its way any more, but for what fault rules hold back; gives what was
    /// skipped.
    pub(crate) fn advance_until_settled(&self) -> Duration {
        let mut skipped = Duration::ZERO;
        loop {
            let mut world = self.lock();
            let now = self.clock.now();
            world.advance(now);
            let Some(due) = world.next_due() else {
                drop(world);
                self.announce();
                return skipped;
            };
            let step = due.saturating_sub(now);
            self.clock.skip(step);
            skipped += step;
        }
    }

    /// Waits until an object of a type, with this part in its name or id, is in a state; with [`GONE`],
    /// until there is none such. Gives the object, null for one that is gone, or `None` after the time.
    pub(crate) async fn wait_for_state(
        &self,
        kind: &str,
        part: &str,
        state: &str,
        timeout: Duration,
    ) -> Option<Value> {
        let mut news = self.news.subscribe();
        let reached = async {
            loop {
                news.borrow_and_update();
                let objects = self.world().objects();
                let mut those = objects.into_iter().filter(|object| is_meant(object, kind, part));
                if state == GONE {
                    if those.next().is_none() {
                        return Some(Value::Null);
                    }
                } else if let Some(object) = those.find(|object| object["state"] == state) {
                    return Some(object);
                }
                news.changed().await.ok()?;
            }
        };
        tokio::time::timeout(timeout, reached).await.ok().flatten()
    }

    /// Waits until the world shows what is looked for.
    pub(crate) async fn until<T>(&self, look: impl Fn(&World) -> Option<T>) -> Option<T> {
        let mut news = self.news.subscribe();
        loop {
            news.borrow_and_update();
            if let Some(found) = look(&self.world()) {
                return Some(found);
            }
            news.changed().await.ok()?;
        }
    }

    /// Holds a call for as long as its rule stands.
    pub(crate) async fn hold(&self, rule: u64) {
        let mut news = self.news.subscribe();
        self.world().faults.hold(rule);
        self.announce();
        loop {
            news.borrow_and_update();
            // The sender lives as long as this does.
            if self.world().faults.held(rule).is_none() || news.changed().await.is_err() {
                return;
            }
        }
    }

    /// Waits until a rule holds a call; `false` when it takes longer than `timeout`.
    pub(crate) async fn wait_for_held(&self, rule: u64, timeout: Duration) -> bool {
        let mut news = self.news.subscribe();
        let held = async {
            loop {
                news.borrow_and_update();
                if self.world().faults.held(rule).is_some_and(|held| held > 0) {
                    return true;
                }
                if news.changed().await.is_err() {
                    return false;
                }
            }
        };
        tokio::time::timeout(timeout, held).await.unwrap_or(false)
    }

    /// Back to the seed: objects, faults, settings, keys, records.
    pub(crate) fn reset(&self) -> io::Result<()> {
        let fresh = fresh(
            self.lay,
            &self.origin,
            &self.times,
            self.speed,
            &self.settings,
            &self.faults,
            &self.clock,
        )?;
        *self.lock() = fresh;
        self.calls.clear();
        self.private_api.clear();
        self.tokens.clear();
        self.origin.servers.clear();
        self.announce();
        Ok(())
    }
}

/// A world with the seed and the first fault rules in it.
fn fresh(
    lay: Lay,
    origin: &Origin,
    times: &Times,
    speed: Speed,
    settings: &Settings,
    faults: &Value,
    clock: &Clock,
) -> io::Result<World> {
    let world = lay(origin, times.clone(), speed, settings.clone(), clock);
    let mut world = world.map_err(|error| io::Error::other(error.message))?;
    world
        .add_faults(faults)
        .map_err(|error| io::Error::new(io::ErrorKind::InvalidInput, format!("faults: {error}")))?;
    Ok(world)
}

fn is_meant(object: &Value, kind: &str, part: &str) -> bool {
    let has = |member: &str| object[member].as_str().is_some_and(|text| text.contains(part));
    object["type"] == kind && (has("name") || has("id"))
}
