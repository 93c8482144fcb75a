//! Objects as they are shown: made of a request's members, and changed by patch operations (RFC 6902, with texts for
//! values).

use serde_json::{Map, Value};

use super::bad_request;
use crate::core::error::{Answer, ApiError};
use crate::core::tags::Tags;

/// The members of a request that an object takes over, those of the path left out.
pub(super) fn taken(input: &Value, members: &[&str]) -> Value {
    let kept = members.iter().filter_map(|name| {
        let value = input.get(*name).filter(|value| !value.is_null())?;
        Some(((*name).to_owned(), value.clone()))
    });
    Value::Object(kept.collect())
}

/// The tags of an object.
pub(super) fn tags(document: &Value) -> Tags {
    let tags = document
        .get("tags")
        .and_then(Value::as_object)
        .into_iter()
        .flatten();
    tags.filter_map(|(key, value)| Some((key.clone(), value.as_str()?.to_owned())))
        .collect()
}

/// Members that are no texts, which a patch writes as texts all the same.
const FLAGS: [&str; 5] = [
    "apiKeyRequired",
    "cacheClusterEnabled",
    "disableExecuteApiEndpoint",
    "insecureSkipVerification",
    "tracingEnabled",
];
const PARAMETERS: [&str; 2] = ["requestParameters", "responseParameters"];
const NUMBERS: [&str; 2] = ["minimumCompressionSize", "timeoutInMillis"];

/// Applies the patch operations of a request to the members that may be changed.
pub(super) fn patch(document: &mut Value, input: &Value, changeable: &[&str]) -> Answer<()> {
    let operations = input.get("patchOperations").and_then(Value::as_array);
    for operation in operations.into_iter().flatten() {
        let path = operation["path"].as_str().unwrap_or_default();
        let steps: Vec<String> = path
            .split('/')
            .skip(1)
            .map(|step| step.replace("~1", "/").replace("~0", "~"))
            .collect();
        if !steps
            .first()
            .is_some_and(|first| changeable.contains(&first.as_str()))
        {
            return Err(invalid_path(path, changeable));
        }
        let steps: Vec<&str> = steps.iter().map(String::as_str).collect();
        apply(document, operation, &steps, path)?;
    }
    Ok(())
}

fn invalid_path(path: &str, changeable: &[&str]) -> ApiError {
    let known: Vec<String> = changeable.iter().map(|name| format!("/{name}")).collect();
    bad_request(format!(
        "Invalid patch path '{path}' specified. Must be one of: [{}]",
        known.join(", ")
    ))
}

fn apply(document: &mut Value, operation: &Value, steps: &[&str], path: &str) -> Answer<()> {
    let (Some((last, way)), Some(members)) = (steps.split_last(), document.as_object_mut()) else {
        return Err(bad_request(format!("Invalid patch path '{path}' specified")));
    };
    let mut members = members;
    for (depth, step) in way.iter().enumerate() {
        let is_parent = depth + 1 == way.len();
        let inner = members.entry(*step).or_insert_with(|| Value::Object(Map::new()));
        if is_parent && inner.is_array() {
            return change_list(inner, operation, last);
        }
        members = inner
            .as_object_mut()
            .ok_or_else(|| bad_request(format!("Invalid patch path '{path}' specified")))?;
    }
    let value = operation["value"].as_str();
    match operation["op"].as_str() {
        Some("remove") => {
            members.remove(*last);
        }
        // The items of a list are added by their values.
        Some("add") if members.get(*last).is_some_and(Value::is_array) => {
            return change_list(&mut members[*last], operation, value.unwrap_or_default());
        }
        Some("add" | "replace") => {
            let text = value.unwrap_or_default();
            // Of methods and their responses parameters are flags, of integrations they are mapped from somewhere.
            let of_parameters = way.first().is_some_and(|first| PARAMETERS.contains(first));
            let value = match text.parse::<bool>() {
                Ok(flag) if of_parameters => flag.into(),
                _ => typed(last, text, path)?,
            };
            members.insert((*last).to_owned(), value);
        }
        other => {
            let other = other.unwrap_or_default();
            return Err(bad_request(format!(
                "Invalid patch operation '{other}' specified"
            )));
        }
    }
    Ok(())
}

