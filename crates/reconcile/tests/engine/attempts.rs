//! What perhaps can be changed in place is planned as a replacement, tried in place, and replaced where the
//! service took the change without effect.

use std::time::Duration;

use reconcile::{Component as _, Engine, Error, Id, Recorded, Slot, Step};
use tokio::time::Instant;

use crate::fake::{CONFIGURATION, CONNECTION, Configuration, FIRST, GATEWAY, State, Wanted, applied};

const LARGE: Wanted = Wanted {
    tier: "large",
    ..FIRST
};

fn recorded_by(terraform: &crate::fake::Terraform) -> Recorded {
    terraform.state.as_ref().unwrap().recorded.clone()
}

fn id(recorded: &Recorded, slot: &Slot) -> Id {
    recorded.get(slot).unwrap().clone()
}

/// The steps of a replacement of the gateway and what it entails.
fn replacement(recorded: &Recorded) -> [Step; 3] {
    [
        Step::Replace(GATEWAY, id(recorded, &GATEWAY)),
        Step::Replace(CONFIGURATION, id(recorded, &CONFIGURATION)),
        Step::Update(CONNECTION, id(recorded, &CONNECTION)),
    ]
}

#[tokio::test(start_paused = true)]
async fn an_attempt_is_planned_as_a_replacement() {
    let (_, mut terraform) = applied().await;
    terraform.refresh().await.unwrap();
    let recorded = recorded_by(&terraform);
    let expected = replacement(&recorded);
    assert_eq!(terraform.plan(&LARGE).await.unwrap(), expected);
    let engine = Engine::new(recorded);
    assert_eq!(
        engine.plan(&terraform.graph_of(Some(LARGE))).await.unwrap().steps,
        expected
    );
}

#[tokio::test(start_paused = true)]
async fn an_attempt_that_takes_effect_is_an_update_and_nothing_else_is_done() {
    let (cloud, terraform) = applied().await;
    let recorded = recorded_by(&terraform);
    let engine = Engine::new(recorded.clone());
    let planned = engine.plan(&terraform.graph_of(Some(LARGE))).await.unwrap().steps;
    engine
        .run(&terraform.graph_of(Some(LARGE)), Some(&planned))
        .await
        .unwrap();
    assert_eq!(engine.done(), [Step::Update(GATEWAY, id(&recorded, &GATEWAY))]);
    assert_eq!(cloud.operations(), ["update gateway"]);
    assert_eq!(engine.pending(), Vec::<String>::new());
    assert_eq!(engine.recorded(), recorded);
}

#[tokio::test(start_paused = true)]
async fn an_attempt_without_effect_ends_in_the_replacement_that_was_planned() {
    let (cloud, terraform) = applied().await;
    cloud.ignore_tiers(true);
    let recorded = recorded_by(&terraform);
    let engine = Engine::new(recorded.clone());
    let planned = engine.plan(&terraform.graph_of(Some(LARGE))).await.unwrap().steps;
    engine
        .run(&terraform.graph_of(Some(LARGE)), Some(&planned))
        .await
        .unwrap();
    let operations = [
        "update gateway",
        "create gateway",
        "create configuration",
        "update connection",
        "delete configuration",
        "delete gateway",
    ];
    assert_eq!(cloud.operations(), operations);
    let attempted = Step::Update(GATEWAY, id(&recorded, &GATEWAY));
    assert_eq!(engine.done()[0], attempted);
    assert_eq!(engine.done()[1..4], replacement(&recorded));
    assert_eq!(engine.pending(), Vec::<String>::new());
    let timeline = engine.timeline();
    let unseen = format!("saw no effect on resource gateway {}", id(&recorded, &GATEWAY));
    assert!(timeline.events().iter().any(|event| event.what == unseen));
}

