//! The managed security group of the gateway: TCP to the endpoint's port at every CIDR, and nothing else.

use std::collections::BTreeSet;
use std::fmt;

use aws_sdk_ec2::types::{
    IpPermission, IpRange, Ipv6Range, PrefixListId, ResourceType, SecurityGroup, TagSpecification,
    UserIdGroupPair,
};
use reconcile::{Change, Component, Fact, Found, Health, Id, Inventory, Kind, Made};
use serde::{Deserialize, Serialize};

use super::ComponentError;
use super::naming::Owner;
use super::object_tags::{ObjectTags, UserTags};
use super::ports::PortRange;
use super::tags::{self, ec2_tags};
use crate::aws::{Api, AwsError, Called as _, ListedGroup, Shown, wanted};
use crate::client::Aws;

/// The kind, as the engine records it.
pub const GROUP: Kind = Kind {
    key: "security_group",
    name: "security group",
};

/// The managed security groups of one owner.
pub struct Group<'a> {
    aws: &'a Aws,
    owner: &'a Owner,
}

/// What is wanted of the group.
#[derive(Debug, Clone)]
pub struct GroupSpec {
    pub vpc_id: Fact<String>,
    /// Where TCP may go; `Absent` leaves the rules as they are, because the endpoint is gone.
    pub targets: Fact<BTreeSet<EgressTarget>>,
    /// To which ports.
    pub ports: Fact<BTreeSet<PortRange>>,
    /// Rules that are not wanted stay for now: calls still go by them until the connection has moved.
    pub keeps_rules: bool,
    pub tags: UserTags,
}

/// What AWS answers of the group.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct SeenGroup {
    pub id: String,
    pub name: String,
    pub vpc_id: String,
    pub egress: BTreeSet<Rule>,
    pub tags: ObjectTags,
}

/// One rule: where traffic may go.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Rule {
    /// `tcp`, `udp`, … or `-1` for all.
    protocol: String,
    /// First and last port; `None` for all.
    ports: Option<(i32, i32)>,
    target: EgressTarget,
}

/// Where a rule lets traffic out to.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum EgressTarget {
    Cidr(String),
    /// The id of a prefix list.
    PrefixList(String),
    /// The id of a security group.
    Group(String),
}

impl EgressTarget {
    /// The id of the security group, where it is one.
    pub fn group(&self) -> Option<&String> {
        match self {
            Self::Group(id) => Some(id),
            Self::Cidr(_) | Self::PrefixList(_) => None,
        }
    }
}

impl fmt::Display for EgressTarget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (Self::Cidr(target) | Self::PrefixList(target) | Self::Group(target)) = self;
        f.write_str(target)
    }
}

impl Rule {
    fn tcp(ports: PortRange, target: &EgressTarget) -> Self {
        let (first, last) = ports.ends();
        Self {
            protocol: "tcp".to_owned(),
            ports: Some((first.into(), last.into())),
            target: target.clone(),
        }
    }

    fn of(permission: &IpPermission) -> Vec<Self> {
        let cidrs = permission
            .ip_ranges()
            .iter()
            .filter_map(|range| range.cidr_ip.clone());
        let cidrs6 = permission
            .ipv6_ranges()
            .iter()
            .filter_map(|range| range.cidr_ipv6.clone());
        let lists = permission
            .prefix_list_ids()
            .iter()
            .filter_map(|list| list.prefix_list_id.clone());
        let groups = permission
            .user_id_group_pairs()
            .iter()
            .filter_map(|pair| pair.group_id.clone());
        let targets = cidrs.chain(cidrs6).map(EgressTarget::Cidr);
        let targets = targets
            .chain(lists.map(EgressTarget::PrefixList))
            .chain(groups.map(EgressTarget::Group));
        let rule = |target| Self {
            protocol: permission.ip_protocol.clone().unwrap_or_else(|| "-1".to_owned()),
            ports: permission.from_port.zip(permission.to_port),
            target,
        };
        targets.map(rule).collect()
    }

