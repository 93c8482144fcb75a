//! Forms of awsQuery and ec2Query into inputs by their model.

use std::borrow::Cow;

use serde_json::{Map, Value};

use super::{Kind, Model, Reference, Shape};
use crate::wire::model::violation::{Rule, Violation};
use crate::wire::query::Params;

/// Parameters that every form of a query protocol may have.
const OF_ALL: [&str; 2] = ["Action", "Version"];

impl Model<'_> {
    /// The input in a form: the members of the operation's model that were sent. A number or flag that is written
    /// as none stays a text, which the check refuses.
    pub(crate) fn form_input(&self, operation: &str, form: &Params) -> Value {
        let input = self.input(operation).map(|shape| self.structure(shape, form));
        input.unwrap_or_else(|| Value::Object(Map::new()))
    }

    /// The parameters of a form that an operation does not have: EC2 refuses them, the services of awsQuery do not.
    pub(crate) fn unknown(&self, operation: &str, form: &Params) -> Vec<Violation> {
        let Some(shape) = self.input(operation).filter(|_| self.is_ec2()) else {
            return Vec::new();
        };
        let unknown = form
            .names()
            .filter(|name| !OF_ALL.contains(name) && !self.knows(shape, name));
        unknown
            .map(|name| Violation::of(name, Rule::Unknown, None))
            .collect()
    }

    /// Whether a shape has a place for a parameter: `Filter.1.Value.2`.
    fn knows(&self, shape: &Shape<'_>, parameter: &str) -> bool {
        let (first, rest) = match parameter.split_once('.') {
            Some((first, rest)) => (first, Some(rest)),
            None => (parameter, None),
        };
        let inner = match shape.kind {
            Kind::Structure => {
                let mut members = shape.members.0.iter();
                members.find_map(|(name, member)| (self.called(name, member) == first).then_some(member))
            }
            Kind::List => shape.member.as_ref().filter(|_| first.parse::<usize>().is_ok()),
            _ => None,
        };
        let inner = inner.and_then(|reference| self.shape(reference));
        inner.is_some_and(|shape| match rest {
            Some(rest) => self.knows(shape, rest),
            None => !matches!(shape.kind, Kind::Structure | Kind::List),
        })
    }

    /// What forms call a member.
    pub(super) fn called<'n>(&self, name: &'n str, member: &Reference<'n>) -> Cow<'n, str> {
        match (member.query, member.name) {
            (Some(query), _) => query.into(),
            (None, Some(name)) if self.is_ec2() && name.starts_with(char::is_lowercase) => {
                let (first, rest) = name.split_at(1);
                (first.to_uppercase() + rest).into()
            }
            (None, wire_name) => wire_name.unwrap_or(name).into(),
        }
    }

    fn structure(&self, shape: &Shape<'_>, form: &Params) -> Value {
        let members = shape.members.0.iter().filter_map(|(name, member)| {
            let value = self.sent(member, form, &self.called(name, member))?;
            Some(((*name).to_owned(), value))
        });
        Value::Object(members.collect())
    }

    /// What a form has under a name.
    fn sent(&self, reference: &Reference<'_>, form: &Params, name: &str) -> Option<Value> {
        let shape = self.shape(reference)?;
        match shape.kind {
            Kind::Structure => {
                let inside = form.below(&format!("{name}."));
                (!inside.is_empty()).then(|| self.structure(shape, &inside))
            }
            Kind::List => {
                let member = shape.member.as_ref()?;
                let name = match shape.flattened || self.is_ec2() {
                    true => name.to_owned(),
                    false => format!("{name}.{}", member.name.unwrap_or("member")),
                };
                let items: Vec<Value> = form
                    .numbers(&name)
                    .filter_map(|number| self.sent(member, form, &format!("{name}.{number}")))
                    .collect();
                (!items.is_empty()).then_some(Value::Array(items))
            }
            kind => {
                let given = form.get(name);
                // Unless it can be an empty text, EC2 takes what is empty for what is not there.
                let may_be_empty = kind == Kind::String && shape.values.is_empty();
                let given = given.filter(|text| may_be_empty || !(text.is_empty() && self.is_ec2()));
                given.map(|text| typed(kind, text))
            }
        }
    }
}

