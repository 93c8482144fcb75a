//! Expressions for many paths at once: "the port of every rule", "the attribute beside this one".

use std::fmt;

use crate::{
    path::{Path, Step},
    value::{Type, Value},
};

/// An expression that stands for paths, as rules across attributes name them.
///
/// It begins at the body ([`root`](Self::root)) or, [`relative`](Self::relative), at the object in which the
/// attribute of the rule stands; for a rule of a whole schema that is the body too. A text is relative and
/// names attributes, with `[*]` for every element: `"name"`, `"network.subnet_ids"`, `"rules[*].port"`.
///
/// ```
/// use terraform_plugin::{PathExpr, config, path};
///
/// let ports = PathExpr::root().name("rules").any_index().name("port");
/// assert_eq!(ports.to_string(), "rules[*].port");
/// assert!(ports.matches(&path!("rules", 3, "port")));
///
/// let config = config! { rules = [{ port = 80 }, { port = 443 }] };
/// assert_eq!(ports.find(&config), [path!("rules", 0, "port"), path!("rules", 1, "port")]);
///
/// let beside = PathExpr::relative().name("host").resolve(&path!("rules", 3));
/// assert_eq!(beside.to_string(), "rules[3].host");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct PathExpr {
    relative: bool,
    parts: Vec<Part>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Part {
    Step(Step),
    AnyIndex,
    AnyKey,
    AnySetElement,
    /// Any element of a list, set, map or tuple.
    AnyElement,
    Parent,
}

impl PathExpr {
    /// The body.
    pub fn root() -> Self {
        Self {
            relative: false,
            parts: Vec::new(),
        }
    }

    /// The object in which the attribute stands whose rule this is.
    pub fn relative() -> Self {
        Self {
            relative: true,
            parts: Vec::new(),
        }
    }

    fn then(mut self, part: Part) -> Self {
        self.parts.push(part);
        self
    }

    /// The attribute or block type of that name.
    #[must_use]
    pub fn name(self, name: &str) -> Self {
        self.then(Part::Step(Step::from(name)))
    }

    /// The element of a list or tuple at that index, counted from 0.
    #[must_use]
    pub fn index(self, index: i64) -> Self {
        self.then(Part::Step(Step::Index(index)))
    }

    /// The element of a map.
    #[must_use]
    pub fn key(self, key: &str) -> Self {
        self.then(Part::Step(Step::key(key)))
    }

    /// Every element of a list or tuple.
    #[must_use]
    pub fn any_index(self) -> Self {
        self.then(Part::AnyIndex)
    }

    /// Every element of a map.
    #[must_use]
    pub fn any_key(self) -> Self {
        self.then(Part::AnyKey)
    }

    /// Every element of a set. Such elements have no path of their own: what is found within one has the path
    /// of the set before the rest.
    #[must_use]
    pub fn any_set_element(self) -> Self {
        self.then(Part::AnySetElement)
    }

    /// Every element of a list, tuple, set or map.
    #[must_use]
    pub fn any_element(self) -> Self {
        self.then(Part::AnyElement)
    }

    /// One level further out: from an object to the list that it is in, from there to the object around it.
    /// Beyond the body, nothing matches.
    #[must_use]
    pub fn parent(self) -> Self {
        self.then(Part::Parent)
    }

    /// The same expression seen from the body, where a relative one begins at `base`. Parents are taken away
    /// together with what they leave.
    #[must_use]
    pub fn resolve(&self, base: &Path) -> Self {
        let mut parts: Vec<Part> = if self.relative {
            base.steps().iter().cloned().map(Part::Step).collect()
        } else {
            Vec::new()
        };
        for part in &self.parts {
            match (part, parts.last()) {
                (Part::Parent, Some(last)) if *last != Part::Parent => {
                    parts.pop();
                }
                _ => parts.push(part.clone()),
            }
        }
        Self {
            relative: false,
            parts,
        }
    }

    /// Whether it stands for `path`. A relative expression is taken as one from the body.
    pub fn matches(&self, path: &Path) -> bool {
        let parts = self.resolve(&Path::root()).parts;
        // Set elements take no step.
        let mut steps = path.steps().iter();
        let all = parts
            .iter()
            .filter(|part| **part != Part::AnySetElement)
            .all(|part| {
                steps.next().is_some_and(|step| match (part, step) {
                    (Part::Step(Step::Attribute(a) | Step::Key(a)), Step::Attribute(b) | Step::Key(b)) => {
                        a == b
                    }
                    (Part::Step(a), b) => a == b,
                    (Part::AnyIndex, Step::Index(_)) | (Part::AnyKey, Step::Key(_) | Step::Attribute(_)) => {
                        true
                    }
                    (Part::AnyElement, Step::Index(_) | Step::Key(_)) => true,
                    _ => false,
                })
            });
        all && steps.next().is_none()
    }

