//! The model: configuration, plan and state of one invocation.

use std::collections::{BTreeMap, BTreeSet};

use reconcile::{Id, Kind, Recorded, Slot};
use serde::{Deserialize, Serialize};
use terraform_plugin::{Attr, GoDuration};

use super::graph;
use crate::component::{CONFIGURATION, CONNECTION, GATEWAY, GROUP};

/// One invocation. No `Debug`: it holds secrets.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Model {
    pub name: Attr<String>,
    pub vpc_endpoint_id: Attr<String>,
    pub network: Attr<Network>,
    pub authorization: Attr<Authorization>,
    pub description: Attr<String>,
    pub tags: Attr<BTreeMap<String, Attr<String>>>,
    pub timeouts: Attr<Timeouts>,

    pub id: Attr<String>,
    pub connection_arn: Attr<String>,
    pub connection_arn_for_policy: Attr<String>,
    pub connection_secret_arn: Attr<String>,
    pub connection_state: Attr<String>,
    pub connection_state_reason: Attr<String>,
    pub vpc_id: Attr<String>,
    pub subnet_ids: Attr<BTreeSet<String>>,
    pub domain_name: Attr<String>,
    pub security_group_id: Attr<String>,
    pub resource_gateway_id: Attr<String>,
    pub resource_gateway_arn: Attr<String>,
    pub resource_configuration_id: Attr<String>,
    pub resource_configuration_arn: Attr<String>,
    pub resource_association_arn: Attr<String>,
    pub state_machine_policy_json: Attr<String>,
    pub pending: Attr<Vec<String>>,
    pub retired: Attr<Vec<String>>,
}

#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct Network {
    pub subnet_ids: Attr<BTreeSet<Attr<String>>>,
}

#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Authorization {
    pub api_key: Attr<ApiKey>,
    pub basic: Attr<Basic>,
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

#[derive(Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct NoAuthorization {}

#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Timeouts {
    pub create: Attr<GoDuration>,
    pub read: Attr<GoDuration>,
    pub update: Attr<GoDuration>,
    pub delete: Attr<GoDuration>,
}

/// The kinds, with what the ids of each begin with: `retired` is a list of ids alone.
const KINDS: [(Kind, &str); 4] = [
    (GROUP, "sg-"),
    (GATEWAY, "rgw-"),
    (CONFIGURATION, "rcfg-"),
    (CONNECTION, "arn:"),
];

impl Model {
    /// The name; known wherever a verb runs, since it is required and replaces the resource.
    pub fn name(&self) -> &str {
        self.name.known().map_or("", String::as_str)
    }

    /// What the state says is ours.
    pub fn recorded(&self) -> Recorded {
        let mut recorded = Recorded::default();
        let slots: [(&Slot, &Attr<String>); 4] = [
            (&graph::GROUP_SLOT, &self.security_group_id),
            (&graph::GATEWAY_SLOT, &self.resource_gateway_id),
            (&graph::CONFIGURATION_SLOT, &self.resource_configuration_id),
            (&graph::CONNECTION_SLOT, &self.connection_arn),
        ];
        for (slot, id) in slots {
            if let Some(id) = id.known() {
                recorded = recorded.with(slot.clone(), Id::new(id));
            }
        }
        for id in self.retired.known().into_iter().flatten() {
            if let Some((kind, _)) = KINDS.into_iter().find(|(_, prefix)| id.starts_with(prefix)) {
                recorded = recorded.with_retired(kind, Id::new(id));
            }
        }
        recorded
    }

    /// Without the write-only values, which are never planned or recorded.
    pub fn without_write_only(&self) -> Self {
        let mut model = self.clone();
        if let Attr::Known(authorization) = &mut model.authorization {
            if let Attr::Known(api_key) = &mut authorization.api_key {
                api_key.value_wo = Attr::Null;
            }
            if let Attr::Known(basic) = &mut authorization.basic {
                basic.password_wo = Attr::Null;
            }
        }
        model
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn retired_ids_find_their_kinds_again() {
        let ids = ["arn:aws:events:r:1:connection/a/b", "rcfg-1", "rgw-1", "sg-1"];
        let model = Model {
            security_group_id: Attr::Known("sg-2".into()),
            retired: Attr::Known(ids.map(str::to_owned).to_vec()),
            ..Model::default()
        };
        let recorded = model.recorded();
        assert_eq!(recorded.get(&graph::GROUP_SLOT), Some(&Id::new("sg-2")));
        assert_eq!(recorded.retired.len(), 4);
        assert!(
            recorded.owns(GATEWAY.key, &Id::new("rgw-1")) && recorded.owns(CONNECTION.key, &Id::new(ids[0]))
        );
    }
}
