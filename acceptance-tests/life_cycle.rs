//! From nothing to a call that goes through, and back to nothing.

use cli_harness::on_every_cli;
use serde_json::Value;

use crate::aws::{Aws, CREATING_TAG, INVOCATION_TAG};
use crate::workspace::{Workspace, invocation, orders};

/// Every output that has a value while all is well.
const OUTPUTS: [&str; 14] = [
    "id",
    "connection_arn",
    "connection_arn_for_policy",
    "connection_secret_arn",
    "connection_state",
    "vpc_id",
    "domain_name",
    "security_group_id",
    "resource_gateway_id",
    "resource_gateway_arn",
    "resource_configuration_id",
    "resource_configuration_arn",
    "resource_association_arn",
    "state_machine_policy_json",
];

#[test]
fn an_apply_makes_the_path_and_a_call_goes_through_it() {
    on_every_cli(|cli| {
        let aws = Aws::start();
        let workspace = Workspace::new(cli, &aws);
        workspace.write(&orders(
            &aws.seed().vpc_endpoint_id,
            r#"tags = { team = "shop" }"#,
        ));
        workspace.apply();

        aws.has_one_of_each();
        let state = workspace.attributes();
        for output in OUTPUTS {
            assert!(
                state[output].as_str().is_some_and(|text| !text.is_empty()),
                "{output} is {}",
                state[output]
            );
        }
        assert_eq!(state["connection_state"], "ACTIVE");
        assert_eq!(state["pending"], Value::Array(vec![]));
        assert_eq!(state["retired"], Value::Array(vec![]));
        let api = aws
            .call_api(state["connection_arn"].as_str().unwrap_or_default())
            .expect("the API answers");
        assert_eq!(api["StatusCode"], 200);
        assert!(api["ResponseBody"]["orders"].is_array(), "{api}");
        workspace.plans_nothing();
    });
}

