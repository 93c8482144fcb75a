//! The IAM actions that a call asks for: its own, and those that the services ask for on the caller's behalf.

use crate::error::ApiError;
use crate::protocol::Service;
use crate::settings::DenialWords;
use crate::wildcard;

/// Actions that are asked for beside an operation's own: the operation, a member of the request that makes them
/// necessary (none: always), and the actions. Sources: "Permissions" in the services' guides and the handlers'
/// lists of the CloudFormation registry.
const FURTHER: &[(Service, &str, Option<&str>, &[&str])] = &[
    (
        Service::Ec2,
        "CreateSecurityGroup",
        Some("TagSpecification"),
        &["ec2:CreateTags"],
    ),
    (
        Service::Ec2,
        "CreateVpc",
        Some("TagSpecification"),
        &["ec2:CreateTags"],
    ),
    (
        Service::Ec2,
        "CreateSubnet",
        Some("TagSpecification"),
        &["ec2:CreateTags"],
    ),
    (
        Service::Ec2,
        "CreateVpcEndpoint",
        Some("TagSpecification"),
        &["ec2:CreateTags"],
    ),
    (
        Service::Ec2,
        "AuthorizeSecurityGroupEgress",
        Some("TagSpecification"),
        &["ec2:CreateTags"],
    ),
    (
        Service::Ec2,
        "AuthorizeSecurityGroupIngress",
        Some("TagSpecification"),
        &["ec2:CreateTags"],
    ),
    (
        Service::Lattice,
        "CreateResourceGateway",
        None,
        &[
            "ec2:DescribeVpcs",
            "ec2:DescribeSubnets",
            "ec2:DescribeSecurityGroups",
        ],
    ),
    (
        Service::Lattice,
        "CreateResourceGateway",
        Some("tags"),
        &["vpc-lattice:TagResource"],
    ),
    (
        Service::Lattice,
        "CreateResourceConfiguration",
        Some("tags"),
        &["vpc-lattice:TagResource"],
    ),
    (
        Service::Events,
        "CreateConnection",
        None,
        &[SERVICE_ROLE, SECRET, "secretsmanager:PutSecretValue"],
    ),
    (
        Service::Events,
        "CreateConnection",
        Some("InvocationConnectivityParameters"),
        ASSOCIATION,
    ),
    (
        Service::Events,
        "UpdateConnection",
        Some("AuthParameters"),
        &["secretsmanager:PutSecretValue"],
    ),
    (
        Service::Events,
        "UpdateConnection",
        Some("InvocationConnectivityParameters"),
        ASSOCIATION,
    ),
    (
        Service::Events,
        "DeleteConnection",
        None,
        &["secretsmanager:DeleteSecret"],
    ),
    (Service::Events, "PutTargets", None, &["iam:PassRole"]),
    (Service::States, "CreateStateMachine", None, &["iam:PassRole"]),
    (
        Service::States,
        "UpdateStateMachine",
        Some("roleArn"),
        &["iam:PassRole"],
    ),
    (Service::States, "TestState", Some("roleArn"), &["iam:PassRole"]),
    (
        Service::States,
        "TestState",
        Some("revealSecrets"),
        &["states:RevealSecrets"],
    ),
];

/// EventBridge makes its role when an account has none yet.
const SERVICE_ROLE: &str = "iam:CreateServiceLinkedRole";
const SECRET: &str = "secretsmanager:CreateSecret";

/// Denials of CreateConnection that name no action: seen twice in fresh accounts, in public logs of 2026.
const WITHOUT_ACTION: &[(&str, &str)] = &[
    (
        SERVICE_ROLE,
        "Failed to create service linked role because the caller does not have sufficient permissions",
    ),
    (
        SECRET,
        "Failed to create the secret because the user is not authorized",
    ),
];

