//! What the configuration points at, looked up: the VPC endpoint, the subnets' VPC, somebody else's gateway or
//! resource configuration.

use reconcile::{Fact, Id};
use terraform_plugin::{Attr, Path, path};

use super::model::Model;
use super::slots::{CONFIGURATION_SLOT, GATEWAY_SLOT};
use crate::aws::{AwsError, ErrorKind};
use crate::client::Aws;
use crate::component::naming::Owner;
use crate::component::{ComponentError, Configuration, GROUP, Gateway, SeenConfiguration, SeenGateway};
use crate::endpoint::{self, Endpoint, Problem, VpcFacts};

/// What is known of something that the configuration names.
#[derive(Debug, Clone, Default)]
pub enum Lookup<T> {
    /// It was looked up.
    Seen(T),
    /// It is the recorded one, and cannot be looked up any more: what the state says of it stands.
    Recorded,
    /// It is not named, or its id is not known yet, or nothing is known of it.
    #[default]
    Later,
}

/// What was found.
#[derive(Debug, Clone, Default)]
pub struct Located {
    pub endpoint: Lookup<Endpoint>,
    /// Of the subnets, for an endpoint that is only a DNS name.
    pub vpc: Lookup<VpcFacts>,
    /// Somebody else's gateway; `Absent` where none is given, or where it may not be seen and the state stands for it.
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
    #[error("{}", Problem::OwnGroup(.0.clone()))]
    OwnGroup(String),
    #[error("{error}")]
    Denied {
        error: AwsError,
        /// What it is asked for.
        at: Path,
    },
}

/// What of a plan cannot be done while a trouble lasts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hinders {
    /// Anything: it is wrong in the configuration itself, whatever a plan needs.
    Everything,
    /// What makes or changes the path.
    Path,
    /// What points the connection at somebody else's resource configuration.
    Connection,
}

impl Trouble {
    /// What of a plan cannot be done while it lasts.
    pub fn hinders(&self) -> Hinders {
        match self {
            Self::OwnGateway(_) | Self::OwnConfiguration(_) | Self::OwnGroup(_) => Hinders::Everything,
            Self::NoConfiguration(_) | Self::ConfigurationNotActive { .. } => Hinders::Connection,
            Self::Endpoint(_)
            | Self::Subnets(_)
            | Self::NoGateway(_)
            | Self::GatewayNotActive { .. }
            | Self::Denied { .. } => Hinders::Path,
        }
    }

    /// Whether it stays as long as the configuration and the Region are these: no waiting helps, and no other resource of
    /// the same apply.
    pub fn is_final(&self) -> bool {
        match self {
            Self::Endpoint(problem) => !matches!(problem, Problem::NotAvailable { .. }),
            Self::GatewayNotActive { .. } | Self::ConfigurationNotActive { .. } | Self::Denied { .. } => {
                false
            }
            _ => true,
        }
    }

