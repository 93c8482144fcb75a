//! Identities: what names an object of the remote system for good, beside its state (Terraform 1.12, OpenTofu 1.12
//! and later).

use serde::{Serialize, de::DeserializeOwned};

use crate::{
    diagnostic::{Diagnostic, Diagnostics},
    model,
    path::Path,
    plan,
    schema::{Attribute, NAMES, Schema, Violation, is_identifier},
    value::{Type, Value, codec::CodecError},
};

/// What a resource's identity consists of.
///
/// Every attribute either must be given to import by identity, or may be left out. Types are bool, number, string,
/// and lists of these. Beside it stands the struct that holds one, [`Resource::Identity`](crate::Resource::Identity).
///
/// ```
/// use serde::{Deserialize, Serialize};
/// use terraform_plugin::{Attr, IdentitySchema, Type};
///
/// /// `type Identity = QueueIdentity;`
/// #[derive(Serialize, Deserialize)]
/// struct QueueIdentity {
///     name: String,
///     region: Attr<String>,
/// }
///
/// /// What `Resource::identity` answers.
/// fn identity() -> Option<IdentitySchema> {
///     let schema = IdentitySchema::new(0)
///         .required_for_import("name", Type::String, "Name of the queue.")
///         .optional_for_import("region", Type::String, "Region of the queue; the provider's where left out.");
///     Some(schema)
/// }
/// ```
#[derive(Clone, Debug)]
pub struct IdentitySchema {
    version: i64,
    mutable: bool,
    pub(crate) attributes: Vec<(String, IdentityAttribute)>,
}

/// One attribute of an identity.
#[derive(Clone, Debug)]
pub(crate) struct IdentityAttribute {
    pub(crate) ty: Type,
    pub(crate) required: bool,
    pub(crate) description: String,
}

impl IdentitySchema {
    /// An identity without attributes. The version rises when stored identities cannot be read any more; it has
    /// nothing to do with the version of the state's schema.
    pub fn new(version: i64) -> Self {
        Self {
            version,
            mutable: false,
            attributes: Vec::new(),
        }
    }

    /// Adds an attribute without which nothing can be imported by identity.
    #[must_use]
    pub fn required_for_import(self, name: &str, ty: Type, description: &str) -> Self {
        self.attribute(name, ty, true, description)
    }

    /// Adds an attribute that an import may leave out: it is null then, and the provider completes it.
    #[must_use]
    pub fn optional_for_import(self, name: &str, ty: Type, description: &str) -> Self {
        self.attribute(name, ty, false, description)
    }

    fn attribute(mut self, name: &str, ty: Type, required: bool, description: &str) -> Self {
        let attribute = IdentityAttribute {
            ty,
            required,
            description: description.to_owned(),
        };
        self.attributes.push((name.to_owned(), attribute));
        self
    }

    /// Lets the identity change over the life of one object, which otherwise is an error: for remote systems whose
    /// objects can be renamed.
    #[must_use]
    pub fn mutable(mut self) -> Self {
        self.mutable = true;
        self
    }

    /// The version.
    pub fn version(&self) -> i64 {
        self.version
    }

    fn implied_type(&self) -> Type {
        Type::object(
            self.attributes
                .iter()
                .map(|(name, attribute)| (name.as_str(), attribute.ty.clone())),
        )
    }

    /// All rules of core's that the schema breaks, and what nobody could import by.
    pub(crate) fn violations(&self, owner: &str) -> Vec<Violation> {
        let mut found = Vec::new();
        let mut add = |path: Path, rule: &str| {
            found.push(Violation {
                owner: format!("{owner} (identity)"),
                path,
                rule: rule.to_owned(),
            });
        };
        if self.version < 0 {
            add(Path::root(), "the version must not be negative");
        }
        if self.attributes.is_empty() {
            add(Path::root(), "an identity has at least one attribute");
        }
        for (i, (name, attribute)) in self.attributes.iter().enumerate() {
            let here = Path::root().then(name);
            if !is_identifier(name) {
                add(here.clone(), NAMES);
            }
            if self.attributes[..i].iter().any(|(other, _)| other == name) {
                add(here.clone(), "the name is used twice");
            }
            let primitive = |ty: &Type| matches!(ty, Type::Bool | Type::Number | Type::String);
            let allowed = match &attribute.ty {
                Type::List(element) => primitive(element),
                ty => primitive(ty),
            };
            if !allowed {
                add(
                    here,
                    "must be a bool, a number, a string or a list of one of these",
                );
            }
        }
        found
    }
}

