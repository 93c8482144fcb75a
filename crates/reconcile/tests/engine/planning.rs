//! Plans: from stored observations, without a call; and applies that do what was planned, or less, or
//! nothing.

use std::sync::Arc;

use reconcile::{Component, Engine, Error, Fact, Graph, Id, Recorded, Slot, Snapshot, Step};

use crate::fake::{
    CONFIGURATION, CONNECTION, CloudError, FIRST, GATEWAY, GROUP, Group, MOVED, NAME, Scope, Wanted, applied,
    empty,
};

#[tokio::test(start_paused = true)]
async fn a_plan_for_nothing_recorded_makes_everything_and_calls_nobody() {
    let (cloud, terraform) = empty();
    cloud.deny_listings(true);
    let steps = terraform.plan(&FIRST).await.unwrap();
    let creates = [GROUP, GATEWAY, CONFIGURATION, CONNECTION].map(Step::Create);
    assert_eq!(steps, creates);
}

#[tokio::test(start_paused = true)]
async fn a_plan_from_a_snapshot_reads_nothing_and_equals_the_plan_from_the_live_objects() {
    let (cloud, mut terraform) = applied().await;
    terraform.refresh().await.unwrap();
    let recorded = terraform.state.as_ref().unwrap().recorded.clone();
    let reads = || {
        recorded
            .current
            .values()
            .map(|id| cloud.observations(id))
            .sum::<usize>()
    };
    let before = reads();
    let planned = terraform.plan(&MOVED).await.unwrap();
    assert_eq!(reads(), before);

    let engine = Engine::new(recorded.clone());
    let live = engine.plan(&terraform.graph_of(Some(MOVED))).await.unwrap();
    assert_eq!(planned, live.steps);
    assert_eq!(engine.recorded(), recorded, "a rehearsal changes no record");
    assert_eq!(cloud.operations(), Vec::<&str>::new());
}

#[tokio::test(start_paused = true)]
async fn a_move_replaces_the_path_and_changes_the_connection_in_place() {
    let (_, terraform) = applied().await;
    let recorded = &terraform.state.as_ref().unwrap().recorded;
    let id = |slot: &Slot| recorded.get(slot).unwrap().clone();
    let engine = Engine::new(recorded.clone());
    let plan = engine.plan(&terraform.graph_of(Some(MOVED))).await.unwrap();
    let expected = [
        Step::Replace(GROUP, id(&GROUP)),
        Step::Replace(GATEWAY, id(&GATEWAY)),
        Step::Replace(CONFIGURATION, id(&CONFIGURATION)),
        Step::Update(CONNECTION, id(&CONNECTION)),
    ];
    assert_eq!(plan.steps, expected);
    assert!(matches!(plan.output, Fact::Known(_)), "the connection stays");
    let words = [
        "replace security group sg-1: VPC",
        "replace resource gateway rgw-2: security group",
        "replace resource configuration rcfg-3: resource gateway, domain name",
        "update connection orders: resource configuration, description",
    ];
    assert_eq!(engine.pending(), words);
}

#[tokio::test(start_paused = true)]
async fn what_a_create_makes_is_only_known_later() {
    let (_, terraform) = empty();
    let engine = Engine::new(Recorded::default()).with_snapshot(Snapshot::default());
    let plan = engine.plan(&terraform.graph_of(Some(FIRST))).await.unwrap();
    assert!(matches!(plan.output, Fact::Later));
    let plan = engine.plan(&terraform.graph_of(None)).await.unwrap();
    assert!(matches!(plan.output, Fact::Absent) && plan.steps.is_empty());
}

#[tokio::test(start_paused = true)]
async fn more_than_was_planned_is_refused_before_any_mutation() {
    let (cloud, mut terraform) = applied().await;
    let wanted = Wanted {
        description: "other",
        ..FIRST
    };
    terraform.refresh().await.unwrap();
    let steps = terraform.plan(&wanted).await.unwrap();
    cloud.tamper(|world| world.groups.values_mut().for_each(|group| group.egress = 80));
    let error = terraform.apply_planned(&wanted, steps).await.error();
    let text = error.to_string();
    assert!(matches!(error, Error::ChangedSincePlan { .. }), "{text}");
    assert_eq!(
        text,
        "changed since the plan; plan again. Not in the plan: update group sg-1"
    );
    assert_eq!(cloud.operations(), Vec::<&str>::new());
    assert!(terraform.apply(&wanted).await.is_done());
}

