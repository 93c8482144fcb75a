//! The house rule: nothing imports from a room above its own, and no files import each other in a circle.
//!
//! A file is named by its path below `src/`. What counts is every path that begins with `crate::` or `super::` outside
//! of tests. A parent's `mod` and `pub use` are how a room shows its parts, and count as no import; a name that a
//! parent hands on so is resolved to the file that it comes from.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::LazyLock;

use regex::Regex;

/// The rooms, from the ground up; those of one floor side by side.
const FLOORS: [&[&str]; 7] = [
    &["lock"],
    &["aws"],
    &["client", "component", "endpoint", "http_task"],
    &["diagnosis", "functions", "invocation"],
    &["check", "data_sources", "doctor", "leftovers"],
    &["provider"],
    &["main"],
];

/// A module by its path: `["aws", "call"]` is `src/aws/call.rs`.
type Module = Vec<String>;

/// What a module is resolved by.
struct Source {
    code: String,
    /// What the names that it hands on come from: `pub use child::{A, B}`.
    handed_on: BTreeMap<String, Module>,
}

impl Source {
    fn of(module: &Module, text: &str) -> Self {
        static LINE: LazyLock<Regex> =
            LazyLock::new(|| Regex::new(r"\bpub(?:\([a-z]+\))? use ([a-z_]+::[^;]*);").expect("a pattern"));
        let text = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or(text);
        let lines = text.lines().filter(|line| !line.trim_start().starts_with("//"));
        let code = lines.collect::<Vec<_>>().join("\n");
        let trees = LINE.captures_iter(&code).flat_map(|found| paths(&found[1]));
        let handed_on = trees.map(|path| {
            let (origin, name) = path.rsplit_once("::").expect("a path has two parts");
            let origin = origin.split("::").map(str::to_owned);
            (name.to_owned(), module.iter().cloned().chain(origin).collect())
        });
        Self {
            handed_on: handed_on.collect(),
            code,
        }
    }
}

/// Every module but the tests.
fn sources() -> BTreeMap<Module, Source> {
    fn collect(folder: &Path, module: &Module, found: &mut BTreeMap<Module, Source>) {
        for entry in std::fs::read_dir(folder).expect("src/ can be listed") {
            let path = entry.expect("an entry of src/").path();
            let name = path.file_stem().expect("a name").to_string_lossy().into_owned();
            if ["tests", "testing", "floors"].contains(&name.as_str()) {
                continue;
            }
            let mut inner = module.clone();
            inner.push(name);
            if path.is_dir() {
                collect(&path, &inner, found);
            } else {
                let text = std::fs::read_to_string(&path).expect("a source file can be read");
                let source = Source::of(&inner, &text);
                found.insert(inner, source);
            }
        }
    }
    let mut found = BTreeMap::new();
    collect(
        &Path::new(env!("CARGO_MANIFEST_DIR")).join("src"),
        &Module::new(),
        &mut found,
    );
    found
}

/// Every path of a use tree: `a::{b, c::d as e}` is `a::b` and `a::c::d`.
fn paths(tree: &str) -> Vec<String> {
    let tree = tree.trim();
    let Some((prefix, rest)) = tree.split_once('{') else {
        let path = tree.split(" as ").next().unwrap_or(tree);
        return vec![path.trim().to_owned()];
    };
    let inner = rest.trim_end().strip_suffix('}').unwrap_or(rest);
    let mut depth = 0;
    let branches = inner.split(|letter| {
        match letter {
            '{' => depth += 1,
            '}' => depth -= 1,
            _ => {}
        }
        letter == ',' && depth == 0
    });
    let branches = branches.filter(|branch| !branch.trim().is_empty());
    let paths = branches.flat_map(paths);
    paths.map(|path| format!("{}{path}", prefix.trim())).collect()
}

/// The paths that a source names, those of `use` lines and those written out in the code.
fn named(source: &str) -> Vec<String> {
    static BEGINS: LazyLock<Regex> = LazyLock::new(|| Regex::new("(?:crate|super)::").expect("a pattern"));
    static INLINE: LazyLock<Regex> =
        LazyLock::new(|| Regex::new("^(?:[A-Za-z0-9_]+::)*[A-Za-z0-9_]+").expect("a pattern"));
    let mut named = Vec::new();
    let mut rest = source;
    while let Some(found) = BEGINS.find(rest) {
        let is_use = rest[..found.start()].ends_with("use ");
        rest = &rest[found.start()..];
        let length = if is_use {
            rest.find(';').expect("a use line ends")
        } else {
            INLINE.find(rest).expect("a path").end()
        };
        named.extend(paths(&rest[..length]));
        rest = &rest[length..];
    }
    named
}