/// Where a resource's struct cannot hold an identity of its schema: without the schema's attributes, or without room for
/// null where an import may leave one out. Without a schema only what holds nothing fits, such as `()`.
pub(crate) fn misfit<I: Serialize + DeserializeOwned>(
    owner: &str,
    schema: Option<&IdentitySchema>,
) -> Option<Violation> {
    let found = match schema {
        Some(schema) => misfit_of::<I>(schema).map(|err| {
            (
                err.path,
                format!("the struct does not fit the schema: {}", err.message),
            )
        }),
        None => model::check::<I>(&Type::object::<&str>([])).map(|_| {
            let rule =
                "there is a struct for it and no schema: write Resource::identity, or `type Identity = ();`";
            (Path::root(), rule.to_owned())
        }),
    };
    found.map(|(path, rule)| Violation {
        owner: format!("{owner} (identity)"),
        path,
        rule,
    })
}

fn misfit_of<I: Serialize + DeserializeOwned>(schema: &IdentitySchema) -> Option<CodecError> {
    let as_attributes = schema
        .attributes
        .iter()
        .fold(Schema::new(0), |all, (name, identity)| {
            let attribute = Attribute::plain(identity.ty.clone());
            let attribute = match identity.required {
                true => attribute.required(),
                false => attribute.optional(),
            };
            all.attr(name, attribute)
        });
    model::check::<I>(&schema.implied_type()).or_else(|| model::check_stored::<I>(&as_attributes))
}

/// An identity schema with the type that it implies.
#[derive(Debug)]
pub(crate) struct IdentityShape {
    pub(crate) schema: IdentitySchema,
    pub(crate) ty: Type,
}

impl IdentityShape {
    pub(crate) fn new(schema: IdentitySchema) -> Self {
        let ty = schema.implied_type();
        Self { schema, ty }
    }

    /// An author's identity as a value.
    pub(crate) fn encode(&self, owner: &str, identity: &impl Serialize) -> Result<Value, Diagnostics> {
        model::encode(identity, &self.ty).map_err(|err| {
            let detail = format!("The identity does not fit its schema: {err}.");
            Diagnostic::error(format!("Bug in the provider: identity of {owner}"), detail).into()
        })
    }

    /// The rules for an identity that is to be stored. `before` is null where there was none.
    pub(crate) fn stored(&self, before: &Value, after: &Value) -> Vec<String> {
        let mut broken = Self::known(after);
        if is_missing(after) {
            broken.push(
                "no identity was recorded; a resource with an identity schema records it with State::set_identity \
                 in create, read and update"
                    .to_owned(),
            );
        } else if !self.schema.mutable && !is_missing(before) {
            broken.extend(changes(before, after));
        }
        broken
    }

    /// The rules for an identity in a plan. Unknown values are for what is made.
    pub(crate) fn planned(&self, before: &Value, after: &Value, makes: bool) -> Vec<String> {
        if makes {
            return Vec::new();
        }
        let mut broken = Self::known(after);
        if !self.schema.mutable && !is_missing(before) {
            broken.extend(changes(before, after));
        }
        broken
    }

    /// The rules for an identity that may be incomplete still: after an import, or the first read after it.
    pub(crate) fn completed(&self, before: &Value, after: &Value) -> Vec<String> {
        let mut broken = Self::known(after);
        if let Value::Object(before) = before {
            let kept = before
                .iter()
                .filter(|(_, value)| !value.is_null())
                .map(|(name, value)| (name.clone(), value.clone()));
            broken.extend(changes(&Value::object(kept), after));
        }
        broken
    }

    fn known(identity: &Value) -> Vec<String> {
        let unknown = identity.unknown_paths();
        unknown
            .iter()
            .map(|path| format!("the identity must be known, and {path} is not"))
            .collect()
    }

    /// What an import by this identity lacks.
    pub(crate) fn missing_for_import(&self, identity: &Value) -> Vec<&str> {
        self.schema
            .attributes
            .iter()
            .filter(|(name, attribute)| {
                attribute.required && identity.attribute(name).is_none_or(Value::is_null)
            })
            .map(|(name, _)| name.as_str())
            .collect()
    }
}

/// Whether nothing is in it: core has none, or one that is all nulls.
pub(crate) fn is_missing(identity: &Value) -> bool {
    match identity {
        Value::Object(attributes) => attributes.values().all(Value::is_null),
        identity => identity.is_null(),
    }
}

fn changes(before: &Value, after: &Value) -> Vec<String> {
    let broken = plan::assert_compatible(before, after).into_iter();
    broken
        .map(|broken| {
            format!(
                "the identity of an object must not change, and {} did (IdentitySchema::mutable permits it)",
                broken.path
            )
        })
        .collect()
}

/// The identity that a configuration imports by, as the resource's struct.
pub(crate) fn given<I: DeserializeOwned>(owner: &str, identity: &Value) -> Result<I, Diagnostics> {
    model::decode(identity).map_err(|err| {
        // That the struct fits the schema was seen at start-up; what it refuses now is this one value.
        let refusal = model::refusal(&err, identity.get(&err.path));
        let detail = format!("Of the identity, {} {refusal}.", err.path);
        Diagnostic::error(format!("Unsuitable identity of {owner}"), detail).into()
    })
}

