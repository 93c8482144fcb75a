//! The model: configuration, plan and state of one invocation; a `private_api_path` is the same without a connection.

mod secrets;

use std::collections::{BTreeMap, BTreeSet};

use reconcile::{Id, Kind, Recorded, Slot};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use terraform_plugin::{Attr, GoDuration, Plan};

use super::slots::{CONFIGURATION_SLOT, CONNECTION_SLOT, GATEWAY_SLOT, GROUP_SLOT, INGRESS_SLOT};
use crate::component::naming::Owner;
use crate::component::{
    API_DESTINATION, CONFIGURATION, CONNECTION, DnsResolution, GATEWAY, GROUP, INGRESS, IpAddressType, Lists,
};

/// One invocation. No `Debug`: it holds secrets.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Model {
    pub name: Attr<String>,
    pub region: Attr<String>,
    pub vpc_endpoint_id: Attr<String>,
    pub https_endpoint: Attr<HttpsEndpoint>,
    pub shared_resource_configuration_arn: Attr<String>,
    pub network: Attr<Network>,
    pub authorization: Attr<Authorization>,
    pub invocation_http_parameters: Attr<HttpParameters>,
    pub api_destinations: Attr<Destinations>,
    pub description: Attr<String>,
    pub kms_key_identifier: Attr<String>,
    pub wait_for_ready: Attr<bool>,
    pub force_destroy: Attr<bool>,
    pub tags: Attr<Tags>,
    pub timeouts: Attr<Timeouts>,

    pub id: Attr<String>,
    /// What the create chose; a path has it in its id.
    pub instance: Attr<String>,
    pub connection_arn: Attr<String>,
    pub connection_arn_for_policy: Attr<String>,
    pub connection_secret_arn: Attr<String>,
    pub connection_state: Attr<String>,
    pub connection_state_reason: Attr<String>,
    pub vpc_id: Attr<String>,
    pub subnet_ids: Attr<BTreeSet<String>>,
    pub domain_name: Attr<String>,
    pub security_group_id: Attr<String>,
    pub endpoint_ingress_rule_id: Attr<String>,
    pub resource_gateway_id: Attr<String>,
    pub resource_gateway_arn: Attr<String>,
    pub resource_configuration_id: Attr<String>,
    pub resource_configuration_arn: Attr<String>,
    pub resource_association_arn: Attr<String>,
    pub state_machine_policy_json: Attr<String>,
    pub tags_all: Attr<Tags>,
    pub pending: Attr<Vec<String>>,
    pub retired: Attr<Vec<String>>,
    /// Null in the state of an older version, which did not record it.
    pub borrowed: Attr<Vec<String>>,
}

pub type Tags = BTreeMap<String, Attr<String>>;

pub type Destinations = BTreeMap<String, Attr<ApiDestination>>;

#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct HttpsEndpoint {
    pub domain_name: Attr<String>,
    pub ip_address: Attr<String>,
    pub port: Attr<i64>,
    pub port_ranges: Attr<BTreeSet<Attr<String>>>,
}

#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Network {
    pub name_prefix: Attr<String>,
    pub subnet_ids: Attr<BTreeSet<Attr<String>>>,
    pub security_group_ids: Attr<BTreeSet<Attr<String>>>,
    pub egress_cidr_blocks: Attr<BTreeSet<Attr<String>>>,
    pub egress_security_group_ids: Attr<BTreeSet<Attr<String>>>,
    pub egress_prefix_list_ids: Attr<BTreeSet<Attr<String>>>,
    pub endpoint_ingress_security_group_id: Attr<String>,
    pub resource_gateway_id: Attr<String>,
    pub ip_address_type: Attr<IpAddressType>,
    pub ipv4_addresses_per_eni: Attr<i64>,
    pub resource_config_dns_resolution: Attr<DnsResolution>,
    pub allow_association_to_shareable_service_network: Attr<bool>,
}

