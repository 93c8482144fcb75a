//! The schemas, as a newcomer reads them in `terraform providers schema -json`.

mod authorization;
mod network;

pub use network::{CONFIGURATION_ARN, CONFIGURATION_ARN_WORDS};
use terraform_plugin::schema::{
    Attribute, Block, Here, Rule, boolean, duration, int64, list, map, map_nested, set, string,
};
use terraform_plugin::{Diagnostic, Outcome, Schema, Type, Value};

use crate::aws::region;
use crate::component::naming::RESERVED_TAG_PREFIX;
use crate::component::reserved;

/// EC2 and VPC Lattice take 50 tags; two are the provider's own.
pub const MOST_TAGS: usize = 48;

/// CreateConnection and CreateApiDestination, `Name`.
pub const NAME: &str = r"^[.\-_A-Za-z0-9]{1,64}$";
pub const NAME_WORDS: &str = "1 to 64 of the characters A-Z, a-z, 0-9, period, hyphen and underscore";
const DESCRIPTION: &str = r"^.{1,512}$";
const DESCRIPTION_WORDS: &str = "1 to 512 characters on one line; leave it out for none";
/// CreateConnection, `KmsKeyIdentifier`.
const KMS_KEY: &str = r"^[a-zA-Z0-9_\-/:]{1,2048}$";
/// CreateApiDestination, the shape HttpsEndpoint, with the scheme that its name asks for; `*` stands for a path part
/// that each event fills.
const HTTPS_URL: &str =
    r"^https://[-_.~A-Za-z0-9]+(:[0-9]{1,5})?(/([-()_.!~*';/?:@&=+$,A-Za-z0-9]|%[0-9A-Fa-f]{2})*)?$";
const METHODS: [&str; 7] = ["DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"];

fn output(words: &str) -> Attribute {
    string().computed().describe(words)
}

/// `private_api_invocation`.
pub fn invocation() -> Schema {
    let schema = Schema::new(0).describe(
        "Makes a private API callable from Step Functions HTTP tasks and EventBridge: a security group, a VPC Lattice \
         resource gateway, a resource configuration, an EventBridge connection and its API destinations, as one resource. \
         Only a change of `name` or `region` replaces it; everything else changes in place and the connection's ARN stays.",
    );
    let schema = network::inputs(schema, network::Of::Invocation)
        .attr(
            "name",
            string().required().replace().matches(NAME, NAME_WORDS).describe(
                "Name of the invocation and of its EventBridge connection, 1 to 64 of `A-Za-z0-9._-`, unique in the \
                 account and Region. A change replaces the resource.",
            ),
        )
        .attr("authorization", authorization::authorization())
        .attr(
            "invocation_http_parameters",
            authorization::http_parameters(
                "Headers, query string and body parameters that EventBridge adds to every call. Default: none. Changes in \
                 place.",
            ),
        )
        .attr("api_destinations", api_destinations())
        .attr(
            "description",
            string()
                .optional()
                .matches(DESCRIPTION, DESCRIPTION_WORDS)
                .rule(Rule::custom_here(not_our_own_words))
                .describe("Description of the connection, up to 512 characters. Default: none. Changes in place."),
        )
        .attr(
            "kms_key_identifier",
            string()
                .optional()
                .matches(KMS_KEY, "the id, the ARN, the alias or the alias ARN of a KMS key")
                .describe(
                    "KMS key that encrypts the connection's secret: id, ARN, alias or alias ARN. It must bear the tag \
                     `EventBridgeApiDestinations` = `true`. Default: a key that AWS owns. Changes in place; a key that is \
                     taken out stays in use.",
                ),
        )
        .attr(
            "wait_for_ready",
            boolean().optional().describe(
                "Whether an apply waits until the connection is `ACTIVE`, which takes minutes, and fails when it does not \
                 become so. Default `true`. Changes in place.",
            ),
        )
        .attr(
            "force_destroy",
            boolean().optional().describe(
                "Whether a destroy goes on although API destinations of others use the connection, or rules target its own. \
                 Default `false`. Changes in place.",
            ),
        );
    outputs(schema)
        .attr(
            "instance",
            output(
                "What the create chose to tell this invocation from others of its name: the tag of everything it makes says \
                 `<name>/<instance>`. Null where an older version of the provider made it.",
            ),
        )
        .attr(
            "connection_arn",
            output("ARN of the connection, for HTTP tasks and API destinations. Never changes."),
        )
        .attr(
            "connection_arn_for_policy",
            output("ARN of the connection without its random part, for policies; known before it is made."),
        )
        .attr(
            "connection_secret_arn",
            output("ARN of the secret that EventBridge keeps for the connection. Another type of authorization makes another."),
        )
        .attr("connection_state", output("State of the connection; `ACTIVE` when calls go through."))
        .attr(
            "connection_state_reason",
            output("Why the connection is in its state, where AWS says so."),
        )
        .attr(
            "resource_association_arn",
            output("ARN of the association that EventBridge made for the connection."),
        )
        .attr(
            "state_machine_policy_json",
            output("IAM policy that a state machine's role needs to call through the connection; known before it is made."),
        )
}

