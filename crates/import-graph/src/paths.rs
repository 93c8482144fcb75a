//! The paths that a source text names.

use std::sync::LazyLock;

use regex::Regex;

use crate::pattern;

/// Every path of a use tree: `a::{b, c::d as e}` is `a::b` and `a::c::d`.
pub(crate) fn of_tree(tree: &str) -> Vec<String> {
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
    let paths = branches.flat_map(of_tree);
    paths.map(|path| format!("{}{path}", prefix.trim())).collect()
}

/// The paths that a source names, those of `use` lines and those written out in the code.
pub(crate) fn named(source: &str) -> Vec<String> {
    static BEGINS: LazyLock<Regex> = LazyLock::new(|| pattern("(?:crate|super)::"));
    static INLINE: LazyLock<Regex> = LazyLock::new(|| pattern("^(?:[A-Za-z0-9_]+::)*[A-Za-z0-9_]+"));
    let mut named = Vec::new();
    let mut rest = source;
    while let Some(found) = BEGINS.find(rest) {
        let is_use = rest[..found.start()].ends_with("use ");
        rest = &rest[found.start()..];
        let length = if is_use {
            rest.find(';').unwrap_or(rest.len())
        } else {
            INLINE.find(rest).map_or(rest.len(), |found| found.end())
        };
        named.extend(of_tree(&rest[..length]));
        rest = &rest[length..];
    }
    named
}
