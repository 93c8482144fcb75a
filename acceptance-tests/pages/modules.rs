//! Blocks and examples as modules of one configuration, which a CLI validates at once.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use cli_harness::Workspace;
use serde_json::Value;

use super::blocks::Block;
use super::standalone::{Added, Standalone, standalone};
use super::{files_below, read};

/// Where a file of the configuration comes from.
#[derive(Clone, Debug)]
struct Origin {
    /// The page, or the example's file.
    file: PathBuf,
    /// The line of it that is the first here.
    first: usize,
    added: Added,
}

impl Origin {
    fn new(file: &Path, first: usize) -> Self {
        Self {
            file: file.to_owned(),
            first,
            added: Added::default(),
        }
    }

    fn at(&self, line: usize, words: &str) -> String {
        let line = self.first + self.added.original(line) - 1;
        format!("{}:{line}: {words}", self.file.display())
    }
}

/// The file with what a module refers to and does not have.
const FILLING: &str = "filling.tf";

/// Modules, and what was wrong with them before a CLI saw them.
#[derive(Default)]
pub struct Modules {
    /// Each file's text, by its path in the workspace.
    files: BTreeMap<PathBuf, String>,
    origins: BTreeMap<PathBuf, Origin>,
    calls: String,
    count: usize,
    wrong: Vec<String>,
}

impl Modules {
    pub fn count(&self) -> usize {
        self.count
    }

    /// A block as a module of its own.
    pub fn add_block(&mut self, block: &Block) {
        let folder = PathBuf::from("pages").join(self.count.to_string());
        let origin = Origin::new(&block.page, block.line);
        self.add(
            &folder,
            &[(folder.join("page.tf"), origin, block.text.clone())],
            false,
        );
    }

    /// The examples, each where it is, so that one can call another.
    pub fn add_examples(&mut self) {
        let mut folders: BTreeMap<PathBuf, Vec<_>> = BTreeMap::new();
        for file in files_below("examples", "tf") {
            // What the pages show is among their blocks.
            if file.starts_with("examples/resources") || file.starts_with("examples/provider") {
                continue;
            }
            let folder = file.parent().unwrap_or(Path::new("")).to_owned();
            let text = read(&file);
            folders
                .entry(folder)
                .or_default()
                .push((file.clone(), Origin::new(&file, 1), text));
        }
        for (folder, files) in folders {
            self.add(&folder, &files, true);
        }
    }

    fn add(&mut self, folder: &Path, files: &[(PathBuf, Origin, String)], calls_modules: bool) {
        let texts: Vec<_> = files.iter().map(|(_, _, text)| text.as_str()).collect();
        let module = match standalone(&texts, calls_modules) {
            Ok(module) => module,
            Err((file, line, words)) => {
                self.wrong.push(files[file].1.at(line, &words));
                return;
            }
        };
        for (((path, origin, _), text), added) in files.iter().zip(&module.texts).zip(&module.added) {
            self.files.insert(path.clone(), text.clone());
            let added = added.clone();
            self.origins.insert(
                path.clone(),
                Origin {
                    added,
                    ..origin.clone()
                },
            );
        }
        let filling = folder.join(FILLING);
        self.files.insert(filling.clone(), module.filling.clone());
        self.origins.insert(filling, files[0].1.clone());
        self.call(folder, &module);
        self.count += 1;
    }

    fn call(&mut self, folder: &Path, module: &Standalone) {
        let source = format!("./{}", folder.display());
        let _ = writeln!(self.calls, "module \"m{}\" {{\n  source = {source:?}", self.count);
        for name in &module.variables {
            let _ = writeln!(self.calls, "  {name} = var.anything");
        }
        self.calls.push_str("}\n");
    }

    /// What is wrong, each with page and line.
    pub fn validate(mut self, workspace: &Workspace) -> Vec<String> {
        let root = format!("variable \"anything\" {{}}\n{}", self.calls);
        self.files.insert(PathBuf::from("main.tf"), root);
        for (path, text) in &self.files {
            let path = workspace.path(&path.to_string_lossy());
            let folder = path.parent().expect("a file is in a folder");
            fs::create_dir_all(folder).expect("the folder is writable");
            fs::write(&path, text).expect("the folder is writable");
        }
        // What it cannot load validate tells again, with files and lines.
        workspace.run(&["get", "-no-color"]);
        self.wrong.extend(diagnostics(workspace, &self.origins));
        self.wrong
    }
}

/// What is wrong with a block as a root module. What it imports and does not have is filled in.
pub fn validate_as_root(block: &Block, workspace: &Workspace) -> Vec<String> {
    let origin = Origin::new(&block.page, block.line);
    let module = match standalone(&[&block.text], false) {
        Ok(module) => module,
        Err((_, line, words)) => return vec![origin.at(line, &words)],
    };
    let mut filling = module.filling;
    if !block.text.contains("resource \"private_api_invocation\"") {
        filling += "resource \"private_api_invocation\" \"orders\" {\n  name            = \"orders\"\n  vpc_endpoint_id = \
                    \"vpce-0123456789abcdef0\"\n  authorization   = { none = {} }\n}\n";
    }
    workspace.write_file("page.tf", &module.texts[0]);
    workspace.write_file(FILLING, &filling);
    let origins = ["page.tf", FILLING].map(|file| (PathBuf::from(file), origin.clone()));
    diagnostics(workspace, &origins.into())
}

fn diagnostics(workspace: &Workspace, origins: &BTreeMap<PathBuf, Origin>) -> Vec<String> {
    let ended = workspace.run(&["validate", "-json"]);
    let answer: Value = serde_json::from_str(&ended.stdout)
        .unwrap_or_else(|error| panic!("validate printed no JSON: {error}:\n{}", ended.text));
    let all = answer["diagnostics"].as_array().cloned().unwrap_or_default();
    all.iter()
        .filter(|one| one["severity"] == "error")
        .map(|one| {
            let words = format!(
                "{}: {}",
                one["summary"].as_str().unwrap_or_default(),
                one["detail"].as_str().unwrap_or_default()
            );
            let line = one["range"]["start"]["line"].as_u64().unwrap_or(1);
            let file = Path::new(one["range"]["filename"].as_str().unwrap_or_default());
            match origins.get(file) {
                Some(origin) if !file.ends_with(FILLING) => {
                    origin.at(usize::try_from(line).unwrap_or(1), &words)
                }
                Some(origin) => origin.at(1, &words),
                None => format!("{}:{line}: {words}", file.display()),
            }
        })
        .collect()
}
