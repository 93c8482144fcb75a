//! The shared configuration and credentials files, and what a profile of them says of credentials.

use std::borrow::Cow;
use std::fmt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use aws_config::profile::{self, Profile, ProfileSet};
use aws_runtime::env_config::file::{EnvConfigFileKind, EnvConfigFiles};
use aws_runtime::env_config::property::PropertiesKey;
use aws_types::os_shim_internal::{Env, Fs};

use super::cause::causes;
use super::settings::{Role, Settings, Token, WebIdentity};

/// The files of one provider block, and the profile that it chooses.
pub struct Profiles {
    set: ProfileSet,
    /// For the SDK, which reads other things in them.
    pub files: EnvConfigFiles,
    paths: Vec<PathBuf>,
    /// Whether the provider block names one of the files.
    of_block: bool,
    /// The profile's name: the block's, `AWS_PROFILE`, or `default`.
    pub name: String,
}

/// Why the files or a profile cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unsuitable {
    /// A file cannot be read or is not written as it must be.
    #[error("The shared configuration files cannot be read: {0}")]
    Files(String),
    /// There is no such profile.
    #[error("There is no profile {name} in {files}{}", via.as_ref().map(|by| format!(", which profile {by} refers to")).unwrap_or_default())]
    Missing {
        name: String,
        files: String,
        /// Whether the provider block names one of the files.
        of_block: bool,
        via: Option<String>,
    },
    /// One of two environment variables that make a source together.
    #[error("{set} is set, and {missing} is not")]
    Half {
        set: &'static str,
        missing: &'static str,
    },
    /// A web identity of the block without a role.
    #[error("assume_role_with_web_identity names no role, and AWS_ROLE_ARN is not set")]
    NoRole,
    /// What a profile says makes no sense; `why` is a clause.
    #[error("Profile {name} {why}")]
    Senseless { name: String, why: String },
}

/// Where the credentials come from that a profile's roles are assumed with, or its own.
#[derive(Clone, PartialEq, Eq)]
pub enum Origin {
    /// A profile that assumes no role, by its name.
    Profile(String, Kind),
    /// Keys in a profile that assumes a role with them.
    Keys {
        profile: String,
        access_key: String,
        secret_key: String,
        token: Option<String>,
    },
    Environment,
    Container,
    Instance,
    WebIdentity(WebIdentity),
}

/// What a profile has credentials by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Keys,
    Sso,
    Login,
    Process,
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Keys => "access key",
            Self::Sso => "IAM Identity Center",
            Self::Login => "aws login",
            Self::Process => "credential_process",
        })
    }
}

impl Profiles {
    /// Reads the files. A file that does not exist is an empty one.
    ///
    /// # Errors
    /// When a file cannot be parsed.
    pub async fn load(settings: &Settings) -> Result<Self, Unsuitable> {
        let mut files = EnvConfigFiles::builder();
        let mut paths = Vec::new();
        for (kind, given, variable, standard) in [
            (
                EnvConfigFileKind::Config,
                &settings.shared_config_files,
                "AWS_CONFIG_FILE",
                "~/.aws/config",
            ),
            (
                EnvConfigFileKind::Credentials,
                &settings.shared_credentials_files,
                "AWS_SHARED_CREDENTIALS_FILE",
                "~/.aws/credentials",
            ),
        ] {
            if given.is_empty() {
                files = match kind {
                    EnvConfigFileKind::Config => files.include_default_config_file(true),
                    _ => files.include_default_credentials_file(true),
                };
                paths.push(variable_set(variable).map_or_else(|| standard.into(), PathBuf::from));
                continue;
            }
            for path in given {
                let path = with_home(path);
                if path.exists() {
                    files = files.with_file(kind, path.clone());
                }
                paths.push(path);
            }
        }
        let files = files.build();
        let name = settings.profile.clone();
        let name = name.or_else(|| variable_set("AWS_PROFILE"));
        let name = name.unwrap_or_else(|| "default".to_owned());
        let chosen = Cow::Owned(name.clone());
        let set = profile::load(&Fs::real(), &Env::real(), &files, Some(chosen)).await;
        let set = set.map_err(|error| Unsuitable::Files(causes(&error)))?;
        Ok(Self {
            set,
            files,
            paths,
            of_block: !settings.shared_config_files.is_empty()
                || !settings.shared_credentials_files.is_empty(),
            name,
        })
    }

    /// Whether the chosen profile is in one of the files.
    pub fn has_chosen(&self) -> bool {
        self.set.get_profile(&self.name).is_some()
    }

    /// What the chosen profile says of a key, of a service by its id or of itself. Nothing where that is empty.
    pub fn says(&self, service: Option<&str>, key: &str) -> Option<String> {
        let said = match service {
            None => self.set.get(key),
            Some(service) => {
                let place = PropertiesKey::builder()
                    .section_key("services")
                    .section_name(self.set.get("services")?)
                    .property_name(service.to_lowercase().replace(' ', "-"))
                    .sub_property_name(key);
                let place = place.build().ok()?;
                self.set.other_sections().get(&place).map(String::as_str)
            }
        };
        said.filter(|value| !value.is_empty()).map(str::to_owned)
    }

    /// That the chosen profile is in none of the files.
    pub fn missing(&self) -> Unsuitable {
        self.without(&self.name, None)
    }

    fn without(&self, name: &str, via: Option<&str>) -> Unsuitable {
        let tell = |path: &PathBuf| {
            let exists = with_home(path).exists();
            let note = if exists { "" } else { " (no such file)" };
            format!("{}{note}", path.display())
        };
        Unsuitable::Missing {
            name: name.to_owned(),
            files: self.paths.iter().map(tell).collect::<Vec<_>>().join(" or "),
            of_block: self.of_block,
            via: via.map(str::to_owned),
        }
    }

