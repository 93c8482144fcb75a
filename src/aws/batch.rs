//! Questions about objects by their ids, put together: who asks while others do shares one call with them, so that fifty
//! resources do not ask fifty times.
//!
//! A call that answers a question always begins after the question was put: nobody gets an answer that is older.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::sync::OnceCell;

use super::error::AwsError;
use crate::lock::lock;

/// How long a call waits for other questions, when the one before had several.
const GATHER: Duration = Duration::from_millis(5);

/// How many ids one call asks for: EC2 takes 200 values for a filter.
const MOST: usize = 200;

/// Questions of one kind.
pub struct Batch<T> {
    /// The id of an object.
    id: fn(&T) -> Option<&str>,
    gathering: Mutex<Gathering<T>>,
    /// Held while AWS is asked: who comes meanwhile is answered by the next call.
    flight: tokio::sync::Mutex<()>,
}

struct Gathering<T> {
    /// The call that takes more ids.
    open: Option<Arc<Round<T>>>,
    /// Whether several have asked at once lately.
    crowded: bool,
}

/// One call and those who wait for it.
struct Round<T> {
    asked: Mutex<Asked>,
    answer: OnceCell<Result<Vec<T>, AwsError>>,
}

#[derive(Default)]
struct Asked {
    ids: BTreeSet<String>,
    askers: usize,
}

impl<T: Clone + Send + Sync> Batch<T> {
    /// Nothing is asked yet; `id` reads the id of an object.
    pub fn new(id: fn(&T) -> Option<&str>) -> Self {
        Self {
            id,
            gathering: Mutex::new(Gathering {
                open: None,
                crowded: false,
            }),
            flight: tokio::sync::Mutex::default(),
        }
    }

    /// Those of the objects that there are, by `fetch`, which gets the ids of everybody who asks.
    ///
    /// # Errors
    /// What `fetch` answers for these ids alone: what is wrong with another's ids is no error here.
    pub async fn ask<F>(
        &self,
        ids: &BTreeSet<String>,
        fetch: impl Fn(BTreeSet<String>) -> F + Send + Sync,
    ) -> Result<Vec<T>, AwsError>
    where
        F: Future<Output = Result<Vec<T>, AwsError>> + Send,
    {
        let round = self.join(ids);
        let answer = round.answer.get_or_init(|| async {
            let _flight = self.flight.lock().await;
            if lock(&self.gathering).crowded {
                tokio::time::sleep(GATHER).await;
            }
            fetch(self.close(&round)).await
        });
        match answer.await {
            Ok(all) => {
                let wanted = |object: &&T| (self.id)(object).is_some_and(|id| ids.contains(id));
                Ok(all.iter().filter(wanted).cloned().collect())
            }
            Err(error) if lock(&round.asked).ids == *ids => Err(error.clone()),
            Err(_) => fetch(ids.clone()).await,
        }
    }

    fn join(&self, ids: &BTreeSet<String>) -> Arc<Round<T>> {
        let mut gathering = lock(&self.gathering);
        if let Some(open) = &gathering.open {
            let open = Arc::clone(open);
            let mut asked = lock(&open.asked);
            if asked.ids.union(ids).count() <= MOST {
                asked.ids.extend(ids.iter().cloned());
                asked.askers += 1;
                gathering.crowded = true;
                drop(asked);
                return open;
            }
        }
        let round = Arc::new(Round {
            asked: Mutex::new(Asked {
                ids: ids.clone(),
                askers: 1,
            }),
            answer: OnceCell::new(),
        });
        gathering.open = Some(Arc::clone(&round));
        round
    }

    /// Nobody joins the round from here on; these are the ids that it has come to.
    fn close(&self, round: &Arc<Round<T>>) -> BTreeSet<String> {
        let mut gathering = lock(&self.gathering);
        gathering.open.take_if(|open| Arc::ptr_eq(open, round));
        let asked = lock(&round.asked);
        gathering.crowded = asked.askers > 1;
        asked.ids.clone()
    }
}

#[cfg(test)]
mod tests {
    use tokio::time::sleep;