/// A text as a value of this kind, if it is written like one.
pub(super) fn typed(kind: Kind, text: &str) -> Value {
    let value = match kind {
        Kind::Boolean => text.to_ascii_lowercase().parse().ok().map(Value::Bool),
        Kind::Integer => text.parse::<i32>().ok().map(Value::from),
        Kind::Long => text.parse::<i64>().ok().map(Value::from),
        Kind::Double | Kind::Float => text.parse::<f64>().ok().map(Value::from),
        _ => None,
    };
    value.unwrap_or_else(|| text.into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::model::of_ec2;
    use serde_json::json;

    #[test]
    fn ec2_takes_no_parameter_that_its_model_does_not_name() {
        let model = Model::read(
            r#"{ "protocol": "ec2", "operations": { "Put": { "http": "POST /", "input": "Put" } }, "shapes": {
                "Put": { "type": "structure", "required": ["Id"], "members": {
                    "Id": { "shape": "Text", "name": "id" }, "Most": "Size", "Kind": "Kind",
                    "Filters": { "shape": "Filters", "name": "filterSet", "query": "Filter" } } },
                "Text": { "type": "string" }, "Size": { "type": "integer" },
                "Kind": { "type": "string", "enum": ["a"] },
                "Filters": { "type": "list", "member": { "shape": "Filter", "name": "item" } },
                "Filter": { "type": "structure", "members": { "Name": "Text", "Values": { "shape": "Texts", "query": "Value" } } },
                "Texts": { "type": "list", "member": { "shape": "Text", "name": "item" } } } }"#,
        );
        let refused = |form: &str| {
            let form = Params::parse(form);
            let mut violations = model.unknown("Put", &form);
            violations.extend(model.violations("Put", &model.form_input("Put", &form)));
            let error = (!violations.is_empty()).then(|| of_ec2(violations))?;
            Some((error.code, error.message))
        };
        let right = "Action=Put&Version=1&Id=i&Most=5&Kind=&Filter.1.Name=n&Filter.1.Value.2=v";
        assert_eq!(refused(right), None);
        for (form, code, says) in [
            (
                "Kind=a",
                "MissingParameter",
                "The request must contain the parameter Id",
            ),
            (
                "Id=i&Size=1",
                "UnknownParameter",
                "The parameter Size is not recognized",
            ),
            (
                "Id=i&Filter.1.Values.1=v",
                "UnknownParameter",
                "The parameter Filter.1.Values.1 is not recognized",
            ),
            (
                "Id=i&Filter.x.Name=v",
                "UnknownParameter",
                "The parameter Filter.x.Name is not recognized",
            ),
            (
                "Id=i&Id.1=v",
                "UnknownParameter",
                "The parameter Id.1 is not recognized",
            ),
            (
                "Id=i&Most=ten",
                "InvalidParameterValue",
                "Value (ten) for parameter Most is not a valid integer value",
            ),
            (
                "Id=i&Kind=b",
                "InvalidParameterValue",
                "Value (b) for parameter Kind is invalid.",
            ),
        ] {
            assert_eq!(refused(form), Some((code.to_owned(), says.to_owned())), "{form}");
        }
    }

    #[test]
    fn members_get_their_types_and_items_the_order_of_their_numbers() {
        let model = Model::read(
            r#"{ "operations": { "Put": { "http": "POST /", "input": "Put" } }, "shapes": {
                "Put": { "type": "structure", "members": { "Name": "Text", "Size": "Size", "On": "Flag", "Ids": "Ids",
                    "Tags": "Tags", "Filters": "Filters", "Of": "Tag" } },
                "Text": { "type": "string" }, "Size": { "type": "integer" }, "Flag": { "type": "boolean" },
                "Ids": { "type": "list", "member": "Text" },
                "Tags": { "type": "list", "member": "Tag" },
                "Filters": { "type": "list", "flattened": true, "member": "Text" },
                "Tag": { "type": "structure", "members": { "Key": "Text", "Value": "Text" } } } }"#,
        );
        let form = "Action=Put&Name=1&Size=12&On=True&Ids.member.10=c&Ids.member.2=b&Ids.member.1=a&Ids.member.x=y&\
                    Tags.member.1.Key=k&Tags.member.1.Value=v&Filters.1=f&Of.Key=of&Unknown=1";
        assert_eq!(
            model.form_input("Put", &Params::parse(form)),
            json!({ "Name": "1", "Size": 12, "On": true, "Ids": ["a", "b", "c"], "Tags": [{ "Key": "k", "Value": "v" }],
                "Filters": ["f"], "Of": { "Key": "of" } })
        );
        assert_eq!(
            model.form_input("Put", &Params::parse("Size=ten")),
            json!({ "Size": "ten" })
        );
    }
}
