//! Random sequences of configurations: after each apply the next plan is empty, and AWS holds exactly what is asked for;
//! after the destroy nothing is left. That what a plan knows is what its apply answers, the host itself checks.

mod choice;
mod world;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::Write as _;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use fastrand::Rng;
use local_aws::LocalAws;
use serde_json::json;
use terraform_plugin::testing::{Instance, Planned};
use terraform_plugin::{Diagnostics, Value, path};
use tokio::task::JoinSet;

use super::{TYPE, instance};
use choice::{Choice, FIELDS};
use world::{Time, World, holds};

const SEQUENCES: u64 = 500;
const STEPS: usize = 5;
/// Sequences at a time: they wait for the second reads that settle VPC Lattice's objects.
const AT_ONCE: usize = 24;
/// How often each kind of change has to come up.
const EACH: usize = 20;

/// The switches of what AWS does for which there is no certain answer.
const SWITCHES: [&str; 16] = [
    "accepts_connectivity_alone",
    "accepts_connectivity_with_description",
    "empty_lists_clear",
    "changes_dns_resolution",
    "connection_passes_authorized",
    "associated_configuration_is_conflict",
    "used_gateway_is_conflict",
    "empty_description_clears",
    "groups_let_ipv6_out",
    "shuffles_dns_entries",
    "frees_deleted_names",
    "lowercases_domain_names",
    "in_use_in_other_words",
    "ignores_connectivity_without_type",
    "wants_whole_blocks",
    "active_at_once",
];

/// For how many seconds AWS may tell of before, or hold on to what is gone, and the most of each that is drawn.
const SECONDS: [(&str, u8); 3] = [
    ("stale_reads_after_update", 8),
    ("writes_miss", 20),
    ("deleted_configurations_hold_gateway", 60),
];

/// Reads that the provider can do without.
const READS: [(&str, &str); 3] = [
    ("events", "ListConnections"),
    ("vpc-lattice", "ListResourceGateways"),
    ("vpc-lattice", "ListResourceConfigurations"),
];

/// How AWS behaves in one sequence, as far as that is drawn: its switches, and what goes wrong on the way.
fn behaves(local: &LocalAws, time: Time, draw: &mut Rng) -> Result<String, String> {
    let mut switches = json!({});
    for switch in SWITCHES {
        switches[switch] = draw.bool().into();
    }
    // Eventual consistency: what was just made is missed at first.
    for count in ["missed_reads", "missed_listings"] {
        switches[count] = draw.u8(..3).into();
    }
    for (switch, most) in SECONDS {
        let seconds = draw.u8(..=most);
        // Where no transition takes any time, nothing lags behind.
        if matches!(time, Time::ByCalls(_)) {
            switches[switch] = seconds.into();
        }
    }
    switches["association_tag"] = ["documented", "absent", "other"][draw.usize(..3)].into();
    switches["shared_tags_answer"] = ["access_denied", "not_found", "invalid"][draw.usize(..3)].into();
    local.change_settings(&switches)?;
    let mut faults = Vec::new();
    if draw.u8(..4) == 0 {
        let (service, operation) = READS[draw.usize(..3)];
        faults
            .push(json!({ "service": service, "operation": operation, "effect": { "access_denied": true } }));
    }
    if draw.u8(..4) == 0 {
        let (after, count) = (draw.u8(..100), draw.u8(1..=4));
        faults.push(
            json!({ "service": "*", "operation": "*", "effect": { "throttle": true }, "after": after, "count": count }),
        );
    }
    for fault in &faults {
        local.add_fault(fault)?;
    }
    Ok(format!("switches {switches}, faults {faults:?}"))
}

/// The plan that follows an apply.
async fn second_plan(thing: &mut Instance, config: &Value) -> Result<Planned, Diagnostics> {
    thing.refresh().await?;
    thing.plan(config.clone()).await
}

