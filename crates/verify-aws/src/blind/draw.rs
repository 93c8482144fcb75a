//! Switches and times by chance that can be repeated.

use std::time::Duration;

use fastrand::Rng;
use local_aws::{AssociationTag, DenialWords, QuotedSecrets, Settings, SharedTagsAnswer, Times};

/// What the draws below have in common.
trait Draw {
    /// Whether something happens that happens once in so many times.
    fn rarely(&mut self, times: u32) -> bool;
    fn of<T: Copy>(&mut self, all: &[T]) -> T;
    /// 0 as often as not, else a number up to `high`.
    fn delay(&mut self, high: u32) -> u32;
    fn seconds(&mut self, low: u64, high: u64) -> Duration;
}

impl Draw for Rng {
    fn rarely(&mut self, times: u32) -> bool {
        self.u32(..times) == 0
    }

    fn of<T: Copy>(&mut self, all: &[T]) -> T {
        all[self.usize(..all.len())]
    }

    fn delay(&mut self, high: u32) -> u32 {
        if self.bool() { 0 } else { self.u32(1..=high) }
    }

    fn seconds(&mut self, low: u64, high: u64) -> Duration {
        Duration::from_secs(self.u64(low..=high))
    }
}

/// Every switch that an experiment can see, in some position.
pub fn settings(seed: u64) -> Settings {
    let draw = &mut Rng::with_seed(seed);
    Settings {
        unique_lattice_names: !draw.rarely(4),
        frees_deleted_names: draw.bool(),
        active_at_once: draw.rarely(4),
        changes_dns_resolution: draw.bool(),
        shareable_by_default: draw.bool(),
        wants_shareable_configurations: draw.bool(),
        used_gateway_is_conflict: draw.bool(),
        token_mismatch_is_conflict: draw.bool(),
        associated_configuration_is_conflict: draw.bool(),
        ignores_definition_updates: draw.bool(),
        refuses_overlapping_changes: draw.bool(),
        connection_passes_authorized: !draw.rarely(3),
        connection_stays_authorized: draw.rarely(5),
        deletion_needs_association_permission: draw.bool(),
        accepts_connectivity_with_description: draw.bool(),
        empty_lists_clear: draw.bool(),
        empty_key_clears: draw.bool(),
        empty_description_clears: draw.bool(),
        empty_arn_leaves_private: draw.bool(),
        shares_configurations: draw.bool(),
        accepts_connectivity_alone: draw.bool(),
        checks_kms_keys: draw.bool(),
        accepts_http_destinations: draw.bool(),
        groups_let_ipv6_out: draw.bool(),
        shuffles_dns_entries: draw.bool(),
        ignores_connectivity_without_type: draw.rarely(3),
        wants_whole_blocks: draw.bool(),
        knows_private_connections: !draw.rarely(8),
        authorized_lets_calls_through: draw.bool(),
        association_tag: draw.of(&[
            AssociationTag::Documented,
            AssociationTag::Absent,
            AssociationTag::Other,
        ]),
        shared_tags_answer: draw.of(&[
            SharedTagsAnswer::AccessDenied,
            SharedTagsAnswer::NotFound,
            SharedTagsAnswer::Invalid,
        ]),
        lowercases_domain_names: draw.bool(),
        in_use_in_other_words: draw.rarely(3),
        denial_words: draw.of(&[DenialWords::WithoutAction, DenialWords::WithAction]),
        quotes_secrets_in_reasons: draw.of(&[
            QuotedSecrets::Never,
            QuotedSecrets::Plain,
            QuotedSecrets::Base64,
            QuotedSecrets::Json,
            QuotedSecrets::Url,
            QuotedSecrets::Html,
        ]),
        stale_reads_after_update: draw.delay(8),
        writes_miss: draw.delay(8),
        deleted_configurations_hold_gateway: draw.delay(20),
        missed_reads: draw.delay(3),
        missed_listings: draw.delay(3),
        ..Settings::default()
    }
}

/// Every time that an experiment can see, in whole seconds: looks are a second apart.
pub fn times(seed: u64) -> Times {
    let draw = &mut Rng::with_seed(!seed);
    Times {
        vpc_endpoint: draw.seconds(5, 120),
        vpc_endpoint_deletion: draw.seconds(2, 60),
        // Longer than what was just made can be missed.
        gateway: draw.seconds(4, 40),
        gateway_update: draw.seconds(2, 30),
        gateway_deletion: draw.seconds(2, 30),
        interface_removal: draw.seconds(1, 90),
        configuration: draw.seconds(4, 40),
        configuration_update: draw.seconds(2, 30),
        configuration_deletion: draw.seconds(2, 30),
        association: draw.seconds(3, 50),
        association_removal: draw.seconds(2, 150),
        connection_authorization: draw.seconds(4, 50),
        connection: draw.seconds(60, 280),
        public_connection: draw.seconds(4, 30),
        connection_deletion: draw.seconds(1, 30),
        deauthorization: draw.seconds(1, 30),
        ..Times::default()
    }
}
