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

use self::{
    cases::{Described, Numbers, applied, configured},
    explained::Plan,
};
use super::*;
use crate::{
    plan::{assert_plan_valid, replace::requires_replace_in_new_too, requires_replace},
    rpc::convert,
    testing::propose::proposed_new,
    value::{Type, msgpack},
};

mod cases;
mod explained;

/// A number that the environment chooses.
fn number_of(name: &str, default: u64) -> u64 {
    let text = env::var(name).ok();
    text.map_or(default, |text| text.parse().expect("a number"))
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

/// What both make of one case; and where they differ, whether that is a difference that stands to reason.
struct Verdict {
    differs: Option<String>,
    /// Why they differ, where all that differs is accounted for.
    accepted: Option<BTreeSet<&'static str>>,
}

fn judged(judge: &mut Judge, described: &Described, prior: &Value, config: &Value) -> (Value, Verdict) {
    let schema = described.schema();
    let (ty, body) = (schema.implied_type(), &schema.body);
    let proposed = proposed_new(body, prior, config);
    let drafted = make(&schema, prior, config, proposed.clone()).planned;
    let planned = settle(body, prior, &drafted, drafted.clone(), false);
    let broken = assert_plan_valid(body, prior, config, &planned);
    let replaced = |rule: fn(&Body, &Value, &Value, &Value) -> Vec<Path>| -> BTreeSet<String> {
        let paths = Some(prior).filter(|prior| !prior.is_null());
        let paths = paths.map(|prior| rule(body, prior, &planned, config));
        let paths = paths.into_iter().flatten();
        paths.map(|path| path.resolve(&ty).to_string()).collect()
    };
    let in_new_too = Plan {
        replace: replaced(requires_replace_in_new_too),
        planned: planned.clone(),
    };
    let ours = Plan {
        replace: replaced(requires_replace),
        planned: planned.clone(),
    };
    let answer = judge.asked(&Question {
        schema: described,
        prior: encoded(prior, &ty),
        proposed: encoded(&proposed, &ty),
        config: encoded(config, &ty),
        stored: String::new(),
    });
    let errors = answer.errors.unwrap_or_default();
    let verdict = |differs, accepted| Verdict { differs, accepted };
    let verdict = match answer.planned {
        _ if !errors.is_empty() => verdict(Some(format!("they refuse: {errors:?}")), None),
        _ if !broken.is_empty() => verdict(Some(format!("core refuses ours: {broken:?}")), None),
        None => verdict(Some("they plan nothing".to_owned()), None),
        Some(base64) => {
            let bytes = STANDARD.decode(base64).expect("base64");
            let theirs = Plan {
                planned: msgpack::decode(&bytes, &ty).expect("a value of the type"),
                replace: answer.replace.unwrap_or_default().into_iter().collect(),
            }
            .counted_by_core(prior);
            let changes = with_defaults(body.level(), as_state(body, proposed.clone(), false), config);
            let changes = changes.expect("defaults fit") != *prior;
            let seen = ours.clone().counted_by_core(prior);
            if seen == theirs {
                verdict(None, None)
            } else {
                let comes = in_new_too.clone().counted_by_core(prior) != seen;
                let explained = explained::theirs(body, &in_new_too, &proposed, config, prior, changes);
                let by_rules = |(plan, mut reasons): (Plan, BTreeSet<_>)| {
                    reasons.extend(comes.then_some(explained::COMES));
                    let same = plan.counted_by_core(prior) == theirs;
                    same.then_some(reasons)
                };
                verdict(
                    Some(format!("\n  ours   {seen:?}\n  theirs {theirs:?}")),
                    explained.and_then(by_rules),
                )
            }
        }
    };
    (ours.planned, verdict)
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
        for reason in verdict.accepted.iter().flatten() {
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
        let described = cases::described(&mut numbers);
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
    blocks: &[cases::DescribedBlock],
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
        let described = cases::described(&mut numbers);
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
