//! DescribeVpcEndpointServices: the services of AWS that endpoints lead to. Every well-formed name of the Region can be made
//! an endpoint of; these are listed.

use serde_json::{Value, json};

use super::describe::{Filter, page};
use super::zones::{ZONES, zone_id};
use super::{dry_run, texts};
use crate::core::error::{Answer, ApiError};
use crate::core::tags::Tags;
use crate::core::world::World;
use crate::wire::Reply;

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

    fn json(&self, world: &World) -> Value {
        let region = &world.origin.region;
        let suffix = world.origin.partition().dns_suffix;
        let service = self.service;
        let mut body = json!({
            "ServiceName": self.name,
            "ServiceRegion": region,
            "ServiceType": [{ "ServiceType": self.kind }],
            "AvailabilityZones": ZONES.map(|zone| format!("{region}{zone}")),
            "AvailabilityZoneIds": ZONES.map(|zone| zone_id(region, zone)),
            "Owner": "amazon",
            "BaseEndpointDnsNames": [format!("{service}.{region}.vpce.{suffix}")],
            "VpcEndpointPolicySupported": true,
            "AcceptanceRequired": false,
            "ManagesVpcEndpoints": false,
            "SupportedIpAddressTypes": ["ipv4"],
            "Tags": [],
        });
        if self.kind == "Interface" {
            let name = format!("{service}.{region}.{suffix}");
            // The names of APIs stand below that of the service.
            let name = if service == "execute-api" {
                format!("*.{name}")
            } else {
                name
            };
            body["PrivateDnsNames"] = json!([{ "PrivateDnsName": name }]);
            body["PrivateDnsName"] = name.into();
            body["PrivateDnsNameVerificationState"] = "verified".into();
        }
        body
    }
}

pub(super) fn describe(world: &World, input: &Value) -> Answer<Reply> {
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
    let names = texts(input, "ServiceNames");
    if let Some(name) = names
        .iter()
        .find(|name| !known.iter().any(|known| known.name == **name))
    {
        return Err(ApiError::new(
            "InvalidServiceName",
            format!("The Vpc Endpoint Service '{name}' does not exist"),
        ));
    }
    let filters = Filter::all(input, FILTERS)?;
    let wanted = known.iter().filter(|known| {
        let value = |filter: &str| vec![known.value(filter, region)];
        (names.is_empty() || names.contains(&known.name.as_str()))
            && filters.iter().all(|filter| filter.admits(&Tags::new(), value))
    });
    let (page, next) = page(input, wanted.map(|known| (&known.name, known)), false)?;
    dry_run(input)?;
    let names: Vec<&String> = page.iter().map(|known| &known.name).collect();
    let details: Value = page.iter().map(|known| known.json(world)).collect();
    Ok(Reply::json(
        json!({ "ServiceNames": names, "ServiceDetails": details, "NextToken": next }),
    ))
}