    /// The paths in `body` that it stands for, in the order of the elements. Where something on the way is
    /// null or unknown, its path stands for all that would be within.
    pub fn find(&self, body: &Value) -> Vec<Path> {
        let found = self.resolve(&Path::root()).find_from(&Scope::body(body));
        found
            .into_iter()
            .map(|(path, _)| as_far_as_it_goes(&path, body))
            .collect()
    }

    /// The type of what it stands for, where it begins in the last of the types `around`, the first of which is the
    /// body's; none where no value of those types has anything there.
    pub(crate) fn leads_to<'t>(&self, around: &[&'t Type]) -> Option<&'t Type> {
        let parents = self
            .parts
            .iter()
            .take_while(|part| **part == Part::Parent)
            .count();
        let begin = if self.relative { around.len() } else { 1 };
        let from = begin.checked_sub(parents + 1)?;
        let mut parts = self.parts[parents..].iter();
        parts.try_fold(*around.get(from)?, |ty, part| match (part, ty) {
            (_, Type::Dynamic) => Some(ty),
            (Part::Step(Step::Attribute(name) | Step::Key(name)), Type::Object(attributes)) => {
                attributes.get(name)
            }
            (Part::Step(Step::Key(_) | Step::Attribute(_)) | Part::AnyKey, Type::Map(ty)) => {
                Some(ty.as_ref())
            }
            (Part::Step(Step::Index(_)) | Part::AnyIndex, Type::List(ty)) => Some(ty.as_ref()),
            (Part::Step(Step::Index(index)), Type::Tuple(types)) => {
                usize::try_from(*index).ok().and_then(|i| types.get(i))
            }
            (Part::AnyIndex | Part::AnyElement, Type::Tuple(types)) => types.first(),
            (Part::AnySetElement, Type::Set(ty)) => Some(ty.as_ref()),
            (Part::AnyElement, Type::List(ty) | Type::Set(ty) | Type::Map(ty)) => Some(ty.as_ref()),
            _ => None,
        })
    }

    /// The same with the values, where a relative expression begins at `scope`. Where something on the way is null or
    /// unknown, so are the attributes that would be within, and have their own paths.
    pub(crate) fn find_from<'v>(&self, scope: &Scope<'v>) -> Vec<(Path, &'v Value)> {
        let mut from = Some(scope);
        if !self.relative {
            while let Some(outer) = from.and_then(|scope| scope.outer) {
                from = Some(outer);
            }
        }
        let parents = self
            .parts
            .iter()
            .take_while(|part| **part == Part::Parent)
            .count();
        for _ in 0..parents {
            from = from.and_then(|scope| scope.outer);
        }
        let Some(from) = from else {
            return Vec::new();
        };
        let mut found = vec![(from.path.clone(), from.value)];
        for part in &self.parts[parents..] {
            found = found
                .into_iter()
                .flat_map(|(path, value)| within(part, path, value))
                .collect();
        }
        found
    }
}

/// The path, cut after what is null or unknown on its way.
fn as_far_as_it_goes(path: &Path, body: &Value) -> Path {
    let mut here = Path::root();
    for step in path.steps() {
        let open = |value: &Value| value.is_null() || value.is_unknown();
        if body.get(&here).is_some_and(open) {
            break;
        }
        here = here.then(step.clone());
    }
    here
}

/// What one part of an expression leads to.
fn within<'v>(part: &Part, path: Path, value: &'v Value) -> Vec<(Path, &'v Value)> {
    let plain = value.plain();
    if plain.is_null() || plain.is_unknown() {
        let path = match part {
            Part::Step(step) => path.then(step.clone()),
            _ => path,
        };
        return vec![(path, value)];
    }
    match (part, plain) {
        (Part::Step(step), plain) => plain
            .get(&Path::root().then(step.clone()))
            .map(|value| (path.then(step.clone()), value))
            .into_iter()
            .collect(),
        (Part::AnyIndex | Part::AnyElement, Value::List(inner) | Value::Tuple(inner)) => (0..)
            .zip(inner)
            .map(|(i, value)| (path.then(Step::Index(i)), value))
            .collect(),
        (Part::AnySetElement | Part::AnyElement, Value::Set(inner)) => {
            inner.iter().map(|value| (path.clone(), value)).collect()
        }
        // A configuration that is written in a test has objects where the schema makes maps of them.
        (Part::AnyKey, Value::Map(inner) | Value::Object(inner)) | (Part::AnyElement, Value::Map(inner)) => {
            inner
                .iter()
                .map(|(key, value)| (path.then(Step::key(key)), value))
                .collect()
        }
        _ => Vec::new(),
    }
}

