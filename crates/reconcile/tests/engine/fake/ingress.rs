//! An ingress rule of a VPC: the one component that takes somebody else's object where it is just what is
//! wanted.

use reconcile::{Change, Component, Found, Health, Id, Inventory, Kind};
use serde::{Deserialize, Serialize};

use super::cloud::CloudError;
use super::components::Scope;

pub struct Ingress(pub Scope);

#[derive(Clone)]
pub struct IngressSpec {
    pub vpc: String,
    pub port: u16,
}

#[derive(Clone, Serialize, Deserialize)]
pub struct IngressSeen {
    owner: Option<String>,
    vpc: String,
    port: u16,
    enabled: bool,
}

impl Component for Ingress {
    const KIND: Kind = Kind {
        key: "ingress",
        name: "ingress rule",
    };
    type Spec = IngressSpec;
    type Observed = IngressSeen;
    type Error = CloudError;

    fn name(&self, want: &IngressSpec) -> String {
        format!("{} {}", want.vpc, want.port)
    }

    fn name_of(&self, seen: &IngressSeen) -> String {
        format!("{} {}", seen.vpc, seen.port)
    }

    fn compare(&self, want: &IngressSpec, seen: &IngressSeen) -> Change {
        if (&seen.vpc, seen.port) != (&want.vpc, want.port) {
            Change::Replace(vec!["VPC or port".to_owned()])
        } else if !seen.enabled {
            Change::Update(vec!["disabled".to_owned()])
        } else {
            Change::Keep
        }
    }

    fn health(&self, _: &IngressSeen) -> Health {
        Health::Settled
    }

    /// Would refuse every borrowed rule, if it were asked.
    fn guard(&self, seen: &IngressSeen) -> Option<String> {
        self.borrowed(seen).then(|| "it has lost its tag".to_owned())
    }

    fn borrowed(&self, seen: &IngressSeen) -> bool {
        seen.owner.as_ref() != Some(&self.0.owner)
    }

    async fn owned(&self, _: &Inventory) -> Result<Vec<Found>, CloudError> {
        self.0.cloud.list(|world| {
            let ours = world
                .rules
                .iter()
                .filter(|(_, rule)| rule.owner.as_ref() == Some(&self.0.owner));
            ours.map(|(id, rule)| Found {
                id: id.clone(),
                name: format!("{} {}", rule.vpc, rule.port),
                marked: false,
            })
            .collect()
        })
    }

    async fn observe(&self, id: &Id) -> Result<Option<IngressSeen>, CloudError> {
        Ok(self.0.cloud.read(id, |world| {
            let rule = world.rules.get(id)?.clone();
            Some(IngressSeen {
                owner: rule.owner,
                vpc: rule.vpc,
                port: rule.port,
                enabled: rule.enabled,
            })
        }))
    }

    async fn create(&self, want: &IngressSpec) -> Result<Id, CloudError> {
        let cloud = &self.0.cloud;
        match cloud.create_rule(&want.vpc, want.port, &self.0.owner).await {
            Err(CloudError::Exists(equal)) => Ok(Id::new(equal)),
            answer => answer,
        }
    }

    async fn update(&self, id: &Id, _: &IngressSpec, _: &IngressSeen) -> Result<(), CloudError> {
        self.0.cloud.enable_rule(id).await
    }

    async fn delete(&self, id: &Id) -> Result<(), CloudError> {
        self.0.cloud.delete_rule(id).await
    }
}
