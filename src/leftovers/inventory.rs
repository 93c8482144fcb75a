//! What bears our tags in one account and Region, and who uses it. Only reads; one that fails fails the whole, because
//! what cannot be seen cannot be called left over.

use std::time::SystemTime;

use aws_sdk_ec2::types::Filter;
use aws_sdk_vpclattice::types::ServiceNetworkResourceAssociationStatus as Status;
use aws_smithy_types::DateTime;
use reconcile::Kind;

use crate::aws::{Api, AwsError, Called as _, pages, wanted};
use crate::client::{Aws, TAG_PREFIX};
use crate::component::naming::{INVOCATION_TAG, Owner, PATH_TAG};
use crate::component::{
    API_DESTINATION, CONFIGURATION, CONNECTION, ComponentError, Connection, Destination, GATEWAY, GROUP,
    INGRESS, ObjectTags, SeenConnection, begun_at,
};

/// What one page of VPC Lattice holds at most.
const PAGE: i32 = 100;

/// Where it was taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    pub account: String,
    pub region: String,
}

/// Everything of ours, and whatever touches it.
#[derive(Debug)]
pub struct Inventory {
    pub place: Place,
    /// What bears one of our two tags of holders, and what hangs on it.
    pub objects: Vec<Object>,
    /// Who else uses one of them.
    pub uses: Vec<Use>,
}

/// An object of a holder.
#[derive(Debug, Clone)]
pub struct Object {
    pub kind: Kind,
    pub id: String,
    pub name: String,
    pub holder: Holder,
    /// Whether it bears the mark of a create that has not ended; `None` for what can bear none.
    pub marked: Option<bool>,
    pub created: Option<SystemTime>,
}

/// Whose objects are: one invocation or path of one state.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Holder {
    /// [`INVOCATION_TAG`] or [`PATH_TAG`].
    pub tag: &'static str,
    /// The tag's value, `<name>/<token>`.
    pub value: String,
}

/// Somebody uses an object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Use {
    /// The id of what is used.
    pub of: String,
    /// Who, in words.
    pub by: String,
}

impl Holder {
    fn of(tags: &ObjectTags) -> Option<Self> {
        [INVOCATION_TAG, PATH_TAG].into_iter().find_map(|tag| {
            let value = tags.holder(tag)?.clone();
            Some(Self { tag, value })
        })
    }

    /// The name that the user gave.
    pub fn name(&self) -> &str {
        self.value.split('/').next().unwrap_or_default()
    }

    /// The owner that the tag names.
    pub fn owner(&self) -> Owner {
        let token = self.value.split_once('/').map(|(_, token)| token);
        match token {
            Some(token) if self.tag == PATH_TAG => Owner::path(self.name(), token, None),
            token => Owner::invocation(self.name(), token, None),
        }
    }
}

impl Object {
    /// `None` for what bears none of our tags of holders.
    fn tagged(
        kind: Kind,
        id: String,
        name: String,
        tags: &ObjectTags,
        created: Option<&DateTime>,
    ) -> Option<Self> {
        Some(Self {
            kind,
            id,
            name,
            holder: Holder::of(tags)?,
            marked: Some(tags.is_marked()),
            created: created.and_then(time).or_else(|| begun_at(tags.mark()?)),
        })
    }
}

fn time(at: &DateTime) -> Option<SystemTime> {
    SystemTime::try_from(*at).ok()
}

/// Takes it.
///
/// # Errors
/// The first call that fails, a denied one too.
pub async fn take(aws: &Aws) -> Result<Inventory, ComponentError> {
    let account = aws.caller().await?.account.clone();
    let place = Place {
        region: aws.region().to_owned(),
        account,
    };
    let mut inventory = Inventory {
        place,
        objects: groups(aws).await?,
        uses: Vec::new(),
    };
    inventory.objects.extend(rules(aws).await?);
    gateways(aws, &mut inventory).await?;
    let configurations = configurations(aws, &mut inventory).await?;
    connections(aws, &mut inventory, &configurations).await?;
    Ok(inventory)
}

async fn groups(aws: &Aws) -> Result<Vec<Object>, AwsError> {
    let groups = aws.listings.groups.all().await?;
    let objects = groups.iter().filter_map(|group| {
        let tags = ObjectTags::of(group.tags.clone());
        Object::tagged(GROUP, group.id.clone(), group.name.clone(), &tags, None)
    });
    Ok(objects.collect())
}

