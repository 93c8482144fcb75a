//! Identity, import, moves, upgrades, deferral and provider_meta of a managed resource.

use serde_json::json;
use terraform_plugin::{
    Deferral, Value, config, path,
    testing::{Host, Instance, Stored},
};

use crate::shelf::{Shelf, Trouble, World};

const ADDRESS: &str = "registry.terraform.io/example/shelf";

fn book() -> Value {
    config! { title = "a", pages = 1_i64 }
}

async fn made(world: &World) -> Instance {
    let mut thing = world.book().await;
    thing.apply(book()).await.expect("created");
    thing
}

#[test]
fn the_schemas_identities_and_upgrades_are_sound() {
    assert_eq!(Host::new(Shelf(World::default())).problems(), [""; 0]);
}

#[tokio::test]
async fn an_identity_is_planned_completed_and_kept() {
    let world = World::default();
    let mut thing = world.book().await;
    let plan = thing.apply(book()).await.expect("created");
    let planned = plan.identity().expect("an identity");
    assert!(planned.attribute("shelf").is_some_and(Value::is_unknown));
    let identity = || config! { title = "a", shelf = "main" };
    assert_eq!(thing.identity(), Some(&identity()));
    thing
        .apply(config! { title = "a", pages = 2_i64 })
        .await
        .expect("updated");
    assert_eq!(thing.identity(), Some(&identity()));
    thing.destroy().await.expect("destroyed");
    assert_eq!(thing.identity(), None);
}

#[tokio::test]
async fn a_book_is_imported_by_its_id_or_by_its_identity() {
    let world = World::default();
    made(&world).await;
    for by_identity in [false, true] {
        let mut thing = world.book().await;
        if by_identity {
            thing
                .import_identity(config! { title = "a" })
                .await
                .expect("imported");
        } else {
            thing.import("a").await.expect("imported");
        }
        assert_eq!(thing.identity(), Some(&config! { title = "a", shelf = "main" }));
        assert_eq!(thing.get(&path!("pages")), Some(&1.into()));
        assert_eq!(thing.private(".before_first_read"), None);
    }
}

#[tokio::test]
async fn an_import_by_an_identity_that_does_not_say_enough_names_what_is_missing() {
    let world = World::default();
    let mut thing = world.book().await;
    let found = thing
        .import_identity(config! { shelf = "main" })
        .await
        .expect_err("refused");
    assert!(found.to_string().contains("title"), "{found}");
    let found = thing.import_identity(config! {}).await.expect_err("refused");
    assert!(found.to_string().contains("without an identity"), "{found}");
}

#[tokio::test]
async fn a_host_without_identities_works_without_them() {
    let world = World::default();
    let host = world
        .configured(Host::new(Shelf(world.clone())).without_identity())
        .await;
    let mut thing = host.resource("shelf_book").expect("the type");
    thing.apply(book()).await.expect("created");
    thing
        .apply(config! { title = "a", pages = 2_i64 })
        .await
        .expect("updated");
    assert_eq!(thing.identity(), None);
    thing
        .import_identity(config! { title = "a" })
        .await
        .expect_err("refused");

    // A newer host completes what the older one did not store.
    let mut newer = world.book().await;
    newer.adopt(&thing);
    newer.refresh().await.expect("refreshed");
    assert!(newer.identity().is_some());
}

#[tokio::test]
async fn a_forgotten_identity_is_named_with_the_resource_and_the_rule() {
    let world = World::default();
    let mut thing = world.book().await;
    world.trouble(Trouble::Forgets);
    let found = thing.apply(book()).await.expect_err("refused");
    assert!(
        found.to_string().contains("shelf_book") && found.to_string().contains("no identity was recorded"),
        "{found}"
    );
    assert!(thing.state().is_some());

    let found = thing.refresh().await.expect_err("refused");
    assert!(found.to_string().contains("no identity was recorded"), "{found}");
}

