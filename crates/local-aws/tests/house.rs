//! How the house is laid out: a service is a folder, and what lies below the services knows none of them.

use std::path::Path;

use import_graph::{Imports, Module, file};

/// What the services stand on.
const BELOW: [&str; 3] = ["core", "seed", "wire"];

fn imports() -> Imports {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    Imports::read(&src, &["tests"]).unwrap()
}

/// The folder of a service.
fn service(module: &Module) -> Option<&String> {
    module.get(1).filter(|_| module[0] == "services")
}

#[test]
fn only_the_files_of_one_service_import_each_other_in_circles() {
    for circle in imports().circles() {
        let mut services = circle.iter().map(service);
        let first = services.next().flatten();
        let files: Vec<_> = circle.iter().map(|module| file(module)).collect();
        assert!(
            first.is_some() && services.all(|other| other == first),
            "a circle: {}",
            files.join(" ")
        );
    }
}

#[test]
fn what_lies_below_the_services_knows_none_of_them() {
    let imports = imports();
    let pairs = imports
        .iter()
        .flat_map(|(from, to)| to.iter().map(move |to| (from, to)));
    let below = pairs.filter(|(from, _)| BELOW.contains(&from[0].as_str()));
    let upward = below.filter(|(_, to)| !BELOW.contains(&to[0].as_str()));
    let upward: Vec<_> = upward
        .map(|(from, to)| format!("{} imports {}", file(from), file(to)))
        .collect();
    assert!(upward.is_empty(), "{}", upward.join("\n"));
}
