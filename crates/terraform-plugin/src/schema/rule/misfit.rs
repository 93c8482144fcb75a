//! Rules that mean nothing where they stand: on a type that they do not know, with a range that nothing is in, with a
//! path that leads nowhere. Such a rule never fires, or always does, so it is told when the provider starts.

use std::ops::Bound;

use super::{Kind, Rule, across::Across, choice::Choice};
use crate::{
    expr::PathExpr,
    value::{Number, Type, Value},
};

/// Where a rule stands: the type of what it is about, and the types around that.
#[derive(Clone)]
pub(in crate::schema) struct Ground<'t> {
    pub(in crate::schema) ty: &'t Type,
    /// From the body to the object in which relative paths begin.
    pub(in crate::schema) around: Vec<&'t Type>,
    /// Whether it is about a whole object rather than one attribute of it.
    pub(in crate::schema) is_body: bool,
}

impl<'t> Ground<'t> {
    fn of(&self, ty: &'t Type) -> Self {
        Self { ty, ..self.clone() }
    }

    /// The elements that `each` looks at, in the way in which it hands them on.
    fn elements(&self) -> Vec<Self> {
        let element = |ty: &'t Type| match ty {
            Type::Object(_) => Self {
                ty,
                around: [self.around.as_slice(), &[self.ty, ty]].concat(),
                is_body: true,
            },
            ty => Self {
                is_body: false,
                ..self.of(ty)
            },
        };
        match self.ty {
            Type::List(ty) | Type::Set(ty) | Type::Map(ty) => vec![element(ty)],
            Type::Tuple(types) => types.iter().map(element).collect(),
            Type::Object(_) => vec![Self {
                ty: self.ty,
                around: [self.around.as_slice(), &[self.ty]].concat(),
                is_body: true,
            }],
            Type::Dynamic => vec![self.clone()],
            Type::Bool | Type::Number | Type::String => Vec::new(),
        }
    }
}

/// The types of single values that a rule about such meets: the type itself, or those of a collection's elements.
fn scalars(ty: &Type) -> Vec<&Type> {
    match ty {
        Type::List(ty) | Type::Set(ty) | Type::Map(ty) => vec![ty],
        Type::Tuple(types) => types.iter().collect(),
        ty => vec![ty],
    }
}

fn is(ty: &Type, wanted: &Type) -> bool {
    ty == wanted || ty == &Type::Dynamic
}

