//! API destinations come, change and go one by one, and carry events to the private API.

use aws_sdk_ec2::types::{IpPermission, IpRange};
use aws_sdk_eventbridge::types::{PutEventsRequestEntry, Target};
use cli_harness::{Cli, PATIENCE, on_every_cli};
use serde_json::{Value, json};

use crate::aws::Aws;
use crate::workspace::{ADDRESS, Workspace, orders};

/// The rule that targets a destination.
const RULE: &str = "shop-orders";

/// `api_destinations` with one entry: its name, the path below the stage, and the calls a second.
fn destination(aws: &Aws, name: &str, path: &str, rate: u32) -> String {
    let stage = aws.seed().api_url.replace("/orders", path);
    format!(
        "{name} = {{ invocation_endpoint = {stage:?}, http_method = \"POST\", invocation_rate_limit_per_second = {rate} }}\n"
    )
}

/// The configuration with these destinations and `more`.
fn with(aws: &Aws, destinations: &[String], more: &str) -> String {
    let all = format!("api_destinations = {{\n{}}}\n{more}", destinations.concat());
    orders(&aws.seed().vpc_endpoint_id, &all)
}

/// An invocation that stands with one destination, and its connection's ARN.
fn standing(cli: &'static Cli, aws: &Aws) -> (Workspace, String) {
    let workspace = Workspace::new(cli, aws);
    workspace.write(&with(aws, &[destination(aws, "placed", "/orders", 10)], ""));
    workspace.apply();
    let arn = workspace.attribute("connection_arn");
    (workspace, arn)
}

/// The ARN of a destination in the state.
#[track_caller]
fn arn_of(workspace: &Workspace, name: &str) -> String {
    let all = &workspace.attributes()["api_destinations"];
    let arn = all[name]["arn"].as_str();
    arn.unwrap_or_else(|| panic!("{name} has no ARN: {all}"))
        .to_owned()
}

/// The names of the destinations that AWS holds, sorted.
fn names(aws: &Aws) -> Vec<String> {
    let held = aws.of_type("api-destination").into_iter();
    let mut names: Vec<_> = held
        .filter_map(|object| object["name"].as_str().map(str::to_owned))
        .collect();
    names.sort_unstable();
    names
}

