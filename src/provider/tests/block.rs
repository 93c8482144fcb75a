//! What the block itself is refused for, and what it settles whatever the environment holds.

use terraform_plugin::config;

use super::{configure, local_aws, refused};

#[tokio::test]
async fn bad_input_is_refused_at_its_argument() {
    let role = "arn:aws:iam::123456789012:role/deploy";
    let table = [
        (
            config! { region = "eu-central" },
            "region",
            "the name of a Region",
        ),
        (
            config! { region = "eu-centrl-1" },
            "region",
            "Is eu-central-1 meant?",
        ),
        (
            config! { access_key = "", secret_key = "s" },
            "secret_key",
            "Set both",
        ),
        (config! { access_key = "a" }, "access_key", "Set both"),
        (config! { token = "t" }, "token", "Set both"),
        (
            config! { ignore_tags = { key_prefixes = [""] } },
            "key_prefixes",
            "all tags would be ignored",
        ),
        (config! { retry_mode = "often" }, "retry_mode", "standard"),
        (config! { max_retries = 0 }, "max_retries", "1"),
        (
            config! { allowed_account_ids = ["12"] },
            "allowed_account_ids",
            "twelve digits",
        ),
        (
            config! { allowed_account_ids = ["123456789012"], forbidden_account_ids = ["123456789012"] },
            "account_ids",
            "forbidden_account_ids",
        ),
        (
            config! { allowed_account_ids = ["123456789012"], skip_requesting_account_id = true },
            "skip_requesting_account_id",
            "without asking",
        ),
        (
            config! { assume_role = [{ role_arn = "" }] },
            "assume_role",
            "dynamic",
        ),
        (
            config! { assume_role = [{ role_arn = "deploy" }] },
            "role_arn",
            "ARN",
        ),
        (
            config! { assume_role = [{ role_arn = role, duration = "5m" }] },
            "duration",
            "15m",
        ),
        (
            config! { assume_role = [{ role_arn = role, duration = "soon" }] },
            "duration",
            "duration",
        ),
        (
            config! { assume_role = [{ role_arn = role, session_name = "a b" }] },
            "session_name",
            "letters",
        ),
        (
            config! { assume_role_with_web_identity = [{
                role_arn = role, web_identity_token = "t", web_identity_token_file = "f",
            }] },
            "web_identity_token",
            "Keep one",
        ),
        (
            config! { region = "us-east-1", https_proxy = "http://not a host" },
            "https_proxy",
            "not the URL of a proxy",
        ),
        (config! { endpoints = { sts = "sts" } }, "sts", "URL"),
        (
            config! { default_tags = { tags = { "aws:x" = "1" } } },
            "default_tags",
            "reserved",
        ),
        (
            config! { default_tags = { tags = { "" = "1" } } },
            "default_tags",
            "empty",
        ),
        (
            config! { assume_role = [{ role_arn = role, policy = "{" }] },
            "policy",
            "not a policy in JSON: EOF",
        ),
        (
            config! { assume_role_with_web_identity = [{ role_arn = role, web_identity_token = "t", policy = "[]" }] },
            "policy",
            "it is no object",
        ),
    ];
    for (block, attribute, words) in table {
        let refused = refused(block).await;
        let told = refused.to_string();
        assert!(told.contains(words), "{attribute}: {told}");
        let named = refused.iter().any(|one| one.path.to_string().contains(attribute));
        assert!(named, "{attribute}: {told}");
    }
}

#[tokio::test]
async fn what_is_not_known_yet_is_neither_looked_up_nor_refused() {
    for block in [
        config! { profile = unknown },
        config! { allowed_account_ids = unknown },
        config! { assume_role = [{ role_arn = unknown }] },
        config! { endpoints = { sts = unknown } },
        config! { use_fips_endpoint = unknown },
        config! { default_tags = { tags = { team = unknown } } },
    ] {
        configure(block).await.expect("nothing is asked");
    }
}

