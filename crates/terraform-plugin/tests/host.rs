//! A small provider, walked as core walks one.

#[path = "host/carried.rs"]
mod carried;
#[path = "host/core_facts.rs"]
mod core_facts;
#[path = "host/foreign.rs"]
mod foreign;
#[path = "host/kinds.rs"]
mod kinds;
#[path = "host/managed.rs"]
mod managed;
#[path = "host/memory.rs"]
mod memory;
#[path = "host/mistakes.rs"]
mod mistakes;
#[path = "host/narrow.rs"]
mod narrow;
#[path = "host/panics.rs"]
mod panics;
#[path = "host/schemas.rs"]
mod schemas;
#[path = "host/sets.rs"]
mod sets;
#[path = "host/shelf.rs"]
mod shelf;
#[path = "host/spelled.rs"]
mod spelled;
#[path = "host/state_files.rs"]
mod state_files;
#[path = "host/write_only.rs"]
mod write_only;

use memory::{Memory, World, provider};
use terraform_plugin::{
    Value, config, path,
    testing::{Action, Host, Instance},
};

async fn thing(world: &World) -> (Host, Instance) {
    let host = Host::new(provider(world));
    host.configure(config! { prefix = "m-" })
        .await
        .expect("configured");
    let thing = host.resource("memory_thing").expect("the type");
    (host, thing)
}

#[tokio::test]
async fn the_schemas_and_models_are_sound() {
    assert_eq!(Host::new(provider(&World::default())).problems(), [""; 0]);
}

#[tokio::test]
async fn a_thing_is_created_and_then_settled() {
    let world = World::default();
    let (_host, mut thing) = thing(&world).await;
    let config = || config! { name = "a", size = 1_i64, tags = { env = "test" } };
    let plan = thing.plan(config()).await.expect("planned");
    assert_eq!(plan.action(), Action::Create);
    assert!(plan.is_unknown(&path!("id")) && plan.is_known(&path!("name")));

    thing.apply(config()).await.expect("applied");
    assert_eq!(thing.get(&path!("id")), Some(&"m-1".into()));
    assert_eq!(world.names(), ["a"]);
    assert!(thing.plan(config()).await.expect("planned").is_no_op());
}

#[tokio::test]
async fn an_update_keeps_the_id_and_a_new_name_replaces() {
    let world = World::default();
    let (_host, mut thing) = thing(&world).await;
    thing
        .apply(config! { name = "a", size = 1_i64 })
        .await
        .expect("created");
    let plan = thing
        .apply(config! { name = "a", size = 2_i64 })
        .await
        .expect("updated");
    assert_eq!(plan.action(), Action::Update);
    assert!(plan.is_known(&path!("id")));

    let plan = thing
        .apply(config! { name = "b", size = 2_i64 })
        .await
        .expect("replaced");
    assert_eq!(plan.action(), Action::Replace);
    assert_eq!(plan.replace_because(), [path!("name")]);
    assert_eq!(thing.get(&path!("id")), Some(&"m-2".into()));
    assert_eq!(world.names(), ["b"]);
}

#[tokio::test]
async fn destroying_leaves_nothing() {
    let world = World::default();
    let (_host, mut thing) = thing(&world).await;
    thing
        .apply(config! { name = "a", size = 1_i64 })
        .await
        .expect("created");
    thing.destroy().await.expect("destroyed");
    assert_eq!(thing.state(), None);
    assert_eq!(world.names(), [""; 0]);
}

#[tokio::test]
async fn a_tainted_thing_is_made_anew() {
    let world = World::default();
    let (_host, mut thing) = thing(&world).await;
    let config = || config! { name = "a", size = 1_i64 };
    thing.apply(config()).await.expect("created");
    thing.taint();
    assert!(thing.plan(config()).await.expect("planned").is_replace());
    thing.apply(config()).await.expect("replaced");
    assert!(!thing.is_tainted());
    assert_eq!(thing.get(&path!("id")), Some(&"m-2".into()));
    assert_eq!(world.names(), ["a"]);
}

#[tokio::test]
async fn what_was_removed_by_hand_is_created_again() {
    let world = World::default();
    let (_host, mut thing) = thing(&world).await;
    let config = || config! { name = "a", size = 1_i64 };
    thing.apply(config()).await.expect("created");
    world.remove("a");
    assert!(thing.plan(config()).await.expect("planned").is_create());
}

#[tokio::test]
async fn what_was_changed_by_hand_is_changed_back() {
    let world = World::default();
    let (_host, mut thing) = thing(&world).await;
    let config = || config! { name = "a", size = 1_i64 };
    thing.apply(config()).await.expect("created");
    world.resize("a", 9);
    assert!(thing.plan(config()).await.expect("planned").is_update());
    thing.apply(config()).await.expect("updated");
    assert!(thing.plan(config()).await.expect("planned").is_no_op());
}

