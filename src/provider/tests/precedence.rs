//! Where each setting comes from: one row for each line of the table in `templates/guides/provider-configuration.md`.
//!
//! The block of every row forbids the account, so that the provider tells whose credentials it has found and where.

use terraform_plugin::{Value, config};

use super::apart::{Home, Place, place};
use super::{local_aws, refused, sources};

/// The shared configuration file of every row.
const CONFIG: &str = "\
[default]
region = us-east-1

[profile keys]
region = us-east-1
aws_access_key_id = local
aws_secret_access_key = local

[profile wrong]
region = us-east-1
aws_access_key_id = AKIAWRONG
aws_secret_access_key = wrong

[profile hop]
region = us-east-1
role_arn = arn:aws:iam::123456789012:role/hop
role_session_name = by-profile
source_profile = keys

[profile deploy]
region = us-east-1
role_arn = arn:aws:iam::123456789012:role/deploy
role_session_name = by-profile
external_id = right
source_profile = hop

[profile environment]
region = us-east-1
role_arn = arn:aws:iam::123456789012:role/hop
role_session_name = by-profile
credential_source = Environment

[profile web]
region = us-east-1
role_arn = arn:aws:iam::123456789012:role/ci
role_session_name = by-profile
web_identity_token_file = ~/token

[profile process]
region = us-east-1
credential_process = cat ~/process.json

[profile login]
region = us-east-1
login_session = arn:aws:iam::123456789012:user/local

[profile corp]
region = us-east-1
sso_session = corp
sso_account_id = 123456789012
sso_role_name = Admin

[sso-session corp]
sso_region = us-east-1
sso_start_url = https://corp.awsapps.com/start

[profile endpoint]
region = us-east-1
aws_access_key_id = local
aws_secret_access_key = local
endpoint_url = URL

[profile settings]
region = us-east-1
aws_access_key_id = local
aws_secret_access_key = local
max_attempts = 2
use_fips_endpoint = true

[profile dualstack]
region = us-east-1
aws_access_key_id = local
aws_secret_access_key = local
max_attempts = 1
use_dualstack_endpoint = true

[profile bad-retries]
region = us-east-1
aws_access_key_id = local
aws_secret_access_key = local
max_attempts = x
retry_mode = x

[profile bad-endpoint]
region = us-east-1
aws_access_key_id = local
aws_secret_access_key = local
services = bad

[services bad]
vpc_lattice =
  endpoint_url = http://127.0.0.1:1
sts =
  endpoint_url = localhost:4566

[profile services]
region = us-east-1
aws_access_key_id = local
aws_secret_access_key = local
services = local

[services local]
sts =
  endpoint_url = URL
";

const OTHER: &str = "\
[other]
aws_access_key_id = local
aws_secret_access_key = local
region = us-east-1
";

const USER: &str = "arn:aws:iam::123456789012:user/local";

/// A row: variables, block, and what the provider must say.
struct Row {
    name: &'static str,
    variables: Vec<(&'static str, &'static str)>,
    block: Value,
    says: Vec<&'static str>,
}

