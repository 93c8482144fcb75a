//! The VPC endpoint: there, of the right kind, available, and with a policy that lets somebody call.

use crate::diagnosis::finding::{Finding, Severity};
use crate::diagnosis::observation::{Observation, Question, SeenEndpoint};
use crate::diagnosis::remedy::Remedy;
use crate::endpoint::Problem;

const PAGE: &str = "Private REST APIs in API Gateway";

pub fn check(seen: &Observation, _: &Question) -> Vec<Finding> {
    let endpoint = seen.endpoint.as_ref();
    endpoint
        .map(|endpoint| judge(endpoint, &seen.region))
        .unwrap_or_default()
}

/// Judges an endpoint by itself.
pub fn judge(seen: &SeenEndpoint, region: &str) -> Vec<Finding> {
    let of_policy = seen
        .network
        .iter()
        .filter(|problem| matches!(problem, Problem::ForbiddenByPolicy { .. }));
    let problems = seen.problem.iter().chain(of_policy);
    problems
        .filter_map(|problem| finding(problem, &seen.id, region))
        .collect()
}

fn finding(problem: &Problem, id: &str, region: &str) -> Option<Finding> {
    match problem {
        Problem::Missing(_) => Some(Finding {
            id: "endpoint-missing",
            severity: Severity::Error,
            seen: format!("There is no VPC endpoint {id} in this account and Region."),
            why: "The path ends there: calls time out.",
            remedies: vec![Remedy::Hcl {
                place: "Make an interface endpoint for execute-api, and give its id to the invocation"
                    .to_owned(),
                text: "vpc_endpoint_id = aws_vpc_endpoint.execute_api.id".to_owned(),
            }],
            page: PAGE,
        }),
        Problem::WrongType { what, .. } => Some(Finding {
            id: "endpoint-type",
            severity: Severity::Error,
            seen: format!("{id} is {what}."),
            why: "Private REST APIs stand behind interface endpoints for execute-api, and behind nothing else.",
            remedies: vec![Remedy::Hcl {
                place: "Make an endpoint of the right kind, and give its id to the invocation".to_owned(),
                text: format!(
                    "service_name      = \"com.amazonaws.{region}.execute-api\"\nvpc_endpoint_type = \"Interface\""
                ),
            }],
            page: PAGE,
        }),
        Problem::NotAvailable { state, .. } => Some(not_available(id, state, region)),
        Problem::NoDomainName { .. } => Some(Finding {
            id: "endpoint-names",
            severity: Severity::Error,
            seen: problem.to_string(),
            why: "The path leads to the endpoint by that name.",
            remedies: vec![Remedy::Words(
                "Wait until the endpoint is available, and look again.".to_owned(),
            )],
            page: PAGE,
        }),
        Problem::ForbiddenByPolicy { why, .. } => Some(Finding {
            id: "endpoint-policy",
            severity: Severity::Error,
            seen: format!("The policy of VPC endpoint {id} refuses every call: {why}."),
            why: "Every call is answered 403 before it reaches the API.",
            remedies: vec![
                Remedy::Words("Let the policy allow execute-api:Invoke for the API.".to_owned()),
                Remedy::command_when(
                    "to allow everything again, as an endpoint without a policy does",
                    format!(
                        "aws ec2 modify-vpc-endpoint --region {region} --vpc-endpoint-id {id} --reset-policy"
                    ),
                ),
            ],
            page: "Use VPC endpoint policies for private APIs in API Gateway",
        }),
        _ => None,
    }
}

fn not_available(id: &str, state: &str, region: &str) -> Finding {
    let is_passing = ["pending", "deleting"]
        .iter()
        .any(|passing| state.eq_ignore_ascii_case(passing));
    let waits = state.eq_ignore_ascii_case("pendingAcceptance");
    let remedy = if waits {
        Remedy::command_when(
            "with the credentials of the owner of its service",
            format!(
                "aws ec2 accept-vpc-endpoint-connections --region {region} --service-id <id of the service> \
                 --vpc-endpoint-ids {id}"
            ),
        )
    } else if is_passing {
        Remedy::Words("Wait, and look again.".to_owned())
    } else {
        Remedy::Hcl {
            place: "Make another interface endpoint for execute-api, and give its id to the invocation"
                .to_owned(),
            text: "vpc_endpoint_id = aws_vpc_endpoint.execute_api.id".to_owned(),
        }
    };
    Finding {
        id: "endpoint-state",
        severity: Severity::Error,
        seen: format!("VPC endpoint {id} is {state}, not available."),
        why: "Nothing answers at its addresses: calls time out.",
        remedies: vec![remedy],
        page: "Access an AWS service using an interface VPC endpoint",
    }
}
