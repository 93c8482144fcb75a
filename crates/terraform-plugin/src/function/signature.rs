//! What a function takes and returns.

use crate::{
    path::Path,
    schema::{self, Attribute, ConfigCheck, Description, Owner, Schema, Violation},
    value::{Type, Value},
};

/// What a function takes and returns, and what it is for.
#[derive(Clone, Debug)]
pub struct Signature {
    pub(crate) parameters: Vec<(String, Parameter)>,
    pub(crate) variadic: Option<(String, Parameter)>,
    pub(crate) returns: Type,
    pub(crate) summary: String,
    pub(crate) description: String,
    pub(crate) deprecated: Option<String>,
}

impl Signature {
    /// A function without parameters that returns a value of this type. [`Type::Dynamic`] is for one whose
    /// result's type depends on its arguments.
    pub fn new(returns: Type) -> Self {
        Self {
            parameters: Vec::new(),
            variadic: None,
            returns,
            summary: String::new(),
            description: String::new(),
            deprecated: None,
        }
    }

    /// What it is for, in one line.
    #[must_use]
    pub fn summary(mut self, line: &str) -> Self {
        self.summary = line.to_owned();
        self
    }

    /// What it is for, in markdown.
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

    /// Adds a parameter after those that are there.
    #[must_use]
    pub fn parameter(mut self, name: &str, parameter: Parameter) -> Self {
        self.parameters.push((name.to_owned(), parameter));
        self
    }

    /// The parameter that takes all further arguments, none or many.
    #[must_use]
    pub fn variadic(mut self, name: &str, parameter: Parameter) -> Self {
        self.variadic = Some((name.to_owned(), parameter));
        self
    }

    /// The parameter of the argument at `index`.
    pub(crate) fn at(&self, index: usize) -> Option<&(String, Parameter)> {
        self.parameters.get(index).or(self.variadic.as_ref())
    }

    fn all(&self) -> impl Iterator<Item = &(String, Parameter)> {
        self.parameters.iter().chain(&self.variadic)
    }

    /// The rules of core's that it breaks. Parameters keep to those of attributes, and to a few of their own.
    pub(crate) fn violations(&self, owner: &str) -> Vec<Violation> {
        let mut found = Vec::new();
        let mut schema = Schema::new(0);
        for (name, parameter) in self.all() {
            found.extend(parameter.misused().map(|modifier| Violation {
                path: Path::root().then(name),
                ..Violation::of(owner, format!("`{modifier}` means nothing for a parameter"))
            }));
            schema = schema.attr(name, parameter.as_attribute());
        }
        let result = Parameter::new(Attribute::plain(self.returns.clone()));
        found.extend(schema::check(owner, &schema));
        let result = Schema::new(0).attr("result", result.as_attribute());
        found.extend(schema::check(owner, &result));
        found
    }

    /// Rules that cannot be kept, with their parameters' names.
    pub(crate) fn broken_rules(&self) -> Vec<String> {
        let schema = self.all().fold(Schema::new(0), |schema, (name, parameter)| {
            schema.attr(name, parameter.as_attribute())
        });
        schema.body.broken_rules()
    }
}

/// A parameter of a function.
#[derive(Clone, Debug)]
pub struct Parameter {
    attribute: Attribute,
    pub(crate) allow_null: bool,
    pub(crate) allow_unknown: bool,
}

impl Parameter {
    /// A parameter with the type, the description and the rules of an attribute, such as
    /// `number().between(1..=10)`. Who sets an attribute and how a plan treats it has no meaning here.
    pub fn new(attribute: Attribute) -> Self {
        Self {
            attribute,
            allow_null: false,
            allow_unknown: false,
        }
    }

    /// Takes null, too. Otherwise null is an error, and the function is not called.
    #[must_use]
    pub fn allow_null(mut self) -> Self {
        self.allow_null = true;
        self
    }

