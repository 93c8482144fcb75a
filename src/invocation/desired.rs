//! What configuration and endpoint ask for: one of the two pure functions that hold the composite together.

use std::collections::{BTreeMap, BTreeSet};

use reconcile::Fact;
use terraform_plugin::Attr;

use super::model::{self, Model};
use crate::component::{
    Authorization, ConfigurationSpec, ConnectionSpec, GatewaySpec, GroupSpec, Secret, SeenConfiguration,
    SeenGateway, SeenGroup,
};
use crate::endpoint::Endpoint;

/// What is known of the endpoint when something is asked for.
#[derive(Debug, Clone)]
pub enum Located {
    /// It was looked up.
    Here(Endpoint),
    /// It is the recorded one, and cannot be looked up any more: what the state says of it stands.
    Recorded,
    /// Its id is not known yet, or nothing is known of it.
    Later,
}

/// What is wanted of every component.
#[derive(Debug, Clone)]
pub struct Desired {
    pub vpc_id: Fact<String>,
    pub domain_name: Fact<String>,
    pub subnet_ids: Fact<BTreeSet<String>>,
    cidrs: Fact<BTreeSet<String>>,
    tags: Fact<BTreeMap<String, String>>,
    description: Fact<String>,
    authorization: Fact<Authorization>,
    send_secret: bool,
    creating: bool,
}

/// What `config` asks for at an endpoint, after `prior` (the state, where there is one).
pub fn desired(config: &Model, prior: Option<&Model>, endpoint: &Located) -> Desired {
    let recorded = |attribute: &Attr<String>| attribute.known().cloned().map_or(Fact::Later, Fact::Known);
    let (vpc_id, domain_name, cidrs) = match (endpoint, prior) {
        (Located::Here(endpoint), _) => (
            Fact::Known(endpoint.vpc_id.clone()),
            Fact::Known(endpoint.domain_name.clone()),
            Fact::Known(endpoint.cidrs.clone()),
        ),
        (Located::Recorded, Some(prior)) => (
            recorded(&prior.vpc_id),
            recorded(&prior.domain_name),
            Fact::Absent,
        ),
        (Located::Recorded | Located::Later, _) => (Fact::Later, Fact::Later, Fact::Later),
    };
    Desired {
        vpc_id,
        domain_name,
        cidrs,
        subnet_ids: subnet_ids(config, prior, endpoint),
        tags: match &config.tags {
            Attr::Known(tags) => all_known(tags.iter().map(|(key, value)| (key.clone(), value))),
            Attr::Null => Fact::Known(BTreeMap::new()),
            Attr::Unknown => Fact::Later,
        },
        description: match &config.description {
            Attr::Known(words) => Fact::Known(words.clone()),
            Attr::Null => Fact::Absent,
            Attr::Unknown => Fact::Later,
        },
        authorization: authorization(&config.authorization),
        send_secret: prior.is_none_or(|prior| secret_changed(&config.authorization, &prior.authorization)),
        creating: false,
    }
}

/// The configured subnets; else the recorded ones, as long as the endpoint stays; else the endpoint's.
fn subnet_ids(config: &Model, prior: Option<&Model>, endpoint: &Located) -> Fact<BTreeSet<String>> {
    let network = match &config.network {
        Attr::Known(network) => network.subnet_ids.as_ref(),
        Attr::Null => Attr::Null,
        Attr::Unknown => Attr::Unknown,
    };
    match network {
        Attr::Known(ids) => {
            let known: Option<BTreeSet<_>> = ids.iter().map(|id| id.known().cloned()).collect();
            return known.map_or(Fact::Later, Fact::Known);
        }
        Attr::Unknown => return Fact::Later,
        Attr::Null => {}
    }
    let recorded = prior
        .filter(|prior| prior.vpc_endpoint_id == config.vpc_endpoint_id)
        .and_then(|prior| prior.subnet_ids.known());
    match (recorded, endpoint) {
        (Some(recorded), _) => Fact::Known(recorded.clone()),
        (None, Located::Here(endpoint)) => Fact::Known(endpoint.subnet_ids.clone()),
        (None, Located::Recorded | Located::Later) => Fact::Later,
    }
}

fn all_known<'a>(
    entries: impl Iterator<Item = (String, &'a Attr<String>)>,
) -> Fact<BTreeMap<String, String>> {
    let known: Option<_> = entries
        .map(|(key, value)| Some((key, value.known()?.clone())))
        .collect();
    known.map_or(Fact::Later, Fact::Known)
}

fn authorization(given: &Attr<model::Authorization>) -> Fact<Authorization> {
    let text = |text: &Attr<String>| text.known().cloned().map_or(Fact::Later, Fact::Known);
    let secret = |plain: &Attr<String>, write_only: &Attr<String>| {
        plain
            .known()
            .or(write_only.known())
            .map(|secret| Secret::new(secret.clone()))
    };
    let Attr::Known(given) = given else {
        return Fact::Later;
    };
    match (&given.api_key, &given.basic, &given.none) {
        (Attr::Known(key), ..) => Fact::Known(Authorization::ApiKey {
            name: text(&key.name),
            value: secret(&key.value, &key.value_wo),
        }),
        (_, Attr::Known(basic), _) => Fact::Known(Authorization::Basic {
            username: text(&basic.username),
            password: secret(&basic.password, &basic.password_wo),
        }),
        (_, _, Attr::Known(_)) => Fact::Known(Authorization::None),
        _ => Fact::Later,
    }
}

