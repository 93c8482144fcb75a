//! The provider block as a model, and what it settles.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use terraform_plugin::{Attr, GoDuration};

use crate::aws::{Connection, Endpoints, Role, Settings, Token, WebIdentity};
use crate::client::TagPolicy;

type Texts = Attr<Vec<Attr<String>>>;
type Map = Attr<BTreeMap<String, Attr<String>>>;

/// The provider block.
#[derive(Default, Serialize, Deserialize)]
pub struct Config {
    pub region: Attr<String>,
    pub access_key: Attr<String>,
    pub secret_key: Attr<String>,
    pub token: Attr<String>,
    pub profile: Attr<String>,
    pub shared_config_files: Texts,
    pub shared_credentials_files: Texts,
    pub allowed_account_ids: Texts,
    pub forbidden_account_ids: Texts,
    pub skip_credentials_validation: Attr<bool>,
    pub skip_region_validation: Attr<bool>,
    pub skip_requesting_account_id: Attr<bool>,
    pub skip_metadata_api_check: Attr<bool>,
    pub max_retries: Attr<u32>,
    pub retry_mode: Attr<String>,
    pub sts_region: Attr<String>,
    pub custom_ca_bundle: Attr<String>,
    pub http_proxy: Attr<String>,
    pub https_proxy: Attr<String>,
    pub no_proxy: Attr<String>,
    pub use_fips_endpoint: Attr<bool>,
    pub use_dualstack_endpoint: Attr<bool>,
    pub assume_role: Attr<Vec<AssumeRole>>,
    pub assume_role_with_web_identity: Attr<Vec<AssumeRoleWithWebIdentity>>,
    pub endpoints: Attr<EndpointsConfig>,
    pub default_tags: Attr<DefaultTags>,
    pub ignore_tags: Attr<IgnoreTags>,
}

#[derive(Serialize, Deserialize)]
pub struct AssumeRole {
    pub role_arn: Attr<String>,
    pub session_name: Attr<String>,
    pub external_id: Attr<String>,
    pub duration: Attr<GoDuration>,
    pub policy: Attr<String>,
    pub policy_arns: Texts,
    pub tags: Map,
    pub transitive_tag_keys: Texts,
    pub source_identity: Attr<String>,
}

#[derive(Serialize, Deserialize)]
pub struct AssumeRoleWithWebIdentity {
    pub role_arn: Attr<String>,
    pub session_name: Attr<String>,
    pub web_identity_token: Attr<String>,
    pub web_identity_token_file: Attr<String>,
    pub duration: Attr<GoDuration>,
    pub policy: Attr<String>,
    pub policy_arns: Texts,
}

#[derive(Serialize, Deserialize)]
pub struct EndpointsConfig {
    pub ec2: Attr<String>,
    pub vpclattice: Attr<String>,
    pub eventbridge: Attr<String>,
    pub sfn: Attr<String>,
    pub sts: Attr<String>,
}

#[derive(Serialize, Deserialize)]
pub struct DefaultTags {
    pub tags: Map,
}

#[derive(Serialize, Deserialize)]
pub struct IgnoreTags {
    pub keys: Texts,
    pub key_prefixes: Texts,
}

impl Config {
    /// Whether anything of the block is not known yet.
    pub fn is_unknown(&self) -> bool {
        let texts = [
            &self.region,
            &self.access_key,
            &self.secret_key,
            &self.token,
            &self.profile,
            &self.retry_mode,
            &self.sts_region,
            &self.custom_ca_bundle,
            &self.http_proxy,
            &self.https_proxy,
            &self.no_proxy,
        ];
        let flags = [
            &self.skip_credentials_validation,
            &self.skip_region_validation,
            &self.skip_requesting_account_id,
            &self.skip_metadata_api_check,
            &self.use_fips_endpoint,
            &self.use_dualstack_endpoint,
        ];
        let lists = [
            &self.shared_config_files,
            &self.shared_credentials_files,
            &self.allowed_account_ids,
            &self.forbidden_account_ids,
        ];
        let endpoints = self.endpoints.known().map(EndpointsConfig::each);
        texts.into_iter().any(Attr::is_unknown)
            || flags.into_iter().any(Attr::is_unknown)
            || lists.into_iter().any(has_unknown)
            || self.max_retries.is_unknown()
            || self.endpoints.is_unknown()
            || endpoints.is_some_and(|all| all.into_iter().any(Attr::is_unknown))
            || self.has_unknown_tags()
            || any(&self.assume_role, AssumeRole::is_unknown)
            || any(
                &self.assume_role_with_web_identity,
                AssumeRoleWithWebIdentity::is_unknown,
            )
    }

