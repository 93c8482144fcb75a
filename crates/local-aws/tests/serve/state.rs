//! State that outlives the process, rules and seeds from the start, and what is wrong with a state file.

use std::fs;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use local_aws::{LocalAws, Options, Speed};
use serde_json::json;

use crate::client::{Client, Path, gateway_input, group};

/// A file of its own that is gone with the value.
pub struct Scratch(pub PathBuf);

impl Scratch {
    pub fn new() -> Self {
        static LAST: AtomicU32 = AtomicU32::new(0);
        let number = LAST.fetch_add(1, Ordering::Relaxed);
        Self(std::env::temp_dir().join(format!("local-aws-{}-{number}.json", std::process::id())))
    }

    fn start(&self) -> LocalAws {
        LocalAws::start(self.options()).unwrap()
    }

    pub fn options(&self) -> Options {
        Options {
            speed: Speed::Instant,
            state: Some(self.0.clone()),
            ..Options::default()
        }
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // One that was never written is as good.
        let _ = fs::remove_file(&self.0);
    }
}

#[test]
fn everything_is_there_again_after_a_restart() {
    let file = Scratch::new();
    let aws = file.start();
    let client = Client::new(&aws);
    let path = Path::make(&client);
    aws.add_fault(
        &json!({ "service": "sts", "operation": "AssumeRole", "count": 1, "effect": { "throttle": true } }),
    )
    .unwrap();
    aws.change_settings(&json!({ "private_connections": 7 })).unwrap();
    let (seed, objects) = (aws.seed().clone(), aws.objects());
    drop(aws);

    let again = file.start();
    let mut kept = again.seed().clone();
    kept.endpoint.clone_from(&seed.endpoint);
    assert_eq!((kept, again.objects()), (seed, objects));
    let client = Client::new(&again);
    assert_eq!(
        client.test_state(&path.connection_arn, json!({})).json()["status"],
        "SUCCEEDED"
    );
    let assume = [
        ("RoleArn", again.seed().role_arn.as_str()),
        ("RoleSessionName", "s"),
    ];
    assert_eq!(
        client.query("sts", "2011-06-15", "AssumeRole", &assume).code(),
        "Throttling"
    );
    assert_eq!(
        again.change_settings(&json!({})).unwrap()["private_connections"],
        7
    );
}

#[test]
fn what_was_answered_is_in_the_file() {
    let file = Scratch::new();
    let aws = file.start();
    let id = group(&Client::new(&aws), "orders");
    assert!(fs::read_to_string(&file.0).unwrap().contains(&id));
}

#[test]
fn what_was_on_its_way_goes_on_after_a_restart() {
    let file = Scratch::new();
    let options = Options {
        speed: Speed::Factor(1.0),
        step: true,
        ..file.options()
    };
    let aws = LocalAws::start(options.clone()).unwrap();
    let client = Client::new(&aws);
    let group_id = group(&client, "orders");
    client.lattice(
        "POST",
        "/resourcegateways",
        gateway_input(&client, "orders", &[&group_id]),
    );
    aws.advance(Duration::from_secs(3));
    drop(aws);
    let again = LocalAws::start(options).unwrap();
    again.advance(Duration::from_secs(1));
    let active = |timeout| again.wait_for_state("resource-gateway", "orders", "ACTIVE", timeout);
    assert_eq!(active(Duration::ZERO), None);
    again.advance(Duration::from_secs(1));
    assert!(active(Duration::from_secs(30)).is_some());
}

/// A file of the first release: an update, a creation and an endpoint are on their way, and a rule holds a gateway.
const OF_VERSION_2: &str = include_str!("states/version-2.json");