pub(crate) fn decode<I: DeserializeOwned>(owner: &str, identity: &Value) -> Result<I, Diagnostics> {
    model::decode(identity).map_err(|err| {
        let detail = format!("The identity does not fit the provider's struct: {err}.");
        Diagnostic::error(format!("Bug in the provider: identity of {owner}"), detail).into()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shape() -> IdentityShape {
        IdentityShape::new(
            IdentitySchema::new(0)
                .required_for_import("name", Type::String, "")
                .optional_for_import("region", Type::String, ""),
        )
    }

    fn identity(name: impl Into<Value>, region: impl Into<Value>) -> Value {
        Value::object([("name", name.into()), ("region", region.into())])
    }

    #[test]
    fn a_stored_identity_is_there_known_and_the_same_as_before() {
        let shape = shape();
        let stored = |before: Value, after: Value| shape.stored(&before, &after).len();
        assert_eq!(stored(Value::Null, identity("a", "r")), 0);
        assert_eq!(stored(identity("a", "r"), identity("a", "r")), 0);
        assert_eq!(stored(identity(Value::Null, Value::Null), identity("a", "r")), 0);
        assert_eq!(stored(identity("a", "r"), identity("b", "r")), 1);
        assert_eq!(stored(Value::Null, identity("a", Value::UNKNOWN)), 1);
        assert_eq!(stored(identity("a", "r"), Value::Null), 1);
    }

    #[test]
    fn an_identity_that_may_change_may_not_vanish() {
        let shape = IdentityShape::new(
            IdentitySchema::new(0)
                .required_for_import("name", Type::String, "")
                .mutable(),
        );
        let name = |name: &str| Value::object([("name", name.into())]);
        assert_eq!(shape.stored(&name("a"), &name("b")), [""; 0]);
        assert_eq!(shape.planned(&name("a"), &name("b"), false), [""; 0]);
        assert_eq!(shape.stored(&name("a"), &Value::Null).len(), 1);
    }

    #[test]
    fn an_imported_identity_may_be_completed_and_not_changed() {
        let shape = shape();
        let before = identity("a", Value::Null);
        assert_eq!(shape.completed(&before, &identity("a", "r")), [""; 0]);
        assert_eq!(shape.completed(&before, &identity("b", "r")).len(), 1);
        assert_eq!(shape.missing_for_import(&identity(Value::Null, "r")), ["name"]);
    }

    #[test]
    fn only_what_is_made_may_be_planned_with_an_unknown_identity() {
        let unknown = identity("a", Value::UNKNOWN);
        assert_eq!(shape().planned(&Value::Null, &unknown, true), [""; 0]);
        assert_eq!(shape().planned(&Value::Null, &unknown, false).len(), 1);
    }

    #[test]
    fn an_identity_schema_that_core_would_reject_is_named_with_its_place() {
        let schema = IdentitySchema::new(-1)
            .required_for_import("Name", Type::String, "")
            .required_for_import("tags", Type::map(Type::String), "")
            .optional_for_import("zones", Type::list(Type::String), "")
            .optional_for_import("zones", Type::Bool, "");
        let found: Vec<String> = schema.violations("x_y").iter().map(ToString::to_string).collect();
        assert_eq!(
            found,
            [
                "x_y (identity): the version must not be negative",
                "x_y (identity), Name: names consist of lower-case letters, digits and underscores, and begin with no digit",
                "x_y (identity), tags: must be a bool, a number, a string or a list of one of these",
                "x_y (identity), zones: the name is used twice",
            ]
        );
        assert_eq!(IdentitySchema::new(0).violations("x_y").len(), 1);
    }

    #[test]
    fn a_struct_that_cannot_hold_the_identity_is_named() {
        use serde::Deserialize;

        use crate::Attr;

        #[derive(Serialize, Deserialize)]
        struct Held<N, R> {
            name: N,
            region: R,
        }
        fn of<I: Serialize + DeserializeOwned>(schema: Option<&IdentitySchema>) -> Option<String> {
            misfit::<I>("x_y", schema).map(|found| found.to_string())
        }
        let schema = shape().schema;
        let some = Some(&schema);
        assert_eq!(of::<Held<String, Attr<String>>>(some), None);
        assert_eq!(of::<Held<String, Option<String>>>(some), None);
        assert_eq!(of::<Value>(some), None);
        assert_eq!(of::<()>(None), None);
        for (found, said) in [
            (
                of::<Held<String, String>>(some),
                "x_y (identity), region: the struct does not fit the schema: may be null",
            ),
            (
                of::<Held<i64, Attr<String>>>(some),
                "x_y (identity), name: the struct does not fit the schema: ",
            ),
            (
                of::<()>(some),
                "x_y (identity): the struct does not fit the schema: ",
            ),
            (
                of::<Held<String, Attr<String>>>(None),
                "x_y (identity): there is a struct for it and no schema: write Resource::identity",
            ),
        ] {
            let found = found.expect("a misfit");
            assert!(found.starts_with(said), "{found}");
        }
    }
}