/// The description of a connection that has none says the connection's name.
fn not_our_own_words(here: &Here<'_>) -> Outcome {
    let name = here.at("name").and_then(Value::as_str).unwrap_or_default();
    if here.value().as_str() != Some(&reserved::connection_description(name)) {
        return Ok(());
    }
    Err(Diagnostic::error(
        "Reserved description",
        "The provider itself writes that where there is no description. Choose other words, or remove it.",
    )
    .into())
}

/// `private_api_path`.
pub fn path() -> Schema {
    let schema = Schema::new(0).describe(
        "The way to a private API without a connection: a security group, a VPC Lattice resource gateway and a resource \
         configuration. For many invocations behind one gateway, for owners that share with other accounts, and for private \
         token endpoints. What AWS cannot change in place replaces it: `create_before_destroy` keeps what uses it working.",
    );
    let schema = network::inputs(schema, network::Of::Path).attr(
        "name",
        string().required().replace().matches(NAME, NAME_WORDS).describe(
            "Name of the path, 1 to 64 of `A-Za-z0-9._-`; give each path of the account and Region its own. A change \
             replaces the resource.",
        ),
    );
    outputs(schema)
}

/// What both say of where and how.
fn outputs(schema: Schema) -> Schema {
    schema
        .attr(
            "region",
            string()
                .optional()
                .computed()
                .matches(region::PATTERN, "the name of a Region, such as eu-central-1")
                .describe("Region of all of it. Default: the provider's. A change replaces the resource."),
        )
        .attr(
            "tags",
            map(Type::String)
                .optional()
                .no_nulls()
                .rule(Rule::length(..=MOST_TAGS).because("AWS takes 50, of which the provider needs two."))
                .keys([
                    Rule::length(1..=128),
                    Rule::does_not_match(
                        &format!("^((?i:aws:)|{RESERVED_TAG_PREFIX})"),
                        &format!("one that begins with {RESERVED_TAG_PREFIX} or aws:, which are reserved"),
                    )
                    .because("Choose another key."),
                ])
                .each([Rule::length(..=256)])
                .describe(
                "Tags of the security group and its rule, the resource gateway and the resource configuration; connections \
                 and API destinations cannot be tagged. Keys that begin with `terraform-provider-private:` or `aws:` are \
                 refused. Default: none. Changes in place.",
            ),
        )
        .block(
            "timeouts",
            Block::single()
                .describe("How long each operation may take in all, as Go durations such as `90s`, `30m` or `1h30m`.")
                .attr("create", timeout("A create, all waiting included.", "30m"))
                .attr("read", timeout("A refresh, which has `10s` at least.", "5m"))
                .attr("update", timeout("An update, the removal of what it replaces included.", "30m"))
                .attr("delete", timeout("A destroy.", "30m")),
        )
        .attr("id", output("The name; of a path the name and what its create chose, `orders/0f9c2b7e`."))
        .attr("vpc_id", output("VPC of the resource gateway; null where the resource configuration is shared."))
        .attr("subnet_ids", set(Type::String).computed().describe("Subnets of the resource gateway."))
        .attr(
            "domain_name",
            output("DNS name to which the resource configuration leads: of a VPC endpoint the regional one."),
        )
        .attr(
            "security_group_id",
            output("Managed security group of the resource gateway; null where others are given."),
        )
        .attr(
            "endpoint_ingress_rule_id",
            output("Rule that lets the gateway in at `network.endpoint_ingress_security_group_id`."),
        )
        .attr("resource_gateway_id", output("Id of the resource gateway, managed or given."))
        .attr("resource_gateway_arn", output("ARN of the resource gateway."))
        .attr("resource_configuration_id", output("Id of the resource configuration, managed or given."))
        .attr("resource_configuration_arn", output("ARN of the resource configuration."))
        .attr("tags_all", map(Type::String).computed().describe("All tags of what is tagged, the provider block's `default_tags` among them, but the provider's own."))
        .attr(
            "pending",
            list(Type::String).computed().describe("What is left to be done, by the next apply; empty when all is well."),
        )
        .attr(
            "borrowed",
            list(Type::String).computed().describe(
                "Ids of objects that are used and not ours: a rule of somebody else that lets the gateway in already, and API \
                 destinations that an import has found, until an apply confirms those that `api_destinations` names. They are \
                 never changed and never removed. A rule that another invocation or path made bears a tag that says who uses it, \
                 and is handed over when that one goes.",
            ),
        )
        .attr(
            "retired",
            list(Type::String).computed().describe("Ids of objects that are ours, no longer needed and still to be removed."),
        )
}

