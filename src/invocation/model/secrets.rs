//! The secrets among the inputs. Each is given plain, or write-only with a version: a state has the plain value or the
//! version, and only a configuration has the write-only value.

use std::collections::BTreeMap;

use terraform_plugin::Attr;

use super::{ApiKey, Authorization, Basic, HttpParameter, HttpParameters, Model, OAuth};
use crate::component::{Credential, List, Secret, Secrets};

/// One secret input: `X`, `X_wo` and `X_wo_version`.
pub struct GivenSecret<'a> {
    plain: &'a Attr<String>,
    write_only: &'a Attr<String>,
    version: &'a Attr<String>,
}

impl GivenSecret<'_> {
    /// The value, where it is given here.
    pub fn credential(&self) -> Credential {
        let given = self.plain.known().or(self.write_only.known());
        given.map_or(Credential::NotKnown, |secret| {
            Credential::Known(Secret::new(secret.clone()))
        })
    }

    /// Whether it is the same secret, as far as a state tells: the plain value, or the version of a write-only one.
    pub fn is(&self, other: &GivenSecret<'_>) -> bool {
        (self.plain, self.version) == (other.plain, other.version)
    }
}

impl ApiKey {
    pub fn secret(&self) -> GivenSecret<'_> {
        GivenSecret {
            plain: &self.value,
            write_only: &self.value_wo,
            version: &self.value_wo_version,
        }
    }
}

impl Basic {
    pub fn secret(&self) -> GivenSecret<'_> {
        GivenSecret {
            plain: &self.password,
            write_only: &self.password_wo,
            version: &self.password_wo_version,
        }
    }
}

impl OAuth {
    pub fn secret(&self) -> GivenSecret<'_> {
        GivenSecret {
            plain: &self.client_secret,
            write_only: &self.client_secret_wo,
            version: &self.client_secret_wo_version,
        }
    }
}

impl HttpParameter {
    pub fn secret(&self) -> GivenSecret<'_> {
        GivenSecret {
            plain: &self.secret_value,
            write_only: &self.secret_value_wo,
            version: &self.secret_value_wo_version,
        }
    }
}

/// Where a secret stands: the block, and in it the list and the name of an HTTP parameter.
type Place = (&'static str, String);

/// A secret input, to be changed.
struct SecretMut<'a> {
    plain: &'a mut Attr<String>,
    write_only: &'a mut Attr<String>,
    version: &'a mut Attr<String>,
}

impl Model {
    /// Without the write-only values, which are never planned or recorded: what a state is compared with.
    pub fn without_write_only(&self) -> Self {
        let mut model = self.clone();
        model.each_secret(|_, secret| *secret.write_only = Attr::Null);
        model
    }

    /// The inputs that a state has, with the write-only values that `config` still gives: in the same places, with the
    /// same versions.
    pub fn with_write_only_of(&self, config: &Self) -> Self {
        let mut given = BTreeMap::new();
        config.clone().each_secret(|place, secret| {
            given.insert(place, (secret.version.clone(), secret.write_only.clone()));
        });
        let mut model = self.clone();
        model.each_secret(|place, secret| {
            if let Some((version, write_only)) = given.remove(&place)
                && version.is_known()
                && version == *secret.version
            {
                *secret.write_only = write_only;
            }
        });
        model
    }

    /// Without anything that tells which secrets EventBridge has: for a state that does not know. Whatever is configured
    /// then differs, and is sent.
    pub fn forgetting_secrets(&self) -> Self {
        let mut model = self.clone();
        model.each_secret(|_, secret| {
            *secret.plain = Attr::Null;
            *secret.write_only = Attr::Null;
            *secret.version = Attr::Null;
        });
        model
    }

    /// What the texts of the connection must not show while `self` is applied after `prior`, or, without one, while it is
    /// read: a state does not have the write-only values that EventBridge has.
    pub fn secrets(&self, prior: Option<&Self>) -> Secrets {
        let mut known = Vec::new();
        let mut complete = true;
        self.clone().each_secret(|_, secret| {
            let given = secret.plain.known().or(secret.write_only.known());
            complete &= given.is_some();
            known.extend(given.map(Secret::new));
        });
        // What was replaced may still be quoted.
        prior.cloned().unwrap_or_default().each_secret(|_, secret| {
            known.extend(secret.plain.known().map(Secret::new));
        });
        let told = prior.unwrap_or(self).connection_state_reason.known();
        Secrets::new(known, complete, told.cloned())
    }

    /// Visits the plain value, the write-only one and its version of every secret.
    #[cfg(test)]
    pub fn each_given_secret(&mut self, mut visit: impl FnMut([Attr<String>; 3])) {
        self.each_secret(|_, secret| {
            visit([
                secret.plain.clone(),
                secret.write_only.clone(),
                secret.version.clone(),
            ]);
        });
    }

    fn each_secret(&mut self, mut visit: impl FnMut(Place, SecretMut<'_>)) {
        if let Attr::Known(authorization) = &mut self.authorization {
            of_authorization(authorization, &mut visit);
        }
        of_parameters(
            "invocation_http_parameters",
            &mut self.invocation_http_parameters,
            &mut visit,
        );
    }
}

fn of_authorization(authorization: &mut Authorization, visit: &mut impl FnMut(Place, SecretMut<'_>)) {
    if let Attr::Known(given) = &mut authorization.api_key {
        let secret = SecretMut {
            plain: &mut given.value,
            write_only: &mut given.value_wo,
            version: &mut given.value_wo_version,
        };
        visit(("api_key", String::new()), secret);
    }
    if let Attr::Known(given) = &mut authorization.basic {
        let secret = SecretMut {
            plain: &mut given.password,
            write_only: &mut given.password_wo,
            version: &mut given.password_wo_version,
        };
        visit(("basic", String::new()), secret);
    }
    if let Attr::Known(given) = &mut authorization.oauth_client_credentials {
        let secret = SecretMut {
            plain: &mut given.client_secret,
            write_only: &mut given.client_secret_wo,
            version: &mut given.client_secret_wo_version,
        };
        visit(("oauth_client_credentials", String::new()), secret);
        of_parameters("oauth_http_parameters", &mut given.oauth_http_parameters, visit);
    }
}

fn of_parameters(
    block: &'static str,
    parameters: &mut Attr<HttpParameters>,
    visit: &mut impl FnMut(Place, SecretMut<'_>),
) {
    let Attr::Known(lists) = parameters else { return };
    for (list, parameters) in List::ALL.zip(lists.as_mut()) {
        let Attr::Known(parameters) = parameters else {
            continue;
        };
        for (name, parameter) in parameters {
            if let Attr::Known(given) = parameter
                && given.value.is_null()
            {
                let secret = SecretMut {
                    plain: &mut given.secret_value,
                    write_only: &mut given.secret_value_wo,
                    version: &mut given.secret_value_wo_version,
                };
                visit((block, format!("{list:?} {name}")), secret);
            }
        }
    }
}
