//! Which source files of a crate import which, for tests of how the house is laid out.
//!
//! A file is named by its path below `src/`. What counts is every path that begins with `crate::` or `super::` outside
//! of tests. A parent's `mod` and `pub use` are how a room shows its parts, and count as no import; a name that a
//! parent hands on so is resolved to the file that it comes from. A method that a file adds to another file's type
//! counts as an import of who adds it, where no other method has its name.
#![deny(missing_docs)]

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::Path;
use std::sync::LazyLock;

use regex::Regex;

mod paths;

use paths::named;

/// A module by its path: `["aws", "call"]` is `src/aws/call.rs`.
pub type Module = Vec<String>;

/// A module's file.
pub fn file(module: &[String]) -> String {
    format!("src/{}.rs", module.join("/"))
}

/// What a module is resolved by.
struct Source {
    code: String,
    /// What the names that it hands on come from: `pub use child::{A, B}`.
    handed_on: BTreeMap<String, Module>,
    /// Methods that it adds to types of other files.
    adds: BTreeSet<String>,
}

/// A pattern that is written here and never wrong.
fn pattern(text: &str) -> Regex {
    Regex::new(text).expect("a pattern")
}

impl Source {
    fn of(module: &[String], text: &str) -> Self {
        static HANDED_ON: LazyLock<Regex> =
            LazyLock::new(|| pattern(r"\bpub(?:\([a-z]+\))? use ([a-z_]+::[^;]*);"));
        let text = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or(text);
        let lines = text.lines().filter(|line| !line.trim_start().starts_with("//"));
        let code = lines.collect::<Vec<_>>().join("\n");
        let trees = HANDED_ON
            .captures_iter(&code)
            .flat_map(|found| paths::of_tree(&found[1]));
        let handed_on = trees.filter_map(|path| {
            let (origin, name) = path.rsplit_once("::")?;
            let origin = origin.split("::").map(str::to_owned);
            Some((name.to_owned(), module.iter().cloned().chain(origin).collect()))
        });
        Self {
            handed_on: handed_on.collect(),
            adds: added(&code),
            code,
        }
    }
}

/// The public methods of `impl` blocks of types that a file does not define.
fn added(code: &str) -> BTreeSet<String> {
    static BLOCK: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?ms)^impl ([A-Z]\w*) \{\n(.*?)^\}"));
    static METHOD: LazyLock<Regex> = LazyLock::new(|| pattern(r"\bpub\(crate\) (?:async )?fn (\w+)"));
    let mut names = BTreeSet::new();
    for block in BLOCK.captures_iter(code) {
        let own = ["struct", "enum", "union"].map(|kind| format!("{kind} {}", &block[1]));
        if !own.iter().any(|own| code.contains(own.as_str())) {
            names.extend(METHOD.captures_iter(&block[2]).map(|found| found[1].to_owned()));
        }
    }
    names
}

/// The imports of a crate.
#[derive(Debug)]
pub struct Imports(BTreeMap<Module, BTreeSet<Module>>);

impl Imports {
    /// Reads all files below a folder but modules of the names in `without`, which are tests.
    ///
    /// # Errors
    /// A file or folder cannot be read.
    pub fn read(src: &Path, without: &[&str]) -> io::Result<Self> {
        let mut texts = BTreeMap::new();
        collect(src, &Module::new(), without, &mut texts)?;
        Ok(Self::of(&texts))
    }

    fn of(texts: &BTreeMap<Module, String>) -> Self {
        let sources: BTreeMap<Module, Source> = texts
            .iter()
            .map(|(module, text)| (module.clone(), Source::of(module, text)))
            .collect();
        let added = adding(&sources);
        let imports = sources.iter().map(|(module, source)| {
            let paths = named(&source.code).into_iter();
            let others = paths.filter_map(|path| resolve(module, &path, &sources));
            let used = added
                .iter()
                .filter(|(name, _)| source.code.contains(&format!(".{name}(")));
            let others = others.chain(used.map(|(_, adder)| adder.clone()));
            (module.clone(), others.filter(|other| other != module).collect())
        });
        Self(imports.collect())
    }

    /// The modules, each with those that it imports.
    pub fn iter(&self) -> impl Iterator<Item = (&Module, &BTreeSet<Module>)> {
        self.0.iter()
    }

    /// The same imports between rooms, which modules are put into by a function.
    pub fn between(&self, room: impl Fn(&Module) -> Module) -> Self {
        let mut rooms: BTreeMap<Module, BTreeSet<Module>> = BTreeMap::new();
        for (from, to) in &self.0 {
            let from = room(from);
            let others = to.iter().map(&room).filter(|other| *other != from);
            let others: Vec<Module> = others.collect();
            for other in &others {
                rooms.entry(other.clone()).or_default();
            }
            rooms.entry(from).or_default().extend(others);
        }
        Self(rooms)
    }

    /// One way from a module back to itself, if there is any.
    pub fn circle(&self) -> Option<Vec<Module>> {
        let mut done = BTreeSet::new();
        let mut modules = self.0.keys();
        modules.find_map(|module| self.follow(module, &mut Vec::new(), &mut done))
    }

