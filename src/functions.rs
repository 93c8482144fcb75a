//! The functions, `provider::private::…` in a configuration: what is made of ARNs and URLs without asking AWS.

mod api_destination_policy;
mod http_task;
mod options;
mod parse_connection_arn;
mod regional_dns_name;
mod state_machine_policy;
#[cfg(test)]
mod tests;

use terraform_plugin::Catalog;

/// Offers all of them.
pub fn offer<C: Send + Sync + 'static>(catalog: &mut Catalog<C>) {
    catalog.function(http_task::HttpTask);
    catalog.function(state_machine_policy::StateMachinePolicy);
    catalog.function(api_destination_policy::ApiDestinationPolicy);
    catalog.function(regional_dns_name::RegionalDnsName);
    catalog.function(parse_connection_arn::ParseConnectionArn);
}
