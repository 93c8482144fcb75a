//! Switches for eventual consistency: what was just made, changed or deleted is not known everywhere at once.

use std::time::Duration;

use local_aws::{LocalAws, Options, Settings};
use serde_json::{Value, json};

use crate::client::{Client, Path, configuration, connection, gateway_input, group};

const SECOND: Duration = Duration::from_secs(1);

/// A local AWS whose clock stands and whose transitions take no time, but for the settings' seconds.
fn stepwise(settings: Settings) -> LocalAws {
    let mut times = local_aws::Times::default();
    let names: Vec<&str> = times.table().into_iter().map(|(name, _)| name).collect();
    for name in names {
        times.set(name, Duration::ZERO).unwrap();
    }
    LocalAws::start(Options {
        settings,
        times,
        step: true,
        ..Options::default()
    })
    .unwrap()
}

#[test]
fn a_description_is_stale_for_as_long_as_is_switched() {
    for (stale_reads_after_update, at_once, later) in [(0, "new", "new"), (5, "old", "new")] {
        let aws = stepwise(Settings {
            stale_reads_after_update,
            ..Settings::default()
        });
        let client = Client::new(&aws);
        let arn = Path::make(&client).connection_arn;
        let destination = json!({ "Name": "orders", "ConnectionArn": arn, "HttpMethod": "POST",
            "InvocationEndpoint": "https://api.example.com/", "Description": "old" });
        assert_eq!(client.events("CreateApiDestination", destination).status, 200);
        let change = |description: &str| {
            let change = json!({ "Name": "orders", "Description": description });
            assert_eq!(client.events("UpdateConnection", change.clone()).status, 200);
            assert_eq!(client.events("UpdateApiDestination", change).status, 200);
        };
        change("old");
        aws.advance(10 * SECOND);
        change("new");
        let descriptions = || {
            ["DescribeConnection", "DescribeApiDestination"].map(|operation| {
                client.events(operation, json!({ "Name": "orders" })).json()["Description"].clone()
            })
        };
        assert_eq!(descriptions(), [at_once, at_once]);
        aws.advance(5 * SECOND);
        assert_eq!(descriptions(), [later, later]);
    }
}

#[test]
fn gateways_and_configurations_are_stale_too() {
    let aws = stepwise(Settings {
        stale_reads_after_update: 5,
        ..Settings::default()
    });
    let client = Client::new(&aws);
    let first = group(&client, "orders");
    let (gateway, made) = configuration(&client, "orders", &first);
    let second = group(&client, "second");
    let gateway = format!("/resourcegateways/{gateway}");
    let found = format!("/resourceconfigurations/{}", made["id"].as_str().unwrap());
    let groups = json!({ "securityGroupIds": [second] });
    assert_eq!(client.lattice("PATCH", &gateway, groups).status, 200);
    let ports = json!({ "portRanges": ["8443"] });
    assert_eq!(client.lattice("PATCH", &found, ports).status, 200);
    let seen = || {
        let get =
            |path: &str, member: &str| client.lattice("GET", path, Value::Null).json()[member][0].clone();
        [get(&gateway, "securityGroupIds"), get(&found, "portRanges")]
    };
    assert_eq!(seen(), [json!(first), json!("443")]);
    aws.advance(5 * SECOND);
    assert_eq!(seen(), [json!(second), json!("8443")]);
}

#[test]
fn writes_do_not_find_what_was_just_made_if_switched() {
    for writes_miss in [0, 5] {
        let aws = stepwise(Settings {
            writes_miss,
            ..Settings::default()
        });
        let client = Client::new(&aws);
        let wait = || aws.advance(5 * SECOND);
        let misses = writes_miss > 0;

        let group_id = group(&client, "orders");
        let rule = [
            ("GroupId", group_id.as_str()),
            ("IpPermissions.1.IpProtocol", "tcp"),
            ("IpPermissions.1.FromPort", "443"),
            ("IpPermissions.1.ToPort", "443"),
            ("IpPermissions.1.IpRanges.1.CidrIp", "10.0.0.0/16"),
        ];
        let gateway = || {
            client.lattice(
                "POST",
                "/resourcegateways",
                gateway_input(&client, "orders", &[&group_id]),
            )
        };
        if misses {
            for operation in ["AuthorizeSecurityGroupEgress", "AuthorizeSecurityGroupIngress"] {
                assert_eq!(client.ec2(operation, &rule).code(), "InvalidGroup.NotFound");
            }
            assert_eq!(gateway().code(), "ResourceNotFoundException");
            // Reads do find it.
            assert_eq!(
                client
                    .ec2("DescribeSecurityGroups", &[("GroupId.1", &group_id)])
                    .status,
                200
            );
            wait();
        }
        for operation in ["AuthorizeSecurityGroupEgress", "AuthorizeSecurityGroupIngress"] {
            assert_eq!(client.ec2(operation, &rule).status, 200);
        }
        let gateway_id = gateway().json()["id"].clone();
        let make_configuration = || {
            client.lattice(
                "POST",
                "/resourceconfigurations",
                json!({ "name": "orders", "type": "SINGLE", "portRanges": ["443"],
                    "resourceGatewayIdentifier": gateway_id,
                    "resourceConfigurationDefinition": { "dnsResource": { "domainName": "orders.example.com" } } }),
            )
        };
        if misses {
            assert_eq!(make_configuration().code(), "ResourceNotFoundException");
            wait();
        }
        let arn = make_configuration().json()["arn"].as_str().unwrap().to_owned();
        let make_connection = || client.events("CreateConnection", connection(&client, "orders", &arn));
        if misses {
            assert_eq!(make_connection().code(), "ResourceNotFoundException");
            wait();
        }
        let arn = make_connection().json()["ConnectionArn"].clone();
        let make_destination = || {
            let input = json!({ "Name": "orders", "ConnectionArn": arn, "HttpMethod": "POST",
                "InvocationEndpoint": "https://api.example.com/" });
            client.events("CreateApiDestination", input)
        };
        if misses {
            assert_eq!(make_destination().code(), "ResourceNotFoundException");
            wait();
        }
        assert_eq!(make_destination().status, 200);
    }
}

#[test]
fn a_deleted_configuration_holds_its_gateway_for_as_long_as_is_switched() {
    for (deleted_configurations_hold_gateway, status) in [(0, 200), (5, 409)] {
        let aws = stepwise(Settings {
            deleted_configurations_hold_gateway,
            ..Settings::default()
        });
        let client = Client::new(&aws);
        let group = group(&client, "orders");
        let (gateway, made) = configuration(&client, "orders", &group);
        let delete = |path: String| client.lattice("DELETE", &path, Value::Null);
        let configuration = made["id"].as_str().unwrap();
        assert_eq!(
            delete(format!("/resourceconfigurations/{configuration}")).status,
            204
        );
        let gateway = format!("/resourcegateways/{gateway}");
        assert_eq!(delete(gateway.clone()).status, status);
        if status == 409 {
            aws.advance(5 * SECOND);
            assert_eq!(delete(gateway).status, 200);
        }
    }
}
