//! What a path leads to, on which ports, and where its managed group lets out to.

use aws_sdk_vpclattice::types::ResourceConfigurationDefinition;
use local_aws::LocalAws;
use terraform_plugin::testing::Instance;
use terraform_plugin::{Value, config, path};

use super::{by_hand, errors, instance, local_aws};

/// The configuration that stands: its id, what it leads to, its ports, and whether it may be shared.
async fn leads_to(thing: &Instance, aws: &LocalAws) -> (String, String, Vec<String>, bool) {
    let id = thing
        .get(&path!("resource_configuration_id"))
        .and_then(Value::as_str);
    let aws = by_hand(aws).await;
    let seen = aws
        .lattice
        .get_resource_configuration()
        .resource_configuration_identifier(id.expect("its id"))
        .send()
        .await
        .expect("the configuration");
    let target = match seen.resource_configuration_definition {
        Some(ResourceConfigurationDefinition::DnsResource(dns)) => dns.domain_name,
        Some(ResourceConfigurationDefinition::IpResource(ip)) => ip.ip_address,
        _ => None,
    };
    let mut ports = seen.port_ranges.unwrap_or_default();
    ports.sort();
    (
        seen.id.expect("its id"),
        target.expect("a target"),
        ports,
        seen.allow_association_to_shareable_service_network == Some(true),
    )
}

/// The egress rules of the managed group: ports and where to, sorted.
async fn lets_out(thing: &Instance, aws: &LocalAws) -> Vec<String> {
    let group = thing.get(&path!("security_group_id")).and_then(Value::as_str);
    let aws = by_hand(aws).await;
    let seen = aws
        .ec2
        .describe_security_groups()
        .group_ids(group.expect("a group"))
        .send()
        .await;
    let seen = seen.expect("the group").security_groups.unwrap_or_default();
    let mut rules = Vec::new();
    for rule in seen.iter().flat_map(|group| group.ip_permissions_egress()) {
        let cidrs = rule.ip_ranges().iter().filter_map(|range| range.cidr_ip.clone());
        let groups = rule
            .user_id_group_pairs()
            .iter()
            .filter_map(|pair| pair.group_id.clone());
        let lists = rule
            .prefix_list_ids()
            .iter()
            .filter_map(|list| list.prefix_list_id.clone());
        for to in cidrs.chain(groups).chain(lists) {
            let port = |port: Option<i32>| port.map_or_else(String::new, |port| port.to_string());
            rules.push(format!("{}-{} {to}", port(rule.from_port), port(rule.to_port)));
        }
    }
    rules.sort();
    rules
}

/// A security group that is not ours: the endpoint's.
async fn group_of_endpoint(aws: &LocalAws) -> String {
    let by_hand = by_hand(aws).await;
    let endpoint = by_hand
        .ec2
        .describe_vpc_endpoints()
        .vpc_endpoint_ids(&aws.seed().vpc_endpoint_id)
        .send()
        .await;
    let endpoint = endpoint
        .expect("the endpoint")
        .vpc_endpoints
        .unwrap_or_default()
        .remove(0);
    endpoint.groups()[0].group_id.clone().expect("its group")
}

#[tokio::test]
async fn ports_address_egress_and_sharing_change_in_place_and_are_imported() {
    let aws = local_aws();
    let mut thing = instance(&aws).await;
    let (subnet, sg) = (aws.seed().subnet_ids[0].as_str(), group_of_endpoint(&aws).await);
    let sg = sg.as_str();
    let orders = |https: Value, network: Value| {
        config! { name = "orders", https_endpoint = https, network = network, authorization = { none = {} } }
    };
    let plain = config! { subnet_ids = [subnet] };
    let to_vpc = |ports: &str| vec![format!("{ports} 10.0.0.0/16"), format!("{ports} 100.64.0.0/16")];
    let steps = [
        (
            orders(
                config! { domain_name = "api.example.com", port = 8443 },
                plain.clone(),
            ),
            ("api.example.com", &["8443"][..], true),
            to_vpc("8443-8443"),
        ),
        (
            orders(
                config! { domain_name = "api.example.com", port_ranges = ["443", "8000-8010"] },
                config! { subnet_ids = [subnet], egress_security_group_ids = [sg] },
            ),
            ("api.example.com", &["443", "8000-8010"], true),
            vec![format!("443-443 {sg}"), format!("8000-8010 {sg}")],
        ),
        (
            orders(
                config! { domain_name = "api.example.com" },
                config! {
                    subnet_ids = [subnet], egress_cidr_blocks = ["192.168.0.0/16"],
                    egress_prefix_list_ids = ["pl-0123456789abcdef0"],
                    allow_association_to_shareable_service_network = false,
                },
            ),
            ("api.example.com", &["443"], false),
            vec![
                "443-443 192.168.0.0/16".to_owned(),
                "443-443 pl-0123456789abcdef0".to_owned(),
            ],
        ),
        (
            orders(config! { ip_address = "10.0.0.77" }, plain.clone()),
            ("10.0.0.77", &["443"], true),
            to_vpc("443-443"),
        ),
        (
            orders(config! { ip_address = "10.0.0.78" }, plain.clone()),
            ("10.0.0.78", &["443"], true),
            to_vpc("443-443"),
        ),
    ];
    let mut ids = Vec::new();
    for (n, (config, (target, ports, shareable), egress)) in steps.into_iter().enumerate() {
        thing
            .apply(config.clone())
            .await
            .unwrap_or_else(|refused| panic!("{n}: {refused}"));
        let (id, seen, seen_ports, seen_shareable) = leads_to(&thing, &aws).await;
        assert_eq!((seen.as_str(), seen_shareable), (target, shareable), "{n}");
        assert_eq!(seen_ports, ports, "{n}");
        assert_eq!(lets_out(&thing, &aws).await, egress, "{n}");
        thing
            .refresh()
            .await
            .unwrap_or_else(|refused| panic!("{n}: {refused}"));
        let again = thing
            .plan(config.clone())
            .await
            .unwrap_or_else(|refused| panic!("{n}: {refused}"));
        assert!(
            again.is_no_op(),
            "{n}: {:?} → {:?}",
            again.prior(),
            again.planned()
        );
        let mut imported = instance(&aws).await;
        imported
            .import("orders")
            .await
            .unwrap_or_else(|refused| panic!("{n}: {refused}"));
        let again = imported
            .plan(config)
            .await
            .unwrap_or_else(|refused| panic!("{n}: {refused}"));
        assert!(
            again.is_no_op(),
            "{n}: imported {:?} → {:?}",
            again.prior(),
            again.planned()
        );
        ids.push(id);
    }
    assert_eq!(
        (&ids[0], &ids[1], &ids[3]),
        (&ids[1], &ids[2], &ids[4]),
        "in place"
    );
    assert_ne!(ids[2], ids[3], "a DNS name cannot become an address");
    thing.destroy().await.expect("destroyed");
}