#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Authorization {
    pub api_key: Attr<ApiKey>,
    pub basic: Attr<Basic>,
    pub oauth_client_credentials: Attr<OAuth>,
    pub none: Attr<NoAuthorization>,
}

#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct ApiKey {
    pub name: Attr<String>,
    pub value: Attr<String>,
    pub value_wo: Attr<String>,
    pub value_wo_version: Attr<String>,
}

#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Basic {
    pub username: Attr<String>,
    pub password: Attr<String>,
    pub password_wo: Attr<String>,
    pub password_wo_version: Attr<String>,
}

#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct OAuth {
    pub authorization_endpoint: Attr<String>,
    pub http_method: Attr<String>,
    pub client_id: Attr<String>,
    pub client_secret: Attr<String>,
    pub client_secret_wo: Attr<String>,
    pub client_secret_wo_version: Attr<String>,
    pub oauth_http_parameters: Attr<HttpParameters>,
    pub private_authorization_endpoint: Attr<PrivateAuthorizationEndpoint>,
}

#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct PrivateAuthorizationEndpoint {
    pub same_path: Attr<bool>,
    pub resource_configuration_arn: Attr<String>,
}

#[derive(Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct NoAuthorization {}

pub type HttpParameters = Lists<Attr<Parameters>>;

pub type Parameters = BTreeMap<String, Attr<HttpParameter>>;

#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct HttpParameter {
    pub value: Attr<String>,
    pub secret_value: Attr<String>,
    pub secret_value_wo: Attr<String>,
    pub secret_value_wo_version: Attr<String>,
}

#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct ApiDestination {
    pub invocation_endpoint: Attr<String>,
    pub http_method: Attr<String>,
    pub invocation_rate_limit_per_second: Attr<i64>,
    pub description: Attr<String>,
    pub arn: Attr<String>,
    pub arn_for_policy: Attr<String>,
    pub state: Attr<String>,
}

#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Timeouts {
    pub create: Attr<GoDuration>,
    pub read: Attr<GoDuration>,
    pub update: Attr<GoDuration>,
    pub delete: Attr<GoDuration>,
}

/// What a model describes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Composite {
    /// `private_api_invocation`: a path and a connection through it.
    Invocation,
    /// `private_api_path`: a path alone.
    Path,
}

/// The model of one resource's own schema. The verbs know one [`Model`], of which a `private_api_path` has a part.
pub trait ResourceModel: Clone + Serialize + DeserializeOwned + Send + Sync + 'static {
    const COMPOSITE: Composite;

    fn to_model(&self) -> Model;

    fn from_model(model: Model) -> Self;
}

impl ResourceModel for Model {
    const COMPOSITE: Composite = Composite::Invocation;

    fn to_model(&self) -> Model {
        self.clone()
    }

    fn from_model(model: Model) -> Self {
        model
    }
}

impl Composite {
    /// What it is called in summaries.
    pub fn words(self) -> &'static str {
        match self {
            Self::Invocation => "private API invocation",
            Self::Path => "private API path",
        }
    }

    /// Whose the objects of a model are. A path that is still to be made has no instance yet.
    pub fn owner(self, model: &Model) -> Owner {
        let prefix = model.network(|network| &network.name_prefix);
        let prefix = prefix.known().map(String::as_str);
        match self {
            Self::Invocation => {
                Owner::invocation(model.name(), model.instance.known().map(String::as_str), prefix)
            }
            Self::Path => {
                let id = model.id.known().map_or("", String::as_str);
                let instance = id.rsplit_once('/').map_or("", |(_, instance)| instance);
                Owner::path(model.name(), instance, prefix)
            }
        }
    }
}

/// Whether an id is of a kind.
type IsId = fn(&str) -> bool;

