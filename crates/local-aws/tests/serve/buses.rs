//! Event buses beside the default one, and their rules.

use serde_json::{Value, json};

use crate::client::{Client, Path, instant};

const ROLE: &str = "arn:aws:iam::123456789012:role/state-machine";

/// A rule on a bus that sends everything of a source to a destination.
fn rule(client: &Client<'_>, bus: &str, destination: &str) {
    let pattern = json!({ "source": ["shop"] }).to_string();
    let put = client.events(
        "PutRule",
        json!({ "Name": "orders", "EventBusName": bus, "EventPattern": pattern }),
    );
    assert_eq!(put.status, 200, "{put:?}");
    let targets = json!([{ "Id": "1", "Arn": destination, "RoleArn": ROLE }]);
    let put = client.events(
        "PutTargets",
        json!({ "Rule": "orders", "EventBusName": bus, "Targets": targets }),
    );
    assert_eq!(put.status, 200, "{put:?}");
}

fn destination(client: &Client<'_>) -> String {
    let arn = Path::make(client).connection_arn;
    let made = client.events(
        "CreateApiDestination",
        json!({ "Name": "orders", "ConnectionArn": arn, "HttpMethod": "POST",
            "InvocationEndpoint": client.aws.seed().api_url }),
    );
    made.json()["ApiDestinationArn"].as_str().unwrap().to_owned()
}

fn using(client: &Client<'_>, bus: Option<&str>, destination: &str) -> Value {
    let mut input = json!({ "TargetArn": destination });
    if let Some(bus) = bus {
        input["EventBusName"] = bus.into();
    }
    client.events("ListRuleNamesByTarget", input).json()["RuleNames"].clone()
}

#[test]
fn a_bus_is_made_described_listed_and_deleted() {
    let aws = instant();
    let client = Client::new(&aws);
    let name = json!({ "Name": "shop" });
    let made = client.events("CreateEventBus", json!({ "Name": "shop", "Description": "d" }));
    let arn = "arn:aws:events:us-east-1:123456789012:event-bus/shop";
    assert_eq!(made.json(), json!({ "EventBusArn": arn, "Description": "d" }));
    let again = client.events("CreateEventBus", name.clone());
    assert_eq!(again.code(), "ResourceAlreadyExistsException");

    let found = client.events("DescribeEventBus", json!({ "Name": arn })).json();
    assert_eq!(
        (&found["Name"], &found["Arn"], &found["Description"]),
        (&json!("shop"), &json!(arn), &json!("d"))
    );
    let unnamed = client.events("DescribeEventBus", json!({})).json();
    assert_eq!(unnamed["Name"], "default");
    let listed = client.events("ListEventBuses", json!({})).json();
    let names: Vec<&Value> = listed["EventBuses"]
        .as_array()
        .unwrap()
        .iter()
        .map(|bus| &bus["Name"])
        .collect();
    assert_eq!(names, ["default", "shop"]);

    for _ in 0..2 {
        assert_eq!(client.events("DeleteEventBus", name.clone()).status, 200);
    }
    assert_eq!(
        client.events("DescribeEventBus", name).code(),
        "ResourceNotFoundException"
    );
}

#[test]
fn what_a_bus_must_not_be_is_said() {
    let aws = instant();
    let client = Client::new(&aws);
    client.events("CreateEventBus", json!({ "Name": "shop" }));
    let schedule = json!({ "Name": "r", "EventBusName": "shop", "ScheduleExpression": "rate(1 minute)" });
    for (operation, input, words) in [
        ("CreateEventBus", json!({ "Name": "a/b" }), "must not contain"),
        (
            "DeleteEventBus",
            json!({ "Name": "default" }),
            "Cannot delete event bus default",
        ),
        ("PutRule", schedule, "only on the default event bus"),
    ] {
        let refused = client.events(operation, input);
        assert_eq!(refused.code(), "ValidationException");
        assert!(refused.body.contains(words), "{refused:?}");
    }
    let unknown = client.events("ListRules", json!({ "EventBusName": "none" }));
    assert_eq!(unknown.code(), "ResourceNotFoundException");
}

#[test]
fn rules_are_those_of_their_bus() {
    let aws = instant();
    let client = Client::new(&aws);
    client.events("CreateEventBus", json!({ "Name": "shop" }));
    let destination = destination(&client);
    rule(&client, "shop", &destination);

    // A question that names no bus is about the default one.
    assert_eq!(using(&client, None, &destination), json!([]));
    assert_eq!(using(&client, Some("shop"), &destination), json!(["orders"]));
    let found = client
        .events(
            "DescribeRule",
            json!({ "Name": "orders", "EventBusName": "shop" }),
        )
        .json();
    assert_eq!(
        found["Arn"],
        "arn:aws:events:us-east-1:123456789012:rule/shop/orders"
    );
    assert_eq!(found["EventBusName"], "shop");
    let unknown = client.events("DescribeRule", json!({ "Name": "orders" }));
    assert!(
        unknown
            .body
            .contains("Rule orders does not exist on EventBus default."),
        "{unknown:?}"
    );
    let held = client.events("DeleteEventBus", json!({ "Name": "shop" }));
    assert!(held.body.contains("since it has rules"), "{held:?}");

    let tag = json!({ "ResourceARN": found["Arn"], "Tags": [{ "Key": "a", "Value": "1" }] });
    assert_eq!(client.events("TagResource", tag).status, 200);
    let tags = client
        .events("ListTagsForResource", json!({ "ResourceARN": found["Arn"] }))
        .json();
    assert_eq!(tags["Tags"], json!([{ "Key": "a", "Value": "1" }]));
}

#[test]
fn an_event_is_delivered_by_the_rules_of_its_bus_only() {
    let aws = instant();
    let client = Client::new(&aws);
    client.events("CreateEventBus", json!({ "Name": "shop" }));
    rule(&client, "shop", &destination(&client));
    let entry =
        |bus: &str| json!({ "Source": "shop", "DetailType": "order", "Detail": "{}", "EventBusName": bus });
    let sent = client.events(
        "PutEvents",
        json!({ "Entries": [entry("default"), entry("shop"), entry("none")] }),
    );
    let entries = sent.json()["Entries"].clone();
    // AWS says nothing of a bus that is not there.
    assert!(
        entries[2]["EventId"].is_string() && entries[2]["ErrorCode"].is_null(),
        "{entries}"
    );
    let attempt = aws
        .wait_for_delivery(0, std::time::Duration::from_secs(30))
        .unwrap();
    assert_eq!(attempt.event_id, entries[1]["EventId"].as_str().unwrap());
    assert_eq!(aws.deliveries().len(), 1);
}
