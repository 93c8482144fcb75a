//! Switches for behaviour of AWS that is not certain, and the account's quotas; the one place with their
//! defaults.

mod positions;

use serde::{Deserialize, Serialize};

pub use positions::{AssociationTag, DenialWords, QuotedSecrets, SharedTagsAnswer};

macro_rules! settings {
    ($($(#[doc = $doc:literal])+ $name:ident: $type:ty = $default:expr;)+) => {
        /// What `POST /_local/settings` changes. Members that are left out keep their value.
        #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
        #[serde(deny_unknown_fields, default)]
        pub struct Settings {
            $($(#[doc = $doc])+ pub $name: $type,)+
        }

        impl Default for Settings {
            fn default() -> Self {
                Self { $($name: $default,)+ }
            }
        }
    };
}

settings! {
    /// Resource gateways and resource configurations refuse a name that is in use. Default: true.
    unique_lattice_names: bool = true;
    /// A name is free again as soon as the deletion of what had it begins. Default: false, once it is gone.
    frees_deleted_names: bool = false;
    /// Resource gateways and configurations are ACTIVE in the very answer to their creation, as printed answers
    /// of AWS show. Default: false, they take their assumed times.
    active_at_once: bool = false;
    /// UpdateResourceGateway changes `resourceConfigDnsResolution`. Default: true; otherwise it is accepted
    /// without effect.
    changes_dns_resolution: bool = true;
    /// A configuration allows associations with shareable service networks unless told otherwise: seen with
    /// AWS, and documented the other way round. Default: true.
    shareable_by_default: bool = true;
    /// A connection is refused for a configuration that does not allow associations with shareable service
    /// networks. Default: false.
    wants_shareable_configurations: bool = false;
    /// Deleting a resource gateway that configurations use is a `ConflictException` (true) or a
    /// `ValidationException`. Default: true.
    used_gateway_is_conflict: bool = true;
    /// A repeated `clientToken` with other parameters is a `ConflictException` (true) or a
    /// `ValidationException`. Default: true.
    token_mismatch_is_conflict: bool = true;
    /// Deleting a resource configuration that has associations is a `ConflictException` (true) or, as seen
    /// with AWS, a `ValidationException`. Default: false.
    associated_configuration_is_conflict: bool = false;
    /// An update of a configuration's DNS or ARN definition is accepted without effect, as seen with AWS
    /// (true), or refused. Default: true.
    ignores_definition_updates: bool = true;
    /// Resource gateways and configurations refuse a change while an earlier one is in progress. Default:
    /// true.
    refuses_overlapping_changes: bool = true;
    /// A private connection is AUTHORIZED for a while before it is ACTIVE. Default: true.
    connection_passes_authorized: bool = true;
    /// A public token endpoint that is none of the seeded hosts gives every client a token (true), or cannot be
    /// connected to. Default: true.
    unknown_token_endpoints_answer: bool = true;
    /// A private connection ends AUTHORIZED and is never ACTIVE. Default: false.
    connection_stays_authorized: bool = false;
    /// DeleteConnection deletes the association with the caller's permissions: a fault rule for
    /// `DeleteServiceNetworkResourceAssociation` refuses it. Default: false.
    deletion_needs_association_permission: bool = false;
    /// UpdateConnection takes connectivity parameters with a description beside them. Default: true.
    accepts_connectivity_with_description: bool = true;
    /// An empty list of HTTP parameters in UpdateConnection clears what there is. Default: true; otherwise it is
    /// left as it is.
    empty_lists_clear: bool = true;
    /// An empty `KmsKeyIdentifier` in UpdateConnection goes back to the key of AWS. Default: true; otherwise the
    /// key is left as it is.
    empty_key_clears: bool = true;
    /// An empty `Description` in UpdateConnection and UpdateApiDestination clears it. Default: true; otherwise it
    /// is left as it is.
    empty_description_clears: bool = true;
    /// An empty `ResourceConfigurationArn` in UpdateConnection, for the calls or for the token endpoint, leaves
    /// the private path. Default: true; otherwise it has no effect.
    empty_arn_leaves_private: bool = true;
    /// Several connections of the account may use one resource configuration. Default: true; otherwise
    /// CreateConnection and UpdateConnection refuse it to the second one.
    shares_configurations: bool = true;
    /// UpdateConnection takes connectivity parameters alone. Default: false.
    accepts_connectivity_alone: bool = false;
    /// A connection's key has to be the one that KMS has here. Default: false.
    checks_kms_keys: bool = false;
    /// API destinations take an `http://` endpoint, as the model's pattern would allow. Default: false.
    accepts_http_destinations: bool = false;
    /// A new security group also lets all IPv6 traffic out, where its VPC has an IPv6 block: recorded. Default: true.
    groups_let_ipv6_out: bool = true;
    /// The DNS entries of a VPC endpoint come in an order that changes from reply to reply. Default: false.
    shuffles_dns_entries: bool = false;
    /// UpdateConnection with connectivity parameters and without `AuthorizationType` is accepted, and the
    /// connectivity stays as it was. Default: false.
    ignores_connectivity_without_type: bool = false;
    /// UpdateConnection takes the block of an authorization type as a whole only, secrets included. Default:
    /// false, what is left out stays.
    wants_whole_blocks: bool = false;
    /// The Region knows private connections. Default: true; otherwise it drops the connectivity parameters
    /// without a word and makes public connections.
    knows_private_connections: bool = true;
    /// A private connection that is AUTHORIZED can be called already. Default: true; otherwise once it is
    /// ACTIVE.
    authorized_lets_calls_through: bool = true;
    /// Which tag EventBridge puts on the association that it makes. Default: the documented one.
    association_tag: AssociationTag = AssociationTag::Documented;
    /// What ListTagsForResource of VPC Lattice answers for a configuration of another account. Default:
    /// `AccessDeniedException`.
    shared_tags_answer: SharedTagsAnswer = SharedTagsAnswer::AccessDenied;
    /// A resource configuration's DNS name is kept in lower case. Default: false, as it was sent.
    lowercases_domain_names: bool = false;
    /// Deletions of what is in use are refused in other words than the documented ones: by a
    /// `ValidationException` of VPC Lattice and by `InvalidGroup.InUse` of EC2. Default: false.
    in_use_in_other_words: bool = false;
    /// How a denial is worded that CreateConnection meets when it makes its role or secret. Default: without
    /// the action, as recorded in fresh accounts.
    denial_words: DenialWords = DenialWords::WithoutAction;
    /// How `StateReason` of a connection that failed quotes the secrets that were sent. Default: not at all.
    quotes_secrets_in_reasons: QuotedSecrets = QuotedSecrets::Never;
    /// For how many seconds of AWS's time a description still tells what there was before an update. Default:
    /// 0.
    stale_reads_after_update: u32 = 0;
    /// For how many seconds of AWS's time a write that names what was just made finds nothing. Default: 0.
    writes_miss: u32 = 0;
    /// For how many seconds of AWS's time a configuration that is gone still keeps its gateway from being
    /// deleted. Default: 0.
    deleted_configurations_hold_gateway: u32 = 0;
    /// Private connections per account and region. Default: 20.
    private_connections: usize = 20;
    /// Connections per account and region, private ones included. Default: 3000.
    connections: usize = 3000;
    /// API destinations per account and region. Default: 3000.
    api_destinations: usize = 3000;
    /// Event buses per account and region, the default one included. Default: 100.
    event_buses: usize = 100;
    /// Rules of an event bus. Default: 300.
    rules_per_bus: usize = 300;
    /// Targets of a rule. Default: 5.
    targets_per_rule: usize = 5;
    /// How many reads miss an object that was just made, as if it did not exist. Default: 0.
    missed_reads: u32 = 0;
    /// How many listings miss an object that was just made. Default: 0.
    missed_listings: u32 = 0;
    /// VPCs per account and region. Default: 5.
    vpcs: usize = 5;
    /// IPv4 CIDR blocks per VPC. Default: 5.
    cidr_blocks_per_vpc: usize = 5;
    /// Subnets per VPC. Default: 200.
    subnets_per_vpc: usize = 200;
    /// Security groups per VPC. Default: 2500.
    groups_per_vpc: usize = 2500;
    /// Security groups per resource gateway. Default: 5.
    groups_per_gateway: usize = 5;
    /// Resource gateways per VPC. Default: 500.
    gateways_per_vpc: usize = 500;
    /// Resource configurations per account and region. Default: 2000.
    configurations: usize = 2000;
    /// Rules of one direction per security group. Default: 60.
    rules_per_group: usize = 60;
}

impl Settings {
    /// Each switch by its name, with its position as the control API shows it.
    pub fn table(&self) -> Vec<(String, serde_json::Value)> {
        match serde_json::to_value(self) {
            Ok(serde_json::Value::Object(members)) => members.into_iter().collect(),
            // A structure of plain members always is an object.
            _ => Vec::new(),
        }
    }

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