fn timeout(words: &str, default: &str) -> Attribute {
    duration().optional().describe(&format!(
        "{words} Default `{default}`. Changes in place, without a call."
    ))
}

fn api_destinations() -> Attribute {
    map_nested([
        (
            "invocation_endpoint",
            string()
                .required()
                .length(1..=2048)
                .matches(HTTPS_URL, "an https URL, such as https://api.example.com/orders/*")
                .describe(
                    "URL that is called, with `*` for each part that the target of a rule fills in. Changes in place.",
                ),
        ),
        (
            "http_method",
            string().required().one_of(METHODS).describe("Method of the call, such as `POST`. Changes in place."),
        ),
        (
            "invocation_rate_limit_per_second",
            int64().optional().between(1..=300).describe(
                "Calls a second at most, 1 to 300; events beyond that wait. Default 300. Changes in place.",
            ),
        ),
        (
            "description",
            string()
                .optional()
                .matches(DESCRIPTION, DESCRIPTION_WORDS)
                .rule(
                    Rule::does_not_match(
                        &reserved::destination_description_pattern(),
                        "what the provider itself writes where there is no description, or while the destination is made",
                    )
                    .because("Choose other words, or remove it."),
                )
                .describe(
                    "Description, up to 512 characters. Default: none of yours; AWS then shows which invocation the API \
                     destination belongs to. Changes in place.",
                ),
        ),
        ("arn", output("ARN of the API destination, for the targets of rules. Never changes while its name stays.")),
        (
            "arn_for_policy",
            output("ARN of the API destination with `*` for its random part, as a policy that allows `events:InvokeApiDestination` names it; known before it is made."),
        ),
        ("state", output("`ACTIVE`, or `INACTIVE` while the connection has lost its authorization.")),
    ])
    .optional()
    .no_nulls()
    .keys_match(NAME, NAME_WORDS)
    .describe(
        "EventBridge API destinations that call through the connection, by name: 1 to 64 of `A-Za-z0-9._-`, unique in the \
         account and Region. Each can be added, changed and removed in place; one that a rule still targets stays until it \
         does not. Default: none.",
    )
}
