//! The methods of resources, their integrations, and the responses of both.

use serde_json::{Map, Value, json};

use super::resources::of_mut;
use super::{bad_request, conflict, document, gone, not_found, required, text};
use crate::core::error::{Answer, ApiError};
use crate::core::world::World;
use crate::wire::Reply;

/// One kind of part of a method: where it stands, what is said when it does not, and its members.
struct Part {
    /// The members that lead to it from its resource; `{}` stands for a name of the request.
    way: &'static [&'static str],
    missing: &'static str,
    /// Members that a request gives it.
    taken: &'static [&'static str],
    /// Members that a patch may change.
    changeable: &'static [&'static str],
}

const METHOD: Part = Part {
    way: &["resourceMethods", "{httpMethod}"],
    missing: "Invalid Method identifier specified",
    taken: &[
        "authorizationType",
        "authorizerId",
        "apiKeyRequired",
        "operationName",
        "requestParameters",
        "requestModels",
        "requestValidatorId",
        "authorizationScopes",
    ],
    changeable: &[
        "authorizationType",
        "authorizerId",
        "apiKeyRequired",
        "operationName",
        "requestParameters",
        "requestModels",
        "requestValidatorId",
        "authorizationScopes",
    ],
};

const INTEGRATION: Part = Part {
    way: &["resourceMethods", "{httpMethod}", "methodIntegration"],
    missing: "Invalid Integration identifier specified",
    taken: &[
        "type",
        "uri",
        "connectionType",
        "connectionId",
        "credentials",
        "requestParameters",
        "requestTemplates",
        "passthroughBehavior",
        "contentHandling",
        "timeoutInMillis",
        "cacheNamespace",
        "cacheKeyParameters",
        "tlsConfig",
    ],
    changeable: &[
        "httpMethod",
        "uri",
        "connectionType",
        "connectionId",
        "credentials",
        "requestParameters",
        "requestTemplates",
        "passthroughBehavior",
        "contentHandling",
        "timeoutInMillis",
        "cacheNamespace",
        "cacheKeyParameters",
        "tlsConfig",
    ],
};

const RESPONSE: Part = Part {
    way: &[
        "resourceMethods",
        "{httpMethod}",
        "methodResponses",
        "{statusCode}",
    ],
    missing: "Invalid Response status code specified",
    taken: &["statusCode", "responseParameters", "responseModels"],
    changeable: &["responseParameters", "responseModels"],
};

const INTEGRATION_RESPONSE: Part = Part {
    way: &[
        "resourceMethods",
        "{httpMethod}",
        "methodIntegration",
        "integrationResponses",
        "{statusCode}",
    ],
    missing: "Invalid Response status code specified",
    taken: &[
        "statusCode",
        "selectionPattern",
        "responseParameters",
        "responseTemplates",
        "contentHandling",
    ],
    changeable: &[
        "selectionPattern",
        "responseParameters",
        "responseTemplates",
        "contentHandling",
    ],
};

impl Part {
    /// The members that lead to the part that a request names.
    fn steps<'s>(&'s self, input: &'s Value) -> Answer<Vec<&'s str>> {
        let steps = self.way.iter().map(|step| {
            let member = step.strip_prefix('{').and_then(|step| step.strip_suffix('}'));
            member.map_or(Ok(*step), |member| required(input, member))
        });
        steps.collect()
    }

    fn find<'w>(&self, world: &'w mut World, input: &Value) -> Answer<&'w mut Value> {
        let steps = self.steps(input)?;
        let mut at = of_mut(world, input)?;
        for step in steps {
            at = at.get_mut(step).ok_or_else(|| self.not_found())?;
        }
        Ok(at)
    }

    fn not_found(&self) -> ApiError {
        not_found(self.missing)
    }

    /// Puts the part of a request in its place, which its method or integration has to have.
    fn put(&self, world: &mut World, input: &Value, part: Value) -> Answer<Reply> {
        let steps = self.steps(input)?;
        let mut at = of_mut(world, input)?;
        for (depth, step) in steps.iter().enumerate() {
            let is_there = !at[*step].is_null();
            let may_begin = depth + 1 == steps.len()
                || matches!(
                    *step,
                    "resourceMethods" | "methodResponses" | "integrationResponses"
                );
            if !is_there && !may_begin {
                let missing = if *step == "methodIntegration" {
                    &INTEGRATION
                } else {
                    &METHOD
                };
                return Err(missing.not_found());
            }
            if !is_there {
                at[*step] = json!({});
            }
            at = &mut at[*step];
        }
        *at = part.clone();
        Ok(Reply::json(part))
    }

    fn get(&self, world: &mut World, input: &Value) -> Answer<Reply> {
        self.find(world, input).map(|part| Reply::json(part.clone()))
    }

    fn update(&self, world: &mut World, input: &Value) -> Answer<Value> {
        let part = self.find(world, input)?;
        let mut changed = part.clone();
        document::patch(&mut changed, input, self.changeable)?;
        part.clone_from(&changed);
        Ok(changed)
    }

    fn delete(&self, world: &mut World, input: &Value) -> Answer<Reply> {
        self.find(world, input)?;
        let steps = self.steps(input)?;
        let Some((last, way)) = steps.split_last() else {
            return Err(self.not_found());
        };
        let mut at = of_mut(world, input)?;
        for step in way {
            at = &mut at[*step];
        }
        if let Some(members) = at.as_object_mut() {
            members.remove(*last);
        }
        gone()
    }
}

