//! Where in a value something is: attribute names, map keys and list indices.

use std::fmt;

/// One step of a [`Path`].
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Step {
    /// An attribute of an object, or a block type.
    Attribute(String),
    /// An element of a map.
    Key(String),
    /// An element of a list or tuple, counted from 0.
    Index(i64),
}

impl Step {
    /// The step to the map element of that key.
    pub fn key(key: impl Into<String>) -> Self {
        Self::Key(key.into())
    }
}

impl From<&str> for Step {
    fn from(name: &str) -> Self {
        Self::Attribute(name.to_owned())
    }
}

impl From<String> for Step {
    fn from(name: String) -> Self {
        Self::Attribute(name)
    }
}

impl From<&String> for Step {
    fn from(name: &String) -> Self {
        Self::Attribute(name.clone())
    }
}

impl From<i64> for Step {
    fn from(index: i64) -> Self {
        Self::Index(index)
    }
}

/// A path into a value, from the resource's or provider's body inwards. Written with [`path!`](crate::path!).
///
/// Elements of sets have no address in the protocol: a path that leads into a set ends at the set.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Path(Vec<Step>);

impl Path {
    /// The body itself.
    pub fn root() -> Self {
        Self::default()
    }

    /// The steps, outermost first.
    pub fn steps(&self) -> &[Step] {
        &self.0
    }

    /// Whether this is the body itself.
    pub fn is_root(&self) -> bool {
        self.0.is_empty()
    }

    /// This path, one step further in.
    pub fn then(&self, step: impl Into<Step>) -> Self {
        let mut steps = Vec::with_capacity(self.0.len() + 1);
        steps.extend_from_slice(&self.0);
        steps.push(step.into());
        Self(steps)
    }

    /// This path, continued by `rest`.
    pub fn join(&self, rest: &Path) -> Self {
        self.0.iter().chain(&rest.0).cloned().collect()
    }

    pub(crate) fn prepend(&mut self, step: Step) {
        self.0.insert(0, step);
    }
}

impl FromIterator<Step> for Path {
    fn from_iter<I: IntoIterator<Item = Step>>(steps: I) -> Self {
        Self(steps.into_iter().collect())
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, step) in self.0.iter().enumerate() {
            match step {
                Step::Attribute(name) if i == 0 => write!(f, "{name}")?,
                Step::Attribute(name) => write!(f, ".{name}")?,
                Step::Key(key) => write!(f, "[{key:?}]")?,
                Step::Index(index) => write!(f, "[{index}]")?,
            }
        }
        Ok(())
    }
}

/// A [`Path`]: names and map keys as strings, list indices as integers.
///
/// ```
/// use terraform_plugin::path;
/// assert_eq!(path!("network", "subnet_ids", 0).to_string(), "network.subnet_ids[0]");
/// ```
#[macro_export]
macro_rules! path {
    ($($step:expr),* $(,)?) => {
        [$($crate::Step::from($step)),*].into_iter().collect::<$crate::Path>()
    };
}