/// Runs the sequence of one seed, and counts what it changed.
async fn run(seed: u64, counted: &Mutex<BTreeMap<&'static str, usize>>) -> Result<(), String> {
    let mut draw = Rng::with_seed(seed);
    // In half of them everything takes its time, and each call finds it further by as much as is drawn.
    let time = match draw.u8(..40) {
        0..20 => Time::None,
        seconds => Time::ByCalls(Duration::from_secs(u64::from(seconds) - 18)),
    };
    let world = World::new(time).await;
    let behaviour = behaves(&world.local, time, &mut draw)?;
    let mut thing = instance(&world.local).await;
    let mut choice = Choice::drawn(&mut draw);
    let mut told = format!("seed {seed}, {time:?}, {behaviour}");
    let mut arn = None;
    for step in 0..STEPS {
        if step > 0 {
            let before = choice.config(&world);
            while choice.config(&world) == before {
                for _ in 0..=draw.u8(..3) {
                    let was = choice;
                    let field = choice.redraw(&mut draw);
                    if choice.config(&world) != was.config(&world) {
                        *counted
                            .lock()
                            .expect("no thread has panicked with it")
                            .entry(field)
                            .or_default() += 1;
                    }
                }
            }
        }
        let config = choice.config(&world);
        let _ = write!(told, "\nstep {step}: {config:?}");
        let applied = thing.apply(config.clone()).await;
        let applied = applied.map_err(|refused| format!("{told}\napply: {refused}"))?;
        if step > 0 && !applied.is_update() {
            return Err(format!("{told}\nthe plan is {:?}", applied.action()));
        }
        let now = thing.get(&path!("connection_arn")).cloned();
        if arn.is_some() && arn != now {
            return Err(format!("{told}\nthe ARN was {arn:?} and is {now:?}"));
        }
        arn = now;
        let mut again = second_plan(&mut thing, &config).await;
        // What does not wait for the connection cannot remove what it still uses, and says so.
        if choice.get("wait_for_ready") == 2 && again.as_ref().is_ok_and(|again| !again.is_no_op()) {
            world.local.advance_until_settled();
            let applied = thing.apply(config.clone()).await;
            applied.map_err(|refused| format!("{told}\nsecond apply: {refused}"))?;
            again = second_plan(&mut thing, &config).await;
        }
        let again = again.map_err(|refused| format!("{told}\nsecond plan: {refused}"))?;
        if !again.is_no_op() {
            return Err(format!(
                "{told}\nthe second plan is not empty:\n{:?}\n→\n{:?}",
                again.prior(),
                again.planned()
            ));
        }
        holds(&world, choice)
            .await
            .map_err(|wrong| format!("{told}\n{wrong}"))?;
    }
    let mut gone = thing.destroy().await;
    // What did not wait for the connection can meet the association with its former path, which bears no tag that says whose
    // it is and goes by itself.
    if gone.is_err() && choice.get("wait_for_ready") == 2 {
        world.local.advance_until_settled();
        gone = thing.destroy().await;
    }
    gone.map_err(|refused| format!("{told}\ndestroy: {refused}"))?;
    match world.made() {
        left if left.is_empty() => Ok(()),
        left => Err(format!("{told}\nleft behind: {left:?}")),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn any_sequence_of_configurations_ends_with_exactly_what_the_last_one_asks_for() {
    assert_eq!(TYPE, "private_api_invocation");
    let counted = Arc::new(Mutex::new(BTreeMap::new()));
    // One seed alone, to look into a failure: SEQUENCE=17.
    let only: Option<u64> = std::env::var("SEQUENCE").ok().and_then(|seed| seed.parse().ok());
    let mut seeds = only.map_or(0..SEQUENCES, |seed| seed..seed + 1);
    let mut running = JoinSet::new();
    let mut failed = Vec::new();
    loop {
        while running.len() < AT_ONCE {
            let Some(seed) = seeds.next() else { break };
            let counted = Arc::clone(&counted);
            running.spawn(async move { run(seed, &counted).await });
        }
        match running.join_next().await {
            None => break,
            Some(Ok(outcome)) => failed.extend(outcome.err()),
            Some(Err(panic)) => failed.push(panic.to_string()),
        }
    }
    let first = failed.iter().take(8).cloned().collect::<Vec<_>>().join("\n\n");
    assert!(failed.is_empty(), "{} sequences failed: {first}", failed.len());
    let counted = counted.lock().expect("no thread has panicked with it");
    for (kind, count) in counted.iter() {
        let _ = writeln!(std::io::stdout(), "{count:>5} changes of {kind}");
    }
    if only.is_none() {
        for (kind, _) in FIELDS {
            let count = counted.get(kind).copied().unwrap_or_default();
            assert!(count >= EACH, "only {count} changes of {kind}");
        }
    }
}
