use aws_sdk_ec2::types::builders::IpPermissionBuilder;
use aws_sdk_ec2::types::{
    IpPermission, IpRange, Ipv6Range, PrefixListId, SubnetIpv6CidrBlockAssociation, Tag, UserIdGroupPair,
};

use super::*;
use crate::component::IpAddressType::{Dualstack, Ipv4, Ipv6};

fn ids(ids: &[&str]) -> BTreeSet<String> {
    ids.iter().map(|id| (*id).to_owned()).collect()
}

fn endpoint(ip_address_type: IpAddressType) -> Endpoint {
    Endpoint {
        id: "vpce-1".into(),
        vpc_id: "vpc-1".into(),
        domain_name: "d".into(),
        subnet_ids: ids(&["subnet-a"]),
        cidrs: BTreeSet::new(),
        group_ids: ids(&["sg-e"]),
        ip_address_type,
        policy: None,
    }
}

fn subnet(id: &str, zone: &str, vpc: &str, free: i32, ipv6: bool) -> Subnet {
    let block = SubnetIpv6CidrBlockAssociation::builder()
        .ipv6_cidr_block("2001:db8::/64")
        .build();
    Subnet::builder()
        .subnet_id(id)
        .availability_zone(zone)
        .vpc_id(vpc)
        .cidr_block("10.0.0.0/24")
        .available_ip_address_count(free)
        .set_ipv6_cidr_block_association_set(ipv6.then(|| vec![block]))
        .build()
}

fn group(id: &str) -> aws_sdk_ec2::types::builders::SecurityGroupBuilder {
    SecurityGroup::builder().group_id(id)
}

/// A gateway with the group `sg-g` in the subnet of an endpoint with the group `sg-e`.
struct World {
    endpoint: Endpoint,
    subnets: BTreeSet<String>,
}

impl World {
    fn of(ip_address_type: IpAddressType) -> Self {
        Self {
            endpoint: endpoint(ip_address_type),
            subnets: ids(&["subnet-a"]),
        }
    }

    fn end<'a>(&'a self, kind: &'a IpAddressType) -> EndState<'a> {
        EndState {
            endpoint: Some(&self.endpoint),
            address: None,
            vpc_id: "vpc-1",
            subnet_ids: &self.subnets,
            takes: Some(16),
            ip_address_type: Some(kind),
            family: Some(match kind {
                Ipv6 => Family::Ipv6,
                Dualstack if self.endpoint.ip_address_type == Ipv6 => Family::Ipv6,
                _ => Family::Ipv4,
            }),
            ports: BTreeSet::from([PortRange::HTTPS]),
            gateway_group_ids: ids(&["sg-g"]),
            way_out: WayOut::Unknown,
            ingress_group_id: None,
            leaving: None,
            own_tag: ("owner", "orders".to_owned()),
        }
    }
}

fn seeing(subnets: Vec<Subnet>, groups: Vec<SecurityGroup>) -> Seen {
    Seen {
        subnets: Some(subnets),
        groups: Some(groups),
        reserved: BTreeMap::new(),
    }
}

fn words(problems: &[Problem]) -> String {
    problems.iter().map(Problem::to_string).collect()
}

fn rule(protocol: &str, ports: Option<(i32, i32)>) -> IpPermissionBuilder {
    IpPermission::builder()
        .ip_protocol(protocol)
        .set_from_port(ports.map(|(from, _)| from))
        .set_to_port(ports.map(|(_, to)| to))
}

fn https() -> IpPermissionBuilder {
    rule("tcp", Some((443, 443)))
}

fn cidr(cidr: &str) -> IpRange {
    IpRange::builder().cidr_ip(cidr).build()
}

fn cidr6(cidr: &str) -> Ipv6Range {
    Ipv6Range::builder().cidr_ipv6(cidr).build()
}

fn pair(id: &str) -> UserIdGroupPair {
    UserIdGroupPair::builder().group_id(id).build()
}

