//! A listing of a whole kind, made once per process and Region and kept up with our own writes, so that one serves
//! hundreds of invocations. Where it saves reads it is renewed, while it saves more calls than it takes.
//!
//! It can miss what another process has done in the meantime. Whoever must be sure lists anew.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::time::Instant;

use super::error::{AwsError, ErrorKind};
use crate::lock::lock;

/// How long what a listing has shown of an object saves a read of it. After that, much can have happened to it.
const SERVES: Duration = Duration::from_secs(10);

/// How old a listing is when it is renewed: what it shows then serves long enough for whoever asks last.
const RENEWED: Duration = Duration::from_secs(5);

/// One object of a listing.
pub trait Entry: Clone + Send + Sync + 'static {
    /// What tells it from the others, for good.
    fn id(&self) -> &str;

    /// Drops what the listing has shown beyond what never changes: the object is being changed.
    fn outdate(&mut self) {}
}

/// What a listing has shown of an object.
#[derive(Debug, Clone)]
pub struct Shown<T> {
    object: T,
    /// When AWS was asked.
    at: Instant,
}

impl<T> Shown<T> {
    /// What an answer to a call has shown that was begun at that time.
    pub fn new(object: T, at: Instant) -> Self {
        Self { object, at }
    }

    /// The object and when AWS was asked, while that is as good as a read.
    pub fn serves(&self) -> Option<(&T, Instant)> {
        (self.at.elapsed() < SERVES).then_some((&self.object, self.at))
    }
}

/// How a kind is listed.
pub trait Lister {
    type Entry: Entry;

    /// How many objects one call lists, of a kind whose listing saves reads; `None` where it shows less than a read does.
    const SAVES_READS: Option<usize> = None;

    /// Every object that there is.
    fn list(&self) -> impl Future<Output = Result<Vec<Self::Entry>, AwsError>> + Send;
}

/// Every object of a kind.
pub type All<T> = Arc<Vec<Arc<T>>>;

/// The listing of a kind.
pub struct Listing<L: Lister> {
    lister: L,
    kept: Mutex<Kept<L::Entry>>,
    /// Held while AWS is asked: who comes meanwhile waits for that answer.
    flight: tokio::sync::Mutex<()>,
}

struct Kept<T> {
    all: Option<All<T>>,
    /// By id, what this process has made or changed, and what it has removed. It counts more than what AWS lists, which
    /// may not know of it yet.
    written: BTreeMap<String, Option<Arc<T>>>,
    /// How often AWS was asked, and what the last error was.
    asked: u64,
    error: Option<AwsError>,
    /// How often what AWS was asked for became uncertain.
    doubts: u64,
    /// When AWS was last asked, and how often that has served since.
    asked_at: Instant,
    served: usize,
}

impl<T: Entry> Kept<T> {
    /// Whether another listing will save more reads than it takes calls, going by what the last one has saved.
    fn pays(&self, all: &All<T>, per_call: usize) -> bool {
        self.served > all.len() / per_call + 1
    }

    fn overlay(&self, listed: Vec<T>) -> All<T> {
        let listed = listed.into_iter().map(Arc::new);
        let untouched = listed.filter(|entry| !self.written.contains_key(entry.id()));
        let written = self.written.values().flatten().map(Arc::clone);
        Arc::new(untouched.chain(written).collect())
    }

    fn write(&mut self, id: &str, entry: Option<Arc<T>>) {
        self.written.insert(id.to_owned(), entry.clone());
        if let Some(all) = &self.all {
            let others = all.iter().filter(|other| other.id() != id).map(Arc::clone);
            self.all = Some(Arc::new(others.chain(entry).collect()));
        }
    }
}

impl<L: Lister> Listing<L> {
    /// Nothing is listed yet.
    pub fn new(lister: L) -> Self {
        let kept = Kept {
            all: None,
            written: BTreeMap::new(),
            asked: 0,
            error: None,
            doubts: 0,
            asked_at: Instant::now(),
            served: 0,
        };
        Self {
            lister,
            kept: Mutex::new(kept),
            flight: tokio::sync::Mutex::default(),
        }
    }

