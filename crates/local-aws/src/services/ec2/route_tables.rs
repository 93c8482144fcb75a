//! Route tables: the main one of each VPC, those that are made, and which subnets use them. A route to a gateway
//! endpoint is there as long as the endpoint names the table; other routes there are none but the local ones.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::client_tokens::ClientToken;
use super::describe::Described;
use super::vpcs::returned;
use super::{Kind, ROUTE_TABLE, SUBNET, State, VPC, dry_run, prefix_lists, required, tags, text};
use crate::core::error::{Answer, ApiError};
use crate::core::ids;
use crate::core::tags::Tags;
use crate::core::world::World;
use crate::wire::Reply;

#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct RouteTable {
    pub(crate) id: String,
    pub(crate) vpc_id: String,
    associations: Vec<Association>,
    pub(crate) tags: Tags,
}

#[derive(Clone, Debug, Deserialize, Serialize)]
struct Association {
    id: String,
    /// `None`: the table is the VPC's main one.
    subnet_id: Option<String>,
}

impl Association {
    fn new(subnet_id: Option<&str>) -> Self {
        Self {
            id: ids::resource_id("rtbassoc"),
            subnet_id: subnet_id.map(str::to_owned),
        }
    }
}

impl RouteTable {
    pub(super) fn is_main(&self) -> bool {
        self.associations
            .iter()
            .any(|association| association.subnet_id.is_none())
    }
}

/// Makes the main route table of a VPC.
pub(super) fn make_main(world: &mut World, vpc_id: &str) {
    make(world, vpc_id, vec![Association::new(None)], Tags::new());
}

fn make(world: &mut World, vpc_id: &str, associations: Vec<Association>, tags: Tags) -> String {
    let id = ids::resource_id("rtb");
    let table = RouteTable {
        id: id.clone(),
        vpc_id: vpc_id.to_owned(),
        associations,
        tags,
    };
    world.ec2_mut().route_tables.insert(id.clone(), table);
    id
}

/// Gives the VPCs of an older state the main route tables that they had not.
pub(super) fn complete(world: &mut World) {
    let ec2 = world.ec2();
    let has_main = |vpc_id: &String| {
        let mut tables = ec2.route_tables.values();
        tables.any(|table| table.vpc_id == *vpc_id && table.is_main())
    };
    let without: Vec<String> = ec2.vpcs.keys().filter(|id| !has_main(id)).cloned().collect();
    for vpc_id in without {
        make_main(world, &vpc_id);
    }
}

/// Removes the main route table with its VPC.
pub(super) fn remove_main(world: &mut World, vpc_id: &str) {
    world
        .ec2_mut()
        .route_tables
        .retain(|_, table| table.vpc_id != vpc_id);
}

/// Lets the route table of a subnet go.
pub(super) fn forget_subnet(world: &mut World, subnet_id: &str) {
    for table in world.ec2_mut().route_tables.values_mut() {
        let is_other = |association: &Association| association.subnet_id.as_deref() != Some(subnet_id);
        table.associations.retain(is_other);
    }
}

pub(super) fn create(world: &mut World, input: &Value) -> Answer<Reply> {
    let vpc_id = required(input, "VpcId")?;
    VPC.find(&world.ec2().vpcs, vpc_id)?;
    let token = ClientToken::of(input)?;
    let ec2 = world.ec2();
    if let Some(id) = token.made(&ec2.route_table_tokens, |id| ec2.route_tables.contains_key(id))? {
        return Ok(created(world, id, token.token.as_deref()));
    }
    let tags = tags::specified(input, &ROUTE_TABLE)?;
    dry_run(input)?;
    let id = make(world, vpc_id, Vec::new(), tags);
    let token = token.note(&mut world.ec2_mut().route_table_tokens, &id);
    world.made(&id);
    Ok(created(world, &id, token.as_deref()))
}

fn created(world: &World, id: &str, token: Option<&str>) -> Reply {
    let made = world.ec2().route_tables.get(id).map(|table| table.json(world));
    Reply::json(json!({ "RouteTable": made, "ClientToken": token }))
}