#[tokio::test]
async fn an_identity_that_changes_or_is_unknown_is_refused_unless_the_object_is_made() {
    for (trouble, rule) in [
        (Trouble::Renames, "must not change"),
        (Trouble::PlansUnknownIdentity, "must be known"),
    ] {
        let world = World::default();
        let thing = made(&world).await;
        world.trouble(trouble);
        let config = config! { title = "a", pages = 2_i64 };
        let found = thing.plan(config).await.expect_err("refused");
        assert!(found.to_string().contains(rule), "{found}");
        // What is replaced gets another identity.
        thing.plan(config! { title = "b" }).await.expect("planned");
    }
}

#[tokio::test]
async fn state_and_identity_of_older_versions_are_upgraded() {
    let world = World::default();
    made(&world).await;
    for (version, state) in [(0, json!({"name": "a", "gone": 1})), (1, json!({"title": "a"}))] {
        let mut thing = world.book().await;
        let stored =
            Stored::new(ADDRESS, "shelf_book", version, state).with_identity(0, json!({"name": "a"}));
        thing.restore(&stored).await.expect("upgraded");
        assert_eq!(thing.get(&path!("title")), Some(&"a".into()));
        assert_eq!(thing.identity(), Some(&config! { title = "a", shelf = "main" }));
    }
    let mut thing = world.book().await;
    for (version, words) in [(-1, "upgrades from: 0, 1"), (3, "Upgrade the provider")] {
        let stored = Stored::new(ADDRESS, "shelf_book", version, json!({}));
        let found = thing.restore(&stored).await.expect_err("refused");
        assert!(found.to_string().contains(words), "{found}");
    }
}

#[tokio::test]
async fn a_book_is_moved_from_other_types_and_providers() {
    let world = World::default();
    let host = world.host().await;
    let mut note = host.resource("shelf_note").expect("the type");
    note.apply(config! { content = "a" }).await.expect("created");
    let mut thing = host.resource("shelf_book").expect("the type");
    let stored = note.stored().expect("stored").expect("a note");
    thing.move_from(&stored).await.expect("moved");
    assert_eq!(thing.get(&path!("title")), Some(&"a".into()));
    assert_eq!(thing.private("moved_from"), Some(json!("shelf_note")));
    assert!(
        thing
            .plan(config! { title = "a" })
            .await
            .expect("planned")
            .is_no_op()
    );

    let library = |state| Stored::new("example.com/corp/library", "library_book", 7, state);
    thing
        .move_from(&library(json!({"heading": "a"})))
        .await
        .expect("moved");
    for refused in [
        library(json!({"other": 1})),
        Stored::new("example.com/corp/shop", "shop_book", 0, json!({})),
    ] {
        let found = thing.move_from(&refused).await.expect_err("refused").to_string();
        assert!(
            found.contains("cannot be moved from") && found.contains("library_book of corp/library"),
            "{found}"
        );
    }
}

#[tokio::test]
async fn a_move_that_does_not_fit_says_why_without_quoting_the_state() {
    let world = World::default();
    let mut thing = world.book().await;
    let stored = Stored::new(ADDRESS, "shelf_note", 0, json!({"content": ["hunter2"]}));
    let found = thing.move_from(&stored).await.expect_err("refused").to_string();
    assert!(
        found.contains("does not fit the schema") && !found.contains("hunter2"),
        "{found}"
    );

    let host = world.host().await;
    let mut note = host.resource("shelf_note").expect("the type");
    let book = Stored::new(ADDRESS, "shelf_book", 2, json!({}));
    let found = note.move_from(&book).await.expect_err("refused").to_string();
    assert!(found.contains("import the object instead"), "{found}");
}

#[tokio::test]
async fn the_same_type_under_another_address_is_upgraded() {
    let world = World::default();
    let mut thing = world.book().await;
    let fork = Stored::new("example.com/fork/shelf", "shelf_book", 1, json!({"title": "a"}))
        .with_identity(0, json!({"name": "a"}))
        .with_private("of another framework");
    thing.move_from(&fork).await.expect("moved");
    assert_eq!(thing.get(&path!("title")), Some(&"a".into()));
    assert_eq!(thing.identity(), Some(&config! { title = "a", shelf = "main" }));
}