#[tokio::test(start_paused = true)]
async fn an_attempt_whose_plan_said_that_the_object_stays_is_not_made() {
    let (cloud, terraform) = applied().await;
    let recorded = recorded_by(&terraform);
    let planned = [Step::Update(GATEWAY, id(&recorded, &GATEWAY))];
    let error = Engine::new(recorded.clone())
        .run(&terraform.graph_of(Some(LARGE)), Some(&planned))
        .await
        .unwrap_err();
    let Error::ChangedSincePlan { extra } = error else {
        panic!("{error}")
    };
    assert_eq!(extra, replacement(&recorded));
    assert_eq!(cloud.operations(), Vec::<&str>::new());
}

#[tokio::test(start_paused = true)]
async fn an_attempt_that_is_cut_short_before_it_shows_is_waited_for_and_what_depends_on_it_stays_pending() {
    let (cloud, terraform) = applied().await;
    cloud.ignore_tiers(true);
    let recorded = recorded_by(&terraform);
    let (gateway, configuration) = (id(&recorded, &GATEWAY), id(&recorded, &CONFIGURATION));
    // The change takes 5 s and is given as long to show.
    let deadline = Instant::now() + Duration::from_secs(8);
    let engine = Engine::new(recorded).with_deadline(deadline);
    let error = engine
        .run(&terraform.graph_of(Some(LARGE)), None)
        .await
        .unwrap_err();
    assert!(matches!(error, Error::Timeout { .. }), "{error}");
    let pending = engine.pending();
    let awaited = format!("wait for resource gateway {gateway}: changed, but it does not show yet");
    let replaced = format!("replace resource configuration {configuration}: resource gateway");
    assert_eq!(pending[..2], [awaited, replaced], "{pending:?}");
    assert_eq!(cloud.operations(), ["update gateway"]);
}

#[tokio::test(start_paused = true)]
async fn a_replacement_that_fails_after_the_attempt_stays_pending() {
    let (cloud, terraform) = applied().await;
    cloud.ignore_tiers(true);
    cloud.exhaust_gateways(true);
    let recorded = recorded_by(&terraform);
    let engine = Engine::new(recorded.clone());
    let error = engine
        .run(&terraform.graph_of(Some(LARGE)), None)
        .await
        .unwrap_err();
    assert!(matches!(error, Error::Component { .. }), "{error}");
    let replaced = format!("replace resource gateway {}: tier", id(&recorded, &GATEWAY));
    assert_eq!(engine.pending()[0], replaced);
    assert_eq!(engine.recorded(), recorded);
}

/// A move failed: its configuration stands in the slot, and the former one is retired. The rehearsal of what comes then
/// removes the former, since the gateway is planned to be replaced; the run keeps the gateway and takes the former back.
#[tokio::test(start_paused = true)]
async fn what_the_run_takes_back_is_not_told_to_be_left_for_removal() {
    let (cloud, terraform) = applied().await;
    let before = recorded_by(&terraform);
    let former = id(&before, &CONFIGURATION);
    let failed = cloud.tamper(|world| {
        let failed = world.id("rcfg");
        let mut made = world.configurations[&former].clone();
        made.domain = "two.example".to_owned();
        made.life.state = State::Failed("out of space".to_owned());
        world.configurations.insert(failed.clone(), made);
        failed
    });
    let recorded = before
        .clone()
        .with(CONFIGURATION, failed.clone())
        .with_retired(Configuration::KIND, former.clone());
    let engine = Engine::new(recorded);
    let planned = engine.plan(&terraform.graph_of(Some(LARGE))).await.unwrap().steps;
    let removal = Step::Delete(CONFIGURATION, former.clone());
    assert!(planned.contains(&removal), "{planned:?}");
    engine
        .run(&terraform.graph_of(Some(LARGE)), Some(&planned))
        .await
        .unwrap();
    assert_eq!(engine.recorded(), before);
    assert_eq!(engine.left(), []);
    assert_eq!(engine.pending(), Vec::<String>::new());
}