#[tokio::test]
async fn an_imported_thing_fits_its_configuration() {
    let world = World::default();
    let (_host, mut first) = thing(&world).await;
    first
        .apply(config! { name = "a", size = 3_i64 })
        .await
        .expect("created");

    let (_host, mut second) = thing(&world).await;
    second.import("a").await.expect("imported");
    assert!(
        second
            .plan(config! { name = "a", size = 3_i64 })
            .await
            .expect("planned")
            .is_no_op()
    );
    let found = second.import("nothing").await.expect_err("refused");
    assert!(found.to_string().contains("Nothing to import"), "{found}");
}

#[tokio::test]
async fn values_that_are_unknown_in_the_plan_are_known_in_the_apply() {
    let world = World::default();
    let (_host, mut thing) = thing(&world).await;
    let plan = thing
        .plan(config! { name = "a", size = unknown, tags = unknown })
        .await
        .expect("planned");
    assert!(plan.is_unknown(&path!("size")) && plan.is_unknown(&path!("tags")));
    thing
        .apply_plan(plan, config! { name = "a", size = 5_i64, tags = { k = "v" } })
        .await
        .expect("applied");
    assert_eq!(thing.get(&path!("tags", "k")), Some(&"v".into()));
}

#[tokio::test]
async fn a_configuration_that_changed_since_the_plan_is_refused() {
    let world = World::default();
    let (_host, mut thing) = thing(&world).await;
    let plan = thing
        .plan(config! { name = "a", size = 1_i64 })
        .await
        .expect("planned");
    let found = thing
        .apply_plan(plan, config! { name = "a", size = 2_i64 })
        .await
        .expect_err("refused");
    assert!(found.to_string().contains("inconsistent final plan"), "{found}");
    assert_eq!(world.names(), [""; 0]);
}

#[tokio::test]
async fn write_only_values_reach_the_provider_and_nothing_else() {
    let world = World::default();
    let (_host, mut thing) = thing(&world).await;
    let config = |secret: &str, version: &str| {
        config! { name = "a", size = 1_i64, secret_wo = secret, secret_wo_version = version }
    };
    let plan = thing.apply(config("s3cret", "1")).await.expect("applied");
    assert_eq!(world.secret("a").as_deref(), Some("s3cret"));
    assert_eq!(thing.get(&path!("secret_wo")), Some(&Value::Null));
    assert!(!format!("{plan:?}").contains("s3cret"));

    assert!(
        thing
            .plan(config("other", "1"))
            .await
            .expect("planned")
            .is_no_op()
    );
    thing.apply(config("other", "2")).await.expect("applied");
    assert_eq!(world.secret("a").as_deref(), Some("other"));
}

#[tokio::test]
async fn an_old_host_is_told_why_write_only_values_do_not_work() {
    let world = World::default();
    let host = Host::new(provider(&world)).without_write_only();
    host.configure(config! {}).await.expect("configured");
    let thing = host.resource("memory_thing").expect("the type");
    let config = config! { name = "a", size = 1_i64, secret_wo = "s", secret_wo_version = "1" };
    let found = thing.plan(config).await.expect_err("refused");
    let found: Vec<_> = found.into_iter().collect();
    assert_eq!(found[0].path, path!("secret_wo"));
    assert!(found[0].detail.contains("Terraform 1.11") && found[0].detail.contains("OpenTofu 1.11"));
}

#[tokio::test]
async fn bad_input_is_refused_with_its_place_before_anything_is_made() {
    let world = World::default();
    let (_host, thing) = thing(&world).await;
    for (config, path, summary) in [
        (
            config! { name = "A", size = 1_i64 },
            path!("name"),
            "Invalid attribute value",
        ),
        (
            config! { name = null, size = 1_i64 },
            path!("name"),
            "Missing required argument",
        ),
        (
            config! { name = "a", size = 13_i64 },
            path!("size"),
            "Unlucky size",
        ),
        (
            config! { name = "a", size = 1_i64, id = "x" },
            path!("id"),
            "Value for a computed attribute",
        ),
        (
            config! { name = "a", size = 1_i64, parts = { k = null } },
            path!("parts"),
            "Null element",
        ),
    ] {
        let found = thing.validate(config).await.expect_err("refused");
        let first = found.iter().next().expect("an error");
        assert_eq!(
            (first.path.steps()[0].clone(), first.summary.as_str()),
            (path.steps()[0].clone(), summary)
        );
    }
}

#[tokio::test]
async fn a_providers_own_checks_refuse_its_configuration() {
    let host = Host::new(provider(&World::default()));
    let found = host
        .configure(config! { prefix = "a b" })
        .await
        .expect_err("refused");
    let errors: Vec<_> = found.iter().filter(|found| found.is_error()).collect();
    assert_eq!(errors.len(), 1);
    assert_eq!(
        (&errors[0].path, errors[0].summary.as_str()),
        (&path!("prefix"), "Unlucky prefix")
    );
}

