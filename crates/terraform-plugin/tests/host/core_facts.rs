//! What Terraform and OpenTofu were seen to do with a provider's answers, as facts of the host.

use terraform_plugin::{
    Value, config, path,
    testing::{Action, Host, Planning},
};

use crate::shelf::{Shelf, Trouble, World};

fn book() -> Value {
    config! { title = "a", pages = 1_i64 }
}

#[tokio::test]
async fn destroy_first_runs_a_full_plan() {
    let world = World::default();
    let mut thing = world.book().await;
    thing.apply(book()).await.expect("created");
    world.trouble(Trouble::Plan);
    world.diary();
    thing.destroy().await.expect_err("the plan fails");
    assert!(world.diary()[1].starts_with("plan update"));
    assert_eq!(world.books(), ["a"]);

    world.trouble(Trouble::None);
    thing.destroy().await.expect("destroyed");
    let diary = world.diary();
    let verbs: Vec<&str> = diary
        .iter()
        .map(|line| line.split(" p").next().expect("a verb"))
        .collect();
    assert_eq!(diary.len(), 4, "{verbs:?}");
    assert!(diary[1].starts_with("plan update") && diary[2].starts_with("plan destroy"));
}

#[tokio::test]
async fn a_destroy_without_refresh_plans_nothing_but_the_destruction() {
    let world = World::default();
    let mut thing = world.book().await;
    thing.apply(book()).await.expect("created");
    world.diary();
    thing
        .destroy_with(Planning::default().without_refresh())
        .await
        .expect("destroyed");
    let diary = world.diary();
    assert_eq!(diary.len(), 2, "{diary:?}");
    assert!(diary[0].starts_with("plan destroy") && diary[1].starts_with("delete"));
}

#[tokio::test]
async fn a_tainted_plan_carries_neither_private_nor_identity() {
    let world = World::default();
    let mut thing = world.book().await;
    thing.apply(book()).await.expect("created");
    thing.taint();
    world.diary();
    assert!(thing.plan(book()).await.expect("planned").is_replace());
    assert_eq!(
        world.diary(),
        [
            "read",
            "plan create private=false identity=false first=false meta="
        ]
    );
}

#[tokio::test]
async fn a_replacement_is_planned_twice_and_the_second_time_from_nothing_with_private_data() {
    let world = World::default();
    let mut thing = world.book().await;
    thing.apply(book()).await.expect("created");
    world.diary();
    let plan = thing
        .plan_with(book(), Planning::default().replacing())
        .await
        .expect("planned");
    assert!(plan.is_replace() && plan.replace_because().is_empty());
    assert_eq!(
        world.diary(),
        [
            "read",
            "plan update private=true identity=true first=false meta=",
            "plan create private=true identity=false first=false meta=",
        ]
    );
    thing.apply_plan(plan, book()).await.expect("replaced");
    let diary = world.diary();
    assert_eq!(diary[0], "delete planned=true");
    assert_eq!(thing.get(&path!("printing")), Some(&2.into()));
}

#[tokio::test]
async fn with_create_before_destroy_the_new_object_is_made_while_the_old_one_lives() {
    let world = World::default();
    let mut thing = world.book().await;
    thing.create_before_destroy();
    thing.apply(book()).await.expect("created");
    world.diary();
    thing.apply(config! { title = "b" }).await.expect("replaced");
    let diary = world.diary();
    let made = diary.iter().position(|line| line.starts_with("create"));
    let removed = diary.iter().position(|line| line.starts_with("delete"));
    assert!(made < removed, "{diary:?}");
    assert_eq!((world.books(), thing.deposed()), (vec!["b".to_owned()], 0));
}

#[tokio::test]
async fn a_failed_create_before_destroy_with_a_state_leaves_a_tainted_and_a_deposed_object() {
    let world = World::default();
    let mut thing = world.book().await;
    thing.create_before_destroy();
    thing.apply(book()).await.expect("created");
    world.trouble(Trouble::HalfDone);
    thing.apply(config! { title = "b" }).await.expect_err("half done");
    assert!(thing.is_tainted());
    assert_eq!(
        (thing.deposed(), world.books()),
        (1, vec!["a".to_owned(), "b".to_owned()])
    );

    world.trouble(Trouble::None);
    let plan = thing.apply(config! { title = "b" }).await.expect("made anew");
    assert_eq!(
        (plan.action(), plan.deposed(), thing.deposed()),
        (Action::Replace, 1, 0)
    );
    assert!(!world.books().contains(&"a".to_owned()));
}

