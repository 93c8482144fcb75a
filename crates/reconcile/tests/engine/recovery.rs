//! What is found is taken over, mended, removed, refused, or left alone.

use std::sync::Arc;

use reconcile::{Engine, Error, Id, Recorded, Step};

use crate::fake::{
    CONFIGURATION, CONNECTION, Cloud, CloudError, FIRST, Fault, GATEWAY, GROUP, Invocation, MOVED, NAME,
    Outcome, State, Terraform, Wanted, applied, empty,
};

fn connection(cloud: &Cloud) -> Option<u64> {
    cloud
        .world()
        .connections
        .get(&NAME.into())
        .map(|connection| connection.serial)
}

#[tokio::test(start_paused = true)]
async fn a_lost_reply_of_any_create_is_found_again_in_the_same_run() {
    let operations = [
        "create group",
        "update group",
        "create gateway",
        "create configuration",
        "create connection",
        "sign off configuration",
        "sign off gateway",
        "sign off group",
    ];
    for n in (0..operations.len()).filter(|n| operations[*n].starts_with("create")) {
        let (cloud, mut terraform) = empty();
        cloud.inject(Some(Fault::LoseReply(n)));
        let outcome = terraform.apply(&FIRST).await;
        assert!(outcome.is_done(), "{n}: {outcome:?}");
        assert_eq!(cloud.operations(), operations, "{n}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_lost_reply_of_an_update_is_an_error_and_the_next_apply_finds_nothing_to_do() {
    let (cloud, mut terraform) = applied().await;
    let wanted = Wanted {
        egress: 8443,
        ..FIRST
    };
    cloud.inject(Some(Fault::LoseReply(0)));
    let error = terraform.apply(&wanted).await.error();
    assert_eq!(
        error.to_string().split(" sg-").next(),
        Some("could not update security group"),
        "the error names what was being done: {error}"
    );
    cloud.inject(None);
    assert!(terraform.apply(&wanted).await.is_done());
    assert_eq!(cloud.operations(), Vec::<&str>::new());
}

#[tokio::test(start_paused = true)]
async fn a_failed_object_is_recorded_pending_and_made_anew_by_the_next_apply() {
    let (cloud, mut terraform) = empty();
    cloud.doom_gateways(1);
    let error = terraform.apply(&FIRST).await.error();
    assert!(
        matches!(&error, Error::Failed { slot, reason, .. } if *slot == GATEWAY && reason == "no free addresses")
    );
    let stored = terraform.state.as_ref().expect("what stands is recorded");
    let failed = stored
        .recorded
        .get(&GATEWAY)
        .expect("the failed gateway is recorded")
        .clone();
    let pending = [
        format!("resource gateway {failed} failed: no free addresses"),
        "create resource configuration".to_owned(),
        "create connection".to_owned(),
    ];
    assert_eq!(stored.pending, pending);

    terraform.refresh().await.unwrap();
    let stored = terraform.state.as_ref().unwrap();
    assert_eq!(
        stored.pending[0],
        format!("replace resource gateway {failed}: no free addresses")
    );
    cloud.inject(None);
    assert!(terraform.apply(&FIRST).await.is_done());
    // Its name is taken by the failed one, which goes first.
    assert_eq!(cloud.operations()[..2], ["delete gateway", "create gateway"]);
    assert!(!cloud.world().gateways.contains_key(&failed));
}

#[tokio::test(start_paused = true)]
async fn a_failed_create_takes_its_mark_off_once_its_state_is_recorded() {
    let (cloud, mut terraform) = empty();
    cloud.refuse_connections(1);
    let error = terraform.apply(&FIRST).await.error();
    assert!(matches!(error, Error::Failed { slot, .. } if slot == CONNECTION));
    assert_eq!(cloud.operations().last(), Some(&"sign off group"));
    let world = cloud.world();
    assert!(world.groups.values().all(|group| !group.marked));
    assert!(world.gateways.values().all(|gateway| !gateway.marked));
    assert!(
        world
            .configurations
            .values()
            .all(|configuration| !configuration.marked)
    );
}

#[tokio::test(start_paused = true)]
async fn a_failed_move_can_be_taken_back_by_running_the_former_graph() {
    let (cloud, mut terraform) = applied().await;
    let before = terraform.state.as_ref().unwrap().recorded.clone();
    cloud.refuse_connections(1);
    let error = terraform.apply(&MOVED).await.error();
    assert!(matches!(error, Error::Failed { slot, .. } if slot == CONNECTION));
    let stored = terraform.state.as_ref().unwrap();
    assert_eq!(
        stored.recorded.retired.len(),
        3,
        "the former path still stands: {stored:?}"
    );

    cloud.inject(None);
    let former = terraform.graph_of(Some(FIRST));
    let engine = Engine::new(stored.recorded.clone());
    engine.run(&former, None).await.unwrap();
    assert_eq!(engine.recorded(), before);
    let way_back = [
        "update connection",
        "delete configuration",
        "delete gateway",
        "delete group",
    ];
    assert_eq!(cloud.operations(), way_back);
}

#[tokio::test(start_paused = true)]
async fn one_engine_goes_back_after_its_own_run_has_failed() {
    let (cloud, terraform) = applied().await;
    let before = terraform.state.as_ref().unwrap().recorded.clone();
    cloud.refuse_connections(1);
    let engine = Engine::new(before.clone());
    let moved = terraform.graph_of(Some(MOVED));
    assert!(engine.run(&moved, None).await.is_err());
    engine.run(&terraform.graph_of(Some(FIRST)), None).await.unwrap();
    assert_eq!(engine.recorded(), before);
    assert_eq!(engine.pending(), Vec::<String>::new());
}

#[tokio::test(start_paused = true)]
async fn a_retired_object_that_fits_again_is_taken_back() {
    let (cloud, mut terraform) = applied().await;
    let gateway = terraform
        .state
        .as_ref()
        .unwrap()
        .recorded
        .get(&GATEWAY)
        .unwrap()
        .clone();
    cloud.let_others_use(&gateway, true);
    assert!(terraform.apply(&MOVED).await.is_done());
    cloud.inject(None);
    assert!(terraform.apply(&FIRST).await.is_done());
    assert!(
        !cloud.operations().contains(&"create gateway"),
        "{:?}",
        cloud.operations()
    );
    assert_eq!(
        terraform.state.as_ref().unwrap().recorded.get(&GATEWAY),
        Some(&gateway)
    );
}

#[tokio::test(start_paused = true)]
async fn what_others_use_stays_retired_in_an_update_with_a_warning_and_so_does_what_it_uses() {
    let (cloud, mut terraform) = applied().await;
    let recorded = terraform.state.as_ref().unwrap().recorded.clone();
    let (gateway, group) = (recorded.get(&GATEWAY).unwrap(), recorded.get(&GROUP).unwrap());
    cloud.let_others_use(gateway, true);
    assert!(terraform.apply(&MOVED).await.is_done());
    assert_eq!(terraform.warnings.len(), 2, "{:?}", terraform.warnings);
    let left = [format!("remove {gateway}"), format!("remove {group}")];
    assert_eq!(terraform.state.as_ref().unwrap().pending, left);
    terraform.refresh().await.unwrap();
    assert_eq!(terraform.state.as_ref().unwrap().pending, left);

    cloud.let_others_use(gateway, false);
    assert!(terraform.apply(&MOVED).await.is_done());
    assert!(terraform.state.as_ref().unwrap().recorded.retired.is_empty());
}

#[tokio::test(start_paused = true)]
async fn what_others_use_is_waited_for_when_everything_goes() {
    let (cloud, mut terraform) = applied().await;
    let gateway = terraform
        .state
        .as_ref()
        .unwrap()
        .recorded
        .get(&GATEWAY)
        .unwrap()
        .clone();
    cloud.let_others_use(&gateway, true);
    let error = terraform.destroy().await.error();
    let Error::Timeout { last, .. } = &error else {
        panic!("{error}")
    };
    assert_eq!(
        *last,
        format!("Conflict with others: {gateway} is used by rcfg-of-others")
    );
    let recorded = &terraform.state.as_ref().unwrap().recorded;
    assert_eq!(recorded.retired.len(), 1, "the gateway is on its way out");
    assert!(recorded.get(&GROUP).is_some(), "the group was not touched yet");
    cloud.let_others_use(&gateway, false);
    assert!(terraform.destroy().await.is_done());
    assert!(terraform.state.is_none());
}

#[tokio::test(start_paused = true)]
async fn a_create_refuses_before_any_mutation_while_an_invocation_of_that_name_is_alive() {
    let (cloud, _) = applied().await;
    let mut second = Terraform::new(&cloud, NAME);
    let error = second.apply(&MOVED).await.error();
    assert!(
        matches!(
            &error,
            Error::Component {
                source: CloudError::Alive(_),
                ..
            }
        ),
        "{error}"
    );
    assert_eq!(cloud.operations(), Vec::<&str>::new());
    assert!(second.state.is_none());
}

#[tokio::test(start_paused = true)]
async fn a_create_refuses_a_connection_of_its_name_that_is_somebody_elses() {
    let (cloud, mut terraform) = empty();
    cloud.tamper(|world| {
        let configuration = world.plant_path("orders-of-somebody", None);
        world.plant_connection(NAME, &configuration);
    });
    let error = terraform.apply(&FIRST).await.error();
    assert!(
        matches!(
            &error,
            Error::Component {
                source: CloudError::Foreign(_),
                ..
            }
        ),
        "{error}"
    );
    assert_eq!(cloud.operations(), Vec::<&str>::new());
}

#[tokio::test(start_paused = true)]
async fn an_untagged_object_in_the_way_is_an_error_and_not_taken_over() {
    let (cloud, mut terraform) = empty();
    // The first create of this world gets its second token, after the plan.
    let planted = cloud.tamper(|world| world.plant_path("orders/t3-vpc-1", None));
    let error = terraform.apply(&FIRST).await.error();
    assert!(
        matches!(
            &error,
            Error::Component {
                source: CloudError::Exists(_),
                ..
            }
        ),
        "{error}"
    );
    assert!(cloud.world().configurations.contains_key(&planted));
    assert!(terraform.state.is_none());
}

#[tokio::test(start_paused = true)]
async fn an_object_that_has_lost_its_tag_is_neither_changed_nor_removed() {
    let (cloud, mut terraform) = applied().await;
    cloud.tamper(|world| world.groups.values_mut().for_each(|group| group.owner = None));
    terraform.refresh().await.unwrap();
    // A plan goes through, since an error there would block the removal of everything else.
    let steps = terraform.plan(&MOVED).await.unwrap();
    let error = terraform.apply_planned(&MOVED, steps).await.error();
    assert!(
        matches!(&error, Error::Refused { slot, .. } if *slot == GROUP),
        "{error}"
    );
    let error = terraform.destroy().await.error();
    assert!(matches!(&error, Error::Refused { .. }), "{error}");
    assert_eq!(
        cloud.operations(),
        Vec::<&str>::new(),
        "both refused before any mutation"
    );
}

#[tokio::test(start_paused = true)]
async fn a_search_that_may_not_be_made_is_a_warning() {
    let (cloud, mut terraform) = empty();
    cloud.deny_listings(true);
    assert!(terraform.apply(&FIRST).await.is_done());
    assert_eq!(
        terraform.warnings,
        ["What an interrupted run may have left could not be searched for: AccessDenied."]
    );
}

#[tokio::test(start_paused = true)]
async fn what_was_deleted_by_hand_is_made_again_and_only_that() {
    let (cloud, mut terraform) = applied().await;
    cloud.tamper(|world| world.connections.clear());
    terraform.refresh().await.unwrap();
    let stored = terraform.state.as_ref().unwrap();
    assert_eq!(stored.pending, ["create connection"]);
    assert_eq!(stored.recorded.get(&CONNECTION), None);
    assert!(terraform.apply(&FIRST).await.is_done());
    assert_eq!(cloud.operations(), ["create connection"]);
}

#[tokio::test(start_paused = true)]
async fn nothing_is_recorded_once_everything_was_deleted_by_hand() {
    let (cloud, mut terraform) = applied().await;
    cloud.tamper(|world| {
        world.connections.clear();
        world.configurations.clear();
        world.gateways.clear();
        world.groups.clear();
    });
    terraform.refresh().await.unwrap();
    assert!(terraform.state.is_none());
}

#[tokio::test(start_paused = true)]
async fn a_killed_repair_of_a_connection_is_taken_over() {
    let (cloud, mut terraform) = applied().await;
    cloud.tamper(|world| world.connections.clear());
    cloud.inject(Some(Fault::KillAfter(0)));
    assert!(matches!(terraform.apply(&FIRST).await, Outcome::Killed));
    let made = connection(&cloud);
    assert!(made.is_some());

    cloud.inject(None);
    terraform.refresh().await.unwrap();
    assert_eq!(
        terraform.state.as_ref().unwrap().pending,
        ["adopt connection orders"]
    );
    let steps = terraform.plan(&FIRST).await.unwrap();
    assert_eq!(steps, [Step::Adopt(CONNECTION, Id::from(NAME))]);
    assert!(terraform.apply(&FIRST).await.is_done());
    assert_eq!((connection(&cloud), cloud.operations()), (made, vec![]));
}

#[tokio::test(start_paused = true)]
async fn a_connection_that_lost_its_authorization_is_pending_and_authorized_again() {
    let (cloud, mut terraform) = applied().await;
    cloud.tamper(|world| world.deauthorize(NAME));
    terraform.refresh().await.unwrap();
    assert_eq!(
        terraform.state.as_ref().unwrap().pending,
        ["update connection orders: re-authorize"]
    );
    assert!(terraform.apply(&FIRST).await.is_done());
    assert_eq!(cloud.world().connections[&NAME.into()].life.state, State::Active);
}

#[tokio::test(start_paused = true)]
async fn a_run_can_be_spawned_on_any_runtime() {
    let (cloud, _) = empty();
    let run = tokio::spawn(async move {
        let engine = Engine::new(reconcile::Recorded::default());
        let graph = Invocation::new(&Arc::clone(&cloud), NAME, "t0", Some(FIRST));
        engine.run(&graph, None).await.map(|_| engine.recorded())
    });
    let recorded = run.await.unwrap().unwrap();
    assert!(recorded.get(&CONFIGURATION).is_some());
}

/// The host goes while the marks are taken off: no state records what was made, and the next create finds it.
#[tokio::test(start_paused = true)]
async fn what_was_signed_off_for_nobody_is_marked_again_and_taken_over() {
    let (cloud, killed) = empty();
    let engine = Engine::new(Recorded::default());
    let graph = killed.graph_of(Some(FIRST));
    engine.run(&graph, None).await.unwrap();
    graph.sign_off(&engine).await.unwrap();
    let signed = cloud.world();
    assert!(signed.configurations.values().all(|one| !one.marked));
    graph.mark_again(&engine).await.unwrap();
    let made = cloud.world();
    assert!(made.configurations.values().all(|one| one.marked));
    assert!(made.gateways.values().all(|one| one.marked) && made.groups.values().all(|one| one.marked));

    let mut next = Terraform::new(&cloud, NAME);
    let outcome = next.apply(&FIRST).await;
    assert!(outcome.is_done(), "{outcome:?}");
    let now = cloud.world();
    assert!(now.groups.keys().eq(made.groups.keys()));
    assert!(now.gateways.keys().eq(made.gateways.keys()));
    assert!(now.configurations.keys().eq(made.configurations.keys()));
    assert!(now.connections.keys().eq(made.connections.keys()));
}