    /// What the chosen profile has credentials by: where the first ones come from, and the roles that are assumed with
    /// them, in order. `None` where it says nothing of credentials.
    ///
    /// # Errors
    /// When a profile is missing, refers to itself in a circle, or lacks something.
    pub fn origin(&self) -> Result<Option<(Origin, Vec<Role>)>, Unsuitable> {
        let mut roles = Vec::new();
        let mut seen: Vec<String> = Vec::new();
        let mut name = self.name.clone();
        loop {
            let via = seen.last().map(String::as_str);
            let profile = self
                .set
                .get_profile(&name)
                .ok_or_else(|| self.without(&name, via))?;
            if seen.contains(&name) {
                let circle = format!("leads back to itself: {} → {name}", seen.join(" → "));
                return Err(senseless(&name, circle));
            }
            seen.push(name.clone());
            // Keys of a profile that another one refers to count more than its role.
            if seen.len() > 1 && kind(profile) == Some(Kind::Keys) {
                return Ok(Some((keys(&name, profile)?, reversed(roles))));
            }
            let Some(arn) = profile.get("role_arn") else {
                let kind = kind(profile);
                let lacks = || senseless(&name, "has no credentials, though another profile refers to it");
                return match kind {
                    Some(kind) => Ok(Some((Origin::Profile(name, kind), reversed(roles)))),
                    None if seen.len() > 1 => Err(lacks()),
                    None => Ok(None),
                };
            };
            let role = role(&name, arn, profile)?;
            if let Some(file) = profile.get("web_identity_token_file") {
                let origin = Origin::WebIdentity(WebIdentity {
                    role_arn: role.arn,
                    session_name: role.session_name,
                    token: Token::File(with_home(Path::new(file))),
                    duration: role.duration,
                    ..WebIdentity::default()
                });
                return Ok(Some((origin, reversed(roles))));
            }
            roles.push(role);
            match (profile.get("source_profile"), profile.get("credential_source")) {
                (Some(_), Some(_)) => {
                    let why = "sets both source_profile and credential_source; keep one";
                    return Err(senseless(&name, why));
                }
                (Some(source), None) if source == name => {
                    return Ok(Some((keys(&name, profile)?, reversed(roles))));
                }
                (Some(source), None) => name = source.to_owned(),
                (None, Some(source)) => {
                    let origin = match source {
                        "Environment" => Origin::Environment,
                        "EcsContainer" => Origin::Container,
                        "Ec2InstanceMetadata" => Origin::Instance,
                        other => {
                            let why = format!(
                                "has the credential_source {other}, which is none of Environment, EcsContainer and \
                                 Ec2InstanceMetadata"
                            );
                            return Err(senseless(&name, why));
                        }
                    };
                    return Ok(Some((origin, reversed(roles))));
                }
                (None, None) => {
                    let why =
                        "has a role_arn, but neither source_profile nor credential_source to assume it with";
                    return Err(senseless(&name, why));
                }
            }
        }
    }
}

/// Roles are found from the last to the first.
fn reversed(mut roles: Vec<Role>) -> Vec<Role> {
    roles.reverse();
    roles
}

fn role(name: &str, arn: &str, profile: &Profile) -> Result<Role, Unsuitable> {
    if profile.get("mfa_serial").is_some() {
        let why = "asks for the code of an MFA device (mfa_serial), which a provider cannot ask for. Get temporary \
                   credentials first, with aws configure export-credentials or aws sts get-session-token, and put them \
                   into the environment";
        return Err(senseless(name, why));
    }
    let seconds = |text: &str| text.parse().map(Duration::from_secs);
    let duration = profile.get("duration_seconds").map(seconds).transpose();
    Ok(Role {
        arn: arn.to_owned(),
        session_name: profile.get("role_session_name").map(str::to_owned),
        external_id: profile.get("external_id").map(str::to_owned),
        duration: duration.map_err(|_| senseless(name, "has a duration_seconds that is no number"))?,
        ..Role::default()
    })
}

fn keys(name: &str, profile: &Profile) -> Result<Origin, Unsuitable> {
    let wanted = |key: &str| {
        let value = profile.get(key).map(str::to_owned);
        value.ok_or_else(|| senseless(name, format!("is to give an access key, but has no {key}")))
    };
    Ok(Origin::Keys {
        profile: name.to_owned(),
        access_key: wanted("aws_access_key_id")?,
        secret_key: wanted("aws_secret_access_key")?,
        token: profile.get("aws_session_token").map(str::to_owned),
    })
}

/// In the order in which the SDK looks.
fn kind(profile: &Profile) -> Option<Kind> {
    let has = |key: &str| profile.get(key).is_some();
    if has("sso_session") || has("sso_start_url") {
        Some(Kind::Sso)
    } else if has("login_session") {
        Some(Kind::Login)
    } else if has("credential_process") {
        Some(Kind::Process)
    } else {
        has("aws_access_key_id").then_some(Kind::Keys)
    }
}

fn senseless(name: &str, why: impl Into<String>) -> Unsuitable {
    Unsuitable::Senseless {
        name: name.to_owned(),
        why: why.into(),
    }
}

/// A variable of the environment that says something.
pub fn variable_set(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// A path whose `~/` is the home directory.
pub fn with_home(path: &Path) -> PathBuf {
    let Ok(rest) = path.strip_prefix("~") else {
        return path.to_owned();
    };
    std::env::home_dir().map_or_else(|| path.to_owned(), |home| home.join(rest))
}
