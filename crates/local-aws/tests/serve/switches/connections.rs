//! Switches for EventBridge: what an update takes, what a state lets through, and what AWS's texts say.

use std::time::Duration;

use local_aws::{AssociationTag, DenialWords, QuotedSecrets, Settings, Speed};
use serde_json::{Value, json};

use super::{describe, private_path, update, with};
use crate::client::{Client, Path, connection};

fn to(arn: &str) -> Value {
    json!({ "ResourceParameters": { "ResourceConfigurationArn": arn } })
}

#[test]
fn connectivity_without_a_type_is_ignored_only_if_switched() {
    for (ignores_connectivity_without_type, alone, leaves) in [(false, 400, true), (true, 200, false)] {
        let settings = Settings {
            ignores_connectivity_without_type,
            ..Settings::default()
        };
        let aws = with(settings, Speed::Instant);
        let client = Client::new(&aws);
        let path = Path::make(&client);
        let public = json!({ "InvocationConnectivityParameters": to("") });
        assert_eq!(update(&client, public.clone()).0, alone);

        let mut described = public;
        described["Description"] = "public".into();
        let answer = update(&client, described);
        assert_eq!(answer.0, 200);
        assert!(answer.1.contains(&path.connection_arn), "{}", answer.1);
        let found = describe(&client, "orders");
        assert_eq!(found["Description"], "public");
        let is_public = found.get("InvocationConnectivityParameters").is_none();
        assert_eq!(is_public, leaves, "{found}");

        // With its type it takes effect either way.
        let typed = json!({ "InvocationConnectivityParameters": to(""), "AuthorizationType": "API_KEY",
            "AuthParameters": { "ApiKeyAuthParameters": { "ApiKeyName": "x-api-key" } } });
        assert_eq!(update(&client, typed).0, 200);
        let found = describe(&client, "orders");
        assert!(found.get("InvocationConnectivityParameters").is_none(), "{found}");
    }
}

#[test]
fn a_block_in_part_is_taken_or_refused() {
    for (wants_whole_blocks, status) in [(false, 200), (true, 400)] {
        let settings = Settings {
            wants_whole_blocks,
            ..Settings::default()
        };
        let aws = with(settings, Speed::Instant);
        let client = Client::new(&aws);
        Path::make(&client);
        let key = |block: Value| json!({ "AuthorizationType": "API_KEY", "AuthParameters": { "ApiKeyAuthParameters": block } });
        let part = update(&client, key(json!({ "ApiKeyName": "x-api-key" })));
        assert_eq!(part.0, status, "{}", part.1);
        let whole = update(
            &client,
            key(json!({ "ApiKeyName": "x-api-key", "ApiKeyValue": "k" })),
        );
        assert_eq!(whole.0, 200, "{}", whole.1);

        let oauth = |client: Value| {
            json!({ "AuthorizationType": "OAUTH_CLIENT_CREDENTIALS", "AuthParameters": { "OAuthParameters": {
                "ClientParameters": client, "AuthorizationEndpoint": "https://login.example.com/token",
                "HttpMethod": "POST" } } })
        };
        assert_eq!(
            update(&client, oauth(json!({ "ClientID": "c", "ClientSecret": "s" }))).0,
            200
        );
        assert_eq!(update(&client, oauth(json!({ "ClientID": "c" }))).0, status);
    }
}

#[test]
fn a_region_knows_private_connections_or_makes_public_ones_without_a_word() {
    for knows_private_connections in [true, false] {
        let settings = Settings {
            knows_private_connections,
            ..Settings::default()
        };
        let aws = with(settings, Speed::Instant);
        let client = Client::new(&aws);
        Path::make(&client);
        let found = describe(&client, "orders");
        let is_private = found.get("InvocationConnectivityParameters").is_some();
        assert_eq!(is_private, knows_private_connections, "{found}");
        let state = if knows_private_connections {
            "ACTIVE"
        } else {
            "AUTHORIZED"
        };
        assert_eq!(found["ConnectionState"], state);
    }
}

#[test]
fn an_authorized_connection_lets_calls_through_or_not_yet() {
    for (authorized_lets_calls_through, called) in [(true, 1), (false, 0)] {
        let settings = Settings {
            authorized_lets_calls_through,
            connection_stays_authorized: true,
            ..Settings::default()
        };
        let aws = with(settings, Speed::Instant);
        let client = Client::new(&aws);
        let arn = Path::make(&client).connection_arn;
        let tested = client.test_state(&arn, json!({}));
        assert_eq!(tested.status, 200, "{tested:?}");
        assert_eq!(aws.api_requests().len(), called, "{tested:?}");
        let refused = tested.body.contains("not ACTIVE yet");
        assert_eq!(refused, !authorized_lets_calls_through, "{tested:?}");
    }
}

