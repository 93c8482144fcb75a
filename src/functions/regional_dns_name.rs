//! `regional_dns_name(dns_entries)`: the one name of a VPC endpoint that stands for all of its zones.

use serde::Deserialize;
use terraform_plugin::schema::list;
use terraform_plugin::{Attr, Function, FunctionError, Parameter, Signature, Type};

use crate::endpoint::regional_name_among;

pub struct RegionalDnsName;

/// An entry of `dns_entry` of hashicorp/aws. Core leaves out what else it has.
#[derive(Deserialize)]
pub struct Entry {
    dns_name: Attr<String>,
}

impl Function for RegionalDnsName {
    const NAME: &'static str = "regional_dns_name";
    type Arguments = (Vec<Entry>,);
    type Result = String;

    fn signature() -> Signature {
        Signature::new(Type::String)
            .summary("The regional DNS name of a VPC endpoint, whatever the order of its names.")
            .describe(
                "Returns the DNS name of a VPC endpoint that resolves to its addresses in every zone. AWS answers it among \
                 names of single zones and private names, in an order that it does not document, so that `dns_entry[0]` may be \
                 any of them.",
            )
            .parameter(
                "dns_entries",
                Parameter::new(
                    list(Type::object([("dns_name", Type::String)]))
                        .describe("`dns_entry` of an `aws_vpc_endpoint`, resource or data source."),
                ),
            )
    }

    async fn call(&self, (entries,): Self::Arguments) -> Result<String, FunctionError> {
        let names: Vec<_> = entries
            .iter()
            .filter_map(|entry| entry.dns_name.known())
            .collect();
        let found = regional_name_among(names.iter().map(|name| name.as_str()));
        found.map(str::to_owned).ok_or_else(|| {
            let seen: Vec<_> = names.iter().map(|name| name.as_str()).collect();
            let seen = if seen.is_empty() { "the entries: there are none".to_owned() } else { seen.join(", ") };
            FunctionError::argument(
                0,
                format!(
                    "there is no regional name (vpce-<id>-<random>.<service>.<region>.vpce.amazonaws.com) among {seen}; it \
                     needs an interface endpoint, which has its names once it is available"
                ),
            )
        })
    }
}