/// Rules that bear our tags, at groups that are not ours.
async fn rules(aws: &Aws) -> Result<Vec<Object>, AwsError> {
    const API: Api = Api::new("ec2", "DescribeSecurityGroupRules");
    let by_tag = Filter::builder()
        .name("tag-key")
        .values(format!("{TAG_PREFIX}*"))
        .build();
    let rules = pages(API, |token| {
        let request = aws.ec2.describe_security_group_rules().filters(by_tag.clone());
        let request = request.set_next_token(token);
        async move {
            let answer = request.send().await.of(API)?;
            Ok((answer.security_group_rules.unwrap_or_default(), answer.next_token))
        }
    });
    let objects = rules
        .await?
        .into_iter()
        .filter(|rule| rule.is_egress != Some(true))
        .map(|rule| {
            let tags = rule
                .tags()
                .iter()
                .filter_map(|tag| Some((tag.key.clone()?, tag.value.clone()?)));
            let tags = ObjectTags::of(tags);
            let id = wanted(API, "SecurityGroupRuleId", rule.security_group_rule_id)?;
            let group = rule.group_id.unwrap_or_default();
            Ok(Object::tagged(INGRESS, id, format!("at {group}"), &tags, None))
        });
    Ok(objects
        .collect::<Result<Vec<_>, AwsError>>()?
        .into_iter()
        .flatten()
        .collect())
}

/// The tags of a VPC Lattice object of this account; none for another account's, and for one that is gone.
async fn tags_of(aws: &Aws, arn: &str, place: &Place) -> Result<ObjectTags, AwsError> {
    const API: Api = Api::new("vpc-lattice", "ListTagsForResource");
    let account = crate::aws::Arn::parse(arn).map(|arn| arn.account);
    if account.is_some_and(|account| account != place.account) {
        return Ok(ObjectTags::default());
    }
    let answer = aws
        .lattice
        .list_tags_for_resource()
        .resource_arn(arn)
        .send()
        .await;
    let tags = answer.found(API)?.and_then(|answer| answer.tags);
    Ok(ObjectTags::of(tags.unwrap_or_default()))
}

async fn gateways(aws: &Aws, inventory: &mut Inventory) -> Result<(), AwsError> {
    const API: Api = Api::new("vpc-lattice", "ListResourceGateways");
    let listed = pages(API, |token| {
        let request = aws
            .lattice
            .list_resource_gateways()
            .max_results(PAGE)
            .set_next_token(token);
        async move {
            let answer = request.send().await.of(API)?;
            Ok((answer.items.unwrap_or_default(), answer.next_token))
        }
    });
    for gateway in listed.await? {
        let arn = wanted(API, "arn", gateway.arn)?;
        let (id, name) = (wanted(API, "id", gateway.id)?, wanted(API, "name", gateway.name)?);
        let tags = tags_of(aws, &arn, &inventory.place).await?;
        inventory.objects.extend(Object::tagged(
            GATEWAY,
            id,
            name,
            &tags,
            gateway.created_at.as_ref(),
        ));
    }
    Ok(())
}

/// Takes the configurations, and gives the ARNs of those that are ours, by id.
async fn configurations(aws: &Aws, inventory: &mut Inventory) -> Result<Vec<(String, String)>, AwsError> {
    const API: Api = Api::new("vpc-lattice", "ListResourceConfigurations");
    let listed = pages(API, |token| {
        let request = aws
            .lattice
            .list_resource_configurations()
            .max_results(PAGE)
            .set_next_token(token);
        async move {
            let answer = request.send().await.of(API)?;
            Ok((answer.items.unwrap_or_default(), answer.next_token))
        }
    });
    let mut ours = Vec::new();
    for configuration in listed.await? {
        let arn = wanted(API, "arn", configuration.arn)?;
        let (id, name) = (
            wanted(API, "id", configuration.id)?,
            wanted(API, "name", configuration.name)?,
        );
        let tags = tags_of(aws, &arn, &inventory.place).await?;
        let object = Object::tagged(
            CONFIGURATION,
            id.clone(),
            name.clone(),
            &tags,
            configuration.created_at.as_ref(),
        );
        if let Some(gateway) = configuration.resource_gateway_id {
            let holder = object.as_ref().map(|object| &object.holder);
            let own = |of: &Object| of.kind == GATEWAY && of.id == gateway && Some(&of.holder) == holder;
            if !inventory.objects.iter().any(own) {
                inventory.uses.push(Use {
                    of: gateway,
                    by: format!("the resource configuration {id} ({name})"),
                });
            }
        }
        if let Some(object) = object {
            inventory.objects.push(object);
            ours.push((id, arn));
        }
    }
    Ok(ours)
}