#[test]
fn a_state_of_the_first_release_goes_on_where_it_was() {
    let file = Scratch::new();
    fs::write(&file.0, OF_VERSION_2).unwrap();
    let aws = LocalAws::start(Options {
        step: true,
        ..file.options()
    })
    .unwrap();
    let states = |kind: &str| {
        let objects = aws.objects();
        let those = objects.iter().filter(|object| object["type"] == kind);
        let mut states: Vec<_> = those
            .map(|object| format!("{}: {}", object["name"], object["state"]).replace('"', ""))
            .collect();
        states.sort();
        states
    };
    assert_eq!(
        states("resource-gateway"),
        [
            "held: CREATE_IN_PROGRESS",
            "orders: ACTIVE",
            "third: CREATE_IN_PROGRESS"
        ]
    );
    assert_eq!(states("connection"), ["orders: UPDATING"]);
    assert_eq!(states("vpc-endpoint"), [": pending", "execute-api: available"]);
    aws.advance_until_settled();
    assert_eq!(
        states("resource-gateway"),
        ["held: CREATE_IN_PROGRESS", "orders: ACTIVE", "third: ACTIVE"]
    );
    assert_eq!(states("connection"), ["orders: ACTIVE"]);
    assert_eq!(states("vpc-endpoint"), [": available", "execute-api: available"]);
    aws.clear_faults();
    assert_eq!(states("resource-gateway")[0], "held: ACTIVE");
    assert_eq!(states("rule"), ["orders: ENABLED"]);
    assert_eq!(aws.change_settings(&json!({})).unwrap()["private_connections"], 7);
}

#[test]
fn a_state_with_a_wrong_part_or_a_change_that_there_is_not_is_named() {
    let file = Scratch::new();
    for (was, is, part) in [
        ("{\"GatewaySettled\":", "{\"GatewayMoved\":", "GatewayMoved"),
        (
            "\"endpoint_tokens\":{",
            "\"endpoint_tokens\":7,\"x\":{",
            "ec2.endpoint_tokens",
        ),
    ] {
        let text = OF_VERSION_2.replacen(was, is, 1);
        assert_ne!(text, OF_VERSION_2);
        fs::write(&file.0, text).unwrap();
        let error = LocalAws::start(file.options()).map(drop).unwrap_err().to_string();
        assert!(error.contains(part), "{error}");
    }
}

#[test]
fn a_broken_state_file_is_an_error_and_stays_as_it_is() {
    let file = Scratch::new();
    for (text, part) in [
        ("", "line 1"),
        ("{\"version\": 1, \"region\": 7}", "region"),
        ("{", "line 1"),
    ] {
        fs::write(&file.0, text).unwrap();
        let error = LocalAws::start(file.options()).map(drop).unwrap_err().to_string();
        assert!(
            error.contains(part) && error.contains("remove it"),
            "{text}: {error}"
        );
        assert_eq!(fs::read_to_string(&file.0).unwrap(), text);
    }
}

#[test]
fn a_state_of_another_region_and_a_place_that_cannot_be_written_to_are_refused() {
    let file = Scratch::new();
    drop(file.start());
    let elsewhere = Options {
        region: "eu-west-1".to_owned(),
        ..file.options()
    };
    let error = LocalAws::start(elsewhere).map(drop).unwrap_err().to_string();
    assert!(error.contains("us-east-1"), "{error}");
    let nowhere = Options {
        state: Some(file.0.join("below")),
        ..file.options()
    };
    assert!(LocalAws::start(nowhere).is_err());
}

#[test]
fn rules_that_are_there_from_the_start_survive_a_reset() {
    let faults = LocalAws::read_faults("- { deny: 'ec2:DescribeVpcs' }\n").unwrap();
    let aws = LocalAws::start(Options {
        faults,
        ..Options::default()
    })
    .unwrap();
    let client = Client::new(&aws);
    assert_eq!(client.ec2("DescribeVpcs", &[]).code(), "UnauthorizedOperation");
    aws.clear_faults();
    assert_eq!(client.ec2("DescribeVpcs", &[]).status, 200);
    aws.reset().unwrap();
    assert_eq!(client.ec2("DescribeVpcs", &[]).code(), "UnauthorizedOperation");
}
