//! An object that somebody else has made just as it is wanted is used, and never changed or removed.

use std::sync::Arc;

use reconcile::{Component, Engine, Error, Id, Recorded, Step};

use crate::fake::{Cloud, FIRST, INGRESS, Ingress, Terraform, Wanted, applied, empty};

const WITH_INGRESS: Wanted = Wanted {
    ingress: Some(443),
    ..FIRST
};
const ANOTHER_PORT: Wanted = Wanted {
    ingress: Some(8443),
    ..FIRST
};

/// [`WITH_INGRESS`], applied where somebody had made the rule, and the rule.
async fn borrowed() -> (Arc<Cloud>, Terraform, Id) {
    let (cloud, mut terraform) = empty();
    let rule = cloud.tamper(|world| world.plant_rule("vpc-1", 443, "payments"));
    let outcome = terraform.apply(&WITH_INGRESS).await;
    assert!(outcome.is_done(), "{outcome:?}");
    assert_eq!(recorded(&terraform).get(&INGRESS), Some(&rule));
    cloud.inject(None);
    (cloud, terraform, rule)
}

/// The rule is ours from now on, as its tag says.
fn hand_over(cloud: &Cloud, rule: &Id) {
    cloud.tamper(|world| {
        let ours = world.groups.values().next().expect("our group").owner.clone();
        world.rules.get_mut(rule).expect("the rule").owner = ours;
    });
}

fn recorded(terraform: &Terraform) -> &Recorded {
    &terraform.state.as_ref().expect("something is recorded").recorded
}

#[tokio::test(start_paused = true)]
async fn an_equal_object_of_somebody_else_fills_the_slot_and_needs_nothing_more() {
    let (cloud, mut terraform, _) = borrowed().await;
    terraform.refresh().await.unwrap();
    assert_eq!(terraform.state.as_ref().unwrap().pending, Vec::<String>::new());
    assert_eq!(terraform.plan(&WITH_INGRESS).await.unwrap(), []);
    assert!(terraform.apply(&WITH_INGRESS).await.is_done());
    assert_eq!(cloud.operations(), Vec::<&str>::new());
}

#[tokio::test(start_paused = true)]
async fn a_borrowed_object_that_does_not_fit_is_forgotten_and_the_slot_filled_anew() {
    let (cloud, mut terraform, rule) = borrowed().await;
    terraform.refresh().await.unwrap();
    let steps = terraform.plan(&ANOTHER_PORT).await.unwrap();
    assert_eq!(steps, [Step::Create(INGRESS)], "from the snapshot");
    let engine = Engine::new(recorded(&terraform).clone());
    let live = engine
        .plan(&terraform.graph_of(Some(ANOTHER_PORT)))
        .await
        .unwrap();
    assert_eq!(live.steps, steps);
    assert_eq!(
        engine.recorded(),
        *recorded(&terraform),
        "a rehearsal changes no record"
    );

    assert!(terraform.apply_planned(&ANOTHER_PORT, steps).await.is_done());
    assert_eq!(
        cloud.operations(),
        ["release rule", "create rule", "sign off rule"]
    );
    assert!(cloud.world().rules.contains_key(&rule));
    assert!(!recorded(&terraform).owns("ingress", &rule));
}

#[tokio::test(start_paused = true)]
async fn a_borrowed_object_that_is_no_longer_wanted_is_forgotten_in_no_step() {
    let (cloud, mut terraform, rule) = borrowed().await;
    let engine = Engine::new(recorded(&terraform).clone());
    let plan = engine.plan(&terraform.graph_of(Some(FIRST))).await.unwrap();
    assert_eq!((plan.steps, engine.pending()), (vec![], vec![]));
    assert_eq!(
        engine.recorded(),
        *recorded(&terraform),
        "a rehearsal changes no record"
    );
    engine
        .run(&terraform.graph_of(Some(FIRST)), Some(&[]))
        .await
        .unwrap();
    assert_eq!(engine.done(), []);
    assert_eq!(engine.pending(), Vec::<String>::new());
    assert!(!engine.recorded().owns("ingress", &rule));

    assert!(terraform.destroy().await.is_done());
    assert!(terraform.state.is_none(), "nothing is left of a removal");
    assert!(cloud.world().rules.contains_key(&rule));
}

