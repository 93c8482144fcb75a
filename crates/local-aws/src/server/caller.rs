//! Who sent a request: its signature, against the keys that there are.

use std::time::SystemTime;

use http::request::Parts;

use super::request::header_text;
use crate::core::error::Answer;
use crate::core::partition::Partition;
use crate::core::surface::Surface;
use crate::service::Caller;
use crate::shared::Shared;
use crate::wire::sigv4::{Authorization, Refusal};

/// Who shows a token instead of a signature.
pub(super) fn nobody() -> Caller {
    Caller {
        access_key: String::new(),
        arn: "anonymous".to_owned(),
    }
}

/// Whether a service is called with a signature for this Region. One without Regions has its partition's; an SDK that is
/// told its endpoint may sign for the Region that it works in.
fn is_signed_for(surface: &Surface, own: &str, signed: &str) -> bool {
    signed == own || surface.is_global && signed == Partition::of(own).global_region
}

pub(super) fn authenticate(
    shared: &Shared,
    surface: &Surface,
    parts: &Parts,
    body: &[u8],
    authorization: Option<Authorization>,
) -> Answer<Caller> {
    let refuse = |refusal: Refusal| refusal.for_service(&surface.words);
    let authorization = authorization.ok_or_else(|| refuse(Refusal::Missing))?;
    let world = shared.world();
    let key = world
        .credentials
        .get(&authorization.access_key)
        .ok_or_else(|| refuse(Refusal::UnknownKey))?;
    let now = SystemTime::now();
    if let Some((token, expires)) = &key.session {
        if header_text(parts, "x-amz-security-token") != Some(token) {
            return Err(refuse(Refusal::UnknownKey));
        }
        // A session lasts as long as the world's time says, which may be moved.
        if *expires < world.now() {
            return Err(refuse(Refusal::EndedSession));
        }
    }
    if authorization.service != surface.name {
        return Err(refuse(Refusal::WrongService(surface.name)));
    }
    if !is_signed_for(surface, &world.origin.region, &authorization.region) {
        return Err(refuse(Refusal::WrongRegion(authorization.region)));
    }
    authorization
        .verify(&key.secret, parts, body, now)
        .map_err(refuse)?;
    Ok(Caller {
        arn: key.arn.clone(),
        access_key: authorization.access_key,
    })
}