    /// Everything that there is, as far as this process knows: AWS is asked once, and again where that saves reads.
    ///
    /// # Errors
    /// When AWS cannot be asked; the next caller tries again.
    pub async fn all(&self) -> Result<All<L::Entry>, AwsError> {
        let asked = lock(&self.kept).asked;
        let _flight = self.flight.lock().await;
        {
            let mut kept = lock(&self.kept);
            match &kept.error {
                Some(error) if kept.asked > asked => return Err(error.clone()),
                _ => {}
            }
            if let Some(all) = kept.all.clone() {
                let is_new = kept.asked_at.elapsed() < RENEWED;
                if is_new || !L::SAVES_READS.is_some_and(|per_call| kept.pays(&all, per_call)) {
                    kept.served += usize::from(is_new);
                    return Ok(all);
                }
            }
        }
        self.ask().await
    }

    /// Everything that there is, asked for now where what was listed before may lack what is searched for.
    ///
    /// # Errors
    /// When AWS cannot be asked.
    pub async fn searched(&self, anew: bool) -> Result<All<L::Entry>, AwsError> {
        if anew {
            self.fresh().await
        } else {
            self.all().await
        }
    }

    /// Everything that there is, asked for now.
    async fn fresh(&self) -> Result<All<L::Entry>, AwsError> {
        let _flight = self.flight.lock().await;
        self.ask().await
    }

    async fn ask(&self) -> Result<All<L::Entry>, AwsError> {
        let doubts = lock(&self.kept).doubts;
        let asked_at = Instant::now();
        let listed = self.lister.list().await;
        let mut kept = lock(&self.kept);
        kept.asked += 1;
        (kept.asked_at, kept.served) = (asked_at, 1);
        kept.error = listed.as_ref().err().cloned();
        let all = kept.overlay(listed?);
        kept.all = (kept.doubts == doubts).then(|| Arc::clone(&all));
        Ok(all)
    }

    /// Takes note of what this process has made, or has changed to be this.
    pub fn put(&self, entry: L::Entry) {
        let entry = Arc::new(entry);
        lock(&self.kept).write(entry.id(), Some(Arc::clone(&entry)));
    }

    /// Takes note that this process changes an object: what was listed of it may be no longer so.
    pub fn changes(&self, id: &str) {
        let mut kept = lock(&self.kept);
        let Some(all) = &mut kept.all else {
            return;
        };
        // Who holds the listing goes on with what it was.
        let entries = Arc::make_mut(all).iter_mut();
        if let Some(entry) = entries.into_iter().find(|entry| entry.id() == id) {
            Arc::make_mut(entry).outdate();
        }
    }

    /// Takes note of what this process has removed.
    pub fn remove(&self, id: &str) {
        lock(&self.kept).write(id, None);
    }

