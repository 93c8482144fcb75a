//! DescribeVpcEndpointServices: the services of AWS that endpoints lead to. Every well-formed name of the Region can be made
//! an endpoint of; these are listed.

use super::describe::{Filter, page};
use super::dry_run;
use super::zones::{ZONES, zone_id};
use crate::core::error::{Answer, ApiError};
use crate::core::tags::Tags;
use crate::core::world::World;
use crate::wire::Reply;
use crate::wire::query::Params;
use crate::wire::xml::Xml;

/// The last parts of the names, with the types of endpoints.
const SERVICES: [(&str, &str); 12] = [
    ("dynamodb", "Gateway"),
    ("ec2", "Interface"),
    ("events", "Interface"),
    ("execute-api", "Interface"),
    ("kms", "Interface"),
    ("logs", "Interface"),
    ("s3", "Gateway"),
    ("secretsmanager", "Interface"),
    ("states", "Interface"),
    ("sts", "Interface"),
    ("sync-states", "Interface"),
    ("vpc-lattice", "Interface"),
];

/// A service in the Region.
struct Known {
    name: String,
    service: &'static str,
    kind: &'static str,
}

impl Known {
    fn value(&self, filter: &str, region: &str) -> String {
        match filter {
            "owner" => "amazon".to_owned(),
            "service-name" => self.name.clone(),
            "service-region" => region.to_owned(),
            "service-type" => self.kind.to_owned(),
            // One IP address type is asked for at a time, and each is supported.
            _ => "ipv4".to_owned(),
        }
    }

    fn write(&self, xml: &mut Xml, world: &World) {
        let region = &world.origin.region;
        let suffix = world.origin.partition().dns_suffix;
        let service = self.service;
        xml.leaf("serviceName", &self.name);
        xml.leaf("serviceRegion", region);
        xml.list("serviceType", [self.kind], |xml, kind| {
            xml.leaf("serviceType", kind)
        });
        xml.texts("availabilityZoneSet", ZONES.map(|zone| format!("{region}{zone}")));
        xml.texts("availabilityZoneIdSet", ZONES.map(|zone| zone_id(region, zone)));
        xml.leaf("owner", "amazon");
        xml.texts(
            "baseEndpointDnsNameSet",
            [format!("{service}.{region}.vpce.{suffix}")],
        );
        if self.kind == "Interface" {
            let name = format!("{service}.{region}.{suffix}");
            // The names of APIs stand below that of the service.
            let name = if service == "execute-api" {
                format!("*.{name}")
            } else {
                name
            };
            xml.leaf("privateDnsName", &name);
            xml.list("privateDnsNameSet", [&name], |xml, name| {
                xml.leaf("privateDnsName", name)
            });
            xml.leaf("privateDnsNameVerificationState", "verified");
        }
        xml.leaf("vpcEndpointPolicySupported", true);
        xml.leaf("acceptanceRequired", false);
        xml.leaf("managesVpcEndpoints", false);
        xml.texts("supportedIpAddressTypeSet", ["ipv4"]);
        xml.texts("tagSet", [""; 0]);
    }
}

pub(super) fn describe(world: &World, params: &Params) -> Answer<Reply> {
    const FILTERS: &[&str] = &[
        "owner",
        "service-name",
        "service-region",
        "service-type",
        "supported-ip-address-types",
    ];
    let region = &world.origin.region;
    let known = SERVICES.map(|(service, kind)| Known {
        name: format!("com.amazonaws.{region}.{service}"),
        service,
        kind,
    });
    let names = params.list("ServiceName");
    if let Some(name) = names
        .iter()
        .find(|name| !known.iter().any(|known| known.name == **name))
    {
        return Err(ApiError::bad_request(
            "InvalidServiceName",
            format!("The Vpc Endpoint Service '{name}' does not exist"),
        ));
    }
    let filters = Filter::all(params, FILTERS)?;
    let wanted = known.iter().filter(|known| {
        let value = |filter: &str| vec![known.value(filter, region)];
        (names.is_empty() || names.contains(&known.name.as_str()))
            && filters.iter().all(|filter| filter.admits(&Tags::new(), value))
    });
    let (page, next) = page(params, wanted.map(|known| (&known.name, known)), false)?;
    dry_run(params)?;
    let mut xml = Xml::default();
    xml.texts("serviceNameSet", page.iter().map(|known| &known.name));
    xml.list("serviceDetailSet", page, |xml, known| known.write(xml, world));
    xml.leaf_if("nextToken", next);
    Ok(Reply::Xml(xml))
}