/// What a caller is told who is denied an action.
pub(crate) fn denial(service: Service, caller: &str, action: &str, words: DenialWords) -> ApiError {
    let error = service.access_denied(caller, action);
    let short = WITHOUT_ACTION.iter().find(|(of, _)| *of == action);
    match (words, short) {
        (DenialWords::WithoutAction, Some((_, message))) if service == Service::Events => ApiError {
            message: (*message).to_owned(),
            ..error
        },
        _ => error,
    }
}

/// The service authorization reference lists all of them; EventBridge's own minimum policy leaves the tag and the
/// first form of the association out.
const ASSOCIATION: &[&str] = &[
    "vpc-lattice:GetResourceConfiguration",
    "vpc-lattice:CreateServiceNetworkResourceAssociation",
    "vpc-lattice:AssociateViaAWSService",
    "vpc-lattice:AssociateViaAWSService-EventsAndStates",
    "vpc-lattice:TagResource",
];

/// What the role of a state machine needs for an HTTP task, with the error that a missing one is.
pub(crate) const OF_HTTP_TASKS: &[(&str, &str)] = &[
    ("states:InvokeHTTPEndpoint", "States.Http.AccessDenied"),
    (
        "events:RetrieveConnectionCredentials",
        "Events.ConnectionResource.AccessDenied",
    ),
    (
        "secretsmanager:DescribeSecret",
        "Events.ConnectionResource.AccessDenied",
    ),
    (
        "secretsmanager:GetSecretValue",
        "Events.ConnectionResource.AccessDenied",
    ),
];

/// What the role of a rule needs for an API destination.
pub(crate) const OF_DELIVERIES: &str = "events:InvokeApiDestination";

/// What the role of a rule needs for a state machine.
pub(crate) const OF_STARTS: &str = "states:StartExecution";

/// The actions of a call; `has` tells whether its request has a member.
pub(crate) fn of_call(service: Service, operation: &str, has: impl Fn(&str) -> bool) -> Vec<String> {
    let own = format!("{}:{operation}", service.signing_name());
    let further = FURTHER
        .iter()
        .filter(|(of, name, member, _)| *of == service && *name == operation && member.is_none_or(&has))
        .flat_map(|(.., actions)| actions.iter().map(|action| (*action).to_owned()));
    std::iter::once(own).chain(further).collect()
}

/// Whether a pattern is of any action that is ever asked for.
pub(super) fn is_known(pattern: &str) -> bool {
    let known = |action: &str| is_of(pattern, action);
    Service::ALL.into_iter().any(|service| {
        let mut operations = service.operations().into_iter();
        operations.any(|operation| known(&format!("{}:{operation}", service.signing_name())))
    }) || FURTHER
        .iter()
        .flat_map(|(.., actions)| *actions)
        .any(|action| known(action))
        || OF_HTTP_TASKS.iter().any(|(action, _)| known(action))
        || known(OF_DELIVERIES)
}

/// Whether an action is of a pattern; actions have no case.
pub(super) fn is_of(pattern: &str, action: &str) -> bool {
    pattern.contains(':')
        && wildcard::matches(
            &wildcard::tokens(&pattern.to_lowercase(), true),
            &action.to_lowercase(),
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_asks_for_what_its_request_makes_necessary() {
        let plain = of_call(Service::Ec2, "CreateSecurityGroup", |_| false);
        assert_eq!(plain, ["ec2:CreateSecurityGroup"]);
        let tagged = of_call(Service::Ec2, "CreateSecurityGroup", |member| {
            member == "TagSpecification"
        });
        assert_eq!(tagged, ["ec2:CreateSecurityGroup", "ec2:CreateTags"]);
    }

    #[test]
    fn only_actions_that_are_asked_for_are_known() {
        for known in [
            "ec2:CreateSecurityGroup",
            "events:*",
            "EC2:describe*",
            "iam:PassRole",
            "states:InvokeHTTPEndpoint",
        ] {
            assert!(is_known(known), "{known}");
        }
        for unknown in ["ec2:CreateSecurtyGroup", "CreateSecurityGroup", "s3:*", "*"] {
            assert!(!is_known(unknown), "{unknown}");
        }
    }
}