/// Rules, and whether they let through what goes by IPv4 or IPv6 to or from the subnet, or `partner`, a group of the
/// other side.
fn rules(partner: &str) -> Vec<(&'static str, IpPermissionBuilder, IpAddressType, bool)> {
    let list = PrefixListId::builder().prefix_list_id("pl-1").build();
    vec![
        ("whole", https().ip_ranges(cidr("10.0.0.0/16")), Ipv4, true),
        ("half", https().ip_ranges(cidr("10.0.0.0/25")), Ipv4, true),
        ("elsewhere", https().ip_ranges(cidr("10.9.0.0/16")), Ipv4, false),
        ("all", rule("-1", None).ip_ranges(cidr("0.0.0.0/0")), Ipv4, true),
        (
            "a range of ports",
            rule("tcp", Some((1, 500))).ip_ranges(cidr("10.0.0.0/8")),
            Ipv4,
            true,
        ),
        (
            "another port",
            rule("tcp", Some((80, 80))).ip_ranges(cidr("10.0.0.0/8")),
            Ipv4,
            false,
        ),
        (
            "another protocol",
            rule("udp", Some((443, 443))).ip_ranges(cidr("10.0.0.0/8")),
            Ipv4,
            false,
        ),
        (
            "the partner's group",
            https().user_id_group_pairs(pair(partner)),
            Ipv4,
            true,
        ),
        (
            "another group",
            https().user_id_group_pairs(pair("sg-x")),
            Ipv4,
            false,
        ),
        ("a prefix list", https().prefix_list_ids(list), Ipv4, true),
        (
            "IPv4 for IPv6",
            https().ip_ranges(cidr("10.0.0.0/8")),
            Ipv6,
            false,
        ),
        ("IPv6", https().ipv6_ranges(cidr6("2001:db8::/56")), Ipv6, true),
        ("IPv6 for IPv4", https().ipv6_ranges(cidr6("::/0")), Ipv4, false),
    ]
}

#[test]
fn subnets_are_there_in_the_vpc_have_addresses_and_share_a_zone() {
    let table = [
        (vec![subnet("subnet-a", "a", "vpc-1", 16, false)], Ipv4, ""),
        (vec![], Ipv4, "There is no subnet subnet-a"),
        (
            vec![subnet("subnet-a", "a", "vpc-2", 16, false)],
            Ipv4,
            "is in vpc-2",
        ),
        (
            vec![subnet("subnet-a", "a", "vpc-1", 15, false)],
            Ipv4,
            "15 free IPv4 addresses",
        ),
        (
            vec![subnet("subnet-a", "a", "vpc-1", 16, false)],
            Dualstack,
            "no IPv6 CIDR",
        ),
        (vec![subnet("subnet-a", "a", "vpc-1", 16, true)], Dualstack, ""),
    ];
    for (subnets, kind, wanted) in table {
        let world = World::of(Ipv4);
        let seen = seeing(subnets, Vec::new());
        let checks: [Check; 3] = [subnets::are_there, subnets::have_addresses, subnets::have_ipv6];
        let found: Vec<_> = checks
            .iter()
            .flat_map(|check| check(&world.end(&kind), &seen))
            .collect();
        assert_eq!(found.is_empty(), wanted.is_empty(), "{found:?}");
        assert!(words(&found).contains(wanted), "{wanted}: {found:?}");
    }
    let mut apart = World::of(Ipv4);
    apart.subnets = ids(&["subnet-b"]);
    let subnets = vec![
        subnet("subnet-a", "a", "vpc-1", 16, false),
        subnet("subnet-b", "b", "vpc-1", 16, false),
    ];
    let problems = subnets::share_a_zone(&apart.end(&Ipv4), &seeing(subnets, Vec::new()));
    assert!(
        matches!(problems[..], [Problem::NoCommonZone { .. }]),
        "{problems:?}"
    );
}

#[test]
fn what_other_gateways_are_about_to_take_is_no_longer_free_and_a_gateway_that_stands_takes_nothing() {
    let world = World::of(Ipv4);
    let mut seen = seeing(vec![subnet("subnet-a", "a", "vpc-1", 40, false)], Vec::new());
    for (reserved, takes, fits) in [(24, Some(16), true), (25, Some(16), false), (40, None, true)] {
        seen.reserved = BTreeMap::from([("subnet-a".to_owned(), reserved)]);
        let end = EndState {
            takes,
            ..world.end(&Ipv4)
        };
        let problems = subnets::have_addresses(&end, &seen);
        assert_eq!(problems.is_empty(), fits, "{reserved}: {problems:?}");
        assert!(
            fits || words(&problems).contains("still to be made take 25"),
            "{problems:?}"
        );
    }
}

