//! Which credentials a provider configuration uses: one source, decided before any call, so that each error can name it.
//!
//! ```text
//!  assume_role_with_web_identity ─┐
//!  access_key, secret_key         │
//!  profile of the block           │ the first that is there   ┌─ assume_role ─ assume_role ─→ the calls
//!  AWS_ACCESS_KEY_ID              ├───────────────────────────┘
//!  AWS_WEB_IDENTITY_TOKEN_FILE    │
//!  AWS_PROFILE or default         │
//!  container, instance            ─┘
//! ```
//!
//! The order is hashicorp/aws'. A profile of the block is the only source: what the environment has would be another
//! identity, perhaps of another account.

use std::sync::Arc;
use std::time::Duration;

use aws_config::ecs::EcsCredentialsProvider;
use aws_config::environment::EnvironmentVariableCredentialsProvider;
use aws_config::imds::credentials::ImdsCredentialsProvider;
use aws_config::profile::ProfileFileCredentialsProvider;
use aws_config::provider_config::ProviderConfig;
use aws_credential_types::Credentials;
use aws_credential_types::provider::error::CredentialsError;
use aws_credential_types::provider::{self, ProvideCredentials, SharedCredentialsProvider, future};

use super::cause::{cause, causes};
use super::profiles::{Origin, Profiles, Unsuitable, variable_set};
use super::roles::{Assumed, Federated, signing_with};
use super::settings::{Role, Settings, Token, WebIdentity};
use super::signer::{NoCredentials, Signer, Source};

/// How long credentials may take: a `credential_process` may ask somebody.
pub const LOAD: Duration = Duration::from_secs(30);

/// What credentials are found by.
pub struct Finder<'a> {
    pub settings: &'a Settings,
    pub profiles: &'a Profiles,
    /// Where containers, instances and IAM Identity Center are asked.
    pub config: ProviderConfig,
    /// STS, without credentials.
    pub sts: aws_sdk_sts::config::Builder,
}

/// Credentials that were found, and who they are, in words.
pub struct Found {
    pub credentials: SharedCredentialsProvider,
    pub signer: Arc<Signer>,
}