fn defaults(part: &mut Value, defaults: &[(&str, Value)]) {
    for (member, value) in defaults {
        if part[*member].is_null() {
            part[*member] = value.clone();
        }
    }
}

pub(super) fn put(world: &mut World, input: &Value) -> Answer<Reply> {
    const METHODS: [&str; 8] = ["GET", "PUT", "POST", "DELETE", "PATCH", "HEAD", "OPTIONS", "ANY"];
    let name = required(input, "httpMethod")?;
    if !METHODS.contains(&name) {
        return Err(bad_request(format!(
            "Invalid HTTP method '{name}' specified; there are {}",
            METHODS.join(", ")
        )));
    }
    let kind = required(input, "authorizationType")?;
    if !matches!(kind, "NONE" | "AWS_IAM" | "CUSTOM" | "COGNITO_USER_POOLS") {
        return Err(bad_request(
            "Invalid authorization type specified. Setting the authorization type to CUSTOM or COGNITO_USER_POOLS requires a valid authorizer.",
        ));
    }
    if METHOD.find(world, input).is_ok() {
        return Err(conflict("Method already exists for this resource"));
    }
    let mut method = document::taken(input, METHOD.taken);
    method["httpMethod"] = name.into();
    defaults(&mut method, &[("apiKeyRequired", json!(false))]);
    METHOD.put(world, input, method)
}

pub(super) fn get(world: &mut World, input: &Value) -> Answer<Reply> {
    METHOD.get(world, input)
}

pub(super) fn update(world: &mut World, input: &Value) -> Answer<Reply> {
    METHOD.update(world, input).map(Reply::json)
}

pub(super) fn delete(world: &mut World, input: &Value) -> Answer<Reply> {
    METHOD.delete(world, input)
}

pub(super) fn put_integration(world: &mut World, input: &Value) -> Answer<Reply> {
    let kind = required(input, "type")?;
    if kind != "MOCK" {
        if input["uri"].as_str().is_none_or(str::is_empty) {
            return Err(bad_request("Uri must be specified for this integration type"));
        }
        if input["integrationHttpMethod"].is_null() {
            return Err(bad_request("Enumeration value for HttpMethod must be non-empty"));
        }
    }
    let mut integration = document::taken(input, INTEGRATION.taken);
    if let Some(method) = text(input, "integrationHttpMethod") {
        integration["httpMethod"] = method.into();
    }
    defaults(
        &mut integration,
        &[
            ("passthroughBehavior", json!("WHEN_NO_MATCH")),
            ("timeoutInMillis", json!(29_000)),
            ("cacheNamespace", input["resourceId"].clone()),
            ("cacheKeyParameters", json!([])),
        ],
    );
    if kind != "MOCK" {
        defaults(&mut integration, &[("connectionType", json!("INTERNET"))]);
    }
    // What was there keeps its responses.
    if let Ok(before) = INTEGRATION.find(world, input)
        && let Some(responses) = before.get("integrationResponses")
    {
        integration["integrationResponses"] = responses.clone();
    }
    INTEGRATION.put(world, input, integration)
}

pub(super) fn get_integration(world: &mut World, input: &Value) -> Answer<Reply> {
    INTEGRATION.get(world, input)
}

pub(super) fn update_integration(world: &mut World, input: &Value) -> Answer<Reply> {
    INTEGRATION.update(world, input).map(Reply::json)
}

pub(super) fn delete_integration(world: &mut World, input: &Value) -> Answer<Reply> {
    INTEGRATION.delete(world, input)
}

fn check_status(input: &Value) -> Answer<()> {
    let status = required(input, "statusCode")?;
    match status.parse::<u16>() {
        Ok(100..=599) => Ok(()),
        _ => Err(bad_request(format!("Invalid status code '{status}' specified"))),
    }
}

pub(super) fn put_response(world: &mut World, input: &Value) -> Answer<Reply> {
    check_status(input)?;
    if RESPONSE.find(world, input).is_ok() {
        return Err(conflict("Response already exists for this resource"));
    }
    let response = document::taken(input, RESPONSE.taken);
    RESPONSE.put(world, input, response)
}

pub(super) fn get_response(world: &mut World, input: &Value) -> Answer<Reply> {
    RESPONSE.get(world, input)
}

pub(super) fn update_response(world: &mut World, input: &Value) -> Answer<Reply> {
    RESPONSE.update(world, input).map(Reply::json)
}

pub(super) fn delete_response(world: &mut World, input: &Value) -> Answer<Reply> {
    RESPONSE.delete(world, input)
}

pub(super) fn put_integration_response(world: &mut World, input: &Value) -> Answer<Reply> {
    check_status(input)?;
    let response = document::taken(input, INTEGRATION_RESPONSE.taken);
    let without_nothing = |response: Value| match response {
        Value::Object(members) => {
            let kept = members.into_iter().filter(|(_, value)| *value != json!({}));
            Value::Object(kept.collect::<Map<_, _>>())
        }
        other => other,
    };
    INTEGRATION_RESPONSE.put(world, input, without_nothing(response))
}

pub(super) fn get_integration_response(world: &mut World, input: &Value) -> Answer<Reply> {
    INTEGRATION_RESPONSE.get(world, input)
}

pub(super) fn update_integration_response(world: &mut World, input: &Value) -> Answer<Reply> {
    INTEGRATION_RESPONSE.update(world, input).map(Reply::json)
}

pub(super) fn delete_integration_response(world: &mut World, input: &Value) -> Answer<Reply> {
    INTEGRATION_RESPONSE.delete(world, input)
}