#[test]
fn the_association_of_a_connection_is_tagged_as_documented_or_otherwise() {
    const KEY: &str = "ManagedByServiceAWSEventBridge";
    for (association_tag, value) in [
        (AssociationTag::Documented, Some("123456789012:orders")),
        (AssociationTag::Absent, None),
        (
            AssociationTag::Other,
            Some("arn:aws:events:us-east-1:123456789012:connection/orders"),
        ),
    ] {
        let settings = Settings {
            association_tag,
            ..Settings::default()
        };
        let aws = with(settings, Speed::Instant);
        let client = Client::new(&aws);
        Path::make(&client);
        let listed = client.lattice("GET", "/servicenetworkresourceassociations", Value::Null);
        let arn = listed.json()["items"][0]["arn"].as_str().unwrap().to_owned();
        let tags = client.lattice("GET", &format!("/tags/{arn}"), Value::Null);
        assert_eq!(tags.json()["tags"].get(KEY).and_then(Value::as_str), value);
    }
}

#[test]
fn a_denial_names_what_could_not_be_made_or_the_action() {
    const ROLE: &str = "Failed to create service linked role";
    const SECRET: &str = "Failed to create the secret";
    for (action, words) in [
        ("iam:CreateServiceLinkedRole", ROLE),
        ("secretsmanager:CreateSecret", SECRET),
    ] {
        for (denial_words, said, unsaid) in [
            (DenialWords::WithoutAction, words, action),
            (DenialWords::WithAction, action, words),
        ] {
            let settings = Settings {
                denial_words,
                ..Settings::default()
            };
            let aws = with(settings, Speed::Instant);
            let client = Client::new(&aws);
            let (_, configuration) = private_path(&client);
            aws.add_fault(&json!({ "deny": action })).unwrap();
            let input = connection(&client, "orders", configuration["arn"].as_str().unwrap());
            let denied = client.events("CreateConnection", input);
            assert_eq!(denied.code(), "AccessDeniedException");
            let body = &denied.body;
            assert!(body.contains(said) && !body.contains(unsaid), "{body}");
        }
    }
}

#[test]
fn the_reason_of_a_failed_connection_quotes_what_was_sent_only_if_switched() {
    for quotes_secrets_in_reasons in [QuotedSecrets::Never, QuotedSecrets::Plain] {
        let settings = Settings {
            quotes_secrets_in_reasons,
            ..Settings::default()
        };
        let aws = with(settings, Speed::Instant);
        let client = Client::new(&aws);
        aws.add_fault(
            &json!({ "service": "events", "type": "connection", "becomes": "FAILED_CONNECTIVITY",
            "reason": "Could not connect." }),
        )
        .unwrap();
        Path::make(&client);
        let reason = describe(&client, "orders")["StateReason"]
            .as_str()
            .unwrap()
            .to_owned();
        assert!(reason.starts_with("Could not connect."), "{reason}");
        let quotes = reason.contains(&aws.seed().api_key);
        assert_eq!(
            quotes,
            quotes_secrets_in_reasons == QuotedSecrets::Plain,
            "{reason}"
        );
    }
}

#[test]
fn authorized_stands_for_minutes_unless_told_otherwise() {
    let aws = local_aws::LocalAws::start(local_aws::Options {
        step: true,
        ..local_aws::Options::default()
    })
    .unwrap();
    let client = Client::new(&aws);
    let group = crate::client::group(&client, "orders");
    let gateway = client.lattice(
        "POST",
        "/resourcegateways",
        crate::client::gateway_input(&client, "orders", &[&group]),
    );
    aws.advance_until_settled();
    let made = client.lattice(
        "POST",
        "/resourceconfigurations",
        json!({ "name": "orders", "type": "SINGLE", "portRanges": ["443"],
            "resourceGatewayIdentifier": gateway.json()["id"],
            "resourceConfigurationDefinition": { "dnsResource": { "domainName": "orders.example.com" } } }),
    );
    aws.advance_until_settled();
    let arn = made.json()["arn"].as_str().unwrap().to_owned();
    client.events("CreateConnection", connection(&client, "orders", &arn));
    let state = || describe(&client, "orders")["ConnectionState"].clone();
    aws.advance(Duration::from_secs(20));
    assert_eq!(state(), "AUTHORIZED");
    aws.advance(Duration::from_secs(149));
    assert_eq!(state(), "AUTHORIZED");
    aws.advance(Duration::from_secs(1));
    assert_eq!(state(), "ACTIVE");
}