pub(super) fn delete(world: &mut World, input: &Value) -> Answer<Reply> {
    let id = required(input, "RouteTableId")?;
    let table = ROUTE_TABLE.find(&world.ec2().route_tables, id)?;
    let mut endpoints = world.ec2().endpoints.values();
    if !table.associations.is_empty()
        || endpoints.any(|endpoint| endpoint.route_table_ids.iter().any(|used| used == id))
    {
        return Err(ApiError::new(
            "DependencyViolation",
            format!("The routeTable '{id}' has dependencies and cannot be deleted."),
        ));
    }
    dry_run(input)?;
    world.ec2_mut().route_tables.remove(id);
    Ok(returned())
}

pub(super) fn associate(world: &mut World, input: &Value) -> Answer<Reply> {
    let id = required(input, "RouteTableId")?;
    let table = ROUTE_TABLE.find(&world.ec2().route_tables, id)?;
    if text(input, "GatewayId").is_some() {
        return Err(ApiError::new(
            "UnsupportedOperation",
            "Route tables of gateways are not served here; give a SubnetId",
        ));
    }
    let subnet_id = required(input, "SubnetId")?;
    let subnet = SUBNET.find(&world.ec2().subnets, subnet_id)?;
    if subnet.vpc_id != table.vpc_id {
        return Err(ApiError::new(
            "InvalidParameterValue",
            format!("Route table {id} and subnet {subnet_id} belong to different networks"),
        ));
    }
    let is_it = |association: &Association| association.subnet_id.as_deref() == Some(subnet_id);
    if let Some(association) = table.associations.iter().find(|association| is_it(association)) {
        return Ok(associated("AssociationId", &association.id));
    }
    let mut others = world.ec2().route_tables.values();
    if others.any(|other| other.associations.iter().any(is_it)) {
        return Err(ApiError::new(
            "Resource.AlreadyAssociated",
            format!("the specified association for route table {id} conflicts with an existing association"),
        ));
    }
    dry_run(input)?;
    let association = Association::new(Some(subnet_id));
    let reply = associated("AssociationId", &association.id);
    if let Some(table) = world.ec2_mut().route_tables.get_mut(id) {
        table.associations.push(association);
    }
    Ok(reply)
}

fn associated(member: &str, id: &str) -> Reply {
    Reply::json(json!({ member: id, "AssociationState": { "State": "associated" } }))
}

/// Finds an association, and the table that it is of.
fn find(world: &World, id: &str) -> Answer<(String, Association)> {
    let tables = world.ec2().route_tables.values();
    let mut associations = tables.flat_map(|table| table.associations.iter().map(move |one| (table, one)));
    let found = associations.find(|(_, association)| association.id == id);
    let (table, association) = found.ok_or_else(|| {
        ApiError::new(
            "InvalidAssociationID.NotFound",
            format!("The association ID '{id}' does not exist"),
        )
    })?;
    Ok((table.id.clone(), association.clone()))
}

fn take(world: &mut World, table_id: &str, association_id: &str) {
    if let Some(table) = world.ec2_mut().route_tables.get_mut(table_id) {
        table
            .associations
            .retain(|association| association.id != association_id);
    }
}

pub(super) fn disassociate(world: &mut World, input: &Value) -> Answer<Reply> {
    let id = required(input, "AssociationId")?;
    let (table_id, association) = find(world, id)?;
    if association.subnet_id.is_none() {
        return Err(ApiError::new(
            "InvalidParameterValue",
            format!("cannot disassociate the main route table association {id}"),
        ));
    }
    dry_run(input)?;
    take(world, &table_id, id);
    Ok(returned())
}

/// Moves an association to another table, under another id; that of the main table makes the other one the main one.
pub(super) fn replace(world: &mut World, input: &Value) -> Answer<Reply> {
    let id = required(input, "AssociationId")?;
    let (from, association) = find(world, id)?;
    let to = required(input, "RouteTableId")?;
    let target = ROUTE_TABLE.find(&world.ec2().route_tables, to)?;
    if target.vpc_id != world.ec2().route_tables[&from].vpc_id {
        return Err(ApiError::new(
            "InvalidParameterValue",
            format!("Route tables {from} and {to} belong to different networks"),
        ));
    }
    dry_run(input)?;
    take(world, &from, id);
    let moved = Association::new(association.subnet_id.as_deref());
    let reply = associated("NewAssociationId", &moved.id);
    if let Some(table) = world.ec2_mut().route_tables.get_mut(to) {
        table.associations.push(moved);
    }
    Ok(reply)
}

