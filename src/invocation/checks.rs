//! What has to be right of the network before anything is built: warnings in a plan, errors at the start of an apply.

use std::collections::BTreeSet;

use reconcile::{Fact, Recorded, Step};
use terraform_plugin::{Cx, Diagnostic, Diagnostics, path};

use super::desired::Desired;
use super::located::{Located, Look, Trouble};
use super::slots::{CONFIGURATION_SLOT, GATEWAY_SLOT, GROUP_SLOT};
use crate::aws::AwsError;
use crate::client::{Aws, Client};
use crate::component::Connection;
use crate::endpoint::{self, Asking, Finding, Needs, Problem};

/// Tells what is wrong with what the configuration points at, in a plan.
pub fn warn(cx: &Cx<Client>, troubles: &[Trouble], unchecked: &[AwsError]) {
    for trouble in troubles {
        cx.warn(trouble_words(trouble, false));
    }
    for error in unchecked {
        cx.warn(unchecked_words(error));
    }
}

/// Refuses to begin.
pub fn refuse(cx: &Cx<Client>, troubles: &[Trouble], unchecked: &[AwsError]) -> Result<(), Diagnostics> {
    for error in unchecked {
        cx.warn(unchecked_words(error));
    }
    let mut wrong = Diagnostics::new();
    for trouble in troubles {
        wrong.push(trouble_words(trouble, true));
    }
    wrong.into_outcome()
}

/// Tells in a plan what is wrong with the network for what `steps` build.
pub async fn warn_of_network(
    cx: &Cx<Client>,
    aws: &Aws,
    desired: &Desired,
    located: &Located,
    recorded: &Recorded,
    steps: &[Step],
) {
    for finding in findings(aws, desired, located, recorded, steps, Asking::Anew).await {
        cx.warn(finding_words(&finding, false));
    }
}

/// Refuses to build what `steps` say where the network does not let it work.
pub async fn refuse_network(
    cx: &Cx<Client>,
    aws: &Aws,
    desired: &Desired,
    located: &Located,
    recorded: &Recorded,
    steps: &[Step],
) -> Result<(), Diagnostics> {
    let mut wrong = Diagnostics::new();
    for finding in findings(aws, desired, located, recorded, steps, Asking::AfterItsPlan).await {
        match &finding {
            Finding::Problem(_) => wrong.push(finding_words(&finding, true)),
            Finding::Unchecked(_) => cx.warn(finding_words(&finding, true)),
        }
    }
    wrong.into_outcome()
}

/// Tells in the plan of a create that its name is taken, and that the account has few private connections left, where
/// that can be seen.
pub async fn warn_of_connections(cx: &Cx<Client>, aws: &Aws, name: &str) {
    let page = match aws.listings.first_connections().await {
        Ok(page) => Some(page),
        Err(error) => {
            let detail = format!("{error}\n\nThe apply goes on without this check.");
            cx.warn(Diagnostic::warning("Could not count the connections", detail));
            None
        }
    };
    if let Some(problem) = page.as_ref().and_then(|page| endpoint::near_quota(page)) {
        cx.warn(finding_words(&Finding::Problem(problem), false));
    }
    let listed = page.as_ref().and_then(|page| {
        let named = page.connections.iter().find(|(listed, ..)| listed == name);
        named.map(|(_, arn, _)| arn.clone())
    });
    let taken = match listed {
        Some(arn) => Some(arn),
        None if page.is_some_and(|page| page.is_whole) => None,
        None => match Connection::new(aws, name).describe().await {
            Ok(seen) => seen.map(|seen| seen.arn),
            Err(error) => {
                let detail = format!("{error}\n\nThe apply finds out before it changes anything.");
                cx.warn(Diagnostic::warning(
                    "Could not see whether the name is free",
                    detail,
                ));
                None
            }
        },
    };
    // It may be one that is about to be destroyed (a tainted resource, a replacement), so that an error here would lock
    // the resource for good.
    if let Some(arn) = taken {
        let detail = format!(
            "The connection {arn} exists. The apply stops before it changes anything, unless that connection was \
             destroyed by then, or was left by an apply of this resource that was killed."
        );
        cx.warn(Diagnostic::warning("The name is taken", detail).at(path!("name")));
    }
}