    /// Whether AWS is asked who the credentials are as soon as the provider is configured.
    pub fn asks_who_calls(&self) -> bool {
        self.is_guarded() || !is_true(&self.skip_credentials_validation)
    }

    /// Whether only some accounts are let in.
    pub fn is_guarded(&self) -> bool {
        let lists = [&self.allowed_account_ids, &self.forbidden_account_ids];
        lists.into_iter().any(|list| !known(list).is_empty())
    }

    fn has_unknown_tags(&self) -> bool {
        let defaults = self.default_tags.known();
        let ignored = self.ignore_tags.known();
        self.default_tags.is_unknown()
            || self.ignore_tags.is_unknown()
            || defaults.is_some_and(|block| {
                let mut tags = block.tags.known().into_iter().flatten();
                block.tags.is_unknown() || tags.any(|(_, value)| value.is_unknown())
            })
            || ignored.is_some_and(|block| has_unknown(&block.keys) || has_unknown(&block.key_prefixes))
    }

    /// What the block says of tags, with what hashicorp/aws takes from the environment. A tag whose value is null is left out.
    pub fn tags(&self) -> TagPolicy {
        const DEFAULT: &str = "TF_AWS_DEFAULT_TAGS_";
        let variables = std::env::vars_os().filter_map(|(name, value)| {
            let key = name.to_str()?.strip_prefix(DEFAULT)?.to_owned();
            Some((key, value.into_string().ok()?))
        });
        let mut defaults: BTreeMap<_, _> = variables.filter(|(key, _)| !key.is_empty()).collect();
        let given = self.default_tags.known().and_then(|block| block.tags.known());
        let given = given.into_iter().flatten();
        defaults.extend(given.filter_map(|(key, value)| Some((key.clone(), value.known()?.clone()))));
        let list = |name: &str, given: fn(&IgnoreTags) -> &Texts| {
            let variable = std::env::var(name).unwrap_or_default();
            let mut all: Vec<String> = variable
                .split(',')
                .map(str::trim)
                .filter(|key| !key.is_empty())
                .map(str::to_owned)
                .collect();
            all.extend(
                self.ignore_tags
                    .known()
                    .map(|block| known(given(block)))
                    .unwrap_or_default(),
            );
            all
        };
        TagPolicy {
            defaults,
            ignored_keys: list("TF_AWS_IGNORE_TAGS_KEYS", |block| &block.keys),
            ignored_prefixes: list("TF_AWS_IGNORE_TAGS_KEY_PREFIXES", |block| &block.key_prefixes),
        }
    }

    /// What all of it settles; `products` stand first in the user agent.
    pub fn settings(&self, products: Vec<String>) -> Settings {
        let federated = self.assume_role_with_web_identity.known();
        let roles = self.assume_role.known().into_iter().flatten();
        Settings {
            region: set(&self.region),
            any_region: is_true(&self.skip_region_validation),
            sts_region: set(&self.sts_region),
            access_key: set(&self.access_key),
            secret_key: set(&self.secret_key),
            token: set(&self.token),
            profile: set(&self.profile),
            shared_config_files: paths(&self.shared_config_files),
            shared_credentials_files: paths(&self.shared_credentials_files),
            web_identity: federated
                .and_then(|blocks| blocks.first())
                .map(AssumeRoleWithWebIdentity::settings),
            roles: roles.map(AssumeRole::settings).collect(),
            without_instance: is_true(&self.skip_metadata_api_check),
            max_retries: self.max_retries.known().copied(),
            retry_mode: set(&self.retry_mode).and_then(|mode| mode.parse().ok()),
            endpoints: self
                .endpoints
                .known()
                .map_or_else(Endpoints::default, |all| Endpoints {
                    ec2: set(&all.ec2),
                    vpclattice: set(&all.vpclattice),
                    eventbridge: set(&all.eventbridge),
                    sfn: set(&all.sfn),
                    sts: set(&all.sts),
                }),
            connection: Connection {
                ca_bundle: set(&self.custom_ca_bundle).map(PathBuf::from),
                http_proxy: set(&self.http_proxy),
                https_proxy: set(&self.https_proxy),
                no_proxy: set(&self.no_proxy),
                use_fips: self.use_fips_endpoint.known().copied(),
                use_dual_stack: self.use_dualstack_endpoint.known().copied(),
            },
            user_agent: products,
        }
    }
}

