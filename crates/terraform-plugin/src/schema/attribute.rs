//! Attributes, plain and nested, and their modifiers.

use std::ops::RangeBounds;

use super::rule::Rule;
use crate::{
    diagnostic::Outcome,
    value::{Type, Value},
};

/// An attribute: what it holds, who sets it, and which values it takes.
///
/// Exactly one of [`required`](Self::required), [`optional`](Self::optional), [`computed`](Self::computed),
/// or the last two together, must be called.
#[derive(Clone, Debug)]
pub struct Attribute {
    pub(crate) kind: Kind,
    pub(crate) required: bool,
    pub(crate) optional: bool,
    pub(crate) computed: bool,
    pub(crate) sensitive: bool,
    pub(crate) write_only: bool,
    pub(crate) replace: bool,
    pub(crate) description: String,
    pub(crate) deprecated: Option<String>,
    pub(crate) rules: Vec<Rule>,
}

#[derive(Clone, Debug)]
pub(crate) enum Kind {
    Plain(Type),
    Nested(Nesting, Vec<(String, Attribute)>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Nesting {
    Single,
    List,
    Set,
    Map,
}

/// A string.
pub fn string() -> Attribute {
    Attribute::new(Kind::Plain(Type::String))
}

/// A number of any size.
pub fn number() -> Attribute {
    Attribute::new(Kind::Plain(Type::Number))
}

/// True or false.
pub fn boolean() -> Attribute {
    Attribute::new(Kind::Plain(Type::Bool))
}

/// A value of any type.
pub fn dynamic() -> Attribute {
    Attribute::new(Kind::Plain(Type::Dynamic))
}

/// Elements of one type, in order.
pub fn list(element: Type) -> Attribute {
    Attribute::new(Kind::Plain(Type::list(element)))
}

/// Elements of one type, each once.
pub fn set(element: Type) -> Attribute {
    Attribute::new(Kind::Plain(Type::set(element)))
}

/// Elements of one type by key.
pub fn map(element: Type) -> Attribute {
    Attribute::new(Kind::Plain(Type::map(element)))
}

/// An object whose attributes have a type and nothing more; see [`single`] for one whose attributes are
/// described.
pub fn object<'a>(attributes: impl IntoIterator<Item = (&'a str, Type)>) -> Attribute {
    Attribute::new(Kind::Plain(Type::object(attributes)))
}

/// A fixed number of elements, each of its own type.
pub fn tuple(elements: impl IntoIterator<Item = Type>) -> Attribute {
    Attribute::new(Kind::Plain(Type::tuple(elements)))
}

/// One nested object.
pub fn single<'a>(attributes: impl IntoIterator<Item = (&'a str, Attribute)>) -> Attribute {
    Attribute::nested(Nesting::Single, attributes)
}

/// A list of nested objects.
pub fn list_nested<'a>(attributes: impl IntoIterator<Item = (&'a str, Attribute)>) -> Attribute {
    Attribute::nested(Nesting::List, attributes)
}

/// A set of nested objects.
pub fn set_nested<'a>(attributes: impl IntoIterator<Item = (&'a str, Attribute)>) -> Attribute {
    Attribute::nested(Nesting::Set, attributes)
}

/// Nested objects by key.
pub fn map_nested<'a>(attributes: impl IntoIterator<Item = (&'a str, Attribute)>) -> Attribute {
    Attribute::nested(Nesting::Map, attributes)
}

impl Attribute {
    fn new(kind: Kind) -> Self {
        Self {
            kind,
            required: false,
            optional: false,
            computed: false,
            sensitive: false,
            write_only: false,
            replace: false,
            description: String::new(),
            deprecated: None,
            rules: Vec::new(),
        }
    }

    fn nested<'a>(nesting: Nesting, attributes: impl IntoIterator<Item = (&'a str, Attribute)>) -> Self {
        let attributes = attributes
            .into_iter()
            .map(|(name, attribute)| (name.to_owned(), attribute))
            .collect();
        Self::new(Kind::Nested(nesting, attributes))
    }

    /// An attribute of that type, whatever it is.
    pub(crate) fn plain(ty: Type) -> Self {
        Self::new(Kind::Plain(ty))
    }

    fn rule(mut self, rule: Rule) -> Self {
        self.rules.push(rule);
        self
    }

    /// The configuration must set it; null is refused.
    #[must_use]
    pub fn required(mut self) -> Self {
        self.required = true;
        self
    }

    /// The configuration may set it.
    #[must_use]
    pub fn optional(mut self) -> Self {
        self.optional = true;
        self
    }

    /// The provider sets it, where the configuration does not.
    #[must_use]
    pub fn computed(mut self) -> Self {
        self.computed = true;
        self
    }

    /// Hidden in what is shown, yet in the state.
    #[must_use]
    pub fn sensitive(mut self) -> Self {
        self.sensitive = true;
        self
    }

    /// Only the configuration holds it, never the state or a plan (Terraform 1.11, OpenTofu 1.11 and later).
    #[must_use]
    pub fn write_only(mut self) -> Self {
        self.write_only = true;
        self
    }

    /// A change of it replaces the resource.
    #[must_use]
    pub fn replace(mut self) -> Self {
        self.replace = true;
        self
    }

    /// What it is, in markdown.
    #[must_use]
    pub fn describe(mut self, markdown: &str) -> Self {
        self.description = markdown.to_owned();
        self
    }

    /// Marks it as deprecated: what to use instead.
    #[must_use]
    pub fn deprecated(mut self, message: &str) -> Self {
        self.deprecated = Some(message.to_owned());
        self
    }

    /// The string, or each element of a collection of strings, matches `pattern` (of the regex crate; anchor
    /// it). `words` says what it must look like: "must be …". The pattern is compiled when it is first
    /// needed.
    #[must_use]
    pub fn matches(self, pattern: &str, words: &str) -> Self {
        self.rule(Rule::matches(pattern, words))
    }

    /// Each key of the map matches `pattern`; see [`matches`](Self::matches).
    #[must_use]
    pub fn keys_match(self, pattern: &str, words: &str) -> Self {
        self.rule(Rule::keys_match(pattern, words))
    }

    /// How many characters the string, or how many elements the collection has.
    #[must_use]
    pub fn length(self, range: impl RangeBounds<usize>) -> Self {
        self.rule(Rule::length(range))
    }

    /// The number is within the range.
    #[must_use]
    pub fn between(self, range: impl RangeBounds<i64>) -> Self {
        self.rule(Rule::between(range))
    }

    /// The string, or each element of a collection of strings, is one of these.
    #[must_use]
    pub fn one_of<'a>(self, values: impl IntoIterator<Item = &'a str>) -> Self {
        self.rule(Rule::OneOf(values.into_iter().map(str::to_owned).collect()))
    }

    /// A check of one's own. It sees only values that are known and not null, though their elements may be
    /// either; the paths of its diagnostics begin at the attribute.
    #[must_use]
    pub fn validate(self, check: impl Fn(&Value) -> Outcome + Send + Sync + 'static) -> Self {
        self.rule(Rule::custom(check))
    }

    /// The type of its values.
    pub(crate) fn implied_type(&self) -> Type {
        match &self.kind {
            Kind::Plain(ty) => ty.clone(),
            Kind::Nested(nesting, attributes) => {
                let object = Type::object(
                    attributes
                        .iter()
                        .map(|(name, attr)| (name.as_str(), attr.implied_type())),
                );
                match nesting {
                    Nesting::Single => object,
                    Nesting::List => Type::list(object),
                    Nesting::Set => Type::set(object),
                    Nesting::Map => Type::map(object),
                }
            }
        }
    }
}