/// Makes a rule for the events of the shop, with a destination as its target.
pub fn target(aws: &Aws, arn: &str) {
    let rule = aws
        .events
        .put_rule()
        .name(RULE)
        .event_pattern(r#"{"source":["shop"]}"#);
    aws.wait(rule.send()).expect("the rule can be made");
    let target = Target::builder()
        .id("orders")
        .arn(arn)
        .role_arn(&aws.seed().role_arn)
        .build();
    let target = target.expect("a target has an id and an ARN");
    let put = aws.events.put_targets().rule(RULE).targets(target);
    let put = aws.wait(put.send()).expect("the target can be put");
    assert_eq!(put.failed_entry_count, 0, "{put:?}");
}

/// Takes the rule's target away, and the rule.
pub fn untarget(aws: &Aws) {
    let removal = aws.events.remove_targets().rule(RULE).ids("orders");
    aws.wait(removal.send()).expect("the target can be removed");
    aws.wait(aws.events.delete_rule().name(RULE).send())
        .expect("the rule can be deleted");
}

/// Sends an event of the shop.
fn send(aws: &Aws) {
    let event = PutEventsRequestEntry::builder()
        .source("shop")
        .detail_type("order placed")
        .detail(r#"{"id":"1001"}"#);
    let put = aws.events.put_events().entries(event.build());
    let put = aws.wait(put.send()).expect("the event can be put");
    assert_eq!(put.failed_entry_count, 0, "{put:?}");
}

/// Applies an update, and fails unless the connection's ARN is the same and the next plan is empty.
#[track_caller]
fn updates_in_place(workspace: &Workspace, arn: &str) {
    assert_eq!(workspace.planned_actions(), ["update"]);
    workspace.apply();
    assert_eq!(workspace.attribute("connection_arn"), arn);
    workspace.plans_nothing();
}

#[test]
fn destinations_are_added_changed_and_removed_one_by_one() {
    on_every_cli(|cli| {
        let aws = Aws::start();
        let (workspace, connection) = standing(cli, &aws);
        workspace.plans_nothing();
        let placed = arn_of(&workspace, "placed");
        assert_eq!(names(&aws), ["placed"]);
        assert_eq!(
            workspace.attributes()["api_destinations"]["placed"]["state"],
            "ACTIVE"
        );
        let step = |destinations: &[String], calls: &[&str]| {
            let before = aws.mutations().len();
            workspace.write(&with(&aws, destinations, ""));
            updates_in_place(&workspace, &connection);
            assert_eq!(aws.mutation_names()[before..], *calls);
        };

        let one = destination(&aws, "placed", "/orders", 10);
        let faster = destination(&aws, "placed", "/orders", 20);
        let other = destination(&aws, "shipped", "/orders/*", 5);
        step(&[one, other.clone()], &["CreateApiDestination"]);
        assert_eq!(names(&aws), ["placed", "shipped"]);
        step(&[faster, other.clone()], &["UpdateApiDestination"]);
        assert_eq!(arn_of(&workspace, "placed"), placed);
        let seen = aws.wait(aws.events.describe_api_destination().name("placed").send());
        let rate = seen.expect("it is there").invocation_rate_limit_per_second;
        assert_eq!(rate, Some(20));
        step(&[other], &["DeleteApiDestination"]);
        assert_eq!(names(&aws), ["shipped"]);
        // The connection cannot go before the destination that calls through it.
        workspace.destroy();
        aws.has_nothing();
    });
}

#[test]
fn a_removed_destination_that_a_rule_targets_stays_until_the_target_goes() {
    on_every_cli(|cli| {
        let aws = Aws::start();
        let (workspace, connection) = standing(cli, &aws);
        let placed = arn_of(&workspace, "placed");
        target(&aws, &placed);
        workspace.write(&orders(&aws.seed().vpc_endpoint_id, ""));
        workspace.apply().says(&["rules still target it", RULE]);
        assert_eq!(names(&aws), ["placed"]);
        let state = workspace.attributes();
        assert_eq!(state["retired"], json!([placed]));
        assert_ne!(state["pending"], json!([]));

        untarget(&aws);
        updates_in_place(&workspace, &connection);
        assert_eq!(names(&aws), [""; 0]);
        let state = workspace.attributes();
        assert_eq!((&state["retired"], &state["pending"]), (&json!([]), &json!([])));
    });
}

#[test]
fn a_destroy_is_refused_while_a_rule_targets_a_destination_unless_it_is_forced() {
    on_every_cli(|cli| {
        let aws = Aws::start();
        let (workspace, connection) = standing(cli, &aws);
        target(&aws, &arn_of(&workspace, "placed"));
        let before = aws.mutations().len();
        let destroy = workspace.start_destroy().wait();
        destroy.failed().says(&[
            "Rules still target its API destinations",
            RULE,
            "force_destroy = true",
        ]);
        assert_eq!(aws.mutation_names()[before..], [""; 0]);

        let kept = [destination(&aws, "placed", "/orders", 10)];
        workspace.write(&with(&aws, &kept, "force_destroy = true"));
        updates_in_place(&workspace, &connection);
        workspace.destroy();
        untarget(&aws);
        aws.has_nothing();
    });
}

#[test]
fn a_destination_changed_by_hand_is_put_right_and_a_deleted_one_is_made_anew() {
    on_every_cli(|cli| {
        let aws = Aws::start();
        let (workspace, connection) = standing(cli, &aws);
        let by_hand = aws.events.update_api_destination().name("placed");
        let by_hand = by_hand.invocation_rate_limit_per_second(300);
        aws.wait(by_hand.send()).expect("it can be changed");
        updates_in_place(&workspace, &connection);
        let seen = aws.wait(aws.events.describe_api_destination().name("placed").send());
        assert_eq!(
            seen.expect("it is there").invocation_rate_limit_per_second,
            Some(10)
        );

        aws.wait(aws.events.delete_api_destination().name("placed").send())
            .expect("it can be deleted");
        updates_in_place(&workspace, &connection);
        assert_eq!(names(&aws), ["placed"]);
    });
}

#[test]
fn concurrent_modifications_of_a_destination_are_tried_again() {
    on_every_cli(|cli| {
        let aws = Aws::start();
        let meets = |operation: &str| {
            aws.fault(json!({
                "service": "events", "operation": operation, "count": 2,
                "effect": { "error": {
                    "code": "ConcurrentModificationException", "message": "There is concurrent modification.",
                } },
            }))
        };
        let created = meets("CreateApiDestination");
        let (workspace, connection) = standing(cli, &aws);
        let updated = meets("UpdateApiDestination");
        workspace.write(&with(&aws, &[destination(&aws, "placed", "/orders", 20)], ""));
        updates_in_place(&workspace, &connection);
        assert_eq!([created, updated].map(|id| aws.fault_fired(id)), [2, 2]);
        let deleted = meets("DeleteApiDestination");
        workspace.destroy();
        assert_eq!(aws.fault_fired(deleted), 2);
        aws.has_nothing();
    });
}

#[test]
fn an_event_reaches_the_api_through_a_destination_and_not_once_the_egress_is_revoked() {
    on_every_cli(|cli| {
        let aws = Aws::start();
        let (workspace, _) = standing(cli, &aws);
        target(&aws, &arn_of(&workspace, "placed"));
        send(&aws);
        let first = aws
            .wait_for_delivery(0, PATIENCE)
            .expect("the event is delivered");
        assert_eq!(
            (first.outcome.as_str(), first.status),
            ("delivered", Some(200)),
            "{first:?}"
        );
        assert_eq!(aws.api_requests().len(), 1);

        let mut revoked = aws
            .ec2
            .revoke_security_group_egress()
            .group_id(workspace.attribute("security_group_id"));
        for cidr in ["10.0.0.0/16", "100.64.0.0/16"] {
            revoked = revoked.ip_permissions(https(cidr));
        }
        aws.wait(revoked.send()).expect("the rules can be revoked");
        send(&aws);
        let second = aws.wait_for_delivery(1, PATIENCE).expect("the event is tried");
        assert_ne!(second.event_id, first.event_id);
        assert_eq!(second.status, None, "{second:?}");
        assert_ne!(second.outcome, "delivered");
        assert_eq!(aws.api_requests().len(), 1, "nothing reached the API");
    });
}

#[test]
fn a_destination_of_somebody_else_is_not_touched() {
    on_every_cli(|cli| {
        let aws = Aws::start();
        let (first, _) = standing(cli, &aws);
        let taken = arn_of(&first, "placed");
        let second = Workspace::new(cli, &aws);
        let text = with(&aws, &[destination(&aws, "placed", "/health", 1)], "");
        second.write(&text.replace(r#"name            = "orders""#, r#"name            = "others""#));
        second
            .try_apply()
            .failed()
            .says(&[&taken, "calls through another connection", "choose another key"]);
        second.destroy();
        first.plans_nothing();
        assert_eq!(first.attributes_of(ADDRESS)["pending"], Value::Array(vec![]));
    });
}

fn https(cidr: &str) -> IpPermission {
    let range = IpRange::builder().cidr_ip(cidr).build();
    IpPermission::builder()
        .ip_protocol("tcp")
        .from_port(443)
        .to_port(443)
        .ip_ranges(range)
        .build()
}
