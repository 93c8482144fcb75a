//! Where in a configuration a path leads, as far as a CLI can find it.
//!
//! A CLI knows the lines of blocks, of their attributes, and of the elements of an attribute that is written out. From a path
//! that goes on within an attribute it finds nothing, and shows the first line of the whole resource
//! (tfdiags' attribute diagnostics; tried with Terraform 1.11 and OpenTofu 1.12).

use std::sync::Arc;

use crate::{
    path::{Path, Step},
    schema::{Body, Nesting},
    shape::Shape,
    value::Type,
};

/// What places the paths of diagnostics: a type, and a schema's blocks where there is one.
pub(super) struct Places<'a> {
    ty: &'a Type,
    body: Option<&'a Body>,
}

impl<'a> From<&'a Type> for Places<'a> {
    fn from(ty: &'a Type) -> Self {
        Self { ty, body: None }
    }
}

impl<'a> From<&'a Arc<Shape>> for Places<'a> {
    fn from(shape: &'a Arc<Shape>) -> Self {
        Self {
            ty: &shape.ty,
            body: Some(&shape.schema.body),
        }
    }
}

impl Places<'_> {
    /// The first steps of the path, as far as a CLI follows them.
    pub(super) fn find(&self, path: &Path) -> Path {
        let path = path.resolve(self.ty);
        match self.body {
            Some(body) => path.steps()[..followed(body, path.steps())]
                .iter()
                .cloned()
                .collect(),
            None => path,
        }
    }
}

/// How many of the steps, which begin in a body, a CLI follows.
fn followed(body: &Body, steps: &[Step]) -> usize {
    let Some(Step::Attribute(name)) = steps.first() else {
        return 0;
    };
    let block = body.blocks.iter().find(|(block, _)| block == name);
    let element = usize::from(matches!(steps.get(1), Some(Step::Key(_) | Step::Index(_))));
    match block {
        Some((_, block)) if block.level().0 == Nesting::Single => 1 + followed(&block.body, &steps[1..]),
        Some((_, block)) => 1 + element + followed(&block.body, &steps[1 + element..]),
        None => 1 + element,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        path,
        schema::{Block, Schema, map_nested, string},
    };

    #[test]
    fn a_path_ends_where_a_cli_loses_its_way() {
        let nested = || map_nested([("value", string().optional())]).optional();
        let schema = Schema::new(0)
            .attr("plain", string().optional())
            .attr("nested", nested())
            .block("timeouts", Block::single().attr("create", string().optional()))
            .block("role", Block::list().attr("tags", nested()));
        let shape = Arc::new(Shape::new("thing", || schema));
        let found = |path: Path| Places::from(&shape).find(&path).to_string();
        assert_eq!(found(path!("plain")), "plain");
        assert_eq!(found(path!("nested", "a", "value")), r#"nested["a"]"#);
        assert_eq!(found(path!("timeouts", "create")), "timeouts.create");
        assert_eq!(
            found(path!("role", 0, "tags", "a", "value")),
            r#"role[0].tags["a"]"#
        );
        assert_eq!(found(Path::root()), "");
    }
}
