//! The provider block's schema, in the words of hashicorp/aws.

use terraform_plugin::schema::{Block, Rule, boolean, duration, int32, list, map, set, string};
use terraform_plugin::{Schema, Type};

use crate::aws::{URL, region};

const ACCOUNT: &str = r"^[0-9]{12}$";
const ROLE: &str = r"^arn:aws[a-z-]*:iam::[0-9]{12}:role/.+$";
const POLICY: &str = r"^arn:aws[a-z-]*:iam::([0-9]{12}|aws):policy/.+$";
const SESSION: &str = r"^[\w+=,.@-]{2,64}$";
const RESERVED: &str = "^(terraform-provider-private:|(?i:aws:))";
/// Characters that the key of a tag may have (EC2 and VPC Lattice, `TagKey`).
pub const LONGEST_KEY: usize = 128;
/// Characters that the value of a tag may have (EC2 and VPC Lattice, `TagValue`).
pub const LONGEST_VALUE: usize = 256;
const SESSION_WORDS: &str = "2 to 64 of letters, digits and _+=,.@-";
const REGION_WORDS: &str = "the name of a Region, such as eu-central-1";

/// The whole of it.
pub fn schema() -> Schema {
    tags(connection(accounts(credentials(
        Schema::new(0)
            .describe(
                "Calls private APIs from AWS Step Functions and EventBridge. The block takes what hashicorp/aws takes, by the \
                 same names and with the same precedence. What is not set here is found as every AWS tool finds it: \
                 environment variables, shared configuration and credentials files, SSO, container and instance roles.",
            )
            .attr(
                "region",
                string().optional().matches(&empty_or(region::PATTERN), REGION_WORDS)
                .describe(
                    "Region of every resource that does not name its own, such as `eu-central-1`. Default: `AWS_REGION`, \
                     `AWS_DEFAULT_REGION`, or the profile's.",
                ),
            )
            .attr(
                "skip_region_validation",
                boolean().optional().describe(
                    "Takes any name for a Region, such as one that is newer than this version. Default: false.",
                ),
            ),
    ))))
}

fn tags(schema: Schema) -> Schema {
    schema
        .block(
            "default_tags",
            Block::single()
                .describe("Tags of everything that this provider tags.")
                .attr(
                    "tags",
                    map(Type::String)
                        .optional()
                        .keys([
                            Rule::length(1..=LONGEST_KEY),
                            Rule::does_not_match(
                                RESERVED,
                                "one that begins with terraform-provider-private: or aws:, which are reserved",
                            ),
                        ])
                        .each([Rule::length(..=LONGEST_VALUE)])
                        .describe(
                            "The tags; a resource's `tags` count more. Default: each `TF_AWS_DEFAULT_TAGS_<key>` of the \
                             environment.",
                        ),
                ),
        )
        .block(
            "ignore_tags",
            Block::single()
                .describe("Tags that others look after: they are neither shown nor removed.")
                .attr(
                    "keys",
                    set(Type::String).optional().no_nulls().describe(
                        "Their keys. Those of `TF_AWS_IGNORE_TAGS_KEYS`, separated by commas, are added. Default: none.",
                    ),
                )
                .attr(
                    "key_prefixes",
                    set(Type::String)
                        .optional()
                        .no_nulls()
                        .each([Rule::length(1..).because("Every key begins with nothing: all tags would be ignored.")])
                        .describe(
                        "What their keys begin with. Those of `TF_AWS_IGNORE_TAGS_KEY_PREFIXES` are added. Default: none.",
                    ),
                ),
        )
}

