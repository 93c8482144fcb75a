//! The rule that lets the gateway in at a security group of the endpoint. An equal rule that exists serves as well, and
//! is left alone, but for the note that it is used where another resource of this provider made it.

use std::collections::BTreeSet;

use aws_sdk_ec2::types::{
    Filter, IpPermission, ResourceType, SecurityGroupRule, TagSpecification, UserIdGroupPair,
};
use reconcile::{Change, Component, Fact, Found, Health, Id, Inventory, Kind, Made};
use serde::{Deserialize, Serialize};

use super::naming::{INVOCATION_TAG, Owner, PATH_TAG};
use super::object_tags::{ObjectTags, UserTags};
use super::ports::PortRange;
use super::tags::{self, ec2_tags};
use super::{ComponentError, borrowers};
use crate::aws::{Api, AwsError, Called as _, ErrorKind, MarkedRule, pages, wanted};
use crate::client::Aws;

/// The kind, as the engine records it.
pub const INGRESS: Kind = Kind {
    key: "endpoint_ingress_rule",
    name: "endpoint ingress rule",
};

/// The rules of one owner.
pub struct Ingress<'a> {
    aws: &'a Aws,
    owner: &'a Owner,
    /// Whether one may be wanted.
    wanted: bool,
}

/// What is wanted of the rule.
#[derive(Debug, Clone)]
pub struct IngressSpec {
    /// The endpoint's group, to which it is added.
    pub group_id: Fact<String>,
    /// The gateway's groups: one of them is let in. `Absent` leaves the one that is, because the gateway is gone.
    pub source_group_ids: Fact<BTreeSet<String>>,
    /// One range: a rule has no more.
    pub ports: Fact<PortRange>,
    pub tags: UserTags,
}

/// What AWS answers of a rule.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct SeenIngress {
    pub id: String,
    pub group_id: String,
    pub source_group_id: Option<String>,
    pub protocol: String,
    pub ports: Option<(i32, i32)>,
    pub tags: ObjectTags,
}

impl IngressSpec {
    /// The first and the last port, as EC2 has them.
    fn bounds(&self) -> Fact<(i32, i32)> {
        self.ports.map(|ports| {
            let (first, last) = ports.ends();
            (first.into(), last.into())
        })
    }
}

impl SeenIngress {
    fn of(rule: &SecurityGroupRule) -> Option<Self> {
        if rule.is_egress == Some(true) {
            return None;
        }
        Some(Self {
            id: rule.security_group_rule_id.clone()?,
            group_id: rule.group_id.clone()?,
            source_group_id: rule
                .referenced_group_info
                .as_ref()
                .and_then(|group| group.group_id.clone()),
            protocol: rule.ip_protocol.clone()?,
            ports: rule.from_port.zip(rule.to_port),
            tags: tags::of_ec2(rule.tags()),
        })
    }

    /// The invocation or the path that made it, as its tag names it.
    pub fn holder(&self) -> Option<&String> {
        let mut keys = [INVOCATION_TAG, PATH_TAG].into_iter();
        keys.find_map(|key| self.tags.holder(key))
    }

    /// What of the rule itself is not as wanted.
    fn differs(&self, want: &IngressSpec) -> Vec<String> {
        let mut differs = Vec::new();
        let mut compare = |same: bool, what: &str| differs.extend((!same).then(|| what.to_owned()));
        let sources = want.source_group_ids.as_ref().known();
        let source = self.source_group_id.as_ref();
        compare(want.group_id.is(&self.group_id), "security group");
        compare(
            want.source_group_ids == Fact::Absent
                || sources
                    .zip(source)
                    .is_some_and(|(wanted, seen)| wanted.contains(seen)),
            "source",
        );
        compare(self.protocol == "tcp", "protocol");
        compare(self.ports.is_some_and(|ports| want.bounds().is(&ports)), "ports");
        differs
    }
}

