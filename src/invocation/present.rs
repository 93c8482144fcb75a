//! Every computed attribute: the other of the two pure functions that hold the composite together.
//!
//! Plan, apply, read and import all go through [`present`], and nothing else writes a computed attribute. A
//! fact that is only known later becomes an unknown attribute by itself.

use std::collections::{BTreeMap, BTreeSet};

use reconcile::{Fact, Id, Recorded, Slot, Snapshot};
use terraform_plugin::Attr;

use super::graph::Objects;
use super::model::{ApiDestination, Destinations, Model};
use super::slots::{CONFIGURATION_SLOT, CONNECTION_SLOT, GATEWAY_SLOT, GROUP_SLOT, INGRESS_SLOT};
use crate::aws::{Arn, AwsError};
use crate::client::Aws;
use crate::component::{API_DESTINATION, CONFIGURATION, GATEWAY, SeenConfiguration, SeenGateway};
use crate::http_task::ConnectionArn;
use crate::http_task::policy::{self, Narrowed};

/// Everything that the computed attributes are made of.
#[derive(Debug, Clone, Default)]
pub struct Facts {
    /// `Absent` leaves it to the name, as an invocation's is.
    pub id: Fact<String>,
    pub place: Option<Place>,
    pub vpc_id: Fact<String>,
    pub domain_name: Fact<String>,
    pub subnet_ids: Fact<BTreeSet<String>>,
    pub objects: Objects,
    /// What is recorded, for objects that are known by id only.
    pub recorded: Recorded,
    /// Whether a planned step changes the connection, so that what AWS says of it will be another.
    pub connection_changes: bool,
    /// The API destinations that a planned step changes.
    pub destinations_change: BTreeSet<String>,
    pub pending: Attr<Vec<String>>,
    pub retired: Attr<Vec<String>>,
    pub borrowed: Attr<Vec<String>>,
}

/// Where the invocation is: what its ARNs can be made of before it exists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    pub partition: String,
    pub region: String,
    pub account: String,
}

impl Place {
    /// The place of the provider's AWS.
    pub async fn of(aws: &Aws) -> Result<Self, AwsError> {
        let caller = aws.caller().await?;
        Ok(Self {
            partition: caller.partition.clone(),
            region: aws.region().to_owned(),
            account: caller.account.clone(),
        })
    }

    /// The ARN of something in this place.
    fn arn(&self, service: &str, what: &str) -> String {
        Arn {
            partition: self.partition.clone(),
            service: service.to_owned(),
            region: self.region.clone(),
            account: self.account.clone(),
            resource: what.to_owned(),
        }
        .to_string()
    }

    /// The place that an ARN names.
    pub fn of_arn(arn: &str) -> Option<Self> {
        let arn = Arn::parse(arn)?;
        let named = !arn.region.is_empty() && !arn.account.is_empty();
        named.then_some(Self {
            partition: arn.partition,
            region: arn.region,
            account: arn.account,
        })
    }
}

/// The path that serves, as far as it was seen. After a move that ended early the slots can hold what nothing uses yet.
fn serving(
    objects: &Objects,
    recorded: &Recorded,
    snapshot: &Snapshot,
) -> (Fact<SeenConfiguration>, Fact<SeenGateway>) {
    let ours = |id: &Id| recorded.owns(CONFIGURATION.key, id);
    let through = objects
        .connection
        .as_ref()
        .known()
        .and_then(|seen| seen.configuration_id());
    let through = through
        .filter(ours)
        .and_then(|id| snapshot.get(CONFIGURATION, &id));
    let configuration = through.map_or_else(|| objects.configuration.clone(), Fact::Known);
    let gateway = match &configuration {
        Fact::Known(configuration) => {
            let id = Id::new(&*configuration.gateway_id);
            let own = recorded
                .owns(GATEWAY.key, &id)
                .then(|| snapshot.get(GATEWAY, &id));
            own.flatten().map_or(Fact::Absent, Fact::Known)
        }
        _ => objects.gateway.clone(),
    };
    (configuration, gateway)
}

impl Facts {
    /// What stands, as it was seen; of the path `told` says what no object of our own shows.
    pub fn standing(
        id: Fact<String>,
        place: Option<Place>,
        told: &Model,
        recorded: &Recorded,
        snapshot: &Snapshot,
    ) -> Self {
        let objects = Objects::of(recorded, snapshot);
        fn fact<T: Clone>(told: &Attr<T>) -> Fact<T> {
            told.known().cloned().map_or(Fact::Absent, Fact::Known)
        }
        // The next plan takes them for those of the endpoint that is recorded: they are of the path that serves.
        let (configuration, gateway) = serving(&objects, recorded, snapshot);
        let (vpc_id, subnet_ids) = match gateway {
            Fact::Known(gateway) => (Fact::Known(gateway.vpc_id), Fact::Known(gateway.subnet_ids)),
            _ => (fact(&told.vpc_id), fact(&told.subnet_ids)),
        };
        let domain_name = match &configuration {
            Fact::Known(configuration) if configuration.target.is_some() => configuration
                .domain_name()
                .map_or(Fact::Absent, |name| Fact::Known(name.to_owned())),
            _ => fact(&told.domain_name),
        };
        Self {
            id,
            place,
            vpc_id,
            domain_name,
            subnet_ids,
            objects,
            retired: Attr::Known(retired_ids(recorded)),
            borrowed: Attr::Known(borrowed_ids(recorded)),
            recorded: recorded.clone(),
            pending: Attr::Known(Vec::new()),
            ..Self::default()
        }
    }

