//! Service network resource associations. EventBridge makes them for connections; callers can only look.

use std::time::SystemTime;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::{Status, id_of, not_found, page, text};
use crate::core::agenda::Subject;
use crate::core::error::{Answer, ApiError};
use crate::core::ids;
use crate::core::life_cycle::{LifeCycle, Reached, Seen, Status as _, Step};
use crate::core::settings::AssociationTag;
use crate::core::tags::Tags;
use crate::core::timestamp::iso8601;
use crate::core::world::World;
use crate::wire::Reply;

const TYPE: &str = "SERVICE_NETWORK_RESOURCE_ASSOCIATION";

#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct Association {
    pub(crate) id: String,
    pub(crate) arn: String,
    pub(crate) status: Status,
    pub(crate) configuration_id: String,
    /// The connection that it was made for.
    pub(crate) connection: String,
    service_network_id: String,
    failure_reason: Option<String>,
    created: SystemTime,
    updated: SystemTime,
    pub(crate) tags: Tags,
}

impl Association {
    fn json(&self, world: &World) -> Value {
        let mut body = Map::new();
        let mut put = |name: &str, value: Value| body.insert(name.to_owned(), value);
        put("id", self.id.clone().into());
        put("arn", self.arn.clone().into());
        put("status", self.status.as_str().into());
        put("createdBy", world.origin.account_id.clone().into());
        put("createdAt", iso8601(self.created).into());
        put("lastUpdatedAt", iso8601(self.updated).into());
        put("resourceConfigurationId", self.configuration_id.clone().into());
        if let Some(configuration) = world.lattice().configurations.get(&self.configuration_id) {
            put("resourceConfigurationArn", configuration.arn.clone().into());
            put("resourceConfigurationName", configuration.name.clone().into());
        }
        // The service network is EventBridge's own, in an account of AWS.
        put("serviceNetworkId", self.service_network_id.clone().into());
        put(
            "serviceNetworkArn",
            world
                .arn_of(
                    "000000000000",
                    "vpc-lattice",
                    format_args!("servicenetwork/{}", self.service_network_id),
                )
                .into(),
        );
        put("serviceNetworkName", "events.amazonaws.com".into());
        put("isManagedAssociation", true.into());
        put("privateDnsEnabled", false.into());
        put(
            "dnsEntry",
            json!({ "domainName": format!("{}.resource.vpc-lattice-rsc.{}.on.aws", self.id, world.origin.region) }),
        );
        if let Some(reason) = &self.failure_reason {
            put("failureReason", reason.clone().into());
            put("failureCode", "INTERNAL".into());
        }
        Value::Object(body)
    }
}

/// Makes the association of a connection; gives its id.
pub(crate) fn make(world: &mut World, configuration_id: &str, connection: &str) -> String {
    let id = ids::resource_id("snra");
    let association = Association {
        arn: world.arn(
            "vpc-lattice",
            format_args!("servicenetworkresourceassociation/{id}"),
        ),
        id: id.clone(),
        status: Status::CreateInProgress,
        configuration_id: configuration_id.to_owned(),
        connection: connection.to_owned(),
        service_network_id: ids::resource_id("sn"),
        failure_reason: None,
        created: world.now(),
        updated: world.now(),
        tags: tags(world, connection),
    };
    world.lattice_mut().associations.insert(id.clone(), association);
    LIFE.begin(world, "AssociationSettled", id.as_str());
    id
}

/// The tag by which EventBridge marks what it made.
fn tags(world: &World, connection: &str) -> Tags {
    let owner = match world.settings.association_tag {
        AssociationTag::Documented => format!("{}:{connection}", world.origin.account_id),
        AssociationTag::Absent => return Tags::new(),
        AssociationTag::Other => world.arn("events", format_args!("connection/{connection}")),
    };
    Tags::from([("ManagedByServiceAWSEventBridge".to_owned(), owner)])
}

/// Begins the end of an association that its connection does not need any more.
pub(crate) fn retire(world: &mut World, id: &str) {
    if let Some(association) = world.lattice_mut().associations.get_mut(id) {
        association.status = Status::DeleteInProgress;
        LIFE.begin(world, "AssociationGone", id);
    }
}

fn find<'w>(world: &'w World, input: &Value) -> Answer<&'w Association> {
    let identifier = text(input, "serviceNetworkResourceAssociationIdentifier").unwrap_or_default();
    world
        .lattice()
        .associations
        .get(id_of(world, identifier))
        .ok_or_else(|| not_found(TYPE, identifier))
}

pub(crate) fn get(world: &World, input: &Value) -> Answer<Reply> {
    Ok(Reply::json(find(world, input)?.json(world)))
}

pub(crate) fn delete(world: &World, input: &Value) -> Answer<Reply> {
    let association = find(world, input)?;
    Err(ApiError::new(
        "AccessDeniedException",
        format!(
            "The association {} is managed by events.amazonaws.com and cannot be deleted by its account",
            association.id
        ),
    ))
}

pub(crate) fn list(world: &World, input: &Value) -> Answer<Reply> {
    let wanted = |member: &str| text(input, member).map(|identifier| id_of(world, identifier).to_owned());
    let configuration = wanted("resourceConfigurationIdentifier");
    let network = wanted("serviceNetworkIdentifier");
    let all = world.lattice().associations.iter().filter(|(_, association)| {
        configuration
            .as_ref()
            .is_none_or(|id| *id == association.configuration_id)
            && network
                .as_ref()
                .is_none_or(|id| *id == association.service_network_id)
    });
    page(input, all, |association| association.json(world))
}

/// The life of a service network resource association.
pub(super) static LIFE: LifeCycle<Status> = LifeCycle {
    service: "vpc-lattice",
    kind: "service-network-resource-association",
    steps: STEPS,
    look: |world, subject| {
        let found = world.lattice().associations.get(subject.object())?;
        Some(Seen {
            state: found.status,
            id: found.id.clone(),
            name: found.connection.clone(),
        })
    },
};

const STEPS: &[Step<Status>] = &[
    Step {
        due: "AssociationSettled",
        from: &[Status::CreateInProgress],
        to: Some(Status::Active),
        on_failure: &[Status::CreateFailed, Status::Partial],
        // Its connection is settled by then, and fails if this is not.
        after: |world, _| world.times.association.min(world.times.connection),
        effect: settled,
    },
    Step {
        due: "AssociationGone",
        from: &[Status::DeleteInProgress],
        to: None,
        on_failure: &[Status::DeleteFailed],
        after: |world, _| world.times.association_removal,
        effect: gone,
    },
];

fn settled(world: &mut World, subject: &Subject, reached: Reached<Status>) {
    let now = world.now();
    let found = world.lattice_mut().associations.get_mut(subject.object());
    if let (Some(association), Some(status)) = (found, reached.state) {
        association.status = status;
        association.failure_reason = reached.reason;
        association.updated = now;
    }
}

fn gone(world: &mut World, subject: &Subject, reached: Reached<Status>) {
    let id = subject.object();
    let Some(status) = reached.state else {
        world.lattice_mut().associations.remove(id);
        return;
    };
    if let Some(association) = world.lattice_mut().associations.get_mut(id) {
        association.status = status;
        association.failure_reason = reached.reason;
    }
}
