//! The rules of a resource as large as real ones are: what is said of each wrong configuration, and where.

use super::*;
use crate::{
    Type,
    schema::{Schema, map, map_nested, object, set, single, string},
};

fn secret(name: &'static str) -> [(String, Attribute); 3] {
    let (write_only, version) = (format!("{name}_wo"), format!("{name}_wo_version"));
    [
        (name.to_owned(), string().optional().sensitive()),
        (
            write_only.clone(),
            string().optional().write_only().requires([version.as_str()]),
        ),
        (
            version,
            string().optional().rule(Rule::unless(
                [write_only.as_str()],
                [Rule::when(name, [], [Rule::is_absent()])],
            )),
        ),
    ]
}

fn with(members: &[(String, Attribute)]) -> impl Iterator<Item = (&str, Attribute)> {
    members
        .iter()
        .map(|(name, attribute)| (name.as_str(), attribute.clone()))
}

fn schema() -> Schema {
    let root = |path: &[&str]| {
        path.iter()
            .fold(crate::PathExpr::root(), |expr, name| expr.name(name))
    };
    let parameter = secret("secret_value")
        .into_iter()
        .chain([("value".to_owned(), string().optional())]);
    let parameters: Vec<_> = parameter.collect();
    Schema::new(0)
        .attr("vpc_endpoint_id", string().optional())
        .attr(
            "https_endpoint",
            object([("domain_name", Type::String)])
                .optional()
                .not_empty()
                .requires_one_of([root(&["network", "subnet_ids"]), root(&["network", "gateway_id"])]),
        )
        .attr(
            "network",
            single([
                (
                    "subnet_ids",
                    set(Type::String)
                        .optional()
                        .not_empty()
                        .no_nulls()
                        .matches("^subnet-[0-9a-f]+$", "the id of a subnet, such as subnet-0a1b"),
                ),
                ("gateway_id", string().optional().conflicts_with(["subnet_ids"])),
                ("address_type", string().optional().one_of(["IPV4", "IPV6"])),
                (
                    "resolution",
                    string().optional().rule(
                        Rule::when(
                            "address_type",
                            [Rule::one_of(["IPV6"])],
                            [Rule::none_of(["IN_VPC"])],
                        )
                        .because("A gateway of the type IPV6 cannot ask the VPC's resolver."),
                    ),
                ),
                (
                    "addresses",
                    string().optional().rule(Rule::when(
                        "address_type",
                        [Rule::one_of(["IPV6"])],
                        [Rule::is_absent()],
                    )),
                ),
            ])
            .optional()
            .not_empty(),
        )
        .attr(
            "authorization",
            single([
                (
                    "api_key",
                    single(with(&secret("value")))
                        .optional()
                        .each([Rule::exactly_one_of(["value", "value_wo"])]),
                ),
                ("none", single([]).optional()),
            ])
            .optional()
            .each([Rule::exactly_one_of(["api_key", "none"])]),
        )
        .attr(
            "header",
            map_nested(with(&parameters))
                .optional()
                .no_nulls()
                .length(..=2)
                .keys([
                    Rule::matches("^[a-z-]+$", "a header's name"),
                    Rule::none_of_any_case(["x-inert"]),
                ])
                .each([Rule::exactly_one_of(["value", "secret_value", "secret_value_wo"])]),
        )
        .attr(
            "tags",
            map(Type::String)
                .optional()
                .no_nulls()
                .keys([Rule::does_not_match("(?i)^aws:", "one that begins with aws:")])
                .each([Rule::length(..=8)]),
        )
        .rule(Rule::exactly_one_of(["vpc_endpoint_id", "https_endpoint"]))
}

/// A configuration of these arguments, all others null, as the CLI completes one.
fn config(arguments: Value) -> Value {
    crate::value::conform::complete(arguments, &schema().implied_type()).expect("it fits")
}

fn said(arguments: Value) -> Vec<String> {
    let check = ConfigCheck {
        write_only_allowed: true,
    };
    let found = validate(&schema().body, &config(arguments), &check);
    found
        .iter()
        .map(|d| format!("{}: {}", d.path, d.detail))
        .collect()
}