    /// Takes what is not known yet, or has parts that are not. Otherwise the function is not called, and its
    /// result is unknown.
    #[must_use]
    pub fn allow_unknown(mut self) -> Self {
        self.allow_unknown = true;
        self
    }

    pub(crate) fn ty(&self) -> Type {
        self.attribute.implied_type()
    }

    pub(crate) fn description(&self) -> &Description {
        &self.attribute.description
    }

    /// The first rule that an argument breaks, in words.
    pub(crate) fn refuses(&self, name: &str, argument: &Value) -> Option<String> {
        let schema = Schema::new(0).attr(name, self.as_attribute());
        let arguments = Value::object([(name, argument.clone())]);
        let check = ConfigCheck {
            write_only_allowed: true,
        };
        let found = schema::validate(&schema.body, &arguments, &check);
        found.into_iter().find(|d| d.is_error()).map(|broken| {
            let detail = broken.detail.trim_end_matches('.').to_owned();
            if broken.path.steps().len() > 1 {
                format!("{}: {detail}", broken.path)
            } else {
                detail
            }
        })
    }

    /// The attribute in a form that a schema takes.
    fn as_attribute(&self) -> Attribute {
        let mut attribute = self.attribute.clone();
        (attribute.required, attribute.optional, attribute.computed) = (false, true, false);
        attribute.write_only = false;
        attribute.replace.clear();
        attribute.modifiers.clear();
        (attribute.default, attribute.same) = (None, None);
        attribute
    }

    /// Modifiers that say nothing about a parameter.
    fn misused(&self) -> impl Iterator<Item = &'static str> {
        let of = &self.attribute;
        [
            (of.required, "required"),
            (of.optional, "optional"),
            (of.computed, "computed"),
            (of.sensitive, "sensitive"),
            (of.write_only, "write_only"),
            (!of.replace.is_empty(), "replace"),
            (!of.modifiers.is_empty(), "a plan of its own"),
            (of.default.is_some(), "default"),
            (of.has_own_same(), "same_if"),
            (of.deprecated.is_some(), "deprecated"),
        ]
        .into_iter()
        .filter_map(|(set, modifier)| set.then_some(modifier))
    }
}

/// The word for functions in messages, as [`Owner`] has one for each of the others.
pub(crate) fn owner(name: &str) -> String {
    Owner::Function.of(name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::{list, number, single, string};

    #[test]
    fn names_and_types_keep_to_cores_rules() {
        let signature = Signature::new(Type::list(Type::Dynamic))
            .parameter("1st", Parameter::new(string()))
            .parameter("twice", Parameter::new(string().sensitive()))
            .parameter("any", Parameter::new(list(Type::Dynamic)))
            .variadic("twice", Parameter::new(number()));
        let found: Vec<String> = signature
            .violations("function f")
            .iter()
            .map(ToString::to_string)
            .collect();
        assert_eq!(
            found,
            [
                "function f, twice: `sensitive` means nothing for a parameter",
                "function f, 1st: names consist of lower-case letters, digits and underscores, and begin with no digit",
                "function f, any: a dynamic type cannot be part of a collection or an object type",
                "function f, twice: the name is used twice",
                "function f, result: a dynamic type cannot be part of a collection or an object type",
            ]
        );
    }

    #[test]
    fn a_parameters_rules_are_those_of_attributes() {
        let port = Parameter::new(number().between(1..=10));
        assert_eq!(port.refuses("port", &5.into()), None);
        assert_eq!(
            port.refuses("port", &11.into()).as_deref(),
            Some("The value must be at least 1 and at most 10; it is 11")
        );
        let nested = Parameter::new(single([("port", number().optional().between(1..=10))]));
        let value = Value::object([("port", 0.into())]);
        assert_eq!(
            nested.refuses("target", &value).as_deref(),
            Some("target.port: The value must be at least 1 and at most 10; it is 0")
        );
    }
}
