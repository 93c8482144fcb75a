//! Rules that an attribute's values keep to.

mod across;
mod check;
mod choice;
mod elements;
mod here;
mod limits;
mod misfit;
mod pattern;
mod presence;

use std::{
    fmt,
    ops::{Bound, RangeBounds},
    sync::Arc,
};

pub(crate) use self::check::Subject;
pub(crate) use self::elements::null_element;
pub use self::here::Here;
use self::{
    across::{Across, Relation},
    choice::Choice,
    limits::{NumberRange, ends},
    pattern::Pattern,
};
pub(super) use self::{limits::NumberFormat, misfit::Ground};
use crate::{
    diagnostic::{Diagnostic, Outcome},
    duration::GoDuration,
    expr::PathExpr,
    value::{Number, Value},
};

type Check = dyn Fn(&Here<'_>) -> Outcome + Send + Sync;

/// One rule for an attribute, a block or a whole schema: the same ones that [`Attribute`](super::Attribute) has
/// methods for, to be combined.
///
/// Values that are null or unknown keep to every rule about values. Rules across attributes are put off while
/// their outcome hangs on what is unknown. Messages say what is wrong with what was given, and what to do; of sensitive
/// and write-only attributes they do not show the value.
///
/// Rules about a nested object stand in [`each`](Self::each) of its attribute, and paths in them begin within the
/// object:
///
/// ```
/// use terraform_plugin::schema::{Rule, single, string};
///
/// let key = single([
///     ("name", string().required()),
///     ("value", string().optional().sensitive()),
///     ("value_wo", string().optional().write_only().requires(["value_wo_version"])),
///     ("value_wo_version", string().optional().requires(["value_wo"])),
/// ])
/// .optional()
/// .each([Rule::exactly_one_of(["value", "value_wo"])]);
///
/// let mode = string().optional().rule(
///     Rule::when("ip_address_type", [Rule::one_of(["IPV6"])], [Rule::none_of(["IN_VPC"])])
///         .because("A gateway of the type IPV6 cannot ask the VPC's resolver."),
/// );
/// ```
///
/// ```
/// use terraform_plugin::schema::{Rule, Schema, list, string};
/// use terraform_plugin::Type;
///
/// let schema = Schema::new(0)
///     .attr(
///         "cidrs",
///         list(Type::String).optional().each([Rule::any([
///             Rule::matches("^[0-9.]+/[0-9]+$", "an IPv4 block"),
///             Rule::matches("^[0-9a-f:]+/[0-9]+$", "an IPv6 block"),
///         ])]),
///     )
///     .attr("prefix_list", string().optional())
///     .rule(Rule::exactly_one_of(["cidrs", "prefix_list"]));
/// ```
#[derive(Clone)]
pub struct Rule(Kind);

#[derive(Clone)]
enum Kind {
    /// A string looks like this, or does not.
    Matches {
        pattern: Arc<Pattern>,
        wanted: bool,
    },
    Length(Bound<usize>, Bound<usize>),
    Bytes(Bound<usize>, Bound<usize>),
    Between(Bound<Number>, Bound<Number>),
    /// Of that format; the range is the attribute's own.
    Fits(NumberFormat, Option<NumberRange>),
    Choice(Choice),
    Unique,
    NoNulls,
    NotEmpty,
    Required,
    Absent,
    Each(Vec<Rule>),
    Keys(Vec<Rule>),
    All(Vec<Rule>),
    Any {
        rules: Vec<Rule>,
        all_warnings: bool,
    },
    Across(Across),
    /// The rules hold where the others do for what stands elsewhere.
    When {
        other: PathExpr,
        keeps_to: Vec<Rule>,
        then: Vec<Rule>,
    },
    /// The rules hold where none of the others is set.
    Unless {
        others: Vec<PathExpr>,
        then: Vec<Rule>,
    },
    Because {
        rule: Box<Rule>,
        words: String,
    },
    Custom {
        check: Arc<Check>,
        /// Whether it looks at nothing but the value.
        alone: bool,
    },
    /// What the author wrote makes no rule.
    Broken(String),
}

fn all<E: Into<PathExpr>>(paths: impl IntoIterator<Item = E>) -> Vec<PathExpr> {
    paths.into_iter().map(Into::into).collect()
}

impl Rule {
    /// The string, or each string of a collection, matches `pattern` (of the regex crate; anchor it). `words`
    /// says what it must look like: "must be …". The pattern is compiled when it is first needed.
    pub fn matches(pattern: &str, words: &str) -> Self {
        Self(Kind::Matches {
            pattern: Pattern::new(pattern, words),
            wanted: true,
        })
    }

    /// The string, or each string of a collection, does not match `pattern`. `words` says what it must not look
    /// like: "must not be …".
    pub fn does_not_match(pattern: &str, words: &str) -> Self {
        Self(Kind::Matches {
            pattern: Pattern::new(pattern, words),
            wanted: false,
        })
    }

    /// How many characters the string, or how many elements the collection has.
    pub fn length(range: impl RangeBounds<usize>) -> Self {
        let (from, to) = ends(range);
        Self(Kind::Length(from, to))
    }

    /// How many bytes the string has in UTF-8.
    pub fn bytes(range: impl RangeBounds<usize>) -> Self {
        let (from, to) = ends(range);
        Self(Kind::Bytes(from, to))
    }

    /// The number is within the range. Limits are integers, floats or [`Number`]s.
    pub fn between<N: Clone + TryInto<Number>>(range: impl RangeBounds<N>) -> Self {
        let number = |bound: Bound<N>| match bound {
            Bound::Included(number) => number.try_into().map(Bound::Included),
            Bound::Excluded(number) => number.try_into().map(Bound::Excluded),
            Bound::Unbounded => Ok(Bound::Unbounded),
        };
        let (from, to) = ends(range);
        match (number(from), number(to)) {
            (Ok(from), Ok(to)) => Self(Kind::Between(from, to)),
            _ => Self(Kind::Broken("a limit of its range is no number".to_owned())),
        }
    }

    pub(super) fn duration() -> Self {
        let check = |here: &Here<'_>| match here.value().as_str().map(str::parse::<GoDuration>) {
            Some(Err(err)) => {
                let detail = format!("The value {err}{}.", here.given());
                Err(Diagnostic::error("Invalid duration", detail).into())
            }
            _ => Ok(()),
        };
        Self(Kind::Custom {
            check: Arc::new(check),
            alone: true,
        })
    }

    pub(super) fn fits(format: NumberFormat) -> Self {
        Self(Kind::Fits(format, None))
    }

    /// The range of a number, if it is a rule about that.
    fn range(&self) -> Option<NumberRange> {
        match &self.0 {
            Kind::Between(from, to) => Some((from.clone(), to.clone())),
            Kind::Because { rule, .. } => rule.range(),
            _ => None,
        }
    }

    /// Tells of a number that is not whole also the range that another rule of its attribute has.
    pub(super) fn learn_range_of(&mut self, other: &Self) {
        if let (Kind::Fits(_, within), Some(range)) = (&mut self.0, other.range()) {
            *within = Some(range);
        }
    }

    /// Whether another rule, which was broken, has told all that this one would.
    pub(super) fn is_told_by(&self, broken: &Self) -> bool {
        matches!(&broken.0, Kind::Fits(format, _) if format.is_whole()) && self.range().is_some()
    }

    /// What is so of a value that keeps to it, after "which is".
    fn words(&self) -> Option<String> {
        match &self.0 {
            Kind::Choice(choice) => Some(choice.words()),
            Kind::Matches {
                pattern,
                wanted: true,
            } => Some(pattern.words.clone()),
            Kind::Matches { pattern, .. } => Some(format!("not {}", pattern.words)),
            _ => None,
        }
    }

    fn choice<V: Into<Value>>(values: impl IntoIterator<Item = V>, allowed: bool, any_case: bool) -> Self {
        Self(Kind::Choice(Choice {
            values: values.into_iter().map(Into::into).collect(),
            allowed,
            any_case,
        }))
    }

    /// The string, number or bool, or each one of a collection, is one of these.
    pub fn one_of<V: Into<Value>>(values: impl IntoIterator<Item = V>) -> Self {
        Self::choice(values, true, false)
    }

    /// The string, number or bool, or each one of a collection, is none of these.
    pub fn none_of<V: Into<Value>>(values: impl IntoIterator<Item = V>) -> Self {
        Self::choice(values, false, false)
    }

    /// [`one_of`](Self::one_of), where upper and lower case are the same.
    pub fn one_of_any_case<'a>(values: impl IntoIterator<Item = &'a str>) -> Self {
        Self::choice(values, true, true)
    }

    /// [`none_of`](Self::none_of), where upper and lower case are the same.
    pub fn none_of_any_case<'a>(values: impl IntoIterator<Item = &'a str>) -> Self {
        Self::choice(values, false, true)
    }

    /// No element of the list is there twice.
    pub fn unique() -> Self {
        Self(Kind::Unique)
    }

    /// No element of the collection is null.
    pub fn no_nulls() -> Self {
        Self(Kind::NoNulls)
    }

    /// Something in the object is set, or the collection has an element. An object in which nothing is set often is a
    /// misspelt one: the CLI drops arguments that it does not know inside `{ }` without a word.
    pub fn not_empty() -> Self {
        Self(Kind::NotEmpty)
    }

    /// It is set; of blocks and collections there is at least one. For blocks, which have no `required`, and for
    /// [`when`](Self::when).
    pub fn is_required() -> Self {
        Self(Kind::Required)
    }

    /// It is not set: for [`when`](Self::when).
    pub fn is_absent() -> Self {
        Self(Kind::Absent)
    }

    /// Where what stands at `other` is set and keeps to the rules `keeps_to` (none: where it is set at all), this has
    /// to keep to the rules `then`. Put off while `other` is not wholly known.
    pub fn when(
        other: impl Into<PathExpr>,
        keeps_to: impl IntoIterator<Item = Rule>,
        then: impl IntoIterator<Item = Rule>,
    ) -> Self {
        Self(Kind::When {
            other: other.into(),
            keeps_to: keeps_to.into_iter().collect(),
            then: then.into_iter().collect(),
        })
    }

    /// Where none of what stands at `others` is set, this has to keep to the rules `then`. Put off while one of them is not
    /// known. For what another rule tells already where they are set, so that one mistake is one error:
    ///
    /// ```
    /// use terraform_plugin::schema::{Rule, Schema, string};
    ///
    /// let schema = Schema::new(0)
    ///     .attr("endpoint_id", string().optional())
    ///     .attr(
    ///         "host",
    ///         string().optional().rule(Rule::unless(["endpoint_id"], [Rule::requires(["subnet_id"])])),
    ///     )
    ///     .attr("subnet_id", string().optional())
    ///     .rule(Rule::exactly_one_of(["endpoint_id", "host"]));
    /// ```
    pub fn unless<E: Into<PathExpr>>(
        others: impl IntoIterator<Item = E>,
        then: impl IntoIterator<Item = Rule>,
    ) -> Self {
        Self(Kind::Unless {
            others: all(others),
            then: then.into_iter().collect(),
        })
    }

    /// The same rule, with a sentence that tells the reason after each of its messages.
    #[must_use]
    pub fn because(self, words: &str) -> Self {
        Self(Kind::Because {
            rule: Box::new(self),
            words: words.to_owned(),
        })
    }

    /// Each element of the collection, or the one nested object, keeps to the rules. Where elements are
    /// objects, relative paths begin within the element: `each([Rule::exactly_one_of(["a", "b"])])`.
    pub fn each(rules: impl IntoIterator<Item = Rule>) -> Self {
        Self(Kind::Each(rules.into_iter().collect()))
    }

    /// Each key of the map keeps to the rules, as a string does.
    pub fn keys(rules: impl IntoIterator<Item = Rule>) -> Self {
        Self(Kind::Keys(rules.into_iter().collect()))
    }

    /// All of the rules hold: one of several ways in [`any`](Self::any).
    pub fn all(rules: impl IntoIterator<Item = Rule>) -> Self {
        Self(Kind::All(rules.into_iter().collect()))
    }

    /// One of the rules holds at least. Warnings are those of the first that holds; if none does, all their
    /// errors are told.
    pub fn any(rules: impl IntoIterator<Item = Rule>) -> Self {
        Self(Kind::Any {
            rules: rules.into_iter().collect(),
            all_warnings: false,
        })
    }

    /// [`any`](Self::any), with the warnings of all the rules.
    pub fn any_with_warnings(rules: impl IntoIterator<Item = Rule>) -> Self {
        Self(Kind::Any {
            rules: rules.into_iter().collect(),
            all_warnings: true,
        })
    }

    /// The attribute and these are not set together; for a schema: at most one of these is set.
    pub fn conflicting<E: Into<PathExpr>>(paths: impl IntoIterator<Item = E>) -> Self {
        Self(Kind::Across(Across::Conflicting(all(paths))))
    }

    /// Where the attribute is set, all of these are.
    pub fn requires<E: Into<PathExpr>>(paths: impl IntoIterator<Item = E>) -> Self {
        Self(Kind::Across(Across::Requires(all(paths))))
    }

    /// Where the attribute is set, at least one of these is.
    pub fn requires_one_of<E: Into<PathExpr>>(paths: impl IntoIterator<Item = E>) -> Self {
        Self(Kind::Across(Across::RequiresOne(all(paths))))
    }

    /// All of these are set, or none; for an attribute: with it.
    pub fn required_together<E: Into<PathExpr>>(paths: impl IntoIterator<Item = E>) -> Self {
        Self(Kind::Across(Across::Together(all(paths))))
    }

    /// Exactly one of these is set; for an attribute: of it and these.
    pub fn exactly_one_of<E: Into<PathExpr>>(paths: impl IntoIterator<Item = E>) -> Self {
        Self(Kind::Across(Across::ExactlyOne(all(paths))))
    }

    /// At least one of these is set; for an attribute: of it and these.
    pub fn at_least_one_of<E: Into<PathExpr>>(paths: impl IntoIterator<Item = E>) -> Self {
        Self(Kind::Across(Across::AtLeastOne(all(paths))))
    }

    /// The number is at least the sum of these. Null ones count as nothing.
    pub fn at_least_sum_of<E: Into<PathExpr>>(paths: impl IntoIterator<Item = E>) -> Self {
        Self(Kind::Across(Across::Sum(Relation::AtLeast, all(paths))))
    }

    /// The number is at most the sum of these. Null ones count as nothing.
    pub fn at_most_sum_of<E: Into<PathExpr>>(paths: impl IntoIterator<Item = E>) -> Self {
        Self(Kind::Across(Across::Sum(Relation::AtMost, all(paths))))
    }

    /// The number is the sum of these. Null ones count as nothing.
    pub fn equal_to_sum_of<E: Into<PathExpr>>(paths: impl IntoIterator<Item = E>) -> Self {
        Self(Kind::Across(Across::Sum(Relation::Equal, all(paths))))
    }

    /// The number is the product of these. Null ones are left out; if all are null, everything goes.
    pub fn equal_to_product_of<E: Into<PathExpr>>(paths: impl IntoIterator<Item = E>) -> Self {
        Self(Kind::Across(Across::Product(all(paths))))
    }

    /// Warns where the attribute is set and the host would know the write-only one that takes the same value.
    pub fn prefer_write_only(path: impl Into<PathExpr>) -> Self {
        Self(Kind::Across(Across::PreferWriteOnly(path.into())))
    }

    /// A rule of one's own. It sees only values that are known and not null, though their elements may be
    /// either; the paths of its diagnostics begin at the value. A warning alone is a warning.
    pub fn custom(check: impl Fn(&Value) -> Outcome + Send + Sync + 'static) -> Self {
        Self(Kind::Custom {
            check: Arc::new(move |here| check(here.value())),
            alone: true,
        })
    }

    /// [`custom`](Self::custom) for what also depends on other attributes. Of those, none need be known.
    ///
    /// ```
    /// use terraform_plugin::{Diagnostic, schema::Rule};
    ///
    /// let rule = Rule::custom_here(|here| match (here.value(), here.at("smallest")) {
    ///     (size, Some(smallest)) if size < smallest => {
    ///         Err(Diagnostic::error("Too small", "Raise it to \"smallest\" at least.").into())
    ///     }
    ///     _ => Ok(()),
    /// });
    /// ```
    pub fn custom_here(check: impl Fn(&Here<'_>) -> Outcome + Send + Sync + 'static) -> Self {
        Self(Kind::Custom {
            check: Arc::new(check),
            alone: false,
        })
    }
}

