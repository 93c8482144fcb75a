//! Security group rules: what they admit, and how they are shown.

mod change;
mod requested;

use std::collections::BTreeMap;
use std::net::IpAddr;

use ipnet::{Ipv4Net, Ipv6Net};

use serde::{Deserialize, Serialize};

use super::describe::Described;
use super::{GROUP, Kind, RULE, State};
use crate::core::ids;
use crate::core::tags::Tags;
use crate::core::world::World;
use crate::wire::xml::Xml;

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
pub(crate) fn write_permissions<'r>(
    xml: &mut Xml,
    name: &str,
    rules: impl Iterator<Item = &'r Rule>,
    account: &str,
) {
    let mut permissions: BTreeMap<(&str, i64, i64), Vec<&Rule>> = BTreeMap::new();
    for rule in rules {
        permissions
            .entry((&rule.protocol, rule.from_port, rule.to_port))
            .or_default()
            .push(rule);
    }
    xml.list(name, permissions, |xml, ((protocol, from, to), rules)| {
        xml.leaf("ipProtocol", protocol);
        if protocol != "-1" {
            xml.leaf("fromPort", from);
            xml.leaf("toPort", to);
        }
        type Pick = fn(&Target) -> Option<(&'static str, String)>;
        let lists: [(&str, Pick); 4] = [
            ("groups", |t| t.group().map(|id| ("groupId", id.to_owned()))),
            ("ipRanges", |t| t.cidr().map(|cidr| ("cidrIp", cidr))),
            ("ipv6Ranges", |t| t.ipv6_cidr().map(|cidr| ("cidrIpv6", cidr))),
            ("prefixListIds", |t| {
                t.prefix_list().map(|id| ("prefixListId", id.to_owned()))
            }),
        ];
        for (list, pick) in lists {
            let picked = rules.iter().filter_map(|rule| Some((rule, pick(&rule.target)?)));
            xml.list(list, picked, |xml, (rule, (element, text))| {
                if element == "groupId" {
                    xml.leaf("userId", account);
                }
                xml.leaf(element, text);
                xml.leaf_if("description", rule.description.as_ref());
            });
        }
    });
}

impl Rule {
    fn write_traffic(&self, xml: &mut Xml) {
        xml.leaf("securityGroupRuleId", &self.id);
        xml.leaf("groupId", &self.group_id);
        xml.leaf("isEgress", self.egress);
        xml.leaf("ipProtocol", &self.protocol);
        xml.leaf("fromPort", self.from_port);
        xml.leaf("toPort", self.to_port);
        match &self.target {
            Target::Ipv4(net) => xml.leaf("cidrIpv4", net),
            Target::Ipv6(net) => xml.leaf("cidrIpv6", net),
            Target::PrefixList(id) => xml.leaf("prefixListId", id),
            Target::Group(_) => {}
        }
        xml.leaf_if("description", self.description.as_ref());
    }
}

impl Described for Rule {
    const KIND: Kind = RULE;
    const IDS: &'static str = "SecurityGroupRuleId";
    const SET: &'static str = "securityGroupRuleSet";
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

    fn write(&self, xml: &mut Xml, world: &World) {
        self.write_traffic(xml);
        xml.leaf("groupOwnerId", &world.origin.account_id);
        xml.leaf(
            "securityGroupRuleArn",
            world.arn("ec2", format_args!("security-group-rule/{}", self.id)),
        );
        if let Target::Group(id) = &self.target {
            xml.node("referencedGroupInfo", |xml| {
                xml.leaf("groupId", id);
                xml.leaf("userId", &world.origin.account_id);
                xml.leaf_if("vpcId", world.ec2().groups.get(id).map(|group| &group.vpc_id));
            });
        }
        xml.tags(&self.tags);
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
