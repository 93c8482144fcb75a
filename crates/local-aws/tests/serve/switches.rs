//! Every switch for what is not certain of AWS changes what it names.

#[path = "switches/connections.rs"]
mod connections;
#[path = "switches/consistency.rs"]
mod consistency;
#[path = "switches/lattice.rs"]
mod lattice;

use local_aws::{LocalAws, Options, Settings, Speed};
use serde_json::{Value, json};

use crate::client::{Client, Path, configuration, connection, gateway_input, group};

fn with(settings: Settings, speed: Speed) -> LocalAws {
    LocalAws::start(Options {
        settings,
        speed,
        ..Options::default()
    })
    .unwrap()
}

/// A gateway and a configuration with these settings, at this speed.
fn private_path(client: &Client<'_>) -> (String, Value) {
    let group = group(client, "orders");
    configuration(client, "orders", &group)
}

fn update(client: &Client<'_>, change: Value) -> (u16, String) {
    let mut input = json!({ "Name": "orders" });
    input
        .as_object_mut()
        .unwrap()
        .extend(change.as_object().unwrap().clone());
    let answer = client.events("UpdateConnection", input);
    (answer.status, answer.body)
}

#[test]
fn a_name_is_free_while_its_object_is_deleted_only_if_switched() {
    for (frees_deleted_names, status) in [(false, 409), (true, 201)] {
        let aws = with(
            Settings {
                frees_deleted_names,
                active_at_once: true,
                ..Settings::default()
            },
            Speed::Factor(1.0),
        );
        let client = Client::new(&aws);
        let make = || client.lattice("POST", "/resourcegateways", gateway_input(&client, "orders", &[]));
        let id = make().json()["id"].as_str().unwrap().to_owned();
        assert_eq!(
            client
                .lattice("DELETE", &format!("/resourcegateways/{id}"), Value::Null)
                .status,
            200
        );
        assert_eq!(make().status, status);
    }
}

#[test]
fn a_creation_is_answered_with_its_progress_or_its_end() {
    for (active_at_once, status) in [(false, "CREATE_IN_PROGRESS"), (true, "ACTIVE")] {
        let aws = with(
            Settings {
                active_at_once,
                ..Settings::default()
            },
            Speed::Factor(1.0),
        );
        let client = Client::new(&aws);
        let made = client.lattice("POST", "/resourcegateways", gateway_input(&client, "orders", &[]));
        assert_eq!(made.json()["status"], status);
    }
}

#[test]
fn dns_resolution_changes_only_if_switched() {
    for (changes_dns_resolution, resolution) in [(true, "IN_VPC"), (false, "PUBLIC")] {
        let aws = with(
            Settings {
                changes_dns_resolution,
                ..Settings::default()
            },
            Speed::Instant,
        );
        let client = Client::new(&aws);
        let (gateway, _) = private_path(&client);
        let own = format!("/resourcegateways/{gateway}");
        let change = json!({ "resourceConfigDnsResolution": "IN_VPC" });
        assert_eq!(client.lattice("PATCH", &own, change).status, 200);
        let found = client.lattice("GET", &own, Value::Null).json();
        assert_eq!(found["resourceConfigDnsResolution"], resolution);
    }
}

#[test]
fn configurations_are_shareable_by_default_or_not_and_that_can_matter() {
    for (shareable_by_default, wanted, status) in [(true, true, 200), (false, false, 200), (false, true, 400)]
    {
        let settings = Settings {
            shareable_by_default,
            wants_shareable_configurations: wanted,
            ..Settings::default()
        };
        let aws = with(settings, Speed::Instant);
        let client = Client::new(&aws);
        let (_, made) = private_path(&client);
        assert_eq!(
            made["allowAssociationToShareableServiceNetwork"],
            shareable_by_default
        );
        let input = connection(&client, "orders", made["arn"].as_str().unwrap());
        assert_eq!(client.events("CreateConnection", input).status, status);
    }
}

#[test]
fn a_used_gateway_is_a_conflict_or_invalid() {
    for (used_gateway_is_conflict, code) in [(true, "ConflictException"), (false, "ValidationException")] {
        let aws = with(
            Settings {
                used_gateway_is_conflict,
                ..Settings::default()
            },
            Speed::Instant,
        );
        let client = Client::new(&aws);
        let (gateway, _) = private_path(&client);
        let refused = client.lattice("DELETE", &format!("/resourcegateways/{gateway}"), Value::Null);
        assert_eq!(refused.code(), code);
    }
}

