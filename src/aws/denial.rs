//! What to allow where AWS denies a call: what its own words name, which need not be the call itself. Where they name
//! nothing, all that AWS asks of the caller for it.

use std::sync::LazyLock;

use regex::Regex;

use super::api::Api;

/// The action, and the resource, as AWS names them: `… is not authorized to perform: ec2:CreateTags on resource: arn:…`.
static DENIED: LazyLock<Regex> = LazyLock::new(|| {
    let action = r"not authorized to perform:? (?<action>[a-z0-9-]+:[A-Za-z0-9*-]+)";
    let resource = r"(?: on (?:the )?resource:? (?<resource>[^\s,]+))?";
    Regex::new(&format!("{action}{resource}")).expect("a pattern")
});

/// What denies it: `… with an explicit deny in a service control policy`, `because no identity-based policy allows …`.
static BY: LazyLock<Regex> = LazyLock::new(|| {
    let explicit = r"with an explicit deny in an? (?<deny>[a-z-]+(?: [a-z-]+){0,3}?(?: policy| boundary))";
    let missing = r"because no (?<missing>[a-z-]+(?: [a-z-]+){0,3}?(?: policy| boundary)) allows";
    Regex::new(&format!("{explicit}|{missing}")).expect("a pattern")
});

/// What AWS asks of the caller beside the operation's own action, the likeliest to be missing first. Sources: the services'
/// guides, "Permissions", and the service authorization reference.
const FURTHER: &[(&str, &[&str])] = &[
    ("CreateSecurityGroup", &["ec2:CreateTags"]),
    ("AuthorizeSecurityGroupEgress", &["ec2:CreateTags"]),
    ("AuthorizeSecurityGroupIngress", &["ec2:CreateTags"]),
    (
        "CreateResourceGateway",
        &[
            "vpc-lattice:TagResource",
            "ec2:DescribeVpcs",
            "ec2:DescribeSubnets",
            "ec2:DescribeSecurityGroups",
            "iam:CreateServiceLinkedRole",
        ],
    ),
    ("CreateResourceConfiguration", &["vpc-lattice:TagResource"]),
    (
        "CreateConnection",
        &[
            "iam:CreateServiceLinkedRole",
            "secretsmanager:CreateSecret",
            "secretsmanager:PutSecretValue",
            "vpc-lattice:GetResourceConfiguration",
            "vpc-lattice:CreateServiceNetworkResourceAssociation",
            "vpc-lattice:AssociateViaAWSService",
            "vpc-lattice:AssociateViaAWSService-EventsAndStates",
            "vpc-lattice:TagResource",
        ],
    ),
    (
        "UpdateConnection",
        &[
            "secretsmanager:PutSecretValue",
            "vpc-lattice:GetResourceConfiguration",
            "vpc-lattice:CreateServiceNetworkResourceAssociation",
            "vpc-lattice:AssociateViaAWSService",
            "vpc-lattice:AssociateViaAWSService-EventsAndStates",
        ],
    ),
    ("DeleteConnection", &["secretsmanager:DeleteSecret"]),
    ("TestState", &["iam:PassRole"]),
];

/// What AWS could not do in the caller's name, in its words, and the action that it asks for (recorded in fresh accounts).
const FAILED: [(&str, &str); 2] = [
    (
        "failed to create service linked role",
        "iam:CreateServiceLinkedRole",
    ),
    ("failed to create the secret", "secretsmanager:CreateSecret"),
];

