//! Variables and profile keys in tables.

use super::*;
use crate::aws::settings::Connection;

/// What these variables and keys of profile dev come to; a key of a service stands as `sts.endpoint_url`.
fn settled(given: &[(&str, &str)], settings: &Settings) -> Result<Settled, Unfit> {
    let find = |name: &str| {
        let found = given
            .iter()
            .find(|(given, value)| *given == name && !value.is_empty());
        found.map(|(_, value)| (*value).to_owned())
    };
    let sources = Sources {
        variable: &find,
        key: &|service, key| match service {
            Some(service) => find(&format!("{}.{key}", service.to_lowercase())),
            None => find(key),
        },
        profile: "dev",
    };
    sources.settle(settings)
}

fn refused(given: &[(&str, &str)]) -> String {
    let refused = settled(given, &Settings::default());
    refused.expect_err(&format!("{given:?}")).to_string()
}

#[test]
fn retries_are_those_of_the_variable_else_of_the_profile_else_25_in_standard_mode() {
    for (given, attempts, mode) in [
        (&[][..], 25, RetryMode::Standard),
        (
            &[("AWS_MAX_ATTEMPTS", ""), ("AWS_RETRY_MODE", "")],
            25,
            RetryMode::Standard,
        ),
        (
            &[("AWS_MAX_ATTEMPTS", "3"), ("max_attempts", "x")],
            3,
            RetryMode::Standard,
        ),
        (
            &[("max_attempts", "3"), ("retry_mode", "Adaptive")],
            3,
            RetryMode::Adaptive,
        ),
        (
            &[("AWS_RETRY_MODE", "legacy"), ("retry_mode", "adaptive")],
            25,
            RetryMode::Standard,
        ),
    ] {
        let settled = settled(given, &Settings::default()).expect("it makes sense");
        assert_eq!((settled.attempts, settled.mode), (attempts, mode), "{given:?}");
    }
}

#[test]
fn what_makes_no_sense_is_told_with_its_place() {
    for (given, words) in [
        (
            ("AWS_MAX_ATTEMPTS", "0"),
            "AWS_MAX_ATTEMPTS is \"0\", which is not a whole number from 1 on",
        ),
        (("AWS_MAX_ATTEMPTS", "x"), "AWS_MAX_ATTEMPTS is \"x\""),
        (("max_attempts", "x"), "max_attempts of profile dev is \"x\""),
        (
            ("AWS_RETRY_MODE", "often"),
            "AWS_RETRY_MODE is \"often\", which is not standard, adaptive or legacy",
        ),
        (("retry_mode", "often"), "retry_mode of profile dev is"),
        (
            ("AWS_USE_FIPS_ENDPOINT", "yes"),
            "AWS_USE_FIPS_ENDPOINT is \"yes\", which is not true or false",
        ),
        (
            ("use_dualstack_endpoint", "1"),
            "use_dualstack_endpoint of profile dev is",
        ),
        (
            ("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "1"),
            "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS is",
        ),
        (
            ("AWS_ENDPOINT_URL", "localhost:4566"),
            "AWS_ENDPOINT_URL is \"localhost:4566\", which is not an http or https URL",
        ),
        (
            ("AWS_ENDPOINT_URL_VPC_LATTICE", "nonsense"),
            "AWS_ENDPOINT_URL_VPC_LATTICE is",
        ),
        (
            ("AWS_ENDPOINT_URL_STS", "https://a/path"),
            "AWS_ENDPOINT_URL_STS is",
        ),
        (
            ("sts.endpoint_url", "nonsense"),
            "endpoint_url of STS in the services of profile dev is",
        ),
        (
            ("vpc lattice.endpoint_url", "nonsense"),
            "endpoint_url of VPC Lattice in the services",
        ),
        (("endpoint_url", "nonsense"), "endpoint_url of profile dev is"),
    ] {
        let told = refused(&[given]);
        assert!(told.starts_with(words), "{words}: {told}");
    }
    let told = refused(&[("AWS_ENDPOINT_URL", "user:hunter2@localhost")]);
    assert!(
        told.starts_with("AWS_ENDPOINT_URL is not an http") && !told.contains("hunter2"),
        "{told}"
    );
}

#[test]
fn what_the_block_settles_is_not_looked_at_elsewhere() {
    let url = Some("http://127.0.0.1:1".to_owned());
    let settings = Settings {
        max_retries: Some(7),
        retry_mode: Some(RetryMode::Adaptive),
        endpoints: Endpoints {
            ec2: url.clone(),
            vpclattice: url.clone(),
            eventbridge: url.clone(),
            sfn: url.clone(),
            sts: url.clone(),
        },
        connection: Connection {
            use_fips: Some(false),
            use_dual_stack: Some(false),
            ..Connection::default()
        },
        ..Settings::default()
    };
    let given = [
        ("AWS_MAX_ATTEMPTS", "x"),
        ("AWS_RETRY_MODE", "x"),
        ("AWS_USE_FIPS_ENDPOINT", "x"),
        ("AWS_USE_DUALSTACK_ENDPOINT", "x"),
        ("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "x"),
        ("AWS_ENDPOINT_URL", "x"),
        ("max_attempts", "x"),
    ];
    let settled = settled(&given, &settings).expect("the block counts");
    assert_eq!((settled.attempts, settled.mode), (7, RetryMode::Adaptive));
    assert_eq!(settled.endpoints.sfn, url);
}

#[test]
fn a_url_is_the_services_own_before_the_common_one_and_the_variables_before_the_profiles() {
    let all = [
        ("endpoint_url", "http://common.of.profile"),
        ("sts.endpoint_url", "http://sts.of.profile"),
        ("AWS_ENDPOINT_URL", "http://common"),
        ("AWS_ENDPOINT_URL_STS", "http://sts"),
    ];
    let mut given = Vec::new();
    for one in all {
        given.push(one);
        let settled = settled(&given, &Settings::default()).expect("URLs");
        assert_eq!(settled.endpoints.sts.as_deref(), Some(one.1));
    }
    given.push(("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "true"));
    let ignoring = settled(&given, &Settings::default()).expect("none is looked at");
    assert_eq!(ignoring.endpoints.sts, None);
    let empty = settled(&[("AWS_ENDPOINT_URL", "")], &Settings::default()).expect("it is left out");
    assert_eq!(empty.endpoints.ec2, None);
}

#[test]
fn endpoints_of_a_kind_and_a_url_exclude_each_other_and_both_are_named() {
    for (given, parts) in [
        (
            [
                ("AWS_USE_FIPS_ENDPOINT", "true"),
                ("AWS_ENDPOINT_URL_EC2", "http://a"),
            ],
            [
                "AWS_USE_FIPS_ENDPOINT and AWS_ENDPOINT_URL_EC2 exclude each other",
                "FIPS",
            ],
        ),
        (
            [("use_dualstack_endpoint", "true"), ("endpoint_url", "http://a")],
            [
                "use_dualstack_endpoint of profile dev and endpoint_url of profile dev",
                "dual-stack",
            ],
        ),
    ] {
        let told = refused(&given);
        for part in parts {
            assert!(told.contains(part), "{part}: {told}");
        }
    }
    settled(
        &[
            ("AWS_USE_FIPS_ENDPOINT", "false"),
            ("AWS_ENDPOINT_URL", "http://a"),
        ],
        &Settings::default(),
    )
    .expect("a flag that is off excludes nothing");
}
