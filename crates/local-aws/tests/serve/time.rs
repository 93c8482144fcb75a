//! Time that stands, time that is skipped, and waiting for a state without asking again and again.

use std::time::Duration;

use local_aws::{LocalAws, Options};
use serde_json::{Value, json};

use crate::client::{Client, gateway_input, group, instant, raw};

const LONG: Duration = Duration::from_secs(30);

fn stepwise() -> LocalAws {
    LocalAws::start(Options {
        step: true,
        ..Options::default()
    })
    .unwrap()
}

fn gateway(client: &Client<'_>) -> String {
    let group = group(client, "orders");
    let made = client.lattice(
        "POST",
        "/resourcegateways",
        gateway_input(client, "orders", &[&group]),
    );
    made.json()["id"].as_str().unwrap().to_owned()
}

fn state(aws: &LocalAws, kind: &str) -> Value {
    let object = aws.objects().into_iter().find(|object| object["type"] == kind);
    object.map_or(Value::Null, |object| object["state"].clone())
}

fn post(aws: &LocalAws, path: &str, body: &Value) -> (u16, Value) {
    let answer = raw(aws, "POST", path, &[], &body.to_string()).unwrap();
    (answer.status, answer.json())
}

#[test]
fn time_that_stands_is_moved_by_hand_only() {
    let aws = stepwise();
    gateway(&Client::new(&aws));
    assert_eq!(state(&aws, "resource-gateway"), "CREATE_IN_PROGRESS");
    aws.advance(Duration::from_millis(4999));
    assert_eq!(state(&aws, "resource-gateway"), "CREATE_IN_PROGRESS");
    let (status, skipped) = post(&aws, "/_local/advance", &json!({ "seconds": 0.001 }));
    assert_eq!((status, &skipped["seconds"]), (200, &json!(0.001)));
    assert_eq!(state(&aws, "resource-gateway"), "ACTIVE");
}

#[test]
fn advancing_until_all_is_settled_skips_what_there_is_to_wait_for_and_no_more() {
    let aws = stepwise();
    let client = Client::new(&aws);
    let id = gateway(&client);
    assert_eq!(aws.advance_until_settled(), Duration::from_secs(5));
    assert_eq!(state(&aws, "resource-gateway"), "ACTIVE");
    client.lattice("DELETE", &format!("/resourcegateways/{id}"), Value::Null);
    // The gateway goes, and thirty seconds later its network interfaces.
    let (_, skipped) = post(&aws, "/_local/advance", &json!({ "until": "settled" }));
    assert_eq!(skipped["seconds"], 35.0);
    assert_eq!(aws.advance_until_settled(), Duration::ZERO);
}

#[test]
fn a_wait_ends_with_the_state_that_it_waits_for() {
    let aws = LocalAws::start(Options::default()).unwrap();
    let client = Client::new(&aws);
    let id = gateway(&client);
    std::thread::scope(|scope| {
        let waiting = scope.spawn(|| aws.wait_for_state("resource-gateway", "ord", "ACTIVE", LONG));
        let polling = scope.spawn(|| {
            let path = format!("/_local/wait?type=resource-gateway&name={id}&state=ACTIVE&timeout=30");
            raw(&aws, "GET", &path, &[], "").unwrap()
        });
        aws.advance(Duration::from_secs(5));
        assert_eq!(waiting.join().unwrap().unwrap()["id"], json!(id));
        assert_eq!(polling.join().unwrap().json()["object"]["state"], "ACTIVE");
    });
    assert_eq!(
        client
            .lattice("DELETE", &format!("/resourcegateways/{id}"), Value::Null)
            .status,
        200
    );
    std::thread::scope(|scope| {
        let waiting = scope.spawn(|| aws.wait_until_gone("resource-gateway", &id, LONG));
        aws.advance(Duration::from_secs(5));
        assert!(waiting.join().unwrap());
    });
}

#[test]
fn a_wait_without_end_times_out_and_names_what_it_waited_for() {
    let aws = instant();
    assert_eq!(
        aws.wait_for_state("connection", "orders", "ACTIVE", Duration::ZERO),
        None
    );
    let path = "/_local/wait?type=connection&name=orders&state=ACTIVE&timeout=0";
    let answer = raw(&aws, "GET", path, &[], "").unwrap();
    assert_eq!(answer.status, 408);
    assert!(answer.body.contains("connection 'orders'"), "{}", answer.body);
}

#[test]
fn a_wait_for_what_can_never_come_is_refused_at_once() {
    let aws = instant();
    let wait = |query: &str| raw(&aws, "GET", &format!("/_local/wait?{query}"), &[], "").unwrap();
    let kind = wait("type=conection&state=ACTIVE");
    let types = kind.json()["error"].as_str().unwrap().to_owned();
    assert_eq!(kind.status, 400);
    assert!(
        types.starts_with("type: there is no 'conection'; there are vpc, subnet"),
        "{types}"
    );
    assert!(
        types.contains("connection") && types.contains("execution"),
        "{types}"
    );
    let state = wait("type=rule&name=orders&state=ACTIVE");
    assert_eq!(state.status, 400);
    assert!(
        state.body.contains("ENABLED, DISABLED") && state.body.contains("gone"),
        "{state:?}"
    );
    let id = wait("type=vpc-endpoint&name=vpce-0123456789abcdef0&state=available");
    assert_eq!(id.status, 404);
    assert!(id.body.contains("vpce-0123456789abcdef0"), "{id:?}");
    let gone = wait("type=vpc-endpoint&name=vpce-0123456789abcdef0&state=gone");
    assert_eq!(gone.status, 200);
}

#[test]
fn wrong_waits_and_advances_are_refused_with_the_field() {
    let aws = stepwise();
    for (path, field) in [
        ("/_local/wait?state=ACTIVE", "type"),
        ("/_local/wait?type=connection", "state"),
        ("/_local/wait?type=connection&state=ACTIVE&timeout=601", "timeout"),
        ("/_local/wait?type=connection&state=ACTIVE&nam=x", "nam"),
    ] {
        let answer = raw(&aws, "GET", path, &[], "").unwrap();
        assert!(
            answer.status == 400 && answer.body.contains(field),
            "{path}: {answer:?}"
        );
    }
    for (body, field) in [
        (json!({ "seconds": -1 }), "seconds"),
        (json!({ "until": "tomorrow" }), "until"),
        (json!({}), "seconds"),
    ] {
        let (status, answer) = post(&aws, "/_local/advance", &body);
        assert!(
            status == 400 && answer.to_string().contains(field),
            "{body}: {answer}"
        );
    }
}
