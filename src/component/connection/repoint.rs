//! Changes a connection in place.
//!
//! UpdateConnection lays what it is sent over what there is: what is left out stays, lists are replaced whole. What
//! it accepts when only the way changes is not certain: its error for too little lists description, key, or type with
//! parameters as what would have been enough, and does not name the connectivity. So a change of the way alone is tried
//! with the description first, then with the type and what AWS shows of the parameters, and with the secrets only if
//! they are to be sent anyway. Whether an empty description or list clears is not certain either: what is still there
//! when the engine looks again is replaced by words that say nothing; at once, where nobody waits to look again.

use std::sync::atomic::Ordering;

use aws_sdk_eventbridge::operation::update_connection::builders::UpdateConnectionFluentBuilder;
use aws_sdk_eventbridge::types::{ConnectionHttpParameters, UpdateConnectionAuthRequestParameters};
use reconcile::Fact;

use super::auth::{Update, connectivity};
use super::http::Sending;
use super::{Authorization, Connection, ConnectionSpec, SeenConnection};
use crate::aws::{Api, Called as _, ErrorKind};
use crate::component::ComponentError;

const API: Api = Api::new("events", "UpdateConnection");

/// How much of the authorization one try sends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sends {
    Nothing,
    WhatAwsShows,
    Everything,
}

impl Connection<'_> {
    /// Brings the connection from what was seen to what is wanted.
    pub(super) async fn change(
        &self,
        want: &ConnectionSpec,
        seen: &SeenConnection,
    ) -> Result<(), ComponentError> {
        let again = self.changed.swap(true, Ordering::Relaxed);
        let inert = again || !self.waits;
        let unsent = !self.sent.load(Ordering::Relaxed);
        let authorization = want.authorization.as_ref().known();
        if again && authorization.is_some_and(|wanted| wanted.leaves_token_path(&seen.authorization)) {
            return Err(ComponentError::TokenPathStays {
                name: self.name.to_owned(),
            });
        }
        let switches = authorization.is_some_and(|wanted| !wanted.is_of_kind(&seen.authorization));
        let lost = self.lost_way(seen);
        let http = Sending {
            all: switches || lost,
            secrets: want.send_http_secrets && unsent,
            inert,
        };
        let oauth_http = Sending {
            secrets: want.send_secret && unsent,
            ..http
        };
        let lists = want
            .http
            .as_ref()
            .known()
            .and_then(|wanted| wanted.changes(&seen.http, http));
        let differs = authorization.is_none_or(|wanted| !wanted.differs(&seen.authorization).is_empty());
        let moves = seen.configuration_arn != want.configuration_arn.clone().known();
        let tries: &[Sends] = if want.send_secret && unsent || switches || lost {
            &[Sends::Everything]
        } else if differs || lists.is_some() {
            &[Sends::WhatAwsShows]
        } else if moves {
            &[Sends::Nothing, Sends::WhatAwsShows]
        } else {
            &[Sends::Nothing]
        };
        let mut answer = Ok(());
        for &sends in tries {
            let update = Update {
                everything: sends == Sends::Everything,
                seen: &seen.authorization,
                http: oauth_http,
            };
            let request = self.request(want, seen, moves, sends);
            let request = request
                .set_auth_parameters(self.parameters(want, sends, update, lists.clone()))
                .set_description(self.description(want, seen, inert, moves && sends == Sends::Nothing));
            answer = request.send().await.map(drop).of(API);
            match &answer {
                Err(error) if error.kind == ErrorKind::Invalid => continue,
                Ok(()) | Err(_) => break,
            }
        }
        let leaves = authorization.is_some_and(|wanted| wanted.leaves_token_path(&seen.authorization));
        match answer.map_err(|error| error.scrubbed(want.secrets())) {
            Err(error) if leaves && error.kind == ErrorKind::Invalid => {
                return Err(ComponentError::TokenPathRefused { source: error });
            }
            answer => answer?,
        }
        self.sent.store(true, Ordering::Relaxed);
        self.left_token_path.store(leaves, Ordering::Relaxed);
        match self.describe().await? {
            Some(now) if now.arn != seen.arn => Err(ComponentError::AnotherArn {
                name: self.name.to_owned(),
                was: seen.arn.clone(),
                is: now.arn,
            }),
            _ => Ok(()),
        }
    }

    /// What one try sends beside the parameters and the description.
    fn request(
        &self,
        want: &ConnectionSpec,
        seen: &SeenConnection,
        moves: bool,
        sends: Sends,
    ) -> UpdateConnectionFluentBuilder {
        let authorization = want
            .authorization
            .as_ref()
            .known()
            .filter(|_| sends != Sends::Nothing);
        let way = want.configuration_arn.as_ref().known().filter(|_| moves);
        let key = want.kms_key.clone().known().filter(|key| !seen.has_key(key));
        self.aws
            .events
            .update_connection()
            .name(self.name)
            .set_authorization_type(authorization.map(Authorization::kind))
            .set_invocation_connectivity_parameters(way.and_then(|arn| connectivity(arn)))
            .set_kms_key_identifier(key)
    }

    /// The parameters that one try sends: always with those of the authorization, since EventBridge takes no others alone.
    fn parameters(
        &self,
        want: &ConnectionSpec,
        sends: Sends,
        update: Update<'_>,
        lists: Option<ConnectionHttpParameters>,
    ) -> Option<UpdateConnectionAuthRequestParameters> {
        let authorization = want.authorization.as_ref().known();
        authorization.filter(|_| sends != Sends::Nothing).map(|wanted| {
            let mut parameters = wanted.update_parameters(update);
            parameters.invocation_http_parameters = lists;
            parameters
        })
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
            _ if seen.description.is_some() && inert => Some(self.no_description()),
            _ if seen.description.is_some() || as_company => Some(String::new()),
            _ => None,
        }
    }

    /// What a description says that is none.
    pub(super) fn no_description(&self) -> String {
        format!("Private API invocation {}", self.name)
    }
}
