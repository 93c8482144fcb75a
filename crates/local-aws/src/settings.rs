//! Switches for behaviour of AWS that is not certain, and the account's quotas; the one place with their
//! defaults.

use serde::{Deserialize, Serialize};

/// What `POST /_local/settings` changes. Members that are left out keep their value.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// Resource gateways and resource configurations refuse a name that is in use. Default: true.
    pub unique_lattice_names: bool,
    /// A name is free again as soon as the deletion of what had it begins. Default: false, once it is gone.
    pub frees_deleted_names: bool,
    /// Resource gateways and configurations are ACTIVE in the very answer to their creation, as printed answers
    /// of AWS show. Default: false, they take their assumed times.
    pub active_at_once: bool,
    /// UpdateResourceGateway changes `resourceConfigDnsResolution`. Default: true; otherwise it is accepted
    /// without effect.
    pub changes_dns_resolution: bool,
    /// A configuration allows associations with shareable service networks unless told otherwise: seen with
    /// AWS, and documented the other way round. Default: true.
    pub shareable_by_default: bool,
    /// A connection is refused for a configuration that does not allow associations with shareable service
    /// networks. Default: false.
    pub wants_shareable_configurations: bool,
    /// Deleting a resource gateway that configurations use is a `ConflictException` (true) or a
    /// `ValidationException`. Default: true.
    pub used_gateway_is_conflict: bool,
    /// A repeated `clientToken` with other parameters is a `ConflictException` (true) or a
    /// `ValidationException`. Default: true.
    pub token_mismatch_is_conflict: bool,
    /// Deleting a resource configuration that has associations is a `ConflictException` (true) or, as seen
    /// with AWS, a `ValidationException`. Default: false.
    pub associated_configuration_is_conflict: bool,
    /// An update of a configuration's DNS or ARN definition is accepted without effect, as seen with AWS
    /// (true), or refused. Default: true.
    pub ignores_definition_updates: bool,
    /// Resource gateways and configurations refuse a change while an earlier one is in progress. Default:
    /// true.
    pub refuses_overlapping_changes: bool,
    /// A private connection is AUTHORIZED for a while before it is ACTIVE. Default: true.
    pub connection_passes_authorized: bool,
    /// A public token endpoint that is none of the seeded hosts gives every client a token (true), or cannot be
    /// connected to. Default: true.
    pub unknown_token_endpoints_answer: bool,
    /// A private connection ends AUTHORIZED and is never ACTIVE. Default: false.
    pub connection_stays_authorized: bool,
    /// DeleteConnection deletes the association with the caller's permissions: a fault rule for
    /// `DeleteServiceNetworkResourceAssociation` refuses it. Default: false.
    pub deletion_needs_association_permission: bool,
    /// UpdateConnection takes connectivity parameters with a description beside them. Default: true.
    pub accepts_connectivity_with_description: bool,
    /// An empty list of HTTP parameters in UpdateConnection clears what there is. Default: true; otherwise it is
    /// left as it is.
    pub empty_lists_clear: bool,
    /// An empty `KmsKeyIdentifier` in UpdateConnection goes back to the key of AWS. Default: true; otherwise the
    /// key is left as it is.
    pub empty_key_clears: bool,
    /// An empty `Description` in UpdateConnection and UpdateApiDestination clears it. Default: true; otherwise it
    /// is left as it is.
    pub empty_description_clears: bool,
    /// An empty `ResourceConfigurationArn` in UpdateConnection, for the calls or for the token endpoint, leaves
    /// the private path. Default: true; otherwise it has no effect.
    pub empty_arn_leaves_private: bool,
    /// Several connections of the account may use one resource configuration. Default: true; otherwise
    /// CreateConnection and UpdateConnection refuse it to the second one.
    pub shares_configurations: bool,
    /// UpdateConnection takes connectivity parameters alone. Default: false.
    pub accepts_connectivity_alone: bool,
    /// A connection's key has to be the one that KMS has here. Default: false.
    pub checks_kms_keys: bool,
    /// API destinations take an `http://` endpoint, as the model's pattern would allow. Default: false.
    pub accepts_http_destinations: bool,
    /// A new security group also lets all IPv6 traffic out, where its VPC has an IPv6 block. Default: false.
    pub groups_let_ipv6_out: bool,
    /// The DNS entries of a VPC endpoint come in an order that changes from reply to reply. Default: false.
    pub shuffles_dns_entries: bool,
    /// Private connections per account and region. Default: 20.
    pub private_connections: usize,
    /// Connections per account and region, private ones included. Default: 3000.
    pub connections: usize,
    /// API destinations per account and region. Default: 3000.
    pub api_destinations: usize,
    /// Rules of the event bus. Default: 300.
    pub rules_per_bus: usize,
    /// Targets of a rule. Default: 5.
    pub targets_per_rule: usize,
    /// How many reads miss an object that was just made, as if it did not exist. Default: 0.
    pub missed_reads: u32,
    /// How many listings miss an object that was just made. Default: 0.
    pub missed_listings: u32,
    /// VPCs per account and region. Default: 5.
    pub vpcs: usize,
    /// IPv4 CIDR blocks per VPC. Default: 5.
    pub cidr_blocks_per_vpc: usize,
    /// Subnets per VPC. Default: 200.
    pub subnets_per_vpc: usize,
    /// Security groups per VPC. Default: 2500.
    pub groups_per_vpc: usize,
    /// Security groups per resource gateway. Default: 5.
    pub groups_per_gateway: usize,
    /// Resource gateways per VPC. Default: 500.
    pub gateways_per_vpc: usize,
    /// Resource configurations per account and region. Default: 2000.
    pub configurations: usize,
    /// Rules of one direction per security group. Default: 60.
    pub rules_per_group: usize,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            unique_lattice_names: true,
            frees_deleted_names: false,
            active_at_once: false,
            changes_dns_resolution: true,
            shareable_by_default: true,
            wants_shareable_configurations: false,
            used_gateway_is_conflict: true,
            token_mismatch_is_conflict: true,
            associated_configuration_is_conflict: false,
            ignores_definition_updates: true,
            refuses_overlapping_changes: true,
            connection_passes_authorized: true,
            unknown_token_endpoints_answer: true,
            connection_stays_authorized: false,
            deletion_needs_association_permission: false,
            accepts_connectivity_with_description: true,
            empty_lists_clear: true,
            empty_key_clears: true,
            empty_description_clears: true,
            empty_arn_leaves_private: true,
            shares_configurations: true,
            accepts_connectivity_alone: false,
            checks_kms_keys: false,
            accepts_http_destinations: false,
            groups_let_ipv6_out: false,
            shuffles_dns_entries: false,
            private_connections: 20,
            connections: 3000,
            api_destinations: 3000,
            rules_per_bus: 300,
            targets_per_rule: 5,
            missed_reads: 0,
            missed_listings: 0,
            vpcs: 5,
            cidr_blocks_per_vpc: 5,
            subnets_per_vpc: 200,
            groups_per_vpc: 2500,
            groups_per_gateway: 5,
            gateways_per_vpc: 500,
            configurations: 2000,
            rules_per_group: 60,
        }
    }
}

impl Settings {
    /// These settings with the members of a JSON object laid over them.
    pub(crate) fn changed(&self, change: &serde_json::Value) -> Result<Self, String> {
        let change = change.as_object().ok_or("the settings are not a JSON object")?;
        let mut whole = serde_json::to_value(self).map_err(|error| error.to_string())?;
        for (name, value) in change {
            whole[name] = value.clone();
        }
        serde_json::from_value(whole).map_err(|error| error.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_change_keeps_what_it_does_not_name() {
        let changed = Settings::default()
            .changed(&json!({ "private_connections": 2 }))
            .unwrap();
        assert_eq!(
            changed,
            Settings {
                private_connections: 2,
                ..Settings::default()
            }
        );
    }

    #[test]
    fn an_unknown_setting_is_named() {
        let error = Settings::default()
            .changed(&json!({ "privat_connections": 2 }))
            .unwrap_err();
        assert!(error.contains("privat_connections"), "{error}");
    }
}