fn row(
    name: &'static str,
    variables: &[(&'static str, &'static str)],
    block: Value,
    says: &[&'static str],
) -> Row {
    Row {
        name,
        variables: variables.to_vec(),
        block,
        says: says.to_vec(),
    }
}

const KEYS: [(&str, &str); 2] = [("AWS_ACCESS_KEY_ID", "local"), ("AWS_SECRET_ACCESS_KEY", "local")];
const WRONG_KEYS: [(&str, &str); 2] = [
    ("AWS_ACCESS_KEY_ID", "AKIAWRONG"),
    ("AWS_SECRET_ACCESS_KEY", "wrong"),
];
const NO_PROXY_THERE: (&str, &str) = ("HTTPS_PROXY", "http://127.0.0.1:1");
const FORBIDDEN: &str = "123456789012";

#[allow(clippy::too_many_lines, reason = "it is one table")]
fn rows(url: &str) -> Vec<Row> {
    let with =
        |more: &[(&'static str, &'static str)], keys: &[(&'static str, &'static str)]| [keys, more].concat();
    let own = "access_key of the provider block (access key local)";
    let environment = "AWS_ACCESS_KEY_ID of the environment (access key local)";
    let by_role = |name: &str| match name {
        "deploy" => "arn:aws:sts::123456789012:assumed-role/deploy/by-profile",
        "hop" => "arn:aws:sts::123456789012:assumed-role/hop/by-profile",
        _ => "arn:aws:sts::123456789012:assumed-role/ci/by-profile",
    };
    let only =
        || config! { region = "us-east-1", endpoints = { sts = url }, forbidden_account_ids = [FORBIDDEN] };
    let of_profile = |name: &str| {
        config! { profile = name, endpoints = { sts = url }, forbidden_account_ids = [FORBIDDEN] }
    };
    let region = |name: &str| {
        config! {
            access_key = "local", secret_key = "local", region = name, endpoints = { sts = url },
            forbidden_account_ids = [FORBIDDEN],
        }
    };
    vec![
        row(
            "the keys of the block count more than those of the environment",
            &WRONG_KEYS,
            config! {
                region = "us-east-1", access_key = "local", secret_key = "local", endpoints = { sts = url },
                forbidden_account_ids = [FORBIDDEN],
            },
            &[own, USER],
        ),
        row("the keys of the environment", &KEYS, only(), &[environment, USER]),
        row(
            "the keys of the environment count more than AWS_PROFILE",
            &with(&[("AWS_PROFILE", "wrong")], &KEYS),
            only(),
            &[environment],
        ),
        row(
            "a profile of the block is the only source",
            &WRONG_KEYS,
            of_profile("keys"),
            &["profile keys (access key)", USER],
        ),
        row(
            "AWS_PROFILE",
            &[("AWS_PROFILE", "keys")],
            only(),
            &["profile keys (access key)", USER],
        ),
        row(
            "a profile that assumes a role, at the block's STS",
            &[],
            of_profile("hop"),
            &[
                "role arn:aws:iam::123456789012:role/hop, assumed with profile keys",
                by_role("hop"),
            ],
        ),
        row(
            "a profile that assumes a role with a role, and an external id",
            &[],
            of_profile("deploy"),
            &[by_role("deploy")],
        ),
        row(
            "a profile whose credential_source is the environment",
            &KEYS,
            of_profile("environment"),
            &[by_role("hop")],
        ),
        row(
            "a profile with a web identity token",
            &[],
            of_profile("web"),
            &["profile web", by_role("ci")],
        ),
        row(
            "a profile with a process",
            &[],
            of_profile("process"),
            &["profile process (credential_process)", USER],
        ),
        row(
            "a profile that aws login made",
            &[],
            of_profile("login"),
            &["profile login (aws login)", USER],
        ),
        row(
            "a profile of IAM Identity Center",
            &[("AWS_ENDPOINT_URL_SSO", "SOURCES")],
            of_profile("corp"),
            &["profile corp (IAM Identity Center)", USER],
        ),
        row(
            "a web identity of the environment counts more than the default profile",
            &[
                ("AWS_WEB_IDENTITY_TOKEN_FILE", "HOME/token"),
                ("AWS_ROLE_ARN", "arn:aws:iam::123456789012:role/ci"),
                ("AWS_ROLE_SESSION_NAME", "by-profile"),
                ("AWS_PROFILE", "wrong"),
            ],
            only(),
            &[by_role("ci")],
        ),
        row(
            "half of a key, although the default profile has keys",
            &[("AWS_ACCESS_KEY_ID", "local")],
            only(),
            &["AWS_ACCESS_KEY_ID is set, and AWS_SECRET_ACCESS_KEY is not"],
        ),
        row(
            "the other half",
            &[("AWS_SECRET_ACCESS_KEY", "local")],
            only(),
            &["AWS_SECRET_ACCESS_KEY is set, and AWS_ACCESS_KEY_ID is not"],
        ),
        row(
            "a web identity without a role",
            &[("AWS_WEB_IDENTITY_TOKEN_FILE", "HOME/token")],
            only(),
            &["AWS_WEB_IDENTITY_TOKEN_FILE is set, and AWS_ROLE_ARN is not"],
        ),
        row(
            "a role without a web identity, which scripts have for other ends",
            &[
                ("AWS_ROLE_ARN", "arn:aws:iam::123456789012:role/ci"),
                ("AWS_CONTAINER_CREDENTIALS_FULL_URI", "SOURCES/container"),
            ],
            only(),
            &["the container's credentials endpoint", USER],
        ),
        row(
            "a web identity of the block without a role",
            &[],
            config! {
                region = "us-east-1", endpoints = { sts = url },
                assume_role_with_web_identity = [{ web_identity_token = "t" }],
            },
            &["No role for the web identity", "AWS_ROLE_ARN", "Set role_arn"],
        ),
        row(
            "a container",
            &[("AWS_CONTAINER_CREDENTIALS_FULL_URI", "SOURCES/container")],
            only(),
            &["the container's credentials endpoint", USER],
        ),
        row(
            "an instance",
            &[("AWS_EC2_METADATA_SERVICE_ENDPOINT", "SOURCES")],
            only(),
            &["the instance's metadata service", USER],
        ),
        row(
            "an instance that is not asked",
            &[("AWS_EC2_METADATA_SERVICE_ENDPOINT", "SOURCES")],
            config! { region = "us-east-1", endpoints = { sts = url }, skip_metadata_api_check = true },
            &["No valid credentials", "skip_metadata_api_check"],
        ),
        row(
            "assume_role",
            &KEYS,
            config! {
                region = "us-east-1", endpoints = { sts = url }, forbidden_account_ids = [FORBIDDEN],
                assume_role = [{
                    role_arn = "arn:aws:iam::123456789012:role/deploy", session_name = "by-block", external_id = "right",
                    duration = "1h", tags = { team = "orders" }, transitive_tag_keys = ["team"], source_identity = "ci",
                    policy_arns = ["arn:aws:iam::aws:policy/ReadOnlyAccess"],
                }],
            },
            &[
                "assumed-role/deploy/by-block",
                "assumed with AWS_ACCESS_KEY_ID of the environment",
            ],
        ),
        row(
            "assume_role twice, over a profile's role",
            &WRONG_KEYS,
            config! {
                profile = "hop", endpoints = { sts = url }, forbidden_account_ids = [FORBIDDEN],
                assume_role = [
                    { role_arn = "arn:aws:iam::123456789012:role/state-machine" },
                    { role_arn = "arn:aws:iam::123456789012:role/deploy", external_id = "right" },
                ],
            },
            &["assumed-role/deploy/terraform-provider-private"],
        ),
        row(
            "assume_role_with_web_identity counts more than keys",
            &KEYS,
            config! {
                region = "us-east-1", endpoints = { sts = url }, forbidden_account_ids = [FORBIDDEN],
                assume_role_with_web_identity = [{
                    role_arn = "arn:aws:iam::123456789012:role/ci", web_identity_token = "signed",
                }],
                assume_role = [{ role_arn = "arn:aws:iam::123456789012:role/hop", session_name = "by-block" }],
            },
            &[
                "assumed-role/hop/by-block",
                "web_identity_token of the provider block for role",
            ],
        ),
        row(
            "assume_role_with_web_identity takes what it lacks from the environment",
            &[
                ("AWS_WEB_IDENTITY_TOKEN_FILE", "HOME/token"),
                ("AWS_ROLE_ARN", "arn:aws:iam::123456789012:role/ci"),
            ],
            config! {
                region = "us-east-1", endpoints = { sts = url }, forbidden_account_ids = [FORBIDDEN],
                assume_role_with_web_identity = [{ session_name = "by-block" }],
            },
            &["assumed-role/ci/by-block"],
        ),
        row(
            "shared_credentials_files of the block",
            &[("AWS_SHARED_CREDENTIALS_FILE", "HOME/nowhere")],
            config! {
                region = "us-east-1", profile = "other", shared_credentials_files = ["~/other/credentials"],
                endpoints = { sts = url }, forbidden_account_ids = [FORBIDDEN],
            },
            &["profile other", USER],
        ),
        row(
            "AWS_SHARED_CREDENTIALS_FILE",
            &[("AWS_SHARED_CREDENTIALS_FILE", "HOME/other/credentials")],
            config! {
                region = "us-east-1", profile = "other", endpoints = { sts = url }, forbidden_account_ids = [FORBIDDEN],
            },
            &["profile other", USER],
        ),
        row(
            "shared_config_files of the block",
            &[("AWS_CONFIG_FILE", "HOME/nowhere")],
            config! {
                profile = "hop", shared_config_files = ["~/.aws/config"], endpoints = { sts = url },
                forbidden_account_ids = [FORBIDDEN],
            },
            &[by_role("hop")],
        ),
        // Where AWS is. A Region that the local AWS does not serve is refused in its words.
        row(
            "the block's region counts more than the environment's",
            &[("AWS_REGION", "eu-west-1")],
            region("us-east-1"),
            &[USER],
        ),
        row(
            "AWS_REGION",
            &[("AWS_REGION", "eu-west-1"), ("AWS_DEFAULT_REGION", "us-east-1")],
            region(""),
            &["eu-west-1"],
        ),
        row(
            "AWS_DEFAULT_REGION",
            &[("AWS_DEFAULT_REGION", "eu-west-1")],
            region(""),
            &["eu-west-1"],
        ),
        row("the profile's region", &[], region(""), &[USER]),
        row(
            "sts_region",
            &[],
            config! {
                access_key = "local", secret_key = "local", region = "eu-west-1", sts_region = "us-east-1",
                endpoints = { sts = url }, forbidden_account_ids = [FORBIDDEN],
            },
            &[USER],
        ),
        row(
            "endpoints of the block count more than variables",
            &with(
                &[
                    ("AWS_ENDPOINT_URL_STS", "http://127.0.0.1:1"),
                    ("AWS_ENDPOINT_URL", "http://127.0.0.1:1"),
                ],
                &KEYS,
            ),
            only(),
            &[USER],
        ),
        row(
            "AWS_ENDPOINT_URL_STS counts more than AWS_ENDPOINT_URL",
            &with(
                &[
                    ("AWS_ENDPOINT_URL_STS", "URL"),
                    ("AWS_ENDPOINT_URL", "http://127.0.0.1:1"),
                ],
                &KEYS,
            ),
            config! { region = "us-east-1", forbidden_account_ids = [FORBIDDEN] },
            &[USER],
        ),
        row(
            "AWS_ENDPOINT_URL",
            &with(&[("AWS_ENDPOINT_URL", "URL")], &KEYS),
            config! { region = "us-east-1", forbidden_account_ids = [FORBIDDEN] },
            &[USER],
        ),
        row(
            "endpoint_url of the profile",
            &[],
            config! { profile = "endpoint", forbidden_account_ids = [FORBIDDEN] },
            &[USER],
        ),
        row(
            "services of the profile",
            &[],
            config! { profile = "services", forbidden_account_ids = [FORBIDDEN] },
            &[USER],
        ),
        row(
            "a proxy of the block counts more than that of the environment, and than no_proxy of it",
            &with(&[("HTTP_PROXY", "http://127.0.0.1:1")], &KEYS),
            config! {
                region = "us-east-1", http_proxy = url, endpoints = { sts = "http://sts.example" },
                forbidden_account_ids = [FORBIDDEN],
            },
            &[USER],
        ),
        row(
            "HTTP_PROXY",
            &with(&[("HTTP_PROXY", "URL")], &KEYS),
            config! { region = "us-east-1", endpoints = { sts = "http://sts.example" }, forbidden_account_ids = [FORBIDDEN] },
            &[USER],
        ),
        row(
            "no_proxy of the block",
            &with(&[("HTTP_PROXY", "http://127.0.0.1:1")], &KEYS),
            config! {
                region = "us-east-1", no_proxy = "127.0.0.1", endpoints = { sts = url }, forbidden_account_ids = [FORBIDDEN],
            },
            &[USER],
        ),
        // AWS's own endpoints are behind a proxy that is not there, so that the error names them, and how often they were tried.
        row(
            "AWS_MAX_ATTEMPTS",
            &with(&[NO_PROXY_THERE, ("AWS_MAX_ATTEMPTS", "2")], &KEYS),
            config! { region = "us-east-1" },
            &["https://sts.us-east-1.amazonaws.com", "tried 2 times"],
        ),
        row(
            "max_retries counts more than AWS_MAX_ATTEMPTS",
            &with(&[NO_PROXY_THERE, ("AWS_MAX_ATTEMPTS", "1")], &KEYS),
            config! { region = "us-east-1", max_retries = 2 },
            &["tried 2 times"],
        ),
        row(
            "max_attempts and use_fips_endpoint of the profile",
            &[NO_PROXY_THERE],
            config! { profile = "settings" },
            &["https://sts-fips.us-east-1.amazonaws.com", "tried 2 times"],
        ),
        row(
            "AWS_USE_FIPS_ENDPOINT counts more than the profile's",
            &[NO_PROXY_THERE, ("AWS_USE_FIPS_ENDPOINT", "false")],
            config! { profile = "settings", max_retries = 1 },
            &["https://sts.us-east-1.amazonaws.com"],
        ),
        row(
            "use_fips_endpoint counts more than AWS_USE_FIPS_ENDPOINT",
            &with(&[NO_PROXY_THERE, ("AWS_USE_FIPS_ENDPOINT", "false")], &KEYS),
            config! { region = "us-east-1", use_fips_endpoint = true, max_retries = 1 },
            &["https://sts-fips.us-east-1.amazonaws.com"],
        ),
        row(
            "use_dualstack_endpoint of the profile",
            &[NO_PROXY_THERE],
            config! { profile = "dualstack" },
            &["https://sts.us-east-1.api.aws"],
        ),
        row(
            "AWS_USE_DUALSTACK_ENDPOINT counts more than the profile's",
            &[NO_PROXY_THERE, ("AWS_USE_DUALSTACK_ENDPOINT", "false")],
            config! { profile = "dualstack" },
            &["https://sts.us-east-1.amazonaws.com"],
        ),
        row(
            "use_dualstack_endpoint counts more than AWS_USE_DUALSTACK_ENDPOINT",
            &with(&[NO_PROXY_THERE, ("AWS_USE_DUALSTACK_ENDPOINT", "false")], &KEYS),
            config! { region = "us-east-1", use_dualstack_endpoint = true, max_retries = 1 },
            &["https://sts.us-east-1.api.aws"],
        ),
        row(
            "custom_ca_bundle counts more than AWS_CA_BUNDLE",
            &with(&[("AWS_CA_BUNDLE", "HOME/token")], &KEYS),
            config! { region = "us-east-1", endpoints = { sts = url }, custom_ca_bundle = "/nowhere/ca.pem" },
            &["custom_ca_bundle names /nowhere/ca.pem"],
        ),
        row(
            "AWS_CA_BUNDLE",
            &with(&[("AWS_CA_BUNDLE", "HOME/token")], &KEYS),
            only(),
            &["AWS_CA_BUNDLE names", "no certificate"],
        ),
        // What makes no sense.
        row(
            "a URL of the environment without its scheme, with a web identity",
            &[
                ("AWS_ENDPOINT_URL", "localhost:4566"),
                ("AWS_WEB_IDENTITY_TOKEN_FILE", "HOME/token"),
                ("AWS_ROLE_ARN", "arn:aws:iam::123456789012:role/ci"),
            ],
            config! { region = "us-east-1" },
            &["AWS_ENDPOINT_URL is \"localhost:4566\", which is not an http or https URL"],
        ),
        row(
            "a URL of the environment that is not looked at",
            &with(
                &[
                    ("AWS_ENDPOINT_URL", "nonsense"),
                    ("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "true"),
                    NO_PROXY_THERE,
                ],
                &KEYS,
            ),
            config! { region = "us-east-1", max_retries = 1 },
            &[
                "https://sts.us-east-1.amazonaws.com",
                "through the proxy http://127.0.0.1:1",
            ],
        ),
        row(
            "a URL in the services of the profile without its scheme",
            &[],
            config! { profile = "bad-endpoint" },
            &["endpoint_url of STS in the services of profile bad-endpoint is \"localhost:4566\""],
        ),
        row(
            "AWS_MAX_ATTEMPTS that is no number",
            &with(&[("AWS_MAX_ATTEMPTS", "x")], &KEYS),
            only(),
            &[
                "AWS_MAX_ATTEMPTS is \"x\"",
                "max_retries in the provider block counts more",
            ],
        ),
        row(
            "retries of the profile that make no sense",
            &[],
            of_profile("bad-retries"),
            &["max_attempts of profile bad-retries is \"x\""],
        ),
        row(
            "retries of the block over those that make no sense",
            &with(&[("AWS_MAX_ATTEMPTS", "x"), ("AWS_RETRY_MODE", "x")], &KEYS),
            config! {
                region = "us-east-1", endpoints = { sts = url }, max_retries = 2, retry_mode = "adaptive",
                forbidden_account_ids = [FORBIDDEN],
            },
            &[USER],
        ),
        row(
            "retries as the AWS CLI had them, and variables that are empty",
            &with(
                &[
                    ("AWS_MAX_ATTEMPTS", ""),
                    ("AWS_RETRY_MODE", "legacy"),
                    ("AWS_ENDPOINT_URL", ""),
                    ("AWS_REGION", ""),
                    ("AWS_DEFAULT_REGION", ""),
                ],
                &KEYS,
            ),
            config! { endpoints = { sts = url }, forbidden_account_ids = [FORBIDDEN] },
            &[USER],
        ),
        row(
            "AWS_REGION that is empty yields to AWS_DEFAULT_REGION",
            &with(
                &[
                    ("AWS_REGION", ""),
                    ("AWS_DEFAULT_REGION", "eu-west-1"),
                    NO_PROXY_THERE,
                ],
                &KEYS,
            ),
            config! { max_retries = 1 },
            &["https://sts.eu-west-1.amazonaws.com"],
        ),
        row(
            "FIPS endpoints and a URL",
            &with(&[("AWS_USE_FIPS_ENDPOINT", "true")], &KEYS),
            only(),
            &["AWS_USE_FIPS_ENDPOINT and endpoints.sts of the provider block exclude each other"],
        ),
        row(
            "a proxy that is not there, with a password",
            &with(&[("HTTPS_PROXY", "http://user:hunter2@127.0.0.1:1")], &KEYS),
            config! { region = "us-east-1", max_retries = 1 },
            &["through the proxy http://127.0.0.1:1: "],
        ),
        row(
            "a profile that the files of the block do not have",
            &[],
            config! { region = "us-east-1", profile = "nowhere", shared_config_files = ["/nowhere"] },
            &[
                "There is no profile nowhere in /nowhere (no such file)",
                "Only these files are looked into",
            ],
        ),
        // What is missing.
        row(
            "a profile of the block that does not exist",
            &KEYS,
            of_profile("nowhere"),
            &[
                "There is no profile nowhere in ~/.aws/config or ~/.aws/credentials (no such file)",
                "list-profiles",
            ],
        ),
        row(
            "AWS_PROFILE that does not exist",
            &[("AWS_PROFILE", "nowhere")],
            only(),
            &["There is no profile nowhere in", "AWS_PROFILE names it"],
        ),
        row(
            "credentials that AWS does not know",
            &WRONG_KEYS,
            only(),
            &[
                "No valid credentials",
                "AWS_ACCESS_KEY_ID of the environment (access key AKIAWRONG)",
                "export-credentials",
            ],
        ),
        row(
            "nobody is logged in",
            &[],
            of_profile("corp"),
            &["No valid credentials", "Run: aws sso login --profile corp"],
        ),
    ]
}

#[test]
fn each_setting_is_taken_from_the_first_place_that_has_it() {
    if let Some(place) = place() {
        return run(&place);
    }
    let aws = local_aws();
    let url = aws.endpoint();
    let home = Home::new();
    home.write(".aws/config", &CONFIG.replace("URL", url));
    home.write("other/credentials", OTHER);
    home.write("token", "signed\n");
    home.write(
        "process.json",
        r#"{"Version":1,"AccessKeyId":"local","SecretAccessKey":"local"}"#,
    );
    // The name is the SHA-256 of the session's ARN.
    home.write(
        ".aws/login/cache/dddd8f9125c6d1ca050d51982914f171a9e3e7669d44211024f965dcfb553032.json",
        r#"{"accessToken":{"accessKeyId":"local","secretAccessKey":"local","sessionToken":"t","accountId":"123456789012",
            "expiresAt":"2099-01-01T00:00:00Z"},"tokenType":"aws_sigv4","refreshToken":"r","clientId":"c","dpopKey":"k"}"#,
    );
    let sources = sources::serve();
    let mut failed = Vec::new();
    for (number, row) in rows(url).iter().enumerate() {
        // The name is the SHA-1 of the session's name.
        let token = ".aws/sso/cache/ee0bfd2552fbd840c02cc48b6e823320543c450f.json";
        if row.name == "nobody is logged in" {
            std::fs::remove_file(home.path().join(token)).expect("the token was there");
        } else {
            home.write(
                token,
                r#"{"accessToken":"a","expiresAt":"2099-01-01T00:00:00Z","region":"us-east-1"}"#,
            );
        }
        let folder = home.path().display().to_string();
        let fill = |value: &str| {
            let value = value.replace("SOURCES", &sources).replace("HOME", &folder);
            if value == "URL" { url.to_owned() } else { value }
        };
        let variables: Vec<_> = row
            .variables
            .iter()
            .map(|(name, value)| (*name, fill(value)))
            .collect();
        let test = "provider::tests::precedence::each_setting_is_taken_from_the_first_place_that_has_it";
        failed.extend(home.run(test, number, url, &variables));
    }
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}

fn run(place: &Place) {
    let row = rows(&place.url).swap_remove(place.row);
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let words = runtime.block_on(refused(row.block)).to_string();
    for part in row.says {
        assert!(words.contains(part), "{}: {part} is missing in {words}", row.name);
    }
}
