//! A provider and the part of Terraform's core that matters to it: what is in the state after an apply that
//! ended well, failed, or was killed.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use reconcile::{Engine, Error, Id, Recorded, Snapshot, Step};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::cloud::{Cloud, CloudError};
use super::graph::{CONFIGURATION, CONNECTION, GATEWAY, GROUP, INGRESS, Invocation, Wanted};

/// What core stores.
#[derive(Clone, Debug)]
pub struct Stored {
    /// What tells this holder of the name from others.
    pub token: String,
    pub wanted: Wanted,
    pub recorded: Recorded,
    pub snapshot: Snapshot,
    pub pending: Vec<String>,
}

/// How an apply ended.
#[derive(Debug)]
pub enum Outcome {
    Done,
    Failed(Error<CloudError>),
    Killed,
}

impl Outcome {
    pub fn is_done(&self) -> bool {
        matches!(self, Self::Done)
    }

    pub fn error(self) -> Error<CloudError> {
        match self {
            Self::Failed(error) => error,
            Self::Done | Self::Killed => panic!("expected an error, not {self:?}"),
        }
    }
}

/// One working directory.
pub struct Terraform {
    pub cloud: Arc<Cloud>,
    pub name: String,
    pub state: Option<Stored>,
    /// Whether a killed provider's last record reaches the state. Core loses it; a provider that only
    /// panicked answers with it.
    pub keeps_record: bool,
    pub cancel: CancellationToken,
    pub timeout: Duration,
    pub warnings: Vec<String>,
}

impl Terraform {
    pub fn new(cloud: &Arc<Cloud>, name: &str) -> Self {
        Self {
            cloud: Arc::clone(cloud),
            name: name.to_owned(),
            state: None,
            keeps_record: false,
            cancel: CancellationToken::new(),
            timeout: Duration::from_secs(1800),
            warnings: Vec::new(),
        }
    }

    /// The recorded token; one of its own for each create.
    fn token(&self) -> String {
        match &self.state {
            Some(stored) => stored.token.clone(),
            None => format!("t{}", self.cloud.next_token()),
        }
    }

    /// The graph of what is recorded, or of a create.
    pub fn graph_of(&self, wanted: Option<Wanted>) -> Invocation {
        Invocation::new(&self.cloud, &self.name, &self.token(), wanted)
    }

    /// Reads what is there.
    pub async fn refresh(&mut self) -> Result<(), Error<CloudError>> {
        let graph = self.graph_of(self.state.as_ref().map(|stored| stored.wanted.clone()));
        let Some(stored) = &mut self.state else {
            return Ok(());
        };
        let engine = Engine::new(stored.recorded.clone());
        engine.plan(&graph).await?;
        stored.recorded = engine.recorded();
        stored.snapshot = engine.snapshot();
        stored.pending = engine.pending();
        if stored.recorded.is_empty() {
            self.state = None;
        }
        Ok(())
    }

    /// The steps to what is wanted, from the refreshed state alone.
    pub async fn plan(&self, wanted: &Wanted) -> Result<Vec<Step>, Error<CloudError>> {
        let (recorded, snapshot) = self
            .state
            .as_ref()
            .map(|stored| (stored.recorded.clone(), stored.snapshot.clone()))
            .unwrap_or_default();
        let engine = Engine::new(recorded).with_snapshot(snapshot);
        Ok(engine.plan(&self.graph_of(Some(wanted.clone()))).await?.steps)
    }

    /// Refresh, plan, apply.
    pub async fn apply(&mut self, wanted: &Wanted) -> Outcome {
        match self.prepare(wanted).await {
            Ok(steps) => self.run(Some(wanted), Some(steps)).await,
            Err(error) => Outcome::Failed(error),
        }
    }

    async fn prepare(&mut self, wanted: &Wanted) -> Result<Vec<Step>, Error<CloudError>> {
        self.refresh().await?;
        self.plan(wanted).await
    }

