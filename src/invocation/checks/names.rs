//! Whether somebody else's objects have the names that ours would get. AWS would say so only when others of ours are
//! already made.

use reconcile::{Component as _, Fact, Id};

use super::Checks;
use super::finding::Finding;
use crate::aws::Arn;
use crate::component::{
    CONFIGURATION, ComponentError, Configuration, GATEWAY, Gateway, ObjectTags, SeenConfiguration,
    SeenGateway, UserTags,
};
use crate::invocation::graph::Objects;
use crate::invocation::slots::{CONFIGURATION_SLOT, GATEWAY_SLOT};

/// The names that are taken. What cannot be listed or seen is left to AWS.
pub async fn taken(checks: &Checks<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    findings.extend(gateways(checks).await);
    findings.extend(configurations(checks).await);
    findings
}

async fn gateways(checks: &Checks<'_>) -> Option<Finding> {
    if !checks.is_built(&GATEWAY_SLOT) {
        return None;
    }
    let path = &checks.desired.path;
    let want = path.gateway(&Fact::Later, &UserTags::default())?;
    if [&want.vpc_id, &want.ip_address_type, &want.dns_resolution].contains(&&Fact::Later)
        || want.subnet_ids == Fact::Later
    {
        return None;
    }
    let gateways = Gateway::new(checks.aws, checks.owner);
    let name = gateways.name(&want);
    let listed = checks.aws.listings.gateways.all().await.ok()?;
    let mut others = listed.iter().filter(|other| other.name == name);
    let other = others.find(|other| !owns(checks, GATEWAY.key, &other.id))?;
    let tags = |seen: SeenGateway| seen.tags;
    let foreign = is_foreign(checks, gateways.describe(&other.id).await, tags);
    foreign.then(|| Finding::of_name(GATEWAY.name, &name, &other.id))
}

async fn configurations(checks: &Checks<'_>) -> Option<Finding> {
    if !checks.is_built(&CONFIGURATION_SLOT) || checks.is_built(&GATEWAY_SLOT) {
        // The name of one on a new gateway depends on that gateway's id.
        return None;
    }
    let path = &checks.desired.path;
    let gateway = Objects::of(checks.recorded, checks.snapshot).gateway;
    let want = path.configuration(&gateway, &UserTags::default())?;
    if [&want.domain_name, &want.gateway_id]
        .iter()
        .any(|fact| !matches!(fact, Fact::Known(_)))
    {
        return None;
    }
    let configurations = Configuration::new(checks.aws, checks.owner);
    let name = configurations.name(&want);
    let listed = checks.aws.listings.configurations.all().await.ok()?;
    let mut others = listed.iter().filter(|other| other.name == name);
    let other = others.find(|other| !owns(checks, CONFIGURATION.key, &other.id))?;
    // Those that other accounts share are listed, too, and are in nobody's way.
    let own = checks.aws.caller().await.ok()?;
    Arn::parse(&other.arn).filter(|arn| arn.account == own.account)?;
    let tags = |seen: SeenConfiguration| seen.tags;
    let foreign = is_foreign(checks, configurations.describe(&other.id).await, tags);
    foreign.then(|| Finding::of_name(CONFIGURATION.name, &name, &other.id))
}

fn owns(checks: &Checks<'_>, kind: &str, id: &str) -> bool {
    checks.recorded.owns(kind, &Id::new(id))
}

fn is_foreign<T>(
    checks: &Checks<'_>,
    seen: Result<Option<T>, ComponentError>,
    tags: impl FnOnce(T) -> ObjectTags,
) -> bool {
    match seen {
        Ok(Some(seen)) => !checks.owner.owns(&tags(seen)),
        Ok(None) | Err(_) => false,
    }
}
