//! The judge that nobody here wrote: what terraform-plugin-framework plans and upgrades, under schemas that nobody
//! thought of (`acceptance-tests/conformance/differential`).
//!
//! Cases are made from numbers, so that each can be made again: `JUDGE_SEED` and `JUDGE_CASES` choose them.

use std::{
    collections::{BTreeMap, BTreeSet},
    env, fmt,
    io::{BufRead, BufReader, Write},
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
};

use base64::{Engine, engine::general_purpose::STANDARD};
use serde::{Deserialize, Serialize};

use super::*;
use crate::{
    path::{Path, Step},
    plan::requires_replace,
    rpc::convert,
    schema::{boolean, dynamic, list, map, number, object, set},
    testing::propose::proposed_new,
    value::{Type, msgpack},
};

/// The words in which both sides are told of a schema.
#[derive(Clone, Debug, Default, Serialize)]
struct Described {
    attributes: Vec<DescribedAttribute>,
    blocks: Vec<DescribedBlock>,
}

#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
struct DescribedAttribute {
    name: &'static str,
    kind: &'static str,
    required: bool,
    optional: bool,
    computed: bool,
    write_only: bool,
    default: bool,
    keep: bool,
    replace: &'static str,
    inner: Vec<DescribedAttribute>,
}

#[derive(Clone, Debug, Serialize)]
struct DescribedBlock {
    name: &'static str,
    nesting: &'static str,
    replace: &'static str,
    body: Described,
}

impl Described {
    fn schema(&self) -> Schema {
        let schema = Schema::new(0);
        let with = self
            .attributes
            .iter()
            .fold(schema, |schema, each| schema.attr(each.name, each.attribute()));
        self.blocks
            .iter()
            .fold(with, |schema, each| schema.block(each.name, each.block()))
    }

    /// All attributes, at every depth.
    fn all(&self) -> Vec<&DescribedAttribute> {
        let own = self.attributes.iter().flat_map(DescribedAttribute::all);
        own.chain(self.blocks.iter().flat_map(|each| each.body.all()))
            .collect()
    }

    /// What it makes use of, in the words of the tally.
    fn features(&self) -> BTreeSet<String> {
        let mut found = BTreeSet::new();
        for each in self.all() {
            found.insert(each.kind.to_owned());
            let words = [
                (each.required, "required"),
                (each.optional && !each.computed, "optional"),
                (each.computed && !each.optional, "computed"),
                (each.computed && each.optional, "optional and computed"),
                (each.write_only, "write-only"),
                (each.default, "default"),
                (each.keep, "keep_prior"),
                (each.replace == "always", "replace"),
                (each.replace == "if_configured", "replace_if_configured"),
            ];
            let used = words.into_iter().filter(|(used, _)| *used);
            found.extend(used.map(|(_, word)| word.to_owned()));
        }
        for block in &self.blocks {
            found.insert(format!("{} block", block.nesting));
            found.extend((block.replace == "always").then(|| "block, replace".to_owned()));
            for inner in &block.body.blocks {
                found.insert(format!("{} block in {} block", inner.nesting, block.nesting));
            }
        }
        found
    }
}

impl DescribedAttribute {
    /// It, and all within it.
    fn all(&self) -> Vec<&Self> {
        let within = self.inner.iter().flat_map(Self::all);
        [self].into_iter().chain(within).collect()
    }

    fn attribute(&self) -> Attribute {
        let inner = || self.inner.iter().map(|each| (each.name, each.attribute()));
        let (mut attribute, default) = match self.kind {
            "string" => (string(), Value::from("default")),
            "number" => (number(), 7.into()),
            "bool" => (boolean(), true.into()),
            "list" => (list(Type::String), Value::List(vec!["default".into()])),
            "set" => (set(Type::String), Value::Null),
            "map" => (map(Type::String), Value::Null),
            "object" => (
                object([("s", Type::String), ("l", Type::list(Type::String))]),
                Value::Null,
            ),
            "dynamic" => (dynamic(), Value::Null),
            "single" => (single(inner()), Value::Null),
            "list_nested" => (list_nested(inner()), Value::Null),
            "set_nested" => (set_nested(inner()), Value::Null),
            "map_nested" => (map_nested(inner()), Value::Null),
            kind => panic!("a kind {kind}"),
        };
        attribute.required = self.required;
        attribute.optional = self.optional;
        attribute.computed = self.computed;
        attribute.write_only = self.write_only;
        if self.default {
            attribute = attribute.default(default);
        }
        if self.keep {
            attribute = attribute.keep_prior();
        }
        match self.replace {
            "always" => attribute.replace(),
            "if_configured" => attribute.replace_if_configured(),
            _ => attribute,
        }
    }
}

