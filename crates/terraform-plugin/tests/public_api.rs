//! Keeps `tests/public_api.txt` equal to the public API: who changes what others build on sees it in the review. To write
//! it anew: `TERRAFORM_PLUGIN_WRITE_PUBLIC_API=1 cargo test -p terraform-plugin --test public_api`.
//!
//! The listing is read from the source, so that it needs no other toolchain than the tests do. What macros make is not
//! in it.

use std::{
    cell::RefCell,
    collections::BTreeMap,
    env, fs,
    path::{Path, PathBuf},
    rc::Rc,
};

use syn::{Attribute, Fields, ImplItem, Item, Type, UseTree, Visibility, parse_quote};

const WRITE: &str = "TERRAFORM_PLUGIN_WRITE_PUBLIC_API";
const LISTING: &str = "tests/public_api.txt";

#[test]
fn the_listing_is_the_public_api() {
    let file = folder().join(LISTING);
    let fresh = listing();
    if env::var_os(WRITE).is_some() {
        fs::write(&file, fresh).expect("the listing can be written");
        return;
    }
    let kept = fs::read_to_string(&file).unwrap_or_default();
    let gone = kept.lines().filter(|line| !fresh.contains(line));
    let new = fresh.lines().filter(|line| !kept.contains(line));
    let changes: Vec<String> = gone
        .map(|line| format!("- {line}"))
        .chain(new.map(|line| format!("+ {line}")))
        .collect();
    assert!(
        kept == fresh,
        "the public API is not the one of {LISTING}. If that is meant, write it anew with {WRITE}=1, and the change \
         into CHANGELOG.md.\n{}",
        changes.join("\n")
    );
}

#[test]
fn the_listing_has_items_of_every_kind_and_nothing_private() {
    let listing = listing();
    for public in [
        "// terraform_plugin::Resource\npub trait Resource: Send + Sync + 'static {",
        "// terraform_plugin::serve\npub fn serve<P: Provider>(provider: P) -> std::process::ExitCode {}",
        "// terraform_plugin::schema::Schema\n",
        "// terraform_plugin::testing::codec::decode_json\n",
        "    pub fn timeouts<'a>(verbs: impl IntoIterator<Item = &'a str>) -> Self {}",
        "#[non_exhaustive]\npub enum Deferral {",
        "impl From<Diagnostic> for FunctionError {}",
    ] {
        assert!(listing.contains(public), "{public}\n\n{listing}");
    }
    for private in ["pub(crate)", "pub(super)", "Record", "wire::", "tonic", "///"] {
        assert!(!listing.contains(private), "{private} is in the listing");
    }
}

/// Each public item below its path, in the order of the paths.
fn listing() -> String {
    let mut found = BTreeMap::new();
    public_items(&Module::root(), "terraform_plugin", &mut found);
    let texts = found.iter().map(|(path, items)| {
        let file = syn::File {
            shebang: None,
            attrs: Vec::new(),
            items: items.clone(),
        };
        format!("// {path}\n{}", prettyplease::unparse(&file))
    });
    texts.collect::<Vec<_>>().join("\n")
}

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// A module: its file, and the folder of those within.
struct Module {
    folder: PathBuf,
    items: Rc<[Item]>,
}

impl Module {
    fn root() -> Self {
        let src = folder().join("src");
        Self {
            items: parsed(&src.join("lib.rs")),
            folder: src,
        }
    }

    fn within(&self, name: &str) -> Self {
        Self {
            folder: self.folder.join(name),
            items: parsed(&self.folder.join(format!("{name}.rs"))),
        }
    }

    /// The names that its `use` items bring in: the path after `self::`, and whether others see them.
    fn uses(&self) -> Vec<(Vec<String>, bool)> {
        let mut found = Vec::new();
        for item in &*self.items {
            if let Item::Use(item) = item {
                let public = matches!(item.vis, Visibility::Public(_));
                let mut paths = Vec::new();
                leaves(&item.tree, &mut Vec::new(), &mut paths);
                found.extend(paths.into_iter().map(|path| (path, public)));
            }
        }
        found
    }

