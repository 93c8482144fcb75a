//! Switches for VPC Lattice and EC2: what is answered of what is shared, and when something is in use.

use local_aws::{LocalAws, Options, SeedDocument, Settings, SharedTagsAnswer, Speed};
use serde_json::{Value, json};

use super::{private_path, with};
use crate::client::{Client, Path};

#[test]
fn tags_of_what_another_account_shares_are_denied_unknown_or_invalid() {
    let document = r#"
vpcs: [{ name: main, cidr_blocks: [10.1.0.0/16], subnets: [{ name: a, zone: a, cidr_block: 10.1.0.0/24 }],
         security_groups: [{ name: in }] }]
hosts: [{ name: balancer, domain_name: orders.example.com, vpc: main, security_groups: [in], routes: [{ path: /orders }] }]
shared_configurations:
  - { name: billing, id: rcfg-0123456789abcdef0, owner: "210987654321", to: balancer, port_ranges: ["443"] }
"#;
    for (shared_tags_answer, status) in [
        (SharedTagsAnswer::AccessDenied, 403),
        (SharedTagsAnswer::NotFound, 404),
        (SharedTagsAnswer::Invalid, 400),
    ] {
        let aws = LocalAws::start(Options {
            settings: Settings {
                shared_tags_answer,
                ..Settings::default()
            },
            document: SeedDocument::parse(document).unwrap(),
            speed: Speed::Instant,
            ..Options::default()
        })
        .unwrap();
        let client = Client::new(&aws);
        let shared =
            "arn:aws:vpc-lattice:us-east-1:210987654321:resourceconfiguration/rcfg-0123456789abcdef0";
        let tags = |arn: &str| client.lattice("GET", &format!("/tags/{arn}"), Value::Null);
        assert_eq!(tags(shared).status, status);
        // Our own are told.
        let gateway = client.lattice(
            "POST",
            "/resourcegateways",
            crate::client::gateway_input(&client, "orders", &[]),
        );
        assert_eq!(tags(gateway.json()["arn"].as_str().unwrap()).status, 200);
    }
}

#[test]
fn a_domain_name_is_read_back_as_sent_or_in_lower_case() {
    for (lowercases_domain_names, name) in [(false, "Orders.Example.com"), (true, "orders.example.com")] {
        let aws = with(
            Settings {
                lowercases_domain_names,
                ..Settings::default()
            },
            Speed::Instant,
        );
        let client = Client::new(&aws);
        let (gateway, _) = private_path(&client);
        let made = client.lattice(
            "POST",
            "/resourceconfigurations",
            json!({ "name": "second", "type": "SINGLE", "portRanges": ["443"], "resourceGatewayIdentifier": gateway,
                "resourceConfigurationDefinition": { "dnsResource": { "domainName": "Orders.Example.com" } } }),
        );
        let own = format!("/resourceconfigurations/{}", made.json()["id"].as_str().unwrap());
        let found = client.lattice("GET", &own, Value::Null).json();
        assert_eq!(
            found["resourceConfigurationDefinition"]["dnsResource"]["domainName"],
            name
        );
    }
}

#[test]
fn deletions_of_what_is_in_use_are_refused_in_the_documented_words_or_in_others() {
    for (in_use_in_other_words, codes) in [
        (
            false,
            ["DependencyViolation", "ConflictException", "ValidationException"],
        ),
        (
            true,
            ["InvalidGroup.InUse", "ValidationException", "ValidationException"],
        ),
    ] {
        let aws = with(
            Settings {
                in_use_in_other_words,
                ..Settings::default()
            },
            Speed::Instant,
        );
        let client = Client::new(&aws);
        let path = Path::make(&client);
        let gateways = client.lattice("GET", "/resourcegateways", Value::Null).json();
        let gateway = gateways["items"][0]["id"].as_str().unwrap();
        let delete = |path: String| client.lattice("DELETE", &path, Value::Null);
        let refused = [
            client.ec2("DeleteSecurityGroup", &[("GroupId", &path.group_id)]),
            delete(format!("/resourcegateways/{gateway}")),
            delete(format!("/resourceconfigurations/{}", path.configuration_id)),
        ];
        assert_eq!(refused.each_ref().map(|answer| answer.code()), codes);
        let documented = refused.iter().filter(|answer| {
            [
                "has existing association",
                "has resource configurations",
                "dependent object",
            ]
            .iter()
            .any(|words| answer.body.contains(words))
        });
        assert_eq!(documented.count(), if in_use_in_other_words { 0 } else { 3 });
    }
}