impl DescribedBlock {
    fn block(&self) -> Block {
        let block = match self.nesting {
            "single" => Block::single(),
            "list" => Block::list(),
            _ => Block::set(),
        };
        let block = if self.replace == "always" {
            block.replace()
        } else {
            block
        };
        let with = self
            .body
            .attributes
            .iter()
            .fold(block, |block, each| block.attr(each.name, each.attribute()));
        self.body
            .blocks
            .iter()
            .fold(with, |block, each| block.block(each.name, each.block()))
    }
}

/// Numbers that look random and are the same for the same seed (xorshift64*).
struct Numbers(u64);

/// A number that the environment chooses.
fn number_of(name: &str, default: u64) -> u64 {
    let text = env::var(name).ok();
    text.map_or(default, |text| text.parse().expect("a number"))
}

impl Numbers {
    fn of_case(seed: u64, case: u64) -> Self {
        let mut numbers = Self((seed * 1_000_003 + case) * 2 + 1);
        // The first numbers after a small one are small, too.
        for _ in 0..16 {
            numbers.below(2);
        }
        numbers
    }

    fn below(&mut self, count: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        let high = (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) as usize;
        high % count
    }

    fn one_in(&mut self, count: usize) -> bool {
        self.below(count) == 0
    }

    fn of<T: Copy>(&mut self, all: &[T]) -> T {
        all[self.below(all.len())]
    }
}

const NAMES: [&str; 4] = ["a", "b", "c", "d"];

/// Where an attribute stands, as far as that forbids something.
#[derive(Clone, Copy, Default)]
struct Inside {
    set: bool,
    /// A set, or another collection: no values of any type there, by terraform-plugin-framework's rules.
    collection: bool,
    computed: bool,
}

fn attributes(numbers: &mut Numbers, depth: usize, inside: Inside) -> Vec<DescribedAttribute> {
    let count = 1 + numbers.below(NAMES.len());
    NAMES[..count]
        .iter()
        .map(|name| attribute(numbers, name, depth, inside))
        .collect()
}

fn attribute(numbers: &mut Numbers, name: &'static str, depth: usize, inside: Inside) -> DescribedAttribute {
    let plain = [
        "string", "string", "number", "bool", "list", "set", "map", "object", "dynamic",
    ];
    let plain = &plain[..plain.len() - usize::from(inside.collection)];
    let nested = ["single", "list_nested", "set_nested", "map_nested"];
    let kind = if depth > 0 && numbers.one_in(2) {
        numbers.of(&nested)
    } else {
        numbers.of(plain)
    };
    let is_nested = nested.contains(&kind);
    let mut made = DescribedAttribute {
        name,
        kind,
        replace: match numbers.below(6) {
            0 => "always",
            1 => "if_configured",
            _ => "no",
        },
        ..DescribedAttribute::default()
    };
    match numbers.below(if inside.computed { 1 } else { 6 }) {
        0 => made.computed = true,
        1 => made.required = true,
        2 | 3 => made.optional = true,
        4 => (made.optional, made.computed) = (true, true),
        _ if matches!(kind, "string" | "number" | "bool") && !inside.set => {
            (made.optional, made.write_only, made.replace) = (true, true, "no");
        }
        _ => made.optional = true,
    }
    if made.optional && made.computed && !inside.set {
        made.default = matches!(kind, "string" | "number" | "bool" | "list") && numbers.one_in(2);
    }
    made.keep = made.computed && !made.default && numbers.one_in(3);
    if is_nested {
        let inner = Inside {
            set: inside.set || kind == "set_nested",
            collection: inside.collection || kind != "single",
            computed: inside.computed || (made.computed && !made.optional),
        };
        made.inner = attributes(numbers, depth - 1, inner);
    }
    made
}

fn described(numbers: &mut Numbers) -> Described {
    Described {
        blocks: blocks(numbers, 1, Inside::default()),
        attributes: attributes(numbers, 2, Inside::default()),
    }
}