/// What to do about a denial of `api`, which AWS tells in `message` to `who`.
pub fn remedy(api: Api, message: &str, who: Option<&str>) -> String {
    let who = who.unwrap_or("the provider's credentials");
    let by = BY.captures(message);
    let by = by.as_ref();
    let Some(denied) = DENIED.captures(message) else {
        let lower = message.to_ascii_lowercase();
        if let Some((_, action)) = FAILED.iter().find(|(words, _)| lower.contains(words)) {
            return format!(
                "Allow the IAM action {action} for {who}, which this call asks for beside {api}: by the identity's policies, its \
                 permissions boundary and service control policies."
            );
        }
        let mut all = vec![api.to_string()];
        let further = FURTHER
            .iter()
            .filter(|(operation, _)| *operation == api.operation);
        all.extend(further.flat_map(|(_, actions)| actions.iter().map(|action| (*action).to_owned())));
        return match all.as_slice() {
            [action] => format!("Allow the IAM action {action} for {who}."),
            all => format!(
                "AWS does not say which action it denies. For this call it asks {who} for: {}. See that all are allowed, by \
                 the identity's policies, its permissions boundary and service control policies.",
                all.join(", ")
            ),
        };
    };
    let action = &denied["action"];
    let resource = denied.name("resource").map(|found| found.as_str());
    let on = resource.map_or_else(String::new, |resource| {
        format!(" on {}", resource.trim_end_matches('.'))
    });
    if let Some(policy) = by.and_then(|by| by.name("deny")) {
        return format!(
            "{} denies {action}{on} explicitly, whatever else allows it. Have it changed, or use other credentials.",
            capitalised(&with_article(policy.as_str()))
        );
    }
    let place = by.and_then(|by| by.name("missing")).map(|policy| {
        let policy = with_article(policy.as_str());
        format!(" in {policy}")
    });
    format!(
        "Allow the IAM action {action}{on} for {who}{}.",
        place.unwrap_or_default()
    )
}

fn with_article(words: &str) -> String {
    let article = if words.starts_with(['a', 'e', 'i', 'o', 'u']) {
        "an"
    } else {
        "a"
    };
    format!("{article} {words}")
}

fn capitalised(words: &str) -> String {
    let mut letters = words.chars();
    let first = letters.next().map(|letter| letter.to_ascii_uppercase());
    first.into_iter().chain(letters).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_denial_is_answered_with_what_aws_names() {
        let user = "User: arn:aws:iam::123456789012:user/ci is not authorized to perform:";
        let group = "arn:aws:ec2:us-east-1:123456789012:security-group/*";
        let table = [
            (
                Api::new("ec2", "CreateSecurityGroup"),
                format!(
                    "You are not authorized to perform this operation. {user} ec2:CreateTags on resource: {group} because no \
                     identity-based policy allows the ec2:CreateTags action. Encoded authorization failure message: xyz"
                ),
                vec![
                    "Allow the IAM action ec2:CreateTags on arn:aws:ec2",
                    "in an identity-based policy.",
                ],
            ),
            (
                Api::new("events", "CreateConnection"),
                format!("{user} secretsmanager:CreateSecret on resource: * with an explicit deny in a service control policy"),
                vec!["A service control policy denies secretsmanager:CreateSecret on * explicitly"],
            ),
            (
                Api::new("vpc-lattice", "CreateResourceGateway"),
                format!("{user} vpc-lattice:CreateResourceGateway because no permissions boundary allows it"),
                vec!["vpc-lattice:CreateResourceGateway for", "in a permissions boundary"],
            ),
            (
                Api::new("events", "CreateConnection"),
                "Failed to create service linked role because the caller does not have sufficient permissions".to_owned(),
                vec!["Allow the IAM action iam:CreateServiceLinkedRole for profile ci"],
            ),
            (
                Api::new("events", "CreateConnection"),
                "Failed to create the secret because the user is not authorized".to_owned(),
                vec!["Allow the IAM action secretsmanager:CreateSecret for profile ci"],
            ),
            (
                Api::new("events", "CreateConnection"),
                "Access denied".to_owned(),
                vec![
                    "events:CreateConnection, iam:CreateServiceLinkedRole, secretsmanager:CreateSecret",
                    "vpc-lattice:AssociateViaAWSService",
                ],
            ),
            (
                Api::new("events", "ListConnections"),
                "no".to_owned(),
                vec!["Allow the IAM action events:ListConnections for profile ci."],
            ),
        ];
        for (api, message, parts) in table {
            let words = remedy(api, &message, Some("profile ci"));
            for part in parts {
                assert!(words.contains(part), "{part}: {words}");
            }
        }
    }
}