#[test]
fn what_is_made_is_as_narrow_as_it_can_be_and_marked_as_ours() {
    on_every_cli(|cli| {
        let aws = Aws::start();
        let workspace = Workspace::new(cli, &aws);
        workspace.write(&orders(
            &aws.seed().vpc_endpoint_id,
            r#"tags = { team = "shop" }"#,
        ));
        workspace.apply();
        let state = workspace.attributes();
        let id = |attribute: &str| state[attribute].as_str().unwrap_or_default().to_owned();

        let groups = aws.wait(
            aws.ec2
                .describe_security_groups()
                .group_ids(id("security_group_id"))
                .send(),
        );
        let group = groups
            .expect("the group is there")
            .security_groups
            .unwrap_or_default()
            .remove(0);
        let mut egress = Vec::new();
        for rule in group.ip_permissions_egress() {
            for range in rule.ip_ranges() {
                let protocol = rule.ip_protocol().unwrap_or_default();
                egress.push((
                    protocol,
                    rule.from_port(),
                    rule.to_port(),
                    range.cidr_ip().unwrap_or_default(),
                ));
            }
        }
        egress.sort_unstable();
        let https = |cidr| ("tcp", Some(443), Some(443), cidr);
        assert_eq!(egress, [https("10.0.0.0/16"), https("100.64.0.0/16")]);
        assert!(group.ip_permissions().is_empty(), "nothing comes in");

        let gateway = aws
            .lattice
            .get_resource_gateway()
            .resource_gateway_identifier(id("resource_gateway_id"));
        let gateway = aws.wait(gateway.send()).expect("the gateway is there");
        let mut subnets = gateway.subnet_ids().to_vec();
        subnets.sort_unstable();
        let mut expected = aws.seed().subnet_ids.clone();
        expected.sort_unstable();
        assert_eq!(subnets, expected);
        assert_eq!(gateway.security_group_ids(), [id("security_group_id")]);

        let configuration = aws
            .lattice
            .get_resource_configuration()
            .resource_configuration_identifier(id("resource_configuration_id"));
        let configuration = aws
            .wait(configuration.send())
            .expect("the configuration is there");
        assert_eq!(configuration.r#type().map(|kind| kind.as_str()), Some("SINGLE"));
        assert_eq!(
            configuration.protocol().map(|protocol| protocol.as_str()),
            Some("TCP")
        );
        assert_eq!(configuration.port_ranges(), ["443"]);
        let domain = configuration
            .resource_configuration_definition()
            .and_then(|it| it.as_dns_resource().ok());
        let domain = domain.and_then(|dns| dns.domain_name()).unwrap_or_default();
        assert_eq!(domain, id("domain_name"));
        let endpoint = &aws.seed().vpc_endpoint_id;
        let region = &aws.seed().region;
        let random = domain
            .strip_prefix(&format!("{endpoint}-"))
            .and_then(|rest| rest.strip_suffix(&format!(".execute-api.{region}.vpce.amazonaws.com")));
        // The names of single zones have the zone in the first label, after the random part.
        assert!(
            random.is_some_and(|random| !random.contains(['-', '.'])),
            "{domain} is not the regional name"
        );

        for kind in ["security-group", "resource-gateway", "resource-configuration"] {
            let ours = aws.ids_of(kind, "orders");
            assert_eq!(ours.len(), 1, "one {kind} bears {INVOCATION_TAG}");
            let object = aws
                .of_type(kind)
                .into_iter()
                .find(|object| object["id"] == ours[0].as_str());
            let tags = object.map(|object| object["tags"].clone()).unwrap_or_default();
            assert_eq!(tags["team"], "shop", "{kind}");
            assert!(
                tags.get(CREATING_TAG).is_none(),
                "the create has ended, yet {kind} has {tags}"
            );
        }
    });
}

#[test]
fn a_destroy_leaves_nothing() {
    on_every_cli(|cli| {
        let aws = Aws::start();
        let workspace = Workspace::new(cli, &aws);
        workspace.write(&orders(&aws.seed().vpc_endpoint_id, ""));
        workspace.apply();
        workspace.destroy();
        aws.has_nothing();
    });
}

#[test]
fn another_name_replaces_everything() {
    on_every_cli(|cli| {
        let aws = Aws::start();
        let workspace = Workspace::new(cli, &aws);
        workspace.write(&orders(&aws.seed().vpc_endpoint_id, ""));
        workspace.apply();
        let before = workspace.attribute("connection_arn");
        workspace.write(&invocation(
            "orders2",
            &format!("{:?}", aws.seed().vpc_endpoint_id),
            "1",
            "",
        ));
        assert_eq!(workspace.planned_actions(), ["delete", "create"]);
        workspace.apply();
        aws.has_one_of_each();
        assert_ne!(workspace.attribute("connection_arn"), before);
        workspace.plans_nothing();
    });
}

#[test]
fn the_endpoint_may_be_unknown_at_plan() {
    on_every_cli(|cli| {
        let aws = Aws::start();
        let workspace = Workspace::new(cli, &aws);
        let later = format!(
            "\nresource \"terraform_data\" \"endpoint\" {{\n  input = {:?}\n}}\n",
            aws.seed().vpc_endpoint_id
        );
        workspace.write(&(invocation("orders", "terraform_data.endpoint.output", "1", "") + &later));
        workspace.apply();
        aws.has_one_of_each();
        workspace.plans_nothing();
    });
}

#[test]
fn a_call_without_credentials_reaches_the_api_which_refuses_it() {
    on_every_cli(|cli| {
        let aws = Aws::start();
        let workspace = Workspace::new(cli, &aws);
        let text = format!(
            "resource \"private_api_invocation\" \"orders\" {{\n  name            = \"orders\"\n  vpc_endpoint_id = {:?}\n  \
             authorization   = {{ none = {{}} }}\n}}\n",
            aws.seed().vpc_endpoint_id
        );
        workspace.write(&text);
        workspace.apply();
        let (error, _) = aws
            .call_api(&workspace.attribute("connection_arn"))
            .expect_err("the API wants a key");
        assert_eq!(error, "States.Http.StatusCode.401");
        assert!(
            aws.api_requests()[0]
                .headers
                .contains(&"x-private-api-invocation".to_owned())
        );
    });
}
