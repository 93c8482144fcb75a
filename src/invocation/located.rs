//! What the configuration points at, looked up: the VPC endpoint, the subnets' VPC, somebody else's gateway or
//! resource configuration.

use reconcile::Fact;
use terraform_plugin::{Attr, Path, path};

use super::model::Model;
use super::slots::{CONFIGURATION_SLOT, GATEWAY_SLOT};
use crate::aws::{AwsError, ErrorKind};
use crate::client::Aws;
use crate::component::naming::Owner;
use crate::component::{ComponentError, Configuration, Gateway, SeenConfiguration, SeenGateway};
use crate::endpoint::{self, Endpoint, Problem, VpcFacts};

/// What is known of something that the configuration names.
#[derive(Debug, Clone, Default)]
pub enum Look<T> {
    /// It was looked up.
    Here(T),
    /// It is the recorded one, and cannot be looked up any more: what the state says of it stands.
    Recorded,
    /// It is not named, or its id is not known yet, or nothing is known of it.
    #[default]
    Later,
}

/// What was found.
#[derive(Debug, Clone, Default)]
pub struct Located {
    pub endpoint: Look<Endpoint>,
    /// Of the subnets, for an endpoint that is only a DNS name.
    pub vpc: Look<VpcFacts>,
    /// Somebody else's gateway; `Absent` where none is given.
    pub gateway: Fact<SeenGateway>,
    /// Somebody else's resource configuration; `Absent` where none is given, or it cannot be seen.
    pub configuration: Fact<SeenConfiguration>,
}

/// Why what the configuration points at cannot be used: a warning in a plan, which would else block `destroy` too,
/// an error at the start of an apply.
#[derive(Debug, thiserror::Error)]
pub enum Trouble {
    #[error("{0}")]
    Endpoint(Problem),
    #[error("{0}")]
    Subnets(Problem),
    #[error(
        "There is no resource gateway {0} in this account and Region. Check network.resource_gateway_id."
    )]
    NoGateway(String),
    #[error("Resource gateway {id} is {status}, not ACTIVE. Wait until it is, or give another one.")]
    GatewayNotActive { id: String, status: String },
    #[error(
        "{0} is the resource gateway that this resource made itself. Remove network.resource_gateway_id, or give the id \
         of a gateway that is managed elsewhere."
    )]
    OwnGateway(String),
    #[error(
        "There is no resource configuration {0} that this account may use. Check the ARN, its Region, and that its owner's \
         RAM share is accepted."
    )]
    NoConfiguration(String),
    #[error("Resource configuration {arn} is {status}, not ACTIVE. Wait until it is, or give another one.")]
    ConfigurationNotActive { arn: String, status: String },
    #[error(
        "{0} is the resource configuration that this resource made itself. Give the endpoint instead of \
         shared_resource_configuration_arn, or the ARN of a configuration that is managed elsewhere."
    )]
    OwnConfiguration(String),
}

impl Trouble {
    /// Whether it is wrong in the configuration itself, whatever a plan needs.
    pub fn is_mistake(&self) -> bool {
        matches!(self, Self::OwnGateway(_) | Self::OwnConfiguration(_))
    }

    /// The attribute that it is about.
    pub fn path(&self) -> Path {
        match self {
            Self::Endpoint(_) => path!("vpc_endpoint_id"),
            Self::Subnets(_) => path!("network", "subnet_ids"),
            Self::NoGateway(_) | Self::GatewayNotActive { .. } | Self::OwnGateway(_) => {
                path!("network", "resource_gateway_id")
            }
            Self::NoConfiguration(_) | Self::ConfigurationNotActive { .. } | Self::OwnConfiguration(_) => {
                path!("shared_resource_configuration_arn")
            }
        }
    }
}

/// What came of looking.
#[derive(Debug, Default)]
pub struct Found {
    pub located: Located,
    pub troubles: Vec<Trouble>,
    /// Questions that the caller may not ask, and that can be done without.
    pub unchecked: Vec<AwsError>,
}

/// Looks up everything that `config` points at, after `prior` (the state, where there is one).
///
/// # Errors
/// Calls without which nothing can be said, and that failed.
pub async fn locate(
    aws: &Aws,
    owner: &Owner,
    config: &Model,
    prior: Option<&Model>,
) -> Result<Found, ComponentError> {
    let mut found = Found::default();
    if let Attr::Known(id) = &config.vpc_endpoint_id {
        found.located.endpoint = match endpoint::resolve(aws, id).await {
            Ok((endpoint, problem)) => {
                found.troubles.extend(problem.map(Trouble::Endpoint));
                Look::Here(endpoint)
            }
            Err(Problem::Aws(error)) => return Err(error.into()),
            Err(problem) => {
                found.troubles.push(Trouble::Endpoint(problem));
                let same = |prior: &Model| {
                    prior.vpc_endpoint_id == config.vpc_endpoint_id && prior.domain_name.is_known()
                };
                recorded_if(prior.is_some_and(same))
            }
        };
    }
    gateway(aws, owner, config, prior, &mut found).await?;
    vpc(aws, config, prior, &mut found).await?;
    configuration(aws, owner, config, prior, &mut found).await?;
    Ok(found)
}