impl<'a> Ingress<'a> {
    /// The rules of `owner`.
    pub fn new(aws: &'a Aws, owner: &'a Owner) -> Self {
        Self {
            aws,
            owner,
            wanted: true,
        }
    }

    /// The same, where none may be wanted: then only what a killed run has left is searched for.
    pub fn wanted(self, wanted: bool) -> Self {
        Self { wanted, ..self }
    }

    /// Rules that a killed run has left: they keep the gateway's groups from being removed, and let somebody in.
    async fn left_behind(&self, inventory: &Inventory) -> Result<Vec<Found<SeenIngress>>, ComponentError> {
        let marked = match self.aws.listings.marked_rules.all().await {
            // Who may not list rules has made none: a create begins with a look at them.
            Err(error) if error.kind == ErrorKind::AccessDenied => return Ok(Vec::new()),
            marked => marked?,
        };
        let seen = marked.iter().filter_map(|marked| SeenIngress::of(&marked.rule));
        let ours = seen.filter(|rule| self.owner.finds(inventory.fresh, &rule.tags));
        Ok(ours
            .map(|rule| Found::listed(Id::new(&rule.id), rule.id, true))
            .collect())
    }

    async fn list(&self, filter: Filter) -> Result<Vec<SeenIngress>, AwsError> {
        const API: Api = Api::new("ec2", "DescribeSecurityGroupRules");
        let rules = pages(API, |token| {
            let request = self.aws.ec2.describe_security_group_rules();
            let request = request.filters(filter.clone()).set_next_token(token);
            async move {
                let answer = request.send().await.of(API)?;
                Ok((answer.security_group_rules.unwrap_or_default(), answer.next_token))
            }
        });
        Ok(rules.await?.iter().filter_map(SeenIngress::of).collect())
    }

    /// A rule that serves already: somebody else's, or one that a lost reply told of.
    async fn equal(&self, want: &IngressSpec) -> Result<Option<Made>, AwsError> {
        let Some(group) = want.group_id.as_ref().known() else {
            return Ok(None);
        };
        let rules = self
            .list(Filter::builder().name("group-id").values(group).build())
            .await?;
        let equal = rules.into_iter().find(|rule| rule.differs(want).is_empty());
        let Some(rule) = equal else { return Ok(None) };
        if self.owner.owns(&rule.tags) {
            return Ok(Some(Made::ours(rule.id)));
        }
        if self.is_handed_over(&rule) {
            // It was ours, and is wanted again: from now on it does not count as gone.
            tags::unnote_ec2(self.aws, &Id::new(&*rule.id), borrowers::handed_over(self.owner)).await?;
        }
        if rule.holder().is_some() {
            // Without the note it serves as well, for as long as the one that made it is there: who borrows is told that.
            if let Err(error) = self.note(&Id::new(&*rule.id)).await {
                tracing::warn!(%error, "could not note on {} that it is used", rule.id);
            }
        }
        Ok(Some(Made::borrowed(rule.id)))
    }

    /// Whether the rule says that we use it, so that it outlives the resource that made it.
    pub fn is_noted(&self, seen: &SeenIngress) -> bool {
        seen.tags.has_own(&borrowers::note(self.owner))
    }

    /// Whether we have handed the rule over to another holder.
    pub fn is_handed_over(&self, seen: &SeenIngress) -> bool {
        borrowers::is_handed_over(self.owner, &seen.tags)
    }

    /// Notes on a rule that we use it.
    ///
    /// # Errors
    /// Who may not tag it, or where it has no room for another tag.
    pub async fn note(&self, id: &Id) -> Result<(), AwsError> {
        tags::note_ec2(self.aws, id, borrowers::note(self.owner)).await
    }

    /// Whether a rule bears our tag: how a state of an older version, which does not say what is borrowed, is read.
    pub fn is_ours(&self, seen: &SeenIngress) -> bool {
        self.owner.owns(&seen.tags)
    }
}