    fn follow<'a>(
        &'a self,
        module: &'a Module,
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
        let mut next = self.0.get(module).into_iter().flatten();
        let found = next.find_map(|next| self.follow(next, way, done));
        way.pop();
        found
    }

    /// Every set of modules that import each other, on whatever way.
    pub fn circles(&self) -> Vec<BTreeSet<Module>> {
        let reached: BTreeMap<&Module, BTreeSet<&Module>> = self
            .0
            .keys()
            .map(|module| (module, self.reached(module)))
            .collect();
        let mut circles: Vec<BTreeSet<Module>> = Vec::new();
        for (module, others) in &reached {
            if circles.iter().any(|circle| circle.contains(*module)) {
                continue;
            }
            let both = others.iter().filter(|other| reached[*other].contains(module));
            let circle: BTreeSet<Module> = both.map(|other| (*other).clone()).collect();
            if !circle.is_empty() {
                circles.push(circle);
            }
        }
        circles
    }

    /// What a module leads to; itself only if there is a way back.
    fn reached(&self, module: &Module) -> BTreeSet<&Module> {
        let mut found = BTreeSet::new();
        let mut ahead: Vec<&Module> = self.0[module].iter().collect();
        while let Some(next) = ahead.pop() {
            if found.insert(next) {
                ahead.extend(self.0.get(next).into_iter().flatten());
            }
        }
        found
    }
}

fn collect(
    folder: &Path,
    module: &[String],
    without: &[&str],
    found: &mut BTreeMap<Module, String>,
) -> io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path
            .file_stem()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        if without.contains(&name.as_str()) {
            continue;
        }
        let inner: Module = module.iter().cloned().chain([name]).collect();
        if path.is_dir() {
            collect(&path, &inner, without, found)?;
        } else {
            found.insert(inner, std::fs::read_to_string(&path)?);
        }
    }
    Ok(())
}

/// Methods that one file adds to another one's type and that are called as no other method, with the file.
fn adding(sources: &BTreeMap<Module, Source>) -> Vec<(String, Module)> {
    let all = sources
        .iter()
        .flat_map(|(module, source)| source.adds.iter().map(move |name| (name.clone(), module.clone())));
    let alone = all.filter(|(name, _)| {
        let definition = format!("fn {name}(");
        let defined = sources
            .values()
            .map(|source| source.code.matches(&definition).count());
        defined.sum::<usize>() == 1
    });
    alone.collect()
}

/// The module in which what a path names is written.
fn resolve(from: &[String], path: &str, sources: &BTreeMap<Module, Source>) -> Option<Module> {
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

#[cfg(test)]
mod tests {
    use super::*;

    fn imports<const N: usize>(texts: [(&str, &str); N]) -> Imports {
        let module = |path: &str| path.split('/').map(str::to_owned).collect();
        Imports::of(&texts.map(|(path, text)| (module(path), text.to_owned())).into())
    }

    fn written(imports: &Imports) -> Vec<String> {
        let files = imports.iter().map(|(from, to)| {
            let to: Vec<_> = to.iter().map(|to| file(to)).collect();
            format!("{}: {}", file(from), to.join(" "))
        });
        files.collect()
    }

    #[test]
    fn imports_are_read_from_use_lines_and_from_the_code() {
        let imports = imports([
            ("aws", "mod call;\npub use call::{Api, Called};"),
            ("aws/call", "fn f() { super::super::endpoint::check::now() }"),
            (
                "endpoint",
                "mod check;\nuse crate::{\n    aws::{Api, Other as _},\n};",
            ),
            ("endpoint/check", "use super::*;"),
        ]);
        let expected = [
            "src/aws.rs: ",
            "src/aws/call.rs: src/endpoint/check.rs",
            "src/endpoint.rs: src/aws.rs src/aws/call.rs",
            "src/endpoint/check.rs: src/endpoint.rs",
        ];
        assert_eq!(written(&imports), expected);
        let found: Vec<_> = imports
            .circle()
            .expect("a circle")
            .iter()
            .map(|module| file(module))
            .collect();
        let expected = ["src/aws/call.rs", "src/endpoint/check.rs", "src/endpoint.rs"];
        assert_eq!(found, expected);
        let circles = imports.circles();
        assert_eq!((circles.len(), circles[0].len()), (1, 3));
    }

    #[test]
    fn a_method_that_is_added_to_a_type_of_another_file_counts() {
        let imports = imports([
            (
                "world",
                "pub(crate) struct World;\nimpl World {\n    pub(crate) fn now(&self) {}\n}\n",
            ),
            ("ec2", "impl World {\n    pub(crate) fn ec2(&self) {}\n}\n"),
            ("network", "fn way(world: &World) { world.ec2(); world.now() }"),
        ]);
        let expected = ["src/ec2.rs: ", "src/network.rs: src/ec2.rs", "src/world.rs: "];
        assert_eq!(written(&imports), expected);
    }
}