    use super::*;
    use crate::aws::api::Api;

    type Calls = Mutex<Vec<BTreeSet<String>>>;

    fn ids(ids: &[&str]) -> BTreeSet<String> {
        ids.iter().map(|id| (*id).to_owned()).collect()
    }

    fn batch() -> Batch<String> {
        Batch::new(|id| Some(id))
    }

    /// Finds everything after a second, but refuses a call in which one id is malformed.
    async fn asks(batch: &Batch<String>, calls: &Calls, wanted: &[&str]) -> Result<Vec<String>, AwsError> {
        let fetch = |ids: BTreeSet<String>| async move {
            lock(calls).push(ids.clone());
            sleep(Duration::from_secs(1)).await;
            if ids.contains("malformed") {
                return Err(AwsError::unusable(Api::new("any", "DescribeThings"), "malformed"));
            }
            Ok(ids.into_iter().filter(|id| id != "missing").collect())
        };
        batch.ask(&ids(wanted), fetch).await
    }

    #[tokio::test(start_paused = true)]
    async fn who_asks_during_a_call_shares_the_next_one_and_gets_its_own_objects() {
        let (batch, calls) = (batch(), Calls::default());
        let (a, b, c) = tokio::join!(
            asks(&batch, &calls, &["a"]),
            async {
                sleep(Duration::from_millis(500)).await;
                asks(&batch, &calls, &["b", "missing"]).await
            },
            async {
                sleep(Duration::from_millis(600)).await;
                asks(&batch, &calls, &["c", "a"]).await
            },
        );
        assert_eq!(a.unwrap(), ["a"]);
        assert_eq!(b.unwrap(), ["b"]);
        assert_eq!(c.unwrap(), ["a", "c"]);
        // The call that was under way told nothing that is new enough for those who came later.
        assert_eq!(*lock(&calls), [ids(&["a"]), ids(&["a", "b", "c", "missing"])]);
    }

    #[tokio::test(start_paused = true)]
    async fn one_who_asks_alone_never_waits_for_others() {
        let (batch, calls) = (batch(), Calls::default());
        let began = tokio::time::Instant::now();
        for _ in 0..3 {
            asks(&batch, &calls, &["a"]).await.unwrap();
        }
        assert_eq!(began.elapsed(), Duration::from_secs(3));
        assert_eq!(lock(&calls).len(), 3);
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_wrong_with_one_question_is_no_error_of_another() {
        let (batch, calls) = (batch(), Calls::default());
        let (_, right, wrong) = tokio::join!(
            asks(&batch, &calls, &["a"]),
            asks(&batch, &calls, &["b"]),
            asks(&batch, &calls, &["malformed"]),
        );
        assert_eq!(right.unwrap(), ["b"]);
        assert!(wrong.is_err());
    }

    #[tokio::test(start_paused = true)]
    async fn one_call_asks_for_no_more_ids_than_a_filter_takes() {
        let (batch, calls) = (batch(), Calls::default());
        let many: Vec<String> = (0..150).map(|number| format!("id-{number}")).collect();
        let more: Vec<String> = (150..300).map(|number| format!("id-{number}")).collect();
        let [many, more] = [&many, &more].map(|ids| ids.iter().map(String::as_str).collect::<Vec<_>>());
        let (first, second) = tokio::join!(asks(&batch, &calls, &many), asks(&batch, &calls, &more));
        assert_eq!(first.unwrap().len() + second.unwrap().len(), 300);
        assert!(lock(&calls).iter().all(|ids| ids.len() <= MOST));
    }

    #[tokio::test(start_paused = true)]
    async fn a_question_that_is_given_up_leaves_its_call_to_those_who_wait() {
        let (batch, calls) = (batch(), Calls::default());
        let given_up = tokio::time::timeout(Duration::from_millis(100), asks(&batch, &calls, &["a"]));
        let (given_up, other) = tokio::join!(given_up, asks(&batch, &calls, &["b"]));
        assert!(given_up.is_err());
        assert_eq!(other.unwrap(), ["b"]);
    }
}
