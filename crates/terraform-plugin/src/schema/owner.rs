//! What a schema belongs to, and the rules that come with that.

use std::fmt;

use super::{Attribute, Block, BlockNesting, Body, Kind, Nesting, Schema, Violation};
use crate::{path::Path, value::Type};

/// What a schema, or a signature, belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Owner {
    Provider,
    Resource,
    DataSource,
    EphemeralResource,
    ListResource,
    Action,
    Function,
}

impl Owner {
    /// What it is called in messages. Managed resources are what one speaks of where nothing else is said.
    pub(crate) fn of(self, name: &str) -> String {
        match self {
            Self::Resource => name.to_owned(),
            Self::Provider => self.to_string(),
            _ => format!("{self} {name}"),
        }
    }
}

impl Owner {
    /// All of them, at the beginning of a sentence.
    pub(crate) fn plural(self) -> &'static str {
        match self {
            Self::Provider => "Providers",
            Self::Resource => "Resources",
            Self::DataSource => "Data sources",
            Self::EphemeralResource => "Ephemeral resources",
            Self::ListResource => "List resources",
            Self::Action => "Actions",
            Self::Function => "Functions",
        }
    }
}

impl fmt::Display for Owner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Provider => "provider",
            Self::Resource => "resource",
            Self::DataSource => "data source",
            Self::EphemeralResource => "ephemeral resource",
            Self::ListResource => "list resource",
            Self::Action => "action",
            Self::Function => "function",
        })
    }
}

/// Arguments of core's own in the block of a resource or a data source (core's configuration language; the
/// framework of HashiCorp refuses them too).
const OF_RESOURCES: &[&str] = &[
    "connection",
    "count",
    "depends_on",
    "for_each",
    "lifecycle",
    "provider",
    "provisioner",
];
/// The same for a provider block.
const OF_PROVIDERS: &[&str] = &["alias", "version"];

/// The rules that a schema breaks because of what it belongs to, beyond those of every schema.
pub(crate) fn check(owner: Owner, name: &str, schema: &Schema) -> Vec<Violation> {
    let mut checks = Checks {
        owner,
        name: owner.of(name),
        found: Vec::new(),
    };
    let reserved = match owner {
        Owner::Resource | Owner::DataSource | Owner::EphemeralResource => OF_RESOURCES,
        Owner::Provider => OF_PROVIDERS,
        // Their arguments stand in a block `config` of their own.
        Owner::ListResource | Owner::Action | Owner::Function => &[],
    };
    let attributes = schema.body.attributes.iter().map(|(name, _)| name);
    let blocks = schema.body.blocks.iter().map(|(name, _)| name);
    for name in attributes
        .chain(blocks)
        .filter(|name| reserved.contains(&name.as_str()))
    {
        checks.add(
            &Path::root().then(name),
            "the name is one of Terraform's own arguments",
        );
    }
    if owner != Owner::Resource {
        if schema.version() > 0 {
            checks.add(
                &Path::root(),
                "only the schema of a managed resource has a version",
            );
        }
        checks.body(&schema.body, &Path::root());
    }
    checks.found
}

struct Checks {
    owner: Owner,
    name: String,
    found: Vec<Violation>,
}

impl Checks {
    fn add(&mut self, path: &Path, rule: impl Into<String>) {
        self.found.push(Violation {
            path: path.clone(),
            ..Violation::of(&self.name, rule)
        });
    }

    fn body(&mut self, body: &Body, at: &Path) {
        self.attributes(&body.attributes, at);
        for (name, block) in &body.blocks {
            self.block(block, &at.then(name));
        }
    }

    fn block(&mut self, block: &Block, here: &Path) {
        if block.nesting == BlockNesting::Set {
            self.set(here);
        }
        self.body(&block.body, here);
    }

    fn attributes(&mut self, attributes: &[(String, Attribute)], at: &Path) {
        for (name, attribute) in attributes {
            self.attribute(attribute, &at.then(name));
        }
    }

