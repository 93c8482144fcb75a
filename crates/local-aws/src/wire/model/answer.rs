//! Answers by their model: its members, by their names on the wire.

use serde_json::{Map, Value};

use super::{Kind, Model, Reference, Shape};
use crate::wire::xml::Xml;

/// Members that carry a listing on.
const TOKENS: [&str; 4] = ["nextToken", "NextToken", "Marker", "position"];

impl Model<'_> {
    /// The answer as JSON; none where the operation answers with nothing but its status. What the model does not name is
    /// left out, so that a service may give all that it knows of an object.
    pub(crate) fn json_answer(&self, operation: &str, mut body: Value) -> Option<Value> {
        let shape = self.output(operation)?;
        self.show(shape, &mut body);
        Some(body)
    }

    fn show(&self, shape: &Shape<'_>, value: &mut Value) {
        let inner = |reference: Option<&Reference<'_>>, value: &mut Value| {
            if let Some(shape) = reference.and_then(|reference| self.shape(reference)) {
                self.show(shape, value);
            }
        };
        match (shape.kind, value) {
            (Kind::Structure, Value::Object(members)) => {
                let mut is_renamed = false;
                members.retain(|name, value| {
                    let Some(member) = shape.member(name) else {
                        return false;
                    };
                    is_renamed |= member.name.is_some();
                    inner(Some(member), value);
                    true
                });
                if is_renamed {
                    let named = std::mem::take(members).into_iter();
                    let on_wire = |name: String| shape.member(&name)?.name.map(str::to_owned);
                    members.extend(named.map(|(name, value)| (on_wire(name.clone()).unwrap_or(name), value)));
                }
            }
            (Kind::List, Value::Array(items)) => {
                items
                    .iter_mut()
                    .for_each(|item| inner(shape.member.as_ref(), item));
            }
            (Kind::Map, Value::Object(entries)) => {
                entries
                    .values_mut()
                    .for_each(|entry| inner(shape.value.as_ref(), entry));
            }
            _ => {}
        }
    }

    /// The answer as the content of its root element.
    pub(crate) fn xml_answer(&self, operation: &str, body: &Value) -> Xml {
        let mut xml = Xml::default();
        if let (Some(shape), Value::Object(members)) = (self.output(operation), body) {
            self.write_members(&mut xml, shape, members);
        }
        xml
    }

    fn write_members(&self, xml: &mut Xml, shape: &Shape<'_>, given: &Map<String, Value>) {
        for (name, value) in given {
            if let Some(member) = shape.member(name) {
                self.write(xml, member, member.name.unwrap_or(name), value);
            }
        }
    }

    fn write(&self, xml: &mut Xml, reference: &Reference<'_>, name: &str, value: &Value) {
        let shape = self.shape(reference);
        match (value, shape) {
            (Value::Null, _) | (_, None) => {}
            (Value::Object(members), Some(shape)) => {
                xml.node(name, |xml| self.write_members(xml, shape, members));
            }
            (Value::Array(items), Some(shape)) => {
                let Some(member) = &shape.member else { return };
                let write = |xml: &mut Xml, name: &str| {
                    for item in items {
                        self.write(xml, member, name, item);
                    }
                };
                match shape.flattened {
                    true => write(xml, name),
                    false => xml.node(name, |xml| write(xml, member.name.unwrap_or("member"))),
                }
            }
            (Value::String(text), Some(_)) => xml.leaf(name, text),
            (value, Some(_)) => xml.leaf(name, &value.to_string()),
        }
    }

    /// An answer that promises another page of its listing, if it is a listing's.
    pub(crate) fn promise_more(&self, operation: &str, body: &mut Value, token: &str) {
        let Some(shape) = self.output(operation) else {
            return;
        };
        for name in TOKENS {
            if shape.member(name).is_some() {
                body[name] = token.into();
            }
        }
        if shape.member("IsTruncated").is_some() {
            body["IsTruncated"] = true.into();
        }
    }

    /// Takes a listing's token away, so that its first page comes.
    pub(crate) fn forget_token(input: &mut Value) {
        if let Some(members) = input.as_object_mut() {
            members.retain(|name, _| !TOKENS.contains(&name.as_str()));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn model() -> Model<'static> {
        Model::read(
            r#"{ "operations": { "List": { "http": "POST /", "output": "List" }, "Delete": { "http": "POST /" } },
              "shapes": {
                "List": { "type": "structure", "members": {
                    "Orders": { "shape": "Orders", "name": "item" }, "Tags": "Tags", "nextToken": "Text" } },
                "Orders": { "type": "list", "member": "Order" },
                "Order": { "type": "structure", "members": { "Id": "Text", "Open": "Flag" } },
                "Tags": { "type": "list", "member": { "shape": "Text", "name": "tag" } },
                "Text": { "type": "string" }, "Flag": { "type": "boolean" } } }"#,
        )
    }

    #[test]
    fn an_answer_has_what_the_model_names_and_nothing_else() {
        let body = json!({ "Orders": [{ "Id": "a<b", "Open": true, "secret": 1 }], "Tags": [], "other": 1 });
        assert_eq!(
            model().json_answer("List", body.clone()),
            Some(json!({ "item": [{ "Id": "a<b", "Open": true }], "Tags": [] }))
        );
        assert_eq!(model().json_answer("Delete", body.clone()), None);
        assert_eq!(
            model().xml_answer("List", &body).as_str(),
            "<item><member><Id>a&lt;b</Id><Open>true</Open></member></item><Tags></Tags>"
        );
    }

    #[test]
    fn only_listings_can_promise_more() {
        let with_token = |operation| {
            let mut body = json!({});
            model().promise_more(operation, &mut body, "7a");
            body
        };
        assert_eq!(with_token("List"), json!({ "nextToken": "7a" }));
        assert_eq!(with_token("Delete"), json!({}));
    }
}
