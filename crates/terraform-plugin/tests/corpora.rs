//! Replays every input of `fuzz/corpus` through its fuzz target: what was found once stays fixed.

use std::{fs, path::Path};

#[path = "../fuzz/src/lib.rs"]
mod targets;

/// Runs the target on each file of its corpus, named when it fails.
fn replay(name: &str, target: fn(&[u8])) {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("fuzz/corpus")
        .join(name);
    let mut replayed = 0;
    for entry in fs::read_dir(&corpus).expect("a corpus") {
        let path = entry.expect("an input").path();
        let input = fs::read(&path).expect("an input");
        let outcome = std::panic::catch_unwind(|| target(&input));
        assert!(outcome.is_ok(), "the target fails on {}", path.display());
        replayed += 1;
    }
    assert!(replayed > 10, "{} holds {replayed} inputs", corpus.display());
}

#[test]
fn messagepack_comes_back_from_every_input() {
    replay("msgpack", targets::msgpack);
}

#[test]
fn json_comes_back_from_every_input() {
    replay("json", targets::json);
}

#[test]
fn types_come_back_from_every_input() {
    replay("type_json", targets::type_json);
}

#[test]
fn every_request_is_answered_without_a_crash() {
    replay("rpc", targets::rpc);
}