impl Finder<'_> {
    /// Decides on the source; no call is made.
    ///
    /// # Errors
    /// When the profile that the settings or `AWS_PROFILE` name is missing, or says of credentials what makes no sense.
    pub fn find(&self) -> Result<Found, Unsuitable> {
        let (source, origin, mut roles) = self.source()?;
        let mut credentials = self.of(origin);
        roles.extend(self.settings.roles.iter().cloned());
        let arns = roles.iter().map(|role| role.arn.clone()).collect();
        let mut with = source.to_string();
        for role in roles {
            let arn = role.arn.clone();
            credentials = SharedCredentialsProvider::new(Assumed {
                sts: signing_with(&self.sts, Chain::shared(credentials, &source, None)),
                role,
                with,
            });
            with = format!("role {arn}");
        }
        let signer = Arc::new(Signer::new(source.clone(), arns));
        Ok(Found {
            credentials: Chain::shared(credentials, &source, Some(Arc::clone(&signer))),
            signer,
        })
    }

    fn source(&self) -> Result<(Source, Decided, Vec<Role>), Unsuitable> {
        let Self {
            settings, profiles, ..
        } = self;
        if settings.profile.is_some() && !profiles.has_chosen() {
            return Err(profiles.missing());
        }
        if let Some(identity) = &settings.web_identity {
            if identity.role_arn.is_empty() {
                return Err(Unsuitable::NoRole);
            }
            return Ok(federated(identity.clone()));
        }
        if let (Some(key), Some(secret)) = (&settings.access_key, &settings.secret_key) {
            let keys = Credentials::new(key, secret, settings.token.clone(), None, "provider block");
            return Ok((Source::Block, Decided::Keys(keys), Vec::new()));
        }
        if settings.profile.is_some() {
            return of_profile(profiles)?.ok_or_else(|| Unsuitable::Senseless {
                name: profiles.name.clone(),
                why: "has no credentials".to_owned(),
            });
        }
        let key = variable_set("AWS_ACCESS_KEY_ID");
        let secret = variable_set("AWS_SECRET_ACCESS_KEY");
        if key.is_some() != secret.is_some() {
            return Err(match key {
                Some(_) => half("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"),
                None => half("AWS_SECRET_ACCESS_KEY", "AWS_ACCESS_KEY_ID"),
            });
        }
        if key.is_some() {
            return Ok((
                Source::Environment,
                Decided::Other(Origin::Environment),
                Vec::new(),
            ));
        }
        // A role alone is ignored, as every AWS tool does: scripts keep it in that variable for other ends.
        if let Some(file) = variable_set("AWS_WEB_IDENTITY_TOKEN_FILE") {
            let role_arn = variable_set("AWS_ROLE_ARN")
                .ok_or_else(|| half("AWS_WEB_IDENTITY_TOKEN_FILE", "AWS_ROLE_ARN"))?;
            return Ok(federated(WebIdentity {
                role_arn,
                session_name: variable_set("AWS_ROLE_SESSION_NAME"),
                token: Token::File(file.into()),
                ..WebIdentity::default()
            }));
        }
        if profiles.has_chosen() {
            if let Some(found) = of_profile(profiles)? {
                return Ok(found);
            }
        } else if variable_set("AWS_PROFILE").is_some() {
            return Err(profiles.missing());
        }
        let is_container = ["RELATIVE", "FULL"].into_iter().any(|kind| {
            let name = format!("AWS_CONTAINER_CREDENTIALS_{kind}_URI");
            variable_set(&name).is_some()
        });
        let (source, origin) = if is_container {
            (Source::Container, Origin::Container)
        } else {
            (Source::Instance, Origin::Instance)
        };
        Ok((source, Decided::Other(origin), Vec::new()))
    }

    fn of(&self, decided: Decided) -> SharedCredentialsProvider {
        let origin = match decided {
            Decided::Keys(keys) => return SharedCredentialsProvider::new(keys),
            Decided::Other(origin) => origin,
        };
        match origin {
            Origin::Environment => {
                SharedCredentialsProvider::new(EnvironmentVariableCredentialsProvider::new())
            }
            Origin::Keys {
                access_key,
                secret_key,
                token,
                ..
            } => SharedCredentialsProvider::new(Credentials::new(
                access_key, secret_key, token, None, "profile",
            )),
            Origin::Profile(name, _) => SharedCredentialsProvider::new(
                ProfileFileCredentialsProvider::builder()
                    .configure(&self.config)
                    .profile_files(self.profiles.files.clone())
                    .profile_name(name)
                    .build(),
            ),
            Origin::WebIdentity(identity) => SharedCredentialsProvider::new(Federated {
                sts: aws_sdk_sts::Client::from_conf(self.sts.clone().build()),
                identity,
            }),
            Origin::Container => SharedCredentialsProvider::new(
                EcsCredentialsProvider::builder().configure(&self.config).build(),
            ),
            Origin::Instance if self.settings.without_instance => SharedCredentialsProvider::new(NoInstance),
            Origin::Instance => SharedCredentialsProvider::new(
                ImdsCredentialsProvider::builder().configure(&self.config).build(),
            ),
        }
    }
}

/// A source of which one variable is set and one is missing. Whoever set it meant that source: the next one would be an identity
/// that nobody chose.
fn half(set: &'static str, missing: &'static str) -> Unsuitable {
    Unsuitable::Half { set, missing }
}

/// What gives the first credentials.
enum Decided {
    Keys(Credentials),
    Other(Origin),
}