#[test]
fn a_gateway_has_a_kind_of_address_that_the_endpoint_has() {
    for (of_endpoint, of_gateway, fits) in [
        (Ipv4, Ipv4, true),
        (Ipv4, Dualstack, true),
        (Ipv4, Ipv6, false),
        (Ipv6, Ipv4, false),
        (Ipv6, Dualstack, true),
        (Dualstack, Ipv4, true),
        (Dualstack, Ipv6, true),
    ] {
        let world = World::of(of_endpoint.clone());
        let problems = family::is_in_common(&world.end(&of_gateway), &Seen::default());
        assert_eq!(problems.is_empty(), fits, "{of_endpoint} behind {of_gateway}");
    }
}

#[test]
fn the_endpoints_groups_let_the_gateway_in_by_cidr_by_group_or_by_a_prefix_list() {
    let subnets = || vec![subnet("subnet-a", "a", "vpc-1", 16, true)];
    for (what, rule, kind, open) in rules("sg-g") {
        let world = World::of(Ipv4);
        let seen = seeing(
            subnets(),
            vec![group("sg-e").ip_permissions(rule.build()).build()],
        );
        let problems = way_in::is_open(&world.end(&kind), &seen);
        assert_eq!(problems.is_empty(), open, "{what}: {problems:?}");
    }
    // An endpoint with IPv6 alone is reached so by a gateway that has both.
    let both = World::of(Ipv6);
    let ipv4 = group("sg-e").ip_permissions(https().ip_ranges(cidr("10.0.0.0/8")).build());
    let problems = way_in::is_open(&both.end(&Dualstack), &seeing(subnets(), vec![ipv4.build()]));
    assert!(
        matches!(problems[..], [Problem::NoIngress { .. }]),
        "{problems:?}"
    );
}

#[test]
fn a_rule_that_is_added_lets_the_gateway_in_and_one_that_goes_does_not() {
    let world = World::of(Ipv4);
    let subnets = || vec![subnet("subnet-a", "a", "vpc-1", 16, true)];
    let closed = || seeing(subnets(), vec![group("sg-e").build()]);
    for (at, open) in [("sg-e", true), ("sg-x", false)] {
        let end = EndState {
            ingress_group_id: Some(at),
            ..world.end(&Ipv4)
        };
        assert_eq!(way_in::is_open(&end, &closed()).is_empty(), open, "{at}");
    }
    let leaving = || Leaving {
        group_id: "sg-e".into(),
        source_group_id: "sg-g".into(),
        ports: (443, 443),
    };
    let by_us = https().user_id_group_pairs(pair("sg-g")).build();
    let by_others = rule("tcp", Some((0, 65_535)))
        .user_id_group_pairs(pair("sg-g"))
        .build();
    for (rules, open) in [(vec![by_us.clone()], false), (vec![by_us, by_others], true)] {
        let end = EndState {
            leaving: Some(leaving()),
            ..world.end(&Ipv4)
        };
        let seen = seeing(
            subnets(),
            vec![group("sg-e").set_ip_permissions(Some(rules)).build()],
        );
        assert_eq!(way_in::is_open(&end, &seen).is_empty(), open, "{seen:?}");
    }
}

#[test]
fn the_gateways_groups_let_it_out_to_the_endpoint_by_cidr_by_group_or_by_a_prefix_list() {
    for (what, rule, kind, open) in rules("sg-e") {
        let world = World::of(Ipv4);
        let given = ids(&["sg-g"]);
        for way_out in [
            WayOut::Given(&given),
            WayOut::Gateway {
                id: "rgw-1",
                group_ids: &given,
            },
        ] {
            let end = EndState {
                way_out,
                ..world.end(&kind)
            };
            let rule = rule.clone().build();
            let seen = seeing(
                vec![subnet("subnet-a", "a", "vpc-1", 16, true)],
                vec![group("sg-g").ip_permissions_egress(rule).build()],
            );
            let problems = way_out::is_open(&end, &seen);
            assert_eq!(problems.is_empty(), open, "{what}: {problems:?}");
        }
    }
}

