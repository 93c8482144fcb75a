//! The connection: there, private, authorized.

use crate::component::{ConnectionState, SeenConnection};
use crate::diagnosis::finding::{Finding, Severity};
use crate::diagnosis::observation::{Observation, Question};
use crate::diagnosis::remedy::Remedy;

const PAGE: &str = "Connection states in Amazon EventBridge";

pub fn check(seen: &Observation, question: &Question) -> Vec<Finding> {
    let Some(connection) = seen.connection.here() else {
        return vec![missing(seen, question)];
    };
    let mut findings: Vec<_> = by_state(seen, connection).into_iter().collect();
    // A connection on its way may not show its path yet.
    if connection.configuration_arn.is_none() && !connection.is_changing() {
        findings.push(public(seen));
    }
    findings
}

fn missing(seen: &Observation, question: &Question) -> Finding {
    const REFER: &str = "Refer to connection_arn of the invocation instead of copying it";
    if let (Some(asked), Some(now)) = (&question.arn, &seen.successor) {
        return Finding {
            id: "connection-missing",
            severity: Severity::Error,
            seen: format!(
                "{asked} is the ARN of a former connection {}: it is {now} now.",
                seen.name
            ),
            why: "A connection that is made anew has another ARN, and calls through the former one fail with \
                  Events.ConnectionResource.ResourceNotFound.",
            remedies: vec![Remedy::Words(format!("{REFER}."))],
            page: "Connections for HTTP endpoint targets in Amazon EventBridge",
        };
    }
    let what = question.arn.as_ref().map_or_else(
        || format!("There is no EventBridge connection {}", seen.name),
        |arn| format!("There is no EventBridge connection {arn}"),
    );
    Finding {
        id: "connection-missing",
        severity: Severity::Error,
        seen: format!("{what} in account {}, {}.", seen.account, seen.region),
        why: "Calls fail with Events.ConnectionResource.ResourceNotFound. A connection that was made anew has another ARN.",
        remedies: vec![
            Remedy::command_when("if private_api_invocation made it", "terraform apply"),
            Remedy::Words(format!("{REFER}, and check account and Region.")),
        ],
        page: "Connections for HTTP endpoint targets in Amazon EventBridge",
    }
}

fn public(seen: &Observation) -> Finding {
    Finding {
        id: "connection-public",
        severity: Severity::Error,
        seen: format!(
            "The connection {} has no resource configuration: it is a public one.",
            seen.name
        ),
        why: "Its calls take the public internet, from which no private API can be reached.",
        remedies: vec![Remedy::command("terraform apply")],
        page: "Connecting to private APIs in Amazon EventBridge",
    }
}

fn by_state(seen: &Observation, connection: &SeenConnection) -> Option<Finding> {
    let name = &seen.name;
    let reason = connection
        .state_reason
        .as_deref()
        .unwrap_or("AWS gives no reason");
    let reason = reason.trim_end_matches('.');
    match &connection.state {
        ConnectionState::Active | ConnectionState::Authorized => None,
        ConnectionState::Deauthorized | ConnectionState::Deauthorizing => Some(Finding {
            id: "connection-deauthorized",
            severity: Severity::Error,
            seen: format!("The connection {name} is {}: {reason}.", connection.state),
            why: "EventBridge makes no call over it until it is given credentials again. It takes a connection's authorization \
                  away when the API answers 401 or 407, when no token can be had, when somebody asks for it, and when its secret \
                  or the secret's key is gone.",
            remedies: vec![
                Remedy::Words(
                    "Correct the secret, and raise its …_wo_version; a wrong key is wrong again when it is sent again.".to_owned(),
                ),
                Remedy::command_when("to send the credentials again", "terraform apply"),
            ],
            page: "De-authorizing connections in Amazon EventBridge",
        }),
        ConnectionState::FailedConnectivity => Some(Finding {
            id: "connection-failed",
            severity: Severity::Error,
            seen: format!("The connection {name} is FAILED_CONNECTIVITY: {reason}."),
            why: "EventBridge could not connect it to its resource configuration, and makes no call over it.",
            remedies: vec![Remedy::command_when(
                "once the other findings are mended, to try again",
                "terraform apply",
            )],
            page: PAGE,
        }),
        ConnectionState::Deleting => Some(Finding {
            id: "connection-deleting",
            severity: Severity::Error,
            seen: format!("The connection {name} is being deleted."),
            why: "Calls fail with Events.ConnectionResource.InvalidConnectionState, and soon with ResourceNotFound.",
            remedies: vec![Remedy::command_when(
                "once it is gone, if it is still wanted",
                "terraform apply",
            )],
            page: PAGE,
        }),
        state => Some(Finding {
            id: "connection-not-ready",
            severity: Severity::Warning,
            seen: format!("The connection {name} is {state}."),
            why: "It gets ready by itself, in minutes for a private one; till then calls can fail. With OAuth and for long: the \
                  token endpoint does not answer.",
            remedies: vec![Remedy::Words("Wait, and look again.".to_owned())],
            page: PAGE,
        }),
    }
}
