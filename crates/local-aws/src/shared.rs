//! What every connection shares: the world under its lock, its clock, the records, and the news of changes.

use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde_json::Value;
use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::calls::CallLog;
use crate::clock::Clock;
use crate::error::ApiError;
use crate::oauth::Tokens;
use crate::private_api::PrivateApi;
use crate::seed::{self, Origin, Seed};
use crate::settings::Settings;
use crate::times::Times;
use crate::world::World;

/// The state that stands for "there is none any more" where a caller waits for one.
pub(crate) const GONE: &str = "gone";

pub(crate) struct Shared {
    pub(crate) seed: Seed,
    pub(crate) calls: CallLog,
    pub(crate) private_api: PrivateApi,
    pub(crate) tokens: Tokens,
    origin: Origin,
    times: Times,
    settings: Settings,
    clock: Arc<Clock>,
    /// Told whenever something may have changed.
    news: watch::Sender<()>,
    world: Mutex<World>,
}

impl Shared {
    pub(crate) fn new(
        endpoint: SocketAddr,
        origin: Origin,
        times: Times,
        settings: Settings,
        private_api: PrivateApi,
        clock: Arc<Clock>,
    ) -> io::Result<Self> {
        let world = seed::world(&origin, times.clone(), settings.clone(), &clock).map_err(seed_error)?;
        Ok(Self {
            seed: origin.seed(format!("http://{endpoint}")),
            calls: CallLog::default(),
            private_api,
            tokens: Tokens::default(),
            origin,
            times,
            settings,
            clock,
            news: watch::Sender::new(()),
            world: Mutex::new(world),
        })
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
        self.news.send_replace(());
    }

    /// Lets everything happen when it is due, so that who waits for a state hears of it.
    pub(crate) async fn live(&self) {
        let mut news = self.news.subscribe();
        loop {
            news.borrow_and_update();
            let due = self.world().next_due();
            let pause = async {
                match due.and_then(|due| self.clock.until(due)) {
                    Some(left) => tokio::time::sleep(left).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                () = pause => {}
                // The sender lives as long as this does.
                _ = news.changed() => {}
            }
        }
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

    /// Back to the seed: objects, faults, settings, keys, records.
    pub(crate) fn reset(&self) -> io::Result<()> {
        let (times, settings) = (self.times.clone(), self.settings.clone());
        let fresh = seed::world(&self.origin, times, settings, &self.clock).map_err(seed_error)?;
        *self.lock() = fresh;
        self.calls.clear();
        self.private_api.clear();
        self.tokens.clear();
        self.origin.servers.clear();
        self.announce();
        Ok(())
    }

    /// Starts what goes on beside the requests.
    pub(crate) fn start(self: &Arc<Self>, tasks: &mut JoinSet<()>) {
        let shared = Arc::clone(self);
        tasks.spawn(async move { shared.live().await });
    }
}

fn is_meant(object: &Value, kind: &str, part: &str) -> bool {
    let has = |member: &str| object[member].as_str().is_some_and(|text| text.contains(part));
    object["type"] == kind && (has("name") || has("id"))
}

fn seed_error(error: ApiError) -> io::Error {
    io::Error::other(error.message)
}