    /// Passes the outcome of a create on. Where it may have been carried out although it failed, or where something else
    /// has its name, there is what was not listed: the next caller asks AWS again.
    pub fn after<T>(&self, outcome: Result<T, AwsError>) -> Result<T, AwsError> {
        let doubt = |error: &AwsError| error.kind == ErrorKind::AlreadyExists || error.may_have_happened();
        if outcome.as_ref().is_err_and(doubt) {
            let mut kept = lock(&self.kept);
            kept.all = None;
            kept.doubts += 1;
        }
        outcome
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;
    use crate::aws::api::Api;

    #[derive(Debug, Clone, PartialEq)]
    struct Thing(String, u32);

    impl Entry for Thing {
        fn id(&self) -> &str {
            &self.0
        }

        fn outdate(&mut self) {
            self.1 = 99;
        }
    }

    /// An AWS with two things, that fails as often as it is told to.
    #[derive(Default)]
    struct Things {
        asked: AtomicUsize,
        fails: AtomicUsize,
    }

    impl Lister for &Things {
        type Entry = Thing;
        const SAVES_READS: Option<usize> = Some(1);

        async fn list(&self) -> Result<Vec<Thing>, AwsError> {
            self.asked.fetch_add(1, Ordering::Relaxed);
            tokio::time::sleep(std::time::Duration::from_secs(1)).await;
            let fails = self.fails.load(Ordering::Relaxed);
            if fails > 0 {
                self.fails.store(fails - 1, Ordering::Relaxed);
                return Err(refused());
            }
            Ok(vec![Thing("a".into(), 0), Thing("b".into(), 0)])
        }
    }

    fn refused() -> AwsError {
        AwsError::unusable(Api::new("any", "ListThings"), "no")
    }

    fn shown(all: &All<Thing>) -> String {
        let mut things: Vec<_> = all
            .iter()
            .map(|thing| format!("{}{}", thing.0, thing.1))
            .collect();
        things.sort();
        things.join(" ")
    }

    #[tokio::test(start_paused = true)]
    async fn callers_at_once_and_callers_afterwards_ask_once() {
        let things = Things::default();
        let listing = Listing::new(&things);
        let (one, two) = tokio::join!(listing.all(), listing.all());
        assert_eq!(shown(&one.unwrap()), "a0 b0");
        assert_eq!(shown(&two.unwrap()), "a0 b0");
        assert_eq!(shown(&listing.all().await.unwrap()), "a0 b0");
        assert_eq!(things.asked.load(Ordering::Relaxed), 1);
    }

    #[tokio::test(start_paused = true)]
    async fn own_writes_show_without_asking_again_and_outlive_a_fresh_listing() {
        let things = Things::default();
        let listing = Listing::new(&things);
        listing.put(Thing("c".into(), 1));
        assert_eq!(shown(&listing.all().await.unwrap()), "a0 b0 c1");
        listing.put(Thing("a".into(), 2));
        listing.remove("b");
        assert_eq!(shown(&listing.all().await.unwrap()), "a2 c1");
        assert_eq!(things.asked.load(Ordering::Relaxed), 1);
        assert_eq!(shown(&listing.fresh().await.unwrap()), "a2 c1");
        assert_eq!(things.asked.load(Ordering::Relaxed), 2);
    }

    #[tokio::test(start_paused = true)]
    async fn what_was_listed_of_an_object_is_outdated_by_our_own_change_until_it_is_listed_anew() {
        let things = Things::default();
        let listing = Listing::new(&things);
        let before = listing.all().await.unwrap();
        listing.changes("a");
        assert_eq!(shown(&listing.all().await.unwrap()), "a99 b0");
        assert_eq!(shown(&before), "a0 b0");
        assert_eq!(shown(&listing.fresh().await.unwrap()), "a0 b0");
    }

    #[tokio::test(start_paused = true)]
    async fn what_a_listing_has_shown_serves_for_a_moment() {
        let asked = Instant::now();
        let shown = Shown::new("active", asked);
        assert_eq!(shown.serves(), Some((&"active", asked)));
        tokio::time::advance(SERVES).await;
        assert_eq!(shown.serves(), None);
    }

    #[tokio::test(start_paused = true)]
    async fn a_listing_is_renewed_while_it_saves_more_reads_than_it_takes_calls() {
        let things = Things::default();
        let listing = Listing::new(&things);
        // Two things, one a call: what three askers used does not pay for another listing, what four used does.
        for (askers, asked) in [(4, 1), (3, 2), (3, 2)] {
            for _ in 0..askers {
                listing.all().await.unwrap();
            }
            assert_eq!(things.asked.load(Ordering::Relaxed), asked);
            tokio::time::advance(RENEWED).await;
        }
    }

    #[tokio::test(start_paused = true)]
    async fn after_a_create_that_may_have_happened_the_next_caller_asks_again() {
        let things = Things::default();
        let listing = Listing::new(&things);
        listing.all().await.unwrap();
        listing.after(Ok(())).unwrap();
        listing.all().await.unwrap();
        assert_eq!(things.asked.load(Ordering::Relaxed), 1);
        let (listed, _) = tokio::join!(listing.fresh(), async { listing.after::<()>(Err(refused())) });
        listed.unwrap();
        listing.all().await.unwrap();
        assert_eq!(things.asked.load(Ordering::Relaxed), 3);
    }

    #[tokio::test(start_paused = true)]
    async fn an_error_is_shared_by_those_who_waited_and_not_kept() {
        let things = Things::default();
        things.fails.store(1, Ordering::Relaxed);
        let listing = Listing::new(&things);
        let (one, two) = tokio::join!(listing.all(), listing.all());
        assert!(one.is_err() && two.is_err());
        assert_eq!(things.asked.load(Ordering::Relaxed), 1);
        assert_eq!(shown(&listing.all().await.unwrap()), "a0 b0");
    }
}
