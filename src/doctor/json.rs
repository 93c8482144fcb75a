//! The path and its findings, for programs.

use std::time::SystemTime;

use serde_json::{Value, json};

use super::hops;
use crate::diagnosis::{Diagnosis, Finding, Remedy};

pub fn show(diagnosis: &Diagnosis, now: SystemTime) -> String {
    let seen = &diagnosis.observation;
    let hops = hops::of(diagnosis, now);
    let path = hops.iter().map(|hop| {
        json!({
            "kind": hop.kind,
            "id": hop.id,
            "state": hop.state,
            "details": hop.details,
            "findings": hops::findings(hop, diagnosis).map(|finding| finding.id).collect::<Vec<_>>(),
        })
    });
    let document = json!({
        "connection": seen.name,
        "account": seen.account,
        "region": seen.region,
        "path": path.collect::<Vec<_>>(),
        "findings": diagnosis.findings.iter().map(finding).collect::<Vec<_>>(),
        "not_seen": seen.hidden.iter().map(ToString::to_string).collect::<Vec<_>>(),
    });
    format!("{document:#}")
}

fn finding(finding: &Finding) -> Value {
    json!({
        "id": finding.id,
        "severity": finding.severity.word(),
        "seen": finding.seen,
        "why": finding.why,
        "remedies": finding.remedies.iter().map(remedy).collect::<Vec<_>>(),
        "page": finding.page,
    })
}

fn remedy(remedy: &Remedy) -> Value {
    let mut object = json!({ "kind": remedy.kind(), "text": remedy.text() });
    match remedy {
        Remedy::Command { when, .. } if !when.is_empty() => object["when"] = when.as_str().into(),
        Remedy::Hcl { place, .. } => object["place"] = place.as_str().into(),
        Remedy::Command { .. } | Remedy::Words(_) => {}
    }
    object
}
