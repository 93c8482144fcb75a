//! Changes a connection in place.
//!
//! UpdateConnection lays what it is sent over what there is: what is left out stays, lists are replaced whole. What
//! it accepts when only the way changes is not certain: its error for too little lists description, key, or type with
//! parameters as what would have been enough, and does not name the connectivity. So each try is stronger than the one
//! before: with the description, then with the type and what AWS shows of the parameters, then with everything, if
//! every secret is known. A try that is refused is followed by the next one at once; one that is accepted without effect
//! shows when the engine looks again, and the next update of the run begins one higher.
//!
//! Whether an empty description or list clears is not certain either: what is still there when the engine looks again is
//! replaced by words that say nothing; at once, where nobody waits to look again.

use std::time::Duration;

use reconcile::Fact;
use tokio::time::{Instant, sleep};

use super::auth::{Update, connectivity};
use super::http::{Lists, Sending};
use super::{Connection, ConnectionSpec, SeenConnection, known};
use crate::aws::{Api, AwsError, Called as _, ErrorKind};
use crate::component::{ComponentError, reserved};

const API: Api = Api::new("events", "UpdateConnection");

/// How long a read after an update may still tell of before.
const STALE: Duration = Duration::from_secs(10);
/// How long an update is tried again while another one is under way.
const CONCURRENT: Duration = Duration::from_secs(60);
/// The time between two looks.
const PAUSE: Duration = Duration::from_millis(250);

/// How much of the authorization one try sends, from the weakest on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Sends {
    Nothing,
    WhatAwsShows,
    Everything,
}

/// The tries of one update, each stronger than the one before.
#[derive(Debug, PartialEq, Eq)]
struct Ladder {
    /// The least that brings about what is wanted, as far as that is known.
    least: Sends,
    /// The most that can be sent, if less has no effect.
    most: Sends,
}

impl Ladder {
    fn of(want: &ConnectionSpec, seen: &SeenConnection) -> Self {
        let least = least(want, seen);
        let most = if want.has_every_secret() {
            Sends::Everything
        } else {
            Sends::WhatAwsShows
        };
        // More than the description or the key cures neither.
        let climbs = least > Sends::Nothing || want.moves(seen);
        Self {
            least,
            most: if climbs { most.max(least) } else { least },
        }
    }

    /// The rungs, the weakest first.
    fn rungs(&self) -> impl Iterator<Item = Sends> {
        let all = [Sends::Nothing, Sends::WhatAwsShows, Sends::Everything];
        all.into_iter()
            .filter(|sends| (self.least..=self.most).contains(sends))
    }

    /// What is tried after `tried` updates without effect; nothing where all of it was.
    fn tries(&self, tried: u32) -> impl Iterator<Item = Sends> {
        self.rungs().skip(usize::try_from(tried).unwrap_or(usize::MAX))
    }
}

/// The least that an update has to send.
fn least(want: &ConnectionSpec, seen: &SeenConnection) -> Sends {
    let (Fact::Known(authorization), Fact::Known(http)) = (&want.authorization, &want.http) else {
        return Sends::Nothing;
    };
    let switches =
        !authorization.is_of_kind(&seen.authorization) || authorization.is_of_another(&seen.authorization);
    // A path that has failed is tried again with whatever is sent; what says most is best.
    let retries = seen.has_failed() && want.has_every_secret();
    let differs =
        !authorization.differs(&seen.authorization).is_empty() || !http.differs(&seen.http).is_empty();
    let resends = want.resend.token_request.any() || want.resend.http.any();
    if want.resend.authorization || switches || seen.has_lost_credentials() || retries {
        Sends::Everything
    } else if differs || resends || seen.has_failed() {
        Sends::WhatAwsShows
    } else {
        Sends::Nothing
    }
}

