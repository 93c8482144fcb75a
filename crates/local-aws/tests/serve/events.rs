//! Connections.

use std::time::Duration;

use local_aws::{LocalAws, Options, Times};
use serde_json::json;

use crate::client::{Client, Path, configuration, connection, group, instant};

#[test]
fn a_description_has_the_association_and_no_secret() {
    let aws = instant();
    let client = Client::new(&aws);
    let path = Path::make(&client);
    let described = client.events("DescribeConnection", json!({ "Name": "orders" }));
    assert!(!described.body.contains(&aws.seed().api_key));
    let body = described.json();
    assert_eq!(
        (&body["ConnectionState"], &body["ConnectionArn"]),
        (&json!("ACTIVE"), &json!(path.connection_arn))
    );
    let query = format!(
        "/servicenetworkresourceassociations?resourceConfigurationIdentifier={}",
        path.configuration_id
    );
    let association = client.lattice("GET", &query, json!(null)).json()["items"][0].clone();
    let resource = &body["InvocationConnectivityParameters"]["ResourceParameters"];
    assert_eq!(resource["ResourceAssociationArn"], association["arn"]);
    assert_eq!(association["isManagedAssociation"], true);
}

#[test]
fn a_configuration_with_an_association_stays_until_the_connection_is_gone() {
    let aws = instant();
    let client = Client::new(&aws);
    let path = Path::make(&client);
    let own = format!("/resourceconfigurations/{}", path.configuration_id);
    let refused = client.lattice("DELETE", &own, json!(null));
    assert_eq!(
        (refused.status, refused.code()),
        (400, "ValidationException".to_owned())
    );
    assert!(
        refused
            .body
            .contains("has existing association with service networks")
    );
    aws.change_settings(&json!({ "associated_configuration_is_conflict": true }))
        .unwrap();
    assert_eq!(
        client.lattice("DELETE", &own, json!(null)).code(),
        "ConflictException"
    );
    assert_eq!(
        client
            .events("DeleteConnection", json!({ "Name": "orders" }))
            .json()["ConnectionState"],
        "DELETING"
    );
    assert_eq!(client.lattice("DELETE", &own, json!(null)).status, 204);
    assert_eq!(
        client
            .events("DescribeConnection", json!({ "Name": "orders" }))
            .code(),
        "ResourceNotFoundException"
    );
}

#[test]
fn an_update_needs_the_type_with_its_parameters_or_a_description() {
    let aws = instant();
    let client = Client::new(&aws);
    let path = Path::make(&client);
    let whole = connection(&client, "orders", &path.configuration_arn);
    for refused in [
        json!({ "Name": "orders" }),
        json!({ "Name": "orders", "AuthorizationType": "API_KEY" }),
        json!({ "Name": "orders", "AuthParameters": whole["AuthParameters"] }),
        json!({ "Name": "orders", "InvocationConnectivityParameters": whole["InvocationConnectivityParameters"] }),
    ] {
        let answer = client.events("UpdateConnection", refused.clone());
        assert_eq!(answer.code(), "ValidationException", "{refused}");
        assert!(
            answer.body.contains("AuthorizationType with BasicAuthParameters"),
            "{}",
            answer.body
        );
    }
    let before = client
        .events("DescribeConnection", json!({ "Name": "orders" }))
        .json();
    assert_eq!(
        client
            .events(
                "UpdateConnection",
                json!({ "Name": "orders", "Description": "new" })
            )
            .status,
        200
    );
    let after = client
        .events("DescribeConnection", json!({ "Name": "orders" }))
        .json();
    assert_eq!(after["Description"], "new");
    assert_eq!(
        (&after["LastAuthorizedTime"], &after["SecretArn"]),
        (&before["LastAuthorizedTime"], &before["SecretArn"])
    );
}

#[test]
fn another_type_has_another_secret_and_another_path_another_association() {
    let aws = instant();
    let client = Client::new(&aws);
    let path = Path::make(&client);
    let before = client
        .events("DescribeConnection", json!({ "Name": "orders" }))
        .json();
    let other_group = group(&client, "other");
    let (_, other) = configuration(&client, "other", &other_group);
    let update = json!({
        "Name": "orders", "AuthorizationType": "BASIC",
        "AuthParameters": { "BasicAuthParameters": { "Username": "orders", "Password": aws.seed().api_key } },
        "InvocationConnectivityParameters": { "ResourceParameters": { "ResourceConfigurationArn": other["arn"] } },
    });
    assert_eq!(client.events("UpdateConnection", update).status, 200);
    let after = client
        .events("DescribeConnection", json!({ "Name": "orders" }))
        .json();
    assert_eq!(after["ConnectionArn"], before["ConnectionArn"]);
    assert_ne!(after["SecretArn"], before["SecretArn"]);
    assert_ne!(
        after["InvocationConnectivityParameters"],
        before["InvocationConnectivityParameters"]
    );
    let old = format!("/resourceconfigurations/{}", path.configuration_id);
    assert_eq!(client.lattice("DELETE", &old, json!(null)).status, 204);
    assert_eq!(
        client.test_state(&path.connection_arn, json!({})).json()["status"],
        "SUCCEEDED"
    );
}

#[test]
fn an_empty_configuration_arn_makes_the_connection_public() {
    let aws = instant();
    let client = Client::new(&aws);
    Path::make(&client);
    let mut update = connection(&client, "orders", "");
    update["Description"] = json!("public");
    assert_eq!(
        client.events("UpdateConnection", update).json()["ConnectionState"],
        "AUTHORIZED"
    );
    let after = client
        .events("DescribeConnection", json!({ "Name": "orders" }))
        .json();
    assert_eq!(after.get("InvocationConnectivityParameters"), None);
    assert!(
        !aws.objects()
            .iter()
            .any(|object| object["type"] == "service-network-resource-association")
    );
}

