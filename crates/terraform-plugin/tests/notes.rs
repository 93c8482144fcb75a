//! The example terraform-provider-notes, walked as a CLI walks it: plan, check, apply, and a second plan that is empty.
//! In a crate of its own these tests stand beside the code.

#[path = "../examples/terraform-provider-notes/backup.rs"]
mod backup;
#[path = "../examples/terraform-provider-notes/folder.rs"]
mod folder;
#[path = "../examples/terraform-provider-notes/list.rs"]
mod list;
#[path = "../examples/terraform-provider-notes/note.rs"]
mod note;
#[path = "../examples/terraform-provider-notes/provider.rs"]
mod provider;

use terraform_plugin::{Value, config, path, testing::Host};

use folder::Folder;
use provider::Notes;

/// A configured provider, and its folder.
async fn notes() -> (Host, tempfile::TempDir) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let host = Host::new(Notes);
    let path = folder.path().to_string_lossy().into_owned();
    host.configure(config! { folder = path })
        .await
        .expect("configured");
    (host, folder)
}

#[test]
fn schemas_and_models_are_sound() {
    assert_eq!(Host::new(Notes).problems(), [""; 0]);
}

#[tokio::test]
async fn a_note_is_written_changed_and_removed() {
    let (host, folder) = notes().await;
    let mut note = host.resource("notes_note").expect("the type");
    let config = |text: &str| config! { name = "a", text = text };
    note.apply(config("Hello")).await.expect("created");
    assert_eq!(note.get(&path!("size")), Some(&5.into()));
    assert!(note.apply(config("Bye")).await.expect("updated").is_update());
    assert!(note.plan(config("Bye")).await.expect("planned").is_no_op());
    note.destroy().await.expect("destroyed");
    assert!(!folder.path().join("a.txt").exists());
}

#[tokio::test]
async fn a_note_of_somebody_else_is_imported_and_never_overwritten() {
    let (host, folder) = notes().await;
    Folder::new(folder.path()).put("a", "theirs").expect("written");
    let config = || config! { name = "a", text = "theirs" };
    let mut new = host.resource("notes_note").expect("the type");
    let refused = new.apply(config()).await.expect_err("refused").to_string();
    assert!(refused.contains("terraform import ADDRESS a"), "{refused}");

    let mut by_id = host.resource("notes_note").expect("the type");
    by_id.import("a").await.expect("imported");
    assert!(by_id.plan(config()).await.expect("planned").is_no_op());

    let mut by_identity = host.resource("notes_note").expect("the type");
    by_identity
        .import_identity(config! { name = "a" })
        .await
        .expect("imported");
    assert!(by_identity.plan(config()).await.expect("planned").is_no_op());
}

#[tokio::test]
async fn a_note_that_is_gone_is_planned_anew() {
    let (host, folder) = notes().await;
    let mut note = host.resource("notes_note").expect("the type");
    note.apply(config! { name = "a", text = "Hello" })
        .await
        .expect("created");
    Folder::new(folder.path()).remove("a").expect("removed");
    note.refresh().await.expect("read");
    assert_eq!(note.state(), None);
}

#[tokio::test]
async fn notes_are_listed_and_copied() {
    let (host, folder) = notes().await;
    let all = Folder::new(folder.path());
    for name in ["plum", "pear", "quince"] {
        all.put(name, "fruit").expect("written");
    }
    let list = host.list_resource("notes_note").expect("the type");
    let found = list
        .list(config! { prefix = "p" }, 10, true)
        .await
        .expect("listed");
    let names: Vec<_> = found.iter().map(|each| each.display_name.as_str()).collect();
    assert_eq!(names, ["pear", "plum"]);
    let text = found[0]
        .resource
        .as_ref()
        .and_then(|note| note.get(&path!("text")));
    assert_eq!(text, Some(&Value::from("fruit")));

    let copies = folder.path().join("copies");
    let backup = host.action("notes_backup").expect("the type");
    let to = copies.to_string_lossy().into_owned();
    let invoked = backup.invoke(config! { to = to }).await.expect("invoked");
    assert_eq!(invoked.progress, ["copied pear", "copied plum", "copied quince"]);
    assert_eq!(Folder::new(&copies).get("quince"), Ok(Some("fruit".to_owned())));
}
