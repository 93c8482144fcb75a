//! Links from a page to other files of the repository, and to headings.

use std::path::Path;

use super::repository;

/// The links of a page that lead nowhere, each with page and line. Pages in `docs/` name each other without `.md`, as
/// registries want it.
pub fn dead(page: &Path, text: &str) -> Vec<String> {
    let mut dead = Vec::new();
    let mut in_code = false;
    for (number, line) in text.lines().enumerate() {
        if line.trim_start().starts_with("```") {
            in_code = !in_code;
        }
        if in_code {
            continue;
        }
        for target in targets(line) {
            if !leads_somewhere(page, text, target) {
                dead.push(format!(
                    "{}:{}: {target} leads nowhere",
                    page.display(),
                    number + 1
                ));
            }
        }
    }
    dead
}

fn targets(line: &str) -> impl Iterator<Item = &str> {
    let ends = line.match_indices("](").map(|(at, _)| &line[at + 2..]);
    ends.filter_map(|rest| rest.split_once(')').map(|(target, _)| target))
}

fn leads_somewhere(page: &Path, text: &str, target: &str) -> bool {
    if target.starts_with("https://") {
        return true;
    }
    let (file, heading) = target.split_once('#').unwrap_or((target, ""));
    let folder = repository().join(page);
    let folder = folder.parent().unwrap_or(repository());
    let path = folder.join(file);
    let path = if page.starts_with("docs") && !file.is_empty() {
        // A path of docs has no extension; what has one is another file.
        path.extension()
            .map_or_else(|| path.with_extension("md"), |_| path.clone())
    } else {
        path
    };
    if heading.is_empty() {
        return path.exists();
    }
    let other = if file.is_empty() {
        Some(text.to_owned())
    } else {
        std::fs::read_to_string(&path).ok()
    };
    other.is_some_and(|text| has_heading(&text, heading))
}

fn has_heading(text: &str, anchor: &str) -> bool {
    let written = format!("<a id=\"{anchor}\"></a>");
    text.contains(&written)
        || text
            .lines()
            .filter(|line| line.starts_with('#'))
            .any(|line| slug(line.trim_start_matches('#').trim()) == anchor)
}

/// The anchor that registries and GitHub give a heading.
fn slug(heading: &str) -> String {
    let kept = heading.chars().filter_map(|c| match c {
        ' ' => Some('-'),
        '-' | '_' => Some(c),
        _ => c.is_alphanumeric().then(|| c.to_ascii_lowercase()),
    });
    kept.collect()
}

#[test]
fn a_dead_link_is_named_by_page_and_line() {
    let text = "# A\n[good](#a) [gone](guides/gone) [schema](resources/api_path#schema)\n[no heading](resources/api_path#none)\n";
    assert_eq!(
        dead(Path::new("docs/index.md"), text),
        [
            "docs/index.md:2: guides/gone leads nowhere",
            "docs/index.md:3: resources/api_path#none leads nowhere",
        ]
    );
}