#[tokio::test]
async fn validation_works_without_a_configured_provider_and_planning_says_why_not() {
    let world = World::default();
    let host = Host::new(provider(&world));
    let thing = host.resource("memory_thing").expect("the type");
    thing
        .validate(config! { name = "a", size = unknown })
        .await
        .expect("valid");
    let found = thing
        .plan(config! { name = "a", size = 1_i64 })
        .await
        .expect_err("refused");
    assert!(found.to_string().contains("not configured"), "{found}");
}

#[tokio::test]
async fn a_failed_create_keeps_what_was_recorded_and_taints() {
    let world = World::default();
    let (_host, mut thing) = thing(&world).await;
    world.fail_after(Memory::Recorded);
    let config = || config! { name = "a", size = 1_i64 };
    thing.apply(config()).await.expect_err("fails");
    assert!(thing.is_tainted());
    assert_eq!(thing.get(&path!("id")), Some(&"m-1".into()));
    // What was still unknown when it failed is null in the state.
    assert_eq!(thing.get(&path!("address")), Some(&Value::Null));

    world.fail_after(Memory::Nothing);
    thing.apply(config()).await.expect("made anew");
    assert_eq!(world.names(), ["a"]);
}

#[tokio::test]
async fn a_create_that_fails_before_it_recorded_leaves_no_state() {
    let world = World::default();
    let (_host, mut thing) = thing(&world).await;
    world.fail_after(Memory::Start);
    let found = thing
        .apply(config! { name = "a", size = 1_i64 })
        .await
        .expect_err("fails");
    assert_eq!(thing.state(), None);
    assert!(!thing.is_tainted());
    // A warning given before the failure reaches the user all the same.
    assert!(found.to_string().contains("Warning: Slow today"), "{found}");
}

#[tokio::test]
async fn a_panic_answers_with_the_last_record_and_the_provider_lives_on() {
    let world = World::default();
    let (host, mut thing) = thing(&world).await;
    world.fail_after(Memory::Panic);
    let found = thing
        .apply(config! { name = "a", size = 1_i64 })
        .await
        .expect_err("crashes");
    let found = found.to_string();
    assert!(found.contains("The provider crashed"), "{found}");
    assert!(found.contains("is kept in the state. This is a bug"), "{found}");
    assert_eq!(thing.get(&path!("id")), Some(&"m-1".into()));

    world.fail_after(Memory::Nothing);
    let mut other = host.resource("memory_thing").expect("the type");
    other
        .apply(config! { name = "b", size = 1_i64 })
        .await
        .expect("applied");
}

#[tokio::test]
async fn an_interrupted_create_is_finished_by_the_next_apply() {
    let world = World::default();
    let (host, mut thing) = thing(&world).await;
    world.fail_after(Memory::Wait);
    let config = || config! { name = "a", size = 1_i64 };
    let (applied, stopped) = tokio::join!(thing.apply(config()), async {
        world.waiting().await;
        host.stop().await
    });
    stopped.expect("stopped");
    // A warning and a partial state: not tainted, and the next plan has work left.
    let applied = applied.expect("a warning only");
    assert!(
        applied
            .warnings()
            .iter()
            .any(|warning| warning.summary == "Interrupted")
    );
    assert!(!thing.is_tainted());
    assert_eq!(thing.get(&path!("pending", 0)), Some(&"address".into()));

    world.fail_after(Memory::Nothing);
    let plan = thing.apply(config()).await.expect("finished");
    assert!(plan.is_update());
    assert!(thing.plan(config()).await.expect("planned").is_no_op());
}

#[tokio::test]
async fn a_stopped_provider_serves_the_next_call() {
    let world = World::default();
    let (host, mut thing) = thing(&world).await;
    host.stop().await.expect("stopped");
    thing
        .apply(config! { name = "a", size = 1_i64 })
        .await
        .expect("applied");
}

#[tokio::test]
async fn private_data_go_from_plan_to_apply_to_state() {
    let world = World::default();
    let (_host, mut thing) = thing(&world).await;
    thing
        .apply(config! { name = "a", size = 1_i64 })
        .await
        .expect("created");
    assert_eq!(thing.private("planned_by"), Some(serde_json::json!("plan")));
    assert_eq!(thing.private("applied_by"), Some(serde_json::json!("create")));
    thing.refresh().await.expect("refreshed");
    assert_eq!(thing.private("applied_by"), Some(serde_json::json!("create")));
}

#[tokio::test]
async fn nested_computed_values_are_planned_as_unknown_and_then_kept() {
    let world = World::default();
    let (_host, mut thing) = thing(&world).await;
    let config = || config! { name = "a", size = 1_i64, parts = { left = { kind = "x" } } };
    let plan = thing.apply(config()).await.expect("created");
    assert!(plan.is_unknown(&path!("parts", "left", "serial")));
    assert_eq!(
        thing.get(&path!("parts", "left", "serial")),
        Some(&"m-1-left".into())
    );
    assert!(thing.plan(config()).await.expect("planned").is_no_op());
}