    fn attribute(&mut self, attribute: &Attribute, here: &Path) {
        let owner = self.owner;
        if !attribute.replace.is_empty() {
            self.add(here, "only managed resources are replaced");
        }
        if !attribute.modifiers.is_empty() || attribute.default.is_some() || attribute.has_own_same() {
            let rule = "only the plans of managed resources have defaults, modifiers and semantic equality";
            self.add(here, rule);
        }
        if attribute.write_only && owner != Owner::Action {
            self.add(
                here,
                "only managed resources and actions have write-only attributes",
            );
        }
        let of_what = match owner {
            Owner::Provider => Some("a provider"),
            Owner::ListResource => Some("a list resource"),
            Owner::Action => Some("an action"),
            Owner::Resource | Owner::DataSource | Owner::EphemeralResource | Owner::Function => None,
        };
        if let (true, Some(of_what)) = (attribute.computed, of_what) {
            self.add(
                here,
                format!("the configuration of {of_what} has no computed attributes"),
            );
        }
        match &attribute.kind {
            Kind::Plain(ty) if has_set(ty) => self.set(here),
            Kind::Plain(_) => {}
            Kind::Nested(nesting, inner) => {
                if *nesting == Nesting::Set {
                    self.set(here);
                }
                self.attributes(inner, here);
            }
        }
    }

    /// Configurations of list resources hold no sets (terraform-plugin-framework offers none there).
    fn set(&mut self, here: &Path) {
        if self.owner == Owner::ListResource {
            self.add(
                here,
                "the configuration of a list resource has no sets; use a list",
            );
        }
    }
}

fn has_set(ty: &Type) -> bool {
    match ty {
        Type::Set(_) => true,
        Type::Bool | Type::Number | Type::String | Type::Dynamic => false,
        Type::List(element) | Type::Map(element) => has_set(element),
        Type::Object(attributes) => attributes.values().any(has_set),
        Type::Tuple(elements) => elements.iter().any(has_set),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::{Block, set, string};

    fn rules(owner: Owner) -> Vec<String> {
        let schema = Schema::new(1)
            .attr("count", string().optional())
            .attr("alias", string().optional().replace())
            .attr("id", string().computed())
            .attr("secret_wo", string().optional().write_only())
            .attr("names", set(Type::String).optional())
            .block("rule", Block::set());
        check(owner, "x_thing", &schema)
            .iter()
            .map(ToString::to_string)
            .collect()
    }

    #[test]
    fn each_kind_has_its_own_subset() {
        assert_eq!(
            rules(Owner::Resource),
            ["x_thing, count: the name is one of Terraform's own arguments"]
        );
        assert_eq!(
            rules(Owner::DataSource),
            [
                "data source x_thing, count: the name is one of Terraform's own arguments",
                "data source x_thing: only the schema of a managed resource has a version",
                "data source x_thing, alias: only managed resources are replaced",
                "data source x_thing, secret_wo: only managed resources and actions have write-only attributes",
            ]
        );
        assert_eq!(
            rules(Owner::ListResource),
            [
                "list resource x_thing: only the schema of a managed resource has a version",
                "list resource x_thing, alias: only managed resources are replaced",
                "list resource x_thing, id: the configuration of a list resource has no computed attributes",
                "list resource x_thing, secret_wo: only managed resources and actions have write-only attributes",
                "list resource x_thing, names: the configuration of a list resource has no sets; use a list",
                "list resource x_thing, rule: the configuration of a list resource has no sets; use a list",
            ]
        );
        assert_eq!(
            rules(Owner::Action),
            [
                "action x_thing: only the schema of a managed resource has a version",
                "action x_thing, alias: only managed resources are replaced",
                "action x_thing, id: the configuration of an action has no computed attributes",
            ]
        );
        assert_eq!(
            rules(Owner::Provider)[0],
            "provider, alias: the name is one of Terraform's own arguments"
        );
    }
}