    /// Applies a plan made earlier.
    pub async fn apply_planned(&mut self, wanted: &Wanted, steps: Vec<Step>) -> Outcome {
        self.run(Some(wanted), Some(steps)).await
    }

    pub async fn destroy(&mut self) -> Outcome {
        if let Err(error) = self.refresh().await {
            return Outcome::Failed(error);
        }
        if self.state.is_none() {
            return Outcome::Done;
        }
        self.run(None, None).await
    }

    async fn run(&mut self, wanted: Option<&Wanted>, planned: Option<Vec<Step>>) -> Outcome {
        let prior = self.state.clone();
        let recorded = prior
            .as_ref()
            .map(|stored| stored.recorded.clone())
            .unwrap_or_default();
        let told = Arc::new(Mutex::new(None));
        let draft = Arc::clone(&told);
        let engine = Engine::new(recorded)
            .with_journal(move |recorded, snapshot| {
                *draft.lock().unwrap() = Some((recorded.clone(), snapshot.clone()));
            })
            .with_cancellation(self.cancel.clone())
            .with_deadline(Instant::now() + self.timeout);
        let token = self.token();
        let graph = Invocation::new(&self.cloud, &self.name, &token, wanted.cloned());
        let attempt = async {
            let mut result = engine.run(&graph, planned.as_deref()).await.map(drop);
            if prior.is_none() {
                if result.is_ok() {
                    result = graph.reassure(&engine).await;
                }
                if result.is_err() {
                    graph.give_over(&engine).await.unwrap();
                }
            }
            // An error of this one is told as a warning; the next apply takes the mark off.
            let _ = graph.sign_off(&engine).await;
            result
        };
        let result = tokio::select! {
            biased;
            result = attempt => Some(result),
            () = self.cloud.killed() => None,
        };
        let killed = result.is_none();
        self.warnings = engine.warnings().iter().map(ToString::to_string).collect();
        let last = told.lock().unwrap().take();
        let last = if killed {
            last
        } else {
            Some((engine.recorded(), engine.snapshot()))
        };
        if killed && !self.keeps_record {
            return Outcome::Killed;
        }
        let shown = wanted.or(prior.as_ref().map(|stored| &stored.wanted)).cloned();
        if let (Some((recorded, snapshot)), Some(wanted)) = (last, shown) {
            let pending = engine.pending();
            let stored = Stored {
                token,
                wanted,
                recorded,
                snapshot,
                pending,
            };
            self.state = (!stored.recorded.is_empty()).then_some(stored);
        }
        match result {
            None => Outcome::Killed,
            Some(Ok(_)) => Outcome::Done,
            Some(Err(error)) => Outcome::Failed(error),
        }
    }

    /// Takes over the live connection of our name and the path behind it.
    pub async fn import(&mut self, wanted: &Wanted) {
        let world = self.cloud.world();
        let id = Id::from(self.name.as_str());
        let configuration = world.connections[&id].configuration.clone();
        let gateway = world.configurations[&configuration].gateway.clone();
        let group = world.gateways[&gateway].group.clone();
        let owner = world.configurations[&configuration]
            .owner
            .clone()
            .unwrap_or_default();
        let token = owner.split_once('/').expect("a token").1.to_owned();
        let mut recorded = Recorded::default()
            .with(GROUP, group)
            .with(GATEWAY, gateway)
            .with(CONFIGURATION, configuration)
            .with(CONNECTION, id);
        let rule = world
            .rules
            .iter()
            .find(|(_, rule)| rule.vpc == wanted.vpc && Some(rule.port) == wanted.ingress);
        if let Some((id, rule)) = rule {
            let rule_is_ours = rule.owner.as_ref() == Some(&owner);
            recorded = if rule_is_ours {
                recorded.with(INGRESS, id.clone())
            } else {
                recorded.with_borrowed(INGRESS, id.clone())
            };
        }
        let (snapshot, pending) = Default::default();
        self.state = Some(Stored {
            token,
            wanted: wanted.clone(),
            recorded,
            snapshot,
            pending,
        });
    }
}