/// The kinds, with what tells them apart in `retired`, a list of ids alone.
const KINDS: [(Kind, IsId); 6] = [
    (GROUP, |id| id.starts_with("sg-")),
    (INGRESS, |id| id.starts_with("sgr-")),
    (GATEWAY, |id| id.starts_with("rgw-")),
    (CONFIGURATION, |id| id.starts_with("rcfg-")),
    (CONNECTION, |id| id.contains(":connection/")),
    (API_DESTINATION, |id| id.contains(":api-destination/")),
];

impl Model {
    /// The name; known wherever a verb runs, since it is required and replaces the resource.
    pub fn name(&self) -> &str {
        self.name.known().map_or("", String::as_str)
    }

    /// One member of `network`; null where there is no block.
    pub fn network<T: Clone>(&self, member: impl FnOnce(&Network) -> &Attr<T>) -> Attr<T> {
        match &self.network {
            Attr::Known(network) => member(network).clone(),
            Attr::Null => Attr::Null,
            Attr::Unknown => Attr::Unknown,
        }
    }

    /// Whether the gateway is somebody else's, as far as this model says.
    fn borrows_gateway(&self) -> bool {
        let given = self.network(|network| &network.resource_gateway_id);
        given.is_known() && given == self.resource_gateway_id
    }

    /// Whether the resource configuration is somebody else's, as far as this model says.
    fn borrows_configuration(&self) -> bool {
        let given = &self.shared_resource_configuration_arn;
        given.is_known() && *given == self.resource_configuration_arn
    }

    /// What the state says is ours.
    pub fn recorded(&self) -> Recorded {
        let mut recorded = Recorded::default();
        let nothing = Attr::Null;
        let gateway = if self.borrows_gateway() {
            &nothing
        } else {
            &self.resource_gateway_id
        };
        let configuration = if self.borrows_configuration() {
            &nothing
        } else {
            &self.resource_configuration_id
        };
        let slots: [(&Slot, &Attr<String>); 5] = [
            (&GROUP_SLOT, &self.security_group_id),
            (&INGRESS_SLOT, &self.endpoint_ingress_rule_id),
            (&GATEWAY_SLOT, gateway),
            (&CONFIGURATION_SLOT, configuration),
            (&CONNECTION_SLOT, &self.connection_arn),
        ];
        for (slot, id) in slots {
            if let Some(id) = id.known() {
                recorded = recorded.with(slot.clone(), Id::new(id));
            }
        }
        for (name, destination) in self.destinations() {
            if let Some(arn) = destination.arn.known() {
                recorded = recorded.with(Slot::named(API_DESTINATION, name), Id::new(arn));
            }
        }
        for id in self.retired.known().into_iter().flatten() {
            if let Some((kind, _)) = KINDS.into_iter().find(|(_, is)| is(id)) {
                recorded = recorded.with_retired(kind, Id::new(id));
            }
        }
        let borrowed = self.borrowed.known().into_iter().flatten().map(Id::new);
        recorded.borrowed = borrowed
            .filter(|id| recorded.ids_of(INGRESS).any(|of| of == id))
            .collect();
        recorded
    }

    /// A configuration, with what the create has chosen for the resource whose state `prior` is.
    pub fn with_record_of(self, prior: &Self) -> Self {
        Self {
            id: prior.id.clone(),
            instance: prior.instance.clone(),
            ..self
        }
    }

    /// What an apply is to bring about: what was planned, with the write-only values that the configuration gives. The
    /// configuration of an apply is as it is written, with what the user has told core to ignore (`ignore_changes`).
    pub fn intended<F: ResourceModel>(plan: &Plan<F>) -> Self {
        let config = plan.config().to_model();
        let planned = plan.planned().to_model().inputs();
        let region = if planned.region.is_known() {
            planned.region.clone()
        } else {
            config.region.clone()
        };
        Self { region, ..planned }.with_write_only_of(&config)
    }

