//! What users of other providers' resources reported, the other way round. The numbers are those of the list of peers'
//! behaviours to beat; B15 is in `destinations`.

use cli_harness::{Cli, on_every_cli};
use serde_json::{Value, json};

use crate::aws::Aws;
use crate::workspace::{ADDRESS, Workspace, orders};

/// An invocation with `more` arguments that stands, and its connection's ARN.
fn standing(cli: &'static Cli, aws: &Aws, more: &str) -> (Workspace, String) {
    let workspace = Workspace::new(cli, aws);
    workspace.write(&orders(&aws.seed().vpc_endpoint_id, more));
    workspace.apply();
    let arn = workspace.attribute("connection_arn");
    (workspace, arn)
}

/// Plans an update, applies it, and fails unless there is one of each afterwards, the ARN is the same, the API answers
/// and the next plan is empty.
#[track_caller]
fn updates_in_place(workspace: &Workspace, aws: &Aws, arn: &str) {
    assert_eq!(workspace.planned_actions(), ["update"]);
    workspace.apply();
    aws.has_one_of_each();
    assert_eq!(workspace.attribute("connection_arn"), arn);
    assert_eq!(aws.call_api(arn).expect("the API answers")["StatusCode"], 200);
    workspace.plans_nothing();
}

/// B1. Secrets are sent when their version changes, and stand in no state.
#[test]
fn secrets_in_the_state_are_beaten_by_write_only_ones_with_a_version() {
    on_every_cli(|cli| {
        let aws = Aws::start();
        let parameter = |version: u32| {
            format!(
                "invocation_http_parameters = {{ header = {{ x-tenant = {{ secret_value_wo = var.api_key, \
                 secret_value_wo_version = \"{version}\" }} }} }}"
            )
        };
        let (workspace, arn) = standing(cli, &aws, &parameter(1));
        workspace.plans_nothing();
        let before = aws.mutations().len();
        workspace.write(&orders(&aws.seed().vpc_endpoint_id, &parameter(2)));
        updates_in_place(&workspace, &aws, &arn);
        assert_eq!(aws.mutation_names()[before..], ["UpdateConnection"]);
        let state = workspace.stored_state().to_string();
        assert!(!state.contains(&aws.seed().api_key), "{state}");
        let requests = aws.api_requests();
        assert!(
            requests[0].headers.contains(&"x-tenant".to_owned()),
            "{requests:?}"
        );
    });
}

/// B2. Whether an empty list clears is AWS's to say: both answers end in an empty plan.
#[test]
fn a_permanent_difference_is_beaten_when_http_parameters_are_removed() {
    on_every_cli(|cli| {
        for empty_lists_clear in [true, false] {
            let aws = Aws::start();
            aws.switch("empty_lists_clear", empty_lists_clear);
            let parameters = r#"invocation_http_parameters = { header = { x-tenant = { value = "shop" } } }"#;
            let (workspace, arn) = standing(cli, &aws, parameters);
            aws.call_api(&arn).expect("the API answers");
            workspace.write(&orders(&aws.seed().vpc_endpoint_id, ""));
            updates_in_place(&workspace, &aws, &arn);
            let sent: Vec<_> = aws
                .api_requests()
                .iter()
                .map(|request| request.headers.contains(&"x-tenant".to_owned()))
                .collect();
            assert_eq!(sent, [true, false], "empty_lists_clear = {empty_lists_clear}");
        }
    });
}

/// B3. The state shows a connection that was de-authorized, and one apply authorizes it again.
#[test]
fn a_state_that_is_thrown_away_is_beaten_by_outputs_that_show_it() {
    on_every_cli(|cli| {
        let aws = Aws::start();
        let (workspace, arn) = standing(cli, &aws, "");
        aws.wait(aws.events.deauthorize_connection().name("orders").send())
            .expect("it can be de-authorized");
        aws.becomes("connection", "orders", "DEAUTHORIZED");
        workspace
            .run(&[
                "apply",
                "-refresh-only",
                "-auto-approve",
                "-input=false",
                "-no-color",
            ])
            .succeeded();
        assert_eq!(workspace.attribute("connection_state"), "DEAUTHORIZED");
        assert_ne!(workspace.attributes()["pending"], json!([]));
        // A write-only secret is sent again all the same.
        updates_in_place(&workspace, &aws, &arn);
        assert_eq!(workspace.attribute("connection_state"), "ACTIVE");
        assert_eq!(workspace.attributes()["pending"], json!([]));
    });
}