#[test]
fn what_is_good_or_not_known_yet_passes() {
    for good in [
        crate::config! { vpc_endpoint_id = "v" },
        crate::config! { vpc_endpoint_id = unknown },
        crate::config! { https_endpoint = unknown, vpc_endpoint_id = unknown },
        crate::config! { https_endpoint = { domain_name = "d" }, network = { subnet_ids = unknown } },
        crate::config! { https_endpoint = { domain_name = "d" }, network = unknown },
        crate::config! { vpc_endpoint_id = "v", network = { subnet_ids = (Value::set([Value::UNKNOWN])) } },
        crate::config! { vpc_endpoint_id = "v", network = { address_type = unknown, resolution = "IN_VPC" } },
        crate::config! { vpc_endpoint_id = "v", network = { address_type = "IPV6", resolution = unknown } },
        crate::config! { vpc_endpoint_id = "v", network = { address_type = "IPV4", addresses = "1" } },
        crate::config! { vpc_endpoint_id = "v", authorization = { none = {} } },
        crate::config! { vpc_endpoint_id = "v", authorization = { api_key = unknown } },
        crate::config! {
            vpc_endpoint_id = "v", authorization = { api_key = { value_wo = unknown, value_wo_version = "1" } }
        },
        crate::config! { vpc_endpoint_id = "v", header = { a = unknown, b = { value = "x" } } },
        crate::config! { vpc_endpoint_id = "v", tags = { a = unknown } },
        crate::config! { vpc_endpoint_id = "v", tags = unknown },
    ] {
        assert_eq!(said(good.clone()), [""; 0], "{good:?}");
    }
}