/// Adds or removes an item of a list of texts, which the path names; one place of it may be replaced, too.
fn change_list(list: &mut Value, operation: &Value, item: &str) -> Answer<()> {
    let Some(items) = list.as_array_mut() else {
        return Ok(());
    };
    match (operation["op"].as_str(), operation["value"].as_str()) {
        (Some("remove"), named) => items.retain(|known| known != named.unwrap_or(item)),
        (Some("replace"), Some(value)) => {
            // The types of endpoints are replaced by the type that there is.
            items.retain(|known| known != item);
            items.push(value.into());
        }
        (_, value) => {
            let added = value.unwrap_or(item);
            if !items.iter().any(|known| known == added) {
                items.push(added.into());
            }
        }
    }
    Ok(())
}

fn typed(member: &str, text: &str, path: &str) -> Answer<Value> {
    let wrong = |what: &str| {
        bad_request(format!(
            "Invalid value '{text}' specified for {path}: it is no {what}"
        ))
    };
    if FLAGS.contains(&member) {
        return text
            .parse::<bool>()
            .map(Value::from)
            .map_err(|_| wrong("boolean"));
    }
    if NUMBERS.contains(&member) {
        return text.parse::<i64>().map(Value::from).map_err(|_| wrong("number"));
    }
    Ok(text.into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_patch_changes_what_it_names_and_nothing_else() {
        let mut document = json!({ "name": "orders", "types": ["text/plain"],
            "endpointConfiguration": { "types": ["PRIVATE"], "vpcEndpointIds": ["vpce-1"] } });
        let patch_by = |document: &mut Value, operations: Value| {
            let input = json!({ "patchOperations": operations });
            patch(
                document,
                &input,
                &[
                    "name",
                    "types",
                    "endpointConfiguration",
                    "disableExecuteApiEndpoint",
                ],
            )
        };
        patch_by(
            &mut document,
            json!([
                { "op": "replace", "path": "/name", "value": "bills" },
                { "op": "add", "path": "/types/image~1png" },
                { "op": "remove", "path": "/endpointConfiguration/vpcEndpointIds", "value": "vpce-1" },
                { "op": "add", "path": "/endpointConfiguration/vpcEndpointIds", "value": "vpce-2" },
                { "op": "replace", "path": "/disableExecuteApiEndpoint", "value": "true" },
            ]),
        )
        .unwrap();
        assert_eq!(document["name"], "bills");
        assert_eq!(document["types"], json!(["text/plain", "image/png"]));
        assert_eq!(document["disableExecuteApiEndpoint"], true);
        document["responseParameters"] = json!({ "method.response.header.a": false });
        let mut of_response = document.clone();
        let flag = json!([{ "op": "replace", "path": "/responseParameters/method.response.header.a", "value": "true" }]);
        patch(
            &mut of_response,
            &json!({ "patchOperations": flag }),
            &["responseParameters"],
        )
        .unwrap();
        assert_eq!(
            of_response["responseParameters"]["method.response.header.a"],
            true
        );
        for wrong in [
            json!([{ "op": "replace", "path": "/id", "value": "x" }]),
            json!([{ "op": "replace", "path": "/name/first", "value": "x" }]),
            json!([{ "op": "move", "path": "/name", "value": "x" }]),
            json!([{ "op": "replace", "path": "/disableExecuteApiEndpoint", "value": "maybe" }]),
        ] {
            assert_eq!(
                patch_by(&mut document, wrong).unwrap_err().code,
                "BadRequestException"
            );
        }
    }
}