/// Whether any of the steps builds a part of the path.
pub fn builds_path(steps: &[Step]) -> bool {
    steps.iter().any(|step| {
        let slot = step.slot();
        matches!(step, Step::Create(_) | Step::Replace(..))
            && (*slot == GATEWAY_SLOT || *slot == CONFIGURATION_SLOT)
    })
}

async fn findings(
    aws: &Aws,
    desired: &Desired,
    located: &Located,
    recorded: &Recorded,
    steps: &[Step],
    asking: Asking,
) -> Vec<Finding> {
    let path = &desired.path;
    let (Fact::Known(vpc_id), Fact::Known(subnet_ids), Fact::Known(port)) =
        (&path.vpc_id, &path.subnet_ids, path.port)
    else {
        return Vec::new();
    };
    if !builds_path(steps) {
        return Vec::new();
    }
    let shared = matches!(path.shared_gateway, Fact::Known(_));
    let builds_gateway = steps
        .iter()
        .any(|step| *step.slot() == GATEWAY_SLOT && matches!(step, Step::Create(_) | Step::Replace(..)));
    let ip_address_type = match (&path.shared_gateway, &path.ip_address_type) {
        (Fact::Known(gateway), _) => gateway.ip_address_type.as_str(),
        (_, Fact::Known(given)) => given.as_str(),
        _ => "IPV4",
    };
    let addresses = match path.ipv4_addresses_per_eni {
        Fact::Known(count) if builds_gateway && !shared && ip_address_type != "IPV6" => count.unsigned_abs(),
        _ => 0,
    };
    let managed = recorded
        .get(&GROUP_SLOT)
        .map(|id| BTreeSet::from([id.to_string()]));
    let gateway_group_ids = match (&path.shared_gateway, &path.given_group_ids) {
        (Fact::Known(gateway), _) => gateway.security_group_ids.clone(),
        (_, Fact::Known(given)) => given.clone(),
        _ => managed.unwrap_or_default(),
    };
    let needs = Needs {
        endpoint: match &located.endpoint {
            Look::Here(endpoint) => Some(endpoint),
            Look::Recorded | Look::Later => None,
        },
        vpc_id,
        subnet_ids,
        addresses,
        gateway_group_ids: &gateway_group_ids,
        ingress_group_id: path.ingress_group_id.as_ref().known().map(String::as_str),
        port,
        ip_address_type,
    };
    endpoint::check(aws, &needs, asking).await
}

fn trouble_words(trouble: &Trouble, is_error: bool) -> Diagnostic {
    let summary = match trouble {
        Trouble::Endpoint(problem) | Trouble::Subnets(problem) => summary(problem),
        Trouble::NoGateway(_) => "No such resource gateway",
        Trouble::GatewayNotActive { .. } => "Resource gateway is not active",
        Trouble::OwnGateway(_) => "Not a gateway of somebody else",
        Trouble::NoConfiguration(_) => "No such resource configuration",
        Trouble::ConfigurationNotActive { .. } => "Resource configuration is not active",
        Trouble::OwnConfiguration(_) => "Not a resource configuration of somebody else",
    };
    in_its_place(summary, &trouble.to_string(), is_error).at(trouble.path())
}

fn finding_words(finding: &Finding, is_error: bool) -> Diagnostic {
    match finding {
        Finding::Problem(problem) => {
            let at = match problem {
                Problem::NearQuota { .. } => path!("name"),
                problem if problem.is_about_subnets() => path!("network", "subnet_ids"),
                _ => path!("vpc_endpoint_id"),
            };
            in_its_place(summary(problem), &problem.to_string(), is_error).at(at)
        }
        Finding::Unchecked(error) => unchecked_words(error),
    }
}

fn in_its_place(summary: &str, detail: &str, is_error: bool) -> Diagnostic {
    if is_error {
        Diagnostic::error(summary, format!("{detail}\n\nNothing was changed."))
    } else {
        let detail = format!("{detail}\n\nAn apply that needs it stops before it changes anything.");
        Diagnostic::warning(summary, detail)
    }
}

fn unchecked_words(error: &AwsError) -> Diagnostic {
    Diagnostic::warning(
        "Could not check the network",
        format!("{error}\n\nThe apply goes on without this check."),
    )
}

fn summary(problem: &Problem) -> &'static str {
    problem.summary()
}