    fn permission(&self) -> IpPermission {
        let permission = IpPermission::builder()
            .ip_protocol(&self.protocol)
            .set_from_port(self.ports.map(|(from, _)| from))
            .set_to_port(self.ports.map(|(_, to)| to));
        match &self.target {
            EgressTarget::Cidr(cidr) if cidr.contains(':') => {
                permission.ipv6_ranges(Ipv6Range::builder().cidr_ipv6(cidr).build())
            }
            EgressTarget::Cidr(cidr) => permission.ip_ranges(IpRange::builder().cidr_ip(cidr).build()),
            EgressTarget::PrefixList(id) => {
                permission.prefix_list_ids(PrefixListId::builder().prefix_list_id(id).build())
            }
            EgressTarget::Group(id) => {
                permission.user_id_group_pairs(UserIdGroupPair::builder().group_id(id).build())
            }
        }
        .build()
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.ports, self.protocol.as_str()) {
            (_, "-1") => write!(f, "egress of all traffic")?,
            (Some((from, to)), protocol) if from == to => write!(f, "egress {protocol} {from}")?,
            (Some((from, to)), protocol) => write!(f, "egress {protocol} {from}-{to}")?,
            (None, protocol) => write!(f, "egress {protocol}")?,
        }
        write!(f, " to {}", self.target)
    }
}

/// The rules that are missing and those that are not wanted.
fn rule_changes(
    ports: &BTreeSet<PortRange>,
    targets: &BTreeSet<EgressTarget>,
    seen: &BTreeSet<Rule>,
) -> (Vec<Rule>, Vec<Rule>) {
    let to = |ports: &PortRange| {
        targets
            .iter()
            .map(|target| Rule::tcp(*ports, target))
            .collect::<Vec<_>>()
    };
    let want: BTreeSet<Rule> = ports.iter().flat_map(to).collect();
    (
        want.difference(seen).cloned().collect(),
        seen.difference(&want).cloned().collect(),
    )
}

/// A group as the listing has it.
fn listed(id: &Id, name: &str, tags: &ObjectTags) -> ListedGroup {
    ListedGroup {
        id: id.to_string(),
        name: name.to_owned(),
        tags: tags.all(),
        shown: None,
    }
}

fn seen(group: SecurityGroup) -> Result<SeenGroup, AwsError> {
    const API: Api = Api::new("ec2", "DescribeSecurityGroups");
    Ok(SeenGroup {
        egress: group.ip_permissions_egress().iter().flat_map(Rule::of).collect(),
        tags: tags::of_ec2(group.tags()),
        id: wanted(API, "GroupId", group.group_id)?,
        name: wanted(API, "GroupName", group.group_name)?,
        vpc_id: wanted(API, "VpcId", group.vpc_id)?,
    })
}

impl<'a> Group<'a> {
    /// The groups of `owner`.
    pub fn new(aws: &'a Aws, owner: &'a Owner) -> Self {
        Self { aws, owner }
    }

    async fn authorize(&self, id: &Id, rules: &[Rule]) -> Result<(), ComponentError> {
        const API: Api = Api::new("ec2", "AuthorizeSecurityGroupEgress");
        if rules.is_empty() {
            return Ok(());
        }
        let request = self
            .aws
            .ec2
            .authorize_security_group_egress()
            .group_id(id.as_str());
        let request = request.set_ip_permissions(Some(rules.iter().map(Rule::permission).collect()));
        match request.send().await.of(API) {
            // A reply that was lost: the rule is there.
            Err(error) if error.code.as_deref() == Some("InvalidPermission.Duplicate") => Ok(()),
            answer => Ok(answer.map(drop)?),
        }
    }

    async fn revoke(&self, id: &Id, rules: &[Rule]) -> Result<(), ComponentError> {
        const API: Api = Api::new("ec2", "RevokeSecurityGroupEgress");
        if rules.is_empty() {
            return Ok(());
        }
        let request = self.aws.ec2.revoke_security_group_egress().group_id(id.as_str());
        let request = request.set_ip_permissions(Some(rules.iter().map(Rule::permission).collect()));
        match request.send().await.of(API) {
            Err(error) if error.code.as_deref() == Some("InvalidPermission.NotFound") => Ok(()),
            answer => Ok(answer.map(drop)?),
        }
    }
}

impl SeenGroup {
    /// Where it lets TCP out to.
    pub fn targets(&self) -> BTreeSet<EgressTarget> {
        let tcp = self.egress.iter().filter(|rule| rule.protocol == "tcp");
        tcp.map(|rule| rule.target.clone()).collect()
    }
}

