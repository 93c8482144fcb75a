//! A stateful local AWS for private API invocations: EC2, VPC Lattice, EventBridge, Step Functions with state
//! machines that run, API Gateway, IAM and STS, in their real wire protocols, with the real services' transitions,
//! conflicts and errors.
//!
//! ```
//! use local_aws::{LocalAws, Options, Speed};
//!
//! let aws = LocalAws::start(Options { speed: Speed::Instant, ..Options::default() })?;
//! assert!(aws.endpoint().starts_with("http://127.0.0.1:"));
//! assert_eq!(aws.objects().iter().filter(|object| object["type"] == "vpc-endpoint").count(), 1);
//! # Ok::<(), std::io::Error>(())
//! ```
//!
//! Requests are signed with the access key `local` and the secret `local`. Everything is served on loopback,
//! and is gone when the value is dropped.
#![deny(missing_docs)]

mod control;
mod core;
mod dataplane;
mod layout;
mod live;
mod seed;
mod server;
mod service;
mod services;
mod shared;
mod wire;

use std::io;
use std::path::PathBuf;
use std::sync::{Arc, mpsc};
use std::thread::JoinHandle;
use std::time::{Duration, SystemTime};

use serde_json::Value;
use tokio::runtime;
use tokio::sync::oneshot;
use tokio::task::JoinSet;

pub use self::core::calls::Call;
pub use self::core::facts::{ExampleRun, ExampleStep, FACTS_VERSION, Fact, Facts, Found};
pub use self::core::settings::{AssociationTag, DenialWords, QuotedSecrets, Settings, SharedTagsAnswer};
pub use self::core::times::{Speed, Times, parse_time};
pub use dataplane::delivery::{DeadLetter, DeliveryAttempt};
pub use dataplane::private_api::ApiRequest;
pub use seed::{Seed, SeedDocument};

use self::core::clock::Clock;
use self::core::faults;
use self::core::store::Store;
use dataplane::delivery;
use dataplane::private_api::PrivateApi;
use seed::Origin;
use shared::{Ingredients, Shared};

/// How to start.
#[derive(Clone, Debug, PartialEq)]
pub struct Options {
    /// The loopback port; 0 takes a free one.
    pub port: u16,
    /// The one region that there is.
    pub region: String,
    /// How fast the assumed times pass.
    pub speed: Speed,
    /// The assumed times, before they are scaled.
    pub times: Times,
    /// The switches, which a reset comes back to.
    pub settings: Settings,
    /// What there is to begin with.
    pub document: SeedDocument,
    /// Fault rules to begin with, one or a list, as `POST /_local/faults` takes them. A reset comes back to them.
    pub faults: Value,
    /// The file that keeps the state across restarts. What it has counts more than `document`, `settings` and
    /// `faults`.
    pub state: Option<PathBuf>,
    /// One line on standard error for each request.
    pub log: bool,
    /// Time stands still until [`LocalAws::advance`] or `POST /_local/advance` moves it.
    pub step: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            port: 0,
            region: "us-east-1".to_owned(),
            speed: Speed::Factor(1.0),
            times: Times::default(),
            settings: Settings::default(),
            document: SeedDocument::default(),
            faults: Value::Array(Vec::new()),
            state: None,
            log: false,
            step: false,
        }
    }
}

/// The operations that are served, by the services' names in signatures.
pub fn operations() -> Vec<(&'static str, Vec<&'static str>)> {
    let served = services::SERVICES.iter();
    served
        .map(|service| (service.name(), service::names(service.operations)))
        .collect()
}