#[tokio::test(start_paused = true)]
async fn less_than_was_planned_is_done_without_a_word() {
    let (cloud, mut terraform) = applied().await;
    let wanted = Wanted {
        egress: 8443,
        ..FIRST
    };
    terraform.refresh().await.unwrap();
    let steps = terraform.plan(&wanted).await.unwrap();
    cloud.tamper(|world| world.groups.values_mut().for_each(|group| group.egress = 8443));
    assert!(terraform.apply_planned(&wanted, steps).await.is_done());
    assert_eq!(cloud.operations(), Vec::<&str>::new());
}

#[tokio::test(start_paused = true)]
async fn a_planned_replacement_of_what_is_gone_by_then_is_a_create() {
    let (cloud, mut terraform) = applied().await;
    terraform.refresh().await.unwrap();
    let steps = terraform.plan(&MOVED).await.unwrap();
    cloud.tamper(|world| {
        world.connections.clear();
        world.configurations.clear();
    });
    // The configuration was to be replaced, but of the connection the plan said that it stays.
    let error = terraform.apply_planned(&MOVED, steps).await.error();
    let Error::ChangedSincePlan { extra } = error else {
        panic!("{error}")
    };
    assert_eq!(extra, [Step::Create(CONNECTION)]);
}

#[tokio::test(start_paused = true)]
async fn the_steps_done_are_the_steps_planned_and_the_removals_they_entail() {
    let (_, terraform) = applied().await;
    let recorded = terraform.state.as_ref().unwrap().recorded.clone();
    let engine = Engine::new(recorded.clone());
    let graph = terraform.graph_of(Some(MOVED));
    let planned = engine.plan(&graph).await.unwrap().steps;
    engine.run(&graph, Some(&planned)).await.unwrap();
    let all = engine.done();
    // What completes a new object belongs to its replacement: a new group is open until it is updated.
    let completes = |step: &Step| matches!(step, Step::Update(slot, id) if recorded.get(slot) != Some(id));
    let done: Vec<_> = all.iter().filter(|step| !completes(step)).cloned().collect();
    assert_eq!(all.len(), done.len() + 1);
    assert_eq!(done[..planned.len()], planned);
    let removed = [CONFIGURATION, GATEWAY, GROUP].map(|slot| {
        let id = recorded.get(&slot).unwrap().clone();
        Step::Delete(slot, id)
    });
    assert_eq!(done[planned.len()..], removed);
    let timeline = engine.timeline();
    let deeds = timeline
        .events()
        .iter()
        .filter(|event| !event.what.starts_with("waited for "));
    assert_eq!(deeds.count(), all.len());
}

/// Leaves the removal of retired groups to a later run.
struct Lenient(Group);

impl Graph<CloudError> for Lenient {
    type Output = bool;

    async fn walk(&self, engine: &Engine<CloudError>) -> Result<bool, Error<CloudError>> {
        if engine.is_rehearsing() {
            engine.sweep(&self.0).await?;
        }
        Ok(engine.is_rehearsing())
    }
}

#[tokio::test(start_paused = true)]
async fn a_removal_that_is_left_out_of_a_run_was_rehearsed_and_stays_pending() {
    let (cloud, _) = empty();
    cloud.tamper(|world| world.plant_path("orders-vpc-1", Some(NAME)));
    let id = cloud.world().groups.keys().next().unwrap().clone();
    let graph = Lenient(Group(Scope {
        cloud: Arc::clone(&cloud),
        name: NAME.to_owned(),
        owner: NAME.to_owned(),
    }));
    let engine = Engine::new(Recorded::default().with_retired(Group::KIND, id.clone()));
    let plan = engine.plan(&graph).await.unwrap();
    assert!(plan.output, "a plan is a rehearsal");
    assert_eq!(plan.steps, [Step::Delete(GROUP, id.clone())]);
    let rehearsing = engine.run(&graph, Some(&plan.steps)).await.unwrap();
    assert!(!rehearsing, "the last walk of a run is none");
    assert_eq!(engine.pending(), [format!("remove {id}")]);
    assert!(cloud.world().groups.contains_key(&id));
}