#[tokio::test]
async fn a_deferred_plan_changes_nothing_and_needs_a_host_that_takes_it() {
    let world = World::default();
    let host = world
        .configured(Host::new(Shelf(world.clone())).with_deferral())
        .await;
    let mut thing = host.resource("shelf_book").expect("the type");
    world.trouble(Trouble::Defers);
    let plan = thing.apply(book()).await.expect("deferred");
    assert_eq!(plan.deferred(), Some(Deferral::AbsentPrerequisite));
    assert_eq!((thing.state(), world.books()), (None, vec![]));

    world.trouble(Trouble::None);
    thing.apply(book()).await.expect("created");
    world.trouble(Trouble::Defers);
    thing.refresh().await.expect("left as it is");
    assert_eq!(thing.get(&path!("pages")), Some(&1.into()));

    let old = world.book().await;
    let found = old.plan(book()).await.expect_err("refused").to_string();
    assert!(
        found.contains("shelf_book") && found.contains("-target"),
        "{found}"
    );
}

#[tokio::test]
async fn what_was_not_deferred_in_the_plan_cannot_be_deferred_at_apply() {
    let world = World::default();
    let host = world
        .configured(Host::new(Shelf(world.clone())).with_deferral())
        .await;
    let mut thing = host.resource("shelf_book").expect("the type");
    let plan = thing.plan(book()).await.expect("planned");
    world.trouble(Trouble::Defers);
    let found = thing
        .apply_plan(plan, book())
        .await
        .expect_err("refused")
        .to_string();
    assert!(found.contains("Invalid deferral"), "{found}");

    world.trouble(Trouble::DefersApply);
    let found = thing.apply(book()).await.expect_err("refused").to_string();
    assert!(
        found.contains("shelf_book") && found.contains("deferred while it was applied"),
        "{found}"
    );
    assert_eq!(thing.get(&path!("title")), Some(&"a".into()));
}

#[tokio::test]
async fn a_provider_that_defers_everything_is_not_asked() {
    let world = World::default();
    let mut thing = made(&world).await;
    world.defer_all();
    world.diary();
    let host = world
        .configured(Host::new(Shelf(world.clone())).with_deferral())
        .await;
    let mut other = host.resource("shelf_book").expect("the type");
    let plan = other.apply(book()).await.expect("deferred");
    assert_eq!(plan.deferred(), Some(Deferral::ProviderConfigUnknown));
    assert!(plan.is_unknown(&path!("printing")));
    other.import("a").await.expect("deferred");
    assert_eq!(other.state(), None);
    assert_eq!(world.diary(), [""; 0]);

    let old = Host::new(Shelf(world.clone()));
    let found = old.configure(config! {}).await.expect_err("refused");
    assert!(found.to_string().contains("-target"), "{found}");
    thing
        .refresh()
        .await
        .expect("the first provider is still configured");
}

#[tokio::test]
async fn a_modules_provider_meta_reaches_the_verbs() {
    let world = World::default();
    let mut thing = world.book().await;
    thing.set_provider_meta(config! { module = "m" }).expect("fits");
    thing.plan(book()).await.expect("planned");
    assert!(world.diary()[0].ends_with("meta=m"));
    thing
        .set_provider_meta(config! { nonsense = 1_i64 })
        .expect_err("refused");
}

#[tokio::test]
async fn a_saved_plan_is_applied_later_as_it_was_made() {
    let world = World::default();
    let mut thing = made(&world).await;
    let config = || config! { title = "a", pages = 2_i64 };
    let saved = thing.plan(config()).await.expect("planned");
    thing.refresh().await.expect("refreshed");
    let applied = thing.apply_plan(saved, config()).await.expect("applied");
    assert!(applied.is_update());
    assert_eq!(thing.get(&path!("pages")), Some(&2.into()));
}
