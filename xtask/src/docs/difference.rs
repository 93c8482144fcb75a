//! Where two folders of pages differ, by page and line.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// Every page of a folder, by its path in it.
#[derive(Debug, Default)]
pub struct Pages(BTreeMap<PathBuf, String>);

impl Pages {
    /// Reads a folder; one that is not there has no pages.
    pub fn read(folder: &Path) -> Result<Self, String> {
        let mut pages = Self::default();
        if folder.exists() {
            pages.add(folder, folder)?;
        }
        Ok(pages)
    }

    fn add(&mut self, root: &Path, folder: &Path) -> Result<(), String> {
        let wrong = |error: std::io::Error| format!("{} cannot be read: {error}", folder.display());
        for entry in fs::read_dir(folder).map_err(wrong)? {
            let path = entry.map_err(wrong)?.path();
            if path.is_dir() {
                self.add(root, &path)?;
            } else {
                let text = fs::read_to_string(&path)
                    .map_err(|error| format!("{} cannot be read: {error}", path.display()))?;
                let name = path.strip_prefix(root).unwrap_or(&path).to_owned();
                self.0.insert(name, text);
            }
        }
        Ok(())
    }

    /// One line for each page that is not as in `rendered`: the page, its first line that differs, and both lines.
    pub fn differences_from(&self, rendered: &Self) -> Vec<String> {
        let mut differences = Vec::new();
        for (name, text) in &self.0 {
            match rendered.0.get(name) {
                None => differences.push(format!("docs/{}:1: nothing makes this page", name.display())),
                Some(other) if text != other => differences.push(first(name, text, other)),
                Some(_) => {}
            }
        }
        let missing = rendered.0.keys().filter(|name| !self.0.contains_key(*name));
        differences.extend(missing.map(|name| format!("docs/{}:1: the page is missing", name.display())));
        differences
    }
}

fn first(name: &Path, is: &str, rendered: &str) -> String {
    let (mut is, mut rendered) = (is.lines(), rendered.lines());
    let mut number = 1;
    loop {
        let (left, right) = (is.next(), rendered.next());
        if left != right || left.is_none() {
            let shown = |line: Option<&str>| {
                line.map_or("the end of the page".to_owned(), |line| format!("{line:?}"))
            };
            return format!(
                "docs/{}:{number}: is {}, would be {}",
                name.display(),
                shown(left),
                shown(right)
            );
        }
        number += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pages(all: &[(&str, &str)]) -> Pages {
        Pages(
            all.iter()
                .map(|(name, text)| (PathBuf::from(name), (*text).to_owned()))
                .collect(),
        )
    }

    #[test]
    fn a_difference_names_page_and_line() {
        let is = pages(&[
            ("a.md", "same\n"),
            ("b.md", "one\ntwo\nthree\n"),
            ("gone.md", "old\n"),
            ("short.md", "one\n"),
        ]);
        let rendered = pages(&[
            ("a.md", "same\n"),
            ("b.md", "one\n2\nthree\n"),
            ("new.md", "new\n"),
            ("short.md", "one\ntwo\n"),
        ]);
        assert_eq!(
            is.differences_from(&rendered),
            [
                "docs/b.md:2: is \"two\", would be \"2\"",
                "docs/gone.md:1: nothing makes this page",
                "docs/short.md:2: is the end of the page, would be \"two\"",
                "docs/new.md:1: the page is missing",
            ]
        );
        assert!(is.differences_from(&is).is_empty());
    }
}
