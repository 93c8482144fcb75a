//! What a value costs on its way in and out: a state of 1 MiB, against serde's own way into a struct.
//!
//! `cargo bench -p terraform-plugin`. All rows work on the same state; their throughput counts the bytes of its
//! encoding, so that MB/s of one group compare.

use std::collections::BTreeMap;

use divan::{Bencher, Divan, black_box, counter::BytesCount};
use serde::{Deserialize, Serialize};
use terraform_plugin::{Type, Value, testing::codec};

/// About so many bytes of MessagePack make the state.
const SIZE: usize = 1 << 20;

/// A state like a network's: a list of nested objects with strings, numbers, maps and sets.
#[derive(Clone, Serialize, Deserialize)]
struct State {
    id: String,
    rules: Vec<Rule>,
}

#[derive(Clone, Serialize, Deserialize)]
struct Rule {
    cidr_blocks: Vec<String>,
    description: Option<String>,
    enabled: bool,
    ports: Ports,
    priority: i64,
    tags: BTreeMap<String, String>,
    weight: f64,
}

#[derive(Clone, Serialize, Deserialize)]
struct Ports {
    from: i64,
    to: i64,
}

fn rule(i: usize) -> Rule {
    let number = i64::try_from(i).expect("a number");
    Rule {
        cidr_blocks: (0..4)
            .map(|block| format!("10.{}.{}.{block}/32", i / 250 % 250, i % 250))
            .collect(),
        description: (!i.is_multiple_of(3))
            .then(|| format!("Rule {i} of the network, as somebody described it at some length")),
        enabled: i.is_multiple_of(2),
        ports: Ports {
            from: number,
            to: number + 1000,
        },
        priority: number * 100,
        tags: (0..3)
            .map(|tag| (format!("tag-{tag}"), format!("value {tag} of {i}")))
            .collect(),
        weight: number as f64 / 4.0,
    }
}

fn ty() -> Type {
    let ports = Type::object([("from", Type::Number), ("to", Type::Number)]);
    let rule = Type::object([
        ("cidr_blocks", Type::set(Type::String)),
        ("description", Type::String),
        ("enabled", Type::Bool),
        ("ports", ports),
        ("priority", Type::Number),
        ("tags", Type::map(Type::String)),
        ("weight", Type::Number),
    ]);
    Type::object([("id", Type::String), ("rules", Type::list(rule))])
}

/// The same state in all its forms.
struct Sample {
    ty: Type,
    state: State,
    msgpack: Vec<u8>,
    json: Vec<u8>,
    value: Value,
}

impl Sample {
    fn new() -> Self {
        let one = rmp_serde::to_vec_named(&rule(1)).expect("encoded").len();
        let state = State {
            id: "network-1".to_owned(),
            rules: (0..SIZE / one).map(rule).collect(),
        };
        let ty = ty();
        let msgpack = rmp_serde::to_vec_named(&state).expect("encoded");
        let value = codec::decode_msgpack(&msgpack, &ty).expect("decoded");
        let json = codec::encode_json(&value, &ty).expect("encoded");
        Self {
            ty,
            state,
            msgpack,
            json,
            value,
        }
    }
}

#[divan::bench_group]
mod msgpack {
    use super::*;

    #[divan::bench]
    fn decode(bencher: Bencher<'_, '_>) {
        let sample = Sample::new();
        bencher
            .counter(BytesCount::of_slice(&sample.msgpack))
            .bench_local(|| codec::decode_msgpack(black_box(&sample.msgpack), &sample.ty));
    }

    #[divan::bench]
    fn decode_into_a_struct_with_rmp_serde(bencher: Bencher<'_, '_>) {
        let sample = Sample::new();
        bencher
            .counter(BytesCount::of_slice(&sample.msgpack))
            .bench_local(|| rmp_serde::from_slice::<State>(black_box(&sample.msgpack)));
    }

    #[divan::bench]
    fn encode(bencher: Bencher<'_, '_>) {
        let sample = Sample::new();
        bencher
            .counter(BytesCount::of_slice(&sample.msgpack))
            .bench_local(|| codec::encode_msgpack(black_box(&sample.value), &sample.ty));
    }

    #[divan::bench]
    fn encode_from_a_struct_with_rmp_serde(bencher: Bencher<'_, '_>) {
        let sample = Sample::new();
        bencher
            .counter(BytesCount::of_slice(&sample.msgpack))
            .bench_local(|| rmp_serde::to_vec_named(black_box(&sample.state)));
    }
}

#[divan::bench_group]
mod json {
    use super::*;

    #[divan::bench]
    fn decode(bencher: Bencher<'_, '_>) {
        let sample = Sample::new();
        bencher
            .counter(BytesCount::of_slice(&sample.json))
            .bench_local(|| codec::decode_json(black_box(&sample.json), &sample.ty));
    }

    #[divan::bench]
    fn decode_into_a_struct_with_serde_json(bencher: Bencher<'_, '_>) {
        let sample = Sample::new();
        bencher
            .counter(BytesCount::of_slice(&sample.json))
            .bench_local(|| serde_json::from_slice::<State>(black_box(&sample.json)));
    }

    #[divan::bench]
    fn encode(bencher: Bencher<'_, '_>) {
        let sample = Sample::new();
        bencher
            .counter(BytesCount::of_slice(&sample.json))
            .bench_local(|| codec::encode_json(black_box(&sample.value), &sample.ty));
    }

    #[divan::bench]
    fn encode_from_a_struct_with_serde_json(bencher: Bencher<'_, '_>) {
        let sample = Sample::new();
        bencher
            .counter(BytesCount::of_slice(&sample.json))
            .bench_local(|| serde_json::to_vec(black_box(&sample.state)));
    }
}

fn main() {
    Divan::from_args().main();
}