fn credentials(schema: Schema) -> Schema {
    let files = |what: &str, default: &str| {
        list(Type::String).optional().no_nulls().describe(&format!(
            "Shared {what} files, later ones before earlier ones; `~` is the home directory. Default: {default}."
        ))
    };
    schema
        .attr("access_key", string().optional().describe("Access key id; needs `secret_key`. Default: found as every AWS tool does."))
        .attr("secret_key", string().optional().sensitive().describe("Secret access key; needs `access_key`. Default: found as every AWS tool does."))
        .attr(
            "token",
            string().optional().sensitive().describe("Session token of temporary credentials; needs `access_key`. Default: none."),
        )
        .attr(
            "profile",
            string().optional().describe(
                "Profile of the shared configuration and credentials files. It must exist, and is then the only source of \
                 credentials, whatever the environment holds. Default: `AWS_PROFILE`, else `default`, after the keys of the \
                 environment.",
            ),
        )
        .attr("shared_config_files", files("configuration", "`AWS_CONFIG_FILE`, else `~/.aws/config`"))
        .attr(
            "shared_credentials_files",
            files("credentials", "`AWS_SHARED_CREDENTIALS_FILE`, else `~/.aws/credentials`"),
        )
        .attr(
            "skip_metadata_api_check",
            boolean().optional().describe(
                "Never asks the instance's metadata service, neither for credentials nor for a Region. Default: false, or \
                 `AWS_EC2_METADATA_DISABLED`.",
            ),
        )
        .attr(
            "sts_region",
            string()
                .optional()
                .matches(&empty_or(region::PATTERN), REGION_WORDS)
                .describe("Region of STS. Default: the provider's."),
        )
        .block("assume_role", assume_role())
        .block("assume_role_with_web_identity", web_identity())
}

fn assume_role() -> Block {
    session(
        Block::list().describe(
            "A role to assume with the credentials that are found. Several blocks are assumed one after the other, each with \
             the credentials of the one before.",
        ),
    )
    .attr(
        "external_id",
        string().optional().matches(r"^$|^.{2,1224}$", "2 to 1224 characters").describe("What the role's trust policy wants in `sts:ExternalId`. Default: none."),
    )
    .attr("source_identity", string().optional().matches(&empty_or(SESSION), SESSION_WORDS).describe("Source identity of the session. Default: none."))
    .attr("tags", map(Type::String).optional().no_nulls().describe("Tags of the session. Default: none."))
    .attr(
        "transitive_tag_keys",
        set(Type::String).optional().no_nulls().describe("Keys of `tags` that sessions of further roles keep. Default: none."),
    )
}

fn web_identity() -> Block {
    session(Block::list().max(1).describe(
        "A role to assume with a token of an OpenID Connect provider, instead of any other source. What is left out is \
         taken from `AWS_ROLE_ARN`, `AWS_ROLE_SESSION_NAME` and `AWS_WEB_IDENTITY_TOKEN_FILE`.",
    ))
    .attr(
        "web_identity_token",
        string().optional().sensitive().describe("The token. Default: that of `web_identity_token_file`."),
    )
    .attr(
        "web_identity_token_file",
        string().optional().describe("File of the token, read anew whenever it is needed. Default: `AWS_WEB_IDENTITY_TOKEN_FILE`."),
    )
}

/// What both ways to assume a role take.
fn session(block: Block) -> Block {
    block
        .attr(
            "role_arn",
            string()
                .optional()
                .matches(&empty_or(ROLE), "the ARN of an IAM role")
                .describe("ARN of the role."),
        )
        .attr(
            "session_name",
            string()
                .optional()
                .matches(&empty_or(SESSION), SESSION_WORDS)
                .describe("Name of the session. Default: `terraform-provider-private`."),
        )
        .attr(
            "duration",
            duration()
                .optional()
                .describe("How long the session lasts, such as `1h`, from `15m` to `12h`. Default: `1h`."),
        )
        .attr(
            "policy",
            string()
                .optional()
                .describe("Policy in JSON that narrows what the session may do. Default: none."),
        )
        .attr(
            "policy_arns",
            set(Type::String)
                .optional()
                .each([Rule::matches(POLICY, "the ARN of an IAM policy")])
                .describe("ARNs of policies that narrow what the session may do. Default: none."),
        )
}

