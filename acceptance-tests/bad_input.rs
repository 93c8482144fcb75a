//! What cannot be right is told with the attribute and the remedy, and nothing is changed.

use std::net::TcpListener;

use aws_sdk_ec2::types::VpcEndpointType;
use cli_harness::on_every_cli;

use crate::aws::Aws;
use crate::workspace::{Workspace, orders};

/// Validates one configuration after the other; each has to be refused with these words. No AWS is asked.
fn refused_by_validate(cases: &[(String, &[&str])]) {
    on_every_cli(|cli| {
        let aws = Aws::start();
        let workspace = Workspace::new(cli, &aws);
        for (text, words) in cases {
            workspace.write(text);
            workspace.run(&["validate", "-no-color"]).failed().says(words);
        }
        assert_eq!(aws.calls(), [], "validation works offline");
    });
}

const ENDPOINT: &str = "vpce-0123456789abcdef0";

/// The usual configuration with something in the place of something else.
fn with(what: &str, instead: &str) -> String {
    let usual = orders(ENDPOINT, "");
    assert!(usual.contains(what), "{what} is not in {usual}");
    usual.replace(what, instead)
}

const KEY: &str = r#"api_key = { name = "x-api-key", value_wo = var.api_key, value_wo_version = "1" }"#;

#[test]
fn names_and_ids_out_of_pattern_are_refused() {
    refused_by_validate(&[
        (
            with(
                r#""orders"
"#,
                "\"or ders\"\n",
            ),
            &[
                "name = \"or ders\"",
                "must be 1 to 64 of the characters A-Z, a-z, 0-9, period, hyphen and underscore",
            ],
        ),
        (
            with(ENDPOINT, "vpc-1"),
            &[
                "vpc_endpoint_id",
                "must be the id of a VPC endpoint, such as vpce-0123456789abcdef0",
            ],
        ),
        (
            with(&format!("vpc_endpoint_id = {ENDPOINT:?}"), ""),
            &[
                "Exactly one of \"vpc_endpoint_id\", \"https_endpoint\" and \"shared_resource_configuration_arn\" must be set; none is",
                "It says what is to be reached",
            ],
        ),
        (
            orders(ENDPOINT, r#"description = """#),
            &["description", "must be 1 to 512 characters"],
        ),
        (
            orders(ENDPOINT, "network = { subnet_ids = [] }"),
            &["subnet_ids", "Give it an element, or remove it"],
        ),
    ]);
}

#[test]
fn both_or_neither_of_two_exclusive_attributes_are_refused() {
    let more = |arguments: &str| with(KEY, arguments);
    refused_by_validate(&[
        (
            more(""),
            &[
                "authorization",
                "Exactly one of \"authorization.api_key\"",
                "must be set; none is",
            ],
        ),
        (
            more(&format!("{KEY}\n    none = {{}}")),
            &[
                "authorization",
                "\"authorization.api_key\" and \"authorization.none\" are. Keep one of them",
            ],
        ),
        (
            more(r#"api_key = { name = "k" }"#),
            &[
                "Exactly one of \"authorization.api_key.value\" and \"authorization.api_key.value_wo\" must be set; none is",
                "may have no value",
            ],
        ),
        (
            more(r#"api_key = { name = "k", value = "a", value_wo = "b", value_wo_version = "1" }"#),
            &[
                "Only one of \"authorization.api_key.value\" and \"authorization.api_key.value_wo\" can be set",
                "Keep one",
            ],
        ),
        (
            more(r#"api_key = { name = "k", value_wo = "b" }"#),
            &[
                "\"authorization.api_key.value_wo_version\" must be set",
                "begin with \"1\"",
            ],
        ),
        (
            more(r#"basic = { username = "u", password = "p", password_wo_version = "1" }"#),
            &[
                "\"authorization.basic.password_wo_version\" must not be set. Remove it",
                "A version belongs to password_wo alone",
            ],
        ),
    ]);
}

#[test]
fn null_elements_and_reserved_tags_are_refused() {
    refused_by_validate(&[
        (
            orders(ENDPOINT, "tags = { team = null }"),
            &["tags", "The element \"team\" is null", "Leave the key out"],
        ),
        (
            orders(
                ENDPOINT,
                r#"tags = { "terraform-provider-private:invocation" = "x" }"#,
            ),
            &[
                "begins with terraform-provider-private: or aws:",
                "Choose another key",
            ],
        ),
        (
            orders(ENDPOINT, "network = { subnet_ids = [null] }"),
            &["subnet_ids", "null"],
        ),
    ]);
}

#[test]
fn durations_that_are_none_are_refused() {
    refused_by_validate(&[(
        orders(ENDPOINT, r#"timeouts { create = "half an hour" }"#),
        &[
            "timeouts",
            "create",
            "such as 90s, 30m or 1h30m; it is \"half an hour\"",
        ],
    )]);
}

/// A plan warns and an apply stops, with these words, before anything is changed.
fn stopped_by_the_endpoint(endpoint: impl Fn(&Aws) -> String, words: &[&str]) {
    on_every_cli(|cli| {
        let aws = Aws::start();
        let endpoint = endpoint(&aws);
        let before = aws.mutations();
        let workspace = Workspace::new(cli, &aws);
        workspace.write(&orders(&endpoint, ""));
        let plan = workspace
            .try_plan()
            .says(&["Warning:", "vpc_endpoint_id"])
            .says(words);
        assert_eq!(plan.code, Some(2), "a plan warns only:\n{}", plan.text);
        workspace
            .try_apply()
            .failed()
            .says(&["Error:", "vpc_endpoint_id", "Nothing was changed"])
            .says(words);
        assert_eq!(aws.mutations(), before);
    });
}

fn endpoint_of(aws: &Aws, kind: VpcEndpointType, service: &str) -> String {
    let seed = aws.seed();
    let call = aws
        .ec2
        .create_vpc_endpoint()
        .vpc_id(&seed.vpc_id)
        .vpc_endpoint_type(kind.clone());
    let call = call.service_name(format!("com.amazonaws.{}.{service}", seed.region));
    let subnets = (kind == VpcEndpointType::Interface).then(|| seed.subnet_ids.clone());
    let made = aws
        .wait(call.set_subnet_ids(subnets).send())
        .expect("the endpoint is made");
    made.vpc_endpoint
        .and_then(|endpoint| endpoint.vpc_endpoint_id)
        .expect("it has an id")
}

#[test]
fn an_endpoint_that_does_not_exist_stops_the_apply() {
    stopped_by_the_endpoint(
        |_| ENDPOINT.to_owned(),
        &[
            "No such VPC endpoint",
            "Check the id, and the Region of the provider",
        ],
    );
}

#[test]
fn an_endpoint_for_another_service_stops_the_apply() {
    stopped_by_the_endpoint(
        |aws| endpoint_of(aws, VpcEndpointType::Interface, "sqs"),
        &[
            "sqs",
            "Give the id of an interface endpoint for the service com.amazonaws.<region>.execute-api",
        ],
    );
}

#[test]
fn an_endpoint_that_is_not_available_stops_the_apply() {
    stopped_by_the_endpoint(
        |aws| {
            aws.stick("ec2", "vpc-endpoint", "pending");
            let seed = aws.seed();
            let call = aws
                .ec2
                .create_vpc_endpoint()
                .vpc_id(&seed.vpc_id)
                .vpc_endpoint_type(VpcEndpointType::Interface);
            let call = call
                .service_name(format!("com.amazonaws.{}.execute-api", seed.region))
                .private_dns_enabled(false);
            let made = aws
                .wait(call.set_subnet_ids(Some(seed.subnet_ids.clone())).send())
                .expect("it is made");
            made.vpc_endpoint
                .and_then(|endpoint| endpoint.vpc_endpoint_id)
                .expect("it has an id")
        },
        &["is pending, not available", "Wait until it is"],
    );
}

/// A plan in another environment fails with these words, and changes nothing.
fn refused_environment(change: impl Fn(&mut Workspace), words: &[&str]) {
    on_every_cli(|cli| {
        let aws = Aws::start();
        let mut workspace = Workspace::new(cli, &aws);
        workspace.write(&orders(&aws.seed().vpc_endpoint_id, ""));
        change(&mut workspace);
        workspace.try_apply().failed().says(words);
        assert_eq!(aws.mutations(), []);
    });
}

#[test]
fn no_region_is_told_with_where_to_set_it() {
    refused_environment(
        |workspace| workspace.unset("AWS_REGION"),
        &[
            "No Region",
            "provider \"private\"",
            "Set region in the provider block",
        ],
    );
}

#[test]
fn no_credentials_are_told_with_where_to_give_them() {
    refused_environment(
        |workspace| {
            workspace.unset("AWS_ACCESS_KEY_ID");
            workspace.unset("AWS_SECRET_ACCESS_KEY");
            // Of whoever runs the tests.
            workspace.set("AWS_EC2_METADATA_DISABLED", "true");
            workspace.set("AWS_CONFIG_FILE", "/nowhere");
            workspace.set("AWS_SHARED_CREDENTIALS_FILE", "/nowhere");
        },
        &[
            "No valid credentials",
            "the instance's metadata service",
            "aws sso login",
        ],
    );
}

#[test]
fn wrong_credentials_are_told_with_where_to_give_them() {
    refused_environment(
        |workspace| workspace.set("AWS_SECRET_ACCESS_KEY", "wrong"),
        &[
            "No valid credentials",
            "AWS_ACCESS_KEY_ID of the environment (access key local)",
            "aws configure export-credentials",
        ],
    );
}

#[test]
fn an_endpoint_url_that_refuses_connections_is_told_with_the_argument() {
    refused_environment(
        |workspace| {
            // A port that was free a moment ago, and is closed again at the end of this line.
            let closed = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr());
            workspace.set(
                "AWS_ENDPOINT_URL",
                &format!("http://{}", closed.expect("a port is free")),
            );
        },
        &[
            "http://127.0.0.1:",
            "Check the network path to it, the proxy",
            "endpoints.sts",
            "AWS_ENDPOINT_URL",
        ],
    );
}

#[test]
fn a_copy_that_kept_its_name_is_refused_and_takes_nothing_from_the_first() {
    on_every_cli(|cli| {
        let aws = Aws::start();
        let workspace = Workspace::new(cli, &aws);
        let one = orders(&aws.seed().vpc_endpoint_id, "");
        let copy = one.replace(
            "\"private_api_invocation\" \"orders\"",
            "\"private_api_invocation\" \"copy\"",
        );
        assert_ne!(one, copy);
        workspace.write(&(one.clone() + &copy));
        workspace
            .try_plan()
            .says(&["Warning: Private API invocation orders is defined twice"]);
        workspace
            .try_apply()
            .failed()
            .says(&["is defined twice", "Give each invocation a name of its own"]);
        aws.has_one_of_each();
        // Whichever of the two it was that is there: without the other one it is as it was.
        let kept = workspace.run(&["state", "list"]).succeeded().stdout;
        workspace.write(if kept.contains("copy") { &copy } else { &one });
        workspace.plans_nothing();
        workspace.destroy();
        aws.has_nothing();
    });
}
