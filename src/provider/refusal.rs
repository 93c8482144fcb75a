//! Why a provider block cannot be used, as diagnostics: each told once, where the block says it.

use std::time::Duration;

use terraform_plugin::{Attr, Diagnostic, Diagnostics, GoDuration, Path, path};

use super::config::{Config, is_set, is_true, known};
use super::schema::{LONGEST_KEY, LONGEST_VALUE};
use crate::aws::{Arn, AwsError, ErrorKind, Unfit, Unsuitable, Unusable, UnusableConnection, region};
use crate::client::{TAG_PREFIX, TagPolicy};

/// What is wrong with the block whatever the environment holds.
pub fn of_block(config: &Config) -> Diagnostics {
    let mut wrong = keys(config);
    wrong.extend(roles(config));
    if is_true(&config.skip_requesting_account_id) && config.is_guarded() {
        let detail = "allowed_account_ids and forbidden_account_ids cannot be kept to without asking for the account. Remove \
                      them, or skip_requesting_account_id.";
        wrong.push(
            Diagnostic::error("The account is to be checked, but not asked for", detail)
                .at(path!("skip_requesting_account_id")),
        );
    }
    wrong
}

fn keys(config: &Config) -> Diagnostics {
    let mut wrong = Diagnostics::new();
    let mut needs = |given: &Attr<String>, other: &Attr<String>, name: &str, other_name: &str| {
        if given.known().is_some_and(|value| !value.is_empty()) && !is_set(other) {
            let detail = format!("{name} is of no use without {other_name}. Set both, or neither.");
            wrong.push(Diagnostic::error(format!("{other_name} is missing"), detail).at(path!(name)));
        }
    };
    needs(&config.access_key, &config.secret_key, "access_key", "secret_key");
    needs(&config.secret_key, &config.access_key, "secret_key", "access_key");
    needs(&config.token, &config.access_key, "token", "access_key");
    wrong
}

fn roles(config: &Config) -> Diagnostics {
    const FEDERATED: &str = "assume_role_with_web_identity";
    let mut wrong = Diagnostics::new();
    for (at, role) in (0_i64..).zip(config.assume_role.known().into_iter().flatten()) {
        if !is_set(&role.role_arn) {
            let detail = "An assume_role block without a role_arn would leave the provider with the credentials that the \
                          role is assumed with, perhaps of another account. Set role_arn, or leave the block out, with \
                          dynamic \"assume_role\" where that depends on a variable.";
            let path = path!("assume_role", at, "role_arn");
            wrong.push(Diagnostic::error("role_arn is missing", detail).at(path));
        }
        wrong.extend(policy(&role.policy, path!("assume_role", at, "policy")));
        let path = path!("assume_role", at, "duration");
        wrong.extend(length(&role.duration, path));
    }
    let federated = config.assume_role_with_web_identity.known();
    for (at, role) in (0_i64..).zip(federated.into_iter().flatten()) {
        wrong.extend(length(&role.duration, path!(FEDERATED, at, "duration")));
        wrong.extend(policy(&role.policy, path!(FEDERATED, at, "policy")));
        if role
            .web_identity_token
            .known()
            .is_some_and(|token| !token.is_empty())
            && role
                .web_identity_token_file
                .known()
                .is_some_and(|file| !file.is_empty())
        {
            let detail = "web_identity_token and web_identity_token_file both give the token. Keep one.";
            wrong.push(Diagnostic::error("The token is given twice", detail).at(path!(
                FEDERATED,
                at,
                "web_identity_token"
            )));
        }
    }
    wrong
}

/// That a session's policy is no object in JSON, of which STS says only that it is malformed.
fn policy(policy: &Attr<String>, path: Path) -> Option<Diagnostic> {
    let text = policy.known().filter(|text| !text.is_empty())?;
    let why = match serde_json::from_str::<serde_json::Value>(text) {
        Ok(serde_json::Value::Object(_)) => return None,
        Ok(_) => "it is no object".to_owned(),
        Err(error) => error.to_string(),
    };
    let detail = format!(
        "policy is not a policy in JSON: {why}. Write it with jsonencode, or take the json of \
                          aws_iam_policy_document."
    );
    Some(Diagnostic::error("Malformed policy", detail).at(path))
}

fn length(duration: &Attr<GoDuration>, path: Path) -> Option<Diagnostic> {
    let given = duration.known()?.get();
    let hours = 60 * 60;
    let fits = (Duration::from_secs(15 * 60)..=Duration::from_secs(12 * hours)).contains(&given);
    (!fits).then(|| {
        let detail = "STS gives sessions of 15m to 12h, and not longer than the role's own maximum.";
        Diagnostic::error("The session is too short or too long", detail).at(path)
    })
}

