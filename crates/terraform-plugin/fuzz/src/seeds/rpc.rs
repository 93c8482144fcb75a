//! The requests. A row is the RPC, what is asked, and the request's fields by their numbers in `proto/tfplugin6.proto`.

use terraform_plugin::{
    Action as _, DataSource as _, EphemeralResource as _, Provider as _, Resource, Schema, Type, Value,
    testing::{METHODS, codec},
};

use super::super::{
    kinds::{Act, Flat, Lookup, Secret},
    provider::{self, Fuzzed, Shapes},
};
use super::{Seed, message::Message};

/// What apply has left in private data.
const PRIVATE: &str = r#"{"planned":1}"#;

/// A state of `fuzz_shapes` with all that it can have.
const FULL: &str = r#"{
    "name": "a", "size": 1.5, "on": true, "any": {"value": ["x"], "type": ["list", "string"]}, "words": ["a", "b"],
    "codes": [2, 1], "tags": {"k": "v", "n": null}, "pair": ["p", 1], "point": {"x": 1, "y": 0.5},
    "one": {"key": "k", "lot": "lot", "deep": {"n": 1}},
    "many": [{"key": "m", "lot": "lot", "deep": {"n": 1}}, {"key": "n", "lot": "lot", "deep": null}],
    "few": [{"key": "f", "lot": "lot", "deep": {"n": 1}}],
    "named": {"q": {"key": "q", "lot": "lot", "deep": {"n": 1}}},
    "secret_wo": null, "id": "made", "timeouts": {"create": "30s"}, "defaults": {"create": null},
    "rules": [{"port": 443, "timeouts": null}, {"port": 80, "timeouts": {"create": "1m"}}],
    "steps": [{"create": "1s"}], "sites": {"eu": {"create": null}}
}"#;

fn object<'a>(attributes: impl IntoIterator<Item = (&'a str, Value)>) -> Value {
    Value::object(attributes)
}

/// The value with these attributes instead of its own.
fn with<'a>(value: &Value, changes: impl IntoIterator<Item = (&'a str, Value)>) -> Value {
    let Value::Object(attributes) = value else {
        panic!("no object: {value:?}")
    };
    let own = attributes
        .iter()
        .map(|(name, value)| (name.clone(), value.clone()));
    let changes = changes.into_iter().map(|(name, value)| (name.to_owned(), value));
    Value::object(own.chain(changes))
}

/// The value with this lot in every nested object.
fn with_lots(value: &Value, lot: &Value) -> Value {
    match value {
        Value::Object(inner) => Value::object(inner.iter().map(|(name, value)| {
            let value = if name == "lot" {
                lot.clone()
            } else {
                with_lots(value, lot)
            };
            (name.clone(), value)
        })),
        Value::List(inner) => Value::List(inner.iter().map(|value| with_lots(value, lot)).collect()),
        Value::Set(inner) => Value::set(inner.iter().map(|value| with_lots(value, lot))),
        Value::Map(inner) => Value::map(
            inner
                .iter()
                .map(|(key, value)| (key.clone(), with_lots(value, lot))),
        ),
        value => value.clone(),
    }
}

/// What `fuzz_shapes` is in all its stages.
struct Stages {
    ty: Type,
    state: Value,
    planned: Value,
    config: Value,
    least: Value,
    unknown: Value,
}

impl Stages {
    fn new() -> Self {
        let ty = Shapes::schema().implied_type();
        let state = codec::decode_json(FULL.as_bytes(), &ty).expect("a state");
        let planned = with(&with_lots(&state, &Value::UNKNOWN), [("id", Value::UNKNOWN)]);
        let config = with(
            &with_lots(&state, &Value::Null),
            [("id", Value::Null), ("secret_wo", "hunter2".into())],
        );
        let Type::Object(types) = &ty else {
            panic!("no object: {ty}")
        };
        let create = |value: Value| object([("create", value)]);
        let all = |value: &Value| object(types.keys().map(|name| (name.as_str(), value.clone())));
        let blocks = |rules: Vec<Value>, create: Value| {
            [
                ("defaults", create),
                ("rules", Value::set(rules)),
                ("steps", Value::List(Vec::new())),
                ("sites", Value::map::<&str>([])),
            ]
        };
        let least = with(&all(&Value::Null), blocks(Vec::new(), create(Value::Null)));
        let rule = object([("port", Value::UNKNOWN), ("timeouts", Value::Null)]);
        Self {
            state,
            planned,
            config,
            least: with(&least, [("name", "a".into())]),
            unknown: with(&all(&Value::UNKNOWN), blocks(vec![rule], create(Value::UNKNOWN))),
            ty,
        }
    }