/// Takes the connections that go through our configurations: those of their holders with what hangs on them, and whoever
/// else is associated.
async fn connections(
    aws: &Aws,
    inventory: &mut Inventory,
    configurations: &[(String, String)],
) -> Result<(), ComponentError> {
    for (id, arn) in configurations {
        let holder = inventory
            .objects
            .iter()
            .find(|object| object.id == *id)
            .map(|object| object.holder.clone());
        let Some(holder) = holder else { continue };
        let connection = match holder.tag {
            INVOCATION_TAG => Connection::new(aws, holder.name()).describe().await?,
            _ => None,
        };
        let connection = connection.filter(|seen| seen.configuration_arn.as_ref() == Some(arn));
        let own = connection.as_ref().map(SeenConnection::association_arns);
        let uses = associations(aws, id, arn, &own.unwrap_or_default()).await?;
        inventory.uses.extend(uses);
        let Some(connection) = connection else { continue };
        destinations(aws, inventory, &holder, &connection.arn).await?;
        inventory.objects.push(Object {
            kind: CONNECTION,
            id: connection.arn,
            name: connection.name,
            holder,
            marked: None,
            created: None,
        });
    }
    Ok(())
}

/// Takes the API destinations of a connection: those whose description says that they are the holder's, with the rules that
/// target them. Any other is somebody else's, who uses the connection. Of a holder that a state records nothing is asked.
async fn destinations(
    aws: &Aws,
    inventory: &mut Inventory,
    holder: &Holder,
    connection: &str,
) -> Result<(), ComponentError> {
    let unfinished = |object: &Object| object.holder == *holder && object.marked == Some(true);
    if !inventory.objects.iter().any(unfinished) {
        return Ok(());
    }
    let owner = holder.owner();
    for (arn, name) in Destination::of_connection(aws, connection).await? {
        let seen = Destination::new(aws, &owner, &name).find().await?;
        // One that is gone meanwhile, or made anew.
        let Some(seen) = seen.filter(|seen| seen.arn == arn) else {
            continue;
        };
        if seen.holder.as_ref() != Some(&holder.value) {
            inventory.uses.push(Use {
                of: connection.to_owned(),
                by: format!("the API destination {name}, which does not say that it is this create's,"),
            });
            continue;
        }
        for rule in Destination::rules_targeting(aws, &arn).await? {
            inventory.uses.push(Use {
                of: arn.clone(),
                by: format!(
                    "the rule {rule}, whose target is to be removed first (aws events remove-targets),"
                ),
            });
        }
        inventory.objects.push(Object {
            kind: API_DESTINATION,
            id: arn,
            name,
            holder: holder.clone(),
            marked: None,
            created: None,
        });
    }
    Ok(())
}

/// Whoever is associated with a configuration beside its own connection.
async fn associations(aws: &Aws, id: &str, arn: &str, own: &[String]) -> Result<Vec<Use>, AwsError> {
    const API: Api = Api::new("vpc-lattice", "ListServiceNetworkResourceAssociations");
    let listed = pages(API, |token| {
        let request = aws.lattice.list_service_network_resource_associations();
        let request = request
            .resource_configuration_identifier(arn)
            .set_next_token(token);
        async move {
            let answer = request.send().await.found(API)?;
            Ok(answer
                .map(|answer| (answer.items, answer.next_token))
                .unwrap_or_default())
        }
    });
    let others = listed.await?.into_iter().filter(|one| {
        // What is on its way out holds nothing back for long.
        let is_own = one.arn.as_ref().is_some_and(|arn| own.contains(arn));
        !is_own && one.status != Some(Status::DeleteInProgress)
    });
    let uses = others.map(|one| Use {
        of: id.to_owned(),
        by: format!(
            "the association {}",
            one.arn.as_deref().unwrap_or("of a service network")
        ),
    });
    Ok(uses.collect())
}
