//! Blocks, and the body that schemas and blocks share.

use super::{Attribute, Kind, Nesting, attribute::Description, level::Level, rule::Rule};
use crate::value::Type;

/// Attributes and block types: what stands between two braces.
#[derive(Clone, Debug, Default)]
pub(crate) struct Body {
    pub(crate) attributes: Vec<(String, Attribute)>,
    pub(crate) blocks: Vec<(String, Block)>,
    pub(crate) description: Description,
    pub(crate) deprecated: Option<String>,
    /// Rules for the whole body.
    pub(crate) rules: Vec<Rule>,
}

impl Body {
    pub(crate) fn implied_type(&self) -> Type {
        let attributes = self
            .attributes
            .iter()
            .map(|(name, attribute)| (name.as_str(), attribute.implied_type()));
        let blocks = self
            .blocks
            .iter()
            .map(|(name, block)| (name.as_str(), block.implied_type()));
        Type::object(attributes.chain(blocks))
    }

    pub(crate) fn level(&self) -> Level<'_> {
        Level {
            attributes: &self.attributes,
            blocks: &self.blocks,
        }
    }

    /// Rules that are none, such as patterns that cannot be compiled, with their attributes' names.
    pub(crate) fn broken_rules(&self) -> Vec<String> {
        let mut broken: Vec<String> = self.rules.iter().flat_map(Rule::broken).collect();
        broken_rules(&self.attributes, &mut broken);
        for (name, block) in &self.blocks {
            broken.extend(named(name, &block.rules));
            broken.extend(block.body.broken_rules());
        }
        broken
    }
}

fn named(name: &str, rules: &[Rule]) -> impl Iterator<Item = String> {
    rules
        .iter()
        .flat_map(Rule::broken)
        .map(move |why| format!("{name}: {why}"))
}

fn broken_rules(attributes: &[(String, Attribute)], broken: &mut Vec<String>) {
    for (name, attribute) in attributes {
        broken.extend(named(name, &attribute.rules));
        if let Kind::Nested(_, inner) = &attribute.kind {
            broken_rules(inner, broken);
        }
    }
}

/// A block type. Nested attributes do all that blocks do and more; blocks are for what users know as blocks,
/// such as `timeouts`.
#[derive(Clone, Debug)]
pub struct Block {
    pub(crate) nesting: BlockNesting,
    pub(crate) body: Body,
    pub(crate) min: i64,
    pub(crate) max: i64,
    pub(crate) computed: bool,
    pub(crate) replace: bool,
    /// Rules for all blocks of the type together.
    pub(crate) rules: Vec<Rule>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum BlockNesting {
    Single,
    Group,
    List,
    Set,
    Map,
}

impl Block {
    fn new(nesting: BlockNesting) -> Self {
        Self {
            nesting,
            body: Body::default(),
            min: 0,
            max: 0,
            computed: false,
            replace: false,
            rules: Vec::new(),
        }
    }

    /// At most one block; null where there is none.
    pub fn single() -> Self {
        Self::new(BlockNesting::Single)
    }

    /// At most one block; where there is none, its attributes are null.
    pub fn group() -> Self {
        Self::new(BlockNesting::Group)
    }

    /// Any number of blocks, in order.
    pub fn list() -> Self {
        Self::new(BlockNesting::List)
    }

    /// Any number of blocks, without order.
    pub fn set() -> Self {
        Self::new(BlockNesting::Set)
    }

    /// Blocks with a label each.
    pub fn map() -> Self {
        Self::new(BlockNesting::Map)
    }

    /// At least so many blocks of a list or set; 1 makes a single block required.
    #[must_use]
    pub fn min(mut self, blocks: u32) -> Self {
        self.min = blocks.into();
        if self.nesting == BlockNesting::Single {
            self.max = self.min;
        }
        self
    }

    /// At most so many blocks of a list or set; 0 is no limit.
    #[must_use]
    pub fn max(mut self, blocks: u32) -> Self {
        self.max = blocks.into();
        self
    }

    /// The provider makes the blocks, where the configuration has none. All within must be computed, and no
    /// number of blocks be required.
    ///
    /// Hosts before Terraform 1.16, and OpenTofu, cannot hold such blocks: there, the framework leaves them out of
    /// plan and state, whatever the provider records.
    #[must_use]
    pub fn computed(mut self) -> Self {
        self.computed = true;
        self
    }

    /// A change of the blocks, of their number or of anything in them, replaces the resource.
    #[must_use]
    pub fn replace(mut self) -> Self {
        self.replace = true;
        self
    }

    /// Adds a rule for all blocks of the type together, such as [`Rule::is_required`] or [`Rule::each`].
    #[must_use]
    pub fn rule(mut self, rule: Rule) -> Self {
        self.rules.push(rule);
        self
    }

    /// What it is, in markdown.
    #[must_use]
    pub fn describe(mut self, markdown: &str) -> Self {
        self.body.description = Description::markdown(markdown);
        self
    }

    /// What it is, in plain text.
    #[must_use]
    pub fn describe_plain(mut self, text: &str) -> Self {
        self.body.description = Description::plain(text);
        self
    }

    /// Marks it as deprecated: what to use instead.
    #[must_use]
    pub fn deprecated(mut self, message: &str) -> Self {
        self.body.deprecated = Some(message.to_owned());
        self
    }

    /// Adds an attribute.
    #[must_use]
    pub fn attr(mut self, name: &str, attribute: Attribute) -> Self {
        self.body.attributes.push((name.to_owned(), attribute));
        self
    }

    /// Adds a block type within this one.
    #[must_use]
    pub fn block(mut self, name: &str, block: Block) -> Self {
        self.body.blocks.push((name.to_owned(), block));
        self
    }

    /// What is within, and how often; a group is a single one that is always there.
    pub(crate) fn level(&self) -> (Nesting, Level<'_>) {
        let nesting = match self.nesting {
            BlockNesting::Single | BlockNesting::Group => Nesting::Single,
            BlockNesting::List => Nesting::List,
            BlockNesting::Set => Nesting::Set,
            BlockNesting::Map => Nesting::Map,
        };
        (nesting, self.body.level())
    }

    pub(crate) fn implied_type(&self) -> Type {
        let object = self.body.implied_type();
        match self.nesting {
            BlockNesting::Single | BlockNesting::Group => object,
            BlockNesting::List => Type::list(object),
            BlockNesting::Set => Type::set(object),
            BlockNesting::Map => Type::map(object),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Core takes a single block for required where both limits are 1; of a list the least says nothing of the most.
    #[test]
    fn the_least_is_the_most_of_a_single_block_alone() {
        let limits = |block: Block| (block.min, block.max);
        assert_eq!(limits(Block::single().min(1)), (1, 1));
        assert_eq!(limits(Block::list().min(2)), (2, 0));
        assert_eq!(limits(Block::set().min(1).max(3)), (1, 3));
    }
}