impl Rule {
    /// The method that makes it.
    fn name(&self) -> &'static str {
        match &self.0 {
            Kind::Matches { wanted: true, .. } => "matches",
            Kind::Matches { .. } => "does_not_match",
            Kind::Length(..) => "length",
            Kind::Bytes(..) => "bytes",
            Kind::Between(..) => "between",
            Kind::Fits(..) => "the range of its number type",
            Kind::Choice(Choice { allowed: true, .. }) => "one_of",
            Kind::Choice(_) => "none_of",
            Kind::Unique => "unique",
            Kind::NoNulls => "no_nulls",
            Kind::NotEmpty => "not_empty",
            Kind::Required => "is_required",
            Kind::Absent => "is_absent",
            Kind::Each(_) => "each",
            Kind::Keys(_) => "keys",
            Kind::All(_) => "all",
            Kind::Any { .. } => "any",
            Kind::Across(across) => across.name(),
            Kind::When { .. } => "when",
            Kind::Unless { .. } => "unless",
            Kind::Because { rule, .. } => rule.name(),
            Kind::Custom { .. } => "custom",
            Kind::Broken(_) => "broken",
        }
    }

    /// Whether it says something of a value by itself, whatever stands elsewhere.
    pub(in crate::schema) fn stands_alone(&self) -> bool {
        match &self.0 {
            Kind::Across(_) | Kind::When { .. } | Kind::Unless { .. } => false,
            Kind::Each(rules) | Kind::All(rules) | Kind::Any { rules, .. } => {
                rules.iter().all(Self::stands_alone)
            }
            Kind::Because { rule, .. } => rule.stands_alone(),
            Kind::Custom { alone, .. } => *alone,
            _ => true,
        }
    }

    /// Why it means nothing there.
    pub(in crate::schema) fn misfits(&self, ground: &Ground<'_>) -> Vec<String> {
        let ty = ground.ty;
        let name = self.name();
        let for_types = |fits: bool, what: &str| {
            let misfit = format!("`{name}` is a rule for {what}, and this is {}", described(ty));
            (!fits).then_some(misfit).into_iter().collect::<Vec<_>>()
        };
        let of_scalars =
            |wanted: &Type, what: &str| for_types(scalars(ty).into_iter().all(|ty| is(ty, wanted)), what);
        let collection = matches!(
            ty,
            Type::List(_) | Type::Set(_) | Type::Map(_) | Type::Tuple(_) | Type::Dynamic
        );
        match &self.0 {
            Kind::Matches { .. } => of_scalars(&Type::String, "strings"),
            Kind::Length(from, to) => {
                let counted = matches!(
                    ty,
                    Type::String | Type::List(_) | Type::Set(_) | Type::Map(_) | Type::Dynamic
                );
                [
                    for_types(counted, "strings, lists, sets and maps"),
                    counts(name, from, to),
                ]
                .concat()
            }
            Kind::Bytes(from, to) => [
                for_types(is(ty, &Type::String), "strings"),
                counts(name, from, to),
            ]
            .concat(),
            Kind::Between(from, to) => [
                for_types(is(ty, &Type::Number), "numbers"),
                numbers(name, from, to),
            ]
            .concat(),
            Kind::Fits(..) => for_types(is(ty, &Type::Number), "numbers"),
            Kind::Choice(choice) => choices(name, choice, ty),
            Kind::Unique => for_types(
                collection && !matches!(ty, Type::Set(_)),
                "lists, as sets have no element twice",
            ),
            Kind::NoNulls => for_types(collection, "collections"),
            Kind::NotEmpty => for_types(
                matches!(
                    ty,
                    Type::List(_) | Type::Set(_) | Type::Map(_) | Type::Object(_) | Type::Dynamic
                ),
                "collections and objects",
            ),
            Kind::Required | Kind::Absent if ground.is_body => {
                vec![format!(
                    "`{name}` is a rule for an attribute or a block, not for what is within"
                )]
            }
            Kind::Each(rules) => {
                let fits = for_types(
                    collection || matches!(ty, Type::Object(_)),
                    "collections and objects",
                );
                let inner = ground.elements();
                let inner = inner.iter().flat_map(|ground| of_all(rules, ground));
                fits.into_iter().chain(inner).chain(some(name, rules)).collect()
            }
            Kind::Keys(rules) => {
                let fits = for_types(matches!(ty, Type::Map(_) | Type::Dynamic), "maps");
                let key = ground.of(&Type::String);
                fits.into_iter()
                    .chain(of_all(rules, &key))
                    .chain(some(name, rules))
                    .collect()
            }
            Kind::All(rules) | Kind::Any { rules, .. } => of_all(rules, ground)
                .into_iter()
                .chain(some(name, rules))
                .collect(),
            Kind::Across(across) => across.misfits(ground),
            Kind::When {
                other,
                keeps_to,
                then,
            } => {
                let condition = match other.leads_to(&ground.around) {
                    Some(ty) => of_all(keeps_to, &ground.of(ty)),
                    None => vec![nowhere(name, other)],
                };
                condition
                    .into_iter()
                    .chain(of_all(then, ground))
                    .chain(some(name, then))
                    .collect()
            }
            Kind::Unless { others, then } => {
                let lost = others
                    .iter()
                    .filter(|other| other.leads_to(&ground.around).is_none());
                let lost = lost.map(|other| nowhere(name, other));
                let none = others
                    .is_empty()
                    .then(|| format!("`{name}` needs 1 path at least"));
                lost.chain(none)
                    .chain(of_all(then, ground))
                    .chain(some(name, then))
                    .collect()
            }
            Kind::Because { rule, .. } => rule.misfits(ground),
            Kind::Required | Kind::Absent | Kind::Custom { .. } | Kind::Broken(_) => Vec::new(),
        }
    }
}

fn of_all(rules: &[Rule], ground: &Ground<'_>) -> Vec<String> {
    rules.iter().flat_map(|rule| rule.misfits(ground)).collect()
}

fn some(name: &str, rules: &[Rule]) -> Option<String> {
    rules.is_empty().then(|| format!("`{name}` has no rules in it"))
}

fn described(ty: &Type) -> String {
    match ty {
        Type::Bool => "a bool".to_owned(),
        Type::Number => "a number".to_owned(),
        Type::String => "a string".to_owned(),
        Type::Object(_) => "an object".to_owned(),
        Type::Tuple(_) => "a tuple".to_owned(),
        Type::Dynamic => "of any type".to_owned(),
        Type::List(ty) => format!("a list, each of whose elements is {}", described(ty)),
        Type::Set(ty) => format!("a set, each of whose elements is {}", described(ty)),
        Type::Map(ty) => format!("a map, each of whose elements is {}", described(ty)),
    }
}