#[test]
fn each_wrong_combination_is_told_where_it_is() {
    for (arguments, expected) in [
        (
            crate::config! {},
            ": Exactly one of \"vpc_endpoint_id\" and \"https_endpoint\" must be set; none is. Set one of them.",
        ),
        (
            crate::config! {
                vpc_endpoint_id = "v", https_endpoint = { domain_name = "d" }, network = { gateway_id = "g" }
            },
            "https_endpoint: Exactly one of \"vpc_endpoint_id\" and \"https_endpoint\" must be set; \"vpc_endpoint_id\" \
             and \"https_endpoint\" are. Keep one of them.",
        ),
        (
            crate::config! { https_endpoint = { domain_name = "d" } },
            "https_endpoint: One of \"network.subnet_ids\" and \"network.gateway_id\" must be set where \
             \"https_endpoint\" is. Set one, or remove \"https_endpoint\".",
        ),
        (
            crate::config! { https_endpoint = { }, network = { gateway_id = "g" } },
            "https_endpoint: Nothing in it is set. Set what it is for, or remove it. Check the spelling too: a misspelt \
             argument inside { } is dropped by the CLI without a word.",
        ),
        (
            crate::config! { vpc_endpoint_id = "v", network = { } },
            "network: Nothing in it is set. Set what it is for, or remove it. Check the spelling too: a misspelt \
             argument inside { } is dropped by the CLI without a word.",
        ),
        (
            crate::config! { vpc_endpoint_id = "v", network = { subnet_ids = (Value::set([])) } },
            "network.subnet_ids: It is empty. Give it an element, or remove it.",
        ),
        (
            crate::config! { vpc_endpoint_id = "v", network = { subnet_ids = (Value::set(["x".into()])) } },
            "network.subnet_ids: The element must be the id of a subnet, such as subnet-0a1b; it is \"x\".",
        ),
        (
            crate::config! { vpc_endpoint_id = "v", network = { subnet_ids = (Value::set([Value::Null])) } },
            "network.subnet_ids: An element is null, and must not be. Leave it out.",
        ),
        (
            crate::config! {
                vpc_endpoint_id = "v",
                network = { gateway_id = "g", subnet_ids = (Value::set(["subnet-0".into()])) }
            },
            "network.gateway_id: Only one of \"network.gateway_id\" and \"network.subnet_ids\" can be set. Keep one of \
             them.",
        ),
        (
            crate::config! { vpc_endpoint_id = "v", network = { address_type = "IPV6", resolution = "IN_VPC" } },
            "network.resolution: The value must not be \"IN_VPC\". This follows from \"network.address_type\", which is \
             \"IPV6\". A gateway of the type IPV6 cannot ask the VPC's resolver.",
        ),
        (
            crate::config! { vpc_endpoint_id = "v", network = { address_type = "IPV6", addresses = "1" } },
            "network.addresses: \"network.addresses\" must not be set. Remove it. This follows from \
             \"network.address_type\", which is \"IPV6\".",
        ),
        (
            crate::config! { vpc_endpoint_id = "v", authorization = { } },
            "authorization: Exactly one of \"authorization.api_key\" and \"authorization.none\" must be set; none is. Set \
             one of them. Check the spelling too: a misspelt argument inside { } is dropped by the CLI without a word.",
        ),
        (
            crate::config! { vpc_endpoint_id = "v", authorization = { none = {}, api_key = { value = "x" } } },
            "authorization.none: Exactly one of \"authorization.api_key\" and \"authorization.none\" must be set; \
             \"authorization.api_key\" and \"authorization.none\" are. Keep one of them.",
        ),
        (
            crate::config! { vpc_endpoint_id = "v", authorization = { api_key = { value_wo = "hunter2" } } },
            "authorization.api_key.value_wo: \"authorization.api_key.value_wo_version\" must be set where \
             \"authorization.api_key.value_wo\" is. Set it, or remove \"authorization.api_key.value_wo\".",
        ),
        (
            crate::config! { vpc_endpoint_id = "v", header = { a = null } },
            "header[\"a\"]: The element \"a\" is null, and must not be. Leave the key out where there is nothing to set.",
        ),
        (
            crate::config! { vpc_endpoint_id = "v", header = { a = { } } },
            "header[\"a\"]: Exactly one of `header[\"a\"].value`, `header[\"a\"].secret_value` and \
             `header[\"a\"].secret_value_wo` must be set; none is. Set one of them. Check the spelling too: a misspelt \
             argument inside { } is dropped by the CLI without a word.",
        ),
        // The version goes with the secret that is one too many: one error.
        (
            crate::config! {
                vpc_endpoint_id = "v",
                header = { a = { value = "x", secret_value_wo = "s", secret_value_wo_version = "1" } }
            },
            "header[\"a\"].secret_value_wo: Exactly one of `header[\"a\"].value`, `header[\"a\"].secret_value_wo` and \
             `header[\"a\"].secret_value` must be set; `header[\"a\"].value` and `header[\"a\"].secret_value_wo` are. Keep \
             one of them.",
        ),
        (
            crate::config! {
                vpc_endpoint_id = "v", header = { a = { secret_value = "s", secret_value_wo_version = "1" } }
            },
            "header[\"a\"].secret_value_wo_version: `header[\"a\"].secret_value_wo_version` must not be set. Remove it. \
             This follows from `header[\"a\"].secret_value`, which is set.",
        ),
        (
            crate::config! { vpc_endpoint_id = "v", header = { A = { value = "x" } } },
            "header[\"A\"]: The key must be a header's name; it is \"A\".",
        ),
        (
            crate::config! { vpc_endpoint_id = "v", tags = { "AWS:x" = "y" } },
            "tags[\"AWS:x\"]: The key must not be one that begins with aws:; it is \"AWS:x\".",
        ),
        (
            crate::config! { vpc_endpoint_id = "v", tags = { a = "123456789" } },
            "tags[\"a\"]: The number of characters must be at most 8; it is 9.",
        ),
    ] {
        assert_eq!(said(arguments.clone()), [expected], "{arguments:?}");
    }
}

#[test]
fn messages_never_show_a_secret() {
    let secret = || {
        string()
            .optional()
            .matches("^[a-z]+$", "lower-case letters")
            .length(..=3)
    };
    let schema = Schema::new(0)
        .attr("plain", secret())
        .attr("hidden", secret().sensitive())
        .attr("gone", secret().write_only())
        .attr("within", single([("plain", secret())]).optional().sensitive());
    let text = || Value::from("Hunter2");
    let config = Value::object([
        ("plain", text()),
        ("hidden", text()),
        ("gone", text()),
        ("within", Value::object([("plain", text())])),
    ]);
    let check = ConfigCheck {
        write_only_allowed: true,
    };
    let found = validate(&schema.body, &config, &check);
    assert_eq!(found.len(), 8);
    for diagnostic in &found {
        let shown = diagnostic.detail.contains("it is");
        assert_eq!(shown, diagnostic.path.to_string() == "plain", "{diagnostic}");
    }
}