#[tokio::test]
async fn a_failed_create_before_destroy_without_a_state_restores_the_old_object() {
    let world = World::default();
    let mut thing = world.book().await;
    thing.create_before_destroy();
    thing.apply(book()).await.expect("created");
    world.trouble(Trouble::Refused);
    thing.apply(config! { title = "b" }).await.expect_err("refused");
    assert_eq!(thing.get(&path!("title")), Some(&"a".into()));
    assert_eq!((thing.deposed(), thing.is_tainted()), (0, false));
}

#[tokio::test]
async fn a_provider_killed_in_an_update_leaves_the_prior_attributes_without_private_data_and_identity() {
    let world = World::default();
    let mut thing = world.book().await;
    thing.apply(book()).await.expect("created");
    world.trouble(Trouble::Hangs);
    let config = || config! { title = "a", pages = 2_i64 };
    let plan = thing.plan(config()).await.expect("planned");
    let found = thing.apply_plan_killed(plan, config(), world.recorded()).await;
    assert!(found.expect_err("killed").to_string().contains("did not respond"));
    assert_eq!(thing.get(&path!("pages")), Some(&1.into()));
    assert_eq!((thing.private("bound"), thing.identity()), (None, None));
}

#[tokio::test]
async fn a_provider_killed_in_a_create_leaves_no_state() {
    let world = World::default();
    let mut thing = world.book().await;
    world.trouble(Trouble::Hangs);
    let plan = thing.plan(book()).await.expect("planned");
    thing
        .apply_plan_killed(plan, book(), world.recorded())
        .await
        .expect_err("killed");
    assert_eq!((thing.state(), world.books()), (None, vec!["a".to_owned()]));
}

#[tokio::test]
async fn private_data_never_make_a_difference_and_nothing_is_applied_then() {
    let world = World::default();
    let mut thing = world.book().await;
    thing.apply(book()).await.expect("created");
    thing.lose_private();
    world.diary();
    let plan = thing.apply(book()).await.expect("nothing to do");
    assert!(plan.is_no_op());
    assert!(!world.diary().iter().any(|line| line.starts_with("update")));
}

#[tokio::test]
async fn a_value_that_the_second_plan_changes_stops_the_apply() {
    let world = World::default();
    let mut thing = world.book().await;
    world.trouble(Trouble::PlanChanges);
    let found = thing.apply(book()).await.expect_err("refused");
    assert!(found.to_string().contains("inconsistent final plan"), "{found}");
    assert_eq!(world.books(), [""; 0]);
}

#[tokio::test]
async fn the_second_plan_sees_the_first_ones_private_data_only_where_the_host_keeps_them() {
    for keeps in [false, true] {
        let world = World::default();
        let mut host = Host::new(Shelf(world.clone()));
        if keeps {
            host = host.with_planned_private();
        }
        let host = world.configured(host).await;
        let mut thing = host.resource("shelf_book").expect("the type");
        thing.apply(book()).await.expect("created");
        let expected = format!("plan create private=false identity=false first={keeps} meta=");
        assert_eq!(world.diary()[1], expected);
    }
}

#[tokio::test]
async fn after_untaint_a_failed_create_is_finished_in_place() {
    let world = World::default();
    let mut thing = world.book().await;
    world.trouble(Trouble::HalfDone);
    thing.apply(book()).await.expect_err("half done");
    assert!(thing.is_tainted());
    thing.untaint();
    world.trouble(Trouble::None);
    assert!(thing.apply(book()).await.expect("finished").is_update());
    assert!(thing.plan(book()).await.expect("planned").is_no_op());
}

#[tokio::test]
async fn an_optional_computed_argument_that_is_removed_keeps_its_value() {
    let world = World::default();
    let mut thing = world.book().await;
    thing
        .apply(config! { title = "a", binding = "leather" })
        .await
        .expect("created");
    let plan = thing.plan(config! { title = "a" }).await.expect("planned");
    assert!(plan.is_no_op());
    assert_eq!(plan.get(&path!("binding")), Some(&"leather".into()));
}

#[tokio::test]
async fn a_generated_configuration_writes_optional_computed_values_as_arguments() {
    let world = World::default();
    let mut thing = world.book().await;
    thing.apply(book()).await.expect("created");
    let generated = thing.generate_config().await.expect("generated");
    assert_eq!(generated.get(&path!("binding")), Some(&"paper".into()));
    assert_eq!(generated.get(&path!("printing")), Some(&Value::Null));
    assert!(thing.plan(generated).await.expect("planned").is_no_op());
}

#[tokio::test]
async fn a_failed_removal_keeps_state_private_data_and_identity() {
    let world = World::default();
    let mut thing = world.book().await;
    thing.apply(book()).await.expect("created");
    world.trouble(Trouble::Stuck);
    thing.destroy().await.expect_err("stuck");
    assert!(thing.state().is_some() && thing.identity().is_some());
    assert_eq!(thing.private("bound"), Some(serde_json::json!(true)));
    assert!(!thing.is_tainted());
}