fn recorded_if<T>(same: bool) -> Look<T> {
    if same { Look::Recorded } else { Look::Later }
}

/// The VPC of the subnets, where nothing else tells it.
async fn vpc(
    aws: &Aws,
    config: &Model,
    prior: Option<&Model>,
    found: &mut Found,
) -> Result<(), ComponentError> {
    let subnets = config.network(|network| &network.subnet_ids);
    let (Attr::Known(_), Attr::Known(subnets)) = (&config.https_endpoint, &subnets) else {
        return Ok(());
    };
    let Some(known) = subnets.iter().map(|id| id.known().cloned()).collect() else {
        return Ok(());
    };
    found.located.vpc = match endpoint::vpc_of_subnets(aws, &known).await {
        Ok(vpc) => Look::Here(vpc),
        Err(Problem::Aws(error)) => return Err(error.into()),
        Err(problem) => {
            found.troubles.push(Trouble::Subnets(problem));
            let same = |prior: &Model| {
                prior.vpc_id.is_known()
                    && prior.network(|network| &network.subnet_ids).known() == Some(subnets)
            };
            recorded_if(prior.is_some_and(same))
        }
    };
    Ok(())
}

async fn gateway(
    aws: &Aws,
    owner: &Owner,
    config: &Model,
    prior: Option<&Model>,
    found: &mut Found,
) -> Result<(), ComponentError> {
    let id = match config.network(|network| &network.resource_gateway_id) {
        Attr::Null => return Ok(()),
        Attr::Unknown => {
            found.located.gateway = Fact::Later;
            return Ok(());
        }
        Attr::Known(id) => id,
    };
    let own = prior.is_some_and(|prior| {
        let recorded = prior.recorded();
        recorded.get(&GATEWAY_SLOT).is_some_and(|own| own.as_str() == id)
    });
    if own {
        found.troubles.push(Trouble::OwnGateway(id.clone()));
    }
    found.located.gateway = match Gateway::new(aws, owner).describe(&id).await? {
        Some(seen) => {
            if seen.status != "ACTIVE" && !seen.status.starts_with("UPDATE") {
                let status = seen.status.clone();
                found.troubles.push(Trouble::GatewayNotActive { id, status });
            }
            Fact::Known(seen)
        }
        None => {
            found.troubles.push(Trouble::NoGateway(id));
            Fact::Later
        }
    };
    Ok(())
}

async fn configuration(
    aws: &Aws,
    owner: &Owner,
    config: &Model,
    prior: Option<&Model>,
    found: &mut Found,
) -> Result<(), ComponentError> {
    let arn = match &config.shared_resource_configuration_arn {
        Attr::Null => return Ok(()),
        Attr::Unknown => {
            found.located.configuration = Fact::Later;
            return Ok(());
        }
        Attr::Known(arn) => arn,
    };
    let own = prior.is_some_and(|prior| {
        let recorded = prior.recorded();
        let id = recorded.get(&CONFIGURATION_SLOT);
        id.is_some_and(|own| arn.ends_with(&format!("/{own}")))
    });
    if own {
        found.troubles.push(Trouble::OwnConfiguration(arn.clone()));
    }
    match Configuration::new(aws, owner).describe(arn).await {
        Ok(Some(seen)) => {
            if seen.status != "ACTIVE" && !seen.status.starts_with("UPDATE") {
                found.troubles.push(Trouble::ConfigurationNotActive {
                    arn: arn.clone(),
                    status: seen.status.clone(),
                });
            }
            found.located.configuration = Fact::Known(seen);
        }
        Ok(None) => {
            found.troubles.push(Trouble::NoConfiguration(arn.clone()));
            // Its name is shown as it was, or not at all.
            let recorded = prior.filter(|prior| prior.resource_configuration_arn.known() == Some(arn));
            if recorded.is_some_and(|prior| prior.domain_name.is_known()) {
                found.located.configuration = Fact::Later;
            }
        }
        Err(ComponentError::Aws(error)) if error.kind == ErrorKind::AccessDenied => {
            found.unchecked.push(error);
        }
        Err(error) => return Err(error),
    }
    Ok(())
}
