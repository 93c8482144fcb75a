//! Random sequences of configurations by the real CLI: ten of those that the provider's own tests run by the hundred.

use std::fmt::Write as _;

use crate::aws::Aws;
use crate::workspace::Workspace;
use cli_harness::{Cli, on_every_cli};
use fastrand::Rng;

const SEQUENCES: u64 = 10;
const STEPS: usize = 5;

/// One configuration: a line drawn for each argument.
fn drawn(draw: &mut Rng, aws: &Aws, second: &str) -> String {
    let seed = aws.seed();
    let (first, subnet) = (&seed.vpc_endpoint_id, &seed.subnet_ids[0]);
    let oauth = format!(
        "authorization = {{ oauth_client_credentials = {{ authorization_endpoint = {:?}, client_id = {:?}, \
         client_secret_wo = var.api_key, client_secret_wo_version = \"1\" }} }}",
        seed.token_url, seed.client_id
    );
    let arguments: [&[String]; 7] = [
        &[
            format!("vpc_endpoint_id = {first:?}"),
            format!("vpc_endpoint_id = {second:?}"),
        ],
        &[
            String::new(),
            format!("network = {{ subnet_ids = [{subnet:?}] }}"),
            "network = { ipv4_addresses_per_eni = 8, egress_cidr_blocks = [\"10.0.0.0/8\"] }".to_owned(),
            "network = { resource_config_dns_resolution = \"IN_VPC\" }".to_owned(),
        ],
        &[
            "authorization = { api_key = { name = \"x-api-key\", value_wo = var.api_key, value_wo_version = \"1\" } }"
                .to_owned(),
            "authorization = { api_key = { name = \"x-api-key\", value_wo = var.api_key, value_wo_version = \"2\" } }"
                .to_owned(),
            "authorization = { basic = { username = \"orders\", password_wo = var.api_key, password_wo_version = \"1\" } }"
                .to_owned(),
            "authorization = { none = {} }".to_owned(),
            oauth,
        ],
        &[
            String::new(),
            "invocation_http_parameters = { header = { x-shop = { value = \"1\" } } }".to_owned(),
            "invocation_http_parameters = { query_string = { page = { secret_value_wo = var.api_key, \
             secret_value_wo_version = \"1\" } } }"
                .to_owned(),
        ],
        &[
            String::new(),
            "api_destinations = { a = { invocation_endpoint = \"https://a.example.com/\", http_method = \"GET\" } }"
                .to_owned(),
            "api_destinations = { a = { invocation_endpoint = \"https://a.example.com/\", http_method = \"PUT\" }, \
             b = { invocation_endpoint = \"https://b.example.com/*\", http_method = \"POST\", \
             invocation_rate_limit_per_second = 5 } }"
                .to_owned(),
        ],
        &[
            String::new(),
            "description = \"one\"".to_owned(),
            "description = \"two\"".to_owned(),
        ],
        &[String::new(), "tags = { team = \"shop\" }".to_owned()],
    ];
    let mut text = "resource \"private_api_invocation\" \"orders\" {\n  name = \"orders\"\n".to_owned();
    for values in arguments {
        let _ = writeln!(text, "  {}", values[draw.usize(..values.len())]);
    }
    text + "}\n"
}

#[test]
fn ten_random_sequences_keep_the_arn_end_with_an_empty_plan_and_leave_nothing() {
    on_every_cli(|cli| {
        std::thread::scope(|scope| {
            for seed in 0..SEQUENCES {
                scope.spawn(move || run(cli, seed));
            }
        });
    });
}

/// Runs the sequence of one seed; most of its time it waits for AWS.
fn run(cli: &'static Cli, seed: u64) {
    let mut draw = Rng::with_seed(seed);
    let aws = Aws::start();
    let second = aws.add_endpoint();
    let workspace = Workspace::new(cli, &aws);
    let mut arn = None;
    for _ in 0..STEPS {
        workspace.write(&drawn(&mut draw, &aws, &second));
        workspace.apply();
        let now = Some(workspace.attribute("connection_arn"));
        assert!(
            arn.is_none() || arn == now,
            "sequence {seed}: {arn:?} became {now:?}"
        );
        arn = now;
        workspace.plans_nothing();
    }
    workspace.destroy();
    aws.has_nothing();
}
