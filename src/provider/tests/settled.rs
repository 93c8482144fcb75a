//! Settings that no error shows: which the provider block, the environment and the profile come to together.

use aws_sdk_ec2::config::retry::RetryMode;
use terraform_plugin::testing::Host;
use terraform_plugin::{Attr, Step, Value, config, path};

use super::apart::{Home, place};
use super::{Private, local_aws};
use crate::client::{Regions, TagPolicy};
use crate::provider::config::{Config, IgnoreTags};
use crate::provider::refusal::of_inherited_tags;

/// The variables of hashicorp/aws for tags: the block's count more, and those that are ignored add up.
#[test]
fn tags_are_taken_from_the_environment_too() {
    let test = "provider::tests::settled::tags_are_taken_from_the_environment_too";
    let Some(place) = place() else {
        let aws = local_aws();
        let variables = [
            ("TF_AWS_DEFAULT_TAGS_env", "variable".to_owned()),
            ("TF_AWS_DEFAULT_TAGS_team", "variable".to_owned()),
        ];
        let failed = Home::new().run(test, 0, aws.endpoint(), &variables);
        assert_eq!(failed, None);
        return;
    };
    let url = place.url.as_str();
    let block = config! {
        region = "us-east-1", access_key = "local", secret_key = "local", default_tags = { tags = { env = "block" } },
        endpoints = { ec2 = url, vpclattice = url, eventbridge = url, sts = url },
    };
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(async {
        let host = Host::new(Private);
        host.configure(block).await.expect("the provider is configured");
        let thing = host.resource("private_api_invocation").expect("the resource");
        let config = config! { name = "orders", vpc_endpoint_id = unknown, authorization = { none = {} } };
        let plan = thing.plan(config).await.expect("a plan");
        for (key, value) in [("env", "block"), ("team", "variable")] {
            let tag = plan.get(&path!("tags_all").then(Step::key(key)));
            assert_eq!(tag.and_then(Value::as_str), Some(value), "{key}");
        }
    });
}

#[test]
fn tags_to_ignore_are_those_of_the_block_and_of_the_environment_together() {
    let test =
        "provider::tests::settled::tags_to_ignore_are_those_of_the_block_and_of_the_environment_together";
    if place().is_none() {
        let variables = [
            ("TF_AWS_IGNORE_TAGS_KEYS", "cost, team".to_owned()),
            ("TF_AWS_IGNORE_TAGS_KEY_PREFIXES", "sec:".to_owned()),
        ];
        assert_eq!(Home::new().run(test, 0, "", &variables), None);
        return;
    }
    let block = Config {
        ignore_tags: Attr::Known(IgnoreTags {
            keys: Attr::Known(vec![Attr::Known("own".to_owned())]),
            key_prefixes: Attr::Null,
        }),
        ..Config::default()
    };
    let policy = block.tags();
    for (key, is_ignored) in [
        ("own", true),
        ("cost", true),
        ("team", true),
        ("sec:scan", true),
        ("env", false),
    ] {
        assert_eq!(policy.ignores(key), is_ignored, "{key}");
    }
}

#[test]
fn a_default_tag_that_aws_does_not_take_is_refused_with_the_variable_that_has_it() {
    let of = |key: &str, value: String| TagPolicy {
        defaults: [(key.to_owned(), value)].into(),
        ..TagPolicy::default()
    };
    for (key, value) in [("aws:x", 1), ("AWS:x", 1), ("long", 257)] {
        let refused = of_inherited_tags(&of(key, "v".repeat(value))).expect("it is refused");
        assert!(
            refused
                .to_string()
                .contains(&format!("TF_AWS_DEFAULT_TAGS_{key}")),
            "{refused}"
        );
    }
    assert!(of_inherited_tags(&of("team", "v".repeat(256))).is_none());
}

#[test]
fn the_retry_mode_is_that_of_the_block_else_of_the_environment_else_of_the_profile() {
    let test = "provider::tests::settled::the_retry_mode_is_that_of_the_block_else_of_the_environment_else_of_the_profile";
    let rows: [(&str, Option<&str>, Attr<String>, RetryMode); 5] = [
        ("", None, Attr::Null, RetryMode::Standard),
        ("adaptive", None, Attr::Null, RetryMode::Adaptive),
        ("", Some("adaptive"), Attr::Null, RetryMode::Adaptive),
        ("standard", Some("adaptive"), Attr::Null, RetryMode::Standard),
        (
            "adaptive",
            None,
            Attr::Known("standard".to_owned()),
            RetryMode::Standard,
        ),
    ];
    let Some(place) = place() else {
        let home = Home::new();
        let keys = "region = us-east-1\naws_access_key_id = local\naws_secret_access_key = local\n";
        home.write(
            ".aws/config",
            &format!("[default]\n{keys}[profile adaptive]\n{keys}retry_mode = adaptive\n"),
        );
        for (number, (variable, ..)) in rows.iter().enumerate() {
            let variables = [("AWS_RETRY_MODE", (*variable).to_owned())];
            let set = if variable.is_empty() {
                &variables[1..]
            } else {
                &variables[..]
            };
            assert_eq!(home.run(test, number, "", set), None);
        }
        return;
    };
    let (_, profile, retry_mode, wanted) = rows[place.row].clone();
    let block = Config {
        profile: profile.map(str::to_owned).into(),
        retry_mode,
        ..Config::default()
    };
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let regions = runtime.block_on(Regions::new(block.settings(Vec::new())));
    let aws = regions.expect("the settings make clients").get(None);
    let mode = aws.ec2.config().retry_config().map(|retries| retries.mode());
    assert_eq!(mode, Some(wanted), "row {}", place.row);
}
