//! The path as it is shown: the objects that a call passes, in order.

use std::collections::BTreeSet;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::component::{ConnectionState, LatticeStatus, Target};
use crate::diagnosis::{Diagnosis, Finding, Observation, Observed};

/// One object of the path.
#[derive(Debug, PartialEq, Eq)]
pub struct Hop {
    /// What findings about it begin with.
    pub key: &'static str,
    /// `resource gateway`.
    pub kind: &'static str,
    pub id: String,
    /// `ACTIVE`; `gone`, or `not seen`.
    pub state: String,
    /// What else there is to know.
    pub details: Vec<String>,
    /// Whether nothing is wrong with its state.
    pub is_well: bool,
}

/// The hops, from the connection on, as far as they are known.
pub fn of(diagnosis: &Diagnosis, now: SystemTime) -> Vec<Hop> {
    let seen = &diagnosis.observation;
    let mut hops = vec![connection(seen, now)];
    hops.extend(association(seen));
    hops.extend(configuration(seen));
    hops.extend(gateway(seen));
    hops.extend(endpoint(seen));
    hops
}

/// What is wrong with a hop.
pub fn findings<'d>(hop: &Hop, diagnosis: &'d Diagnosis) -> impl Iterator<Item = &'d Finding> {
    let key = hop.key;
    let of_hop = move |finding: &&Finding| finding.id.split('-').next() == Some(key);
    diagnosis.findings.iter().filter(of_hop)
}

const GONE: &str = "gone";
const NOT_SEEN: &str = "not seen";

fn connection(seen: &Observation, now: SystemTime) -> Hop {
    let here = seen.connection.here();
    let mut details = Vec::new();
    if let Some(connection) = here {
        details.push(connection.arn.clone());
        if let Some(modified) = connection
            .modified
            .and_then(|at| Duration::try_from_secs_f64(at).ok())
        {
            let age = now.duration_since(UNIX_EPOCH + modified).unwrap_or_default();
            details.push(format!("changed {} ago", in_words(age)));
        }
    }
    Hop {
        key: "connection",
        kind: "connection",
        id: seen.name.clone(),
        state: state(&seen.connection, |connection| connection.state.as_str()),
        is_well: here.is_some_and(|connection| {
            matches!(
                connection.state,
                ConnectionState::Active | ConnectionState::Authorized
            )
        }),
        details,
    }
}

fn association(seen: &Observation) -> Option<Hop> {
    let arn = seen.connection.here()?.association_arn.as_deref()?;
    let here = seen.association.here();
    Some(Hop {
        key: "association",
        kind: "association",
        id: arn.rsplit('/').next().unwrap_or(arn).to_owned(),
        state: state(&seen.association, |association| association.status.as_str()),
        is_well: here.is_some_and(|association| association.status == LatticeStatus::Active),
        details: Vec::new(),
    })
}

fn configuration(seen: &Observation) -> Option<Hop> {
    let arn = seen.connection.here()?.configuration_arn.as_deref()?;
    let here = seen.configuration.here();
    let mut details = Vec::new();
    if let Some(configuration) = here {
        let target = match &configuration.target {
            Some(Target::DomainName(target) | Target::IpAddress(target)) => target,
            None => "neither a DNS name nor an address",
        };
        details.push(format!("{target}:{}", configuration.port_ranges.join(",")));
    }
    Some(Hop {
        key: "configuration",
        kind: "resource configuration",
        id: arn.rsplit('/').next().unwrap_or(arn).to_owned(),
        state: state(&seen.configuration, |configuration| configuration.status.as_str()),
        is_well: here.is_some_and(|configuration| configuration.status == LatticeStatus::Active),
        details,
    })
}

fn gateway(seen: &Observation) -> Option<Hop> {
    let configuration = seen.configuration.here()?;
    let here = seen.gateway.here();
    let mut details = Vec::new();
    if let Some(gateway) = here {
        details.push(gateway.vpc_id.clone());
        details.push(listed(&gateway.subnet_ids));
        details.push(listed(&gateway.security_group_ids));
        details.push(gateway.ip_address_type.to_string());
    }
    Some(Hop {
        key: "gateway",
        kind: "resource gateway",
        id: configuration.gateway_id.clone(),
        state: state(&seen.gateway, |gateway| gateway.status.as_str()),
        is_well: here.is_some_and(|gateway| gateway.status == LatticeStatus::Active),
        details,
    })
}

fn endpoint(seen: &Observation) -> Option<Hop> {
    let of_endpoint = seen.endpoint.as_ref()?;
    let mut details = Vec::new();
    if let Some(endpoint) = of_endpoint.endpoint.here() {
        details.push(endpoint.vpc_id.clone());
        details.push(listed(&endpoint.subnet_ids));
        details.push(listed(&endpoint.group_ids));
        details.push(endpoint.ip_address_type.to_string());
    }
    let state = match (&of_endpoint.endpoint, &of_endpoint.problem) {
        (Observed::Gone, _) => GONE.to_owned(),
        (Observed::Here(_), None) => "available".to_owned(),
        (_, Some(problem)) => problem.state().unwrap_or("not usable").to_owned(),
        (Observed::Unknown, None) => NOT_SEEN.to_owned(),
    };
    Some(Hop {
        key: "endpoint",
        kind: "VPC endpoint",
        id: of_endpoint.id.clone(),
        is_well: state == "available",
        state,
        details,
    })
}

fn state<T>(observed: &Observed<T>, of: impl Fn(&T) -> &str) -> String {
    match observed {
        Observed::Here(seen) => of(seen).to_owned(),
        Observed::Gone => GONE.to_owned(),
        Observed::Unknown => NOT_SEEN.to_owned(),
    }
}

fn listed(ids: &BTreeSet<String>) -> String {
    ids.iter().map(String::as_str).collect::<Vec<_>>().join(" ")
}

/// The largest unit that fits: `3d`, `5h`, `12m`, `40s`.
fn in_words(age: Duration) -> String {
    let seconds = age.as_secs();
    let units = [(24 * 60 * 60, "d"), (60 * 60, "h"), (60, "m")];
    let fits = units.into_iter().find(|(unit, _)| seconds >= *unit);
    fits.map_or_else(
        || format!("{seconds}s"),
        |(unit, letter)| format!("{}{letter}", seconds / unit),
    )
}