/// B4. A connection that is refused its authorization is an error.
#[test]
fn deauthorized_as_a_success_is_beaten_by_an_error() {
    on_every_cli(|cli| {
        let aws = Aws::start();
        let workspace = Workspace::new(cli, &aws);
        workspace.write(&orders(&aws.seed().vpc_endpoint_id, ""));
        aws.fault(json!({
            "service": "events", "type": "connection", "becomes": "DEAUTHORIZED", "reason": "wrong key", "count": 1,
        }));
        workspace
            .try_apply()
            .failed()
            .says(&["DEAUTHORIZED", "wrong key"]);
        workspace.apply();
        aws.has_one_of_each();
        assert_eq!(workspace.attribute("connection_state"), "ACTIVE");
        workspace.plans_nothing();
    });
}

/// B5. Who does not want to wait for the authorization does not.
#[test]
fn a_fixed_wait_for_the_authorization_is_beaten_by_wait_for_ready() {
    on_every_cli(|cli| {
        let aws = Aws::start();
        let stuck = aws.stick("events", "connection", "AUTHORIZING");
        let (workspace, arn) = standing(cli, &aws, "wait_for_ready = false");
        assert_ne!(workspace.attribute("connection_state"), "ACTIVE");
        aws.remove_fault(stuck);
        aws.becomes("connection", "orders", "ACTIVE");
        workspace.apply();
        aws.has_one_of_each();
        assert_eq!(workspace.attribute("connection_arn"), arn);
        assert_eq!(workspace.attribute("connection_state"), "ACTIVE");
        workspace.plans_nothing();
    });
}

/// B6. The time of a delete is the user's to set; what is not done in it is done by the next.
#[test]
fn a_fixed_time_for_the_delete_is_beaten_by_timeouts() {
    on_every_cli(|cli| {
        let aws = Aws::start();
        let (workspace, _) = standing(cli, &aws, "timeouts {\n delete = \"2s\"\n }");
        let stuck = aws.stick("events", "connection", "DELETING");
        let destroy = workspace.start_destroy().wait();
        destroy
            .failed()
            .says(&["Timed out: private API invocation orders", "connection"]);
        aws.remove_fault(stuck);
        aws.goes("connection", "orders");
        workspace.write(&orders(&aws.seed().vpc_endpoint_id, ""));
        workspace.destroy();
        aws.has_nothing();
    });
}

