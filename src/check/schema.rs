//! The schemas of the resource and of the action.

use terraform_plugin::schema::{Attribute, AttributePlan, Block, duration, int64, map, set, string};
use terraform_plugin::{Outcome, Schema, Type, Value, path};

use crate::http_task::METHODS;

/// The resource.
pub fn resource() -> Schema {
    inputs(Schema::new(0).describe(
        "Proves that a private API answers, by a real call over a connection, as Step Functions makes it (TestState): the apply \
         succeeds only if the API does. A new path or a new role is given time to become known everywhere. When the call fails, \
         the error says why: the whole path is looked at, and each finding has the command that mends it. \
         A refresh makes no call, and a destroy does nothing.\n\n\
         The credentials of the provider need `states:TestState`, and `iam:PassRole` for `role_arn`; for the diagnosis, \
         those that `doctor` needs.",
    ))
    .attr(
        "triggers",
        map(Type::String).optional().describe(
            "Values that make the check run again when they change, such as the version of a secret. A change of any other \
             argument does so, too. Default: none. Changes in place.",
        ),
    )
    .block(
        "timeouts",
        Block::single()
            .describe("How long a check goes on trying, as Go durations such as `90s` or `10m`.")
            .attr("create", timeout("The first check."))
            .attr("update", timeout("A check that runs again.")),
    )
    .attr("id", string().computed().plan(is_the_connection).describe("ARN of the connection."))
    .attr("status_code", int64().computed().describe("Status that the API answered."))
    .attr("checked_at", string().computed().describe("When it did, in RFC 3339."))
}

fn is_the_connection(plan: &mut AttributePlan<'_>) -> Outcome {
    let arn = plan
        .config_at(&path!("connection_arn"))
        .and_then(Value::as_str)
        .map(str::to_owned);
    if let Some(arn) = arn {
        plan.set(arn);
    }
    Ok(())
}

/// The action.
pub fn action() -> Schema {
    inputs(Schema::new(0).describe(
        "Calls a private API over a connection, as Step Functions does (TestState), and fails with a diagnosis of the whole path \
         where no answer comes. The same as the resource of this name, without a state.",
    ))
    .attr(
        "timeout",
        duration().optional().describe("How long it goes on trying, as a Go duration. Default `5m`."),
    )
}

fn inputs(schema: Schema) -> Schema {
    schema
        .attr(
            "connection_arn",
            string()
                .required()
                .describe("ARN of the connection: `connection_arn` of an invocation. Changes in place, by a new check."),
        )
        .attr(
            "url",
            string().required().describe(
                "The URL to call, https, with the stage. Choose one that may be called at any time, such as one that tells the \
                 health of the API. Changes in place, by a new check.",
            ),
        )
        .attr(
            "http_method",
            string()
                .optional()
                .one_of(METHODS)
                .describe("Method of the call. Default `GET`. Changes in place, by a new check."),
        )
        .attr(
            "role_arn",
            string()
                .required()
                .matches(
                    r"^arn:[a-z-]+:iam::[0-9]{12}:role/.+$",
                    "the ARN of an IAM role, such as arn:aws:iam::123456789012:role/orders",
                )
                .describe(
                    "ARN of the role that calls: that of the state machine, with its policy. It has to trust \
                     `states.amazonaws.com`. Changes in place, by a new check.",
                ),
        )
        .attr(
            "request_body",
            string().optional().describe(
                "Body of the call; JSON is sent as such. Default: none. Changes in place, by a new check.",
            ),
        )
        .attr(
            "headers",
            map(Type::String)
                .optional()
                .describe("Headers of the call, beside those of the connection. Default: none. Changes in place, by a new check."),
        )
        .attr(
            "query_parameters",
            map(Type::String)
                .optional()
                .describe("Query string of the call. Default: none. Changes in place, by a new check."),
        )
        .attr(
            "expected_status_codes",
            set(Type::String).optional().length(1..).describe(
                "Statuses that prove it, such as `200`, or `2xx` for all of a hundred. Default `[\"2xx\"]`. Changes in place, by a \
                 new check.",
            ),
        )
}

fn timeout(words: &str) -> Attribute {
    duration().optional().describe(&format!(
        "{words} Default `5m`. Changes in place, by a new check."
    ))
}
