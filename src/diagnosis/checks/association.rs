//! The association by which EventBridge reaches the resource configuration.

use crate::component::{LatticeStatus, SeenAuthorization};
use crate::diagnosis::finding::{Finding, Severity};
use crate::diagnosis::observation::{Observation, Question};
use crate::diagnosis::remedy::Remedy;

const PAGE: &str = "Managing service network resource associations for connections";

pub fn check(seen: &Observation, _: &Question) -> Vec<Finding> {
    let Some(connection) = seen.connection.here() else {
        return Vec::new();
    };
    // EventBridge makes the association anew when the connection is pointed at its configuration again.
    let again = || {
        let arn = connection
            .configuration_arn
            .as_deref()
            .unwrap_or("<ARN of the resource configuration>");
        let command = format!(
            "aws events update-connection --region {} --name {} --authorization-type {} \
             --invocation-connectivity-parameters 'ResourceParameters={{ResourceConfigurationArn={arn}}}'",
            seen.region,
            seen.name,
            type_of(&connection.authorization),
        );
        vec![Remedy::command(command)]
    };
    if seen.association.is_gone() {
        return vec![Finding {
            id: "association-missing",
            severity: Severity::Error,
            seen: format!(
                "The association {} of the connection {} is gone.",
                connection.association_arn.as_deref().unwrap_or_default(),
                seen.name
            ),
            why: "It is the way from EventBridge to the resource configuration: without it no call arrives.",
            remedies: again(),
            page: PAGE,
        }];
    }
    let Some(association) = seen.association.here() else {
        return Vec::new();
    };
    let reason = association
        .failure
        .as_deref()
        .map_or_else(String::new, |failure| format!(": {failure}"));
    let told = format!(
        "The association {} is {}{reason}.",
        association.arn, association.status
    );
    match association.status {
        LatticeStatus::Active => Vec::new(),
        LatticeStatus::CreateInProgress | LatticeStatus::UpdateInProgress => vec![Finding {
            id: "association-not-ready",
            severity: Severity::Warning,
            seen: told,
            why: "It is the way from EventBridge to the resource configuration: till it is ACTIVE, calls can fail.",
            remedies: vec![Remedy::Words("Wait, and look again.".to_owned())],
            page: PAGE,
        }],
        LatticeStatus::Partial => vec![Finding {
            id: "association-partial",
            severity: Severity::Warning,
            seen: told,
            why: "A part of its zones cannot be reached, and calls that take those fail.",
            remedies: again(),
            page: PAGE,
        }],
        _ => vec![Finding {
            id: "association-failed",
            severity: Severity::Error,
            seen: told,
            why: "It is the way from EventBridge to the resource configuration: as it is, no call arrives.",
            remedies: again(),
            page: PAGE,
        }],
    }
}

/// The type of authorization as UpdateConnection takes it: it wants the type beside a new path.
fn type_of(authorization: &SeenAuthorization) -> &str {
    match authorization {
        // A connection without authorization sends a header that says so, as an API key.
        SeenAuthorization::ApiKey { .. } | SeenAuthorization::None => "API_KEY",
        SeenAuthorization::Basic { .. } => "BASIC",
        SeenAuthorization::OAuth(_) => "OAUTH_CLIENT_CREDENTIALS",
        SeenAuthorization::Other(kind) => kind,
    }
}