/// The module in which what a path names is written.
fn resolve(from: &Module, path: &str, sources: &BTreeMap<Module, Source>) -> Option<Module> {
    let mut parts = path.split("::").peekable();
    let mut module = match parts.next() {
        Some("super") => from[..from.len() - 1].to_vec(),
        _ => Module::new(),
    };
    while parts.next_if_eq(&"super").is_some() {
        module.pop();
    }
    for part in parts {
        let inner: Module = module.iter().cloned().chain([part.to_owned()]).collect();
        if sources.contains_key(&inner) {
            module = inner;
            continue;
        }
        if let Some(source) = sources.get(&module)
            && let Some(origin) = source.handed_on.get(part)
            && sources.contains_key(origin)
        {
            module = origin.clone();
        }
        break;
    }
    sources.contains_key(&module).then_some(module)
}

/// Which modules each module imports.
fn imports(sources: &BTreeMap<Module, Source>) -> BTreeMap<Module, BTreeSet<Module>> {
    let of = |(module, source): (&Module, &Source)| {
        let paths = named(&source.code).into_iter();
        let others = paths.filter_map(|path| resolve(module, &path, sources));
        (module.clone(), others.filter(|other| other != module).collect())
    };
    sources.iter().map(of).collect()
}

/// One way from a module back to itself, if there is any.
fn circle(imports: &BTreeMap<Module, BTreeSet<Module>>) -> Option<Vec<Module>> {
    fn follow<'a>(
        module: &'a Module,
        imports: &'a BTreeMap<Module, BTreeSet<Module>>,
        way: &mut Vec<&'a Module>,
        done: &mut BTreeSet<&'a Module>,
    ) -> Option<Vec<Module>> {
        if let Some(begin) = way.iter().position(|passed| *passed == module) {
            return Some(way[begin..].iter().map(|module| (*module).clone()).collect());
        }
        if !done.insert(module) {
            return None;
        }
        way.push(module);
        let found = imports[module]
            .iter()
            .find_map(|next| follow(next, imports, way, done));
        way.pop();
        found
    }
    let mut done = BTreeSet::new();
    imports
        .keys()
        .find_map(|module| follow(module, imports, &mut Vec::new(), &mut done))
}

fn file(module: &Module) -> String {
    format!("src/{}.rs", module.join("/"))
}

fn floor(module: &Module) -> usize {
    FLOORS
        .iter()
        .position(|rooms| rooms.contains(&module[0].as_str()))
        .unwrap_or_else(|| panic!("{} is in no room of the house", file(module)))
}

#[test]
fn nothing_imports_from_a_room_above_it() {
    let imports = imports(&sources());
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
    let found = circle(&imports(&sources())).unwrap_or_default();
    let files: Vec<_> = found.iter().map(file).collect();
    assert!(files.is_empty(), "a circle: {}", files.join(" → "));
}

#[test]
fn no_rooms_import_each_other_in_a_circle() {
    let room = |module: &Module| vec![module[0].clone()];
    let mut rooms: BTreeMap<Module, BTreeSet<Module>> = BTreeMap::new();
    for (from, to) in imports(&sources()) {
        let others = to.iter().map(room).filter(|other| *other != room(&from));
        rooms.entry(room(&from)).or_default().extend(others);
    }
    let found = circle(&rooms).unwrap_or_default();
    let rooms: Vec<_> = found.iter().map(file).collect();
    assert!(rooms.is_empty(), "a circle: {}", rooms.join(" → "));
}

#[test]
fn imports_are_read_from_use_lines_and_from_the_code() {
    let sources = [
        ("aws", "mod call;\npub use call::{Api, Called};"),
        ("aws/call", "fn f() { super::super::endpoint::check::now() }"),
        (
            "endpoint",
            "mod check;\nuse crate::{\n    aws::{Api, Other as _},\n};",
        ),
        ("endpoint/check", "use super::*;"),
    ];
    let sources = sources.map(|(path, text)| {
        let module: Module = path.split('/').map(str::to_owned).collect();
        let source = Source::of(&module, text);
        (module, source)
    });
    let sources = BTreeMap::from(sources);
    let files = imports(&sources).into_iter().map(|(from, to)| {
        let to: Vec<_> = to.iter().map(file).collect();
        format!("{}: {}", file(&from), to.join(" "))
    });
    let expected = [
        "src/aws.rs: ",
        "src/aws/call.rs: src/endpoint/check.rs",
        "src/endpoint.rs: src/aws.rs src/aws/call.rs",
        "src/endpoint/check.rs: src/endpoint.rs",
    ];
    assert_eq!(files.collect::<Vec<_>>(), expected);
    let found = circle(&imports(&sources)).expect("a circle");
    let found: Vec<_> = found.iter().map(file).collect();
    assert_eq!(
        found,
        ["src/aws/call.rs", "src/endpoint/check.rs", "src/endpoint.rs"]
    );
}