#[test]
fn a_managed_group_lets_out_to_the_endpoint_when_its_cidrs_hold_some_of_its_addresses() {
    let world = World::of(Ipv4);
    let seen = seeing(vec![subnet("subnet-a", "a", "vpc-1", 16, true)], Vec::new());
    for (cidrs, kind, open) in [
        (&["10.0.0.0/8"][..], Ipv4, true),
        (&["10.0.0.128/32"], Ipv4, true),
        (&["10.0.1.0/24", "192.168.0.0/16"], Ipv4, false),
        (&["10.0.0.0/8"], Ipv6, false),
        (&["2001:db8::/32"], Ipv6, true),
        (&["2001:db8::/32"], Ipv4, false),
    ] {
        let cidrs = cidrs
            .iter()
            .map(|cidr| EgressTarget::Cidr(cidr.to_string()))
            .collect();
        let end = EndState {
            way_out: WayOut::Managed(&cidrs),
            ..world.end(&kind)
        };
        let problems = way_out::is_open(&end, &seen);
        assert_eq!(problems.is_empty(), open, "{cidrs:?} by {kind}: {problems:?}");
    }
}

#[test]
fn a_managed_group_lets_out_to_an_address_by_cidr_and_to_an_endpoint_by_its_group() {
    let world = World::of(Ipv4);
    let seen = seeing(
        vec![subnet("subnet-a", "a", "vpc-1", 16, true)],
        vec![group("sg-e").build(), group("sg-other").build()],
    );
    let address = "10.9.0.7".parse().ok();
    let cidr = |cidr: &str| EgressTarget::Cidr(cidr.to_owned());
    let own = world
        .endpoint
        .group_ids
        .first()
        .cloned()
        .expect("the endpoint has a group");
    for (target, address, open) in [
        (cidr("10.9.0.0/24"), address, true),
        (cidr("10.0.0.0/16"), address, false),
        (EgressTarget::PrefixList("pl-1".to_owned()), address, true),
        (EgressTarget::Group(own), None, true),
        (EgressTarget::Group("sg-other".to_owned()), None, false),
        (EgressTarget::PrefixList("pl-1".to_owned()), None, true),
    ] {
        let targets = BTreeSet::from([target]);
        let end = EndState {
            endpoint: address.is_none().then_some(&world.endpoint),
            address,
            way_out: WayOut::Managed(&targets),
            ..world.end(&Ipv4)
        };
        let problems = way_out::is_open(&end, &seen);
        assert_eq!(
            problems.is_empty(),
            open,
            "{targets:?} to {address:?}: {problems:?}"
        );
    }
}

#[test]
fn each_range_of_ports_is_to_be_let_out() {
    let world = World::of(Ipv4);
    let given = ids(&["sg-g"]);
    let open = https().ip_ranges(cidr("0.0.0.0/0")).build();
    let group = group("sg-g").ip_permissions_egress(open).build();
    let seen = seeing(Vec::new(), vec![group]);
    let range = |text: &str| text.parse::<PortRange>().expect("a range");
    for (ports, closed) in [
        (&["440-450"][..], None),
        (&["443", "8000-8010"], Some("8000-8010")),
    ] {
        let end = EndState {
            endpoint: None,
            ports: ports.iter().map(|text| range(text)).collect(),
            way_out: WayOut::Given(&given),
            ..world.end(&Ipv4)
        };
        let problems = way_out::is_open(&end, &seen);
        assert_eq!(problems.is_empty(), closed.is_none(), "{problems:?}");
        let told = problems
            .iter()
            .all(|problem| problem.to_string().contains(closed.unwrap_or_default()));
        assert!(told, "{problems:?}");
    }
}

#[test]
fn of_an_endpoint_that_is_a_name_only_what_lets_nothing_out_at_all_is_a_problem() {
    let world = World::of(Ipv4);
    let given = ids(&["sg-g"]);
    let elsewhere = https().ip_ranges(cidr("192.168.0.0/16")).build();
    for (egress, open) in [(vec![elsewhere], true), (Vec::new(), false)] {
        let end = EndState {
            endpoint: None,
            way_out: WayOut::Given(&given),
            ..world.end(&Ipv4)
        };
        let seen = seeing(
            Vec::new(),
            vec![group("sg-g").set_ip_permissions_egress(Some(egress)).build()],
        );
        assert_eq!(way_out::is_open(&end, &seen).is_empty(), open, "{seen:?}");
    }
}

