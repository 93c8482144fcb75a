//! Looks at a path, from the connection to the VPC endpoint. Only reads.

use std::collections::{BTreeMap, BTreeSet};

use super::observation::{Hidden, Observation, Observed, Question, SeenAssociation, SeenEndpoint};
use crate::aws::{Api, Arn, AwsError, Called as _, ErrorKind, wanted};
use crate::client::Aws;
use crate::component::naming::{INVOCATION_TAG, Owner};
use crate::component::{
    ComponentError, Configuration, Connection, Gateway, IpAddressType, PortRange, SeenConfiguration,
    SeenGateway,
};
use crate::endpoint::{self, Asking, EndState, Endpoint, Family, Problem, WayOut};
use crate::http_task::ConnectionArn;

/// What no permission shows, because this program does not ask the services that know it.
const NOT_READ: [&str; 2] = [
    "The resource policy of the API: API Gateway's console shows it, and a call answers 403 where it refuses.",
    "The policy of the role that calls: a call answers States.Http.AccessDenied or \
     Events.ConnectionResource.AccessDenied where it lacks something.",
];

/// Looks at everything between a connection and its API.
///
/// # Errors
/// The connection may not be read, or a call fails for another reason than a missing permission.
pub async fn path(aws: &Aws, question: &Question) -> Result<Observation, AwsError> {
    let name = question.connection.as_str();
    let connection = Connection::new(aws, name).describe().await.map_err(of_aws)?;
    let asked = question
        .arn
        .as_deref()
        .and_then(|arn| ConnectionArn::parse(arn).ok());
    let (connection, successor) = match (connection, asked) {
        (Some(seen), Some(asked)) if !asked.names(&seen.arn) => {
            // Of another account it is no former one.
            let former = ConnectionArn { id: None, ..asked }.names(&seen.arn);
            (None, former.then_some(seen.arn))
        }
        (connection, _) => (connection, None),
    };
    let caller = aws.caller().await?;
    let mut seen = Observation {
        partition: caller.partition.clone(),
        region: aws.region().to_owned(),
        account: caller.account.clone(),
        name: name.to_owned(),
        connection: connection.into(),
        successor,
        association: Observed::Unknown,
        configuration: Observed::Unknown,
        gateway: Observed::Unknown,
        endpoint: None,
        hidden: Vec::new(),
    };
    let Some(connection) = seen.connection.here().cloned() else {
        return Ok(seen);
    };
    seen.hidden.extend(NOT_READ.map(Hidden::NotRead));
    if let Some(arn) = &connection.association_arn {
        let found = association(aws, arn).await;
        seen.association = allowed(found, &mut seen.hidden)?;
    }
    let Some(arn) = &connection.configuration_arn else {
        return Ok(seen);
    };
    let owner = Owner::invocation(name, None, None);
    let configurations = Configuration::new(aws, &owner);
    let found = configurations.describe_untagged(arn).await.map_err(of_aws);
    seen.configuration = allowed(found, &mut seen.hidden)?;
    let account = Arn::parse(arn).map(|arn| arn.account).unwrap_or_default();
    if account != seen.account {
        seen.hidden.push(Hidden::OtherAccount {
            what: format!("The resource configuration {arn}"),
            account,
        });
        return Ok(seen);
    }
    let Some(configuration) = seen.configuration.here().cloned() else {
        return Ok(seen);
    };
    let found = Gateway::new(aws, &owner)
        .describe_untagged(&configuration.gateway_id)
        .await
        .map_err(of_aws);
    seen.gateway = allowed(found, &mut seen.hidden)?;
    if let Some(id) = seen.endpoint_id().map(str::to_owned) {
        let port = seen.port(question);
        let through = seen.gateway.here().map(|gateway| Through {
            gateway,
            configuration: &configuration,
            port,
        });
        let (found, hidden) = self::endpoint(aws, &id, through).await?;
        seen.endpoint = Some(found);
        seen.hidden.extend(hidden);
    }
    Ok(seen)
}

/// How calls come to an endpoint.
pub struct Through<'a> {
    pub gateway: &'a SeenGateway,
    pub configuration: &'a SeenConfiguration,
    pub port: u16,
}

