//! Objects that say nothing. The CLI drops a misspelt argument inside `{ }` without a word, so that all that is seen of
//! `network = { subnet_id = "…" }` is an empty object.
//!
//! A warning, not an error: a module that hands its own variables on (`network = { subnet_ids = var.subnet_ids }`) has an
//! object of nulls where its user sets none of them, which cannot be told from an empty one and means the same as null.
//! What cannot do without an argument is an error by the schema's rules.

use terraform_plugin::{Attr, Diagnostic, Path, ValidateCx, path};

use crate::invocation::model::{HttpParameters, Model, Network};

/// What the CLI does to it.
const DROPPED: &str = "A misspelt argument inside { } is dropped by the CLI without a word.";

pub fn warn(cx: &ValidateCx, config: &Model) {
    let warn = |is_empty: bool, at: Path, arguments: &str| {
        if is_empty {
            let detail = format!(
                "{at} sets nothing, which is the same as leaving it out. {DROPPED} Its arguments are {arguments}."
            );
            cx.warn(Diagnostic::warning("An object that sets nothing", detail).at(at));
        }
    };
    warn(
        config.network == Attr::Known(Network::default()),
        path!("network"),
        "name_prefix, subnet_ids, security_group_ids, egress_cidr_blocks, egress_security_group_ids, \
         egress_prefix_list_ids, endpoint_ingress_security_group_id, resource_gateway_id, ip_address_type, \
         ipv4_addresses_per_eni, resource_config_dns_resolution and allow_association_to_shareable_service_network",
    );
    const KINDS: &str = "header, query_string and body";
    let empty = |given: &Attr<HttpParameters>| *given == Attr::Known(HttpParameters::default());
    warn(
        empty(&config.invocation_http_parameters),
        path!("invocation_http_parameters"),
        KINDS,
    );
    let oauth = config.authorization.known();
    let oauth = oauth.and_then(|given| given.oauth_client_credentials.known());
    warn(
        oauth.is_some_and(|oauth| empty(&oauth.oauth_http_parameters)),
        path!(
            "authorization",
            "oauth_client_credentials",
            "oauth_http_parameters"
        ),
        KINDS,
    );
}