/// Whether the secret, or the version of a write-only one, differs from what the state says was sent. AWS
/// shows neither.
fn secret_changed(config: &Attr<model::Authorization>, prior: &Attr<model::Authorization>) -> bool {
    let (Attr::Known(config), Attr::Known(prior)) = (config, prior) else {
        return true;
    };
    match (&config.api_key, &config.basic) {
        (Attr::Known(new), _) => {
            let Attr::Known(old) = &prior.api_key else {
                return true;
            };
            (&new.value, &new.value_wo_version) != (&old.value, &old.value_wo_version)
        }
        (_, Attr::Known(new)) => {
            let Attr::Known(old) = &prior.basic else {
                return true;
            };
            (&new.password, &new.password_wo_version) != (&old.password, &old.password_wo_version)
        }
        // `none` has no secret; a switch to it shows in the header's name.
        _ => config.api_key.is_unknown() || config.basic.is_unknown(),
    }
}

impl Desired {
    /// The same wants, of a create that has not ended, or has.
    pub fn creating(self, creating: bool) -> Self {
        Self { creating, ..self }
    }

    pub fn group(&self) -> GroupSpec {
        GroupSpec {
            vpc_id: self.vpc_id.clone(),
            cidrs: self.cidrs.clone(),
            tags: self.tags.clone(),
        }
    }

    pub fn gateway(&self, group: &Fact<SeenGroup>) -> GatewaySpec {
        GatewaySpec {
            vpc_id: self.vpc_id.clone(),
            subnet_ids: self.subnet_ids.clone(),
            security_group_id: group.as_ref().map(|group| group.id.clone()),
            tags: self.tags.clone(),
        }
    }

    pub fn configuration(&self, gateway: &Fact<SeenGateway>) -> ConfigurationSpec {
        ConfigurationSpec {
            domain_name: self.domain_name.clone(),
            gateway_id: gateway.as_ref().map(|gateway| gateway.id.clone()),
            creating: self.creating,
            tags: self.tags.clone(),
        }
    }

    pub fn connection(&self, configuration: &Fact<SeenConfiguration>) -> ConnectionSpec {
        ConnectionSpec {
            description: self.description.clone(),
            configuration_arn: configuration
                .as_ref()
                .map(|configuration| configuration.arn.clone()),
            authorization: self.authorization.clone(),
            send_secret: self.send_secret,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::invocation::model::{ApiKey, Network};

    fn with_key(value: Attr<&str>, version: Attr<&str>) -> Model {
        let api_key = ApiKey {
            name: Attr::Known("x-api-key".into()),
            value: value.map(str::to_owned),
            value_wo_version: version.map(str::to_owned),
            ..ApiKey::default()
        };
        let authorization = model::Authorization {
            api_key: Attr::Known(api_key),
            ..model::Authorization::default()
        };
        Model {
            authorization: Attr::Known(authorization),
            ..Model::default()
        }
    }

    #[test]
    fn a_secret_is_sent_when_it_or_its_version_changed() {
        let table = [
            (Attr::Known("a"), Attr::Null, Attr::Known("a"), Attr::Null, false),
            (Attr::Known("a"), Attr::Null, Attr::Known("b"), Attr::Null, true),
            (Attr::Null, Attr::Known("1"), Attr::Null, Attr::Known("1"), false),
            (Attr::Null, Attr::Known("1"), Attr::Null, Attr::Known("2"), true),
            (Attr::Known("a"), Attr::Null, Attr::Null, Attr::Known("1"), true),
            (Attr::Null, Attr::Null, Attr::Null, Attr::Known("1"), true),
            (Attr::Null, Attr::Known("1"), Attr::Null, Attr::Unknown, true),
        ];
        for (value, version, new_value, new_version, sends) in table {
            let (prior, config) = (with_key(value, version), with_key(new_value, new_version));
            let wanted = desired(&config, Some(&prior), &Located::Later);
            assert_eq!(
                wanted.send_secret, sends,
                "{value:?} {version:?} → {new_value:?} {new_version:?}"
            );
        }
        assert!(desired(&with_key(Attr::Null, Attr::Known("1")), None, &Located::Later).send_secret);
    }

    #[test]
    fn subnets_are_the_configured_ones_else_the_recorded_ones_else_the_endpoints() {
        let ids = |ids: &[&str]| ids.iter().map(|id| id.to_string()).collect::<BTreeSet<_>>();
        let here = Located::Here(Endpoint {
            id: "vpce-1".into(),
            vpc_id: "vpc-1".into(),
            domain_name: "d".into(),
            subnet_ids: ids(&["subnet-e"]),
            cidrs: BTreeSet::new(),
        });
        let plain = Model {
            vpc_endpoint_id: Attr::Known("vpce-1".into()),
            ..Model::default()
        };
        let recorded = Model {
            subnet_ids: Attr::Known(ids(&["subnet-r"])),
            ..plain.clone()
        };
        let network = Network {
            subnet_ids: Attr::Known([Attr::Known("subnet-c".to_owned())].into()),
        };
        let configured = Model {
            network: Attr::Known(network),
            ..plain.clone()
        };
        let moved = Model {
            vpc_endpoint_id: Attr::Known("vpce-2".into()),
            ..Model::default()
        };

        assert!(desired(&plain, None, &here).subnet_ids.is(&ids(&["subnet-e"])));
        assert!(
            desired(&plain, Some(&recorded), &here)
                .subnet_ids
                .is(&ids(&["subnet-r"]))
        );
        assert!(
            desired(&configured, Some(&recorded), &here)
                .subnet_ids
                .is(&ids(&["subnet-c"]))
        );
        assert!(
            desired(&moved, Some(&recorded), &here)
                .subnet_ids
                .is(&ids(&["subnet-e"]))
        );
        assert!(desired(&moved, Some(&recorded), &Located::Later).subnet_ids == Fact::Later);
    }
}
