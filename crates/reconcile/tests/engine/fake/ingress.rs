//! An ingress rule of a VPC: the one component that takes somebody else's object where it is just what is
//! wanted.

use reconcile::{Change, Component, Found, Health, Id, Inventory, Kind, Made};
use serde::{Deserialize, Serialize};

use super::cloud::CloudError;
use super::components::{Scope, Tags};

pub struct Ingress(pub Scope);

#[derive(Clone)]
pub struct IngressSpec {
    pub vpc: String,
    pub port: u16,
}

#[derive(Clone, Serialize, Deserialize)]
pub struct IngressSeen {
    tags: Tags,
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
        self.0.lost_tag(&seen.tags)
    }

    fn taken_over(&self, seen: &IngressSeen) -> bool {
        self.0.lost_to_another(&seen.tags)
    }

    fn given(&self, seen: &IngressSeen) -> bool {
        self.0.lost_tag(&seen.tags).is_none()
    }

    async fn release(&self, id: &Id) -> Result<(), CloudError> {
        self.0.cloud.release_rule(id).await
    }

    fn marked(&self, seen: &IngressSeen) -> bool {
        seen.tags.marked
    }

    async fn claim(&self, id: &Id, seen: &IngressSeen) -> Result<(), CloudError> {
        self.0.claim("claim rule", id, &seen.tags).await
    }

    async fn sign_off(&self, objects: Vec<(Id, IngressSeen)>) -> Result<Vec<(Id, IngressSeen)>, CloudError> {
        self.0
            .sign_off("sign off rule", objects, |seen| &mut seen.tags)
            .await
    }

    async fn search(&self, inventory: &Inventory) -> Result<Vec<Found<IngressSeen>>, CloudError> {
        self.0.cloud.list(|world| {
            let all = world.rules.iter();
            let ours = all.filter(|(id, rule)| {
                let tags = Tags {
                    owner: rule.owner.clone(),
                    marked: rule.marked,
                };
                self.0.finds(Self::KIND, inventory, world, id, &tags)
            });
            let found = |(id, rule): (&Id, &super::Rule)| {
                Found::listed(id.clone(), format!("{} {}", rule.vpc, rule.port), rule.marked)
            };
            ours.map(found).collect()
        })
    }

    async fn observe(&self, id: &Id) -> Result<Option<IngressSeen>, CloudError> {
        self.0.cloud.read(id, |world| {
            let rule = world.rules.get(id)?.clone();
            Some(IngressSeen {
                tags: Tags {
                    owner: rule.owner,
                    marked: rule.marked,
                },
                vpc: rule.vpc,
                port: rule.port,
                enabled: rule.enabled,
            })
        })
    }

    async fn create(&self, want: &IngressSpec) -> Result<Made, CloudError> {
        let cloud = &self.0.cloud;
        match cloud.create_rule(&want.vpc, want.port, &self.0.owner).await {
            Err(CloudError::Exists(equal)) => Ok(Made::borrowed(equal)),
            answer => answer.map(Made::ours),
        }
    }

    async fn update(&self, id: &Id, _: &IngressSpec, _: &IngressSeen, _: u32) -> Result<(), CloudError> {
        self.0.cloud.enable_rule(id).await
    }

    async fn delete(&self, id: &Id, _: &IngressSeen) -> Result<(), CloudError> {
        self.0.cloud.delete_rule(id).await
    }
}
