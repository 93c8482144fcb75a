//! Security group rules: what they admit, and how they are shown.

mod change;
mod requested;

use std::collections::BTreeMap;
use std::net::IpAddr;

use ipnet::{Ipv4Net, Ipv6Net};

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::describe::Described;
use super::{GROUP, Kind, RULE, State, tags};
use crate::core::ids;
use crate::core::tags::Tags;
use crate::core::world::World;

pub(crate) use change::{authorize, modify, revoke};

/// The other end of the traffic.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
pub(crate) enum Target {
    Ipv4(#[serde(with = "crate::core::store::by_text")] Ipv4Net),
    Ipv6(#[serde(with = "crate::core::store::by_text")] Ipv6Net),
    PrefixList(String),
    Group(String),
}

impl Target {
    pub(crate) fn group(&self) -> Option<&str> {
        match self {
            Self::Group(id) => Some(id),
            _ => None,
        }
    }

    pub(crate) fn cidr(&self) -> Option<String> {
        match self {
            Self::Ipv4(net) => Some(net.to_string()),
            _ => None,
        }
    }

    pub(crate) fn ipv6_cidr(&self) -> Option<String> {
        match self {
            Self::Ipv6(net) => Some(net.to_string()),
            _ => None,
        }
    }

    pub(crate) fn prefix_list(&self) -> Option<&str> {
        match self {
            Self::PrefixList(id) => Some(id),
            _ => None,
        }
    }
}

#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct Rule {
    pub(crate) id: String,
    pub(crate) group_id: String,
    pub(crate) egress: bool,
    /// `tcp`, `udp`, `icmp`, `icmpv6`, a number, or `-1` for all.
    pub(crate) protocol: String,
    /// -1 for all.
    pub(crate) from_port: i64,
    pub(crate) to_port: i64,
    pub(crate) target: Target,
    pub(crate) description: Option<String>,
    pub(crate) tags: Tags,
}

impl Rule {
    /// All traffic to or from everywhere.
    pub(crate) fn everything(group_id: &str, egress: bool) -> Self {
        let anywhere = Target::Ipv4(Ipv4Net::default());
        Self::new(group_id, egress, "-1", (-1, -1), anywhere)
    }

    pub(crate) fn new(
        group_id: &str,
        egress: bool,
        protocol: &str,
        ports: (i64, i64),
        target: Target,
    ) -> Self {
        Self {
            id: ids::resource_id("sgr"),
            group_id: group_id.to_owned(),
            egress,
            protocol: protocol.to_owned(),
            from_port: ports.0,
            to_port: ports.1,
            target,
            description: None,
            tags: Tags::new(),
        }
    }

    fn same_traffic(&self, other: &Self) -> bool {
        self.group_id == other.group_id
            && self.egress == other.egress
            && self.protocol == other.protocol
            && (self.from_port, self.to_port) == (other.from_port, other.to_port)
            && self.target == other.target
    }

    /// Whether the rule lets TCP through to this port, with an interface that has this address and these
    /// groups.
    pub(crate) fn admits_tcp(&self, port: u16, address: IpAddr, groups: &[String]) -> bool {
        let port = i64::from(port);
        let protocol = match self.protocol.as_str() {
            "-1" => true,
            "tcp" => (self.from_port..=self.to_port).contains(&port),
            _ => false,
        };
        protocol
            && match (&self.target, address) {
                (Target::Ipv4(net), IpAddr::V4(address)) => net.contains(&address),
                (Target::Ipv6(net), IpAddr::V6(address)) => net.contains(&address),
                (Target::Group(id), _) => groups.contains(id),
                // What is in a prefix list is not known here.
                (Target::Ipv4(_) | Target::Ipv6(_) | Target::PrefixList(_), _) => false,
            }
    }

