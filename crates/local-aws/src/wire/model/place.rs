//! restJson1 requests: operations by method and path, and inputs out of path, query and body.

use serde_json::{Map, Value};

use super::form::typed;
use super::{Kind, Model, Operation, Place};
use crate::wire::{pairs, percent_decode};

/// What a path has in place of its labels: `resourceArn` with the ARN.
pub(super) type Labels<'m> = Vec<(&'m str, String)>;

impl<'m> Operation<'m> {
    fn path(&self) -> &'m str {
        let (_, path) = self.http.split_once(' ').unwrap_or(("", self.http));
        path.trim_start_matches('/')
    }

    /// The labels of a request that is for this operation. The last one takes what is left, so that an ARN may have its
    /// slashes.
    fn labels(&self, method: &str, path: &str) -> Option<Labels<'m>> {
        let mut labels = Labels::new();
        self.http.strip_prefix(method)?.strip_prefix(' ')?;
        let mut rest = path.trim_start_matches('/');
        let mut segments = self.path().split('/').peekable();
        while let Some(segment) = segments.next() {
            let is_last = segments.peek().is_none();
            let label = segment.strip_prefix('{').and_then(|name| name.strip_suffix('}'));
            let (given, after) = match rest.split_once('/') {
                Some(_) if is_last && label.is_some() => (rest, ""),
                Some((given, after)) => (given, after),
                None => (rest, ""),
            };
            match label {
                Some(_) if given.is_empty() => return None,
                Some(label) => labels.push((label, percent_decode(given, false))),
                None if given != segment => return None,
                None => {}
            }
            rest = after;
        }
        rest.is_empty().then_some(labels)
    }

    /// How many segments are fixed: of several operations that a path fits, the one with the most is meant.
    fn fixed(&self) -> usize {
        let segments = self.path().split('/');
        segments.filter(|segment| !segment.starts_with('{')).count()
    }
}

impl<'m> Model<'m> {
    /// The operation of a request.
    pub(crate) fn operation_at(&self, method: &str, path: &str) -> Option<(&'m str, Labels<'m>)> {
        let fitting = self.operations.iter().filter_map(|(name, operation)| {
            Some((operation.fixed(), *name, operation.labels(method, path)?))
        });
        let (_, name, labels) = fitting.max_by_key(|(fixed, ..)| *fixed)?;
        Some((name, labels))
    }

    /// Whether a path begins as one of an operation.
    pub(crate) fn is_below(&self, path: &str) -> bool {
        let begins = |path: &'_ str| {
            path.trim_start_matches('/')
                .split('/')
                .next()
                .unwrap_or_default()
                .to_owned()
        };
        let begin = begins(path);
        !begin.is_empty()
            && self
                .operations
                .values()
                .any(|operation| begins(operation.path()) == begin)
    }

    /// Puts path, query and body together into one input. A number or flag of the query that is written as none
    /// stays a text, which the check refuses.
    pub(crate) fn rest_input(
        &self,
        operation: &str,
        labels: &Labels<'_>,
        query: &str,
        mut body: Map<String, Value>,
    ) -> Value {
        let mut input = Map::new();
        let Some(shape) = self.input(operation) else {
            return Value::Object(input);
        };
        let query = pairs(query, false);
        for (name, member) in &shape.members.0 {
            let on_wire = member.name.unwrap_or(name);
            let value = match member.place {
                Some(Place::Uri) => {
                    let mut labels = labels.iter();
                    labels.find_map(|(label, given)| (*label == on_wire).then(|| given.clone().into()))
                }
                Some(Place::QueryString) => {
                    let given: Vec<&str> = query
                        .iter()
                        .filter(|(name, _)| name == on_wire)
                        .map(|(_, given)| &**given)
                        .collect();
                    match self.shape(member).map(|shape| shape.kind) {
                        Some(Kind::List) if !given.is_empty() => Some(given.into()),
                        Some(kind) => given.last().map(|given| typed(kind, given)),
                        None => None,
                    }
                }
                Some(Place::Header) => None,
                None => body.remove(on_wire),
            };
            if let Some(value) = value {
                input.insert((*name).to_owned(), value);
            }
        }
        Value::Object(input)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn model() -> Model<'static> {
        Model::read(
            r#"{ "operations": {
                "GetOrder": { "http": "GET /orders/{order_id}", "input": "Get" },
                "ListOrders": { "http": "GET /orders", "input": "Get" },
                "GetLast": { "http": "GET /orders/last" },
                "GetItem": { "http": "GET /orders/{order_id}/items/{item}" },
                "Tag": { "http": "POST /tags/{arn}" } },
              "shapes": {
                "Get": { "type": "structure", "members": {
                    "id": { "shape": "Text", "in": "uri", "name": "order_id" },
                    "keys": { "shape": "Keys", "in": "querystring" },
                    "most": { "shape": "Size", "in": "querystring", "name": "limit" },
                    "name": { "shape": "Text", "name": "orderName" } } },
                "Keys": { "type": "list", "member": "Text" },
                "Size": { "type": "integer" }, "Text": { "type": "string" } } }"#,
        )
    }

    #[test]
    fn operations_are_found_by_their_paths_and_a_fixed_segment_counts_more() {
        let model = model();
        let found = |method: &str, path: &str| {
            let (operation, labels) = model.operation_at(method, path)?;
            Some((
                operation,
                labels.into_iter().map(|(_, given)| given).collect::<Vec<_>>(),
            ))
        };
        let of = |operation, labels: &[&str]| {
            Some((operation, labels.iter().map(|&label| label.to_owned()).collect()))
        };
        assert_eq!(found("GET", "/orders"), of("ListOrders", &[]));
        assert_eq!(found("GET", "/orders/a%2Fb"), of("GetOrder", &["a/b"]));
        assert_eq!(found("GET", "/orders/last"), of("GetLast", &[]));
        assert_eq!(found("GET", "/orders/a/items/1"), of("GetItem", &["a", "1"]));
        assert_eq!(found("POST", "/tags/arn:aws:x/y"), of("Tag", &["arn:aws:x/y"]));
        for (method, path) in [("POST", "/orders"), ("GET", "/order"), ("GE", "/orders")] {
            assert_eq!(found(method, path), None, "{method} {path}");
        }
        assert!(model.is_below("/orders/x/y") && !model.is_below("/order") && !model.is_below("/"));
    }

    #[test]
    fn an_input_has_the_members_names_and_types() {
        let body = json!({ "orderName": "n", "id": "other", "unknown": 1 });
        let Value::Object(body) = body else { unreachable!() };
        let labels = vec![("order_id", "1".to_owned())];
        let input = model().rest_input("GetOrder", &labels, "keys=a&keys=b%20c&limit=5", body);
        assert_eq!(
            input,
            json!({ "id": "1", "keys": ["a", "b c"], "most": 5, "name": "n" })
        );
        let input = model().rest_input("GetOrder", &labels, "limit=five&limit=ten", Map::new());
        assert_eq!(input, json!({ "id": "1", "most": "ten" }));
    }
}
