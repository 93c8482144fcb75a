//! What a provider, a resource and its parts look like: attributes, nested attributes and blocks.
//!
//! ```
//! use terraform_plugin::{Type, schema::{Block, Schema, list, map_nested, string}};
//!
//! let schema = Schema::new(0)
//!     .attr("name", string().required().replace().matches("^[a-z]+$", "lower-case letters"))
//!     .attr("subnet_ids", list(Type::String).optional().length(1..=16))
//!     .attr("destinations", map_nested([("url", string().required()), ("arn", string().computed())]).optional())
//!     .block("timeouts", Block::single().attr("create", string().optional()));
//! ```

mod attribute;
mod block;
mod check;
mod default;
mod fit;
mod level;
mod modifier;
mod owner;
mod rule;
mod same;
mod timeouts;
mod validate;

#[cfg(test)]
pub(crate) use self::modifier::Modifier;
pub use self::timeouts::{duration, timeouts, timeouts_with};
pub use self::{
    attribute::{
        Attribute, boolean, dynamic, float32, float64, int32, int64, list, list_nested, map, map_nested,
        number, object, set, set_nested, single, string, tuple,
    },
    block::Block,
    modifier::{AttributePlan, Change},
    rule::{Here, Rule},
};
pub(crate) use self::{
    attribute::{Description, Kind, Nesting},
    block::{BlockNesting, Body},
    check::{NAMES, Violation, check, is_identifier},
    level::{Child, Level, NOTHING, Rewritten, at_index, at_key, elements, of, within},
    modifier::Whole,
    owner::{Owner, check as check_owner},
    rule::null_element,
    validate::{ConfigCheck, validate},
};
use crate::value::Type;

/// The schema of a provider or a resource.
#[derive(Clone, Debug)]
pub struct Schema {
    version: i64,
    pub(crate) body: Body,
}

impl Schema {
    /// A schema without attributes. The version rises whenever state written by an older one cannot be read
    /// any more; a provider's schema has version 0.
    pub fn new(version: i64) -> Self {
        Self {
            version,
            body: Body::default(),
        }
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

    /// Adds a rule for the whole configuration, such as [`Rule::exactly_one_of`]. Relative paths begin at the
    /// body.
    #[must_use]
    pub fn rule(mut self, rule: Rule) -> Self {
        self.body.rules.push(rule);
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

    /// Adds a block type.
    #[must_use]
    pub fn block(mut self, name: &str, block: Block) -> Self {
        self.body.blocks.push((name.to_owned(), block));
        self
    }

    /// The version.
    pub fn version(&self) -> i64 {
        self.version
    }

    /// The type of the values that fit this schema: an object with all its attributes and blocks.
    pub fn implied_type(&self) -> Type {
        self.body.implied_type()
    }
}
