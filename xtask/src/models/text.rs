//! Models as they are written: one line for each operation and shape, so that a change shows as what it is.

use std::collections::BTreeMap;

use serde_json::Value;

use super::cut::Cut;

/// The text of a model: where it comes from, then the facts.
pub fn write(service: &str, version: &str, source: &str, cut: &Cut) -> String {
    let mut lines = vec!["{".to_owned()];
    for (name, value) in [("service", service), ("version", version), ("source", source)] {
        lines.push(format!("{}: {},", Value::from(name), Value::from(value)));
    }
    for (name, value) in &cut.head {
        lines.push(format!("{}: {value},", Value::from(name.as_str())));
    }
    lines.push(format!("\"operations\": {{\n{}\n}},", section(&cut.operations)));
    lines.push(format!("\"shapes\": {{\n{}\n}}\n}}\n", section(&cut.shapes)));
    lines.join("\n")
}

fn section(facts: &BTreeMap<String, Value>) -> String {
    let lines = facts
        .iter()
        .map(|(name, fact)| format!("{}: {fact}", Value::from(name.as_str())));
    lines.collect::<Vec<_>>().join(",\n")
}

/// What of one text is otherwise in another, named by its place: `shapes.KeyId: is …, and would be …`.
pub fn differences(is: &str, would_be: &str) -> Vec<String> {
    let (is, would_be) = (facts(is), facts(would_be));
    let mut differences = Vec::new();
    for (place, value) in &would_be {
        match is.get(place) {
            Some(known) if known == value => {}
            Some(known) => differences.push(format!("{place}: is {known}, and would be {value}")),
            None => differences.push(format!("{place}: is missing, and would be {value}")),
        }
    }
    let gone = is.keys().filter(|place| !would_be.contains_key(*place));
    differences.extend(gone.map(|place| format!("{place}: would not be there")));
    differences
}

/// The facts of a model by their places; of what is no model, none.
fn facts(text: &str) -> BTreeMap<String, String> {
    let model: Value = serde_json::from_str(text).unwrap_or_default();
    let mut facts = BTreeMap::new();
    for (name, value) in model.as_object().into_iter().flatten() {
        match value {
            Value::Object(section) => {
                let inner = section.iter();
                facts.extend(inner.map(|(inner, value)| (format!("{name}.{inner}"), value.to_string())));
            }
            value => {
                facts.insert(name.clone(), value.to_string());
            }
        }
    }
    facts
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Map, json};

    fn written(shapes: &[(&str, Value)]) -> String {
        let cut = Cut {
            head: Map::from_iter([("protocol".to_owned(), json!("json"))]),
            operations: BTreeMap::from([("GetOrder".to_owned(), json!({ "http": "POST /" }))]),
            shapes: shapes
                .iter()
                .map(|(name, shape)| ((*name).to_owned(), shape.clone()))
                .collect(),
        };
        write("orders", "2026-01-01", "botocore 1.2.3", &cut)
    }

    #[test]
    fn a_model_has_one_line_for_each_shape() {
        assert_eq!(
            written(&[
                ("Id", json!({ "type": "string", "max": 9 })),
                ("No", json!({ "type": "integer" }))
            ]),
            r#"{
"service": "orders",
"version": "2026-01-01",
"source": "botocore 1.2.3",
"protocol": "json",
"operations": {
"GetOrder": {"http":"POST /"}
},
"shapes": {
"Id": {"type":"string","max":9},
"No": {"type":"integer"}
}
}
"#
        );
    }

    #[test]
    fn differences_name_the_shape() {
        let is = written(&[("Id", json!({ "max": 9 })), ("Old", json!({}))]);
        let would_be = written(&[("Id", json!({ "max": 10 })), ("New", json!({}))]);
        assert_eq!(
            differences(&is, &would_be),
            [
                r#"shapes.Id: is {"max":9}, and would be {"max":10}"#,
                "shapes.New: is missing, and would be {}",
                "shapes.Old: would not be there",
            ]
        );
        assert!(differences(&is, &is).is_empty());
    }
}
