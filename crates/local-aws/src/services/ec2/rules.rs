//! Security group rules: authorize, revoke, and what they admit.

use std::collections::BTreeMap;
use std::net::IpAddr;

use ipnet::{Ipv4Net, Ipv6Net};

use serde::{Deserialize, Serialize};

use super::describe::Described;
use super::{GROUP, Kind, RULE, State, dry_run, tags};
use crate::core::error::{Answer, ApiError};
use crate::core::ids;
use crate::core::tags::Tags;
use crate::core::world::World;
use crate::wire::Reply;
use crate::wire::query::Params;
use crate::wire::xml::Xml;

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

/// Checks that a write finds the group that it names.
fn find_group(world: &World, id: &str) -> Answer<()> {
    GROUP.find(&world.ec2().groups, id)?;
    if world.is_unseen(id) {
        return Err(GROUP.not_found(id));
    }
    Ok(())
}

pub(crate) fn authorize(world: &mut World, params: &Params, egress: bool) -> Answer<Reply> {
    let group_id = params.required("GroupId")?;
    find_group(world, group_id)?;
    let tags = tags::specified(params, &RULE)?;
    let mut rules = requested(world, params, group_id, egress)?;
    if rules.is_empty() {
        return Err(no_permissions());
    }
    for (index, rule) in rules.iter().enumerate() {
        let known = world.ec2().rules.values().chain(&rules[..index]);
        if known.into_iter().any(|other| other.same_traffic(rule)) {
            return Err(duplicate(rule));
        }
    }
    let there = world
        .ec2()
        .rules
        .values()
        .filter(|rule| rule.group_id == group_id && rule.egress == egress)
        .count();
    if there + rules.len() > world.settings.rules_per_group {
        return Err(ApiError::bad_request(
            "RulesPerSecurityGroupLimitExceeded",
            "The maximum number of rules per security group has been reached.",
        ));
    }
    dry_run(params)?;
    let mut xml = Xml::default();
    xml.leaf("return", true);
    for rule in &mut rules {
        rule.tags = tags.clone();
    }
    xml.list("securityGroupRuleSet", &rules, |xml, rule| rule.write(xml, world));
    for rule in rules {
        let id = rule.id.clone();
        add(world, rule);
        world.made(&id);
    }
    Ok(Reply::Xml(xml))
}

pub(crate) fn revoke(world: &mut World, params: &Params, egress: bool) -> Answer<Reply> {
    let group_id = params.required("GroupId")?;
    find_group(world, group_id)?;
    let mut going = Vec::new();
    for id in params.list("SecurityGroupRuleId") {
        let rule = RULE.find(&world.ec2().rules, id)?;
        if rule.group_id != group_id || rule.egress != egress {
            return Err(RULE.not_found(id));
        }
        going.push(rule.id.clone());
    }
    for wanted in requested(world, params, group_id, egress)? {
        let found = world
            .ec2()
            .rules
            .values()
            .find(|rule| rule.same_traffic(&wanted))
            .ok_or_else(|| {
                ApiError::bad_request(
                    "InvalidPermission.NotFound",
                    "The specified rule does not exist in this security group.",
                )
            })?;
        going.push(found.id.clone());
    }
    if going.is_empty() {
        return Err(no_permissions());
    }
    dry_run(params)?;
    let revoked: Vec<Rule> = going
        .iter()
        .filter_map(|id| world.ec2_mut().rules.remove(id))
        .collect();
    let mut xml = Xml::default();
    xml.leaf("return", true);
    xml.list("revokedSecurityGroupRuleSet", &revoked, |xml, rule| {
        rule.write_traffic(xml);
        if let Target::Group(id) = &rule.target {
            xml.leaf("referencedGroupId", id);
        }
    });
    Ok(Reply::Xml(xml))
}

fn no_permissions() -> ApiError {
    ApiError::bad_request(
        "MissingParameter",
        "The request must contain the parameter IpPermissions or SecurityGroupRuleId",
    )
}

