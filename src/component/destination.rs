//! An EventBridge API destination: a URL that rules call through the connection.
//!
//! It cannot be tagged. It is ours when its ARN is recorded; during a create also when it uses the connection that the
//! create has made.

use aws_sdk_eventbridge::operation::describe_api_destination::DescribeApiDestinationOutput;
use aws_sdk_eventbridge::types::ApiDestinationHttpMethod;
use reconcile::{Change, Component, Fact, Found, Health, Id, Inventory, Kind, Made};
use serde::{Deserialize, Serialize};

use super::{CONNECTION, ComponentError, reserved};
use crate::aws::{Api, Arn, AwsError, Called as _, ErrorKind, pages, wanted};
use crate::client::Aws;

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
    forced: bool,
    /// Only destinations that call through a connection of this name are seen.
    through: Option<&'a str>,
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
    pub description: Option<String>,
}

/// The name in an id, which is the ARN `arn:…:api-destination/<name>/<uuid>`.
fn name_of(id: &Id) -> String {
    let named = Arn::parse(id.as_str()).and_then(|arn| arn.name().map(str::to_owned));
    named.unwrap_or_else(|| id.to_string())
}

impl<'a> Destination<'a> {
    /// The destination of that name.
    pub fn new(aws: &'a Aws, name: &'a str) -> Self {
        Self {
            aws,
            name,
            forced: false,
            through: None,
        }
    }

    /// Any destination, to be searched for or removed. One that calls through a connection that is not called `connection`
    /// was given to somebody else, and counts as gone.
    pub fn any(aws: &'a Aws, connection: &'a str) -> Self {
        Self {
            through: Some(connection),
            ..Self::new(aws, "")
        }
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

    /// The destination that a create of this run has made although it answered with an error: of our name, on our
    /// connection. The name was free before, or the create would have been refused.
    async fn just_made(&self, inventory: &Inventory) -> Result<Vec<Found<SeenDestination>>, ComponentError> {
        let seen = self.find().await?;
        let ours = seen.filter(|seen| {
            inventory
                .recorded
                .owns(CONNECTION.key, &Id::new(&seen.connection_arn))
        });
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
        self.update(&Id::new(&*seen.arn), want, &seen, 0).await?;
        taken.keep();
        Ok(Made::ours(seen.arn))
    }

    fn is_through(&self, seen: &SeenDestination) -> bool {
        let named = Arn::parse(&seen.connection_arn);
        let named = named.as_ref().and_then(Arn::name);
        self.through.is_none() || named.is_none() || named == self.through
    }

    fn description(want: &DestinationSpec) -> Option<String> {
        match &want.description {
            Fact::Known(words) => Some(words.clone()),
            Fact::Absent | Fact::Later => None,
        }
    }
}

fn seen(api: Api, answer: DescribeApiDestinationOutput) -> Result<SeenDestination, AwsError> {
    let description = answer.description.filter(|words| !words.is_empty());
    Ok(SeenDestination {
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
        description: description.filter(|words| words != reserved::DESTINATION_DESCRIPTION),
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
            return self.just_made(inventory).await;
        }
        // Once there is a record, a destination on our connection that is not in it can be somebody else's.
        let connection = inventory.of(CONNECTION).first().filter(|_| inventory.fresh);
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
        Ok(seen.filter(|seen| seen.arn == id.as_str() && self.is_through(seen)))
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
            .set_description(Self::description(want))
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
        const API: Api = Api::new("events", "UpdateApiDestination");
        let update = |description: Option<String>| {
            let method = want.method.as_ref().known();
            self.aws
                .events
                .update_api_destination()
                .name(self.name)
                .set_connection_arn(want.connection_arn.clone().known())
                .set_invocation_endpoint(want.endpoint.clone().known())
                .set_http_method(method.map(|method| ApiDestinationHttpMethod::from(method.as_str())))
                .set_invocation_rate_limit_per_second(want.rate.known())
                .set_description(description)
                .send()
        };
        let clears = seen.description.is_some() && want.description == Fact::Absent;
        let description = if clears {
            Some(String::new())
        } else {
            Self::description(want)
        };
        let answer = update(description).await;
        answer.of(API)?;
        let stays = clears
            && self
                .describe(self.name)
                .await?
                .is_some_and(|now| now.description.is_some());
        if stays {
            let answer = update(Some(reserved::DESTINATION_DESCRIPTION.to_owned())).await;
            answer.of(API)?;
        }
        Ok(())
    }

    async fn delete(&self, id: &Id, seen: &SeenDestination) -> Result<(), ComponentError> {
        const API: Api = Api::new("events", "DeleteApiDestination");
        if !self.aws.handovers.may_delete(id.as_str(), &seen.name).await {
            return Ok(());
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
