//! Forms of awsQuery into inputs by their model.

use serde_json::{Map, Value};

use super::{Kind, Model, Reference, Shape};
use crate::wire::query::Params;

impl Model<'_> {
    /// The input in a form: the members of the operation's model that were sent. A number or flag that is written
    /// as none stays a text, which the check refuses.
    pub(crate) fn form_input(&self, operation: &str, form: &Params) -> Value {
        let input = self.input(operation).map(|shape| self.structure(shape, form));
        input.unwrap_or_else(|| Value::Object(Map::new()))
    }

    fn structure(&self, shape: &Shape<'_>, form: &Params) -> Value {
        let members = shape.members.0.iter().filter_map(|(name, member)| {
            let value = self.sent(member, form, member.name.unwrap_or(name))?;
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
                let name = match shape.flattened {
                    true => name.to_owned(),
                    false => format!("{name}.{}", member.name.unwrap_or("member")),
                };
                let items: Vec<Value> = form
                    .numbers(&name)
                    .filter_map(|number| self.sent(member, form, &format!("{name}.{number}")))
                    .collect();
                (!items.is_empty()).then_some(Value::Array(items))
            }
            kind => form.get(name).map(|text| typed(kind, text)),
        }
    }
}

/// A text as a value of this kind, if it is written like one.
pub(super) fn typed(kind: Kind, text: &str) -> Value {
    let value = match kind {
        Kind::Boolean => text.to_ascii_lowercase().parse().ok().map(Value::Bool),
        Kind::Integer | Kind::Long => text.parse::<i64>().ok().map(Value::from),
        Kind::Double | Kind::Float => text.parse::<f64>().ok().map(Value::from),
        _ => None,
    };
    value.unwrap_or_else(|| text.into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

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
