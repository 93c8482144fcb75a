//! What the experiments are made on: the VPC endpoint that the user names, and what else was given.

use serde_json::Value;

use crate::aws::{Aws, items};
use crate::trouble::{Refusal, Trouble};

/// What only the user can know.
#[derive(Clone, Debug, Default, clap::Args)]
pub struct Given {
    /// A role that you may assume and that may do what you may: experiments with fewer permissions take sessions of it
    #[arg(long, value_name = "ARN")]
    pub role_arn: Option<String>,
    /// A role that Step Functions may assume, for HTTP tasks by TestState
    #[arg(long, value_name = "ARN")]
    pub state_machine_role_arn: Option<String>,
    /// A URL of a private API behind the endpoint that answers 2xx without credentials
    #[arg(long)]
    pub url: Option<String>,
    /// A KMS key with the tag EventBridgeApiDestinations = true
    #[arg(long, value_name = "ID")]
    pub kms_key_id: Option<String>,
    /// A public token endpoint that refuses made-up client credentials; left out: STS of the Region
    #[arg(long, value_name = "URL")]
    pub token_endpoint: Option<String>,
    /// A resource configuration that another account shares with this one
    #[arg(long, value_name = "ARN")]
    pub shared_configuration_arn: Option<String>,
}

/// The option that names the endpoint beside which everything is made.
pub const ENDPOINT_OPTION: &str = "--vpc-endpoint-id";

/// The VPC endpoint, and where it stands.
#[derive(Clone, Debug, PartialEq)]
pub struct Subject {
    pub endpoint_id: String,
    pub vpc_id: String,
    /// The first of the endpoint's.
    pub subnet_id: String,
    /// `com.amazonaws.eu-central-1.execute-api`
    pub service_name: String,
    /// The endpoint's regional DNS name.
    pub dns_name: String,
    /// Another name of it that resolves, of a zone.
    pub other_dns_name: String,
    /// Whether the VPC has a CIDR block of IPv6.
    pub has_ipv6: bool,
}

impl Subject {
    /// Looks at the endpoint that this option names.
    ///
    /// # Errors
    /// A text that says what is wrong with the endpoint, and what to do.
    pub fn look(aws: &Aws, option: &str, endpoint_id: &str) -> Result<Self, String> {
        let told = |trouble: Trouble| match trouble {
            Trouble::Refused(refusal) => explained(&refusal, option, endpoint_id, &aws.region),
            other => other.to_string(),
        };
        let answer = aws
            .ec2("DescribeVpcEndpoints", &[("VpcEndpointId.1", endpoint_id)])
            .map_err(told)?;
        let endpoint = items(&answer["vpcEndpointSet"])
            .first()
            .cloned()
            .unwrap_or_default();
        let text = |member: &str| endpoint[member].as_str().unwrap_or_default().to_owned();
        let (service_name, state) = (text("serviceName"), text("state"));
        if !service_name.ends_with(".execute-api") || text("vpcEndpointType") != "Interface" {
            return Err(format!(
                "{option}: {endpoint_id} is an endpoint for {service_name}, and the experiments want an interface \
                 endpoint for execute-api"
            ));
        }
        if !state.eq_ignore_ascii_case("available") {
            return Err(format!(
                "{option}: {endpoint_id} is {state}; the experiments want it available"
            ));
        }
        let names = own_names(&endpoint);
        if names.is_empty() {
            return Err(format!("{option}: {endpoint_id} has no DNS name of its own"));
        }
        let vpc_id = text("vpcId");
        let vpcs = aws.ec2("DescribeVpcs", &[("VpcId.1", &vpc_id)]).map_err(told)?;
        let blocks = items(&vpcs["vpcSet"])
            .first()
            .map(|vpc| &vpc["ipv6CidrBlockAssociationSet"]);
        Ok(Self {
            endpoint_id: endpoint_id.to_owned(),
            subnet_id: items(&endpoint["subnetIdSet"])
                .first()
                .map(plain)
                .unwrap_or_default(),
            dns_name: names[0].clone(),
            other_dns_name: names[names.len() - 1].clone(),
            vpc_id,
            service_name,
            has_ipv6: blocks.is_some_and(|blocks| !items(blocks).is_empty()),
        })
    }
}

fn plain(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

/// The DNS names that begin with the endpoint's id. The first is that of the whole endpoint: the others have a zone in them,
/// and so are longer.
fn own_names(endpoint: &Value) -> Vec<String> {
    let id = endpoint["vpcEndpointId"].as_str().unwrap_or_default();
    let names = items(&endpoint["dnsEntrySet"])
        .iter()
        .filter_map(|entry| entry["dnsName"].as_str());
    let mut own: Vec<_> = names
        .filter(|name| name.starts_with(id))
        .map(str::to_owned)
        .collect();
    own.sort_by_key(String::len);
    own
}

fn explained(refusal: &Refusal, option: &str, endpoint_id: &str, region: &str) -> String {
    if refusal.code.contains("NotFound") || refusal.code.contains("Malformed") {
        return format!(
            "{option}: there is no VPC endpoint {endpoint_id} in {region} for this account ({}); --region and \
             --profile say where to look",
            refusal.code
        );
    }
    if refusal.is_denial() {
        return format!(
            "the endpoint cannot be looked at: the permission {} is missing",
            refusal.denied_action()
        );
    }
    refusal.to_string()
}
