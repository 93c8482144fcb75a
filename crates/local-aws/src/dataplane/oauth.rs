//! Client credentials of OAuth connections: where a call's token comes from.

use crate::dataplane::exchange::{Unanswered, connection, over};
use crate::dataplane::token_request::{Asking, UNREACHABLE, UNTOLD_LIFE, read, refused};
use crate::dataplane::tokens::Token;
use crate::services::events::lifecycle;
use crate::shared::Shared;

/// The token of a connection: the one that is kept, or a new one. A connection that gets none loses its
/// authorization.
pub(crate) async fn token(shared: &Shared, arn: &str) -> Result<String, Unanswered> {
    let (asking, way, parameters, now) = {
        let world = shared.world();
        let connection = connection(world.events(), arn)?;
        let parameters = connection.parameters["OAuthParameters"].clone();
        let now = world.elapsed();
        if let Some(token) = shared.tokens.get(arn, &parameters, now) {
            return Ok(token);
        }
        let asking = Asking::new(&parameters).map_err(Unanswered::Invalid)?;
        let path = connection.authorization_path.as_ref();
        if asking.is_unknown(&world, path) {
            let text = world.origin.servers.issue(now, UNTOLD_LIFE);
            let until = now + UNTOLD_LIFE;
            shared.tokens.keep(
                arn,
                Token {
                    text: text.clone(),
                    until,
                    parameters,
                },
            );
            return Ok(text);
        }
        let way = asking.way(&world, path);
        (asking, way, parameters, now)
    };
    let host = asking.host().to_owned();
    let answered = over(shared, way, &host, asking.request().map_err(Unanswered::Invalid)?).await;
    let reason = match answered {
        Ok(response) if response.status.is_success() => match read(&response.body) {
            Some((text, life)) => {
                let until = now + life;
                shared.tokens.keep(
                    arn,
                    Token {
                        text: text.clone(),
                        until,
                        parameters,
                    },
                );
                return Ok(text);
            }
            None => "The authorization endpoint's answer has no access_token.".to_owned(),
        },
        Ok(response) => refused(response.status.as_u16()),
        Err(Unanswered::Socket(_)) => UNREACHABLE.to_owned(),
        Err(other) => return Err(other),
    };
    lifecycle::credentials_refused(&mut shared.world(), arn, reason.clone());
    shared.announce();
    Err(Unanswered::connection("InvalidConnectionState", reason))
}

/// Throws a connection's token away, so that the next call fetches another; tells whether there was one.
pub(crate) fn forget(shared: &Shared, arn: &str) -> bool {
    shared.tokens.forget(arn)
}
