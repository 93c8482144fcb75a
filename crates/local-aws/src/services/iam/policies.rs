//! The policies of roles: their own ones, and the managed ones that are attached.

use super::roles::{find, find_mut};
use super::{done, encoded, managed, name, no_such_entity, page, write_end};
use crate::core::error::Answer;
use crate::core::world::World;
use crate::wire::Reply;
use crate::wire::query::Params;
use crate::wire::xml::Xml;

fn policy_name(params: &Params) -> Answer<&str> {
    name(params, "PolicyName", 128)
}

pub(super) fn put(world: &mut World, params: &Params) -> Answer<Reply> {
    let policy = policy_name(params)?;
    let document = super::document(params, "PolicyDocument")?;
    find_mut(world, params)?
        .inline
        .insert(policy.to_owned(), document);
    done()
}

pub(super) fn get(world: &World, params: &Params) -> Answer<Reply> {
    let (role_name, role) = find(world, params)?;
    let policy = policy_name(params)?;
    let document = role.inline.get(policy).ok_or_else(|| not_found(policy))?;
    let mut xml = Xml::default();
    xml.leaf("RoleName", role_name);
    xml.leaf("PolicyName", policy);
    xml.leaf("PolicyDocument", encoded(document));
    Ok(Reply::Xml(xml))
}

fn not_found(policy: &str) -> crate::core::error::ApiError {
    no_such_entity(format!("The role policy with name {policy} cannot be found."))
}

pub(super) fn delete(world: &mut World, params: &Params) -> Answer<Reply> {
    let policy = policy_name(params)?;
    let removed = find_mut(world, params)?.inline.remove(policy);
    removed.ok_or_else(|| not_found(policy))?;
    done()
}

pub(super) fn list(world: &World, params: &Params) -> Answer<Reply> {
    let (_, role) = find(world, params)?;
    let (names, next) = page(params, role.inline.keys().map(|name| (name, name)))?;
    let mut xml = Xml::default();
    xml.node("PolicyNames", |xml| {
        for name in names {
            xml.leaf("member", name);
        }
    });
    write_end(&mut xml, next);
    Ok(Reply::Xml(xml))
}

pub(super) fn attach(world: &mut World, params: &Params) -> Answer<Reply> {
    find(world, params)?;
    let arn = managed::attachable(world, params, "PolicyArn")?;
    find_mut(world, params)?.attached.insert(arn);
    done()
}

pub(super) fn detach(world: &mut World, params: &Params) -> Answer<Reply> {
    let arn = params.get("PolicyArn").unwrap_or_default();
    if !find_mut(world, params)?.attached.remove(arn) {
        return Err(no_such_entity(format!("Policy {arn} was not found.")));
    }
    done()
}

pub(super) fn list_attached(world: &World, params: &Params) -> Answer<Reply> {
    let (_, role) = find(world, params)?;
    let (arns, next) = page(params, role.attached.iter().map(|arn| (arn, arn)))?;
    let mut xml = Xml::default();
    xml.members("AttachedPolicies", arns, |xml, arn| {
        xml.leaf("PolicyName", arn.rsplit('/').next().unwrap_or(arn));
        xml.leaf("PolicyArn", arn);
    });
    write_end(&mut xml, next);
    Ok(Reply::Xml(xml))
}
