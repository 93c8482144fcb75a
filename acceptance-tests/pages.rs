//! What users copy holds: each block of HCL in the pages and each example is formatted and valid by the real CLI, no link
//! is dead, and the policies to paste have every call.
//!
//! ```text
//!  page ──blocks──▶ block ──standalone──▶ module ─┐
//!                        example's folder ────────┴─▶ one configuration ──validate──▶ page:line: what is wrong
//! ```
//!
//! Other providers are not here: their blocks are parsed and left out, and references to them are values that nobody
//! knows yet.

mod blocks;
mod links;
mod modules;
mod policies;
mod standalone;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use cli_harness::{Cli, Provider, Workspace, on_every_cli, on_every_cli_that};

use self::blocks::Block;
use self::modules::Modules;

/// The repository.
fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Every file below a folder with this extension, by its path in the repository, sorted.
fn files_below(folder: &str, extension: &str) -> Vec<PathBuf> {
    let mut found = BTreeSet::new();
    let mut folders = vec![repository().join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).unwrap_or_else(|error| panic!("{folder:?}: {error}")) {
            let path = entry.expect("a folder can be read").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|found| found == extension) {
                let path = path.strip_prefix(repository()).expect("it is in the repository");
                found.insert(path.to_owned());
            }
        }
    }
    found.into_iter().collect()
}

/// Every page that people read, by its path in the repository.
fn pages() -> Vec<PathBuf> {
    let mut pages = files_below("docs", "md");
    pages.extend(files_below("examples", "md"));
    pages.extend(["README.md", "CONTRIBUTING.md", "crates/local-aws/README.md"].map(PathBuf::from));
    pages
}

fn read(page: &Path) -> String {
    std::fs::read_to_string(repository().join(page)).unwrap_or_else(|error| panic!("{page:?}: {error}"))
}

fn every_block() -> Vec<Block> {
    pages()
        .iter()
        .flat_map(|page| blocks::of_page(page, &read(page)))
        .collect()
}

fn workspace(cli: &'static Cli) -> Workspace {
    let binary = Path::new(env!("CARGO_BIN_EXE_terraform-provider-private"));
    let source = "private-api/private";
    Workspace::new(cli, &[Provider { source, binary }])
}

#[test]
fn every_block_and_example_is_formatted() {
    on_every_cli(|cli| {
        let workspace = workspace(cli);
        let folder = workspace.path("formatted");
        std::fs::create_dir(&folder).expect("the folder is new");
        for block in every_block() {
            let page = block.page.display().to_string().replace('/', " ");
            let kind = if block.is_of_a_test() { "tftest.hcl" } else { "tf" };
            let name = format!("{page} line {}.{kind}", block.line);
            std::fs::write(folder.join(name), &block.text).expect("the folder is writable");
        }
        let folder = folder.to_string_lossy();
        workspace
            .run(&["fmt", "-check", "-diff", "-no-color", &folder])
            .succeeded();
        let examples = repository().join("examples");
        let examples = examples.to_string_lossy();
        workspace
            .run(&["fmt", "-check", "-diff", "-recursive", "-no-color", &examples])
            .succeeded();
    });
}

#[test]
fn every_block_and_example_is_valid() {
    on_every_cli(|cli| {
        let mut modules = Modules::default();
        for block in every_block() {
            if !block.is_of_a_test() && !block.imports() {
                modules.add_block(&block);
            }
        }
        modules.add_examples();
        assert!(modules.count() > 30, "only {} modules", modules.count());
        let wrong = modules.validate(&workspace(cli));
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    });
}

/// `import` blocks stand in root modules only, so each is one.
#[test]
fn every_block_that_imports_is_valid() {
    let import: Vec<_> = every_block().into_iter().filter(Block::imports).collect();
    assert!(!import.is_empty());
    let valid = |cli, by_identity: bool| {
        for block in import
            .iter()
            .filter(|block| block.text.contains("identity =") == by_identity)
        {
            let wrong = modules::validate_as_root(block, &workspace(cli));
            assert!(wrong.is_empty(), "{}", wrong.join("\n"));
        }
    };
    on_every_cli(|cli| valid(cli, false));
    on_every_cli_that(Cli::has_identity, |cli| valid(cli, true));
}

#[test]
fn what_is_wrong_is_named_by_page_and_line() {
    on_every_cli(|cli| {
        let page = "# A page\n\nText.\n\n   ```hcl\n   resource \"private_api_path\" \"a\" {\n     name = \"a\"\n     vpc_endpoint = aws_vpc_endpoint.a.id\n   }\n   ```\n";
        let mut modules = Modules::default();
        for block in blocks::of_page(Path::new("docs/wrong.md"), page) {
            modules.add_block(&block);
        }
        let wrong = modules.validate(&workspace(cli));
        assert_eq!(wrong.len(), 1, "{wrong:?}");
        assert!(
            wrong[0].starts_with("docs/wrong.md:8: ") && wrong[0].contains("vpc_endpoint"),
            "{wrong:?}"
        );
    });
}

#[test]
fn no_link_is_dead() {
    let dead: Vec<_> = pages()
        .iter()
        .flat_map(|page| links::dead(page, &read(page)))
        .collect();
    assert!(dead.is_empty(), "{}", dead.join("\n"));
}
