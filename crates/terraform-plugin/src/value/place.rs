//! Where a path leads in a type.

use super::Type;
use crate::path::{Path, Step};

impl Path {
    /// The same path in the words of the protocol: map keys as keys, cut where it enters a set or leaves the
    /// type.
    pub(crate) fn resolve(&self, ty: &Type) -> Path {
        let mut steps = Vec::new();
        let mut here = ty;
        for step in self.steps() {
            let (step, next) = match (here, step) {
                (Type::Object(attributes), Step::Attribute(name) | Step::Key(name)) => {
                    match attributes.get(name) {
                        Some(next) => (Step::Attribute(name.clone()), next),
                        None => break,
                    }
                }
                (Type::Map(next), Step::Attribute(key) | Step::Key(key)) => {
                    (Step::Key(key.clone()), next.as_ref())
                }
                (Type::List(next), Step::Index(_)) => (step.clone(), next.as_ref()),
                (Type::Tuple(types), Step::Index(index)) => {
                    match usize::try_from(*index).ok().and_then(|i| types.get(i)) {
                        Some(next) => (step.clone(), next),
                        None => break,
                    }
                }
                (Type::Dynamic, step) => (step.clone(), &Type::Dynamic),
                _ => break,
            };
            steps.push(step);
            here = next;
        }
        steps.into_iter().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::path;

    fn ty() -> Type {
        Type::object([
            ("destinations", Type::map(Type::object([("arn", Type::String)]))),
            ("rules", Type::set(Type::object([("port", Type::Number)]))),
        ])
    }

    #[test]
    fn a_name_below_a_map_becomes_a_key() {
        let path = path!("destinations", "orders", "arn").resolve(&ty());
        assert_eq!(path.to_string(), "destinations[\"orders\"].arn");
    }

    #[test]
    fn a_path_into_a_set_ends_at_the_set() {
        assert_eq!(path!("rules", 0, "port").resolve(&ty()).to_string(), "rules");
    }

    #[test]
    fn a_path_to_nothing_ends_where_the_schema_ends() {
        assert!(path!("nonsense", "x").resolve(&ty()).is_root());
    }
}