impl AssumeRole {
    fn is_unknown(&self) -> bool {
        let texts = [
            &self.role_arn,
            &self.session_name,
            &self.external_id,
            &self.policy,
            &self.source_identity,
        ];
        texts.into_iter().any(Attr::is_unknown)
            || self.duration.is_unknown()
            || has_unknown(&self.policy_arns)
            || has_unknown(&self.transitive_tag_keys)
            || self.tags.is_unknown()
            || self
                .tags
                .known()
                .is_some_and(|tags| tags.values().any(Attr::is_unknown))
    }

    fn settings(&self) -> Role {
        let tags = self.tags.known().into_iter().flatten();
        Role {
            arn: set(&self.role_arn).unwrap_or_default(),
            session_name: set(&self.session_name),
            external_id: set(&self.external_id),
            duration: self.duration.known().map(GoDuration::get),
            policy: set(&self.policy),
            policy_arns: known(&self.policy_arns),
            tags: tags
                .filter_map(|(key, value)| Some((key.clone(), value.known()?.clone())))
                .collect(),
            transitive_tag_keys: known(&self.transitive_tag_keys),
            source_identity: set(&self.source_identity),
        }
    }
}

impl AssumeRoleWithWebIdentity {
    fn is_unknown(&self) -> bool {
        let texts = [
            &self.role_arn,
            &self.session_name,
            &self.web_identity_token,
            &self.web_identity_token_file,
            &self.policy,
        ];
        texts.into_iter().any(Attr::is_unknown)
            || self.duration.is_unknown()
            || has_unknown(&self.policy_arns)
    }

    /// What the block leaves out of role, name and token, the variables that AWS documents may give.
    fn settings(&self) -> WebIdentity {
        let variable = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
        let file = || {
            let given = set(&self.web_identity_token_file);
            given.or_else(|| variable("AWS_WEB_IDENTITY_TOKEN_FILE"))
        };
        WebIdentity {
            role_arn: set(&self.role_arn)
                .or_else(|| variable("AWS_ROLE_ARN"))
                .unwrap_or_default(),
            session_name: set(&self.session_name).or_else(|| variable("AWS_ROLE_SESSION_NAME")),
            token: match set(&self.web_identity_token) {
                Some(token) => Token::Text(token),
                None => Token::File(file().unwrap_or_default().into()),
            },
            duration: self.duration.known().map(GoDuration::get),
            policy: set(&self.policy),
            policy_arns: known(&self.policy_arns),
        }
    }
}

impl EndpointsConfig {
    fn each(&self) -> [&Attr<String>; 5] {
        [
            &self.ec2,
            &self.vpclattice,
            &self.eventbridge,
            &self.sfn,
            &self.sts,
        ]
    }
}

/// An empty string means the same as null, as it does for hashicorp/aws: variables often default to it.
fn set(value: &Attr<String>) -> Option<String> {
    value.known().filter(|value| !value.is_empty()).cloned()
}

/// Whether a text is given, and is not empty or not known yet.
pub fn is_set(value: &Attr<String>) -> bool {
    value.is_unknown() || value.known().is_some_and(|value| !value.is_empty())
}

pub fn is_true(flag: &Attr<bool>) -> bool {
    flag.known() == Some(&true)
}

/// The elements that say something.
pub fn known(list: &Texts) -> Vec<String> {
    let elements = list.known().into_iter().flatten();
    let known = elements.filter_map(|element| element.known().cloned());
    known.filter(|text| !text.is_empty()).collect()
}

fn paths(list: &Texts) -> Vec<PathBuf> {
    known(list).into_iter().map(PathBuf::from).collect()
}

fn has_unknown(list: &Texts) -> bool {
    list.is_unknown() || list.known().into_iter().flatten().any(Attr::is_unknown)
}

fn any<T>(blocks: &Attr<Vec<T>>, holds: impl Fn(&T) -> bool) -> bool {
    blocks.is_unknown() || blocks.known().into_iter().flatten().any(holds)
}