#[tokio::test]
async fn what_cannot_be_reached_so_is_refused_offline() {
    let aws = local_aws();
    let thing = instance(&aws).await;
    let orders = |https: Value, network: Value| {
        config! { name = "orders", https_endpoint = https, network = network, authorization = { none = {} } }
    };
    let subnet = "subnet-0123456789abcdef0";
    let plain = || config! { subnet_ids = [subnet] };
    for (config, words) in [
        (
            orders(
                config! { domain_name = "api.example.com", ip_address = "10.0.0.1" },
                plain(),
            ),
            "Keep one of them",
        ),
        (orders(config! { port = 443 }, plain()), "must be set; none is"),
        (
            orders(config! { ip_address = "010.0.0.1" }, plain()),
            "no IP address",
        ),
        (
            orders(config! { ip_address = "2001:db8::0:1" }, plain()),
            "as \"2001:db8::1\"",
        ),
        (
            orders(config! { ip_address = "2001:db8::1" }, plain()),
            "IPV6 or DUALSTACK",
        ),
        (
            orders(
                config! { domain_name = "api.example.com", port = 443, port_ranges = ["444"] },
                plain(),
            ),
            "Keep one of them",
        ),
        (
            orders(
                config! { domain_name = "api.example.com", port_ranges = ["1-10", "10-20"] },
                plain(),
            ),
            "1-10 and 10-20 have ports in common",
        ),
        (
            orders(
                config! { domain_name = "api.example.com", port_ranges = ["443-443"] },
                plain(),
            ),
            "as \"443\"",
        ),
        (
            orders(
                config! { domain_name = "api.example.com", port_ranges = ["70000"] },
                plain(),
            ),
            "1 to 65535",
        ),
        (
            orders(
                config! { domain_name = "api.example.com", port_ranges = ["443", "444"] },
                config! { subnet_ids = [subnet], endpoint_ingress_security_group_id = "sg-0123456789abcdef0" },
            ),
            "one range of ports",
        ),
        (
            orders(
                config! { domain_name = "api.example.com" },
                config! {
                    subnet_ids = [subnet], security_group_ids = ["sg-0123456789abcdef0"],
                    egress_prefix_list_ids = ["pl-0123456789abcdef0"],
                },
            ),
            "not managed here",
        ),
    ] {
        let refused = errors(thing.validate(config).await);
        assert!(refused.to_string().contains(words), "{words}: {refused}");
    }
}

#[tokio::test]
async fn an_address_that_the_managed_group_does_not_let_out_to_is_told_by_the_plan() {
    let aws = local_aws();
    let thing = instance(&aws).await;
    let subnet = aws.seed().subnet_ids[0].as_str();
    let plan = thing
        .plan(config! {
            name = "orders", https_endpoint = { ip_address = "192.168.7.7" }, network = { subnet_ids = [subnet] },
            authorization = { none = {} },
        })
        .await
        .expect("a plan");
    let warned = plan.warnings().to_string();
    assert!(
        warned.contains("192.168.7.7") && warned.contains("egress_cidr_blocks"),
        "{warned}"
    );
}

/// DNS knows no case, and AWS may keep names in lower case, or as they were sent.
#[tokio::test]
async fn a_domain_name_in_other_letters_is_the_same_name() {
    for lowercases in [true, false] {
        let local = local_aws();
        local
            .change_settings(&serde_json::json!({ "lowercases_domain_names": lowercases }))
            .expect("a known setting");
        let subnet = local.seed().subnet_ids[0].as_str();
        let named = |name: &str| {
            config! {
                name = "orders", https_endpoint = { domain_name = name }, network = { subnet_ids = [subnet] },
                authorization = { none = {} },
            }
        };
        let mut thing = instance(&local).await;
        thing.apply(named("Orders.example.com")).await.expect("created");
        thing.refresh().await.expect("read");
        let plan = thing.plan(named("Orders.example.com")).await.expect("a plan");
        assert!(
            plan.is_no_op(),
            "{lowercases}: {:?} → {:?}",
            plan.prior(),
            plan.planned()
        );
        let since = local.calls().len();
        thing
            .apply(named("orders.EXAMPLE.com"))
            .await
            .expect("written otherwise");
        let changed = super::checks::mutations(&local, since);
        assert!(
            !changed.iter().any(|call| call.contains("ResourceConfiguration")),
            "{changed:?}"
        );
        thing.destroy().await.expect("destroyed");
    }
}