    /// `inputs` with what these facts tell of the path.
    pub fn told_of_path(&self, inputs: Model) -> Model {
        Model {
            vpc_id: attr(self.vpc_id.clone()),
            subnet_ids: attr(self.subnet_ids.clone()),
            domain_name: attr(self.domain_name.clone()),
            ..inputs
        }
    }
}

/// The ids of what is used and not ours, sorted.
pub fn borrowed_ids(recorded: &Recorded) -> Vec<String> {
    recorded.borrowed.iter().map(ToString::to_string).collect()
}

/// The ids of what is still to be removed, sorted.
pub fn retired_ids(recorded: &Recorded) -> Vec<String> {
    let mut ids: Vec<_> = recorded
        .retired
        .iter()
        .map(|retired| retired.id.to_string())
        .collect();
    ids.sort();
    ids
}

/// `inputs` without its write-only values and with every computed attribute.
pub fn present(inputs: &Model, facts: &Facts) -> Model {
    let objects = &facts.objects;
    let recorded_id = |slot| facts.recorded.get(slot).map(ToString::to_string).into();
    let or_recorded = |seen: Attr<String>, slot| if seen.is_null() { recorded_id(slot) } else { seen };
    let of_connection = |known: Attr<String>| {
        if facts.connection_changes {
            Attr::Unknown
        } else {
            known
        }
    };
    let name = &inputs.name;
    let by_name = |make: fn(&Place, &str) -> String| match (&facts.place, name) {
        (Some(place), Attr::Known(name)) => Attr::Known(make(place, name)),
        _ => Attr::Unknown,
    };
    let connection = objects.connection.as_ref();
    let gateway_id = or_recorded(
        attr(objects.gateway.as_ref().map(|seen| seen.id.clone())),
        &GATEWAY_SLOT,
    );
    let configuration_id = or_recorded(
        attr(objects.configuration.as_ref().map(|seen| seen.id.clone())),
        &CONFIGURATION_SLOT,
    );
    // Where there is none of our own, somebody else's is shown.
    let shared_gateway = inputs.network(|network| &network.resource_gateway_id);
    let shared_configuration = &inputs.shared_resource_configuration_arn;
    let gateway_arn = match (&objects.gateway, &gateway_id, &facts.place) {
        (Fact::Absent, Attr::Null, Some(place)) => shared_gateway
            .as_ref()
            .map(|id| place.arn("vpc-lattice", &format!("resourcegateway/{id}"))),
        (own, ..) => attr(own.as_ref().map(|seen| seen.arn.clone())),
    };
    let (configuration_arn, shared_configuration_id) = match (&objects.configuration, &configuration_id) {
        (Fact::Absent, Attr::Null) => (
            shared_configuration.clone(),
            shared_configuration.as_ref().and_then(|arn| {
                Arn::parse(arn)
                    .and_then(|arn| arn.name().map(str::to_owned))
                    .into()
            }),
        ),
        (own, _) => (attr(own.as_ref().map(|seen| seen.arn.clone())), Attr::Null),
    };
    Model {
        id: match &facts.id {
            Fact::Absent => name.clone(),
            id => attr(id.clone()),
        },
        region: match &facts.place {
            Some(place) => Attr::Known(place.region.clone()),
            None if inputs.region.is_known() => inputs.region.clone(),
            None => Attr::Unknown,
        },
        api_destinations: destinations(inputs, facts),
        connection_arn: or_recorded(attr(connection.map(|seen| seen.arn.clone())), &CONNECTION_SLOT),
        connection_arn_for_policy: by_name(arn_for_policy),
        connection_secret_arn: of_connection(optional(connection.map(|seen| seen.secret_arn.clone()))),
        connection_state: of_connection(attr(connection.map(|seen| seen.state.to_string()))),
        connection_state_reason: of_connection(optional(connection.map(|seen| seen.state_reason.clone()))),
        vpc_id: attr(facts.vpc_id.clone()),
        subnet_ids: attr(facts.subnet_ids.clone()),
        domain_name: attr(facts.domain_name.clone()),
        security_group_id: or_recorded(
            attr(objects.group.as_ref().map(|seen| seen.id.clone())),
            &GROUP_SLOT,
        ),
        endpoint_ingress_rule_id: or_recorded(
            attr(objects.ingress.as_ref().map(|seen| seen.id.clone())),
            &INGRESS_SLOT,
        ),
        resource_gateway_id: gateway_id.or(shared_gateway),
        resource_gateway_arn: gateway_arn,
        resource_configuration_id: configuration_id.or(shared_configuration_id),
        resource_configuration_arn: configuration_arn,
        resource_association_arn: of_connection(optional(
            connection.map(|seen| seen.association_arn.clone()),
        )),
        state_machine_policy_json: by_name(state_machine_policy),
        tags_all: match &inputs.tags_all {
            Attr::Null => Attr::Known(BTreeMap::new()),
            tags => tags.clone(),
        },
        pending: facts.pending.clone(),
        retired: facts.retired.clone(),
        borrowed: facts.borrowed.clone(),
        ..inputs.without_write_only()
    }
}