/// What the settings miss that the environment does not give either. `of_block` where the block names the profile.
pub fn of_settings(error: &Unusable, names_profile: bool) -> Diagnostic {
    let words = error.to_string();
    match error {
        Unusable::NoRegion => Diagnostic::error(
            "No Region",
            "No Region is set: neither in the provider block, nor in AWS_REGION or AWS_DEFAULT_REGION, nor in the profile. Set region \
             in the provider block.",
        )
        .at(path!("region")),
        Unusable::UnknownRegion(name) => Diagnostic::error(
            "Unknown Region",
            format!(
                "{} Correct region, AWS_REGION or the profile's region, whichever names it; or set skip_region_validation = true, \
                 where the Region is newer than this version of the provider.",
                region::unknown(name)
            ),
        )
        .at(path!("region")),
        Unusable::Connection(UnusableConnection::Authorities { of_block, .. }) => {
            let diagnostic = Diagnostic::error(
                "Unusable certificate authorities",
                format!("{words}. Correct it or leave it out; without it the system's authorities are used."),
            );
            if *of_block {
                diagnostic.at(path!("custom_ca_bundle"))
            } else {
                diagnostic
            }
        }
        Unusable::Connection(UnusableConnection::Proxy { argument, why }) => Diagnostic::error(
            "Unusable proxy",
            format!("{argument} is not the URL of a proxy, such as http://proxy.example:3128: {why}."),
        )
        .at(path!(*argument)),
        Unusable::Inherited(Unfit::Senseless { place, argument, .. }) => {
            let summary = format!("Unusable {place}");
            let detail = format!("{words}. Correct it, or leave it out. {argument} in the provider block counts more.");
            Diagnostic::error(summary, detail)
        }
        Unusable::Inherited(Unfit::Exclusive { .. }) => Diagnostic::error(
            "Two settings exclude each other",
            format!("{words}. Leave one of them out."),
        ),
        Unusable::Profile(unsuitable) => {
            let of_name;
            let (summary, remedy) = match unsuitable {
                Unsuitable::Missing { of_block: true, .. } => (
                    "No such profile",
                    "Only these files are looked into, since shared_config_files or shared_credentials_files of the provider \
                     block names them. Correct the path or the profile.",
                ),
                Unsuitable::Missing { .. } if names_profile => (
                    "No such profile",
                    "A profile that the provider block names is the only source of credentials, so that nothing else is tried. \
                     List the profiles with: aws configure list-profiles",
                ),
                Unsuitable::Missing { .. } => (
                    "No such profile",
                    "AWS_PROFILE names it. List the profiles with: aws configure list-profiles",
                ),
                Unsuitable::Files(_) => ("Unreadable configuration files", "Correct the file."),
                Unsuitable::NoRole => ("No role for the web identity", "Set role_arn in it."),
                Unsuitable::Half { .. } => (
                    "Half of the credentials",
                    "Set it too; or unset the other, for the next source: a profile, else the role of the container or the instance.",
                ),
                Unsuitable::Senseless { name, .. } => {
                    of_name = format!("See what the AWS CLI says: aws configure list --profile {name}");
                    ("Unusable profile", of_name.as_str())
                }
            };
            let diagnostic = Diagnostic::error(summary, format!("{words}. {remedy}"));
            match unsuitable {
                Unsuitable::NoRole => diagnostic.at(path!("assume_role_with_web_identity")),
                _ if names_profile => diagnostic.at(path!("profile")),
                _ => diagnostic,
            }
        }
    }
}

/// A tag that AWS does not take. Those of the block keep to the schema's rules, so that it is one of the environment.
pub fn of_inherited_tags(tags: &TagPolicy) -> Option<Diagnostic> {
    let is_reserved = |key: &str| {
        let lower = key.to_ascii_lowercase();
        lower.starts_with("aws:") || key.starts_with(TAG_PREFIX)
    };
    let unusable = |(key, value): &(&String, &String)| {
        is_reserved(key) || key.chars().count() > LONGEST_KEY || value.chars().count() > LONGEST_VALUE
    };
    let (key, _) = tags.defaults.iter().find(unusable)?;
    let detail = format!(
        "TF_AWS_DEFAULT_TAGS_{key} is a tag that AWS does not take: a key has up to {LONGEST_KEY} characters and does not begin with \
         aws: or {TAG_PREFIX}, a value has up to {LONGEST_VALUE}. Correct the variable, or unset it."
    );
    Some(Diagnostic::error("Unusable default tag", detail))
}

/// That AWS could not be asked who the credentials are.
pub fn of_caller(error: &AwsError) -> Diagnostic {
    let summary = match error.kind {
        ErrorKind::Credentials => "No valid credentials",
        _ => "AWS could not be asked whose the credentials are",
    };
    let later = "Nothing else was asked. skip_credentials_validation = true in the provider block leaves this question out.";
    let detail = match error.kind {
        ErrorKind::Credentials => error.to_string(),
        _ => format!("{error}\n{later}"),
    };
    Diagnostic::error(summary, detail)
}

/// That the credentials are of an account that the block does not let in.
/// `signer` says where the credentials come from.
pub fn of_account(config: &Config, caller: &Arn, signer: &str) -> Option<Diagnostic> {
    let account = &caller.account;
    let allowed = known(&config.allowed_account_ids);
    let (attribute, why) = if !allowed.is_empty() && !allowed.contains(account) {
        let only = allowed.join(", ");
        ("allowed_account_ids", format!("lets in only {only}"))
    } else if known(&config.forbidden_account_ids).contains(account) {
        ("forbidden_account_ids", "names it".to_owned())
    } else {
        return None;
    };
    let detail = format!(
        "The credentials of {signer} are those of {caller}, of the account {account}; {attribute} {why}. Use credentials of \
         another account, by profile or assume_role of the provider block. Nothing was changed."
    );
    Some(Diagnostic::error("The account is not allowed", detail).at(path!(attribute)))
}
