//! Waits: how they end, how they are interrupted, and what they cost in reads.

use std::time::Duration;

use reconcile::{Error, Slot};
use tokio::time::Instant;

use crate::fake::{
    CONFIGURATION, CONNECTION, FIRST, Fault, GATEWAY, GROUP, MOVED, NAME, Outcome, State, Wanted, applied,
    empty,
};

/// Cancels `after` so long; far shorter than the wait it hits.
fn cancel_after(terraform: &crate::fake::Terraform, after: Duration) {
    let token = terraform.cancel.clone();
    tokio::spawn(async move {
        tokio::time::sleep(after).await;
        token.cancel();
    });
}

#[tokio::test(start_paused = true)]
async fn a_create_is_interrupted_in_each_wait_and_finished_by_the_next_apply() {
    // The gateway takes 5 s, the configuration another 5, the connection 60.
    let waits: [(u64, Slot, usize); 3] = [(2, GATEWAY, 2), (8, CONFIGURATION, 3), (30, CONNECTION, 4)];
    for (after, slot, recorded) in waits {
        let (cloud, mut terraform) = empty();
        cancel_after(&terraform, Duration::from_secs(after));
        let error = terraform.apply(&FIRST).await.error();
        assert!(matches!(error, Error::Interrupted), "{slot}: {error}");
        let stored = terraform.state.as_ref().expect("what stands is recorded");
        assert_eq!(stored.recorded.current.len(), recorded, "{slot}");
        assert!(stored.recorded.get(&slot).is_some(), "{slot}");
        assert!(
            stored.pending[0].starts_with("wait for "),
            "{slot}: {:?}",
            stored.pending
        );
        let marked = cloud
            .world()
            .configurations
            .values()
            .any(|configuration| configuration.marked);
        assert!(
            !marked,
            "{slot}: the mark of a create that has recorded its state is off"
        );

        terraform.cancel = Default::default();
        assert!(terraform.apply(&FIRST).await.is_done(), "{slot}");
        terraform.refresh().await.unwrap();
        assert_eq!(
            terraform.state.as_ref().unwrap().pending,
            Vec::<String>::new(),
            "{slot}"
        );
        assert_eq!(cloud.world().gateways.len(), 1, "{slot}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_removal_is_interrupted_in_each_wait_and_finished_by_the_next() {
    // The connection takes 5 s, its association 60 more, the configuration and the gateway 5 each.
    for after in [2, 30, 67, 72] {
        let (cloud, mut terraform) = applied().await;
        cancel_after(&terraform, Duration::from_secs(after));
        let error = terraform.destroy().await.error();
        assert!(matches!(error, Error::Interrupted), "{after}: {error}");
        let stored = terraform.state.as_ref().expect("what is left is recorded");
        let retired = [1, 1, 1, 1, 1];
        assert!(!stored.recorded.retired.is_empty(), "{after}: {retired:?}");
        assert!(
            stored.pending.iter().all(|words| words.starts_with("remove ")),
            "{after}: {:?}",
            stored.pending
        );

        terraform.cancel = Default::default();
        assert!(terraform.destroy().await.is_done(), "{after}");
        assert!(
            terraform.state.is_none() && cloud.world().groups.is_empty(),
            "{after}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn nothing_is_begun_after_a_cancellation() {
    let (cloud, mut terraform) = empty();
    terraform.cancel.cancel();
    assert!(matches!(
        terraform.apply(&FIRST).await.error(),
        Error::Interrupted
    ));
    assert_eq!(cloud.operations(), Vec::<&str>::new());
}

#[tokio::test(start_paused = true)]
async fn a_time_out_tells_what_was_done_and_what_is_still_awaited() {
    let (_, mut terraform) = empty();
    terraform.timeout = Duration::from_secs(60);
    let error = terraform.apply(&FIRST).await.error();
    let text = error.to_string();
    assert!(text.starts_with(
        "timed out while waiting for connection orders: AUTHORIZED, which counts as ready if it stays so for 60 s\nUntil then:\n"
    ));
    let events = [
        "  after 0.0 s: created security group sg-1, which took 0.0 s",
        "  after 0.4 s: created resource gateway rgw-2, which took 0.0 s",
        "  after 0.4 s: waited for resource gateway rgw-2, which took 5.",
        ": created connection orders, which took 0.0 s",
    ];
    for event in events {
        assert!(text.contains(event), "{event} is not in: {text}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_time_out_between_steps_begins_no_other() {
    let (cloud, mut terraform) = empty();
    terraform.timeout = Duration::ZERO;
    let error = terraform.apply(&FIRST).await.error();
    let expected = "timed out while waiting for security group: not begun\nNothing was changed until then.";
    assert_eq!(error.to_string(), expected);
    assert_eq!(cloud.operations(), Vec::<&str>::new());
}

#[tokio::test(start_paused = true)]
async fn what_is_in_use_is_removed_as_soon_as_it_is_free() {
    let (cloud, mut terraform) = applied().await;
    let began = Instant::now();
    assert!(terraform.apply(&MOVED).await.is_done());
    let operations = [
        "create group",
        "update group",
        "create gateway",
        "create configuration",
        "update connection",
        "delete configuration",
    ];
    assert_eq!(cloud.operations()[..6], operations);
    // 10 s for the new path, 60 s for the connection, whose former association is gone by then, 10 s for the
    // old path.
    let took = began.elapsed();
    assert!(
        took < Duration::from_secs(80).mul_f64(1.15),
        "overshot on the virtual clock: {took:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_connection_that_stays_authorized_is_accepted_after_a_minute_with_a_warning() {
    let (cloud, mut terraform) = applied().await;
    cloud.hold_connections(true);
    let began = Instant::now();
    let renamed = Wanted {
        description: "renamed",
        ..FIRST
    };
    assert!(terraform.apply(&renamed).await.is_done());
    let took = began.elapsed();
    assert!((90..96).contains(&took.as_secs()), "{took:?}");
    assert_eq!(terraform.warnings.len(), 1, "{:?}", terraform.warnings);
    assert_eq!(
        terraform.state.as_ref().unwrap().pending,
        ["see whether connection orders is ready: it is AUTHORIZED"]
    );

    // It has stood for a minute by then: who has not changed it does not wait for it.
    terraform.refresh().await.unwrap();
    assert_eq!(terraform.state.as_ref().unwrap().pending, Vec::<String>::new());
    let began = Instant::now();
    let wider = Wanted {
        egress: 8443,
        ..renamed
    };
    assert!(terraform.apply(&wider).await.is_done());
    assert!(began.elapsed() < Duration::from_secs(1));
}

#[tokio::test(start_paused = true)]
async fn a_connection_that_a_killed_run_has_left_authorized_is_waited_for() {
    let (cloud, mut terraform) = applied().await;
    let renamed = Wanted {
        description: "renamed",
        ..FIRST
    };
    cloud.inject(Some(Fault::KillAfter(0)));
    assert!(matches!(terraform.apply(&renamed).await, Outcome::Killed));
    cloud.inject(None);
    tokio::time::sleep(Duration::from_secs(35)).await;
    assert_eq!(
        cloud.world().connections[&NAME.into()].life.state,
        State::Authorized
    );
    assert!(terraform.apply(&renamed).await.is_done());
    assert_eq!(cloud.world().connections[&NAME.into()].life.state, State::Active);
    assert_eq!(terraform.warnings, Vec::<String>::new());
}

#[tokio::test(start_paused = true)]
async fn a_move_is_finished_although_the_connection_stays_authorized() {
    let (cloud, mut terraform) = applied().await;
    cloud.hold_connections(true);
    assert!(terraform.apply(&MOVED).await.is_done());
    let state = terraform.state.as_ref().unwrap();
    assert!(state.recorded.retired.is_empty(), "{state:?}");
    assert_eq!(cloud.world().gateways.len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_read_that_fails_within_a_wait_is_made_again() {
    let (cloud, mut terraform) = empty();
    let throttled = std::sync::Arc::clone(&cloud);
    tokio::spawn(async move {
        tokio::time::sleep(Duration::from_secs(2)).await;
        throttled.throttle_reads(20);
    });
    assert!(terraform.apply(&FIRST).await.is_done());
}

#[tokio::test(start_paused = true)]
async fn a_connection_that_nobody_waits_for_is_left_on_its_way() {
    let (cloud, mut terraform) = empty();
    let wanted = Wanted {
        wait_for_ready: false,
        ..FIRST
    };
    assert!(terraform.apply(&wanted).await.is_done());
    assert_eq!(
        cloud.world().connections[&NAME.into()].life.state,
        State::Creating
    );
    terraform.refresh().await.unwrap();
    assert_eq!(terraform.state.as_ref().unwrap().pending, Vec::<String>::new());
}

#[tokio::test(start_paused = true)]
async fn reads_grow_with_the_logarithm_of_the_wait() {
    let (cloud, _) = applied().await;
    let world = cloud.world();
    let gateway = world.gateways.keys().next().unwrap();
    let reads = [cloud.observations(gateway), cloud.observations(&NAME.into())];
    assert!(
        reads[0] <= 24 && reads[1] <= 45,
        "5 s and 60 s of waiting cost {reads:?} reads"
    );
}

#[tokio::test(start_paused = true)]
async fn an_object_that_vanishes_while_it_is_waited_for_is_an_error() {
    let (cloud, mut terraform) = applied().await;
    let vanishing = std::sync::Arc::clone(&cloud);
    tokio::spawn(async move {
        tokio::time::sleep(Duration::from_secs(20)).await;
        vanishing.tamper(|world| world.connections.clear());
    });
    let outcome = terraform
        .apply(&Wanted {
            description: "renamed",
            ..FIRST
        })
        .await;
    assert!(
        matches!(&outcome, Outcome::Failed(Error::Vanished { slot, .. }) if *slot == CONNECTION),
        "{outcome:?}"
    );
    assert!(terraform.apply(&FIRST).await.is_done());
}

#[tokio::test(start_paused = true)]
async fn a_mark_that_still_shows_after_it_was_taken_off_is_read_until_it_does_not() {
    let reads_of_group = async |lingers| {
        let (cloud, mut terraform) = empty();
        cloud.linger_marks(Duration::from_secs(lingers));
        assert!(terraform.apply(&FIRST).await.is_done());
        let stored = terraform.state.as_ref().expect("it is recorded");
        let group = stored.recorded.get(&GROUP).expect("it has a group");
        cloud.observations(group)
    };
    let at_once = reads_of_group(0).await;
    let soon = reads_of_group(2).await;
    assert!(soon > at_once, "{at_once}, {soon}");
    // It is not waited for for ever: what is recorded is what is read then.
    assert!(reads_of_group(3_600).await < 100);
}