impl Described for RouteTable {
    const KIND: Kind = ROUTE_TABLE;
    const IDS: &'static str = "RouteTableIds";
    const SET: &'static str = "RouteTables";
    const FILTERS: &'static [&'static str] = &[
        "association.main",
        "association.route-table-association-id",
        "association.route-table-id",
        "association.subnet-id",
        "owner-id",
        "route-table-id",
        "route.destination-cidr-block",
        "route.gateway-id",
        "route.origin",
        "route.state",
        "vpc-id",
    ];

    fn tags(&self) -> &Tags {
        &self.tags
    }

    fn values(&self, filter: &str, ec2: &State) -> Vec<String> {
        let associations = self.associations.iter();
        match filter {
            "association.main" => associations
                .map(|one| one.subnet_id.is_none().to_string())
                .collect(),
            "association.route-table-association-id" => associations.map(|one| one.id.clone()).collect(),
            "association.route-table-id" => associations.map(|_| self.id.clone()).collect(),
            "association.subnet-id" => associations.filter_map(|one| one.subnet_id.clone()).collect(),
            "route.destination-cidr-block" => ec2.blocks(&self.vpc_id).0,
            "route.gateway-id" => {
                let endpoints = ec2.endpoints.values();
                let used = endpoints.filter(|endpoint| endpoint.route_table_ids.contains(&self.id));
                let local = std::iter::once("local".to_owned());
                local.chain(used.map(|endpoint| endpoint.id.clone())).collect()
            }
            "route.origin" => vec!["CreateRouteTable".to_owned()],
            "route.state" => vec!["active".to_owned()],
            "owner-id" => vec![ec2.account_id.clone()],
            "vpc-id" => vec![self.vpc_id.clone()],
            _ => vec![self.id.clone()],
        }
    }

    fn json(&self, world: &World) -> Value {
        let (ipv4, ipv6) = world.ec2().blocks(&self.vpc_id);
        let local = ipv4
            .into_iter()
            .map(|block| ("DestinationCidrBlock", block, "local", "CreateRouteTable"));
        let local = local.chain(
            ipv6.into_iter()
                .map(|block| ("DestinationIpv6CidrBlock", block, "local", "CreateRouteTable")),
        );
        let endpoints = world.ec2().endpoints.values();
        let used = endpoints.filter(|endpoint| endpoint.route_table_ids.contains(&self.id));
        let used = used.filter_map(|endpoint| {
            let list = prefix_lists::of_service(&endpoint.service_name)?;
            Some((
                "DestinationPrefixListId",
                list.id.to_owned(),
                endpoint.id.as_str(),
                "CreateRoute",
            ))
        });
        let routes = local.chain(used).map(|(member, to, gateway, origin)| {
            json!({ member: to, "GatewayId": gateway, "State": "active", "Origin": origin })
        });
        let associations = self.associations.iter().map(|association| {
            json!({
                "RouteTableAssociationId": association.id,
                "RouteTableId": self.id,
                "SubnetId": association.subnet_id,
                "Main": association.subnet_id.is_none(),
                "AssociationState": { "State": "associated" },
            })
        });
        json!({
            "RouteTableId": self.id,
            "VpcId": self.vpc_id,
            "OwnerId": world.origin.account_id,
            "Routes": routes.collect::<Value>(),
            "Associations": associations.collect::<Value>(),
            "PropagatingVgws": [],
            "Tags": tags::json(&self.tags),
        })
    }
}

impl State {
    /// The IPv4 and IPv6 blocks of a VPC.
    fn blocks(&self, vpc_id: &str) -> (Vec<String>, Vec<String>) {
        let Some(vpc) = self.vpcs.get(vpc_id) else {
            return Default::default();
        };
        (
            vpc.cidrs.iter().map(|block| block.cidr.to_string()).collect(),
            vpc.ipv6_cidrs
                .iter()
                .map(|block| block.cidr.to_string())
                .collect(),
        )
    }
}