/// Blocks, with blocks within down to that depth.
fn blocks(numbers: &mut Numbers, depth: usize, inside: Inside) -> Vec<DescribedBlock> {
    let names = ["x", "y"][..numbers.below(3)].iter();
    let one = |&name: &&'static str| {
        let nesting = numbers.of(&["single", "list", "set"]);
        let inside = Inside {
            set: inside.set || nesting == "set",
            collection: inside.collection || nesting != "single",
            computed: false,
        };
        DescribedBlock {
            name,
            nesting,
            replace: numbers.of(&["no", "no", "always"]),
            body: Described {
                attributes: attributes(numbers, 1, inside),
                blocks: if depth > 0 {
                    blocks(numbers, depth - 1, inside)
                } else {
                    Vec::new()
                },
            },
        }
    };
    names.map(one).collect()
}

fn scalar(numbers: &mut Numbers, ty: &Type) -> Value {
    match ty {
        Type::Number => numbers.of(&[0_i64, 1, 7]).into(),
        Type::Bool => numbers.one_in(2).into(),
        Type::Dynamic => {
            let ty = numbers.of(&[0, 1, 2]);
            let ty = [Type::String, Type::Number, Type::list(Type::String)][ty].clone();
            let value = scalar(numbers, &ty);
            Value::Dynamic(Box::new(ty), Box::new(value))
        }
        Type::List(element) => several(numbers, ty, &mut |numbers| scalar(numbers, element)),
        Type::Object(types) => {
            let values = types.iter().map(|(name, ty)| (name, scalar(numbers, ty)));
            Value::object(values.collect::<Vec<_>>())
        }
        _ => numbers.of(&["u", "v", "default"]).into(),
    }
}

fn several(numbers: &mut Numbers, wrap: &Type, one: &mut dyn FnMut(&mut Numbers) -> Value) -> Value {
    let count = numbers.below(3);
    let elements: Vec<Value> = (0..count).map(|_| one(numbers)).collect();
    match wrap {
        Type::List(_) => Value::List(elements),
        Type::Set(_) => Value::set(elements),
        _ => Value::map(["k", "l", "m"].into_iter().zip(elements)),
    }
}

/// A configuration.
fn configured(numbers: &mut Numbers, body: &Described, unknowns: bool) -> Value {
    let attributes: Vec<_> = body
        .attributes
        .iter()
        .map(|each| (each.name, value_of(numbers, each, unknowns)))
        .collect();
    let blocks: Vec<_> = body
        .blocks
        .iter()
        .map(|each| {
            let ty = each.block().implied_type();
            let mut one = |numbers: &mut Numbers| configured(numbers, &each.body, unknowns);
            let value = match (each.nesting, numbers.one_in(3)) {
                ("single", true) => Value::Null,
                ("single", false) => one(numbers),
                _ => several(numbers, &ty, &mut one),
            };
            (each.name, value)
        })
        .collect();
    Value::object(attributes.into_iter().chain(blocks))
}

fn value_of(numbers: &mut Numbers, described: &DescribedAttribute, unknowns: bool) -> Value {
    if described.computed && !described.optional {
        return Value::Null;
    }
    match numbers.below(8) {
        0 | 1 if !described.required => return Value::Null,
        2 if unknowns => return Value::UNKNOWN,
        _ => {}
    }
    let ty = described.attribute().implied_type();
    let object = |numbers: &mut Numbers| {
        let inner = described.inner.iter();
        let values: Vec<_> = inner
            .map(|each| (each.name, value_of(numbers, each, unknowns)))
            .collect();
        Value::object(values)
    };
    match described.kind {
        "single" => object(numbers),
        "list_nested" | "set_nested" | "map_nested" => several(numbers, &ty, &mut { object }),
        "list" | "set" | "map" => several(numbers, &ty, &mut |numbers| scalar(numbers, &Type::String)),
        _ => scalar(numbers, &ty),
    }
}

