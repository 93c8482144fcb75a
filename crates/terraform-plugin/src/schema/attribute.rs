//! Attributes, plain and nested, and their modifiers.

use std::ops::RangeBounds;

use super::{
    default::Default,
    level::Level,
    modifier::{AttributePlan, Change, Modifier, Replace},
    rule::{NumberFormat, Rule},
    same::Same,
};
use crate::{
    diagnostic::Outcome,
    expr::PathExpr,
    value::{Number, Type, Value},
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
    pub(crate) replace: Vec<Replace>,
    pub(crate) modifiers: Vec<Modifier>,
    pub(crate) default: Option<Default>,
    pub(crate) same: Option<Same>,
    pub(crate) description: Description,
    pub(crate) deprecated: Option<String>,
    pub(crate) rules: Vec<Rule>,
}

/// What something is, in words.
#[derive(Clone, Debug, std::default::Default)]
pub(crate) struct Description {
    pub(crate) text: String,
    /// Whether the text is no markdown.
    pub(crate) plain: bool,
}

impl Description {
    pub(super) fn markdown(text: &str) -> Self {
        Self {
            text: text.to_owned(),
            plain: false,
        }
    }

    pub(super) fn plain(text: &str) -> Self {
        Self {
            text: text.to_owned(),
            plain: true,
        }
    }
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

/// A whole number of 32 bits; what does not fit is refused.
pub fn int32() -> Attribute {
    number().rule(Rule::fits(NumberFormat::Int32))
}

/// A whole number of 64 bits; what does not fit is refused.
pub fn int64() -> Attribute {
    number().rule(Rule::fits(NumberFormat::Int64))
}

/// A number within the range of 32-bit floating point; what does not fit is refused. Numbers whose nearest floats are the
/// same mean the same ([`same_if`](Attribute::same_if)), since core computes with more digits than it stores.
pub fn float32() -> Attribute {
    Attribute {
        same: Some(Same::Float32),
        ..number().rule(Rule::fits(NumberFormat::Float32))
    }
}

/// A number within the range of 64-bit floating point; what does not fit is refused. Numbers whose nearest floats are the
/// same mean the same ([`same_if`](Attribute::same_if)), since core computes with more digits than it stores: `1 / 3` has
/// 155 of them in a configuration and `log(10, 2)` another number after it was stored.
pub fn float64() -> Attribute {
    Attribute {
        same: Some(Same::Float64),
        ..number().rule(Rule::fits(NumberFormat::Float64))
    }
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
            replace: Vec::new(),
            modifiers: Vec::new(),
            default: None,
            same: None,
            description: Description::default(),
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

    /// A change of it replaces the resource. Within a set, the set is what is said to replace it.
    ///
    /// Within a nested attribute or a block this goes for objects that stay: one that comes, goes or is not known yet
    /// replaces the resource where the nested attribute or block itself says so.
    #[must_use]
    pub fn replace(mut self) -> Self {
        self.replace.push(Replace::Always);
        self
    }

    /// A change of it replaces the resource, if the configuration sets it.
    #[must_use]
    pub fn replace_if_configured(mut self) -> Self {
        self.replace.push(Replace::IfConfigured);
        self
    }

    /// A change of it replaces the resource, if `condition` says so of the change.
    ///
    /// ```
    /// use terraform_plugin::schema::{Change, int64};
    ///
    /// fn shrinks(change: &Change<'_>) -> bool {
    ///     change.planned() < change.prior()
    /// }
    /// let size = int64().required().replace_if(shrinks);
    /// ```
    #[must_use]
    pub fn replace_if(mut self, condition: impl Fn(&Change<'_>) -> bool + Send + Sync + 'static) -> Self {
        self.replace.push(Replace::when(condition));
        self
    }

    /// Plans the prior value, null included, where a plan would otherwise leave it unknown: for what never
    /// changes once it was computed. An object that is new in a list, set or map has no prior values.
    #[must_use]
    pub fn keep_prior(self) -> Self {
        self.modifier(Modifier::KeepPrior)
    }

    /// [`keep_prior`](Self::keep_prior), unless the prior value is null: for what is computed at some later
    /// time and never changes then.
    #[must_use]
    pub fn keep_prior_unless_null(self) -> Self {
        self.modifier(Modifier::KeepPriorUnlessNull)
    }

    /// Plans the attribute by code of one's own. All such modifiers run before
    /// [`Resource::plan`](crate::Resource::plan), in the order in which they were added, an attribute's before those
    /// of the attributes within it; not on a destroy.
    #[must_use]
    pub fn plan(self, modify: impl Fn(&mut AttributePlan<'_>) -> Outcome + Send + Sync + 'static) -> Self {
        self.modifier(Modifier::custom(modify))
    }

    fn modifier(mut self, modifier: Modifier) -> Self {
        self.modifiers.push(modifier);
        self
    }

    /// The value where the configuration has none. The attribute must be optional and computed. Object attributes that are
    /// left out are null; computed attributes of nested ones are for the provider to set then.
    ///
    /// Two elements of a set attribute that are the same once it is in are refused when the configuration is validated, since
    /// a set holds each once and Terraform wants as many as are configured. Two such blocks are one.
    #[must_use]
    pub fn default(mut self, value: impl Into<Value>) -> Self {
        self.default = Some(Default::value(value.into(), &self.implied_type()));
        self
    }

    /// [`default`](Self::default), made when it is needed. It must always make the same value, or a plan could
    /// not be kept.
    #[must_use]
    pub fn default_with(mut self, make: impl Fn() -> Value + Send + Sync + 'static) -> Self {
        self.default = Some(Default::make(make));
        self
    }

    /// Semantic equality: whether a value of the attribute means the same as the one before. Where it does,
    /// the text before is kept: the prior state's in a plan and after a read, the plan's after create and
    /// update. Called with values that are known and not null.
    ///
    /// A resource needs it where its model keeps a text as what it means, and may write it otherwise than it was configured:
    /// an address, a moment. Where the model does so with a text of a kind that this crate knows (durations, JSON, moments,
    /// addresses, URLs, UUIDs, upper case, spaces), a schema that lacks it is told when the provider starts. Of other kinds
    /// nobody knows how else they are written before a user does, and only then a plan differs from the configuration.
    #[must_use]
    pub fn same_if(mut self, same: impl Fn(&Value, &Value) -> bool + Send + Sync + 'static) -> Self {
        self.same = Some(Same::custom(same));
        self
    }

    /// [`same_if`](Self::same_if) both are the same JSON document, whatever the order of keys, the spaces and
    /// the way in which numbers are written. In a collection, each string is a document.
    #[must_use]
    pub fn same_json(mut self) -> Self {
        self.same = Some(Same::Json);
        self
    }

    /// [`same_if`](Self::same_if) both differ in upper and lower case only. In a collection, this goes for
    /// each string.
    #[must_use]
    pub fn same_any_case(mut self) -> Self {
        self.same = Some(Same::AnyCase);
        self
    }

    /// [`same_if`](Self::same_if) both are the same moment, as RFC 3339 writes them, in whatever time zone. In a
    /// collection, each string is a moment.
    #[must_use]
    pub fn same_time(mut self) -> Self {
        self.same = Some(Same::Time);
        self
    }

    /// What it is, in markdown.
    #[must_use]
    pub fn describe(mut self, markdown: &str) -> Self {
        self.description = Description::markdown(markdown);
        self
    }

    /// What it is, in plain text.
    #[must_use]
    pub fn describe_plain(mut self, text: &str) -> Self {
        self.description = Description::plain(text);
        self
    }

    /// Marks it as deprecated: what to use instead.
    #[must_use]
    pub fn deprecated(mut self, message: &str) -> Self {
        self.deprecated = Some(message.to_owned());
        self
    }

    /// Adds a rule for its values; the methods below are short for the most usual ones.
    #[must_use]
    pub fn rule(mut self, rule: Rule) -> Self {
        for other in &mut self.rules {
            other.learn_range_of(&rule);
        }
        self.rules.push(rule);
        self
    }

    /// [`Rule::matches`].
    #[must_use]
    pub fn matches(self, pattern: &str, words: &str) -> Self {
        self.rule(Rule::matches(pattern, words))
    }

    /// [`Rule::does_not_match`].
    #[must_use]
    pub fn does_not_match(self, pattern: &str, words: &str) -> Self {
        self.rule(Rule::does_not_match(pattern, words))
    }

    /// Each key of the map matches `pattern`; see [`matches`](Self::matches).
    #[must_use]
    pub fn keys_match(self, pattern: &str, words: &str) -> Self {
        self.keys([Rule::matches(pattern, words)])
    }

    /// [`Rule::length`].
    #[must_use]
    pub fn length(self, range: impl RangeBounds<usize>) -> Self {
        self.rule(Rule::length(range))
    }

    /// [`Rule::bytes`].
    #[must_use]
    pub fn bytes(self, range: impl RangeBounds<usize>) -> Self {
        self.rule(Rule::bytes(range))
    }

    /// [`Rule::between`].
    #[must_use]
    pub fn between<N: Clone + TryInto<Number>>(self, range: impl RangeBounds<N>) -> Self {
        self.rule(Rule::between(range))
    }

    /// [`Rule::one_of`].
    #[must_use]
    pub fn one_of<V: Into<Value>>(self, values: impl IntoIterator<Item = V>) -> Self {
        self.rule(Rule::one_of(values))
    }

    /// [`Rule::none_of`].
    #[must_use]
    pub fn none_of<V: Into<Value>>(self, values: impl IntoIterator<Item = V>) -> Self {
        self.rule(Rule::none_of(values))
    }

    /// [`Rule::one_of_any_case`].
    #[must_use]
    pub fn one_of_any_case<'a>(self, values: impl IntoIterator<Item = &'a str>) -> Self {
        self.rule(Rule::one_of_any_case(values))
    }

    /// [`Rule::none_of_any_case`].
    #[must_use]
    pub fn none_of_any_case<'a>(self, values: impl IntoIterator<Item = &'a str>) -> Self {
        self.rule(Rule::none_of_any_case(values))
    }

    /// Its only value: [`Rule::one_of`] with one.
    #[must_use]
    pub fn equals(self, value: impl Into<Value>) -> Self {
        self.rule(Rule::one_of([value]))
    }

    /// [`Rule::unique`].
    #[must_use]
    pub fn unique(self) -> Self {
        self.rule(Rule::unique())
    }

    /// [`Rule::no_nulls`].
    #[must_use]
    pub fn no_nulls(self) -> Self {
        self.rule(Rule::no_nulls())
    }

    /// [`Rule::not_empty`].
    #[must_use]
    pub fn not_empty(self) -> Self {
        self.rule(Rule::not_empty())
    }

    /// [`Rule::each`].
    #[must_use]
    pub fn each(self, rules: impl IntoIterator<Item = Rule>) -> Self {
        self.rule(Rule::each(rules))
    }

    /// [`Rule::keys`].
    #[must_use]
    pub fn keys(self, rules: impl IntoIterator<Item = Rule>) -> Self {
        self.rule(Rule::keys(rules))
    }

    /// [`Rule::conflicting`]: cannot be set together with any of these.
    #[must_use]
    pub fn conflicts_with<E: Into<PathExpr>>(self, paths: impl IntoIterator<Item = E>) -> Self {
        self.rule(Rule::conflicting(paths))
    }

    /// [`Rule::requires`]: needs all of these.
    #[must_use]
    pub fn requires<E: Into<PathExpr>>(self, paths: impl IntoIterator<Item = E>) -> Self {
        self.rule(Rule::requires(paths))
    }

    /// [`Rule::requires_one_of`]: needs one of these at least.
    #[must_use]
    pub fn requires_one_of<E: Into<PathExpr>>(self, paths: impl IntoIterator<Item = E>) -> Self {
        self.rule(Rule::requires_one_of(paths))
    }

    /// [`Rule::exactly_one_of`]: of it and these.
    #[must_use]
    pub fn exactly_one_of<E: Into<PathExpr>>(self, paths: impl IntoIterator<Item = E>) -> Self {
        self.rule(Rule::exactly_one_of(paths))
    }

    /// [`Rule::at_least_one_of`]: of it and these.
    #[must_use]
    pub fn at_least_one_of<E: Into<PathExpr>>(self, paths: impl IntoIterator<Item = E>) -> Self {
        self.rule(Rule::at_least_one_of(paths))
    }

    /// [`Rule::prefer_write_only`].
    #[must_use]
    pub fn prefer_write_only(self, path: impl Into<PathExpr>) -> Self {
        self.rule(Rule::prefer_write_only(path))
    }

    /// [`Rule::custom`].
    #[must_use]
    pub fn validate(self, check: impl Fn(&Value) -> Outcome + Send + Sync + 'static) -> Self {
        self.rule(Rule::custom(check))
    }

    /// Whether the author said when two of its values mean the same.
    pub(crate) fn has_own_same(&self) -> bool {
        self.same.as_ref().is_some_and(|same| !same.is_built_in())
    }

    /// The attributes within it, if it is a nested one.
    pub(crate) fn level(&self) -> Option<(Nesting, Level<'_>)> {
        match &self.kind {
            Kind::Plain(_) => None,
            Kind::Nested(nesting, attributes) => Some((
                *nesting,
                Level {
                    attributes,
                    blocks: &[],
                },
            )),
        }
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
