//! Tries every seed of fuzzing on its target: what was thought of or found once stays right.

#[path = "../fuzz/src/lib.rs"]
mod targets;

use targets::seeds::{self, Seed};

/// Runs the target on each seed, named when it fails.
fn each(seeds: &[Seed], target: fn(&[u8])) {
    for (i, seed) in seeds.iter().enumerate() {
        let outcome = std::panic::catch_unwind(|| target(&seed.input));
        assert!(
            outcome.is_ok(),
            "the target fails on {}: {:x?}",
            seed.name,
            seed.input
        );
        let twice = seeds[..i].iter().find(|other| other.input == seed.input);
        assert!(
            twice.is_none(),
            "{} is {}",
            seed.name,
            twice.expect("a seed").name
        );
    }
}

#[test]
fn messagepack_comes_back_from_every_input() {
    each(&seeds::msgpack(), targets::msgpack);
}

#[test]
fn json_comes_back_from_every_input() {
    each(&seeds::json(), targets::json);
}

#[test]
fn types_come_back_from_every_input() {
    each(&seeds::type_json(), targets::type_json);
}

#[test]
fn every_request_is_answered_without_a_crash() {
    each(&seeds::rpc(), targets::rpc);
}