/// The API destinations with what AWS says of each.
fn destinations(inputs: &Model, facts: &Facts) -> Attr<Destinations> {
    inputs.api_destinations.clone().map(|all| {
        let filled = all.into_iter().map(|(name, destination)| {
            let seen = facts.objects.destinations.get(&name).cloned().unwrap_or_default();
            let recorded = facts.recorded.get(&Slot::named(API_DESTINATION, &name));
            let changes = facts.connection_changes || facts.destinations_change.contains(&name);
            let arn_for_policy = match &facts.place {
                Some(place) => Attr::Known(place.arn("events", &format!("api-destination/{name}/*"))),
                None => Attr::Unknown,
            };
            let filled = destination.map(|destination| ApiDestination {
                arn_for_policy,
                arn: attr(seen.as_ref().map(|seen| seen.arn.clone()))
                    .or(recorded.map(ToString::to_string).into()),
                state: if changes {
                    Attr::Unknown
                } else {
                    attr(seen.as_ref().map(|seen| seen.state.clone()))
                },
                ..destination
            });
            (name, filled)
        });
        filled.collect()
    })
}

fn attr<T>(fact: Fact<T>) -> Attr<T> {
    match fact {
        Fact::Known(value) => Attr::Known(value),
        Fact::Later => Attr::Unknown,
        Fact::Absent => Attr::Null,
    }
}

fn optional<T>(fact: Fact<Option<T>>) -> Attr<T> {
    match fact {
        Fact::Known(value) => value.into(),
        Fact::Later => Attr::Unknown,
        Fact::Absent => Attr::Null,
    }
}

fn arn_for_policy(place: &Place, name: &str) -> String {
    place.arn("events", &format!("connection/{name}"))
}

fn state_machine_policy(place: &Place, name: &str) -> String {
    let connection = ConnectionArn {
        partition: place.partition.clone(),
        region: place.region.clone(),
        account: place.account.clone(),
        name: name.to_owned(),
        id: None,
    };
    policy::of_state_machine(&connection, &Narrowed::default())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facts() -> Facts {
        let place = Place::of_arn("arn:aws:events:us-east-1:123456789012:connection/orders/uuid");
        let everything_later = Objects::later();
        Facts {
            place,
            vpc_id: Fact::Known("vpc-1".into()),
            domain_name: Fact::Later,
            objects: everything_later,
            ..Facts::default()
        }
    }

    #[test]
    fn what_is_only_known_later_is_unknown_and_what_follows_from_the_name_is_known() {
        let inputs = Model {
            name: Attr::Known("orders".into()),
            ..Model::default()
        };
        let model = present(&inputs, &facts());
        assert_eq!(model.vpc_id, Attr::Known("vpc-1".into()));
        for unknown in [
            &model.connection_arn,
            &model.domain_name,
            &model.connection_state,
            &model.resource_gateway_id,
        ] {
            assert!(unknown.is_unknown());
        }
        assert_eq!(
            model.connection_arn_for_policy,
            Attr::Known("arn:aws:events:us-east-1:123456789012:connection/orders".into())
        );
        let policy = model.state_machine_policy_json.into_known().unwrap();
        assert!(policy.contains("secret:events!connection/orders/*"), "{policy}");
        assert!(policy.contains("connection/orders/*"), "{policy}");
    }

    #[test]
    fn an_object_of_which_only_the_id_is_known_shows_it() {
        let recorded =
            Recorded::default().with(CONNECTION_SLOT.clone(), "arn:aws:events:r:1:connection/orders/u");
        let facts = Facts {
            objects: Objects::default(),
            recorded,
            ..facts()
        };
        let model = present(&Model::default(), &facts);
        assert_eq!(
            model.connection_arn,
            Attr::Known("arn:aws:events:r:1:connection/orders/u".into())
        );
        assert!(model.connection_state.is_null() && model.resource_gateway_id.is_null());
    }
}
