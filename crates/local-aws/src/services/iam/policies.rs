//! The policies of roles: their own ones, and the managed ones that are attached.

use serde_json::{Value, json};

use super::roles::{find, find_mut};
use super::{done, encoded, listed, managed, no_such_entity, required};
use crate::core::error::{Answer, ApiError};
use crate::core::world::World;
use crate::wire::Reply;

pub(super) fn put(world: &mut World, input: &Value) -> Answer<Reply> {
    let document = super::document(input, "PolicyDocument")?;
    find_mut(world, input)?
        .inline
        .insert(required(input, "PolicyName").to_owned(), document);
    done()
}

pub(super) fn get(world: &World, input: &Value) -> Answer<Reply> {
    let (role_name, role) = find(world, input)?;
    let policy = required(input, "PolicyName");
    let document = role.inline.get(policy).ok_or_else(|| not_found(policy))?;
    Ok(Reply::json(
        json!({ "RoleName": role_name, "PolicyName": policy, "PolicyDocument": encoded(document) }),
    ))
}

fn not_found(policy: &str) -> ApiError {
    no_such_entity(format!("The role policy with name {policy} cannot be found."))
}

pub(super) fn delete(world: &mut World, input: &Value) -> Answer<Reply> {
    let policy = required(input, "PolicyName");
    let removed = find_mut(world, input)?.inline.remove(policy);
    removed.ok_or_else(|| not_found(policy))?;
    done()
}

pub(super) fn list(world: &World, input: &Value) -> Answer<Reply> {
    let (_, role) = find(world, input)?;
    let names = role.inline.keys().map(|name| (name, name));
    listed(input, "PolicyNames", names, |name| json!(name))
}

pub(super) fn attach(world: &mut World, input: &Value) -> Answer<Reply> {
    find(world, input)?;
    let arn = managed::attachable(world, input, "PolicyArn")?;
    find_mut(world, input)?.attached.insert(arn);
    done()
}

pub(super) fn detach(world: &mut World, input: &Value) -> Answer<Reply> {
    let arn = required(input, "PolicyArn");
    if !find_mut(world, input)?.attached.remove(arn) {
        return Err(no_such_entity(format!("Policy {arn} was not found.")));
    }
    done()
}

pub(super) fn list_attached(world: &World, input: &Value) -> Answer<Reply> {
    let (_, role) = find(world, input)?;
    let arns = role.attached.iter().map(|arn| (arn, arn));
    listed(input, "AttachedPolicies", arns, |arn| {
        let name = arn.rsplit('/').next();
        json!({ "PolicyName": name, "PolicyArn": arn })
    })
}
