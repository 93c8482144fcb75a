//! What something of the provider looks like from outside, and what is said where its own code breaks a rule.

use serde::Serialize;

use crate::{
    diagnostic::{Diagnostic, Diagnostics},
    identity::{IdentitySchema, IdentityShape},
    model, panics,
    path::Path,
    schema::{self, Owner, Schema},
    value::{Type, Value, codec::CodecError},
};

/// A schema with the type that it implies.
#[derive(Debug)]
pub(crate) struct Shape {
    pub(crate) of: Owner,
    pub(crate) name: &'static str,
    pub(crate) schema: Schema,
    pub(crate) ty: Type,
    pub(crate) identity: Option<IdentityShape>,
    /// What the author's code says that was to describe it and panicked, as a broken rule. Nothing else is known of it then.
    pub(crate) panicked: Option<String>,
}

impl Shape {
    /// That of a managed resource.
    pub(crate) fn new(name: &'static str, schema: impl FnOnce() -> Schema) -> Self {
        Self::owned_by(Owner::Resource, name, schema)
    }

    pub(crate) fn owned_by(of: Owner, name: &'static str, schema: impl FnOnce() -> Schema) -> Self {
        let (schema, panicked) = described("schema", schema, || Schema::new(0));
        let ty = schema.implied_type();
        Self {
            of,
            name,
            schema,
            ty,
            identity: None,
            panicked,
        }
    }

    /// What it belongs to, in words.
    pub(crate) fn owner(&self) -> String {
        self.of.of(self.name)
    }

    /// The same, with an identity.
    pub(crate) fn with_identity(mut self, schema: impl FnOnce() -> Option<IdentitySchema>) -> Self {
        let (schema, panicked) = described("identity", schema, || None);
        self.identity = schema.map(IdentityShape::new);
        self.panicked = self.panicked.or(panicked);
        self
    }

    /// An author's identity as a value.
    pub(crate) fn encode_identity(&self, identity: &impl Serialize) -> Result<Value, Diagnostics> {
        let Some(shape) = &self.identity else {
            let detail = format!("{} has no identity schema. Write Resource::identity.", self.name);
            return Err(
                Diagnostic::error(format!("Bug in the provider: identity of {}", self.name), detail).into(),
            );
        };
        shape.encode(self.name, identity)
    }
}

/// What an author's function of that name describes. Where it panics, that is a broken rule, and the rest goes on without it.
pub(crate) fn described<T>(
    function: &str,
    describe: impl FnOnce() -> T,
    nothing: impl FnOnce() -> T,
) -> (T, Option<String>) {
    match panics::caught(describe) {
        Ok(described) => (described, None),
        Err(said) => (nothing(), Some(format!("`{function}` panicked: {said}"))),
    }
}

/// What a user is told of a configuration that the provider's model does not take.
pub(crate) fn refused(shape: &Shape, config: &Value, err: CodecError) -> Diagnostics {
    if !err.of_value {
        let detail = format!("The configuration does not fit the provider's model: {err}.");
        return Diagnostic::error("Unsuitable configuration", detail)
            .at(err.path)
            .into();
    }
    let given = config.get(&err.path);
    if err.message == model::NULL_ELEMENT {
        let step = err.path.steps().last().filter(|_| given.is_some());
        return schema::null_element(step).at(err.path.clone()).into();
    }
    let given = given.filter(|_| !shape.schema.body.level().hides(&err.path));
    let detail = format!("The value {}.", model::refusal(&err, given));
    Diagnostic::error("Invalid attribute value", detail)
        .at(err.path)
        .into()
}

/// A rule that the provider's own code broke: never the user's fault.
pub(crate) fn bug(shape: &Shape, path: Path, rule: impl std::fmt::Display) -> Diagnostic {
    let place = if path.is_root() {
        String::new()
    } else {
        format!(", {path}")
    };
    let detail = format!(
        "{}{place}: {rule}. This is a bug in the provider; please report it.",
        shape.owner()
    );
    Diagnostic::error("Bug in the provider", detail).at(path)
}
