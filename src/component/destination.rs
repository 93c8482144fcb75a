//! An EventBridge API destination: a URL that rules call through the connection.
//!
//! It cannot be tagged. It is ours when its ARN is recorded; before that, its description says whose it is: from its create
//! call on, until the state has recorded it and it gets the user's description, or for good where the user gives none.

use std::collections::BTreeMap;
use std::sync::Mutex;

use aws_sdk_eventbridge::operation::describe_api_destination::DescribeApiDestinationOutput;
use aws_sdk_eventbridge::types::ApiDestinationHttpMethod;
use reconcile::{Change, Component, Fact, Found, Health, Id, Inventory, Kind, Made, Recorded};
use serde::{Deserialize, Serialize};

use super::naming::Owner;
use super::{CONNECTION, ComponentError, reserved};
use crate::aws::{Api, Arn, AwsError, Called as _, ErrorKind, pages, wanted};
use crate::client::{Aws, MayDelete};
use crate::lock::lock;

/// The kind, as the engine records it.
pub const API_DESTINATION: Kind = Kind {
    key: "api_destination",
    name: "API destination",
};

/// The event bus that every account has.
const DEFAULT_BUS: &str = "default";

/// One API destination; searches, observations and removals work for any through it.
pub struct Destination<'a> {
    aws: &'a Aws,
    name: &'a str,
    /// Whose it is, as its description says while it has none of the user's.
    holder: String,
    /// The user's description.
    described: Option<String>,
    forced: bool,
    /// Only destinations that call through a connection of this name are seen.
    through: Option<&'a str>,
    /// Those that were looked for and call through another one, by ARN, with its ARN.
    strays: Mutex<BTreeMap<String, String>>,
}

/// What is wanted of the destination.
#[derive(Debug, Clone)]
pub struct DestinationSpec {
    pub connection_arn: Fact<String>,
    /// The URL.
    pub endpoint: Fact<String>,
    pub method: Fact<String>,
    /// Calls a second at most.
    pub rate: Fact<i32>,
    /// `Absent` for none.
    pub description: Fact<String>,
}

/// What AWS answers of the destination.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct SeenDestination {
    pub arn: String,
    pub name: String,
    /// `ACTIVE` or `INACTIVE`.
    pub state: String,
    pub connection_arn: String,
    pub endpoint: String,
    pub method: String,
    pub rate: i32,
    /// The user's.
    pub description: Option<String>,
    /// Whose it is, where its description says so in the place of the user's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub holder: Option<String>,
    /// Whether the user's description is still to come.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub unfinished: bool,
}

/// The name in an id, which is the ARN `arn:…:api-destination/<name>/<uuid>`.
fn name_of(id: &Id) -> String {
    let named = Arn::parse(id.as_str()).and_then(|arn| arn.name().map(str::to_owned));
    named.unwrap_or_else(|| id.to_string())
}

impl<'a> Destination<'a> {
    /// The owner's destination of that name.
    pub fn new(aws: &'a Aws, owner: &Owner, name: &'a str) -> Self {
        Self {
            aws,
            name,
            holder: owner.tag_value(),
            described: None,
            forced: false,
            through: None,
            strays: Mutex::default(),
        }
    }

    /// Any destination, to be searched for or removed. One that calls through a connection that is not called as the owner
    /// was given to somebody else, and counts as gone.
    pub fn any(aws: &'a Aws, owner: &'a Owner) -> Self {
        Self {
            through: Some(owner.name()),
            ..Self::new(aws, owner, "")
        }
    }

    /// The same, with the user's description.
    pub fn described(self, described: Option<String>) -> Self {
        Self { described, ..self }
    }

    /// The same, which goes although rules target it, or not.
    pub fn forced(self, forced: bool) -> Self {
        Self { forced, ..self }
    }

    /// ARN and name of every destination that uses a connection.
    pub async fn of_connection(
        aws: &Aws,
        connection_arn: &str,
    ) -> Result<Vec<(String, String)>, ComponentError> {
        const API: Api = Api::new("events", "ListApiDestinations");
        let listed = pages(API, |token| {
            let request = aws.events.list_api_destinations().connection_arn(connection_arn);
            let request = request.set_next_token(token);
            async move {
                let answer = request.send().await.of(API)?;
                Ok((answer.api_destinations.unwrap_or_default(), answer.next_token))
            }
        });
        let listed = listed.await?.into_iter();
        Ok(listed
            .filter_map(|one| Some((one.api_destination_arn?, one.name?)))
            .collect())
    }