#[tokio::test(start_paused = true)]
async fn a_plan_knows_from_the_record_what_is_borrowed() {
    let (_, mut terraform, rule) = borrowed().await;
    terraform.refresh().await.unwrap();
    assert_eq!(terraform.plan(&FIRST).await.unwrap(), []);
    let retired = Recorded::default().with_retired(Ingress::KIND, rule.clone());
    let mut borrowed = retired.clone();
    borrowed.borrowed.insert(rule.clone());
    for (record, expected) in [(retired, vec![Step::Delete(INGRESS, rule)]), (borrowed, vec![])] {
        let engine = Engine::new(record).with_snapshot(Default::default());
        let plan = engine.plan(&terraform.graph_of(None)).await.unwrap();
        assert_eq!(plan.steps, expected, "the record says it, and no observation");
    }
}

#[tokio::test(start_paused = true)]
async fn a_borrowed_object_that_a_killed_run_has_retired_is_no_work_left() {
    let (_, terraform, rule) = borrowed().await;
    let mut record = recorded(&terraform).clone();
    record.current.remove(&INGRESS);
    let engine = Engine::new(record.clone().with_retired(Ingress::KIND, rule));
    engine.plan(&terraform.graph_of(Some(FIRST))).await.unwrap();
    assert_eq!(engine.pending(), Vec::<String>::new());
    record.borrowed.clear();
    assert_eq!(engine.recorded(), record);
}

#[tokio::test(start_paused = true)]
async fn a_retired_object_that_is_borrowed_and_fits_is_taken_again() {
    let (_, terraform, rule) = borrowed().await;
    let mut record = recorded(&terraform).clone();
    record.current.remove(&INGRESS);
    let engine = Engine::new(record.with_retired(Ingress::KIND, rule.clone()));
    engine
        .run(&terraform.graph_of(Some(WITH_INGRESS)), None)
        .await
        .unwrap();
    assert_eq!(engine.done(), [Step::Adopt(INGRESS, rule)]);
}

#[tokio::test(start_paused = true)]
async fn what_can_be_neither_made_nor_used_because_of_somebody_else_is_an_error_that_says_so() {
    let (cloud, mut terraform, rule) = borrowed().await;
    cloud.tamper(|world| world.rules.get_mut(&rule).unwrap().enabled = false);
    let error = terraform.apply(&WITH_INGRESS).await.error();
    assert!(matches!(error, Error::Refused { .. }), "{error}");
    let expected = format!(
        "ingress rule {rule} is left alone: somebody else made it, and it is not what is wanted: disabled"
    );
    assert_eq!(error.to_string(), expected);
    assert!(!cloud.world().rules[&rule].enabled);
    assert!(!recorded(&terraform).owns("ingress", &rule));

    cloud.tamper(|world| world.rules.remove(&rule));
    cloud.inject(None);
    assert!(terraform.apply(&WITH_INGRESS).await.is_done());
    assert_eq!(
        cloud.operations(),
        ["create rule", "sign off rule"],
        "once the way is free"
    );
}

#[tokio::test(start_paused = true)]
async fn our_own_object_of_such_a_kind_is_made_changed_and_removed_as_any_other() {
    let (cloud, mut terraform) = applied().await;
    assert!(terraform.apply(&WITH_INGRESS).await.is_done());
    cloud.tamper(|world| world.rules.values_mut().for_each(|rule| rule.enabled = false));
    assert!(terraform.apply(&WITH_INGRESS).await.is_done());
    assert!(terraform.apply(&FIRST).await.is_done());
    assert_eq!(
        cloud.operations(),
        ["create rule", "sign off rule", "enable rule", "delete rule"]
    );
}

#[tokio::test(start_paused = true)]
async fn a_borrowed_object_that_was_handed_over_is_ours_from_the_next_look_on() {
    let (cloud, mut terraform, rule) = borrowed().await;
    hand_over(&cloud, &rule);
    terraform.refresh().await.unwrap();
    assert!(!recorded(&terraform).is_borrowed(&rule));
    assert_eq!(terraform.plan(&WITH_INGRESS).await.unwrap(), []);
    assert!(terraform.destroy().await.is_done());
    assert!(cloud.world().rules.is_empty());

    // Without a look in between the removal looks itself.
    let (cloud, mut terraform, rule) = borrowed().await;
    hand_over(&cloud, &rule);
    assert!(terraform.destroy().await.is_done());
    assert!(cloud.world().rules.is_empty());
}