pub(super) fn nowhere(name: &str, path: &PathExpr) -> String {
    format!("the path `{path}` of `{name}` leads nowhere")
}

/// A range of counts that nothing is in, or everything.
fn counts(name: &str, from: &Bound<usize>, to: &Bound<usize>) -> Vec<String> {
    let least = match from {
        Bound::Included(from) => *from,
        Bound::Excluded(from) => from.saturating_add(1),
        Bound::Unbounded => 0,
    };
    let most = match to {
        Bound::Included(to) => Some(*to),
        Bound::Excluded(to) => to.checked_sub(1),
        Bound::Unbounded => Some(usize::MAX),
    };
    range(
        name,
        most.is_none_or(|most| most < least),
        least == 0 && most == Some(usize::MAX),
    )
}

fn numbers(name: &str, from: &Bound<Number>, to: &Bound<Number>) -> Vec<String> {
    let (Bound::Included(least) | Bound::Excluded(least)) = from else {
        return range(name, false, to == &Bound::Unbounded);
    };
    let (Bound::Included(most) | Bound::Excluded(most)) = to else {
        return Vec::new();
    };
    let both = matches!((from, to), (Bound::Included(_), Bound::Included(_)));
    range(name, least > most || (least == most && !both), false)
}

fn range(name: &str, is_empty: bool, is_all: bool) -> Vec<String> {
    let misfit = match (is_empty, is_all) {
        (true, _) => format!("nothing is within the range of `{name}`"),
        (_, true) => format!("the range of `{name}` limits nothing"),
        _ => return Vec::new(),
    };
    vec![misfit]
}

fn choices(name: &str, choice: &Choice, ty: &Type) -> Vec<String> {
    if choice.values.is_empty() {
        return vec![format!("`{name}` lists no values")];
    }
    let fits = |value: &Value| scalars(ty).into_iter().all(|ty| is(ty, &Type::of(value)));
    let misfits = choice.values.iter().filter(|value| !fits(value));
    let kinds = misfits.map(|value| {
        format!(
            "`{name}` lists {}, and this is {}",
            described(&Type::of(value)),
            described(ty)
        )
    });
    kinds.take(1).collect()
}

impl Across {
    fn name(&self) -> &'static str {
        match self {
            Self::Conflicting(_) => "conflicting",
            Self::Requires(_) => "requires",
            Self::RequiresOne(_) => "requires_one_of",
            Self::Together(_) => "required_together",
            Self::ExactlyOne(_) => "exactly_one_of",
            Self::AtLeastOne(_) => "at_least_one_of",
            Self::Sum(..) => "the comparison with a sum",
            Self::Product(_) => "the comparison with a product",
            Self::PreferWriteOnly(_) => "prefer_write_only",
        }
    }

    fn paths(&self) -> &[PathExpr] {
        match self {
            Self::Conflicting(paths)
            | Self::Requires(paths)
            | Self::RequiresOne(paths)
            | Self::Together(paths)
            | Self::ExactlyOne(paths)
            | Self::AtLeastOne(paths)
            | Self::Sum(_, paths)
            | Self::Product(paths) => paths,
            Self::PreferWriteOnly(path) => std::slice::from_ref(path),
        }
    }

    fn misfits(&self, ground: &Ground<'_>) -> Vec<String> {
        let name = self.name();
        let mut found = Vec::new();
        let arithmetic = matches!(self, Self::Sum(..) | Self::Product(_));
        for path in self.paths() {
            match path.leads_to(&ground.around) {
                None => found.push(nowhere(name, path)),
                Some(ty) if arithmetic && !is(ty, &Type::Number) => {
                    found.push(format!("`{path}` in {name} is {}", described(ty)));
                }
                Some(_) => {}
            }
        }
        if arithmetic && !is(ground.ty, &Type::Number) {
            found.push(format!(
                "{name} is a rule for numbers, and this is {}",
                described(ground.ty)
            ));
        }
        let about_one = matches!(
            self,
            Self::Requires(_) | Self::RequiresOne(_) | Self::PreferWriteOnly(_)
        );
        if about_one && ground.is_body {
            found.push(format!(
                "`{name}` is a rule for an attribute, not for a whole object"
            ));
        }
        // For an attribute, it is one of them itself.
        let least = match self {
            Self::Conflicting(_) | Self::Together(_) | Self::ExactlyOne(_) if ground.is_body => 2,
            _ => 1,
        };
        if self.paths().len() < least {
            let s = if least == 1 { "" } else { "s" };
            found.push(format!("{name} needs {least} path{s} at least"));
        }
        found
    }
}