    /// The rules that target a destination, of every event bus that can be seen: `bus/rule`, or the rule alone on the
    /// default bus. EventBridge asks for each bus by itself.
    pub async fn rules_targeting(aws: &Aws, arn: &str) -> Result<Vec<String>, ComponentError> {
        const API: Api = Api::new("events", "ListRuleNamesByTarget");
        let mut found = Vec::new();
        for bus in Self::buses(aws).await? {
            let names = pages(API, |token| {
                let request = aws.events.list_rule_names_by_target().target_arn(arn);
                let request = request.event_bus_name(&bus).set_next_token(token);
                async move {
                    let answer = request.send().await.of(API)?;
                    Ok((answer.rule_names.unwrap_or_default(), answer.next_token))
                }
            });
            let names = names.await?.into_iter();
            if bus == DEFAULT_BUS {
                found.extend(names);
            } else {
                found.extend(names.map(|name| format!("{bus}/{name}")));
            }
        }
        Ok(found)
    }

    /// The names of all event buses; the default one alone where they may not be listed.
    async fn buses(aws: &Aws) -> Result<Vec<String>, ComponentError> {
        const API: Api = Api::new("events", "ListEventBuses");
        let buses = pages(API, |token| {
            let request = aws.events.list_event_buses().set_next_token(token);
            async move {
                let answer = request.send().await.of(API)?;
                let buses = answer.event_buses.unwrap_or_default().into_iter();
                Ok((buses.filter_map(|bus| bus.name).collect(), answer.next_token))
            }
        });
        match buses.await {
            Err(error) if error.kind == ErrorKind::AccessDenied => {
                tracing::warn!(%error, "only rules of the default event bus can be seen");
                Ok(vec![DEFAULT_BUS.to_owned()])
            }
            buses => Ok(buses?),
        }
    }

    /// The destination of this name, whoever made it.
    pub async fn find(&self) -> Result<Option<SeenDestination>, ComponentError> {
        self.describe(self.name).await
    }

    /// The destination of that name, even if it is not ours.
    async fn describe(&self, name: &str) -> Result<Option<SeenDestination>, ComponentError> {
        const API: Api = Api::new("events", "DescribeApiDestination");
        let answer = self.aws.events.describe_api_destination().name(name).send().await;
        Ok(answer.found(API)?.map(|answer| seen(API, answer)).transpose()?)
    }

    /// Destinations on our connection that say that they are ours, and that the record does not know: a run that was killed
    /// has made them.
    pub async fn unrecorded(
        &self,
        connection_arn: &str,
        recorded: &Recorded,
    ) -> Result<Vec<Found<SeenDestination>>, ComponentError> {
        let mut found = Vec::new();
        let listed = self.aws.listings.destinations.all().await?;
        for listed in listed.iter().filter(|one| one.connection_arn == connection_arn) {
            if recorded.owns(API_DESTINATION.key, &Id::new(&*listed.arn)) {
                continue;
            }
            let seen = self.describe(&listed.name).await?;
            if let Some(seen) = seen.filter(|seen| seen.arn == listed.arn && self.is_own(seen)) {
                found.push(Found::listed(&*listed.arn, &*listed.name, true).with(seen));
            }
        }
        Ok(found)
    }

    /// Whether the description says that it is ours.
    pub fn is_own(&self, seen: &SeenDestination) -> bool {
        seen.holder.as_ref() == Some(&self.holder)
    }

    /// The destination that a create of this run has made although it answered with an error: it says so.
    async fn just_made(&self) -> Result<Vec<Found<SeenDestination>>, ComponentError> {
        let ours = self.find().await?.filter(|seen| self.is_own(seen));
        let found = ours.map(|seen| Found::listed(&*seen.arn, &*seen.name, true).with(seen));
        Ok(found.into_iter().collect())
    }

    /// Points a destination at our connection that another resource gives up in this very moment; any other is refused.
    async fn take(&self, want: &DestinationSpec, seen: SeenDestination) -> Result<Made, ComponentError> {
        let Some(taken) = self.aws.handovers.take(&seen.arn) else {
            return Err(ComponentError::ForeignDestination {
                name: self.name.to_owned(),
                arn: seen.arn,
            });
        };
        let id = Id::new(&*seen.arn);
        self.change(want, self.first_description(want)).await?;
        taken.keep();
        Ok(Made::ours(id))
    }

