//! The house rule: nothing imports from a room above its own, and no files import each other in a circle.
//!
//! What counts as an import is said in `import-graph`.

use std::path::Path;

use import_graph::{Imports, Module, file};

/// The rooms, from the ground up; those of one floor side by side.
const FLOORS: [&[&str]; 7] = [
    &["cli", "lock", "sentence"],
    &["aws"],
    &["client", "component", "endpoint", "http_task"],
    &["diagnosis", "functions", "invocation"],
    &["check", "data_sources", "doctor", "leftovers"],
    &["provider"],
    &["main"],
];

/// The imports of every module but the tests.
fn imports() -> Imports {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    Imports::read(&src, &["tests", "testing", "floors"]).expect("src/ can be read")
}

fn floor(module: &Module) -> usize {
    FLOORS
        .iter()
        .position(|rooms| rooms.contains(&module[0].as_str()))
        .unwrap_or_else(|| panic!("{} is in no room of the house", file(module)))
}

/// A way as it is written in a message.
fn written(circle: Option<Vec<Module>>) -> String {
    let files = circle.into_iter().flatten().map(|module| file(&module));
    files.collect::<Vec<_>>().join(" → ")
}

#[test]
fn nothing_imports_from_a_room_above_it() {
    let imports = imports();
    let pairs = imports
        .iter()
        .flat_map(|(from, to)| to.iter().map(move |to| (from, to)));
    let upward = pairs.filter(|(from, to)| floor(to) > floor(from));
    let upward: Vec<_> = upward
        .map(|(from, to)| format!("{} imports {}", file(from), file(to)))
        .collect();
    assert!(upward.is_empty(), "{}", upward.join("\n"));
}

#[test]
fn no_files_import_each_other_in_a_circle() {
    let circle = written(imports().circle());
    assert!(circle.is_empty(), "a circle: {circle}");
}

#[test]
fn no_rooms_import_each_other_in_a_circle() {
    let rooms = imports().between(|module| vec![module[0].clone()]);
    let circle = written(rooms.circle());
    assert!(circle.is_empty(), "a circle: {circle}");
}
