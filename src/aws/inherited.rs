//! What the environment or the profile settles where the provider block is silent. It is read here and not by the SDK, which
//! panics at some of it that makes no sense, passes over other, and prints a request where a URL is none.

use std::fmt;
use std::sync::LazyLock;

use aws_sdk_eventbridge::config::retry::RetryMode;
use regex::Regex;

use super::patience;
use super::profiles::{Profiles, variable_set};
use super::scrub::shown;
use super::settings::{Endpoints, Settings};

/// What the URL of a service looks like: `https://vpce-1.example`, without a path.
pub const URL: &str = r"^https?://[^/?#\s]+/?$";

const URL_WORDS: &str = "an http or https URL without a path";

/// The services, by their argument in the block's `endpoints` and by the id that names variable and section.
const SERVICES: [(&str, &str); 5] = [
    ("endpoints.ec2", "EC2"),
    ("endpoints.vpclattice", "VPC Lattice"),
    ("endpoints.eventbridge", "EventBridge"),
    ("endpoints.sfn", "SFN"),
    ("endpoints.sts", "STS"),
];

/// Settings of which nothing is open any more.
#[derive(Debug, Clone)]
pub struct Settled {
    pub endpoints: Endpoints,
    pub attempts: u32,
    pub mode: RetryMode,
    pub use_fips: bool,
    pub use_dual_stack: bool,
}

/// Why the settings cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unfit {
    /// A value of the environment or of the profile makes no sense.
    #[error("{place} is {}not {wanted}", quoted(value))]
    Senseless {
        place: Place,
        value: String,
        /// What it is not.
        wanted: &'static str,
        /// What the provider block has for it.
        argument: &'static str,
    },
    /// AWS has no endpoint of that kind but its own.
    #[error(
        "{variant} and {endpoint} exclude each other: {kind} endpoints are AWS's own, and a URL takes their place"
    )]
    Exclusive {
        /// What wants the kind.
        variant: Place,
        /// What names the URL.
        endpoint: Place,
        kind: &'static str,
    },
}

/// Where a setting stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// An argument of the provider block.
    Block(&'static str),
    /// A variable of the environment.
    Variable(String),
    /// A key of the profile.
    Profile { name: String, key: String },
    /// A key of a service in the profile's `services`.
    Services {
        name: String,
        service: &'static str,
        key: String,
    },
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Block(argument) => write!(f, "{argument} of the provider block"),
            Self::Variable(name) => f.write_str(name),
            Self::Profile { name, key } => write!(f, "{key} of profile {name}"),
            Self::Services { name, service, key } => {
                write!(f, "{key} of {service} in the services of profile {name}")
            }
        }
    }
}

/// The value as an error shows it; nothing of one that may hold a password.
fn quoted(value: &str) -> String {
    if value.contains('@') {
        return String::new();
    }
    format!("{:?}, which is ", shown(value))
}

/// What the settings, the environment and the profile come to.
///
/// # Errors
/// Where a value that counts makes no sense, or two exclude each other. What the block settles is not looked at elsewhere.
pub fn settle(settings: &Settings, profiles: &Profiles) -> Result<Settled, Unfit> {
    let sources = Sources {
        variable: &variable_set,
        key: &|service, key| profiles.says(service, key),
        profile: &profiles.name,
    };
    sources.settle(settings)
}

/// What is asked for a value. An empty one is left out.
struct Sources<'a> {
    variable: &'a dyn Fn(&str) -> Option<String>,
    /// Of a service, or of the profile itself.
    key: &'a dyn Fn(Option<&str>, &str) -> Option<String>,
    /// The profile's name.
    profile: &'a str,
}