    /// Destinations that were to go, and were pointed at another connection by somebody else than an apply of this process:
    /// they stay. Each with the connection.
    pub fn strays(&self) -> Vec<(String, String)> {
        let strays = lock(&self.strays);
        let strays = strays
            .iter()
            .filter(|(arn, _)| !self.aws.handovers.was_taken(arn));
        strays
            .map(|(arn, through)| (arn.clone(), through.clone()))
            .collect()
    }

    fn is_through(&self, seen: &SeenDestination) -> bool {
        let named = Arn::parse(&seen.connection_arn);
        let named = named.as_ref().and_then(Arn::name);
        self.through.is_none() || named.is_none() || named == self.through
    }

    /// The description until the destination is recorded.
    fn first_description(&self, want: &DestinationSpec) -> String {
        reserved::destination_description(&self.holder, want.description != Fact::Absent)
    }

    /// The description for good.
    fn last_description(&self, users: Option<&String>) -> String {
        users.map_or_else(
            || reserved::destination_description(&self.holder, false),
            String::clone,
        )
    }

    async fn change(&self, want: &DestinationSpec, description: String) -> Result<(), ComponentError> {
        const API: Api = Api::new("events", "UpdateApiDestination");
        let method = want.method.as_ref().known();
        let request = self
            .aws
            .events
            .update_api_destination()
            .name(self.name)
            .set_connection_arn(want.connection_arn.clone().known())
            .set_invocation_endpoint(want.endpoint.clone().known())
            .set_http_method(method.map(|method| ApiDestinationHttpMethod::from(method.as_str())))
            .set_invocation_rate_limit_per_second(want.rate.known())
            .description(description);
        request.send().await.of(API)?;
        Ok(())
    }
}

fn seen(api: Api, answer: DescribeApiDestinationOutput) -> Result<SeenDestination, AwsError> {
    let description = answer.description.filter(|words| !words.is_empty());
    let own = description
        .as_deref()
        .and_then(reserved::read_destination_description);
    let (holder, unfinished) = own.unwrap_or_default();
    Ok(SeenDestination {
        holder: holder.map(str::to_owned),
        unfinished,
        arn: wanted(api, "ApiDestinationArn", answer.api_destination_arn)?,
        name: wanted(api, "Name", answer.name)?,
        state: wanted(api, "ApiDestinationState", answer.api_destination_state)?
            .as_str()
            .to_owned(),
        connection_arn: answer.connection_arn.unwrap_or_default(),
        endpoint: answer.invocation_endpoint.unwrap_or_default(),
        method: answer
            .http_method
            .map_or_else(String::new, |method| method.as_str().to_owned()),
        rate: answer.invocation_rate_limit_per_second.unwrap_or_default(),
        description: if own.is_some() { None } else { description },
    })
}

