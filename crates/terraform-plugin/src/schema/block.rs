//! Blocks, and the body that schemas and blocks share.

use super::{Attribute, Kind, rule::Rule};
use crate::value::Type;

/// Attributes and block types: what stands between two braces.
#[derive(Clone, Debug, Default)]
pub(crate) struct Body {
    pub(crate) attributes: Vec<(String, Attribute)>,
    pub(crate) blocks: Vec<(String, Block)>,
    pub(crate) description: String,
    pub(crate) deprecated: Option<String>,
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

    /// Patterns that cannot be compiled, with their attributes' names.
    pub(crate) fn broken_patterns(&self) -> Vec<String> {
        let mut broken = Vec::new();
        broken_patterns(&self.attributes, &mut broken);
        broken.extend(
            self.blocks
                .iter()
                .flat_map(|(_, block)| block.body.broken_patterns()),
        );
        broken
    }
}

fn broken_patterns(attributes: &[(String, Attribute)], broken: &mut Vec<String>) {
    for (name, attribute) in attributes {
        for pattern in attribute.rules.iter().filter_map(Rule::pattern) {
            broken.extend(pattern.regex().err().map(|err| format!("{name}: {err}")));
        }
        if let Kind::Nested(_, inner) = &attribute.kind {
            broken_patterns(inner, broken);
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

    /// What it is, in markdown.
    #[must_use]
    pub fn describe(mut self, markdown: &str) -> Self {
        self.body.description = markdown.to_owned();
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
