//! Changes a connection in place.
//!
//! What UpdateConnection accepts when only the way changes is not certain: its error for too little lists
//! description, key, or type with parameters as what would have been enough, and does not name the
//! connectivity. So a change of the way alone is tried with the description first, then with the type and
//! what AWS shows of the parameters, and with the secrets only if they are to be sent anyway.

use std::sync::atomic::Ordering;

use aws_sdk_eventbridge::operation::update_connection::builders::UpdateConnectionFluentBuilder;
use aws_sdk_eventbridge::types::{ConnectivityResourceConfigurationArn, ConnectivityResourceParameters};

use super::{Authorization, Connection, ConnectionSpec, SeenConnection};
use crate::aws::{Api, AwsError, ErrorKind};

const API: Api = Api {
    service: "events",
    operation: "UpdateConnection",
};

/// The way through the resource configuration, as EventBridge takes it.
pub fn connectivity(want: &ConnectionSpec) -> Option<ConnectivityResourceParameters> {
    let arn = want.configuration_arn.clone().known()?;
    let arn = ConnectivityResourceConfigurationArn::builder()
        .resource_configuration_arn(arn)
        .build()
        .ok()?;
    Some(
        ConnectivityResourceParameters::builder()
            .resource_parameters(arn)
            .build(),
    )
}

/// How much of the authorization one try sends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sends {
    Nothing,
    WhatAwsShows,
    Everything,
}

impl Connection<'_> {
    /// Brings the connection from what was seen to what is wanted.
    pub(super) async fn change(&self, want: &ConnectionSpec, seen: &SeenConnection) -> Result<(), AwsError> {
        let send_secret = want.send_secret && !self.sent.load(Ordering::Relaxed);
        let differs = Self::authorization_differs(want, seen).is_some();
        let switches = want
            .authorization
            .as_ref()
            .known()
            .is_some_and(|a| !same_kind(a, seen));
        let moves = seen.configuration_arn != want.configuration_arn.clone().known();
        let tries: &[Sends] = if send_secret || switches || self.lost_way(seen) {
            &[Sends::Everything]
        } else if differs {
            &[Sends::WhatAwsShows]
        } else if moves {
            &[Sends::Nothing, Sends::WhatAwsShows]
        } else {
            &[Sends::Nothing]
        };
        let mut answer = Ok(());
        for &sends in tries {
            answer = self
                .request(want, moves, sends)
                .send()
                .await
                .map(drop)
                .map_err(|error| AwsError::of(API, error));
            match &answer {
                Ok(()) if sends == Sends::Everything => self.sent.store(true, Ordering::Relaxed),
                Ok(()) => {}
                Err(error) if error.kind == ErrorKind::Invalid => continue,
                Err(_) => {}
            }
            break;
        }
        answer
    }

    fn request(&self, want: &ConnectionSpec, moves: bool, sends: Sends) -> UpdateConnectionFluentBuilder {
        // An omitted description is left as it is, so that none is sent as an empty one.
        let description = want.description.clone().known().unwrap_or_default();
        let authorization = want
            .authorization
            .as_ref()
            .known()
            .filter(|_| sends != Sends::Nothing);
        self.aws
            .events
            .update_connection()
            .name(self.name)
            .description(description)
            .set_authorization_type(authorization.map(Authorization::kind))
            .set_auth_parameters(authorization.map(|a| a.update_parameters(sends == Sends::Everything)))
            .set_invocation_connectivity_parameters(connectivity(want).filter(|_| moves))
    }
}

/// Whether the type stays: then parts that are not sent keep their values.
fn same_kind(want: &Authorization, seen: &SeenConnection) -> bool {
    use super::SeenAuthorization as Seen;
    matches!(
        (want, &seen.authorization),
        (Authorization::ApiKey { .. }, Seen::ApiKey { .. })
            | (Authorization::Basic { .. }, Seen::Basic { .. })
            | (Authorization::None, Seen::None)
    )
}