    /// The item at that path.
    fn resolve(&self, path: &[String]) -> Item {
        let (name, through) = path.split_last().expect("a name");
        if let Some(first) = through.first() {
            if first == "crate" {
                return Self::root().resolve(&path[1..]);
            }
            return self.within(first).resolve(&path[1..]);
        }
        if let Some(item) = self
            .items
            .iter()
            .find(|item| named(item).is_some_and(|found| found == *name))
        {
            return item.clone();
        }
        let uses = self.uses();
        let (inner, _) = uses
            .iter()
            .find(|(path, _)| path.last() == Some(name) && path.len() > 1)
            .unwrap_or_else(|| panic!("{name} is neither in {} nor used there", self.folder.display()));
        self.resolve(inner)
    }
}

/// The items of a file, which is read once.
fn parsed(path: &Path) -> Rc<[Item]> {
    thread_local! {
        static PARSED: RefCell<BTreeMap<PathBuf, Rc<[Item]>>> = RefCell::default();
    }
    let known = PARSED.with_borrow(|parsed| parsed.get(path).cloned());
    known.unwrap_or_else(|| {
        let items: Rc<[Item]> = read(path).into();
        PARSED.with_borrow_mut(|parsed| parsed.insert(path.to_owned(), items.clone()));
        items
    })
}

fn read(path: &Path) -> Vec<Item> {
    let text = fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    syn::parse_file(&text).expect("Rust").items
}

/// The paths of a `use` within the crate: below this module, or from the root with `crate` before them.
fn leaves(tree: &UseTree, path: &mut Vec<String>, found: &mut Vec<Vec<String>>) {
    match tree {
        UseTree::Path(next) => {
            path.push(next.ident.to_string());
            leaves(&next.tree, path, found);
            path.pop();
        }
        UseTree::Group(group) => group.items.iter().for_each(|tree| leaves(tree, path, found)),
        UseTree::Name(name) => {
            let name = name.ident.to_string();
            match path.first().map(String::as_str) {
                Some("self") => found.push(path[1..].iter().cloned().chain([name]).collect()),
                Some("crate") => found.push(path.iter().cloned().chain([name]).collect()),
                _ => {}
            }
        }
        UseTree::Rename(_) | UseTree::Glob(_) => {}
    }
}

fn named(item: &Item) -> Option<String> {
    let ident = match item {
        Item::Const(item) => &item.ident,
        Item::Enum(item) => &item.ident,
        Item::Fn(item) => &item.sig.ident,
        Item::Struct(item) => &item.ident,
        Item::Trait(item) => &item.ident,
        Item::Type(item) => &item.ident,
        _ => return None,
    };
    Some(ident.to_string())
}

fn public_items(module: &Module, at: &str, found: &mut BTreeMap<String, Vec<Item>>) {
    let mut add = |item: &Item, name: &str, implementations: &Path| {
        let mut items = vec![item.clone()];
        if !matches!(item, Item::Trait(_) | Item::Fn(_) | Item::Const(_)) {
            implementations_of(name, implementations, &mut items);
        }
        items.iter_mut().for_each(bare);
        found.insert(format!("{at}::{name}"), items);
    };
    for item in &*module.items {
        if let (Some(name), true) = (named(item), is_public(item)) {
            add(item, &name, &module.folder);
        }
    }
    for (path, _) in module.uses().into_iter().filter(|(_, public)| *public) {
        // All files of the topmost module on the way: an inner one may add to the type.
        let src = folder().join("src");
        let top = match path[0].as_str() {
            "crate" => src.join(&path[1]),
            first if module.folder == src => src.join(first),
            _ => module.folder.clone(),
        };
        add(&module.resolve(&path), path.last().expect("a name"), &top);
    }
    for item in &*module.items {
        match item {
            Item::Mod(item) if matches!(item.vis, Visibility::Public(_)) => {
                let name = item.ident.to_string();
                public_items(&module.within(&name), &format!("{at}::{name}"), found);
            }
            Item::Use(item) if matches!(item.vis, Visibility::Public(_)) => {
                let mut within = Vec::new();
                leaves(&item.tree, &mut Vec::new(), &mut within);
                if within.is_empty() {
                    let text = prettyplease::unparse(&syn::File {
                        shebang: None,
                        attrs: Vec::new(),
                        items: vec![Item::Use(item.clone())],
                    });
                    found.insert(format!("{at}: {}", text.trim_end()), Vec::new());
                }
            }
            _ => {}
        }
    }
}