    fn words(&self) -> String {
        let peer = match &self.target {
            Target::Ipv4(net) => net.to_string(),
            Target::Ipv6(net) => net.to_string(),
            Target::PrefixList(id) | Target::Group(id) => id.clone(),
        };
        match self.protocol.as_str() {
            "-1" => format!("peer: {peer}, ALL, ALLOW"),
            protocol => format!(
                "peer: {peer}, {}, from port: {}, to port: {}, ALLOW",
                protocol.to_uppercase(),
                self.from_port,
                self.to_port
            ),
        }
    }
}

pub(crate) fn add(world: &mut World, rule: Rule) {
    world.ec2_mut().rules.insert(rule.id.clone(), rule);
}

/// Rules as `IpPermission`s: those with the same protocol and ports in one.
pub(crate) fn permissions<'r>(rules: impl Iterator<Item = &'r Rule>, account: &str) -> Value {
    let mut permissions: BTreeMap<(&str, i64, i64), Vec<&Rule>> = BTreeMap::new();
    for rule in rules {
        permissions
            .entry((&rule.protocol, rule.from_port, rule.to_port))
            .or_default()
            .push(rule);
    }
    let shown = permissions.into_iter().map(|((protocol, from, to), rules)| {
        let to_all = |target: fn(&Target) -> Option<Value>| {
            let shown = rules.iter().filter_map(|rule| {
                let mut shown = target(&rule.target)?;
                shown["Description"] = rule.description.clone().into();
                Some(shown)
            });
            shown.collect::<Value>()
        };
        let mut groups = to_all(|target| target.group().map(|id| json!({ "GroupId": id })));
        for group in groups.as_array_mut().into_iter().flatten() {
            group["UserId"] = account.into();
        }
        let mut permission = json!({
            "IpProtocol": protocol,
            "UserIdGroupPairs": groups,
            "IpRanges": to_all(|target| target.cidr().map(|cidr| json!({ "CidrIp": cidr }))),
            "Ipv6Ranges": to_all(|target| target.ipv6_cidr().map(|cidr| json!({ "CidrIpv6": cidr }))),
            "PrefixListIds": to_all(|target| target.prefix_list().map(|id| json!({ "PrefixListId": id }))),
        });
        if protocol != "-1" {
            permission["FromPort"] = from.into();
            permission["ToPort"] = to.into();
        }
        permission
    });
    shown.collect()
}

impl Rule {
    fn traffic(&self) -> Value {
        json!({
            "SecurityGroupRuleId": self.id,
            "GroupId": self.group_id,
            "IsEgress": self.egress,
            "IpProtocol": self.protocol,
            "FromPort": self.from_port,
            "ToPort": self.to_port,
            "CidrIpv4": self.target.cidr(),
            "CidrIpv6": self.target.ipv6_cidr(),
            "PrefixListId": self.target.prefix_list(),
            "Description": self.description,
        })
    }
}

impl Described for Rule {
    const KIND: Kind = RULE;
    const IDS: &'static str = "SecurityGroupRuleIds";
    const SET: &'static str = "SecurityGroupRules";
    const FILTERS: &'static [&'static str] = &["group-id", "security-group-rule-id"];
    const ID_FILTERS: &'static [(&'static str, Kind)] = &[("group-id", GROUP)];

    fn tags(&self) -> &Tags {
        &self.tags
    }

    fn values(&self, filter: &str, _ec2: &State) -> Vec<String> {
        vec![if filter == "group-id" {
            self.group_id.clone()
        } else {
            self.id.clone()
        }]
    }

    fn json(&self, world: &World) -> Value {
        let mut body = self.traffic();
        let arn = world.arn("ec2", format_args!("security-group-rule/{}", self.id));
        body["GroupOwnerId"] = world.origin.account_id.clone().into();
        body["SecurityGroupRuleArn"] = arn.into();
        if let Target::Group(id) = &self.target {
            let vpc_id = world.ec2().groups.get(id).map(|group| &group.vpc_id);
            body["ReferencedGroupInfo"] =
                json!({ "GroupId": id, "UserId": world.origin.account_id, "VpcId": vpc_id });
        }
        body["Tags"] = tags::json(&self.tags);
        body
    }
}

impl State {
    /// Whether any of the groups lets TCP through in one direction.
    pub(crate) fn groups_admit(
        &self,
        groups: &[String],
        egress: bool,
        port: u16,
        peer: IpAddr,
        of: &[String],
    ) -> bool {
        let mut rules = self
            .rules
            .values()
            .filter(|rule| rule.egress == egress && groups.contains(&rule.group_id));
        rules.any(|rule| rule.admits_tcp(port, peer, of))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_admits_its_port_to_its_target_only() {
        let inside = Target::Ipv4("10.0.0.0/16".parse().unwrap());
        let rule = Rule::new("sg-1", true, "tcp", (443, 443), inside);
        let admits = |port, address: [u8; 4]| rule.admits_tcp(port, IpAddr::from(address), &[]);
        assert!(admits(443, [10, 0, 9, 9]));
        assert!(!admits(80, [10, 0, 9, 9]) && !admits(443, [10, 1, 0, 0]));
        let group = Rule::new("sg-1", false, "-1", (-1, -1), Target::Group("sg-2".to_owned()));
        assert!(group.admits_tcp(1, IpAddr::from([1, 1, 1, 1]), &["sg-2".to_owned()]));
        assert!(!group.admits_tcp(1, IpAddr::from([1, 1, 1, 1]), &["sg-3".to_owned()]));
    }
}