/// Wants no group any more, and leaves its removal to a later run.
struct GivesUp(Group);

impl Graph<CloudError> for GivesUp {
    type Output = ();

    async fn walk(&self, engine: &Engine<CloudError>) -> Result<(), Error<CloudError>> {
        engine.ensure(&self.0, &GROUP, None).await?;
        engine.retire(&self.0);
        if engine.is_rehearsing() {
            engine.sweep(&self.0).await?;
        }
        Ok(())
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_retired_and_not_removed_fills_no_slot_any_more() {
    let (cloud, _) = empty();
    cloud.tamper(|world| world.plant_path("orders-vpc-1", Some(NAME)));
    let id = cloud.world().groups.keys().next().unwrap().clone();
    let graph = GivesUp(Group(Scope {
        cloud: Arc::clone(&cloud),
        name: NAME.to_owned(),
        owner: NAME.to_owned(),
    }));
    let engine = Engine::new(Recorded::default().with(GROUP, id.clone()));
    engine.run(&graph, None).await.unwrap();
    let recorded = engine.recorded();
    assert_eq!(recorded.get(&GROUP), None);
    assert_eq!(recorded.retired_of(Group::KIND).collect::<Vec<_>>(), [&id]);
    assert_eq!(engine.pending(), [format!("remove {id}")]);
    assert!(cloud.world().groups.contains_key(&id));
}

#[test]
fn a_step_allows_itself_and_less() {
    let destination = Slot::named(
        reconcile::Kind {
            key: "api_destination",
            name: "API destination",
        },
        "orders",
    );
    let (one, two) = (Id::from("rgw-1"), Id::from("rgw-2"));
    let (create, adopt) = (Step::Create(GATEWAY), Step::Adopt(GATEWAY, one.clone()));
    let (update, update_two) = (
        Step::Update(GATEWAY, one.clone()),
        Step::Update(GATEWAY, two.clone()),
    );
    let (replace, replace_two) = (
        Step::Replace(GATEWAY, one.clone()),
        Step::Replace(GATEWAY, two.clone()),
    );
    let (delete, delete_two) = (Step::Delete(GATEWAY, one), Step::Delete(GATEWAY, two));
    let table = [
        (&create, vec![&create, &adopt, &update, &update_two]),
        (&adopt, vec![&adopt]),
        (&update, vec![&update]),
        (
            &replace,
            vec![&create, &adopt, &update, &update_two, &replace, &delete],
        ),
        (&delete, vec![&delete]),
    ];
    let all = [
        &create,
        &adopt,
        &update,
        &update_two,
        &replace,
        &replace_two,
        &delete,
        &delete_two,
    ];
    for (step, allowed) in table {
        for other in all {
            assert_eq!(
                step.allows(other),
                allowed.contains(&other),
                "{step} allows {other}"
            );
        }
        assert!(!step.allows(&Step::Create(destination.clone())));
    }
}

#[test]
fn records_and_steps_are_plain_json() {
    let destinations = reconcile::Kind {
        key: "api_destination",
        name: "API destination",
    };
    let recorded = Recorded::default()
        .with(GROUP, "sg-1")
        .with(Slot::named(destinations, "orders"), "arn:orders")
        .with_retired(destinations, "arn:old");
    let json = serde_json::to_value(&recorded).unwrap();
    let expected = serde_json::json!({
        "current": { "api_destination/orders": "arn:orders", "group": "sg-1" },
        "retired": [{ "kind": "api_destination", "id": "arn:old" }],
    });
    assert_eq!(json, expected);
    assert_eq!(serde_json::from_value::<Recorded>(json).unwrap(), recorded);

    let steps = vec![Step::Create(GROUP), Step::Replace(GATEWAY, "rgw-1".into())];
    let json = serde_json::to_value(&steps).unwrap();
    assert_eq!(
        json,
        serde_json::json!([{ "create": "group" }, { "replace": ["gateway", "rgw-1"] }])
    );
    assert_eq!(serde_json::from_value::<Vec<Step>>(json).unwrap(), steps);
    assert!(serde_json::from_value::<Slot>(serde_json::json!("/orders")).is_err());
}