#[test]
fn a_private_connection_ends_active_or_authorized() {
    for (connection_stays_authorized, state) in [(false, "ACTIVE"), (true, "AUTHORIZED")] {
        let aws = with(
            Settings {
                connection_stays_authorized,
                ..Settings::default()
            },
            Speed::Instant,
        );
        let client = Client::new(&aws);
        Path::make(&client);
        let found = client
            .events("DescribeConnection", json!({ "Name": "orders" }))
            .json();
        assert_eq!(found["ConnectionState"], state);
    }
}

#[test]
fn a_deletion_needs_the_permission_for_the_association_only_if_switched() {
    for (deletion_needs_association_permission, status) in [(false, 200), (true, 400)] {
        let settings = Settings {
            deletion_needs_association_permission,
            ..Settings::default()
        };
        let aws = with(settings, Speed::Instant);
        let client = Client::new(&aws);
        Path::make(&client);
        aws.add_fault(&json!({
            "service": "vpc-lattice", "operation": "DeleteServiceNetworkResourceAssociation",
            "effect": { "access_denied": true },
        }))
        .unwrap();
        assert_eq!(
            client
                .events("DeleteConnection", json!({ "Name": "orders" }))
                .status,
            status
        );
    }
}

#[test]
fn connectivity_with_a_description_is_enough_or_not() {
    for (accepts_connectivity_with_description, status) in [(true, 200), (false, 400)] {
        let settings = Settings {
            accepts_connectivity_with_description,
            ..Settings::default()
        };
        let aws = with(settings, Speed::Instant);
        let client = Client::new(&aws);
        Path::make(&client);
        let public = json!({ "ResourceParameters": { "ResourceConfigurationArn": "" } });
        let change = json!({ "Description": "public", "InvocationConnectivityParameters": public });
        assert_eq!(update(&client, change).0, status);
        assert_eq!(update(&client, json!({ "Description": "only" })).0, 200);
    }
}

#[test]
fn empty_lists_and_keys_clear_what_there_is_or_leave_it() {
    for clears in [true, false] {
        let settings = Settings {
            empty_lists_clear: clears,
            empty_key_clears: clears,
            ..Settings::default()
        };
        let aws = with(settings, Speed::Instant);
        let client = Client::new(&aws);
        let basic = json!({ "Username": "orders", "Password": "p" });
        let http = |list: Value| json!({ "HeaderParameters": list });
        let sent =
            |list: Value| json!({ "BasicAuthParameters": basic, "InvocationHttpParameters": http(list) });
        let made = client.events(
            "CreateConnection",
            json!({ "Name": "orders", "AuthorizationType": "BASIC", "KmsKeyIdentifier": "alias/local",
                "AuthParameters": sent(json!([{ "Key": "x-a", "Value": "1" }])) }),
        );
        assert_eq!(made.status, 200, "{made:?}");
        let change = json!({ "AuthorizationType": "BASIC", "KmsKeyIdentifier": "", "AuthParameters": sent(json!([])) });
        assert_eq!(update(&client, change).0, 200);
        let found = client
            .events("DescribeConnection", json!({ "Name": "orders" }))
            .json();
        let headers = found["AuthParameters"]["InvocationHttpParameters"]["HeaderParameters"].as_array();
        assert_eq!(
            headers.is_some_and(|headers| headers.is_empty()),
            clears,
            "{found}"
        );
        assert_eq!(found.get("KmsKeyIdentifier").is_none(), clears, "{found}");
    }
}

#[test]
fn a_group_lets_ipv6_out_where_there_is_any_only_if_switched() {
    for (groups_let_ipv6_out, rules) in [(false, 0), (true, 1)] {
        let aws = with(
            Settings {
                groups_let_ipv6_out,
                ..Settings::default()
            },
            Speed::Instant,
        );
        let client = Client::new(&aws);
        let vpc = client.ec2(
            "CreateVpc",
            &[
                ("CidrBlock", "10.9.0.0/16"),
                ("AmazonProvidedIpv6CidrBlock", "true"),
            ],
        );
        let vpc = vpc.xml("vpcId");
        let made = client.ec2(
            "CreateSecurityGroup",
            &[
                ("GroupName", "orders"),
                ("GroupDescription", "d"),
                ("VpcId", &vpc),
            ],
        );
        let found = client.ec2("DescribeSecurityGroups", &[("GroupId.1", &made.xml("groupId"))]);
        assert_eq!(found.body.matches("<cidrIpv6>::/0</cidrIpv6>").count(), rules);
    }
}