impl Component for Group<'_> {
    const KIND: Kind = GROUP;
    type Spec = GroupSpec;
    type Observed = SeenGroup;
    type Error = ComponentError;

    fn name(&self, want: &GroupSpec) -> String {
        self.owner
            .component_name(want.vpc_id.as_ref().known().map(String::as_str))
    }

    fn name_of(&self, seen: &SeenGroup) -> String {
        seen.name.clone()
    }

    fn compare(&self, want: &GroupSpec, seen: &SeenGroup) -> Change {
        if !want.vpc_id.is(&seen.vpc_id) {
            return Change::Replace(vec!["VPC".to_owned()]);
        }
        let mut differs = Vec::new();
        match (&want.targets, &want.ports) {
            (Fact::Absent, _) => {}
            (Fact::Known(targets), Fact::Known(ports)) => {
                let (missing, extra) = rule_changes(ports, targets, &seen.egress);
                differs.extend(missing.iter().map(|rule| format!("{rule} missing")));
                let extra = extra.iter().filter(|_| !want.keeps_rules);
                differs.extend(extra.map(|rule| format!("{rule} not wanted")));
            }
            _ => differs.push("egress".to_owned()),
        }
        if want.tags.differ(&seen.id, &seen.tags.user) {
            differs.push("tags".to_owned());
        }
        if differs.is_empty() {
            Change::Keep
        } else {
            Change::Update(differs)
        }
    }

    fn health(&self, _: &SeenGroup) -> Health {
        Health::Settled
    }

    fn guard(&self, seen: &SeenGroup) -> Option<String> {
        self.owner.lost_tag(&seen.tags, &seen.id, self.aws.region())
    }

    fn taken_over(&self, seen: &SeenGroup) -> bool {
        self.owner.lost_to_another(&seen.tags)
    }

    fn marked(&self, seen: &SeenGroup) -> bool {
        seen.tags.mark().is_some()
    }

    async fn claim(&self, id: &Id, seen: &SeenGroup) -> Result<(), ComponentError> {
        tags::claim_ec2(self.aws, self.owner, id, &seen.tags).await?;
        let tags = seen.tags.clone();
        let tags = tags.held(self.owner.tag_key(), self.owner.tag_value(), true);
        self.aws.listings.groups.put(listed(id, &seen.name, &tags));
        Ok(())
    }

    async fn sign_off(&self, objects: Vec<(Id, SeenGroup)>) -> Result<Vec<(Id, SeenGroup)>, ComponentError> {
        let ids: Vec<_> = objects.iter().map(|(id, _)| id).collect();
        tags::unmark_ec2(self.aws, &ids).await?;
        let signed = objects.into_iter().map(|(id, seen)| {
            let tags = seen
                .tags
                .held(self.owner.tag_key(), self.owner.tag_value(), false);
            self.aws.listings.groups.put(listed(&id, &seen.name, &tags));
            (id, SeenGroup { tags, ..seen })
        });
        Ok(signed.collect())
    }

    async fn mark_again(&self, objects: Vec<(Id, SeenGroup)>) -> Result<(), ComponentError> {
        let ids: Vec<_> = objects.iter().map(|(id, _)| id).collect();
        Ok(tags::mark_ec2_again(self.aws, &ids).await?)
    }

    async fn search(&self, inventory: &Inventory) -> Result<Vec<Found<SeenGroup>>, ComponentError> {
        let listed = self.aws.listings.groups.searched(inventory.anew).await?;
        let mut found = Vec::new();
        for group in listed.iter() {
            let (id, tags) = (Id::new(&group.id), ObjectTags::of(group.tags.clone()));
            if inventory.recorded.owns(GROUP.key, &id) || self.owner.finds(inventory.fresh, &tags) {
                let listed = Found::listed(id, &group.name, tags.is_marked());
                let shown = group.shown.as_ref().and_then(Shown::serves);
                found.push(match shown {
                    Some((group, at)) => listed.with_read(seen(group.clone())?, at),
                    None => listed,
                });
            }
        }
        Ok(found)
    }

    async fn observe(&self, id: &Id) -> Result<Option<SeenGroup>, ComponentError> {
        let asked = BTreeSet::from([id.to_string()]);
        let answer = self.aws.security_groups(&asked).await?;
        let Some(group) = answer.into_iter().next() else {
            return Ok(None);
        };
        Ok(Some(seen(group)?))
    }

    async fn create(&self, want: &GroupSpec) -> Result<Made, ComponentError> {
        const API: Api = Api::new("ec2", "CreateSecurityGroup");
        let tags = tags::new(self.owner, &want.tags)?;
        let specification = TagSpecification::builder()
            .resource_type(ResourceType::SecurityGroup)
            .set_tags(Some(ec2_tags(&tags)))
            .build();
        let answer = self
            .aws
            .ec2
            .create_security_group()
            .group_name(self.name(want))
            .description(format!("Resource gateway of {}", self.owner.words()))
            .set_vpc_id(want.vpc_id.clone().known())
            .tag_specifications(specification)
            .send()
            .await;
        let listing = &self.aws.listings.groups;
        let answer = listing.after(answer.of(API))?;
        let made = ListedGroup {
            id: wanted(API, "GroupId", answer.group_id)?,
            name: self.name(want),
            tags,
            shown: None,
        };
        let id = made.id.clone();
        listing.put(made);
        // A new group may send everything everywhere. The engine compares what it made, so that the rules are
        // set by `update`, and set again where a run was killed in between.
        Ok(Made::ours(id))
    }

    async fn update(
        &self,
        id: &Id,
        want: &GroupSpec,
        seen: &SeenGroup,
        _: u32,
    ) -> Result<(), ComponentError> {
        self.aws.listings.groups.changes(id.as_str());
        if let (Fact::Known(targets), Fact::Known(ports)) = (&want.targets, &want.ports) {
            let (missing, extra) = rule_changes(ports, targets, &seen.egress);
            // First what is missing: calls that are under way keep their way.
            self.authorize(id, &missing).await?;
            if !want.keeps_rules {
                self.revoke(id, &extra).await?;
            }
        }
        tags::change_ec2(self.aws, id, &want.tags.changes(&seen.id, &seen.tags.user)).await?;
        Ok(())
    }

    async fn delete(&self, id: &Id, _: &SeenGroup) -> Result<(), ComponentError> {
        const API: Api = Api::new("ec2", "DeleteSecurityGroup");
        let answer = self
            .aws
            .ec2
            .delete_security_group()
            .group_id(id.as_str())
            .send()
            .await;
        answer.of(API)?;
        self.aws.listings.groups.remove(id.as_str());
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cidrs(cidrs: &[&str]) -> BTreeSet<EgressTarget> {
        cidrs
            .iter()
            .map(|cidr| EgressTarget::Cidr(cidr.to_string()))
            .collect()
    }

    #[test]
    fn a_new_group_loses_its_open_egress_and_gets_443_to_each_cidr() {
        let open = Rule {
            protocol: "-1".into(),
            ports: None,
            target: EgressTarget::Cidr("0.0.0.0/0".into()),
        };
        let https = BTreeSet::from([PortRange::HTTPS]);
        let (missing, extra) = rule_changes(
            &https,
            &cidrs(&["10.0.0.0/16", "2001:db8::/56"]),
            &BTreeSet::from([open.clone()]),
        );
        let to = |cidr: &str| Rule::tcp(PortRange::HTTPS, &EgressTarget::Cidr(cidr.to_owned()));
        assert_eq!(missing, [to("10.0.0.0/16"), to("2001:db8::/56")]);
        assert_eq!(extra, [open]);
        assert_eq!(extra[0].to_string(), "egress of all traffic to 0.0.0.0/0");
        assert_eq!(missing[0].to_string(), "egress tcp 443 to 10.0.0.0/16");
    }

    #[test]
    fn a_rule_survives_the_way_through_a_permission() {
        for target in [
            EgressTarget::Cidr("10.0.0.0/8".into()),
            EgressTarget::Cidr("2001:db8::/56".into()),
            EgressTarget::PrefixList("pl-1".into()),
            EgressTarget::Group("sg-1".into()),
        ] {
            let rule = Rule {
                protocol: "udp".into(),
                ports: Some((1, 9)),
                target,
            };
            assert_eq!(Rule::of(&rule.permission()), [rule]);
        }
    }
}
