//! The schema, as a newcomer reads it in `terraform providers schema -json`.

use terraform_plugin::schema::{Block, duration, list, map, set, single, string};
use terraform_plugin::{Schema, Type};

/// CreateConnection, `Name`.
const NAME: &str = r"^[.\-_A-Za-z0-9]{1,64}$";
const VPC_ENDPOINT_ID: &str = r"^vpce-([0-9a-f]{8}|[0-9a-f]{17})$";
/// CreateConnection, the shape AuthHeaderParameters: no control characters and no colon.
const AUTH_VALUE: &str = r"^[ \t]*[^\x00-\x1F:\x7F]+([ \t]+[^\x00-\x1F:\x7F]+)*[ \t]*$";
const AUTH_WORDS: &str = "must be 1 to 512 characters without control characters and colons";

pub fn schema() -> Schema {
    let auth = |words: &str| {
        string()
            .matches(AUTH_VALUE, AUTH_WORDS)
            .length(1..=512)
            .describe(words)
    };
    let version = |of: &str| {
        string().optional().describe(&format!(
            "Version of `{of}`, any text. Any change of it sends the secret again. Required with `{of}`."
        ))
    };
    let output = |words: &str| string().computed().describe(words);
    Schema::new(0)
        .describe(
            "Makes a private API Gateway API callable from Step Functions HTTP tasks and EventBridge: a security group, a \
             VPC Lattice resource gateway, a resource configuration and an EventBridge connection, as one resource. Only \
             a change of `name` replaces it; everything else changes in place and the connection's ARN stays.",
        )
        .attr(
            "name",
            string()
                .required()
                .replace()
                .matches(NAME, "must be 1 to 64 of the characters A-Z, a-z, 0-9, period, hyphen and underscore")
                .describe(
                    "Name of the invocation and of its EventBridge connection, 1 to 64 of `A-Za-z0-9._-`, unique in the \
                     account and Region. A change replaces the resource.",
                ),
        )
        .attr(
            "vpc_endpoint_id",
            string()
                .required()
                .matches(VPC_ENDPOINT_ID, "must be the id of a VPC endpoint, such as vpce-0123456789abcdef0")
                .describe(
                    "The interface VPC endpoint for `execute-api` behind which the API stands. VPC, subnets, CIDRs and \
                     DNS name follow from it. Changes in place: the new path is built beside the old one.",
                ),
        )
        .attr(
            "network",
            single([(
                "subnet_ids",
                set(Type::String).optional().describe(
                    "Subnets of the resource gateway, in the VPC of the endpoint; each needs 16 free addresses. Default: \
                     the endpoint's, as found when this was created. Changes in place: a new gateway is built beside \
                     the old one.",
                ),
            )])
            .optional()
            .describe("How the path through the network is made."),
        )
        .attr(
            "authorization",
            single([
                (
                    "api_key",
                    single([
                        ("name", auth("Name of the header, such as `x-api-key`. Changes in place.").required()),
                        (
                            "value",
                            auth("The key. Stands in the state; `value_wo` does not.").optional().sensitive(),
                        ),
                        (
                            "value_wo",
                            auth("The key, never in plan or state. Needs Terraform or OpenTofu 1.11.")
                                .optional()
                                .sensitive()
                                .write_only(),
                        ),
                        ("value_wo_version", version("value_wo")),
                    ])
                    .optional()
                    .describe("A key in a header. Exactly one of `value` and `value_wo`."),
                ),
                (
                    "basic",
                    single([
                        ("username", auth("The user. Changes in place.").required()),
                        (
                            "password",
                            auth("The password. Stands in the state; `password_wo` does not.").optional().sensitive(),
                        ),
                        (
                            "password_wo",
                            auth("The password, never in plan or state. Needs Terraform or OpenTofu 1.11.")
                                .optional()
                                .sensitive()
                                .write_only(),
                        ),
                        ("password_wo_version", version("password_wo")),
                    ])
                    .optional()
                    .describe("HTTP basic authorization. Exactly one of `password` and `password_wo`."),
                ),
                (
                    "none",
                    single([]).optional().describe(
                        "`none = {}`: no credentials, for an API that relies on its resource policy. EventBridge demands \
                         an authorization, so that calls carry the header `x-private-api-invocation: none`.",
                    ),
                ),
            ])
            .required()
            .describe("How calls are authorized: exactly one of `api_key`, `basic` and `none`. Changes in place."),
        )
        .attr(
            "description",
            string()
                .optional()
                .matches(r"^.{1,512}$", "must be 1 to 512 characters on one line")
                .describe("Description of the connection, up to 512 characters. Default: none. Changes in place."),
        )
        .attr(
            "tags",
            map(Type::String).optional().describe(
                "Tags of the security group, the resource gateway and the resource configuration; connections cannot be \
                 tagged. Keys that begin with `terraform-provider-private:` or `aws:` are refused. Changes in place.",
            ),
        )
        .block(
            "timeouts",
            Block::single()
                .describe("How long each operation may take in all, as Go durations such as `90s`, `30m` or `1h30m`.")
                .attr("create", duration().optional().describe("Default `30m`."))
                .attr("read", duration().optional().describe("Default `5m`."))
                .attr("update", duration().optional().describe("Default `30m`."))
                .attr("delete", duration().optional().describe("Default `30m`.")),
        )
        .attr("id", output("The name."))
        .attr("connection_arn", output("ARN of the connection, for HTTP tasks and API destinations. Never changes."))
        .attr(
            "connection_arn_for_policy",
            output("ARN of the connection without its random part, for policies; known before it is made."),
        )
        .attr("connection_secret_arn", output("ARN of the secret that EventBridge keeps for the connection."))
        .attr("connection_state", output("State of the connection; `ACTIVE` when calls go through."))
        .attr("connection_state_reason", output("Why the connection is in its state, where AWS says so."))
        .attr("vpc_id", output("VPC of the endpoint and of the resource gateway."))
        .attr("subnet_ids", set(Type::String).computed().describe("Subnets of the resource gateway."))
        .attr("domain_name", output("Regional DNS name of the endpoint, to which the resource configuration leads."))
        .attr("security_group_id", output("Security group of the resource gateway: out on TCP 443 to the VPC, no more."))
        .attr("resource_gateway_id", output("Id of the resource gateway."))
        .attr("resource_gateway_arn", output("ARN of the resource gateway."))
        .attr("resource_configuration_id", output("Id of the resource configuration."))
        .attr("resource_configuration_arn", output("ARN of the resource configuration."))
        .attr("resource_association_arn", output("ARN of the association that EventBridge made for the connection."))
        .attr(
            "state_machine_policy_json",
            output("IAM policy that a state machine's role needs to call through the connection; known before it is made."),
        )
        .attr(
            "pending",
            list(Type::String).computed().describe("What is left to be done, by the next apply; empty when all is well."),
        )
        .attr(
            "retired",
            list(Type::String).computed().describe("Ids of objects that are ours, no longer needed and still to be removed."),
        )
}