fn accounts(schema: Schema) -> Schema {
    let ids = |what: &str| {
        set(Type::String)
            .optional()
            .no_nulls()
            .each([Rule::matches(ACCOUNT, "an account id of twelve digits")])
            .describe(what)
    };
    schema
        .attr(
            "allowed_account_ids",
            ids("The only accounts that are worked in; credentials of another one are refused before anything else is \
                 asked. Conflicts with `forbidden_account_ids`. Default: any.")
                .conflicts_with(["forbidden_account_ids"]),
        )
        .attr(
            "forbidden_account_ids",
            ids("Accounts that are not worked in. Conflicts with `allowed_account_ids`. Default: none."),
        )
        .attr(
            "skip_credentials_validation",
            boolean().optional().describe(
                "Does not ask STS whose the credentials are when the provider is configured. Wrong ones are then told by each \
                 resource. Default: false.",
            ),
        )
        .attr(
            "skip_requesting_account_id",
            boolean().optional().describe(
                "Taken so that one block serves hashicorp/aws, too. The account is asked for nevertheless where a resource \
                 needs it, since policies and ARNs would be wrong without. Conflicts with `allowed_account_ids` and \
                 `forbidden_account_ids`.",
            ),
        )
}

fn connection(schema: Schema) -> Schema {
    let url = |service: &str| {
        string()
            .optional()
            .matches(&empty_or(URL), "an http or https URL without a path")
            .describe(&format!(
                "URL of {service}, instead of the one in the Region. Default: `AWS_ENDPOINT_URL_<SERVICE>`, \
                 `AWS_ENDPOINT_URL`, the profile's `services` and `endpoint_url`, else AWS."
            ))
    };
    schema
        .attr(
            "max_retries",
            int32().optional().between(1..=1_000).describe(
                "How often a call is made at most where AWS throttles it or cannot serve it. Default: `AWS_MAX_ATTEMPTS`, or \
                 the profile's `max_attempts`, else 25.",
            ),
        )
        .attr(
            "retry_mode",
            string().optional().matches("^(|standard|adaptive)$", "standard or adaptive").describe(
                "How calls are made again: `standard`, or `adaptive`, which also slows down where AWS throttles. Default: \
                 `AWS_RETRY_MODE`, or the profile's, else `standard`.",
            ),
        )
        .attr(
            "custom_ca_bundle",
            string().optional().describe(
                "File of certificate authorities in PEM form that AWS's endpoints are checked against, instead of the \
                 system's. Default: `AWS_CA_BUNDLE`.",
            ),
        )
        .attr(
            "http_proxy",
            string().optional().describe(
                "URL of the proxy for http, and for https where neither `https_proxy` nor `HTTPS_PROXY` is set. Default: \
                 `HTTP_PROXY`.",
            ),
        )
        .attr("https_proxy", string().optional().describe("URL of the proxy for https. Default: `HTTPS_PROXY`."))
        .attr(
            "no_proxy",
            string().optional().describe("Hosts that are reached without a proxy, separated by commas. Default: `NO_PROXY`."),
        )
        .attr(
            "use_fips_endpoint",
            boolean().optional().describe(
                "Calls the endpoints that are validated for FIPS 140. Default: `AWS_USE_FIPS_ENDPOINT`, or the profile's \
                 `use_fips_endpoint`.",
            ),
        )
        .attr(
            "use_dualstack_endpoint",
            boolean().optional().describe(
                "Calls the endpoints that have IPv6, too. Default: `AWS_USE_DUALSTACK_ENDPOINT`, or the profile's \
                 `use_dualstack_endpoint`.",
            ),
        )
        .block(
            "endpoints",
            Block::single()
                .describe("Where the services are, if not at AWS: for local-aws, other emulators, and VPC endpoints.")
                .attr("ec2", url("EC2"))
                .attr("vpclattice", url("VPC Lattice"))
                .attr("eventbridge", url("EventBridge"))
                .attr("sfn", url("Step Functions"))
                .attr("sts", url("STS, for the credentials too")),
        )
}

/// A pattern that an empty string, which means the same as null, matches, too.
fn empty_or(pattern: &str) -> String {
    format!("^$|{pattern}")
}