/// A running local AWS; dropped, it stops and is gone.
pub struct LocalAws {
    shared: Arc<Shared>,
    runtime: runtime::Handle,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl LocalAws {
    /// Starts on a thread of its own, and returns once requests are served.
    ///
    /// # Errors
    /// The port is taken, the region is not written like one, or the system denies a thread or socket.
    pub fn start(options: Options) -> io::Result<Self> {
        let is_region = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        if options.region.is_empty() || !options.region.chars().all(is_region) {
            return Err(io::Error::new(
                io::ErrorKind::InvalidInput,
                format!("'{}' is not a region", options.region),
            ));
        }
        let runtime = runtime::Builder::new_current_thread()
            .enable_io()
            .enable_time()
            .build()?;
        let handle = runtime.handle().clone();
        let (stop, stopped) = oneshot::channel();
        let (ready, started) = mpsc::channel();
        let thread = std::thread::Builder::new()
            .name("local-aws".to_owned())
            .spawn(move || {
                runtime.block_on(async {
                    let mut tasks = JoinSet::new();
                    match prepare(options, &mut tasks).await {
                        Ok((listener, shared)) => {
                            let served = Arc::clone(&shared);
                            // The receiver waits for exactly this.
                            let _ = ready.send(Ok(Arc::clone(&shared)));
                            tokio::select! {
                                () = server::run(listener, served, &services::SERVICES) => {}
                                // Stopped, or the handle is gone without a word: the end either way.
                                _ = stopped => {}
                            }
                            shared.persist(true);
                        }
                        Err(error) => {
                            let _ = ready.send(Err(error));
                        }
                    }
                });
            })?;
        let shared = started
            .recv()
            .map_err(|_| io::Error::other("the server thread ended early"))??;
        Ok(Self {
            shared,
            runtime: handle,
            stop: Some(stop),
            thread: Some(thread),
        })
    }

    /// The URL of every service: `http://127.0.0.1:<port>`.
    pub fn endpoint(&self) -> &str {
        &self.shared.seed.endpoint
    }

    /// What there is to begin with.
    pub fn seed(&self) -> &Seed {
        &self.shared.seed
    }

    /// Every object as it is now, as `GET /_local/objects` gives it: `service`, `type`, `id`, `name`,
    /// `state`, `tags`.
    pub fn objects(&self) -> Vec<Value> {
        self.shared.world().objects()
    }

    /// Every call that was answered, in order.
    pub fn calls(&self) -> Vec<Call> {
        self.shared.calls.all()
    }

    /// Waits until more than `seen` calls of an operation were made, and gives the first beyond them; `None`
    /// when it takes longer than `timeout`. A call stands in the record when its work is done and before its
    /// answer is sent.
    pub fn wait_for_call(
        &self,
        service: &str,
        operation: &str,
        seen: usize,
        timeout: Duration,
    ) -> Option<Call> {
        self.shared.calls.wait(service, operation, seen, timeout)
    }

    /// Waits until more than `seen` calls of any operation were made; `false` when it takes longer than `timeout`. With
    /// it time can be moved by calls: each finds what it asks for a step further.
    pub fn wait_for_more_calls(&self, seen: usize, timeout: Duration) -> bool {
        self.shared.calls.wait_for_more(seen, timeout)
    }

    /// Waits until an object of a type, with `part` in its name or id, is in a state: the words of
    /// [`LocalAws::objects`], such as `("resource-gateway", "orders", "ACTIVE")`. Gives the object as it was
    /// then, or `None` when it takes longer than `timeout`. Nothing is polled.
    pub fn wait_for_state(&self, kind: &str, part: &str, state: &str, timeout: Duration) -> Option<Value> {
        let (shared, kind, part, state) = (
            Arc::clone(&self.shared),
            kind.to_owned(),
            part.to_owned(),
            state.to_owned(),
        );
        let (sender, receiver) = mpsc::channel();
        self.runtime.spawn(async move {
            // The receiver waits for exactly this.
            let _ = sender.send(shared.wait_for_state(&kind, &part, &state, timeout).await);
        });
        receiver.recv().ok().flatten()
    }

    /// Waits until there is no object of a type with `part` in its name or id; `false` when it takes longer
    /// than `timeout`.
    pub fn wait_until_gone(&self, kind: &str, part: &str, timeout: Duration) -> bool {
        self.wait_for_state(kind, part, shared::GONE, timeout).is_some()
    }

    /// Skips time: what falls due in it happens before this returns, each at its own moment. Goes with a
    /// standing clock ([`Options::step`]) and with a running one.
    pub fn advance(&self, time: Duration) {
        self.shared.advance(time);
    }

    /// Skips time until nothing is on its way any more, but for what fault rules hold back; gives the time
    /// that was skipped.
    pub fn advance_until_settled(&self) -> Duration {
        self.shared.advance_until_settled()
    }

    /// Reads fault rules from the text of a file, a list in JSON or YAML, for [`Options::faults`].
    ///
    /// # Errors
    /// A text that names the field that is wrong, and its line where there is one.
    pub fn read_faults(text: &str) -> Result<Value, String> {
        faults::read(&*services::REGISTRY, text)
    }

    /// Adds a fault rule, or a list of them; gives their numbers.
    ///
    /// # Errors
    /// A text that names the field that is wrong; then no rule was added.
    pub fn add_fault(&self, rules: &Value) -> Result<Vec<u64>, String> {
        control::add_fault(&self.shared, rules)
    }

    /// How often a rule fired; 0 for one that is not there.
    pub fn fault_fired(&self, id: u64) -> u64 {
        self.shared.world().faults.fired(id)
    }

    /// Waits until a rule with the effect `hold` holds a call; `false` when it takes longer than `timeout`. What was to be
    /// done before the call is held is done then.
    pub fn wait_for_held(&self, id: u64, timeout: Duration) -> bool {
        let (shared, (sender, receiver)) = (Arc::clone(&self.shared), mpsc::channel());
        self.runtime.spawn(async move {
            // The receiver waits for exactly this.
            let _ = sender.send(shared.wait_for_held(id, timeout).await);
        });
        receiver.recv().unwrap_or_default()
    }

    /// Removes one rule, and lets go what it held back; tells whether there was one.
    pub fn remove_fault(&self, id: u64) -> bool {
        control::remove_faults(&self.shared, Some(id))
    }

    /// Removes all rules, and lets go what they held back.
    pub fn clear_faults(&self) {
        control::remove_faults(&self.shared, None);
    }

    /// Changes settings: a JSON object with the members to change. Gives all of them as they are then.
    ///
    /// # Errors
    /// A text that names the member that is wrong; then nothing was changed.
    pub fn change_settings(&self, change: &Value) -> Result<Value, String> {
        control::change_settings(&self.shared, change)
    }

    /// The requests that reached the private API, in order.
    pub fn api_requests(&self) -> Vec<ApiRequest> {
        self.shared.private_api.requests()
    }

    /// Every attempt to deliver an event, in order.
    pub fn deliveries(&self) -> Vec<DeliveryAttempt> {
        self.shared.world().deliveries().attempts().to_vec()
    }

    /// Every event that ended in a dead-letter queue, in order.
    pub fn dead_letters(&self) -> Vec<DeadLetter> {
        self.shared.world().deliveries().dead_letters().to_vec()
    }

    /// Waits until more than `seen` attempts to deliver were made, and gives the first beyond them; `None` when it
    /// takes longer than `timeout`.
    pub fn wait_for_delivery(&self, seen: usize, timeout: Duration) -> Option<DeliveryAttempt> {
        let (shared, (sender, receiver)) = (Arc::clone(&self.shared), mpsc::channel());
        self.runtime.spawn(async move {
            // The receiver waits for exactly this.
            let _ = sender.send(delivery::wait_for_attempt(&shared, seen, timeout).await);
        });
        receiver.recv().ok().flatten()
    }

    /// Goes back to the seed, with the same ids; calls, requests, faults and settings included.
    ///
    /// # Errors
    /// The seed cannot be laid out again, which would be a defect.
    pub fn reset(&self) -> io::Result<()> {
        self.shared.reset()
    }
}

impl Drop for LocalAws {
    fn drop(&mut self) {
        if let Some(stop) = self.stop.take() {
            // The thread may have ended already.
            let _ = stop.send(());
        }
        if let Some(thread) = self.thread.take() {
            // Its panic was reported when it happened.
            let _ = thread.join();
        }
    }
}

async fn prepare(
    options: Options,
    tasks: &mut JoinSet<()>,
) -> io::Result<(tokio::net::TcpListener, Arc<Shared>)> {
    let listener = server::bind(options.port).await?;
    let store = options.state.as_deref().map(Store::new).transpose()?;
    let saved = store
        .as_ref()
        .map(|store| store.load(&*services::REGISTRY))
        .transpose()?
        .flatten();
    if let Some(other) = saved.as_ref().filter(|saved| saved.region() != options.region) {
        return Err(io::Error::new(
            io::ErrorKind::InvalidInput,
            format!(
                "the state is of the region {}, not {}",
                other.region(),
                options.region
            ),
        ));
    }
    // The time of a state goes on while nobody serves it, unless it stands.
    let now = SystemTime::now();
    let (began, passed, document) = match &saved {
        None => (now, Duration::ZERO, options.document),
        Some(saved) => {
            let (began, lived) = saved.time();
            let since = now.duration_since(began).unwrap_or_default();
            let passed = if options.step { lived } else { lived.max(since) };
            (began, passed, saved.document().clone())
        }
    };
    let clock = Arc::new(Clock::new(began, passed, options.step));
    let origin = Origin::new(&options.region, document);
    let private_api = PrivateApi::start(Arc::clone(&origin.servers), Arc::clone(&clock), tasks).await?;
    let ingredients = Ingredients {
        origin,
        times: options.times.scaled(options.speed),
        speed: options.speed,
        settings: options.settings,
        lay: layout::world,
        faults: options.faults,
        logs: options.log,
        store,
        saved,
    };
    let address = listener.local_addr()?;
    let shared = Arc::new(Shared::new(address, ingredients, private_api, clock)?);
    tasks.spawn(live::live(Arc::clone(&shared)));
    Ok((listener, shared))
}
