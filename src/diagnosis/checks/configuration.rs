//! The resource configuration: there, ready, with the port that calls take, and with a name that leads to the whole
//! endpoint.

use crate::component::{LatticeStatus, PortRange, SeenConfiguration, ports};
use crate::diagnosis::finding::{Finding, Severity};
use crate::diagnosis::observation::{Observation, Question};
use crate::diagnosis::remedy::Remedy;

const PAGE: &str = "Resource configurations for VPC resources";

pub fn check(seen: &Observation, question: &Question) -> Vec<Finding> {
    if seen.configuration.is_gone() {
        return vec![missing(seen)];
    }
    let Some(configuration) = seen.configuration.here() else {
        return Vec::new();
    };
    let checks = [
        by_status(configuration),
        not_tcp(configuration),
        other_port(seen, question, configuration),
        zonal_name(seen, configuration),
    ];
    checks.into_iter().flatten().collect()
}

fn missing(seen: &Observation) -> Finding {
    let connection = seen.connection.here();
    let arn = connection.and_then(|connection| connection.configuration_arn.as_deref());
    Finding {
        id: "configuration-missing",
        severity: Severity::Error,
        seen: format!(
            "The resource configuration {} of the connection {} is gone, or is shared with this account no more.",
            arn.unwrap_or_default(),
            seen.name
        ),
        why: "It says where the path leads: without it no call arrives.",
        remedies: vec![
            Remedy::command_when("if private_api_invocation made it", "terraform apply"),
            Remedy::Words("Else ask its owner to share it again.".to_owned()),
        ],
        page: PAGE,
    }
}

fn by_status(configuration: &SeenConfiguration) -> Option<Finding> {
    let status = &configuration.status;
    let reason = configuration
        .failure_reason
        .as_deref()
        .map_or_else(String::new, |why| format!(": {why}"));
    let told = format!(
        "The resource configuration {} is {status}{reason}.",
        configuration.id
    );
    match status {
        LatticeStatus::Active => None,
        LatticeStatus::CreateInProgress | LatticeStatus::UpdateInProgress => Some(Finding {
            id: "configuration-not-ready",
            severity: Severity::Warning,
            seen: told,
            why: "It gets ready by itself, in seconds; till then calls can fail.",
            remedies: vec![Remedy::Words("Wait, and look again.".to_owned())],
            page: PAGE,
        }),
        _ => Some(Finding {
            id: "configuration-failed",
            severity: Severity::Error,
            seen: told,
            why: "It says where the path leads, and does not work as it is.",
            remedies: vec![Remedy::command_when(
                "which makes another and moves the connection to it",
                format!(
                    "terraform apply -replace=<address of the private_api_invocation that has {}>",
                    configuration.id
                ),
            )],
            page: PAGE,
        }),
    }
}

fn not_tcp(configuration: &SeenConfiguration) -> Option<Finding> {
    let fits = configuration.single_tcp && configuration.target.is_some();
    (!fits).then(|| Finding {
        id: "configuration-type",
        severity: Severity::Error,
        seen: format!(
            "The resource configuration {} is not one of TCP to a DNS name or an address.",
            configuration.id
        ),
        why: "EventBridge and Step Functions call https URLs, by a host name.",
        remedies: vec![Remedy::Words(
            "Give the connection a resource configuration of the type SINGLE, for TCP, with a DNS name or an address."
                .to_owned(),
        )],
        page: "Connecting to private APIs in Amazon EventBridge",
    })
}

fn other_port(seen: &Observation, question: &Question, configuration: &SeenConfiguration) -> Option<Finding> {
    let port = question
        .url
        .as_ref()
        .map_or_else(|| seen.endpoint.as_ref().map(|_| 443), |url| Some(url.port))?;
    let admits = |ports: &PortRange| ports.overlaps(PortRange::one(port));
    if configuration.ports().iter().any(admits) {
        return None;
    }
    // API Gateway answers on 443 alone: the path is right, and the URL is not.
    if seen.endpoint.is_some() && port != 443 {
        return Some(Finding {
            id: "configuration-port",
            severity: Severity::Error,
            seen: format!(
                "The URL names port {port}, and the resource configuration {} admits {}.",
                configuration.id,
                ports::named(&configuration.port_ranges)
            ),
            why: "API Gateway answers on port 443 alone; on another one, calls time out.",
            remedies: vec![Remedy::Words("Leave the port out of the URL.".to_owned())],
            page: PAGE,
        });
    }
    Some(Finding {
        id: "configuration-port",
        severity: Severity::Error,
        seen: format!(
            "The resource configuration {} admits {}, and calls take port {port}.",
            configuration.id,
            ports::named(&configuration.port_ranges)
        ),
        why: "Nothing answers calls on a port that it does not admit: they time out.",
        remedies: vec![Remedy::command(format!(
            "aws vpc-lattice update-resource-configuration --region {} --resource-configuration-identifier {} --port-ranges {port}",
            seen.region, configuration.id
        ))],
        page: PAGE,
    })
}

/// A name of one zone works until that zone fails, or the gateway has no part in it.
fn zonal_name(seen: &Observation, configuration: &SeenConfiguration) -> Option<Finding> {
    let endpoint = seen.endpoint.as_ref()?.endpoint.here()?;
    let name = configuration.domain_name()?;
    (!name.eq_ignore_ascii_case(&endpoint.domain_name)).then(|| Finding {
        id: "configuration-name",
        severity: Severity::Warning,
        seen: format!(
            "The resource configuration {} leads to {name}, not to {}, the regional name of VPC endpoint {}.",
            configuration.id, endpoint.domain_name, endpoint.id
        ),
        why: "A name of one zone takes every call to that zone, and fails with it.",
        remedies: vec![Remedy::Hcl {
            place: "In the resource configuration".to_owned(),
            text: "provider::private::regional_dns_name(aws_vpc_endpoint.execute_api.dns_entry)".to_owned(),
        }],
        page: "Private REST APIs in API Gateway",
    })
}