/// B7. EventBridge keeps a key; that is told, and is no difference for ever.
#[test]
fn a_key_that_cannot_be_removed_is_beaten_by_a_warning() {
    on_every_cli(|cli| {
        let aws = Aws::start();
        let (workspace, arn) = standing(cli, &aws, r#"kms_key_identifier = "alias/local""#);
        workspace.plans_nothing();
        workspace.write(&orders(&aws.seed().vpc_endpoint_id, ""));
        workspace.apply().says(&["The KMS key stays in use"]);
        aws.has_one_of_each();
        assert_eq!(workspace.attribute("connection_arn"), arn);
        workspace.plans_nothing();
        let seen = aws.wait(aws.events.describe_connection().name("orders").send());
        let key = seen.expect("the connection is there").kms_key_identifier;
        assert_eq!(key.as_deref(), Some("alias/local"));
    });
}

/// B8. A token endpoint that wants no parameters gets none.
#[test]
fn forced_oauth_parameters_are_beaten_by_optional_ones() {
    on_every_cli(|cli| {
        let aws = Aws::start();
        let workspace = Workspace::new(cli, &aws);
        workspace.write(&format!(
            "resource \"private_api_invocation\" \"orders\" {{\n  name = \"orders\"\n  vpc_endpoint_id = {:?}\n  \
             authorization = {{ oauth_client_credentials = {{\n    authorization_endpoint = {:?}\n    client_id = {:?}\n    \
             client_secret_wo = var.api_key\n    client_secret_wo_version = \"1\"\n  }} }}\n}}\n",
            aws.seed().vpc_endpoint_id,
            aws.seed().token_url,
            aws.seed().client_id
        ));
        workspace.apply();
        aws.has_one_of_each();
        let answer = aws.call_api(&workspace.attribute("connection_arn"));
        assert_eq!(answer.expect("the API answers")["StatusCode"], 200);
        workspace.plans_nothing();
    });
}

/// B9. What a path to an HTTPS API always is need not be said.
#[test]
fn a_protocol_that_has_to_be_said_is_beaten_by_what_follows_from_https() {
    on_every_cli(|cli| {
        let aws = Aws::start();
        let workspace = Workspace::new(cli, &aws);
        workspace.write(&format!(
            "resource \"private_api_invocation\" \"orders\" {{\n  name = \"orders\"\n  https_endpoint = {{ domain_name = \
             \"orders.corp.example.com\" }}\n  network = {{ subnet_ids = {:?} }}\n  authorization = {{ none = {{}} }}\n}}\n",
            aws.seed().subnet_ids
        ));
        workspace.apply();
        aws.has_one_of_each();
        let configuration = aws
            .lattice
            .get_resource_configuration()
            .resource_configuration_identifier(workspace.attribute("resource_configuration_id"));
        let seen = aws.wait(configuration.send()).expect("it is there");
        let kind = seen.r#type().map(|kind| kind.as_str());
        let protocol = seen.protocol().map(|protocol| protocol.as_str());
        assert_eq!((kind, protocol), (Some("SINGLE"), Some("TCP")));
        assert_eq!(seen.port_ranges(), ["443"]);
        workspace.plans_nothing();
    });
}

/// B11. Where AWS does not take the change, a new gateway is built beside the old one.
#[test]
fn a_gateway_replaced_for_its_dns_resolution_is_beaten_by_an_update() {
    on_every_cli(|cli| {
        for changes_dns_resolution in [true, false] {
            let aws = Aws::start();
            aws.switch("changes_dns_resolution", changes_dns_resolution);
            let (workspace, arn) = standing(cli, &aws, "");
            let gateway = workspace.attribute("resource_gateway_id");
            let in_vpc = r#"network = { resource_config_dns_resolution = "IN_VPC" }"#;
            workspace.write(&orders(&aws.seed().vpc_endpoint_id, in_vpc));
            updates_in_place(&workspace, &aws, &arn);
            let same = workspace.attribute("resource_gateway_id") == gateway;
            assert_eq!(same, changes_dns_resolution);
            assert_eq!(aws.count("UpdateResourceGateway"), 1);
        }
    });
}

/// B12. A gateway that is being deleted may answer any status, but a failed one, until it is gone.
#[test]
fn an_unexpected_state_in_a_delete_is_beaten_by_more_waiting() {
    on_every_cli(|cli| {
        let aws = Aws::start();
        let (workspace, _) = standing(cli, &aws, "");
        let state = workspace.attributes();
        let stuck = aws.stick("vpc-lattice", "resource-gateway", "DELETE_IN_PROGRESS");
        let destroy = workspace.start_destroy();
        aws.wait_for("vpc-lattice", "DeleteResourceGateway", 0);
        let answers = ["ACTIVE", "UNUSED"].map(|status| {
            let body = json!({
                "id": state["resource_gateway_id"], "arn": state["resource_gateway_arn"], "status": status,
                "name": "orders", "vpcId": state["vpc_id"], "subnetIds": state["subnet_ids"],
                "securityGroupIds": [state["security_group_id"]], "ipAddressType": "IPV4",
            });
            aws.fault(json!({
                "service": "vpc-lattice", "operation": "GetResourceGateway", "count": 1,
                "effect": { "reply": {
                    "status": 200, "content_type": "application/json", "body": body.to_string(),
                } },
            }))
        });
        aws.remove_fault(stuck);
        destroy.wait().succeeded();
        assert_eq!(answers.map(|id| aws.fault_fired(id)), [1, 1]);
        aws.has_nothing();
    });
}

/// B13. The regional name is chosen, wherever it stands among the names of zones.
#[test]
fn a_dns_entry_by_its_index_is_beaten_by_its_form() {
    on_every_cli(|cli| {
        let aws = Aws::start();
        aws.switch("shuffles_dns_entries", true);
        let (workspace, arn) = standing(cli, &aws, "");
        let domain = workspace.attribute("domain_name");
        let label = domain.split('.').next().unwrap_or_default();
        let random = label.strip_prefix(&format!("{}-", aws.seed().vpc_endpoint_id));
        assert!(random.is_some_and(|random| !random.contains('-')), "{domain}");
        assert_eq!(aws.call_api(&arn).expect("the API answers")["StatusCode"], 200);
        for _ in 0..3 {
            workspace.plans_nothing();
        }
    });
}

/// B14. What AWS would refuse in the middle of an apply is refused offline.
#[test]
fn names_refused_in_an_apply_are_beaten_by_names_refused_in_validate() {
    on_every_cli(|cli| {
        let aws = Aws::start();
        let workspace = Workspace::new(cli, &aws);
        let endpoint = &aws.seed().vpc_endpoint_id;
        let url = "invocation_endpoint = \"https://api.example.com/orders\", http_method = \"POST\"";
        let cases = [
            (
                orders(endpoint, "").replace("\"orders\"\n", "\"new orders\"\n"),
                "name",
            ),
            (orders(&format!("{endpoint}\\n"), ""), "vpc_endpoint_id"),
            (
                orders(
                    endpoint,
                    &format!("api_destinations = {{ \"a b\" = {{ {url} }} }}"),
                ),
                "api_destinations",
            ),
            (
                orders(endpoint, r#"network = { name_prefix = "rgw--" }"#),
                "single hyphens",
            ),
        ];
        for (text, words) in cases {
            workspace.write(&text);
            let refused = workspace.run(&["validate", "-no-color"]).failed();
            let refused = refused.says(&[words, "must be"]);
            assert!(!refused.text.contains("must be must be"), "{}", refused.text);
        }
        assert!(aws.calls().is_empty(), "AWS was asked: {:?}", aws.calls());
    });
}

/// B16. One output has all that a state machine's role needs, and it is known before anything is made.
#[test]
fn three_values_for_a_policy_are_beaten_by_the_whole_policy() {
    on_every_cli(|cli| {
        let aws = Aws::start();
        let workspace = Workspace::new(cli, &aws);
        workspace.write(&orders(&aws.seed().vpc_endpoint_id, ""));
        let planned = workspace.planned_change_of(ADDRESS)["after"]["state_machine_policy_json"].clone();
        workspace.apply();
        let state = workspace.attributes();
        assert_eq!(state["state_machine_policy_json"], planned);
        let policy: Value = serde_json::from_str(planned.as_str().unwrap_or_default()).expect("it is JSON");
        let text = policy.to_string();
        for action in [
            "states:InvokeHTTPEndpoint",
            "events:RetrieveConnectionCredentials",
            "secretsmanager:GetSecretValue",
            "secretsmanager:DescribeSecret",
        ] {
            assert!(text.contains(action), "{action}: {text}");
        }
        let connection = state["connection_arn_for_policy"].as_str().expect("it has one");
        assert!(text.contains(connection), "{text}");
        assert!(workspace.attribute("connection_arn").starts_with(connection));
        let secret = workspace.attribute("connection_secret_arn");
        assert!(secret.contains(":secret:events!connection/orders/"), "{secret}");
        workspace.plans_nothing();
    });
}

/// B17. Interfaces of the gateway hold the group for a while after the gateway has gone.
#[test]
fn a_destroy_stuck_at_the_group_is_beaten_by_trying_again() {
    on_every_cli(|cli| {
        let aws = Aws::start();
        let (workspace, _) = standing(cli, &aws, "");
        let group = workspace.attribute("security_group_id");
        let held = aws.fault(json!({
            "service": "ec2", "operation": "DeleteSecurityGroup", "count": 3,
            "effect": { "error": {
                "code": "DependencyViolation", "message": format!("resource {group} has a dependent object"),
                "status": 400,
            } },
        }));
        workspace.destroy();
        assert_eq!(aws.fault_fired(held), 3);
        aws.has_nothing();
    });
}

/// B18. While EventBridge's association lingers, AWS refuses the deletion, with one of two errors.
#[test]
fn a_conflict_with_associations_is_beaten_by_order_and_waiting() {
    on_every_cli(|cli| {
        for code in ["ConflictException", "ValidationException"] {
            let aws = Aws::start();
            let (workspace, _) = standing(cli, &aws, "");
            let lingers = aws.fault(json!({
                "service": "vpc-lattice", "operation": "DeleteResourceConfiguration", "count": 3,
                "effect": { "error": {
                    "code": code, "message": "The configuration has existing association with service networks",
                    "status": if code == "ConflictException" { 409 } else { 400 },
                } },
            }));
            workspace.destroy();
            assert_eq!(aws.fault_fired(lingers), 3, "{code}");
            let removed: Vec<_> = aws
                .mutation_names()
                .into_iter()
                .filter(|call| call.starts_with("Delete"))
                .collect();
            let at = |call: &str| removed.iter().position(|other| other == call);
            assert!(
                at("DeleteConnection") < at("DeleteResourceConfiguration"),
                "{removed:?}"
            );
            assert!(
                at("DeleteResourceConfiguration") < at("DeleteResourceGateway"),
                "{removed:?}"
            );
            assert!(
                at("DeleteResourceGateway") < at("DeleteSecurityGroup"),
                "{removed:?}"
            );
            aws.has_nothing();
        }
    });
}

/// B19. Plain secrets are sensitive: no plan prints them.
#[test]
fn printed_secrets_are_beaten_by_sensitive_ones() {
    on_every_cli(|cli| {
        let aws = Aws::start();
        let workspace = Workspace::new(cli, &aws);
        let key = &aws.seed().api_key;
        let write_only = r#"value_wo = var.api_key, value_wo_version = "1""#;
        let text = orders(&aws.seed().vpc_endpoint_id, "");
        workspace.write(&text.replace(write_only, &format!("value = {key:?}")));
        let mut printed = workspace.apply().text;
        let other = text.replace(write_only, "value = \"another-key\"");
        workspace.write(&other);
        printed += &workspace.try_plan().says(&["(sensitive value)"]).text;
        printed += &workspace.run(&["show", "-no-color"]).succeeded().text;
        for secret in [key.as_str(), "another-key"] {
            assert!(!printed.contains(secret), "{printed}");
        }
    });
}