/// The rules that `IpPermissions` or the flat parameters of old stand for, one for each target.
fn requested(world: &World, params: &Params, group_id: &str, egress: bool) -> Answer<Vec<Rule>> {
    let mut permissions = params.structures("IpPermissions");
    let flat = params.get("IpProtocol").is_some();
    if flat {
        permissions.push(params.clone());
    }
    let mut rules = Vec::new();
    for permission in &permissions {
        let (protocol, ports) = traffic(permission)?;
        let mut targets: Vec<(Target, Option<String>)> = Vec::new();
        let description = |range: &Params| range.get("Description").map(str::to_owned);
        if let Some(cidr) = permission.get("CidrIp").filter(|_| flat) {
            targets.push((ipv4(cidr)?, None));
        }
        for range in permission.structures("IpRanges") {
            targets.push((ipv4(range.required("CidrIp")?)?, description(&range)));
        }
        for range in permission.structures("Ipv6Ranges") {
            targets.push((ipv6(range.required("CidrIpv6")?)?, description(&range)));
        }
        for list in permission.structures("PrefixListIds") {
            targets.push((prefix_list(list.required("PrefixListId")?)?, description(&list)));
        }
        for pair in permission
            .structures("Groups")
            .into_iter()
            .chain(permission.structures("UserIdGroupPairs"))
        {
            let id = pair.required("GroupId")?;
            find_group(world, id)?;
            targets.push((Target::Group(id.to_owned()), description(&pair)));
        }
        if targets.is_empty() {
            return Err(ApiError::bad_request(
                "MissingParameter",
                "The request must contain a CIDR block, prefix list or security group for each permission",
            ));
        }
        for (target, description) in targets {
            check_description(description.as_deref())?;
            rules.push(Rule {
                description,
                ..Rule::new(group_id, egress, &protocol, ports, target)
            });
        }
    }
    Ok(rules)
}

/// At most 255 characters of a small set.
fn check_description(description: Option<&str>) -> Answer<()> {
    let allowed = |c: char| c.is_ascii_alphanumeric() || " ._-:/()#,@[]+=&;{}!$*".contains(c);
    match description {
        Some(text) if text.chars().count() > 255 || !text.chars().all(allowed) => Err(ApiError::bad_request(
            "InvalidParameterValue",
            "Invalid rule description. Valid descriptions are strings less than 256 characters from the following \
                 set:  a-zA-Z0-9. _-:/()#,@[]+=&;{}!$*",
        )),
        _ => Ok(()),
    }
}

/// ModifySecurityGroupRules: each named rule becomes what the request says, and keeps its id and direction.
pub(crate) fn modify(world: &mut World, params: &Params) -> Answer<Reply> {
    let group_id = params.required("GroupId")?;
    find_group(world, group_id)?;
    let mut changed: Vec<Rule> = Vec::new();
    let updates = params.structures("SecurityGroupRule");
    if updates.is_empty() {
        params.required("SecurityGroupRule")?;
    }
    for update in updates {
        let id = update.required("SecurityGroupRuleId")?;
        let old = RULE.find(&world.ec2().rules, id)?;
        if old.group_id != group_id {
            return Err(RULE.not_found(id));
        }
        let wanted = update.below("SecurityGroupRule.");
        if wanted.get("IpProtocol").is_none_or(str::is_empty) {
            return Err(ApiError::bad_request(
                "InvalidParameterValue",
                "Invalid value 'null' for protocol. VPC security group rules must specify protocols explicitly.",
            ));
        }
        let (protocol, ports) = traffic(&wanted)?;
        let given = |name: &str| wanted.get(name).filter(|value| !value.is_empty());
        let target = match ["CidrIpv4", "CidrIpv6", "PrefixListId", "ReferencedGroupId"].map(given) {
            [Some(cidr), None, None, None] => ipv4(cidr)?,
            [None, Some(cidr), None, None] => ipv6(cidr)?,
            [None, None, Some(id), None] => prefix_list(id)?,
            [None, None, None, Some(id)] => {
                find_group(world, id)?;
                Target::Group(id.to_owned())
            }
            [None, None, None, None] => {
                return Err(ApiError::bad_request(
                    "MissingParameter",
                    "The request must contain the parameter CidrIpv4, CidrIpv6, PrefixListId or ReferencedGroupId",
                ));
            }
            _ => {
                return Err(ApiError::bad_request(
                    "InvalidParameterCombination",
                    "Exactly one of CidrIpv4, CidrIpv6, PrefixListId and ReferencedGroupId must be given for each rule",
                ));
            }
        };
        let description = given("Description").map(str::to_owned);
        check_description(description.as_deref())?;
        changed.push(Rule {
            id: old.id.clone(),
            tags: old.tags.clone(),
            description,
            ..Rule::new(group_id, old.egress, &protocol, ports, target)
        });
    }
    for (index, rule) in changed.iter().enumerate() {
        let others = world
            .ec2()
            .rules
            .values()
            .filter(|other| changed.iter().all(|new| new.id != other.id));
        if others
            .chain(&changed[..index])
            .any(|other| other.same_traffic(rule))
        {
            return Err(duplicate(rule));
        }
    }
    dry_run(params)?;
    for rule in changed {
        add(world, rule);
    }
    Ok(super::vpcs::returned())
}

fn duplicate(rule: &Rule) -> ApiError {
    ApiError::bad_request(
        "InvalidPermission.Duplicate",
        format!("the specified rule \"{}\" already exists", rule.words()),
    )
}