    /// The trouble in few words.
    pub fn summary(&self) -> &'static str {
        match self {
            Self::Endpoint(problem) | Self::Subnets(problem) => problem.summary(),
            Self::NoGateway(_) => "No such resource gateway",
            Self::GatewayNotActive { .. } => "Resource gateway is not active",
            Self::OwnGateway(_) => "Not a gateway of somebody else",
            Self::NoConfiguration(_) => "No such resource configuration",
            Self::ConfigurationNotActive { .. } => "Resource configuration is not active",
            Self::OwnConfiguration(_) => "Not a resource configuration of somebody else",
            Self::OwnGroup(_) => "Not a security group of somebody else",
            Self::Denied { .. } => "Could not look the network up",
        }
    }

    /// The attribute that it is about.
    pub fn path(&self) -> Path {
        match self {
            Self::Endpoint(_) => path!("vpc_endpoint_id"),
            Self::Subnets(_) => path!("network", "subnet_ids"),
            Self::OwnGroup(_) => path!("network", "security_group_ids"),
            Self::Denied { at, .. } => at.clone(),
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

impl Found {
    /// Takes note of a question that the caller may not ask: it can be done without where the state has the answer.
    fn denied(&mut self, error: AwsError, at: Path, is_recorded: bool) {
        if is_recorded {
            self.unchecked.push(error);
        } else {
            self.troubles.push(Trouble::Denied { error, at });
        }
    }
}

/// Looks up everything that `config` points at, after `prior` (the state, where there is one).
///
/// # Errors
/// Calls without which nothing can be said, and that failed for another reason than a missing permission.
pub async fn locate(
    aws: &Aws,
    owner: &Owner,
    config: &Model,
    prior: Option<&Model>,
) -> Result<Found, ComponentError> {
    let mut found = Found::default();
    endpoint(aws, config, prior, &mut found).await?;
    gateway(aws, owner, config, prior, &mut found).await?;
    vpc(aws, config, prior, &mut found).await?;
    configuration(aws, owner, config, prior, &mut found).await?;
    groups(config, prior, &mut found);
    Ok(found)
}

fn recorded_if<T>(same: bool) -> Lookup<T> {
    if same { Lookup::Recorded } else { Lookup::Later }
}

async fn endpoint(
    aws: &Aws,
    config: &Model,
    prior: Option<&Model>,
    found: &mut Found,
) -> Result<(), ComponentError> {
    let Attr::Known(id) = &config.vpc_endpoint_id else {
        return Ok(());
    };
    let same = prior
        .is_some_and(|prior| prior.vpc_endpoint_id == config.vpc_endpoint_id && prior.domain_name.is_known());
    found.located.endpoint = match endpoint::resolve(aws, id).await {
        Ok((endpoint, problem)) => {
            found.troubles.extend(problem.map(Trouble::Endpoint));
            Lookup::Seen(endpoint)
        }
        Err(problem) => {
            match problem {
                Problem::Aws(error) if error.kind == ErrorKind::AccessDenied => {
                    found.denied(error, path!("vpc_endpoint_id"), same);
                }
                Problem::Aws(error) => return Err(error.into()),
                problem => found.troubles.push(Trouble::Endpoint(problem)),
            }
            recorded_if(same)
        }
    };
    Ok(())
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
    let same = prior.is_some_and(|prior| {
        prior.vpc_id.is_known() && prior.network(|network| &network.subnet_ids).known() == Some(subnets)
    });
    found.located.vpc = match endpoint::vpc_of_subnets(aws, &known).await {
        Ok(vpc) => Lookup::Seen(vpc),
        Err(problem) => {
            match problem {
                Problem::Aws(error) if error.kind == ErrorKind::AccessDenied => {
                    found.denied(error, path!("network", "subnet_ids"), same);
                }
                Problem::Aws(error) => return Err(error.into()),
                problem => found.troubles.push(Trouble::Subnets(problem)),
            }
            recorded_if(same)
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
    found.located.gateway = match Gateway::new(aws, owner).describe_untagged(&id).await {
        Ok(Some(seen)) => {
            if !seen.status.serves() {
                let status = seen.status.to_string();
                found.troubles.push(Trouble::GatewayNotActive { id, status });
            }
            Fact::Known(seen)
        }
        Ok(None) => {
            found.troubles.push(Trouble::NoGateway(id));
            Fact::Later
        }
        Err(ComponentError::Aws(error)) if error.kind == ErrorKind::AccessDenied => {
            let same = prior.is_some_and(|prior| {
                prior.resource_gateway_id.known() == Some(&id) && prior.vpc_id.is_known()
            });
            found.denied(error, path!("network", "resource_gateway_id"), same);
            if same { Fact::Absent } else { Fact::Later }
        }
        Err(error) => return Err(error),
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
    match Configuration::new(aws, owner).describe_untagged(arn).await {
        Ok(Some(seen)) => {
            if !seen.status.serves() {
                found.troubles.push(Trouble::ConfigurationNotActive {
                    arn: arn.clone(),
                    status: seen.status.to_string(),
                });
            }
            found.located.configuration = Fact::Known(seen);
            return Ok(());
        }
        Ok(None) => found.troubles.push(Trouble::NoConfiguration(arn.clone())),
        // Whether it serves EventBridge finds out, too.
        Err(ComponentError::Aws(error)) if error.kind == ErrorKind::AccessDenied => {
            found.unchecked.push(error);
        }
        Err(error) => return Err(error),
    }
    // Its name is shown as it was, or not at all.
    let recorded = prior.filter(|prior| prior.resource_configuration_arn.known() == Some(arn));
    if recorded.is_some_and(|prior| prior.domain_name.is_known()) {
        found.located.configuration = Fact::Later;
    }
    Ok(())
}

/// Groups that the configuration gives the gateway and that are this resource's own: an import can write them there.
fn groups(config: &Model, prior: Option<&Model>, found: &mut Found) {
    let (Attr::Known(given), Some(prior)) = (config.network(|network| &network.security_group_ids), prior)
    else {
        return;
    };
    let recorded = prior.recorded();
    let own = given.iter().filter_map(Attr::known);
    let own = own.filter(|id| recorded.owns(GROUP.key, &Id::new(id.as_str())));
    found.troubles.extend(own.cloned().map(Trouble::OwnGroup));
}