impl Component for Destination<'_> {
    const KIND: Kind = API_DESTINATION;
    type Spec = DestinationSpec;
    type Observed = SeenDestination;
    type Error = ComponentError;

    fn name(&self, _: &DestinationSpec) -> String {
        self.name.to_owned()
    }

    fn name_of(&self, seen: &SeenDestination) -> String {
        seen.name.clone()
    }

    fn compare(&self, want: &DestinationSpec, seen: &SeenDestination) -> Change {
        if seen.name != self.name {
            return Change::Replace(vec!["name".to_owned()]);
        }
        let mut differs = Vec::new();
        let mut compare = |same: bool, what: &str| differs.extend((!same).then(|| what.to_owned()));
        compare(want.connection_arn.is(&seen.connection_arn), "connection");
        compare(want.endpoint.is(&seen.endpoint), "endpoint");
        compare(want.method.is(&seen.method), "method");
        compare(want.rate.is(&seen.rate), "rate limit");
        let same = match &want.description {
            // It comes when all is done.
            _ if self.marked(seen) => true,
            Fact::Absent => seen.description.is_none(),
            wanted => seen.description.as_ref().is_some_and(|words| wanted.is(words)),
        };
        compare(same, "description");
        if differs.is_empty() {
            Change::Keep
        } else {
            Change::Update(differs)
        }
    }

    fn health(&self, _: &SeenDestination) -> Health {
        Health::Settled
    }

    async fn search(&self, inventory: &Inventory) -> Result<Vec<Found<SeenDestination>>, ComponentError> {
        if inventory.anew {
            return self.just_made().await;
        }
        // Once there is a record, a destination on our connection that is not in it can be somebody else's.
        if !inventory.fresh {
            return match inventory.recorded.ids_of(CONNECTION).next() {
                Some(connection) => self.unrecorded(connection.as_str(), &inventory.recorded).await,
                None => Ok(Vec::new()),
            };
        }
        let connection = inventory.of(CONNECTION).first();
        let Some(connection) = connection else {
            return Ok(Vec::new());
        };
        let listed = Self::of_connection(self.aws, connection.id.as_str()).await?;
        let found = listed
            .into_iter()
            .map(|(arn, name)| Found::listed(arn, name, connection.marked));
        Ok(found.collect())
    }

    async fn observe(&self, id: &Id) -> Result<Option<SeenDestination>, ComponentError> {
        // One of the same name with another ARN was made after ours was deleted: not ours.
        let seen = self.describe(&name_of(id)).await?;
        let Some(seen) = seen.filter(|seen| seen.arn == id.as_str()) else {
            return Ok(None);
        };
        if self.is_through(&seen) {
            return Ok(Some(seen));
        }
        lock(&self.strays).insert(seen.arn, seen.connection_arn);
        Ok(None)
    }

    async fn create(&self, want: &DestinationSpec) -> Result<Made, ComponentError> {
        const API: Api = Api::new("events", "CreateApiDestination");
        let method = want.method.as_ref().known();
        let answer = self
            .aws
            .events
            .create_api_destination()
            .name(self.name)
            .set_connection_arn(want.connection_arn.clone().known())
            .set_invocation_endpoint(want.endpoint.clone().known())
            .set_http_method(method.map(|method| ApiDestinationHttpMethod::from(method.as_str())))
            .set_invocation_rate_limit_per_second(want.rate.known())
            .description(self.first_description(want))
            .send()
            .await;
        match answer.of(API) {
            // EventBridge takes no client token: it may be the first try's, or that of a run that was killed.
            Err(error) if error.kind == ErrorKind::AlreadyExists => match self.describe(self.name).await? {
                Some(seen) if want.connection_arn.is(&seen.connection_arn) => Ok(Made::ours(seen.arn)),
                Some(seen) => self.take(want, seen).await,
                None => Err(error.into()),
            },
            answer => {
                let arn = wanted(API, "ApiDestinationArn", answer?.api_destination_arn)?;
                Ok(Made::ours(arn))
            }
        }
    }

    async fn update(
        &self,
        _: &Id,
        want: &DestinationSpec,
        seen: &SeenDestination,
        _: u32,
    ) -> Result<(), ComponentError> {
        let description = if self.marked(seen) {
            self.first_description(want)
        } else {
            self.last_description(want.description.as_ref().known())
        };
        self.change(want, description).await
    }

    fn marked(&self, seen: &SeenDestination) -> bool {
        seen.unfinished && self.is_own(seen) && (self.name.is_empty() || self.name == seen.name)
    }

    async fn sign_off(
        &self,
        objects: Vec<(Id, SeenDestination)>,
    ) -> Result<Vec<(Id, SeenDestination)>, ComponentError> {
        for (_, seen) in &objects {
            let as_it_is = DestinationSpec {
                connection_arn: Fact::Known(seen.connection_arn.clone()),
                endpoint: Fact::Known(seen.endpoint.clone()),
                method: Fact::Known(seen.method.clone()),
                rate: Fact::Known(seen.rate),
                description: self.described.clone().map_or(Fact::Absent, Fact::Known),
            };
            let description = self.last_description(self.described.as_ref());
            self.change(&as_it_is, description).await?;
        }
        // EventBridge may tell the former description for some seconds.
        Ok(objects)
    }

    async fn delete(&self, id: &Id, seen: &SeenDestination) -> Result<(), ComponentError> {
        const API: Api = Api::new("events", "DeleteApiDestination");
        match self.aws.handovers.may_delete(id.as_str(), &seen.name).await {
            MayDelete::Yes => {}
            MayDelete::Taken => return Ok(()),
            MayDelete::NotYet => {
                return Err(ComponentError::NotHandedOver {
                    name: seen.name.clone(),
                });
            }
        }
        if !self.forced {
            match Self::rules_targeting(self.aws, id.as_str()).await {
                Ok(rules) if rules.is_empty() => {}
                Ok(rules) => return Err(ComponentError::Targeted { rules }),
                Err(ComponentError::Aws(error)) if error.kind == ErrorKind::NotFound => {}
                // A question that may not be asked is no reason to keep it.
                Err(ComponentError::Aws(error)) if error.kind == ErrorKind::AccessDenied => {
                    tracing::warn!(%error, "could not see whether rules target {id}");
                }
                Err(error) => return Err(error),
            }
        }
        let request = self.aws.events.delete_api_destination().name(name_of(id));
        let answer = request.send().await;
        answer.of(API)?;
        Ok(())
    }
}