/// Looks at a VPC endpoint, by itself or as a gateway comes to it; and tells what could not be seen.
///
/// # Errors
/// A call fails for another reason than a missing permission.
pub async fn endpoint(
    aws: &Aws,
    id: &str,
    through: Option<Through<'_>>,
) -> Result<(SeenEndpoint, Vec<Hidden>), AwsError> {
    let mut seen = SeenEndpoint {
        id: id.to_owned(),
        endpoint: Observed::Unknown,
        problem: None,
        network: Vec::new(),
    };
    let mut hidden = Vec::new();
    endpoint::forget(aws, id).await;
    match endpoint::resolve(aws, id).await {
        Ok((found, problem)) => {
            seen.endpoint = Observed::Here(found);
            seen.problem = problem;
        }
        Err(Problem::Aws(error)) => hidden.push(Hidden::Denied(denied(error)?)),
        Err(problem) => {
            if matches!(problem, Problem::Missing(_)) {
                seen.endpoint = Observed::Gone;
            }
            seen.problem = Some(problem);
        }
    }
    if let Some(found) = seen.endpoint.here() {
        let end = end_state(found, through.as_ref());
        let checked = endpoint::check(aws, &end, BTreeMap::new, Asking::Now).await;
        for error in checked.unchecked {
            hidden.push(Hidden::Denied(denied(error)?));
        }
        seen.network = checked.problems;
    }
    Ok((seen, hidden))
}

/// What stands, for the checks of the network. Without a gateway, only what the endpoint shows by itself is judged.
fn end_state<'a>(endpoint: &'a Endpoint, through: Option<&Through<'a>>) -> EndState<'a> {
    static NOTHING: BTreeSet<String> = BTreeSet::new();
    let gateway = through.map(|through| through.gateway);
    let address_type = through.and_then(|through| through.configuration.ip_address_type.as_ref());
    EndState {
        endpoint: Some(endpoint),
        address: None,
        vpc_id: gateway.map_or(&endpoint.vpc_id, |gateway| &gateway.vpc_id),
        subnet_ids: gateway.map_or(&NOTHING, |gateway| &gateway.subnet_ids),
        takes: None,
        ip_address_type: gateway.map(|gateway| &gateway.ip_address_type),
        family: address_type.map(|kind| match kind {
            IpAddressType::Ipv6 => Family::Ipv6,
            _ => Family::Ipv4,
        }),
        ports: BTreeSet::from([through.map_or(PortRange::HTTPS, |through| PortRange::one(through.port))]),
        gateway_group_ids: gateway
            .map(|gateway| gateway.security_group_ids.clone())
            .unwrap_or_default(),
        way_out: gateway.map_or(WayOut::Unknown, |gateway| WayOut::Gateway {
            id: &gateway.id,
            group_ids: &gateway.security_group_ids,
        }),
        ingress_group_id: None,
        leaving: None,
        own_tag: (INVOCATION_TAG, String::new()),
    }
}

async fn association(aws: &Aws, arn: &str) -> Result<Option<SeenAssociation>, AwsError> {
    const API: Api = Api::new("vpc-lattice", "GetServiceNetworkResourceAssociation");
    let request = aws.lattice.get_service_network_resource_association();
    let answer = request
        .service_network_resource_association_identifier(arn)
        .send()
        .await;
    let Some(seen) = answer.found(API)? else {
        return Ok(None);
    };
    Ok(Some(SeenAssociation {
        arn: arn.to_owned(),
        status: wanted(API, "status", seen.status)?.as_str().to_owned().into(),
        failure: seen.failure_reason.or(seen.failure_code),
    }))
}

/// What was found, or that it may not be read.
fn allowed<T>(found: Result<Option<T>, AwsError>, hidden: &mut Vec<Hidden>) -> Result<Observed<T>, AwsError> {
    match found {
        Ok(found) => Ok(found.into()),
        Err(error) => {
            hidden.push(Hidden::Denied(denied(error)?));
            Ok(Observed::Unknown)
        }
    }
}

/// A missing permission; anything else goes on as an error.
fn denied(error: AwsError) -> Result<AwsError, AwsError> {
    match error.kind {
        ErrorKind::AccessDenied => Ok(error),
        _ => Err(error),
    }
}

/// What a read of a component can fail with.
fn of_aws(error: ComponentError) -> AwsError {
    match error {
        ComponentError::Aws(error) => error,
        other => AwsError::unusable(Api::new("events", "DescribeConnection"), other.to_string()),
    }
}
