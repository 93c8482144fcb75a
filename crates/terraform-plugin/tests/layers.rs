//! The crate's modules stand in layers: none leads back to itself through what it uses.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

type Graph = BTreeMap<String, BTreeSet<String>>;

fn source() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            files(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

/// The code of a file without comments, and without what is there for its tests; and the files of those.
fn code(path: &Path) -> (String, Vec<PathBuf>) {
    let text = fs::read_to_string(path).expect("source text");
    let (mut code, mut tests) = (String::new(), Vec::new());
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        if line.trim() == "#[cfg(test)]" {
            let item = lines.next().unwrap_or_default();
            match item.strip_prefix("mod ").and_then(|item| item.strip_suffix(';')) {
                Some(name) => tests.push(path.with_extension("").join(name)),
                // A module of tests ends its file.
                None if item.starts_with("mod ") => break,
                None => {}
            }
            continue;
        }
        code.push_str(line.split("//").next().unwrap_or_default());
        code.push('\n');
    }
    (code, tests)
}

/// The first name of each path after `crate::`, at the top level of what stands between braces.
fn used(code: &str) -> BTreeSet<String> {
    let word = |c: char| c.is_alphanumeric() || c == '_';
    let mut found = BTreeSet::new();
    for (at, marker) in code.match_indices("crate::") {
        let rest = &code[at + marker.len()..];
        let Some(inside) = rest.strip_prefix('{') else {
            found.insert(rest.chars().take_while(|c| word(*c)).collect());
            continue;
        };
        let (mut depth, mut name, mut first) = (0, String::new(), true);
        for c in inside.chars() {
            match c {
                '{' => depth += 1,
                '}' if depth == 0 => break,
                '}' => depth -= 1,
                ',' if depth == 0 => {
                    found.insert(std::mem::take(&mut name));
                    first = true;
                }
                c if depth == 0 && first && word(c) => name.push(c),
                ':' => first = false,
                _ => {}
            }
        }
        found.insert(name);
    }
    found
}

fn graph() -> Graph {
    let root = source();
    let mut all = Vec::new();
    files(&root, &mut all);
    let mut tests = Vec::new();
    let mut of_modules: Vec<(String, PathBuf, BTreeSet<String>)> = Vec::new();
    for path in all {
        let (code, of_tests) = code(&path);
        tests.extend(of_tests);
        let within = path.strip_prefix(&root).expect("a file of the crate");
        let module = within.components().next().expect("a name").as_os_str();
        let module = module.to_string_lossy().trim_end_matches(".rs").to_owned();
        of_modules.push((module, path, used(&code)));
    }
    let names: BTreeSet<String> = of_modules.iter().map(|(module, ..)| module.clone()).collect();
    let mut graph = Graph::new();
    for (module, path, used) in of_modules {
        let for_tests = tests
            .iter()
            .any(|test| path.with_extension("") == *test || path.starts_with(test));
        // The root stands above all the others.
        if module == "lib" || for_tests {
            continue;
        }
        let uses = graph.entry(module.clone()).or_default();
        uses.extend(
            used.into_iter()
                .filter(|name| names.contains(name) && *name != module),
        );
    }
    graph
}

/// Takes away, again and again, what uses nothing that is left or is used by nothing. What stays is a circle.
fn circle(mut graph: Graph) -> Graph {
    loop {
        let left: BTreeSet<String> = graph.keys().cloned().collect();
        for uses in graph.values_mut() {
            uses.retain(|used| left.contains(used));
        }
        let used: BTreeSet<String> = graph.values().flatten().cloned().collect();
        graph.retain(|module, uses| !uses.is_empty() && used.contains(module));
        if graph.len() == left.len() {
            return graph;
        }
    }
}

#[test]
fn no_module_leads_back_to_itself() {
    assert_eq!(circle(graph()), Graph::new());
}

#[test]
fn the_graph_is_that_of_the_source() {
    let graph = graph();
    let uses = |module: &str, used: &str| graph[module].contains(used);
    assert!(uses("resource", "plan") && uses("plan", "schema") && uses("schema", "value"));
    assert!(uses("rpc", "wire") && uses("value", "path") && !uses("value", "model"));
    let round = |of: &[(&str, &str)]| {
        let edges = of
            .iter()
            .map(|(a, b)| ((*a).to_owned(), BTreeSet::from([(*b).to_owned()])));
        circle(edges.collect()).len()
    };
    assert_eq!(round(&[("a", "b"), ("b", "c")]), 0);
    assert_eq!(round(&[("a", "b"), ("b", "c"), ("c", "b")]), 2);
    assert_eq!(
        used("use crate::{a::{self, x::y}, b, c::d};\nfn f() -> crate::e::F {}"),
        ["a", "b", "c", "e"].map(str::to_owned).into()
    );
}
