//! The authorization of a connection: what is wanted, and how it differs from what AWS shows.

mod request;
mod seen;

use reconcile::Fact;

use super::http::HttpParameters;
use super::{Credential, Secret};
use crate::component::url;
pub use request::{Update, connectivity};
pub use seen::{SeenAuthorization, SeenOAuth, seen};

/// How the API is called.
#[derive(Debug, Clone)]
pub enum Authorization {
    ApiKey {
        /// The header that carries the key.
        name: Fact<String>,
        value: Credential,
    },
    Basic {
        username: Fact<String>,
        password: Credential,
    },
    OAuth(OAuth),
    /// EventBridge demands an authorization, and many private APIs rely on their resource policy alone: a header that
    /// says nothing serves.
    None,
}

/// OAuth client credentials.
#[derive(Debug, Clone)]
pub struct OAuth {
    /// The token endpoint, an https URL.
    pub endpoint: Fact<String>,
    /// `GET`, `POST` or `PUT`.
    pub method: Fact<String>,
    pub client_id: Fact<String>,
    pub client_secret: Credential,
    /// Of the request for a token.
    pub http: Fact<HttpParameters>,
    /// The resource configuration by which the token endpoint is reached; `Absent` where it is public.
    pub token_configuration_arn: Fact<String>,
}

impl OAuth {
    /// What AWS shows of another, in words.
    fn differs(&self, seen: &SeenOAuth) -> Vec<&'static str> {
        let mut differs = Vec::new();
        let endpoint = self.endpoint.as_ref().known();
        let same = endpoint.is_some_and(|endpoint| url::same(endpoint, &seen.endpoint))
            && self.method.is(&seen.method)
            && self.client_id.is(&seen.client_id);
        if !same {
            differs.push("authorization");
        }
        match &self.http {
            Fact::Known(http) if http.differs(&seen.http).is_empty() => {}
            _ => differs.push("OAuth HTTP parameters"),
        }
        if self.token_path_differs(seen) {
            differs.push("path of the token endpoint");
        }
        differs
    }

    fn token_path_differs(&self, seen: &SeenOAuth) -> bool {
        match (&self.token_configuration_arn, &seen.token_configuration_arn) {
            (Fact::Absent, None) => false,
            (want, Some(seen)) => !want.is(seen),
            (_, None) => true,
        }
    }
}

impl Authorization {
    /// Every secret.
    pub fn credentials(&self) -> impl Iterator<Item = &Credential> {
        let http = match self {
            Self::OAuth(oauth) => oauth.http.as_ref().known(),
            _ => None,
        };
        self.credential()
            .into_iter()
            .chain(http.into_iter().flat_map(HttpParameters::credentials))
    }

    /// Every secret that is known.
    pub fn secrets(&self) -> impl Iterator<Item = &Secret> {
        self.credentials().filter_map(Credential::known)
    }

    /// What differs from what AWS shows, in words.
    pub fn differs(&self, seen: &SeenAuthorization) -> Vec<&'static str> {
        let same = match (self, seen) {
            (Self::ApiKey { name, .. }, SeenAuthorization::ApiKey { name: seen }) => {
                // The name is that of a header.
                let name = name.as_ref().known();
                name.is_some_and(|name| name.eq_ignore_ascii_case(seen))
            }
            (Self::Basic { username, .. }, SeenAuthorization::Basic { username: seen }) => username.is(seen),
            (Self::OAuth(oauth), SeenAuthorization::OAuth(seen)) => return oauth.differs(seen),
            (Self::None, SeenAuthorization::None) => true,
            _ => false,
        };
        if same { Vec::new() } else { vec!["authorization"] }
    }

    /// Its own secret.
    pub fn credential(&self) -> Option<&Credential> {
        match self {
            Self::ApiKey { value, .. } => Some(value),
            Self::Basic { password, .. } => Some(password),
            Self::OAuth(oauth) => Some(&oauth.client_secret),
            Self::None => None,
        }
    }

    /// Whether its own secret has to be sent, because AWS shows another name, user or client: whoever set that gave it a secret of
    /// its own.
    pub fn is_of_another(&self, seen: &SeenAuthorization) -> bool {
        let known = self.credential().is_some_and(Credential::is_known);
        known && self.differs(seen).contains(&"authorization")
    }

    /// Whether it is of the type that AWS shows: then parts that are not sent keep their values.
    pub fn is_of_kind(&self, seen: &SeenAuthorization) -> bool {
        matches!(
            (self, seen),
            (Self::ApiKey { .. }, SeenAuthorization::ApiKey { .. })
                | (Self::Basic { .. }, SeenAuthorization::Basic { .. })
                | (Self::OAuth(_), SeenAuthorization::OAuth(_))
                | (Self::None, SeenAuthorization::None)
        )
    }

    /// Whether the token endpoint's private path is to be left.
    pub fn leaves_token_path(&self, seen: &SeenAuthorization) -> bool {
        let wanted = matches!(self, Self::OAuth(oauth) if oauth.token_configuration_arn != Fact::Absent);
        seen.has_token_path() && !wanted
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_authorization_is_told_from_an_api_key_by_its_header() {
        let shown = |name: &str| SeenAuthorization::ApiKey {
            name: name.to_owned(),
        };
        let key = |name| Authorization::ApiKey {
            name,
            value: Credential::NotKnown,
        };
        assert!(Authorization::None.differs(&SeenAuthorization::None).is_empty());
        assert!(!Authorization::None.differs(&shown("x-api-key")).is_empty());
        let known = key(Fact::Known("x-api-key".into()));
        assert!(known.differs(&shown("X-API-Key")).is_empty() && !known.differs(&shown("other")).is_empty());
        assert!(!key(Fact::Later).differs(&shown("x-api-key")).is_empty());
    }
}