impl Sources<'_> {
    fn settle(&self, settings: &Settings) -> Result<Settled, Unfit> {
        let attempts = match settings.max_retries {
            Some(attempts) => attempts,
            None => self.attempts()?.unwrap_or(patience::ATTEMPTS),
        };
        let mode = match settings.retry_mode {
            Some(mode) => mode,
            None => self.mode()?.unwrap_or(RetryMode::Standard),
        };
        let connection = &settings.connection;
        let fips = self.flag(connection.use_fips, "use_fips_endpoint", "AWS_USE_FIPS_ENDPOINT")?;
        let dual_stack = self.flag(
            connection.use_dual_stack,
            "use_dualstack_endpoint",
            "AWS_USE_DUALSTACK_ENDPOINT",
        )?;
        let given = &settings.endpoints;
        let given = [
            &given.ec2,
            &given.vpclattice,
            &given.eventbridge,
            &given.sfn,
            &given.sts,
        ];
        let mut urls = Vec::new();
        for ((argument, service), given) in SERVICES.into_iter().zip(given) {
            let url = match given {
                Some(url) => Some((Place::Block(argument), url.clone())),
                None => self.endpoint(argument, service)?,
            };
            urls.push(url);
        }
        let endpoint = urls.iter().flatten().map(|(place, _)| place.clone()).next();
        for (flag, kind) in [(&fips, "FIPS"), (&dual_stack, "dual-stack")] {
            if let (Some((variant, true)), Some(endpoint)) = (flag, &endpoint) {
                return Err(Unfit::Exclusive {
                    variant: variant.clone(),
                    endpoint: endpoint.clone(),
                    kind,
                });
            }
        }
        let mut urls = urls.into_iter().map(|url| url.map(|(_, url)| url));
        let mut next = || urls.next().flatten();
        Ok(Settled {
            endpoints: Endpoints {
                ec2: next(),
                vpclattice: next(),
                eventbridge: next(),
                sfn: next(),
                sts: next(),
            },
            attempts,
            mode,
            use_fips: fips.is_some_and(|(_, flag)| flag),
            use_dual_stack: dual_stack.is_some_and(|(_, flag)| flag),
        })
    }

    fn attempts(&self) -> Result<Option<u32>, Unfit> {
        let wanted = "a whole number from 1 on";
        let found = self.find("AWS_MAX_ATTEMPTS", "max_attempts", |text| {
            text.parse().ok().filter(|attempts| *attempts > 0)
        });
        Ok(found
            .map_err(|wrong| wrong.unfit(wanted, "max_retries"))?
            .map(|(_, value)| value))
    }

    fn mode(&self) -> Result<Option<RetryMode>, Unfit> {
        let wanted = "standard, adaptive or legacy";
        let found = self.find("AWS_RETRY_MODE", "retry_mode", |text| {
            match text.to_ascii_lowercase().as_str() {
                // The SDK for Rust has no retries of that kind; what AWS's tools took long for their default is to hinder
                // nobody.
                "standard" | "legacy" => Some(RetryMode::Standard),
                "adaptive" => Some(RetryMode::Adaptive),
                _ => None,
            }
        });
        Ok(found
            .map_err(|wrong| wrong.unfit(wanted, "retry_mode"))?
            .map(|(_, value)| value))
    }

    /// A flag and where it stands. The profile's key is called as the block's argument is.
    fn flag(
        &self,
        given: Option<bool>,
        argument: &'static str,
        variable: &str,
    ) -> Result<Option<(Place, bool)>, Unfit> {
        if let Some(flag) = given {
            return Ok(Some((Place::Block(argument), flag)));
        }
        let found = self.find(variable, argument, truth);
        found.map_err(|wrong| wrong.unfit("true or false", argument))
    }

    /// The URL of a service, in the order of the AWS SDKs and Tools Reference Guide, "Service-specific endpoints".
    fn endpoint(
        &self,
        argument: &'static str,
        service: &'static str,
    ) -> Result<Option<(Place, String)>, Unfit> {
        let ignored = self.find(
            "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",
            "ignore_configured_endpoint_urls",
            truth,
        );
        let ignored = ignored.map_err(|wrong| wrong.unfit("true or false", argument))?;
        if ignored.is_some_and(|(_, flag)| flag) {
            return Ok(None);
        }
        let key = "endpoint_url";
        let name = || self.profile.to_owned();
        let of_service = format!("AWS_ENDPOINT_URL_{}", service.to_uppercase().replace(' ', "_"));
        let places = [
            (self.variable)(&of_service).map(|url| (Place::Variable(of_service.clone()), url)),
            (self.variable)("AWS_ENDPOINT_URL")
                .map(|url| (Place::Variable("AWS_ENDPOINT_URL".to_owned()), url)),
            (self.key)(Some(service), key).map(|url| {
                let place = Place::Services {
                    name: name(),
                    service,
                    key: key.to_owned(),
                };
                (place, url)
            }),
            (self.key)(None, key).map(|url| {
                let place = Place::Profile {
                    name: name(),
                    key: key.to_owned(),
                };
                (place, url)
            }),
        ];
        let Some((place, url)) = places.into_iter().flatten().next() else {
            return Ok(None);
        };
        if is_url(&url) {
            Ok(Some((place, url)))
        } else {
            Err(Wrong { place, value: url }.unfit(URL_WORDS, argument))
        }
    }

    /// The variable's value, else that of the profile's key.
    fn find<T>(
        &self,
        variable: &str,
        key: &str,
        parse: impl Fn(&str) -> Option<T>,
    ) -> Result<Option<(Place, T)>, Wrong> {
        let (place, value) = match ((self.variable)(variable), (self.key)(None, key)) {
            (Some(value), _) => (Place::Variable(variable.to_owned()), value),
            (None, Some(value)) => {
                let place = Place::Profile {
                    name: self.profile.to_owned(),
                    key: key.to_owned(),
                };
                (place, value)
            }
            (None, None) => return Ok(None),
        };
        match parse(value.trim()) {
            Some(parsed) => Ok(Some((place, parsed))),
            None => Err(Wrong { place, value }),
        }
    }
}

/// A value that makes no sense.
struct Wrong {
    place: Place,
    value: String,
}

impl Wrong {
    fn unfit(self, wanted: &'static str, argument: &'static str) -> Unfit {
        let Self { place, value } = self;
        Unfit::Senseless {
            place,
            value,
            wanted,
            argument,
        }
    }
}

fn truth(text: &str) -> Option<bool> {
    text.to_ascii_lowercase().parse().ok()
}

fn is_url(text: &str) -> bool {
    static PATTERN: LazyLock<Regex> = LazyLock::new(|| Regex::new(URL).expect("a pattern"));
    PATTERN.is_match(text)
}

#[cfg(test)]
mod tests;