fn is_public(item: &Item) -> bool {
    let vis = match item {
        Item::Const(item) => &item.vis,
        Item::Enum(item) => &item.vis,
        Item::Fn(item) => &item.vis,
        Item::Struct(item) => &item.vis,
        Item::Trait(item) => &item.vis,
        Item::Type(item) => &item.vis,
        _ => return false,
    };
    matches!(vis, Visibility::Public(_))
}

/// What is implemented for a type in a module and the ones within, without what is private.
fn implementations_of(name: &str, module: &Path, items: &mut Vec<Item>) {
    for path in files(module) {
        for item in &*parsed(&path) {
            let Item::Impl(item) = item else { continue };
            let Type::Path(of) = &*item.self_ty else { continue };
            if of.path.segments.last().is_none_or(|last| last.ident != name) {
                continue;
            }
            let mut item = item.clone();
            if item.trait_.is_some() {
                item.items.clear();
            }
            item.items.retain(|item| match item {
                ImplItem::Fn(item) => matches!(item.vis, Visibility::Public(_)),
                ImplItem::Const(item) => matches!(item.vis, Visibility::Public(_)),
                _ => false,
            });
            if item.trait_.is_some() || !item.items.is_empty() {
                items.push(Item::Impl(item));
            }
        }
    }
}

/// The file of a module, and those of the modules within, in the order of their names.
fn files(module: &Path) -> Vec<PathBuf> {
    let mut found = vec![module.with_extension("rs")];
    if let Ok(entries) = fs::read_dir(module) {
        let mut within: Vec<PathBuf> = entries.map(|entry| entry.expect("an entry").path()).collect();
        within.retain(|path| path.extension().is_some_and(|extension| extension == "rs"));
        within.sort();
        found.extend(within.iter().flat_map(|path| files(&path.with_extension(""))));
    }
    found.retain(|path| path.is_file());
    found
}

/// Takes away documentation, bodies, values and private fields.
fn bare(item: &mut Item) {
    match item {
        Item::Const(item) => {
            told(&mut item.attrs);
            item.expr = parse_quote!(_);
        }
        Item::Enum(item) => {
            told(&mut item.attrs);
            for variant in &mut item.variants {
                told(&mut variant.attrs);
                variant.fields.iter_mut().for_each(|field| told(&mut field.attrs));
            }
        }
        Item::Fn(item) => {
            told(&mut item.attrs);
            item.block = parse_quote!({});
        }
        Item::Struct(item) => {
            told(&mut item.attrs);
            public_fields(&mut item.fields);
        }
        Item::Trait(item) => {
            told(&mut item.attrs);
            for item in &mut item.items {
                match item {
                    syn::TraitItem::Const(item) => told(&mut item.attrs),
                    syn::TraitItem::Fn(item) => {
                        told(&mut item.attrs);
                        // That there is a default is part of what implementors see.
                        if item.default.is_some() {
                            item.default = Some(parse_quote!({}));
                        }
                    }
                    syn::TraitItem::Type(item) => told(&mut item.attrs),
                    _ => {}
                }
            }
        }
        Item::Type(item) => told(&mut item.attrs),
        Item::Impl(item) => {
            told(&mut item.attrs);
            for item in &mut item.items {
                match item {
                    ImplItem::Fn(item) => {
                        told(&mut item.attrs);
                        item.block = parse_quote!({});
                    }
                    ImplItem::Const(item) => {
                        told(&mut item.attrs);
                        item.expr = parse_quote!(_);
                    }
                    _ => {}
                }
            }
        }
        _ => {}
    }
}

/// Keeps the attributes that others build on.
fn told(attributes: &mut Vec<Attribute>) {
    let kept = ["derive", "must_use", "non_exhaustive"];
    attributes.retain(|attribute| kept.iter().any(|name| attribute.path().is_ident(name)));
}

fn public_fields(fields: &mut Fields) {
    match fields {
        Fields::Named(fields) => {
            let all = std::mem::take(&mut fields.named);
            let public = all
                .into_iter()
                .filter(|field| matches!(field.vis, Visibility::Public(_)));
            fields.named = public.collect();
            fields.named.iter_mut().for_each(|field| told(&mut field.attrs));
        }
        // Private by position: that there is something is all that shows.
        Fields::Unnamed(_) => *fields = Fields::Unnamed(parse_quote!((_))),
        Fields::Unit => {}
    }
}