/// What a provider makes of a plan: something known wherever it is unknown.
fn applied(numbers: &mut Numbers, planned: &Value, ty: &Type) -> Value {
    match (planned, ty) {
        (Value::Unknown(_), Type::Object(types)) => Value::object(
            types
                .iter()
                .map(|(name, ty)| (name, applied(numbers, &Value::UNKNOWN, ty)))
                .collect::<Vec<_>>(),
        ),
        (Value::Unknown(_), Type::List(element) | Type::Set(element) | Type::Map(element)) => {
            several(numbers, ty, &mut |numbers| {
                applied(numbers, &Value::UNKNOWN, element)
            })
        }
        (Value::Unknown(_), ty) => scalar(numbers, ty),
        (Value::Object(inner), Type::Object(types)) => Value::object(
            inner
                .iter()
                .map(|(name, value)| (name, applied(numbers, value, &types[name])))
                .collect::<Vec<_>>(),
        ),
        (Value::List(inner), Type::List(ty)) => {
            Value::List(inner.iter().map(|value| applied(numbers, value, ty)).collect())
        }
        (Value::Set(inner), Type::Set(ty)) => Value::set(
            inner
                .iter()
                .map(|value| applied(numbers, value, ty))
                .collect::<Vec<_>>(),
        ),
        (Value::Map(inner), Type::Map(ty)) => Value::map(
            inner
                .iter()
                .map(|(key, value)| (key, applied(numbers, value, ty)))
                .collect::<Vec<_>>(),
        ),
        (value, _) => value.clone(),
    }
}

/// What is asked.
#[derive(Serialize)]
struct Question<'q> {
    schema: &'q Described,
    prior: String,
    proposed: String,
    config: String,
    stored: String,
}

/// What is answered.
#[derive(Debug, Deserialize)]
struct Answer {
    planned: Option<String>,
    replace: Option<Vec<String>>,
    errors: Option<Vec<String>>,
}

/// The other framework, as a process.
struct Judge {
    process: Child,
    ask: ChildStdin,
    answers: BufReader<ChildStdout>,
}

impl Judge {
    fn start(program: &str) -> Self {
        let mut process = Command::new(program)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the judge starts");
        let ask = process.stdin.take().expect("piped");
        let answers = BufReader::new(process.stdout.take().expect("piped"));
        Self {
            process,
            ask,
            answers,
        }
    }

    fn asked(&mut self, question: &Question<'_>) -> Answer {
        let line = serde_json::to_string(question).expect("JSON");
        writeln!(self.ask, "{line}").expect("the judge listens");
        let mut answer = String::new();
        self.answers.read_line(&mut answer).expect("the judge answers");
        serde_json::from_str(&answer).unwrap_or_else(|err| panic!("{err}: {answer}: {line}"))
    }
}

impl Drop for Judge {
    fn drop(&mut self) {
        self.process.kill().ok();
        self.process.wait().ok();
    }
}

fn encoded(value: &Value, ty: &Type) -> String {
    STANDARD.encode(convert::encoded(value, ty).expect("encoded"))
}

/// What both make of one case; and where they differ, whether that is a difference that stands to reason: one of these.
struct Verdict {
    differs: Option<String>,
    accepted: Option<&'static str>,
}

/// They list for replacement each attribute that differs, also those of objects that come or go, and those whose holder
/// replaces already; a modifier within may have put back what made its holder differ. Ours lists what makes the
/// difference: an attribute within an object is compared where the object stands on both sides, and no user gains from
/// the longer list.
const REPLACES: &str = "what stays as it is, comes or goes, or is in what replaces already, is not listed";

/// `UseStateForUnknown` within an object that is new takes the prior null for a state, and plans null for what apply then
/// may not fill (hashicorp/terraform-plugin-framework#1197). Ours leaves it unknown.
const KEEPS: &str = "an object that is new has no prior values to keep, which are null there";

/// They match the elements of a set by their order, which is no property of a set: values of one element end up in
/// another. Ours matches elements by what is configured.
const SETS: &str = "elements of sets are matched by what is configured, there by their order";

/// The value without sets of objects, whose elements the two match by rules of their own.
fn without_sets(value: &Value, ty: &Type) -> Value {
    match (value, ty) {
        (_, Type::Set(element)) if matches!(**element, Type::Object(_)) => Value::Null,
        (Value::Object(inner), Type::Object(types)) => Value::object(
            inner
                .iter()
                .map(|(name, value)| (name, without_sets(value, &types[name])))
                .collect::<Vec<_>>(),
        ),
        (Value::List(inner), Type::List(ty)) => {
            Value::List(inner.iter().map(|value| without_sets(value, ty)).collect())
        }
        (Value::Map(inner), Type::Map(ty)) => Value::map(
            inner
                .iter()
                .map(|(key, value)| (key, without_sets(value, ty)))
                .collect::<Vec<_>>(),
        ),
        (value, _) => value.clone(),
    }
}

