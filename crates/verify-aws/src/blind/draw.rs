//! Switches and times by chance that can be repeated.

use std::time::Duration;

use local_aws::{AssociationTag, DenialWords, QuotedSecrets, Settings, SharedTagsAnswer, Times};

/// SplitMix64: the same numbers for the same seed.
struct Draw(u64);

impl Draw {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, end: u64) -> u64 {
        self.next() % end
    }

    fn coin(&mut self) -> bool {
        self.below(2) == 0
    }

    /// Whether something happens that happens once in so many times.
    fn rarely(&mut self, times: u64) -> bool {
        self.below(times) == 0
    }

    fn of<T: Copy>(&mut self, all: &[T]) -> T {
        let index = usize::try_from(self.below(all.len() as u64)).unwrap_or_default();
        all[index]
    }

    /// A number from `low` to `high`.
    fn between(&mut self, low: u32, high: u32) -> u32 {
        let span = u64::from(high - low) + 1;
        low + u32::try_from(self.below(span)).unwrap_or_default()
    }

    /// 0 as often as not, else a number up to `high`.
    fn delay(&mut self, high: u32) -> u32 {
        if self.coin() { 0 } else { self.between(1, high) }
    }

    fn seconds(&mut self, low: u32, high: u32) -> Duration {
        Duration::from_secs(self.between(low, high).into())
    }
}

/// Every switch that an experiment can see, in some position.
pub fn settings(seed: u64) -> Settings {
    let draw = &mut Draw(seed);
    Settings {
        unique_lattice_names: !draw.rarely(4),
        frees_deleted_names: draw.coin(),
        active_at_once: draw.rarely(4),
        changes_dns_resolution: draw.coin(),
        shareable_by_default: draw.coin(),
        wants_shareable_configurations: draw.coin(),
        used_gateway_is_conflict: draw.coin(),
        token_mismatch_is_conflict: draw.coin(),
        associated_configuration_is_conflict: draw.coin(),
        ignores_definition_updates: draw.coin(),
        refuses_overlapping_changes: draw.coin(),
        connection_passes_authorized: !draw.rarely(3),
        connection_stays_authorized: draw.rarely(5),
        deletion_needs_association_permission: draw.coin(),
        accepts_connectivity_with_description: draw.coin(),
        empty_lists_clear: draw.coin(),
        empty_key_clears: draw.coin(),
        empty_description_clears: draw.coin(),
        empty_arn_leaves_private: draw.coin(),
        shares_configurations: draw.coin(),
        accepts_connectivity_alone: draw.coin(),
        checks_kms_keys: draw.coin(),
        accepts_http_destinations: draw.coin(),
        groups_let_ipv6_out: draw.coin(),
        shuffles_dns_entries: draw.coin(),
        ignores_connectivity_without_type: draw.rarely(3),
        wants_whole_blocks: draw.coin(),
        knows_private_connections: !draw.rarely(8),
        authorized_lets_calls_through: draw.coin(),
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
        lowercases_domain_names: draw.coin(),
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
    let draw = &mut Draw(!seed);
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
