//! The resource gateway: there and ready.

use crate::component::LatticeStatus;
use crate::diagnosis::finding::{Finding, Severity};
use crate::diagnosis::observation::{Observation, Question};
use crate::diagnosis::remedy::Remedy;

const PAGE: &str = "Resource gateways in VPC Lattice";

pub fn check(seen: &Observation, _: &Question) -> Vec<Finding> {
    if seen.gateway.is_gone() {
        return vec![Finding {
            id: "gateway-missing",
            severity: Severity::Error,
            seen: match seen.configuration.here() {
                Some(configuration) => format!(
                    "The resource gateway {} of the resource configuration {} is gone.",
                    configuration.gateway_id, configuration.id
                ),
                None => "The resource gateway is gone.".to_owned(),
            },
            why: "It is the way into the VPC: without it no call arrives.",
            remedies: vec![Remedy::command("terraform apply")],
            page: PAGE,
        }];
    }
    let Some(gateway) = seen.gateway.here() else {
        return Vec::new();
    };
    let told = format!("The resource gateway {} is {}.", gateway.id, gateway.status);
    match gateway.status {
        LatticeStatus::Active => Vec::new(),
        LatticeStatus::CreateInProgress | LatticeStatus::UpdateInProgress => vec![Finding {
            id: "gateway-not-ready",
            severity: Severity::Warning,
            seen: told,
            why: "It gets ready by itself, in seconds; till then calls can fail.",
            remedies: vec![Remedy::Words("Wait, and look again.".to_owned())],
            page: PAGE,
        }],
        LatticeStatus::UpdateFailed => vec![Finding {
            id: "gateway-update-failed",
            severity: Severity::Warning,
            seen: told,
            why: "It goes on with what it had before a change that failed, so it may have other security groups than it shows.",
            remedies: vec![Remedy::command(format!(
                "aws vpc-lattice update-resource-gateway --region {} --resource-gateway-identifier {} --security-group-ids {}",
                seen.region,
                gateway.id,
                gateway
                    .security_group_ids
                    .iter()
                    .map(String::as_str)
                    .collect::<Vec<_>>()
                    .join(" ")
            ))],
            page: PAGE,
        }],
        _ => vec![Finding {
            id: "gateway-failed",
            severity: Severity::Error,
            seen: told,
            why: "It is the way into the VPC, and does not work as it is. The usual cause is a subnet without free addresses.",
            remedies: vec![Remedy::command_when(
                "which makes another and moves the connection to it",
                format!(
                    "terraform apply -replace=<address of the private_api_invocation that has {}>",
                    gateway.id
                ),
            )],
            page: PAGE,
        }],
    }
}