/// Whether a set of objects stands at that path.
fn is_set_of_objects(path: &Path, ty: &Type) -> bool {
    let found = path.steps().iter().try_fold(ty, |ty, step| match (ty, step) {
        (Type::Object(types), Step::Attribute(name)) => types.get(name),
        (Type::List(element) | Type::Map(element), _) => Some(&**element),
        _ => None,
    });
    matches!(found, Some(Type::Set(element)) if matches!(**element, Type::Object(_)))
}

/// Whether one differs from the other only in being unknown where that is null.
fn open_for_null(ours: &Value, theirs: &Value) -> bool {
    let each = |ours: &BTreeMap<String, Value>, theirs: &BTreeMap<String, Value>| {
        ours.keys().eq(theirs.keys())
            && ours
                .values()
                .zip(theirs.values())
                .all(|(a, b)| open_for_null(a, b))
    };
    match (ours, theirs) {
        (Value::Unknown(_), Value::Null) => true,
        (Value::Object(ours), Value::Object(theirs)) | (Value::Map(ours), Value::Map(theirs)) => {
            each(ours, theirs)
        }
        (Value::List(ours), Value::List(theirs)) => {
            ours.len() == theirs.len() && ours.iter().zip(theirs).all(|(a, b)| open_for_null(a, b))
        }
        (ours, theirs) => ours == theirs,
    }
}

/// A path as it is printed.
fn parsed(text: &str) -> Path {
    let step = |part: &str| match part.strip_suffix(']') {
        Some(element) => match element.parse() {
            Ok(index) => Step::Index(index),
            Err(_) => Step::key(element.trim_matches('"')),
        },
        None => Step::from(part),
    };
    let parts = text.split(['.', '[']).filter(|part| !part.is_empty());
    parts.map(step).collect()
}

/// Whether an object that holds the path stands on one side only.
fn comes_or_goes(path: &str, prior: &Value, planned: &Value) -> bool {
    let path = parsed(path);
    (1..path.steps().len()).any(|length| {
        let holder: Path = path.steps()[..length].iter().cloned().collect();
        let stands =
            |value: &Value| matches!(value.get(&holder), Some(held) if !held.is_null() && !held.is_unknown());
        stands(prior) != stands(planned)
    })
}

/// Why theirs may be another plan.
fn other_plan(described: &Described, ours: &Value, theirs: &Value, ty: &Type) -> Option<&'static str> {
    let keeps = described.all().iter().any(|each| each.keep);
    if keeps && open_for_null(ours, theirs) {
        return Some(KEEPS);
    }
    let (ours, theirs) = (without_sets(ours, ty), without_sets(theirs, ty));
    (ours == theirs || keeps && open_for_null(&ours, &theirs)).then_some(SETS)
}

/// Why others may replace, where the plan is the same.
fn other_replacements(
    ours: &BTreeSet<String>,
    theirs: &BTreeSet<String>,
    prior: &Value,
    planned: &Value,
    ty: &Type,
) -> Option<&'static str> {
    let of_set = |path: &&String| is_set_of_objects(&parsed(path), ty);
    let held = |path: &str| ours.iter().any(|holder| path.starts_with(holder.as_str()));
    let same = |path: &str| prior.get(&parsed(path)) == planned.get(&parsed(path));
    let stands_to_reason = |path: &&String| held(path) || same(path) || comes_or_goes(path, prior, planned);
    let mut more = theirs.difference(ours).filter(|path| !stands_to_reason(path));
    let mut less = ours.difference(theirs);
    if theirs.is_superset(ours) && more.clone().next().is_none() {
        return Some(REPLACES);
    }
    (more.all(|path| of_set(&path)) && less.all(|path| of_set(&path))).then_some(SETS)
}