#[test]
fn names_are_unique_and_private_connections_have_a_quota() {
    let aws = instant();
    let client = Client::new(&aws);
    let path = Path::make(&client);
    let create = |name: &str| {
        client
            .events(
                "CreateConnection",
                connection(&client, name, &path.configuration_arn),
            )
            .code()
    };
    assert_eq!(create("orders"), "ResourceAlreadyExistsException");
    aws.change_settings(&json!({ "private_connections": 1 })).unwrap();
    assert_eq!(create("second"), "LimitExceededException");
    let missing = "arn:aws:vpc-lattice:us-east-1:123456789012:resourceconfiguration/rcfg-0123456789abcdef0";
    aws.change_settings(&json!({ "private_connections": 2 })).unwrap();
    assert_eq!(
        client
            .events("CreateConnection", connection(&client, "second", missing))
            .code(),
        "ResourceNotFoundException"
    );
}

#[test]
fn connections_cannot_be_tagged() {
    let aws = instant();
    let client = Client::new(&aws);
    let path = Path::make(&client);
    let tag = json!({ "ResourceARN": path.connection_arn, "Tags": [{ "Key": "a", "Value": "b" }] });
    assert_eq!(client.events("TagResource", tag).code(), "ValidationException");
}

#[test]
fn a_short_connection_time_still_ends_active() {
    let mut times = Times::default();
    times.set("connection", Duration::ZERO).unwrap();
    times.set("gateway", Duration::ZERO).unwrap();
    times.set("configuration", Duration::ZERO).unwrap();
    let aws = LocalAws::start(Options {
        times,
        ..Options::default()
    })
    .unwrap();
    let client = Client::new(&aws);
    Path::make(&client);
    let described = client
        .events("DescribeConnection", json!({ "Name": "orders" }))
        .json();
    assert_eq!(described["ConnectionState"], "ACTIVE");
}

#[test]
fn what_is_wrong_with_an_input_is_told_as_recorded() {
    let aws = instant();
    let client = Client::new(&aws);
    let wrong = json!({ "Name": "not a name", "ConnectionArn": "connection", "HttpMethod": "FETCH",
        "InvocationEndpoint": "https://api.example.com/" });
    let refused = client.events("CreateApiDestination", wrong).json();
    assert_eq!(
        refused["message"],
        "3 validation errors detected: Value 'not a name' at 'name' failed to satisfy constraint: Member must \
         satisfy regular expression pattern: [\\.\\-_A-Za-z0-9]+; Value 'connection' at 'connectionArn' failed to \
         satisfy constraint: Member must satisfy regular expression pattern: \
         ^arn:aws([a-z]|\\-)*:events:([a-z]|\\d|\\-)*:([0-9]{12})?:connection\\/[\\.\\-_A-Za-z0-9]+\\/[\\-A-Za-z0-9]+$; \
         Value 'FETCH' at 'httpMethod' failed to satisfy constraint: Member must satisfy enum value set: \
         [HEAD, POST, PATCH, DELETE, PUT, GET, OPTIONS]"
    );
}

#[test]
fn a_deauthorized_connection_has_no_parameters_at_once_and_takes_an_update() {
    let aws = LocalAws::start(Options::default()).unwrap();
    let client = Client::new(&aws);
    let key = json!({ "ApiKeyAuthParameters": { "ApiKeyName": "x-api-key", "ApiKeyValue": "k" } });
    let whole = json!({ "Name": "orders", "AuthorizationType": "API_KEY", "AuthParameters": key });
    client.events("CreateConnection", whole.clone());
    let name = json!({ "Name": "orders" });
    for _ in 0..2 {
        let answer = client.events("DeauthorizeConnection", name.clone());
        assert_eq!(answer.status, 200, "{answer:?}");
        let found = client.events("DescribeConnection", name.clone()).json();
        assert_eq!(found["ConnectionState"], "DEAUTHORIZING");
        assert_eq!(found["AuthParameters"], json!({}));
        assert!(
            found["StateReason"]
                .as_str()
                .unwrap()
                .contains("DeauthorizeConnection")
        );
    }
    assert_eq!(
        client.events("UpdateConnection", whole).json()["ConnectionState"],
        "AUTHORIZED"
    );
}

#[test]
fn a_rule_that_is_not_there_is_deleted_already() {
    let aws = instant();
    let client = Client::new(&aws);
    let deleted = client.events("DeleteRule", json!({ "Name": "none" }));
    assert_eq!((deleted.status, deleted.json()), (200, json!({})));
}

#[test]
fn the_secret_of_a_connection_has_one_tag_and_another_version_for_each_write() {
    let aws = instant();
    let client = Client::new(&aws);
    Path::make(&client);
    let secret = || {
        let arn = client
            .events("DescribeConnection", json!({ "Name": "orders" }))
            .json()["SecretArn"]
            .clone();
        let headers = [("x-amz-target", "secretsmanager.DescribeSecret")];
        let body = json!({ "SecretId": arn }).to_string();
        client
            .send("secretsmanager", "POST", "/", &headers, &body)
            .unwrap()
            .json()
    };
    let first = secret();
    let owner = json!([{ "Key": "aws:secretsmanager:owningService", "Value": "events" }]);
    assert_eq!(first["Tags"], owner);
    let change = json!({ "Name": "orders", "AuthorizationType": "API_KEY",
        "AuthParameters": { "ApiKeyAuthParameters": { "ApiKeyName": "x-api-key", "ApiKeyValue": "other" } } });
    assert_eq!(client.events("UpdateConnection", change).status, 200);
    assert_ne!(secret()["VersionIdsToStages"], first["VersionIdsToStages"]);
}
