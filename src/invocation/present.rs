//! Every computed attribute: the other of the two pure functions that hold the composite together.
//!
//! Plan, apply, read and import all go through [`present`], and nothing else writes a computed attribute. A
//! fact that is only known later becomes an unknown attribute by itself.

use std::collections::BTreeSet;

use reconcile::{Fact, Recorded, Snapshot};
use terraform_plugin::Attr;

use super::desired::Desired;
use super::graph::{CONFIGURATION_SLOT, CONNECTION_SLOT, GATEWAY_SLOT, GROUP_SLOT, Objects};
use super::model::Model;
use crate::aws::Aws;

/// Everything that the computed attributes are made of.
#[derive(Debug, Clone, Default)]
pub struct Facts {
    pub place: Option<Place>,
    pub vpc_id: Fact<String>,
    pub domain_name: Fact<String>,
    pub subnet_ids: Fact<BTreeSet<String>>,
    pub objects: Objects,
    /// What is recorded, for objects of which nothing has been seen yet but their ids.
    pub recorded: Recorded,
    /// Whether a planned step changes the connection, so that what AWS says of it will be another.
    pub connection_changes: bool,
    pub pending: Attr<Vec<String>>,
    pub retired: Attr<Vec<String>>,
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
    pub async fn of(aws: &Aws) -> Result<Self, crate::aws::AwsError> {
        Ok(Self {
            partition: aws.partition().to_owned(),
            region: aws.region().to_owned(),
            account: aws.account().await?.to_owned(),
        })
    }

    /// The place that an ARN names.
    pub fn of_arn(arn: &str) -> Option<Self> {
        let mut parts = arn.split(':').skip(1);
        let (partition, _, region, account) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
        let part = |part: &str| (!part.is_empty()).then(|| part.to_owned());
        Some(Self {
            partition: part(partition)?,
            region: part(region)?,
            account: part(account)?,
        })
    }
}

impl Facts {
    /// What stands, while or after something was done about `desired`.
    pub fn standing(
        place: Option<Place>,
        desired: &Desired,
        recorded: &Recorded,
        snapshot: &Snapshot,
    ) -> Self {
        Self {
            place,
            vpc_id: desired.vpc_id.clone(),
            domain_name: desired.domain_name.clone(),
            subnet_ids: desired.subnet_ids.clone(),
            objects: Objects::of(recorded, snapshot),
            retired: Attr::Known(retired_ids(recorded)),
            recorded: recorded.clone(),
            connection_changes: false,
            pending: Attr::Known(Vec::new()),
        }
    }
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
    Model {
        id: name.clone(),
        connection_arn: or_recorded(attr(connection.map(|seen| seen.arn.clone())), &CONNECTION_SLOT),
        connection_arn_for_policy: by_name(arn_for_policy),
        connection_secret_arn: of_connection(optional(connection.map(|seen| seen.secret_arn.clone()))),
        connection_state: of_connection(attr(connection.map(|seen| seen.state.clone()))),
        connection_state_reason: of_connection(optional(connection.map(|seen| seen.state_reason.clone()))),
        vpc_id: attr(facts.vpc_id.clone()),
        subnet_ids: attr(facts.subnet_ids.clone()),
        domain_name: attr(facts.domain_name.clone()),
        security_group_id: or_recorded(
            attr(objects.group.as_ref().map(|seen| seen.id.clone())),
            &GROUP_SLOT,
        ),
        resource_gateway_id: or_recorded(
            attr(objects.gateway.as_ref().map(|seen| seen.id.clone())),
            &GATEWAY_SLOT,
        ),
        resource_gateway_arn: attr(objects.gateway.as_ref().map(|seen| seen.arn.clone())),
        resource_configuration_id: or_recorded(
            attr(objects.configuration.as_ref().map(|seen| seen.id.clone())),
            &CONFIGURATION_SLOT,
        ),
        resource_configuration_arn: attr(objects.configuration.as_ref().map(|seen| seen.arn.clone())),
        resource_association_arn: of_connection(optional(
            connection.map(|seen| seen.association_arn.clone()),
        )),
        state_machine_policy_json: by_name(state_machine_policy),
        pending: facts.pending.clone(),
        retired: facts.retired.clone(),
        ..inputs.without_write_only()
    }
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
    format!(
        "arn:{}:events:{}:{}:connection/{name}",
        place.partition, place.region, place.account
    )
}

/// What a state machine's role needs to call through the connection (AWS Step Functions Developer Guide,
/// "Call HTTPS APIs"): the call, the connection's credentials, and the secret in which EventBridge keeps
/// them.
fn state_machine_policy(place: &Place, name: &str) -> String {
    let connection = arn_for_policy(place, name);
    let secret = format!(
        "arn:{}:secretsmanager:{}:{}:secret:events!connection/{name}/*",
        place.partition, place.region, place.account
    );
    serde_json::json!({
        "Version": "2012-10-17",
        "Statement": [
            { "Effect": "Allow", "Action": "states:InvokeHTTPEndpoint", "Resource": "*" },
            {
                "Effect": "Allow",
                "Action": "events:RetrieveConnectionCredentials",
                "Resource": [connection, format!("{connection}/*")],
            },
            {
                "Effect": "Allow",
                "Action": ["secretsmanager:GetSecretValue", "secretsmanager:DescribeSecret"],
                "Resource": secret,
            },
        ],
    })
    .to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facts() -> Facts {
        let place = Place::of_arn("arn:aws:events:us-east-1:123456789012:connection/orders/uuid");
        let everything_later = Objects {
            group: Fact::Later,
            gateway: Fact::Later,
            configuration: Fact::Later,
            connection: Fact::Later,
        };
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