fn federated(identity: WebIdentity) -> (Source, Decided, Vec<Role>) {
    let token = match &identity.token {
        Token::Text(_) => "web_identity_token of the provider block".to_owned(),
        Token::File(path) if path.as_os_str().is_empty() => {
            "a web identity token that nothing names".to_owned()
        }
        Token::File(path) => format!("the web identity token in {}", path.display()),
    };
    let source = Source::WebIdentity {
        role: identity.role_arn.clone(),
        token,
    };
    (source, Decided::Other(Origin::WebIdentity(identity)), Vec::new())
}

fn of_profile(profiles: &Profiles) -> Result<Option<(Source, Decided, Vec<Role>)>, Unsuitable> {
    let Some((origin, roles)) = profiles.origin()? else {
        return Ok(None);
    };
    let (name, kind) = match &origin {
        Origin::Profile(name, kind) => (name, Some(*kind)),
        Origin::Keys { profile, .. } => (profile, Some(super::profiles::Kind::Keys)),
        _ => (&profiles.name, None),
    };
    let source = Source::Profile {
        name: name.clone(),
        kind,
    };
    Ok(Some((source, Decided::Other(origin), roles)))
}

/// In the place of the instance's metadata service, which is not to be asked.
#[derive(Debug)]
struct NoInstance;

impl ProvideCredentials for NoInstance {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        let why = "skip_metadata_api_check is set, and no other source has any";
        future::ProvideCredentials::ready(Err(CredentialsError::not_loaded(why)))
    }
}

/// A source whose failures are told with its name and with what renews it. One that takes too long has failed, too; of the
/// SDK's own time-out nobody could tell what was not in time.
#[derive(Debug)]
struct Chain {
    inner: SharedCredentialsProvider,
    source: Source,
    signer: Option<Arc<Signer>>,
}

impl Chain {
    fn shared(
        inner: SharedCredentialsProvider,
        source: &Source,
        signer: Option<Arc<Signer>>,
    ) -> SharedCredentialsProvider {
        SharedCredentialsProvider::new(Self {
            inner,
            source: source.clone(),
            signer,
        })
    }

    async fn load(&self) -> provider::Result {
        let loaded = tokio::time::timeout(LOAD, self.inner.provide_credentials()).await;
        let loaded = loaded.unwrap_or_else(|_| Err(CredentialsError::provider_timed_out(LOAD)));
        let loaded = loaded.map_err(|error| {
            if cause::<NoCredentials>(&error).is_some() {
                return error;
            }
            CredentialsError::provider_error(NoCredentials {
                why: format!("{} gives no credentials: {}", self.source, causes(&error)),
                remedy: self.source.renewal(),
            })
        })?;
        if let Some(signer) = &self.signer {
            signer.found(loaded.access_key_id());
        }
        Ok(loaded)
    }
}

impl ProvideCredentials for Chain {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        future::ProvideCredentials::new(self.load())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug)]
    struct NoSource {
        hangs: bool,
    }

    impl ProvideCredentials for NoSource {
        fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
        where
            Self: 'a,
        {
            future::ProvideCredentials::new(async {
                if self.hangs {
                    std::future::pending::<()>().await;
                }
                Err(CredentialsError::not_loaded("nobody is logged in"))
            })
        }
    }

    #[tokio::test(start_paused = true)]
    async fn what_a_source_fails_with_is_told_with_its_name_and_its_remedy() {
        for (hangs, words) in [(false, "nobody is logged in"), (true, "30")] {
            let source = Source::Profile {
                name: "prod".to_owned(),
                kind: Some(super::super::profiles::Kind::Sso),
            };
            let inner = SharedCredentialsProvider::new(NoSource { hangs });
            let error = Chain::shared(inner, &source, None)
                .provide_credentials()
                .await
                .unwrap_err();
            let told = cause::<NoCredentials>(&error).expect("the source is named");
            assert!(
                told.why.contains("profile prod (IAM Identity Center)"),
                "{}",
                told.why
            );
            assert!(told.why.contains(words), "{}", told.why);
            assert_eq!(told.remedy, "Run: aws sso login --profile prod");
        }
    }
}