fn traffic(permission: &Params) -> Answer<(String, (i64, i64))> {
    let protocol = match permission.required("IpProtocol")?.to_lowercase().as_str() {
        "6" => "tcp".to_owned(),
        "17" => "udp".to_owned(),
        "1" => "icmp".to_owned(),
        "58" => "icmpv6".to_owned(),
        "all" => "-1".to_owned(),
        known @ ("tcp" | "udp" | "icmp" | "icmpv6" | "-1") => known.to_owned(),
        number if number.parse::<u8>().is_ok() => number.to_owned(),
        other => {
            return Err(ApiError::bad_request(
                "InvalidPermission.Malformed",
                format!("Unsupported IP protocol \"{other}\"  - supported: [tcp, udp, icmp, icmpv6, -1]"),
            ));
        }
    };
    let ports = (permission.integer("FromPort")?, permission.integer("ToPort")?);
    let invalid = |message: &str| Err(ApiError::bad_request("InvalidParameterValue", message));
    match (protocol.as_str(), ports) {
        ("tcp" | "udp", (Some(from), Some(to))) if from > to || from < 0 || to > 65_535 => invalid(&format!(
            "Invalid value '{from}-{to}' for portRange. Must be between 0 and 65535, from <= to."
        )),
        ("tcp" | "udp", (Some(from), Some(to))) => Ok((protocol, (from, to))),
        ("tcp" | "udp", _) => {
            invalid("Invalid value for portRange. Must specify both from and to ports with TCP/UDP.")
        }
        ("icmp" | "icmpv6", (from, to)) => Ok((protocol, (from.unwrap_or(-1), to.unwrap_or(-1)))),
        _ => Ok((protocol, (-1, -1))),
    }
}

fn ipv4(cidr: &str) -> Answer<Target> {
    let net: Ipv4Net = cidr.parse().map_err(|_| malformed_cidr(cidr))?;
    Ok(Target::Ipv4(net.trunc()))
}

fn ipv6(cidr: &str) -> Answer<Target> {
    let net: Ipv6Net = cidr.parse().map_err(|_| malformed_cidr(cidr))?;
    Ok(Target::Ipv6(net.trunc()))
}

/// Prefix lists are taken for existing, those of AWS's own services and others alike, if their ids are such.
fn prefix_list(id: &str) -> Answer<Target> {
    let digits = id.strip_prefix("pl-").unwrap_or_default();
    if matches!(digits.len(), 8 | 17) && digits.chars().all(|digit| digit.is_ascii_hexdigit()) {
        return Ok(Target::PrefixList(id.to_owned()));
    }
    Err(ApiError::bad_request(
        "InvalidPrefixListId.Malformed",
        format!("Invalid id: \"{id}\" (expecting \"pl-...\")"),
    ))
}

fn malformed_cidr(cidr: &str) -> ApiError {
    ApiError::bad_request("InvalidParameterValue", format!("CIDR block {cidr} is malformed"))
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
    fn protocols_and_ports_are_read_as_ec2_reads_them() {
        let read = |form: &str| traffic(&Params::parse(form)).map_err(|error| error.code);
        assert_eq!(
            read("IpProtocol=6&FromPort=443&ToPort=443"),
            Ok(("tcp".to_owned(), (443, 443)))
        );
        assert_eq!(
            read("IpProtocol=-1&FromPort=1&ToPort=2"),
            Ok(("-1".to_owned(), (-1, -1)))
        );
        assert_eq!(read("IpProtocol=icmp"), Ok(("icmp".to_owned(), (-1, -1))));
        for (form, code) in [
            ("IpProtocol=tcp", "InvalidParameterValue"),
            ("IpProtocol=tcp&FromPort=2&ToPort=1", "InvalidParameterValue"),
            ("IpProtocol=tcp&FromPort=0&ToPort=65536", "InvalidParameterValue"),
            (
                "IpProtocol=tpc&FromPort=1&ToPort=1",
                "InvalidPermission.Malformed",
            ),
            ("FromPort=1&ToPort=1", "MissingParameter"),
        ] {
            assert_eq!(read(form), Err(code.to_owned()), "{form}");
        }
    }

    #[test]
    fn a_rule_admits_its_port_to_its_target_only() {
        let rule = Rule::new("sg-1", true, "tcp", (443, 443), ipv4("10.0.0.7/16").unwrap());
        let admits = |port, address: [u8; 4]| rule.admits_tcp(port, IpAddr::from(address), &[]);
        assert!(admits(443, [10, 0, 9, 9]));
        assert!(!admits(80, [10, 0, 9, 9]) && !admits(443, [10, 1, 0, 0]));
        let group = Rule::new("sg-1", false, "-1", (-1, -1), Target::Group("sg-2".to_owned()));
        assert!(group.admits_tcp(1, IpAddr::from([1, 1, 1, 1]), &["sg-2".to_owned()]));
        assert!(!group.admits_tcp(1, IpAddr::from([1, 1, 1, 1]), &["sg-3".to_owned()]));
    }
}