impl From<&str> for PathExpr {
    fn from(text: &str) -> Self {
        text.split('.').fold(Self::relative(), |expr, segment| {
            let name = segment.trim_end_matches("[*]");
            let stars = (segment.len() - name.len()) / "[*]".len();
            (0..stars).fold(expr.name(name), |expr, _| expr.any_element())
        })
    }
}

impl From<&Path> for PathExpr {
    fn from(path: &Path) -> Self {
        Self {
            relative: false,
            parts: path.steps().iter().cloned().map(Part::Step).collect(),
        }
    }
}

impl fmt::Display for PathExpr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, part) in self.parts.iter().enumerate() {
            match part {
                Part::Step(Step::Attribute(name)) if i == 0 => write!(f, "{name}")?,
                Part::Step(Step::Attribute(name)) => write!(f, ".{name}")?,
                Part::Step(Step::Key(key)) => write!(f, "[{key:?}]")?,
                Part::Step(Step::Index(index)) => write!(f, "[{index}]")?,
                Part::AnyIndex | Part::AnyKey | Part::AnySetElement | Part::AnyElement => {
                    f.write_str("[*]")?;
                }
                Part::Parent if i == 0 => f.write_str("<parent>")?,
                Part::Parent => f.write_str(".<parent>")?,
            }
        }
        Ok(())
    }
}

/// Where an expression begins: an object, with all that is around it.
#[derive(Clone, Debug)]
pub(crate) struct Scope<'v> {
    pub(crate) value: &'v Value,
    pub(crate) path: Path,
    /// Whether it is the object of a nested attribute, and neither a block nor the body.
    pub(crate) of_attribute: bool,
    outer: Option<&'v Scope<'v>>,
}

impl<'v> Scope<'v> {
    pub(crate) fn body(value: &'v Value) -> Self {
        Self {
            value,
            path: Path::root(),
            of_attribute: false,
            outer: None,
        }
    }

    /// What is one step further in; no step leads to an element of a set.
    pub(crate) fn inner(&'v self, step: Option<Step>, value: &'v Value) -> Scope<'v> {
        Scope {
            value,
            path: step.map_or_else(|| self.path.clone(), |step| self.path.then(step)),
            of_attribute: self.of_attribute,
            outer: Some(self),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::path;

    fn body() -> Value {
        let rule = |port: i64| Value::object([("port", Value::from(port)), ("host", Value::Null)]);
        Value::object([
            ("name", "n".into()),
            ("rules", Value::List(vec![rule(80), rule(443)])),
            ("bag", Value::set([rule(1), rule(2)])),
            ("keyed", Value::map([("a", rule(3))])),
            ("open", Value::UNKNOWN),
        ])
    }

    #[test]
    fn expressions_find_concrete_paths() {
        for (expr, paths) in [
            ("name", vec![path!("name")]),
            (
                "rules[*].port",
                vec![path!("rules", 0, "port"), path!("rules", 1, "port")],
            ),
            ("bag[*].port", vec![path!("bag", "port"), path!("bag", "port")]),
            (
                "keyed[*].port",
                vec![path!("keyed").then(Step::key("a")).then(Step::from("port"))],
            ),
            ("open.deep[*]", vec![path!("open")]),
            ("nothing", vec![]),
        ] {
            assert_eq!(PathExpr::from(expr).find(&body()), paths, "{expr}");
        }
    }

    #[test]
    fn a_relative_expression_begins_where_its_attribute_stands() {
        let body = body();
        let root = Scope::body(&body);
        let rules = body.attribute("rules").expect("rules");
        let list = root.inner(Some(Step::from("rules")), rules);
        let element = rules.get(&path!(1)).expect("element");
        let element = list.inner(Some(Step::Index(1)), element);
        let found = |expr: PathExpr| -> Vec<String> {
            let found = expr.find_from(&element);
            found.iter().map(|(path, _)| path.to_string()).collect()
        };
        assert_eq!(found(PathExpr::relative().name("port")), ["rules[1].port"]);
        assert_eq!(
            found(PathExpr::relative().parent().index(0).name("port")),
            ["rules[0].port"]
        );
        assert_eq!(
            found(PathExpr::relative().parent().parent().name("name")),
            ["name"]
        );
        assert_eq!(found(PathExpr::root().name("name")), ["name"]);
        assert_eq!(found(PathExpr::relative().parent().parent().parent()), [""; 0]);
    }

    #[test]
    fn an_expression_matches_what_it_stands_for() {
        let any = PathExpr::root().name("rules").any_index().name("port");
        assert!(any.matches(&path!("rules", 7, "port")));
        assert!(!any.matches(&path!("rules", 7)) && !any.matches(&path!("rules", 7, "port", "x")));
        let beside = PathExpr::relative().parent().name("name");
        assert_eq!(beside.resolve(&path!("rules")), PathExpr::root().name("name"));
    }
}