    /// Without the outputs.
    fn inputs(self) -> Self {
        let destination = |given: ApiDestination| ApiDestination {
            arn: Attr::Null,
            arn_for_policy: Attr::Null,
            state: Attr::Null,
            ..given
        };
        let destinations = |given: Destinations| {
            let given = given.into_iter();
            given
                .map(|(name, given)| (name, given.map(destination)))
                .collect()
        };
        Self {
            name: self.name,
            region: self.region,
            vpc_endpoint_id: self.vpc_endpoint_id,
            https_endpoint: self.https_endpoint,
            shared_resource_configuration_arn: self.shared_resource_configuration_arn,
            network: self.network,
            authorization: self.authorization,
            invocation_http_parameters: self.invocation_http_parameters,
            api_destinations: self.api_destinations.map(destinations),
            description: self.description,
            kms_key_identifier: self.kms_key_identifier,
            wait_for_ready: self.wait_for_ready,
            force_destroy: self.force_destroy,
            tags: self.tags,
            timeouts: self.timeouts,
            ..Self::default()
        }
    }

    /// The same, with the API destinations of `inputs` that it lacks: they are still to be made.
    pub fn with_destinations_of(mut self, inputs: &Self) -> Self {
        let Attr::Known(wanted) = &inputs.api_destinations else {
            return self;
        };
        let mut all = self.api_destinations.into_known().unwrap_or_default();
        let mut pending = self.pending.into_known().unwrap_or_default();
        for (name, destination) in wanted
            .iter()
            .filter(|(name, _)| !all.contains_key(*name))
            .collect::<Vec<_>>()
        {
            all.insert(name.clone(), destination.clone());
            pending.push(format!("create {} {name}", API_DESTINATION.name));
        }
        self.api_destinations = Attr::Known(all);
        self.pending = Attr::Known(pending);
        self
    }

    /// The API destinations that are known to be there, by name.
    pub fn destinations(&self) -> impl Iterator<Item = (&str, &ApiDestination)> {
        let all = self.api_destinations.known().into_iter().flatten();
        all.filter_map(|(name, destination)| Some((name.as_str(), destination.known()?)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn retired_ids_find_their_kinds_again() {
        let ids = [
            "arn:aws:events:r:1:api-destination/a/b",
            "arn:aws:events:r:1:connection/a/b",
            "rcfg-1",
            "rgw-1",
            "sg-1",
            "sgr-1",
        ];
        let model = Model {
            security_group_id: Attr::Known("sg-2".into()),
            retired: Attr::Known(ids.map(str::to_owned).to_vec()),
            ..Model::default()
        };
        let recorded = model.recorded();
        assert_eq!(recorded.get(&GROUP_SLOT), Some(&Id::new("sg-2")));
        assert_eq!(recorded.retired.len(), 6);
        for ((kind, _), id) in KINDS
            .into_iter()
            .zip([ids[4], ids[5], ids[3], ids[2], ids[1], ids[0]])
        {
            assert!(recorded.owns(kind.key, &Id::new(id)), "{id}");
        }
    }

    #[test]
    fn what_is_given_by_id_is_not_ours() {
        let network = Network {
            resource_gateway_id: Attr::Known("rgw-1".into()),
            ..Network::default()
        };
        let arn = "arn:aws:vpc-lattice:r:1:resourceconfiguration/rcfg-1";
        let borrowing = Model {
            network: Attr::Known(network),
            resource_gateway_id: Attr::Known("rgw-1".into()),
            shared_resource_configuration_arn: Attr::Known(arn.into()),
            resource_configuration_arn: Attr::Known(arn.into()),
            resource_configuration_id: Attr::Known("rcfg-1".into()),
            ..Model::default()
        };
        assert!(borrowing.recorded().is_empty());
        // A move to somebody else's that failed half-way: what is there is still ours.
        let half_way = Model {
            resource_gateway_id: Attr::Known("rgw-2".into()),
            resource_configuration_arn: Attr::Known("arn:…/rcfg-2".into()),
            resource_configuration_id: Attr::Known("rcfg-2".into()),
            ..borrowing
        };
        assert_eq!(half_way.recorded().current.len(), 2);
    }
}
