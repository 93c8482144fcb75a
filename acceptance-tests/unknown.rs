//! Whatever of a configuration may be known after apply alone: in a create, and again in an update.

use cli_harness::on_every_cli;

use crate::aws::Aws;
use crate::workspace::Workspace;

/// Invocations, each with another part that is not known while it is planned.
const CASES: [(&str, &str, &str); 16] = [
    ("endpoint", "vpc_endpoint_id = local.later.endpoint", NONE),
    (
        "element",
        "vpc_endpoint_id = local.endpoint\n network = { subnet_ids = [local.later.subnet] }",
        NONE,
    ),
    (
        "elements",
        "vpc_endpoint_id = local.endpoint\n network = { subnet_ids = local.later.subnets }",
        NONE,
    ),
    (
        "network",
        "vpc_endpoint_id = local.endpoint\n network = local.later.network",
        NONE,
    ),
    (
        "https",
        "https_endpoint = local.later.https\n network = { subnet_ids = local.later.subnets }",
        NONE,
    ),
    (
        "https-members",
        "https_endpoint = { domain_name = local.later.domain, port = local.later.port }\n network = { subnet_ids = \
         local.later.subnets, ipv4_addresses_per_eni = local.later.addresses, ip_address_type = local.later.type }",
        NONE,
    ),
    (
        "authorization",
        "vpc_endpoint_id = local.endpoint",
        "local.later.authorization",
    ),
    (
        "api-key",
        "vpc_endpoint_id = local.endpoint",
        "{ api_key = local.later.key }",
    ),
    (
        "key-members",
        "vpc_endpoint_id = local.endpoint",
        "{ api_key = { name = local.later.text, value_wo = local.later.text, value_wo_version = local.later.text } }",
    ),
    (
        "parameters",
        "vpc_endpoint_id = local.endpoint\n invocation_http_parameters = local.later.http",
        NONE,
    ),
    (
        "parameter",
        "vpc_endpoint_id = local.endpoint\n invocation_http_parameters = { header = local.later.headers, body = { b = \
         local.later.parameter }, query_string = { q = { value = local.later.text } } }",
        NONE,
    ),
    (
        "parameter-members",
        "vpc_endpoint_id = local.endpoint\n invocation_http_parameters = { body = { for key in [\"a\", \"b\"] : key => { \
         secret_value_wo = local.later.text, secret_value_wo_version = local.later.text } } }",
        NONE,
    ),
    (
        "destinations",
        "vpc_endpoint_id = local.endpoint\n api_destinations = local.later.destinations",
        NONE,
    ),
    (
        "destination",
        "vpc_endpoint_id = local.endpoint\n api_destinations = { one = local.later.destination, two = { http_method = \
         \"GET\", invocation_endpoint = local.later.url, description = local.later.text } }",
        NONE,
    ),
    (
        "others",
        "vpc_endpoint_id = local.endpoint\n description = local.later.text\n wait_for_ready = local.later.flag\n \
         force_destroy = local.later.flag\n tags = { part = local.later.text }\n timeouts { create = local.later.duration }",
        NONE,
    ),
    (
        "region",
        "vpc_endpoint_id = local.endpoint\n region = local.later.region\n tags = local.later.tags",
        NONE,
    ),
];

const NONE: &str = "{ none = {} }";

/// All of them, after something whose output is known when it was applied with this number.
fn all(aws: &Aws, number: usize) -> String {
    let seed = aws.seed();
    let subnet = &seed.subnet_ids[number % 2];
    let endpoint = &seed.vpc_endpoint_id;
    let mut text = format!(
        r#"
locals {{
  endpoint = {endpoint:?}
  later    = terraform_data.later.output
}}

resource "terraform_data" "later" {{
  input = {{
    addresses     = 8
    authorization = {{ basic = {{ username = "u{number}", password = "p{number}" }} }}
    destination   = {{ invocation_endpoint = "https://api.example.com/{number}", http_method = "POST" }}
    destinations  = {{ several = {{ invocation_endpoint = "https://api.example.com/{number}", http_method = "POST" }} }}
    domain        = "login.example.com"
    duration      = "1{number}m"
    endpoint      = {endpoint:?}
    flag          = true
    headers       = {{ h = {{ value = "{number}" }} }}
    http          = {{ header = {{ h = {{ value = "{number}" }} }} }}
    https         = {{ domain_name = "login.example.com" }}
    key           = {{ name = "k{number}", value = "v" }}
    network       = {{ ipv4_addresses_per_eni = {} }}
    parameter     = {{ value = "{number}" }}
    port          = 844{number}
    region        = {:?}
    subnet        = {subnet:?}
    subnets       = [{subnet:?}]
    tags          = {{ part = "{number}" }}
    text          = "t{number}"
    type          = "IPV4"
    url           = "https://api.example.com/{number}"
  }}
}}
"#,
        8 + number,
        seed.region
    );
    for (name, arguments, authorization) in CASES {
        text.push_str(&format!(
            "resource \"private_api_invocation\" \"{name}\" {{\n  name = \"unknown-{name}\"\n  {arguments}\n  authorization = \
             {authorization}\n}}\n"
        ));
    }
    text
}

#[test]
fn every_part_of_a_configuration_may_be_unknown_in_the_plan() {
    on_every_cli(|cli| {
        let aws = Aws::start();
        let workspace = Workspace::new(cli, &aws);
        for number in 0..2 {
            workspace.write(&all(&aws, number));
            workspace.apply();
            workspace.plans_nothing();
        }
        workspace.destroy();
        aws.has_nothing();
    });
}