#[test]
fn api_destinations_take_http_only_if_switched() {
    for (accepts_http_destinations, status) in [(false, 400), (true, 200)] {
        let aws = with(
            Settings {
                accepts_http_destinations,
                ..Settings::default()
            },
            Speed::Instant,
        );
        let client = Client::new(&aws);
        let arn = Path::make(&client).connection_arn;
        let input = json!({ "Name": "orders", "ConnectionArn": arn, "HttpMethod": "POST",
            "InvocationEndpoint": "http://api.example.com/" });
        assert_eq!(client.events("CreateApiDestination", input).status, status);
    }
}

fn describe(client: &Client<'_>, name: &str) -> Value {
    client
        .events("DescribeConnection", json!({ "Name": name }))
        .json()
}

#[test]
fn an_empty_description_clears_or_is_taken_without_effect() {
    for (empty_description_clears, left) in [(true, None), (false, Some("old"))] {
        let settings = Settings {
            empty_description_clears,
            ..Settings::default()
        };
        let aws = with(settings, Speed::Instant);
        let client = Client::new(&aws);
        let arn = Path::make(&client).connection_arn;
        let input = json!({ "Name": "orders", "ConnectionArn": arn, "HttpMethod": "POST",
            "InvocationEndpoint": "https://api.example.com/" });
        assert_eq!(client.events("CreateApiDestination", input).status, 200);
        let destination = json!({ "Name": "orders" });
        for description in ["old", ""] {
            let change = json!({ "Name": "orders", "Description": description });
            assert_eq!(client.events("UpdateConnection", change.clone()).status, 200);
            assert_eq!(client.events("UpdateApiDestination", change).status, 200);
        }
        let destination = client.events("DescribeApiDestination", destination).json();
        for found in [describe(&client, "orders"), destination] {
            assert_eq!(
                found.get("Description").map(|left| left.as_str().unwrap()),
                left,
                "{found}"
            );
        }
    }
}

#[test]
fn an_empty_arn_leaves_each_private_path_or_has_no_effect() {
    for empty_arn_leaves_private in [true, false] {
        let settings = Settings {
            empty_arn_leaves_private,
            ..Settings::default()
        };
        let aws = with(settings, Speed::Instant);
        let client = Client::new(&aws);
        let path = Path::make(&client);
        let to = |arn: &str| json!({ "ResourceParameters": { "ResourceConfigurationArn": arn } });
        let oauth = |arn: &str| {
            json!({ "ConnectivityParameters": to(arn), "OAuthParameters": {
                "ClientParameters": { "ClientID": "orders", "ClientSecret": "s" },
                "AuthorizationEndpoint": "https://login.example.com/token", "HttpMethod": "POST" } })
        };
        let input = json!({ "Name": "token", "AuthorizationType": "OAUTH_CLIENT_CREDENTIALS",
            "AuthParameters": oauth(&path.configuration_arn),
            "InvocationConnectivityParameters": to(&path.configuration_arn) });
        assert_eq!(client.events("CreateConnection", input).status, 200);
        let change = json!({ "Name": "token", "AuthorizationType": "OAUTH_CLIENT_CREDENTIALS",
            "AuthParameters": oauth(""), "InvocationConnectivityParameters": to("") });
        assert_eq!(client.events("UpdateConnection", change).status, 200);
        let found = describe(&client, "token");
        let private = [
            found.get("InvocationConnectivityParameters").is_some(),
            found["AuthParameters"].get("ConnectivityParameters").is_some(),
        ];
        assert_eq!(private, [!empty_arn_leaves_private; 2], "{found}");
    }
}

#[test]
fn a_second_connection_shares_a_configuration_or_is_refused() {
    for (shares_configurations, status) in [(true, 200), (false, 400)] {
        let settings = Settings {
            shares_configurations,
            ..Settings::default()
        };
        let aws = with(settings, Speed::Instant);
        let client = Client::new(&aws);
        let path = Path::make(&client);
        let second = connection(&client, "billing", &path.configuration_arn);
        let made = client.events("CreateConnection", second.clone());
        assert_eq!(made.status, status, "{made:?}");
        if !shares_configurations {
            assert_eq!(made.code(), "ValidationException");
            assert!(made.body.contains("in use by connection orders"), "{made:?}");
        }

        let mut public = second.clone();
        public["Name"] = "public".into();
        public
            .as_object_mut()
            .unwrap()
            .remove("InvocationConnectivityParameters");
        assert_eq!(client.events("CreateConnection", public).status, 200);
        let move_in = json!({ "Name": "public", "Description": "private",
            "InvocationConnectivityParameters": second["InvocationConnectivityParameters"] });
        assert_eq!(client.events("UpdateConnection", move_in).status, status);
        // What it has is not refused to the connection itself.
        let again = json!({ "Description": "again",
            "InvocationConnectivityParameters": second["InvocationConnectivityParameters"] });
        assert_eq!(update(&client, again).0, 200);
    }
}