fn judged(judge: &mut Judge, described: &Described, prior: &Value, config: &Value) -> (Value, Verdict) {
    let schema = described.schema();
    let (ty, body) = (schema.implied_type(), &schema.body);
    let proposed = proposed_new(body, prior, config);
    let drafted = make(&schema, prior, config, proposed.clone()).planned;
    let planned = settle(body, prior, &drafted, drafted.clone(), false);
    let ours: BTreeSet<String> = if prior.is_null() {
        BTreeSet::new()
    } else {
        let paths = requires_replace(body, prior, &planned, config).into_iter();
        paths.map(|path| path.resolve(&ty).to_string()).collect()
    };
    let answer = judge.asked(&Question {
        schema: described,
        prior: encoded(prior, &ty),
        proposed: encoded(&proposed, &ty),
        config: encoded(config, &ty),
        stored: String::new(),
    });
    let errors = answer.errors.unwrap_or_default();
    let theirs = answer
        .planned
        .map(|base64| STANDARD.decode(base64).expect("base64"));
    let theirs = theirs.map(|bytes| msgpack::decode(&bytes, &ty).expect("a value of the type"));
    let replace: BTreeSet<String> = answer.replace.unwrap_or_default().into_iter().collect();
    let (differs, accepted) = match theirs {
        _ if !errors.is_empty() => (Some(format!("they refuse: {errors:?}")), None),
        Some(theirs) if theirs == planned => {
            let differs = !prior.is_null() && replace != ours;
            let differs = differs.then(|| format!("replace: ours {ours:?}, theirs {replace:?}"));
            (differs, other_replacements(&ours, &replace, prior, &planned, &ty))
        }
        Some(theirs) => (
            Some(format!("planned\n  ours   {planned:?}\n  theirs {theirs:?}")),
            other_plan(described, &planned, &theirs, &ty),
        ),
        None => (Some("they plan nothing".to_owned()), None),
    };
    let accepted = accepted.filter(|_| differs.is_some());
    (planned, Verdict { differs, accepted })
}

/// How many plans came out the same, of all that have a feature.
#[derive(Default)]
struct Tally {
    features: BTreeMap<String, Count>,
    accepted: BTreeMap<&'static str, usize>,
}

#[derive(Default)]
struct Count {
    plans: usize,
    equal: usize,
    accepted: usize,
}

impl Tally {
    fn count(&mut self, described: &Described, round: &str, verdict: &Verdict) {
        let all = [" all".to_owned(), format!(" round: {round}")];
        for feature in described.features().into_iter().chain(all) {
            let count = self.features.entry(feature).or_default();
            count.plans += 1;
            count.equal += usize::from(verdict.differs.is_none());
            count.accepted += usize::from(verdict.accepted.is_some());
        }
        if let Some(reason) = verdict.accepted {
            *self.accepted.entry(reason).or_default() += 1;
        }
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "  plans    equal accepted different  of schemas that have")?;
        for (feature, count) in &self.features {
            let different = count.plans - count.equal - count.accepted;
            let (plans, equal, accepted) = (count.plans, count.equal, count.accepted);
            writeln!(
                f,
                "{plans:>7} {equal:>8} {accepted:>8} {different:>9}  {}",
                feature.trim()
            )?;
        }
        for (reason, count) in &self.accepted {
            writeln!(f, "{count:>7} accepted: {reason}")?;
        }
        Ok(())
    }
}

#[test]
#[ignore = "needs the judge: `cargo xtask conformance differential` builds it and runs this"]
fn plans_are_those_of_terraform_plugin_framework() {
    let program = env::var("JUDGE").expect("JUDGE, the judge's program");
    let (seed, cases) = (number_of("JUDGE_SEED", 1), number_of("JUDGE_CASES", 2_000));
    let mut judge = Judge::start(&program);
    let mut tally = Tally::default();
    let mut refused = Vec::new();
    for case in 0..cases {
        let mut numbers = Numbers::of_case(seed, case);
        let described = described(&mut numbers);
        let schema = described.schema();
        assert_eq!(crate::schema::check("thing", &schema), [], "case {case}");
        let ty = schema.implied_type();
        let mut prior = Value::Null;
        for round in ["create", "update", "unknown"] {
            let config = configured(&mut numbers, &described, round == "unknown");
            let (planned, verdict) = judged(&mut judge, &described, &prior, &config);
            tally.count(&described, round, &verdict);
            if let Verdict {
                differs: Some(difference),
                accepted: None,
            } = &verdict
            {
                let schema = serde_json::to_string(&described).expect("JSON");
                refused.push(format!(
                    "seed {seed} case {case} {round}: {difference}\n  prior  {prior:?}\n  config {config:?}\n  {schema}"
                ));
            }
            // What was unknown as a whole has write-only values there, which no state has.
            prior = crate::plan::null_write_only(&schema.body, applied(&mut numbers, &planned, &ty));
        }
    }
    eprintln!("seed {seed}, {cases} schemas\n{tally}");
    assert!(
        refused.is_empty(),
        "{} differences, the first:\n{}",
        refused.len(),
        refused[..refused.len().min(3)].join("\n")
    );
}