#[test]
fn groups_that_are_given_exist_and_are_not_our_own() {
    let world = World::of(Ipv4);
    let given = ids(&["sg-g", "sg-gone", "sg-own"]);
    let end = EndState {
        way_out: WayOut::Given(&given),
        ..world.end(&Ipv4)
    };
    let tag = Tag::builder().key("owner").value("orders").build();
    let seen = seeing(
        Vec::new(),
        vec![group("sg-g").build(), group("sg-own").tags(tag).build()],
    );
    let problems = groups::are_there(&end, &seen);
    assert!(
        matches!(&problems[..], [Problem::NoGroup { group: gone, .. }, Problem::OwnGroup(own)] if gone == "sg-gone" && own == "sg-own"),
        "{problems:?}"
    );
}

#[test]
fn groups_of_another_vpc_are_told_where_nothing_goes_by_them() {
    let world = World::of(Ipv4);
    let seen = |vpc: &str| {
        let subnets = vec![subnet("subnet-a", "a", "vpc-1", 16, false)];
        seeing(
            subnets,
            vec![group("sg-e").build(), group("sg-x").vpc_id(vpc).build()],
        )
    };
    let given = ids(&["sg-x"]);
    let targets = |others: &[EgressTarget]| {
        let group = EgressTarget::Group("sg-x".to_owned());
        others.iter().cloned().chain([group]).collect::<BTreeSet<_>>()
    };
    let (alone, beside) = (
        targets(&[]),
        targets(&[EgressTarget::Cidr("10.0.0.0/16".to_owned())]),
    );
    let table = [
        ("vpc-1", WayOut::Given(&given), groups::are_there as Check, ""),
        (
            "vpc-2",
            WayOut::Given(&given),
            groups::are_there,
            "sg-x is in vpc-2",
        ),
        (
            "vpc-1",
            WayOut::Managed(&alone),
            way_out::is_open,
            "to the security group sg-x alone",
        ),
        (
            "vpc-2",
            WayOut::Managed(&alone),
            way_out::is_open,
            "sg-x is in vpc-2",
        ),
        // Of a peered VPC, for something else.
        ("vpc-2", WayOut::Managed(&beside), way_out::is_open, ""),
        ("vpc-2", WayOut::Managed(&beside), groups::are_there, ""),
    ];
    for (vpc, way_out, check, wanted) in table {
        let end = EndState {
            way_out,
            ..world.end(&Ipv4)
        };
        let problems = check(&end, &seen(vpc));
        assert_eq!(problems.is_empty(), wanted.is_empty(), "{problems:?}");
        assert!(words(&problems).contains(wanted), "{wanted}: {problems:?}");
    }
}

#[test]
fn a_group_that_is_not_there_and_is_to_be_let_out_to_is_told_once() {
    let world = World::of(Ipv4);
    let targets = BTreeSet::from([EgressTarget::Group("sg-gone".to_owned())]);
    let end = EndState {
        way_out: WayOut::Managed(&targets),
        ..world.end(&Ipv4)
    };
    let subnets = vec![subnet("subnet-a", "a", "vpc-1", 16, false)];
    let seen = seeing(subnets, vec![group("sg-e").build()]);
    let found: Vec<_> = [groups::are_there as Check, way_out::is_open]
        .iter()
        .flat_map(|check| check(&end, &seen))
        .collect();
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(
        words(&found).contains("Check network.egress_security_group_ids"),
        "{found:?}"
    );
}

/// Which permissions are missing must not make a finding.
#[test]
fn what_could_not_be_asked_is_no_problem() {
    let world = World::of(Ipv4);
    let given = ids(&["sg-g"]);
    let end = EndState {
        way_out: WayOut::Given(&given),
        ..world.end(&Dualstack)
    };
    let problems: Vec<_> = CHECKS
        .iter()
        .flat_map(|check| check(&end, &Seen::default()))
        .collect();
    assert!(problems.is_empty(), "{problems:?}");
}