impl fmt::Debug for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Kind::Matches {
                pattern,
                wanted: true,
            } => write!(f, "matches({:?})", pattern.text),
            Kind::Matches { pattern, .. } => write!(f, "does_not_match({:?})", pattern.text),
            Kind::Length(from, to) => write!(f, "length({from:?}, {to:?})"),
            Kind::Bytes(from, to) => write!(f, "bytes({from:?}, {to:?})"),
            Kind::Between(from, to) => write!(f, "between({from:?}, {to:?})"),
            Kind::Fits(format, _) => write!(f, "fits({format:?})"),
            Kind::Choice(choice) => write!(f, "{choice:?}"),
            Kind::Unique => f.write_str("unique"),
            Kind::NoNulls => f.write_str("no_nulls"),
            Kind::NotEmpty => f.write_str("not_empty"),
            Kind::Required => f.write_str("is_required"),
            Kind::Absent => f.write_str("is_absent"),
            Kind::Each(rules) => f.debug_tuple("each").field(rules).finish(),
            Kind::Keys(rules) => f.debug_tuple("keys").field(rules).finish(),
            Kind::All(rules) => f.debug_tuple("all").field(rules).finish(),
            Kind::Any { rules, .. } => f.debug_tuple("any").field(rules).finish(),
            Kind::Across(across) => write!(f, "{across:?}"),
            Kind::When {
                other,
                keeps_to,
                then,
            } => write!(f, "when({other}, {keeps_to:?}, {then:?})"),
            Kind::Unless { others, then } => {
                let others: Vec<String> = others.iter().map(ToString::to_string).collect();
                write!(f, "unless({}, {then:?})", others.join(", "))
            }
            Kind::Because { rule, words } => write!(f, "{rule:?}.because({words:?})"),
            Kind::Custom { .. } => f.write_str("custom(…)"),
            Kind::Broken(why) => write!(f, "broken({why:?})"),
        }
    }
}

#[cfg(test)]
mod tests;