impl Connection<'_> {
    /// Brings the connection from what was seen to what is wanted. `tried` is how often this run has changed it without
    /// that effect.
    pub(super) async fn change(
        &self,
        want: &ConnectionSpec,
        seen: &SeenConnection,
        tried: u32,
    ) -> Result<(), ComponentError> {
        let began = Instant::now();
        let mut before = seen.clone();
        loop {
            match self.climb(want, &before, tried).await {
                Ok(()) => break,
                Err(ComponentError::Aws(error)) if is_concurrent(&error) && began.elapsed() < CONCURRENT => {
                    match self.idle(&before, began + CONCURRENT).await? {
                        // What was under way has brought it about.
                        Some(now) if want.differs(&now).is_empty() => return Ok(()),
                        Some(now) => before = now,
                        None => return Err(error.into()),
                    }
                }
                Err(error) => return Err(error),
            }
        }
        self.shows(want, &before).await
    }

    /// Tries one rung after the other, as long as EventBridge refuses what it is sent.
    async fn climb(
        &self,
        want: &ConnectionSpec,
        seen: &SeenConnection,
        tried: u32,
    ) -> Result<(), ComponentError> {
        if tried > 0 && want.leaves_token_path(seen) {
            return Err(ComponentError::TokenPathStays {
                name: self.name.to_owned(),
            });
        }
        let ladder = Ladder::of(want, seen);
        let mut tries: Vec<_> = ladder.tries(tried).collect();
        if tries.is_empty() && want.moves(seen) {
            return Err(ComponentError::Elsewhere {
                name: self.name.to_owned(),
                configuration_arn: seen.configuration_arn.clone(),
            });
        }
        if tries.is_empty() {
            tries.push(ladder.most);
        }
        let mut tries = tries.into_iter().peekable();
        while let Some(sends) = tries.next() {
            let error = match self.send(want, seen, &ladder, sends, tried).await {
                Err(ComponentError::Aws(error)) => error,
                answer => return answer,
            };
            if error.kind != ErrorKind::Invalid {
                return Err(error.into());
            }
            if tries.peek().is_none() {
                return Err(match want.leaves_token_path(seen) {
                    true => ComponentError::TokenPathRefused { source: error },
                    false => error.into(),
                });
            }
        }
        Ok(())
    }

    /// One UpdateConnection.
    async fn send(
        &self,
        want: &ConnectionSpec,
        seen: &SeenConnection,
        ladder: &Ladder,
        sends: Sends,
        tried: u32,
    ) -> Result<(), ComponentError> {
        // What clears did not clear, or nobody will look whether it does.
        let inert = tried > 0 || !self.waits;
        let request = self.aws.events.update_connection().name(self.name);
        let request = match sends {
            Sends::Nothing => request,
            Sends::WhatAwsShows | Sends::Everything => {
                let authorization = known(&want.authorization, "the authorization")?;
                let everything = sends == Sends::Everything;
                // All lists go where EventBridge has lost them, may drop them with the type that they went with, or wants
                // all there is.
                let all = everything
                    && (ladder.least < Sends::Everything
                        || seen.has_failed()
                        || !authorization.is_of_kind(&seen.authorization));
                let lists = |secrets: Lists<bool>| Sending { all, secrets, inert };
                let mut parameters = authorization.update_parameters(Update {
                    everything,
                    seen: &seen.authorization,
                    http: lists(want.resend.token_request),
                })?;
                let http = known(&want.http, "the HTTP parameters")?;
                parameters.invocation_http_parameters = http.changes(&seen.http, lists(want.resend.http))?;
                request
                    .authorization_type(authorization.kind())
                    .auth_parameters(parameters)
            }
        };
        let moves = want.moves(seen);
        let request = match moves {
            true => {
                let way = known(&want.configuration_arn, "the resource configuration")?;
                request.invocation_connectivity_parameters(connectivity(way))
            }
            false => request,
        };
        let key = want.kms_key.clone().known().filter(|key| !seen.has_key(key));
        let as_company = moves && sends == Sends::Nothing;
        let request = request
            .set_description(self.description(want, seen, inert, as_company))
            .set_kms_key_identifier(key);
        let answer = request.send().await.map(drop).of(API);
        Ok(answer.map_err(|error| error.scrubbed(&want.scrubber(self.name)))?)
    }

    /// The description that is sent: the one wanted; an empty one to clear it or, where that may be without effect, one
    /// that says nothing; an empty one too where a change of the way alone needs company.
    fn description(
        &self,
        want: &ConnectionSpec,
        seen: &SeenConnection,
        inert: bool,
        as_company: bool,
    ) -> Option<String> {
        match &want.description {
            Fact::Known(words) => Some(words.clone()),
            _ if seen.description.is_some() && inert => Some(reserved::connection_description(self.name)),
            _ if seen.description.is_some() || as_company => Some(String::new()),
            _ => None,
        }
    }

    /// Looks until the connection is not in the middle of a change, or until `deadline`. `None` where another one has
    /// its name now, or none.
    async fn idle(
        &self,
        before: &SeenConnection,
        deadline: Instant,
    ) -> Result<Option<SeenConnection>, ComponentError> {
        loop {
            sleep(PAUSE).await;
            let now = self.describe().await?.filter(|now| now.arn == before.arn);
            match now {
                Some(now) if now.is_changing() && Instant::now() < deadline => {}
                now => return Ok(now),
            }
        }
    }

    /// Looks until the change shows, or for as long as a read may tell of before: who believed an old read would undo what
    /// is under way, or do it twice.
    async fn shows(&self, want: &ConnectionSpec, before: &SeenConnection) -> Result<(), ComponentError> {
        let deadline = Instant::now() + STALE;
        let want = want.sent();
        loop {
            match self.describe().await {
                Ok(Some(now)) if now.arn != before.arn => {
                    return Err(ComponentError::AnotherArn {
                        name: self.name.to_owned(),
                        was: before.arn.clone(),
                        is: now.arn,
                    });
                }
                Ok(Some(now)) if !now.is_as(before) || want.differs(&now).is_empty() => return Ok(()),
                Ok(Some(_)) if Instant::now() < deadline => sleep(PAUSE).await,
                // The engine reads again, and knows what to make of it. That this read failed does not mean that the update
                // has.
                Ok(_) | Err(_) => return Ok(()),
            }
        }
    }
}

fn is_concurrent(error: &AwsError) -> bool {
    error.code.as_deref() == Some("ConcurrentModificationException")
}
