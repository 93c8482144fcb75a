//! Cuts a model down to some operations and the shapes that can be reached from them. What is kept are facts: names,
//! types, limits, places on the wire, error codes. No sentence is.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

/// What is kept of a service.
#[derive(Debug, PartialEq)]
pub struct Cut {
    /// What holds for the whole service.
    pub head: Map<String, Value>,
    pub operations: BTreeMap<String, Value>,
    pub shapes: BTreeMap<String, Value>,
}

/// The name of a fact in botocore, and here.
type Renamed = (&'static str, &'static str);

const HEAD: [Renamed; 4] = [
    ("protocol", "protocol"),
    ("targetPrefix", "target"),
    ("jsonVersion", "json"),
    ("xmlNamespace", "namespace"),
];
const OF_SHAPES: [Renamed; 11] = [
    ("type", "type"),
    ("min", "min"),
    ("max", "max"),
    ("pattern", "pattern"),
    ("enum", "enum"),
    ("sensitive", "sensitive"),
    ("union", "union"),
    ("flattened", "flattened"),
    ("timestampFormat", "format"),
    ("payload", "payload"),
    ("required", "required"),
];
const OF_MEMBERS: [Renamed; 5] = [
    ("location", "in"),
    ("locationName", "name"),
    ("queryName", "query"),
    ("flattened", "flattened"),
    ("timestampFormat", "format"),
];

/// Keeps what these operations need.
pub fn model(whole: &Value, operations: &[&str]) -> Result<Cut, String> {
    let mut cut = Cut {
        head: kept(&whole["metadata"], &HEAD),
        operations: BTreeMap::new(),
        shapes: BTreeMap::new(),
    };
    for name in operations {
        let operation = whole["operations"]
            .get(*name)
            .ok_or_else(|| format!("botocore has no operation {name}"))?;
        let mut facts = Map::new();
        let http = &operation["http"];
        let place = [&http["method"], &http["requestUri"]].map(|part| part.as_str().unwrap_or_default());
        facts.insert("http".to_owned(), place.join(" ").into());
        if let Some(status) = http.get("responseCode") {
            facts.insert("status".to_owned(), status.clone());
        }
        if operation["authtype"] == "none" {
            facts.insert("unsigned".to_owned(), true.into());
        }
        for side in ["input", "output"] {
            if let Some(shape) = operation[side]["shape"].as_str() {
                facts.insert(side.to_owned(), shape.into());
                reach(whole, shape, &mut cut.shapes)?;
            }
        }
        let errors = operation["errors"].as_array().into_iter().flatten();
        let errors: Vec<&str> = errors.filter_map(|error| error["shape"].as_str()).collect();
        for error in &errors {
            reach(whole, error, &mut cut.shapes)?;
        }
        if !errors.is_empty() {
            facts.insert("errors".to_owned(), errors.into());
        }
        cut.operations.insert((*name).to_owned(), Value::Object(facts));
    }
    Ok(cut)
}

/// Keeps a shape, and all that can be reached from it.
fn reach(whole: &Value, name: &str, shapes: &mut BTreeMap<String, Value>) -> Result<(), String> {
    if shapes.contains_key(name) {
        return Ok(());
    }
    let shape = whole["shapes"]
        .get(name)
        .ok_or_else(|| format!("botocore has no shape {name}"))?;
    let mut facts = kept(shape, &OF_SHAPES);
    let mut next = Vec::new();
    for inner in ["member", "key", "value"] {
        if let Some(of) = shape.get(inner) {
            facts.insert(inner.to_owned(), reference(of));
            next.push(of);
        }
    }
    if let Some(members) = shape["members"].as_object().filter(|members| !members.is_empty()) {
        let referred = members.iter().map(|(name, of)| (name.clone(), reference(of)));
        facts.insert("members".to_owned(), Value::Object(referred.collect()));
        next.extend(members.values());
    }
    if shape["exception"] == true {
        facts.insert("error".to_owned(), error(name, shape));
    }
    // Before what it reaches, since that may come back to it.
    shapes.insert(name.to_owned(), Value::Object(facts));
    for of in next {
        reach(whole, of["shape"].as_str().unwrap_or_default(), shapes)?;
    }
    Ok(())
}

/// The code and status of an error; where the model names none, the services answer with these.
fn error(name: &str, shape: &Value) -> Value {
    let otherwise = if shape["fault"] == true { 500 } else { 400 };
    let error = &shape["error"];
    json!({
        "code": error["code"].as_str().unwrap_or(name),
        "status": error["httpStatusCode"].as_u64().unwrap_or(otherwise),
    })
}

/// What refers to a shape: its name alone, where nothing else is said.
fn reference(of: &Value) -> Value {
    let more = kept(of, &OF_MEMBERS);
    if more.is_empty() {
        return of["shape"].clone();
    }
    let mut facts = Map::from_iter([("shape".to_owned(), of["shape"].clone())]);
    facts.extend(more);
    Value::Object(facts)
}

fn kept(of: &Value, names: &[Renamed]) -> Map<String, Value> {
    let found = names
        .iter()
        .filter_map(|(from, to)| Some(((*to).to_owned(), of.get(*from)?.clone())));
    found.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_no_operation_reaches_and_every_sentence_is_left_out() {
        let whole = json!({
            "metadata": { "protocol": "rest-json", "serviceFullName": "Orders" },
            "operations": {
                "GetOrder": {
                    "http": { "method": "GET", "requestUri": "/orders/{order_id}", "responseCode": 200 },
                    "input": { "shape": "GetOrderRequest" }, "errors": [{ "shape": "NotFound", "documentation": "…" }],
                    "documentation": "Tells an order.",
                },
                "DeleteOrder": { "http": { "method": "DELETE", "requestUri": "/" }, "input": { "shape": "Unused" } },
            },
            "shapes": {
                "GetOrderRequest": { "type": "structure", "required": ["id"], "documentation": "…", "members": {
                    "id": { "shape": "Id", "location": "uri", "locationName": "order_id", "documentation": "…" },
                    "like": { "shape": "GetOrderRequest" } } },
                "Id": { "type": "string", "max": 9, "pattern": "[a-z]+" },
                "NotFound": { "type": "structure", "exception": true, "error": { "httpStatusCode": 404 } },
                "Unused": { "type": "structure" },
            },
        });
        let cut = model(&whole, &["GetOrder"]).unwrap();
        assert_eq!(Value::Object(cut.head), json!({ "protocol": "rest-json" }));
        assert_eq!(
            json!(cut.operations),
            json!({ "GetOrder": { "http": "GET /orders/{order_id}", "status": 200, "input": "GetOrderRequest",
                "errors": ["NotFound"] } })
        );
        assert_eq!(
            json!(cut.shapes),
            json!({
                "GetOrderRequest": { "type": "structure", "required": ["id"], "members": {
                    "id": { "shape": "Id", "in": "uri", "name": "order_id" }, "like": "GetOrderRequest" } },
                "Id": { "type": "string", "max": 9, "pattern": "[a-z]+" },
                "NotFound": { "type": "structure", "error": { "code": "NotFound", "status": 404 } },
            })
        );
        assert!(model(&whole, &["PutOrder"]).unwrap_err().contains("PutOrder"));
    }
}
