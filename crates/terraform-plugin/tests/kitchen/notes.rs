//! The second example: a note is imported by its name and by its identity, listed, and copied by an action.

use cli_harness::{Cli, Provider, Workspace, on_every_cli, on_every_cli_that};

use crate::kitchen::example;

const NOTE: &str = "resource \"notes_note\" \"hello\" {\n  name = \"hello\"\n  text = \"Hello, world!\"\n}\n";

fn notes(cli: &'static Cli) -> Workspace {
    let binary = example("terraform-provider-notes");
    let source = "example/notes";
    Workspace::new(
        cli,
        &[Provider {
            source,
            binary: &binary,
        }],
    )
}

fn write(workspace: &Workspace, text: &str) {
    let folder = workspace.path("notes");
    let head = "terraform {\n  required_providers {\n    notes = { source = \"example/notes\" }\n  }\n}\n";
    workspace.write_file(
        "main.tf",
        &format!("{head}provider \"notes\" {{\n  folder = {folder:?}\n}}\n{text}"),
    );
}

#[test]
fn a_note_is_written_forgotten_and_imported_by_its_name() {
    on_every_cli(|cli| {
        let workspace = notes(cli);
        write(&workspace, NOTE);
        workspace.apply();
        workspace.plans_nothing();
        workspace.run(&["state", "rm", "notes_note.hello"]).succeeded();
        workspace
            .try_apply()
            .failed()
            .says(&["The name is taken", "terraform import ADDRESS hello"]);
        workspace
            .run(&["import", "-no-color", "notes_note.hello", "hello"])
            .succeeded();
        workspace.plans_nothing();
        workspace.destroy();
        assert!(!workspace.path("notes/hello.txt").exists());
    });
}

#[test]
fn a_note_is_imported_by_its_identity() {
    on_every_cli_that(Cli::has_identity, |cli| {
        let workspace = notes(cli);
        write(&workspace, NOTE);
        workspace.apply();
        workspace.run(&["state", "rm", "notes_note.hello"]).succeeded();
        let import = "import {\n  to = notes_note.hello\n  identity = { name = \"hello\" }\n}\n";
        write(&workspace, &format!("{NOTE}{import}"));
        workspace.apply();
        workspace.plans_nothing();
    });
}

#[test]
fn notes_are_listed_and_copied() {
    on_every_cli_that(Cli::has_actions, |cli| {
        let workspace = notes(cli);
        let copies = workspace.path("copies");
        let action =
            format!("action \"notes_backup\" \"all\" {{\n  config {{\n    to = {copies:?}\n  }}\n}}\n");
        let trigger = "  lifecycle {\n    action_trigger {\n      events = [after_create]\n      \
                       actions = [action.notes_backup.all]\n    }\n  }\n}\n";
        let triggering = NOTE.strip_suffix("}\n").expect("a block").to_owned() + trigger;
        write(&workspace, &format!("{action}{triggering}"));
        workspace.apply().says(&["copied hello"]);
        assert!(copies.join("hello.txt").is_file());

        workspace.write_file(
            "all.tfquery.hcl",
            "list \"notes_note\" \"all\" {\n  provider = notes\n}\n",
        );
        workspace
            .run(&["query", "-no-color"])
            .succeeded()
            .says(&["name=hello"]);
    });
}
