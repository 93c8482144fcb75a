//! What a value costs on its way in and out: a state of 1 MiB, against serde's own way into and from a struct.
//!
//! `cargo bench -p terraform-plugin`, or `cargo xtask bench --framework` as a crate outside of this workspace. Ours and
//! serde's take turns, so that a busy moment hits both.

use std::{
    collections::BTreeMap,
    hint::black_box,
    io::{self, Write},
    time::Instant,
};

use serde::{Deserialize, Serialize};
use terraform_plugin::{Type, Value, testing::codec};

/// Turns of each pair.
const TURNS: usize = 100;

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

/// Milliseconds that the work takes, the median of all turns, for both of a pair.
fn in_turns<A, B>(ours: impl Fn() -> A, serdes: impl Fn() -> B) -> [f64; 2] {
    let milliseconds = |began: Instant| began.elapsed().as_secs_f64() * 1e3;
    let mut taken = [const { Vec::new() }; 2];
    for _ in 0..TURNS {
        let began = Instant::now();
        black_box(ours());
        taken[0].push(milliseconds(began));
        let began = Instant::now();
        black_box(serdes());
        taken[1].push(milliseconds(began));
    }
    taken.map(|mut all| {
        all.sort_by(f64::total_cmp);
        all[TURNS / 2]
    })
}

fn main() -> io::Result<()> {
    let sample = &Sample::new();
    let Sample {
        ty,
        state,
        msgpack,
        json,
        value,
    } = sample;
    let mut out = io::stdout();
    writeln!(
        out,
        "\nmedian of {TURNS} turns (ms)           ours     serde     ratio"
    )?;
    for (what, [ours, serdes]) in [
        (
            "MessagePack, decode",
            in_turns(
                || codec::decode_msgpack(black_box(msgpack), ty),
                || rmp_serde::from_slice::<State>(black_box(msgpack)),
            ),
        ),
        (
            "MessagePack, encode",
            in_turns(
                || codec::encode_msgpack(black_box(value), ty),
                || rmp_serde::to_vec_named(black_box(state)),
            ),
        ),
        (
            "JSON, decode",
            in_turns(
                || codec::decode_json(black_box(json), ty),
                || serde_json::from_slice::<State>(black_box(json)),
            ),
        ),
        (
            "JSON, encode",
            in_turns(
                || codec::encode_json(black_box(value), ty),
                || serde_json::to_vec(black_box(state)),
            ),
        ),
    ] {
        writeln!(out, "{what:<30} {ours:>9.2} {serdes:>9.2} {:>9.2}", ours / serdes)?;
    }
    Ok(())
}