impl Component for Ingress<'_> {
    const KIND: Kind = INGRESS;
    type Spec = IngressSpec;
    type Observed = SeenIngress;
    type Error = ComponentError;

    fn name(&self, want: &IngressSpec) -> String {
        let group = want.group_id.as_ref().known().map(String::as_str);
        let sources = want.source_group_ids.as_ref().known().into_iter().flatten();
        self.owner
            .component_name(group.into_iter().chain(sources.map(String::as_str)))
    }

    fn name_of(&self, seen: &SeenIngress) -> String {
        // Rules have no names: nothing is ever in the way of one.
        seen.id.clone()
    }

    fn compare(&self, want: &IngressSpec, seen: &SeenIngress) -> Change {
        let differs = seen.differs(want);
        if !differs.is_empty() {
            return Change::Replace(differs);
        }
        // The tags of somebody else's rule are not ours to change.
        if self.owner.owns(&seen.tags) && want.tags.differ(&seen.id, &seen.tags.user) {
            Change::Update(vec!["tags".to_owned()])
        } else {
            Change::Keep
        }
    }

    fn health(&self, _: &SeenIngress) -> Health {
        Health::Settled
    }

    fn guard(&self, seen: &SeenIngress) -> Option<String> {
        self.owner.lost_tag(&seen.tags, &seen.id, self.aws.region())
    }

    fn taken_over(&self, seen: &SeenIngress) -> bool {
        self.owner.lost_to_another(&seen.tags)
    }

    fn marked(&self, seen: &SeenIngress) -> bool {
        seen.tags.mark().is_some()
    }

    async fn claim(&self, id: &Id, seen: &SeenIngress) -> Result<(), ComponentError> {
        Ok(tags::claim_ec2(self.aws, self.owner, id, &seen.tags).await?)
    }

    async fn sign_off(
        &self,
        objects: Vec<(Id, SeenIngress)>,
    ) -> Result<Vec<(Id, SeenIngress)>, ComponentError> {
        let ids: Vec<_> = objects.iter().map(|(id, _)| id).collect();
        tags::unmark_ec2(self.aws, &ids).await?;
        let listing = &self.aws.listings.marked_rules;
        ids.into_iter().for_each(|id| listing.remove(id.as_str()));
        let signed = objects.into_iter().map(|(id, seen)| {
            let tags = seen
                .tags
                .held(self.owner.tag_key(), self.owner.tag_value(), false);
            (id, SeenIngress { tags, ..seen })
        });
        Ok(signed.collect())
    }

    async fn mark_again(&self, objects: Vec<(Id, SeenIngress)>) -> Result<(), ComponentError> {
        let ids: Vec<_> = objects.iter().map(|(id, _)| id).collect();
        Ok(tags::mark_ec2_again(self.aws, &ids).await?)
    }

    async fn search(&self, inventory: &Inventory) -> Result<Vec<Found<SeenIngress>>, ComponentError> {
        if !self.wanted && !inventory.recorded.has(INGRESS) {
            return self.left_behind(inventory).await;
        }
        let tagged = Filter::builder().name(format!("tag:{}", self.owner.tag_key()));
        let tagged = if inventory.fresh {
            tagged.values(format!("{}/*", self.owner.name()))
        } else {
            tagged.values(self.owner.tag_value())
        };
        let mut found = Vec::new();
        for rule in self.list(tagged.build()).await? {
            let id = Id::new(&rule.id);
            if inventory.recorded.owns(INGRESS.key, &id) || self.owner.finds(inventory.fresh, &rule.tags) {
                found.push(Found::listed(id, &rule.id, rule.tags.is_marked()).with(rule));
            }
        }
        Ok(found)
    }

    async fn observe(&self, id: &Id) -> Result<Option<SeenIngress>, ComponentError> {
        const API: Api = Api::new("ec2", "DescribeSecurityGroupRules");
        let request = self.aws.ec2.describe_security_group_rules();
        let answer = request.security_group_rule_ids(id.as_str()).send().await;
        let Some(answer) = answer.found(API)? else {
            return Ok(None);
        };
        let seen = answer.security_group_rules().first().and_then(SeenIngress::of);
        Ok(seen.filter(|seen| !self.is_handed_over(seen)))
    }

    async fn create(&self, want: &IngressSpec) -> Result<Made, ComponentError> {
        const API: Api = Api::new("ec2", "AuthorizeSecurityGroupIngress");
        if let Some(equal) = self.equal(want).await? {
            return Ok(equal);
        }
        let source = want
            .source_group_ids
            .clone()
            .known()
            .and_then(|ids| ids.into_iter().next());
        let (from, to) = want.bounds().known().unzip();
        let source = UserIdGroupPair::builder()
            .set_group_id(source)
            .description(format!("Resource gateway of {}", self.owner.words()))
            .build();
        let permission = IpPermission::builder()
            .ip_protocol("tcp")
            .set_from_port(from)
            .set_to_port(to)
            .user_id_group_pairs(source)
            .build();
        let tags = tags::new(self.owner, &want.tags)?;
        let tags = TagSpecification::builder()
            .resource_type(ResourceType::SecurityGroupRule)
            .set_tags(Some(ec2_tags(&tags)))
            .build();
        let answer = self
            .aws
            .ec2
            .authorize_security_group_ingress()
            .set_group_id(want.group_id.clone().known())
            .ip_permissions(permission)
            .tag_specifications(tags)
            .send()
            .await;
        match answer.of(API) {
            // A reply that was lost, or somebody who was faster.
            Err(error) if error.code.as_deref() == Some("InvalidPermission.Duplicate") => {
                Ok(self.equal(want).await?.ok_or(error)?)
            }
            answer => {
                let rule = answer?
                    .security_group_rules
                    .unwrap_or_default()
                    .into_iter()
                    .next();
                let rule = wanted(API, "SecurityGroupRules[0]", rule)?;
                let id = wanted(API, "SecurityGroupRuleId", rule.security_group_rule_id.clone())?;
                let listing = &self.aws.listings.marked_rules;
                listing.put(MarkedRule { id: id.clone(), rule });
                Ok(Made::ours(id))
            }
        }
    }

    async fn update(
        &self,
        id: &Id,
        want: &IngressSpec,
        seen: &SeenIngress,
        _: u32,
    ) -> Result<(), ComponentError> {
        let mut changes = want.tags.changes(&seen.id, &seen.tags.user);
        borrowers::make_room(&seen.tags, &mut changes);
        Ok(tags::change_ec2(self.aws, id, &changes).await?)
    }

    fn given(&self, seen: &SeenIngress) -> bool {
        self.owner.owns(&seen.tags)
    }

    async fn release(&self, id: &Id) -> Result<(), ComponentError> {
        let seen = self.observe(id).await?;
        if seen.is_some_and(|seen| self.is_noted(&seen)) {
            tags::unnote_ec2(self.aws, id, borrowers::note(self.owner)).await?;
        }
        Ok(())
    }

    async fn delete(&self, id: &Id, seen: &SeenIngress) -> Result<(), ComponentError> {
        const API: Api = Api::new("ec2", "RevokeSecurityGroupIngress");
        // As it is now: who borrows it may have come since.
        let now = self.observe(id).await?;
        let Some(now) = now else { return Ok(()) };
        if let Some(changes) = borrowers::handover(self.aws, self.owner, &now.tags).await? {
            for change in &changes {
                tags::change_ec2(self.aws, id, change).await?;
            }
            self.aws.listings.marked_rules.remove(id.as_str());
            return Ok(());
        }
        let request = self
            .aws
            .ec2
            .revoke_security_group_ingress()
            .group_id(&seen.group_id);
        let answer = request.security_group_rule_ids(id.as_str()).send().await;
        match answer.of(API) {
            Err(error) if error.code.as_deref() == Some("InvalidPermission.NotFound") => {}
            answer => drop(answer?),
        }
        self.aws.listings.marked_rules.remove(id.as_str());
        Ok(())
    }
}