    /// A configuration that breaks a rule wherever there is one.
    fn bad(&self) -> Value {
        let step = object([("create", Value::Null)]);
        let rule = object([("port", 0.into()), ("timeouts", Value::Null)]);
        with(
            &self.config,
            [
                ("name", "".into()),
                ("rules", Value::set([rule])),
                ("steps", Value::List(vec![step; 5])),
                ("tags", Value::map([("A", "v".into())])),
                ("timeouts", object([("create", "x".into())])),
            ],
        )
    }

    /// A value within a value within a value.
    fn deep(value: &Value) -> Value {
        let any = (0..99).fold(Value::Null, |inner, _| {
            Value::Dynamic(Box::new(Type::Dynamic), Box::new(inner))
        });
        with(value, [("any", any)])
    }
}

fn ty(schema: Schema) -> Type {
    schema.implied_type()
}

/// A request of that RPC.
fn request(rpc: &str, what: &str, message: &Message) -> Seed {
    let choice = METHODS.iter().position(|method| *method == rpc);
    let choice = u8::try_from(choice.expect("an RPC")).expect("a byte");
    Seed::new(format!("{rpc}-{what}"), [&[choice], &message.0[..]].concat())
}

pub fn rpc() -> Vec<Seed> {
    let empty = METHODS
        .iter()
        .map(|rpc| request(rpc, "empty", &Message::default()));
    let all = [
        of_the_provider(),
        validations(),
        plans(),
        applies(),
        stored(),
        reads(),
        imports_and_moves(),
        other_kinds(),
    ];
    empty.chain(all.into_iter().flatten()).collect()
}

fn rows<const N: usize>(rpc: &str, rows: [(&str, Message); N]) -> Vec<Seed> {
    rows.iter()
        .map(|(what, message)| request(rpc, what, message))
        .collect()
}

fn named(name: &str) -> Message {
    Message::default().bytes(1, name)
}

fn flat() -> Message {
    named(Flat::NAME)
}

fn shapes() -> Message {
    named(Shapes::NAME)
}

fn id(id: impl Into<Value>) -> Value {
    object([("id", id.into())])
}

/// `provider_meta`.
fn meta(message: Message, field: u64) -> Message {
    let ty = ty(Fuzzed::meta_schema().expect("a schema"));
    message.value(field, &object([("module", "m".into())]), &ty)
}

/// `ResourceIdentityData` of `fuzz_flat`.
fn identity(id: impl Into<Value>, numbers: Value) -> Message {
    let ty = Type::object([("id", Type::String), ("numbers", Type::list(Type::Number))]);
    let value = object([("id", id.into()), ("numbers", numbers)]);
    Message::default().value(1, &value, &ty)
}