/// The same stored state as others might have written it: primitive values of another type, attributes that are not
/// there, and some that the schema does not know.
fn as_others_wrote(
    numbers: &mut Numbers,
    json: serde_json::Value,
    blocks: &[DescribedBlock],
) -> serde_json::Value {
    use serde_json::Value as Json;
    match json {
        // A value with its type, which others write in the same way.
        Json::Object(inner) if inner.contains_key("type") => Json::Object(inner),
        Json::Object(inner) => {
            let mut others = serde_json::Map::new();
            for (name, value) in inner {
                // What is missing of blocks is empty here, and null there.
                let of_blocks = blocks.iter().any(|block| block.name == name);
                if of_blocks || !numbers.one_in(8) {
                    others.insert(name, as_others_wrote(numbers, value, &[]));
                }
            }
            if numbers.one_in(4) {
                others.insert("gone".to_owned(), serde_json::json!([1]));
            }
            Json::Object(others)
        }
        Json::Array(inner) => inner
            .into_iter()
            .map(|value| as_others_wrote(numbers, value, &[]))
            .collect(),
        scalar if !numbers.one_in(4) => scalar,
        Json::Number(number) => Json::String(number.to_string()),
        Json::Bool(on) => numbers.of(&[["false", "true"], ["0", "1"]])[usize::from(on)].into(),
        Json::String(text) if text == "u" => numbers.of(&[17, 1]).into(),
        Json::String(text) if text == "v" => true.into(),
        other => other,
    }
}

#[test]
#[ignore = "needs the judge: `cargo xtask conformance differential` builds it and runs this"]
fn stored_state_is_read_as_by_terraform_plugin_framework() {
    let mut judge = Judge::start(&env::var("JUDGE").expect("JUDGE, the judge's program"));
    let (seed, cases) = (number_of("JUDGE_SEED", 1), number_of("JUDGE_CASES", 2_000));
    let (mut equal, mut refused_by_both, mut different) = (0, 0, Vec::new());
    for case in 0..cases {
        let mut numbers = Numbers::of_case(seed, case);
        let described = described(&mut numbers);
        let schema = described.schema();
        let ty = schema.implied_type();
        let config = configured(&mut numbers, &described, false);
        let (planned, _) = judged(&mut judge, &described, &Value::Null, &config);
        let state = applied(&mut numbers, &planned, &ty);
        let json = convert::to_stored(&state, &ty).expect("stored");
        let json = serde_json::from_slice(&json).expect("JSON");
        let json = as_others_wrote(&mut numbers, json, &described.blocks).to_string();
        let ours = convert::stored(json.as_bytes(), &ty).ok();
        let ours = ours.map(|state| crate::plan::as_state(&schema.body, state, true));
        let answer = judge.asked(&Question {
            schema: &described,
            prior: String::new(),
            proposed: String::new(),
            config: String::new(),
            stored: json.clone(),
        });
        let errors = answer.errors.unwrap_or_default();
        let theirs = answer.planned.filter(|_| errors.is_empty());
        let theirs = theirs.map(|base64| {
            let bytes = STANDARD.decode(base64).expect("base64");
            let state = msgpack::decode(&bytes, &ty).expect("a value of the type");
            // Core refuses a state with write-only values, which they leave in one of the same version.
            crate::plan::null_write_only(&schema.body, state)
        });
        match (ours, theirs) {
            (None, None) => refused_by_both += 1,
            (ours, theirs) if ours == theirs => equal += 1,
            (ours, theirs) => different.push(format!(
                "seed {seed} case {case}: {json}\n  ours   {ours:?}\n  theirs {theirs:?} {errors:?}"
            )),
        }
    }
    eprintln!("seed {seed}, {cases} stored states: {equal} equal, {refused_by_both} refused by both");
    let first = different[..different.len().min(3)].join("\n");
    assert!(
        different.is_empty(),
        "{} differences, the first:\n{first}",
        different.len()
    );
}
