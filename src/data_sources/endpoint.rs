//! The data source `private_api_endpoint`: a VPC endpoint as a path needs it, and what is wrong with it.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use terraform_plugin::schema::{list_nested, set, string};
use terraform_plugin::{Attr, Cx, DataSource, Diagnostic, Diagnostics, Schema, Type, path};

use crate::aws::region;
use crate::client::Client;
use crate::component::IpAddressType;
use crate::diagnosis::{self, Finding, of_endpoint};
use crate::sentence::sentence;

/// The data source.
pub struct EndpointLookup;

#[derive(Serialize, Deserialize)]
pub struct View {
    vpc_endpoint_id: Attr<String>,
    region: Attr<String>,
    id: Attr<String>,
    vpc_id: Attr<String>,
    subnet_ids: Attr<BTreeSet<String>>,
    vpc_cidr_blocks: Attr<BTreeSet<String>>,
    security_group_ids: Attr<BTreeSet<String>>,
    ip_address_type: Attr<IpAddressType>,
    regional_dns_name: Attr<String>,
    findings: Attr<Vec<FindingView>>,
}

#[derive(Serialize, Deserialize)]
struct FindingView {
    id: Attr<String>,
    severity: Attr<String>,
    seen: Attr<String>,
    why: Attr<String>,
    remedies: Attr<Vec<String>>,
    page: Attr<String>,
}

impl From<&Finding> for FindingView {
    fn from(finding: &Finding) -> Self {
        let remedies = finding.remedies.iter().map(|remedy| remedy.words());
        Self {
            id: Attr::Known(finding.id.to_owned()),
            severity: Attr::Known(finding.severity.word().to_owned()),
            seen: Attr::Known(finding.seen.clone()),
            why: Attr::Known(finding.why.to_owned()),
            remedies: Attr::Known(remedies.collect()),
            page: Attr::Known(finding.page.to_owned()),
        }
    }
}

impl DataSource for EndpointLookup {
    const NAME: &'static str = "private_api_endpoint";
    type Client = Client;
    type Model = View;

    fn schema() -> Schema {
        let output = |words: &str| string().computed().describe(words);
        let outputs = |words: &str| set(Type::String).computed().describe(words);
        Schema::new(0)
            .describe(
                "An `execute-api` VPC endpoint as a path to a private API needs it: its VPC with all CIDRs, its subnets and groups, \
                 its regional DNS name, and what is wrong with it. An endpoint that is not there is an error; one that is not \
                 ready, or whose policy refuses every call, is a finding.",
            )
            .attr(
                "vpc_endpoint_id",
                string()
                    .required()
                    .matches(r"^vpce-[0-9a-f]{8,}$", "the id of a VPC endpoint, vpce- and hexadecimal digits")
                    .describe("Id of the VPC endpoint."),
            )
            .attr(
                "region",
                string()
                    .optional()
                    .computed()
                    .matches(region::PATTERN, "the name of a Region, such as eu-central-1")
                    .describe("Region to look in. Default: the provider's."),
            )
            .attr("id", output("The id of the endpoint."))
            .attr("vpc_id", output("VPC in which it stands."))
            .attr("subnet_ids", outputs("Subnets in which it has network interfaces."))
            .attr("vpc_cidr_blocks", outputs("Every CIDR of the VPC, IPv4 and IPv6."))
            .attr("security_group_ids", outputs("Its security groups."))
            .attr("ip_address_type", output("`IPV4`, `IPV6` or `DUALSTACK`."))
            .attr("regional_dns_name", output("The DNS name that resolves to its addresses in every zone."))
            .attr(
                "findings",
                list_nested([
                    ("id", output("Names the kind of finding, such as `endpoint-policy`.")),
                    ("severity", output("`error`: calls certainly fail; `warning`: they may.")),
                    ("seen", output("What was seen.")),
                    ("why", output("Why it matters.")),
                    (
                        "remedies",
                        terraform_plugin::schema::list(Type::String).computed().describe("What mends it, the best first."),
                    ),
                    ("page", output("Title of AWS's page about it.")),
                ])
                .computed()
                .describe("What is wrong with it; empty when nothing is."),
            )
    }

    async fn read(&self, cx: &Cx<Client>, config: View) -> Result<View, Diagnostics> {
        let id = config.vpc_endpoint_id.required(path!("vpc_endpoint_id"))?;
        let failed = |why: String| {
            Diagnostic::error(format!("Could not look up VPC endpoint {id}"), why)
                .at(path!("vpc_endpoint_id"))
        };
        let not_yet = || failed("The provider block has values that are not known yet.".to_owned());
        cx.client().check_region(&config.region)?;
        let aws = cx.client().aws(&config.region).ok_or_else(not_yet)?;
        let looked = diagnosis::endpoint(&aws, id, None).await;
        let (seen, hidden) = looked.map_err(|error| failed(sentence(error)))?;
        let Some(endpoint) = seen.endpoint.here() else {
            let why = seen.problem.as_ref().map(ToString::to_string);
            let why = why.or_else(|| hidden.first().map(ToString::to_string));
            return Err(failed(why.unwrap_or_else(|| "It cannot be seen.".to_owned())).into());
        };
        let findings = of_endpoint(&seen, aws.region());
        Ok(View {
            region: Attr::Known(aws.region().to_owned()),
            id: Attr::Known(endpoint.id.clone()),
            vpc_id: Attr::Known(endpoint.vpc_id.clone()),
            subnet_ids: Attr::Known(endpoint.subnet_ids.clone()),
            vpc_cidr_blocks: Attr::Known(endpoint.cidrs.clone()),
            security_group_ids: Attr::Known(endpoint.group_ids.clone()),
            ip_address_type: Attr::Known(endpoint.ip_address_type.clone()),
            regional_dns_name: Attr::Known(endpoint.domain_name.clone()),
            findings: Attr::Known(findings.iter().map(FindingView::from).collect()),
            ..config
        })
    }
}