fn of_the_provider() -> Vec<Seed> {
    let ty = ty(Fuzzed::schema());
    let unknown = object([("region", Value::UNKNOWN)]);
    let mut all = rows(
        "ValidateProviderConfig",
        [
            ("good", Message::default().value(1, &provider::config(), &ty)),
            ("unknown", Message::default().value(1, &unknown, &ty)),
        ],
    );
    let json = Message::default().bytes(2, r#"{"region":"here"}"#);
    all.extend(rows(
        "ConfigureProvider",
        [
            (
                "good",
                named("1.12.0").value(2, &provider::config(), &ty).capable(3),
            ),
            ("json", Message::default().message(2, json)),
        ],
    ));
    let chunk = Message::default().bytes(1, "s").bytes(2, "default");
    let range = Message::default().number(2, 3);
    let chunk = Message::default()
        .message(1, chunk)
        .bytes(2, "abc")
        .number(3, 3)
        .message(4, range);
    all.extend(rows("WriteStateBytes", [("chunk", chunk)]));
    all
}

fn validations() -> Vec<Seed> {
    let stages = Stages::new();
    let (ty, flat_ty) = (&stages.ty, &ty(Flat::schema()));
    let config = |value: &Value| shapes().value(2, value, ty);
    let full = codec::encode_msgpack(&stages.config, ty).expect("encoded");
    let id = codec::encode_msgpack(&id("a"), flat_ty).expect("encoded");
    let both = Message::default().bytes(1, id).bytes(2, r#"{"id":"b"}"#);
    rows(
        "ValidateResourceConfig",
        [
            ("full", config(&stages.config).capable(3)),
            ("least", config(&stages.least).capable(3)),
            ("unknown", config(&stages.unknown).capable(3)),
            ("bad", config(&stages.bad())),
            (
                "cut",
                shapes().message(2, Message::default().bytes(1, &full[..60])),
            ),
            ("both", flat().message(2, both)),
            ("no-type", named("fuzz_dog").value(2, &Value::Null, ty)),
        ],
    )
}

/// The prior state, the planned one, and the configuration.
fn change(kind: Message, ty: &Type, values: [&Value; 3]) -> Message {
    let fields = (2..).zip(values);
    fields.fold(kind, |message, (field, value)| message.value(field, value, ty))
}

fn plans() -> Vec<Seed> {
    let stages = Stages::new();
    let Stages {
        ty,
        state,
        planned,
        config,
        least,
        unknown,
    } = &stages;
    let none = &Value::Null;
    let plan = |values| change(shapes(), ty, values).capable(7);
    let larger = |value: &Value| with(value, [("size", 2.into())]);
    let other = |value: &Value| with(value, [("name", "b".into())]);
    let again = change(shapes(), ty, [none, planned, config]).bytes(9, PRIVATE);
    let gone = change(shapes(), ty, [state, none, none]).bytes(5, PRIVATE);
    let changed = change(shapes(), ty, [state, &larger(state), &larger(config)]).bytes(5, PRIVATE);
    let flat_plan = |prior: Value, planned: Value, config: Value| {
        change(flat(), &self::ty(Flat::schema()), [&prior, &planned, &config])
    };
    let known = flat_plan(id("a"), id(Value::UNKNOWN), id(Value::Null));
    let known = meta(known, 6).capable(7);
    rows(
        "PlanResourceChange",
        [
            ("create", plan([none, planned, config])),
            ("unknown", plan([none, unknown, unknown])),
            ("no-deferral", change(shapes(), ty, [none, unknown, unknown])),
            ("private-again", again.capable(7)),
            ("same", plan([state, state, config])),
            ("update", changed.capable(7)),
            ("replace", plan([state, &other(state), &other(config)])),
            ("destroy", gone.capable(7)),
            ("no-config", plan([state, state, none])),
            ("nothing", plan([none, none, none])),
            ("inconsistent", plan([least, state, unknown])),
            (
                "deep-dynamic",
                plan([none, &Stages::deep(planned), &Stages::deep(config)]),
            ),
            ("flat", flat_plan(id("a"), id("b"), id("b")).capable(7)),
            ("meta-and-identity", known.message(8, identity("a", Value::Null))),
        ],
    )
}

fn applies() -> Vec<Seed> {
    let stages = Stages::new();
    let Stages {
        ty,
        state,
        planned,
        config,
        unknown,
        ..
    } = &stages;
    let none = &Value::Null;
    let apply = |values| change(shapes(), ty, values);
    let larger = |value: &Value| with(value, [("size", 2.into())]);
    let flat_ty = &self::ty(Flat::schema());
    let identified = flat().value(3, &id("a"), flat_ty).value(4, &id("a"), flat_ty);
    rows(
        "ApplyResourceChange",
        [
            ("create", apply([none, planned, config]).bytes(5, PRIVATE)),
            ("update", apply([state, &larger(state), &larger(config)])),
            ("delete", apply([state, none, none])),
            ("unknown", apply([none, unknown, unknown])),
            ("no-config", apply([none, planned, none])),
            ("nothing", apply([none, none, none])),
            (
                "flat",
                change(flat(), flat_ty, [none, &id(Value::UNKNOWN), &id(Value::Null)]),
            ),
            (
                "identity",
                meta(identified, 6).message(7, identity(Value::UNKNOWN, Value::Null)),
            ),
        ],
    )
}

/// State and identities as a state file has them.
fn stored() -> Vec<Seed> {
    let upgrade = |kind: Message, version: i64, json: &str| {
        kind.number(2, version as u64)
            .message(3, Message::default().bytes(1, json))
    };
    let flatmap = Message::default().bytes(1, "id").bytes(2, "a");
    let flatmap = Message::default().message(2, flatmap);
    let mut all = rows(
        "UpgradeResourceState",
        [
            ("same", upgrade(shapes(), 3, FULL)),
            ("lenient", upgrade(shapes(), 3, r#"{"name":"a","was":{"x":1}}"#)),
            ("older", upgrade(flat(), 1, r#"{"name":"a","gone":[1]}"#)),
            ("newer", upgrade(flat(), 9, "{}")),
            ("negative", upgrade(flat(), -1, "{}")),
            ("flatmap", flat().number(2, 1).message(3, flatmap)),
        ],
    );
    all.extend(rows(
        "UpgradeResourceIdentity",
        [
            ("good", upgrade(flat(), 1, r#"{"id":"a","numbers":[1]}"#)),
            ("older", upgrade(flat(), 0, r#"{"id":"a"}"#)),
        ],
    ));
    all
}

fn reads() -> Vec<Seed> {
    let stages = Stages::new();
    let flat_ty = &ty(Flat::schema());
    let state = |value: &Value| flat().value(2, value, flat_ty);
    let identified = meta(state(&id("a")), 4).capable(5);
    let mut all = rows(
        "ReadResource",
        [
            (
                "full",
                shapes()
                    .value(2, &stages.state, &stages.ty)
                    .bytes(3, PRIVATE)
                    .capable(5),
            ),
            ("gone", state(&id("gone"))),
            ("null", shapes().value(2, &Value::Null, &stages.ty)),
            ("unknown", state(&id(Value::UNKNOWN))),
            ("bad-private", state(&id("a")).bytes(3, r#"{"a":"#)),
            (
                "identity",
                identified.message(6, identity("b", Value::List(vec![1.into()]))),
            ),
            (
                "unknown-field",
                Message::default().bytes(99, "x").bytes(1, Flat::NAME),
            ),
            ("bad-utf8", Message::default().bytes(1, b"\xff")),
            ("wrong-wire-type", Message::default().number(1, 1)),
            ("no-protobuf", Message(b"\x0a\xff\xff\xff\xff\x0f".to_vec())),
            ("groups", Message(vec![0x0b; 150])),
        ],
    );
    all.extend(rows(
        "GenerateResourceConfig",
        [
            ("full", shapes().value(2, &stages.state, &stages.ty)),
            ("flat", state(&id("a"))),
        ],
    ));
    all
}

fn imports_and_moves() -> Vec<Seed> {
    let by = |identity: Message| flat().message(4, identity);
    let numbers = Value::List(vec![1.into(), 2.into()]);
    let mut all = rows(
        "ImportResourceState",
        [
            ("good", flat().bytes(2, "an-id").capable(3)),
            ("identity", flat().capable(3).message(4, identity("a", numbers))),
            ("unknown-identity", by(identity(Value::UNKNOWN, Value::Null))),
            ("unsupported", shapes().bytes(2, "x")),
        ],
    );
    let json = |json: &str| Message::default().bytes(1, json);
    let from = |provider: &str, kind: &str, state: &str| {
        named(provider)
            .bytes(2, kind)
            .message(4, json(state))
            .bytes(5, Flat::NAME)
    };
    let data = r#"{"input":{"value":"a","type":"string"},"id":"x"}"#;
    all.extend(rows(
        "MoveResourceState",
        [
            (
                "good",
                from(
                    "registry.terraform.io/hashicorp/null",
                    "null_resource",
                    r#"{"id":"a"}"#,
                )
                .bytes(6, PRIVATE),
            ),
            (
                "json",
                from("terraform.io/builtin/terraform", "terraform_data", data).message(7, json("{}")),
            ),
            (
                "elsewhere",
                from("registry.terraform.io/hashicorp/aws", "aws_vpc", "{}"),
            ),
        ],
    ));
    all
}

fn other_kinds() -> Vec<Seed> {
    let filter = |name: Value, values: Value| object([("name", name), ("values", values)]);
    let filters = [
        filter("a".into(), Value::List(vec!["x".into(), Value::Null])),
        filter("b".into(), Value::Null),
    ];
    let lookup = |any: Value, filters: Value| {
        let value = object([("any", any), ("filters", filters), ("found", Value::Null)]);
        named(Lookup::NAME).value(2, &value, &ty(Lookup::schema()))
    };
    let text = Value::Dynamic(Box::new(Type::String), Box::new("x".into()));
    let good = lookup(text, Value::set(filters));
    let unknown_filter = Value::set([filter(Value::UNKNOWN, Value::Null)]);
    let secret = |length: Value| {
        let value = object([("length", length), ("value", Value::Null)]);
        named(Secret::NAME).value(2, &value, &ty(Secret::schema()))
    };
    let act = |times: Value| named(Act::NAME).value(2, &object([("times", times)]), &ty(Act::schema()));
    let list = |prefix: Value| {
        let ty = Type::object([("prefix", Type::String)]);
        flat().value(2, &object([("prefix", prefix)]), &ty)
    };
    let of = |ty: Type, value: Value| Value::Dynamic(Box::new(ty), Box::new(value));
    let call = |arguments: &[(Value, Type)]| {
        let join = named("join");
        arguments
            .iter()
            .fold(join, |message, (value, ty)| message.value(2, value, ty))
    };
    let separator = |text: &str| (text.into(), Type::String);
    let any = |value: Value| (value, Type::Dynamic);
    [
        rows(
            "ReadDataSource",
            [
                ("good", meta(good.clone(), 3).capable(4)),
                ("unknown", lookup(Value::UNKNOWN, unknown_filter)),
            ],
        ),
        rows(
            "ValidateDataResourceConfig",
            [
                ("good", good),
                ("unknown", lookup(Value::UNKNOWN, Value::UNKNOWN)),
            ],
        ),
        rows(
            "OpenEphemeralResource",
            [
                ("good", secret(9.into()).capable(3)),
                ("unknown", secret(Value::UNKNOWN)),
            ],
        ),
        rows("ValidateEphemeralResourceConfig", [("good", secret(9.into()))]),
        rows(
            "RenewEphemeralResource",
            [
                ("good", named(Secret::NAME).bytes(2, "9")),
                ("bad-private", named(Secret::NAME).bytes(2, r#"{"a""#)),
            ],
        ),
        rows(
            "CloseEphemeralResource",
            [("good", named(Secret::NAME).bytes(2, "null"))],
        ),
        rows("PlanAction", [("good", act(Value::UNKNOWN).capable(3))]),
        rows("ValidateActionConfig", [("good", act(2.into()))]),
        rows(
            "InvokeAction",
            [("good", act(2.into())), ("too-often", act((1_i64 << 62).into()))],
        ),
        rows(
            "ListResource",
            [
                ("good", list("p".into()).number(3, 1).number(4, 2)),
                ("negative-limit", list(Value::Null).number(4, -1_i64 as u64)),
            ],
        ),
        rows(
            "ValidateListResourceConfig",
            [(
                "good",
                list(Value::UNKNOWN)
                    .value(3, &true.into(), &Type::Bool)
                    .value(4, &5.into(), &Type::Number),
            )],
        ),
        rows(
            "CallFunction",
            [
                (
                    "good",
                    call(&[
                        separator(","),
                        any(of(Type::String, "a".into())),
                        any(of(Type::set(Type::Number), Value::set([1.into()]))),
                    ]),
                ),
                ("null", call(&[any(Value::Null), any(Value::Null)])),
                ("unknown", call(&[separator(""), any(Value::UNKNOWN)])),
                ("too-few", call(&[])),
                ("bad-type", call(&[(1.into(), Type::Number)])),
            ],
        ),
    ]
    .into_iter()
    .flatten()
    .collect()
}