#[tokio::test]
async fn an_account_is_let_in_or_refused_before_anything_else_is_asked() {
    let aws = local_aws();
    let url = aws.endpoint();
    let keys = |allowed: &str| {
        config! {
            region = "us-east-1", access_key = "local", secret_key = "local", allowed_account_ids = [allowed],
            endpoints = { ec2 = url, vpclattice = url, eventbridge = url, sts = url },
        }
    };
    configure(keys("123456789012"))
        .await
        .expect("the account is allowed");
    let words = refused(keys("210987654321")).await.to_string();
    assert!(
        words.contains("lets in only 210987654321") && words.contains("user/local"),
        "{words}"
    );
    let operations = aws.calls().into_iter().map(|call| call.operation);
    assert_eq!(
        operations.collect::<Vec<_>>(),
        ["GetCallerIdentity", "GetCallerIdentity"]
    );
}

#[tokio::test]
async fn a_role_that_is_refused_is_told_with_what_it_is_assumed_with() {
    let aws = local_aws();
    let url = aws.endpoint();
    for (role, external_id, part) in [
        ("nobody", "right", "role exists"),
        (
            "deploy",
            "wrong",
            "the external_id is the one that the role wants",
        ),
        ("deploy", "", "the role wants no external_id"),
    ] {
        let role = format!("arn:aws:iam::123456789012:role/{role}");
        let role = role.as_str();
        let words = refused(config! {
            region = "us-east-1", access_key = "local", secret_key = "local", endpoints = { sts = url },
            assume_role = [{ role_arn = role, external_id = external_id }],
        })
        .await
        .to_string();
        let principal = "trust policy names arn:aws:iam::123456789012:user/local, that";
        for part in [
            part,
            role,
            "access_key of the provider block",
            "AccessDenied",
            principal,
        ] {
            assert!(words.contains(part), "{part}: {words}");
        }
    }
}

#[tokio::test]
async fn nothing_is_asked_where_the_credentials_are_not_validated() {
    configure(config! {
        region = "us-east-1", access_key = "local", secret_key = "local", skip_credentials_validation = true,
        endpoints = { sts = "http://127.0.0.1:1" },
    })
    .await
    .expect("nothing is asked");
    configure(config! {
        region = "mars-north-1", access_key = "local", secret_key = "local", skip_credentials_validation = true,
        skip_region_validation = true,
    })
    .await
    .expect("any Region is taken");
}

/// The block of an `aws` provider as platform teams write it, with another name before it.
#[tokio::test]
async fn the_block_of_a_typical_aws_provider_works() {
    let aws = local_aws();
    let url = aws.endpoint();
    configure(config! {
        region = "us-east-1", access_key = "local", secret_key = "local", token = "", profile = "",
        allowed_account_ids = ["123456789012"], max_retries = 5, retry_mode = "adaptive", sts_region = "us-east-1",
        skip_metadata_api_check = true, skip_region_validation = false, skip_credentials_validation = false,
        use_fips_endpoint = false, use_dualstack_endpoint = false, custom_ca_bundle = "", http_proxy = "",
        assume_role = [{
            role_arn = "arn:aws:iam::123456789012:role/deploy", session_name = "terraform", external_id = "right",
            duration = "1h", policy_arns = ["arn:aws:iam::123456789012:policy/boundary"], tags = { team = "orders" },
        }],
        default_tags = { tags = { team = "orders", empty = "", none = null } },
        ignore_tags = { keys = ["cost"], key_prefixes = ["sec:"] },
        endpoints = { ec2 = url, vpclattice = url, eventbridge = url, sfn = url, sts = url },
    })
    .await
    .expect("the block is taken");
    let calls = aws.calls().into_iter().map(|call| call.operation);
    assert_eq!(calls.collect::<Vec<_>>(), ["AssumeRole", "GetCallerIdentity"]);
}
