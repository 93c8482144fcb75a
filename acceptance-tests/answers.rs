//! Answers of AWS that come seldom: failures with a reason, throttling, quotas, and an object that leaves its path.

use aws_sdk_eventbridge::types::{ConnectivityResourceConfigurationArn, ConnectivityResourceParameters};
use cli_harness::on_every_cli;
use serde_json::json;

use crate::aws::Aws;
use crate::workspace::{ADDRESS, Workspace, orders};

/// A create in which an object of one type fails: the error tells why, and the next apply replaces the failed object.
fn fails_to_be_made(kind: &str, why: &str) {
    on_every_cli(|cli| {
        let aws = Aws::start();
        let workspace = Workspace::new(cli, &aws);
        workspace.write(&orders(&aws.seed().vpc_endpoint_id, ""));
        aws.fault(json!({
            "service": "vpc-lattice", "type": kind, "becomes": "CREATE_FAILED", "reason": "no room", "count": 1,
        }));
        workspace
            .try_apply()
            .failed()
            .says(&["CREATE_FAILED", why, "What stands is recorded"]);
        workspace.run(&["untaint", "-no-color", ADDRESS]).succeeded();
        assert_eq!(workspace.planned_actions(), ["update"]);
        workspace.apply();
        aws.has_one_of_each();
        let arn = workspace.attribute("connection_arn");
        assert_eq!(aws.call_api(&arn).expect("the API answers")["StatusCode"], 200);
        workspace.plans_nothing();
    });
}

#[test]
fn a_gateway_that_fails_to_be_made_is_replaced_by_the_next_apply() {
    fails_to_be_made("resource-gateway", "AWS gives no reason for resource gateways");
}

#[test]
fn a_configuration_that_fails_to_be_made_is_replaced_by_the_next_apply() {
    fails_to_be_made("resource-configuration", "no room");
}

#[test]
fn throttled_calls_are_tried_again() {
    on_every_cli(|cli| {
        let aws = Aws::start();
        let throttled = [
            ("ec2", "CreateSecurityGroup"),
            ("vpc-lattice", "CreateResourceGateway"),
            ("vpc-lattice", "CreateResourceConfiguration"),
            ("events", "CreateConnection"),
        ]
        .map(|(service, operation)| {
            aws.fault(json!({
                "service": service, "operation": operation, "count": 1,
                "effect": { "throttle": true, "retry_after": 1 },
            }))
        });
        let workspace = Workspace::new(cli, &aws);
        workspace.write(&orders(&aws.seed().vpc_endpoint_id, ""));
        workspace.apply();
        assert_eq!(throttled.map(|id| aws.fault_fired(id)), [1; 4]);
        aws.has_one_of_each();
        workspace.plans_nothing();
    });
}

#[test]
fn a_full_quota_is_told_and_leaves_nothing_after_a_destroy() {
    on_every_cli(|cli| {
        for (quota, words) in [
            ("private_connections", ["CreateConnection", "20 per account"]),
            ("gateways_per_vpc", ["CreateResourceGateway", "limited per VPC"]),
            (
                "configurations",
                ["CreateResourceConfiguration", "2,000 per account"],
            ),
        ] {
            let aws = Aws::start();
            aws.switch(quota, 0);
            let workspace = Workspace::new(cli, &aws);
            workspace.write(&orders(&aws.seed().vpc_endpoint_id, ""));
            workspace.try_apply().failed().says(&words);
            workspace.destroy();
            aws.has_nothing();
        }
    });
}

#[test]
fn a_connection_made_public_by_hand_is_led_back_in_place() {
    on_every_cli(|cli| {
        let aws = Aws::start();
        let workspace = Workspace::new(cli, &aws);
        workspace.write(&orders(&aws.seed().vpc_endpoint_id, ""));
        workspace.apply();
        let arn = workspace.attribute("connection_arn");
        let nowhere = ConnectivityResourceConfigurationArn::builder().resource_configuration_arn("");
        let nowhere = nowhere.build().expect("it has an ARN");
        let public = ConnectivityResourceParameters::builder()
            .resource_parameters(nowhere)
            .build();
        // AWS takes no connectivity parameters alone.
        let by_hand = aws
            .events
            .update_connection()
            .name("orders")
            .description("By hand");
        aws.wait(by_hand.invocation_connectivity_parameters(public).send())
            .expect("it can be made public");
        // Where a public connection ends.
        aws.becomes("connection", "orders", "AUTHORIZED");
        assert_eq!(workspace.planned_actions(), ["update"]);
        workspace.apply();
        aws.has_one_of_each();
        assert_eq!(workspace.attribute("connection_arn"), arn);
        assert_eq!(aws.call_api(&arn).expect("the API answers")["StatusCode"], 200);
        workspace.plans_nothing();
    });
}

#[test]
fn a_description_that_an_empty_one_does_not_clear_is_taken_away_all_the_same() {
    on_every_cli(|cli| {
        let aws = Aws::start();
        aws.switch("empty_description_clears", false);
        let workspace = Workspace::new(cli, &aws);
        let endpoint = &aws.seed().vpc_endpoint_id;
        let with = |description: &str| {
            let destination = format!(
                "{{ invocation_endpoint = \"https://api.example.com/*\", http_method = \"POST\"\n {description} }}"
            );
            orders(
                endpoint,
                &format!("{description}\napi_destinations = {{ shop = {destination} }}"),
            )
        };
        workspace.write(&with("description = \"for the shop\""));
        workspace.apply();
        let arn = workspace.attribute("connection_arn");
        workspace.write(&with(""));
        workspace.apply();
        workspace.plans_nothing();
        assert!(workspace.attributes()["description"].is_null());
        assert_eq!(workspace.attribute("connection_arn"), arn);
        for kind in ["connection", "api-destination"] {
            let object = &aws.of_type(kind)[0];
            assert_ne!(object["description"], "for the shop", "{object}");
        }
        workspace.destroy();
        aws.has_nothing();
    });
}
