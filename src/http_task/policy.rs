//! The policies of the roles that call through a connection.

use serde_json::{Value, json};

use super::connection_arn::ConnectionArn;

/// What a state machine's role may call, where that is narrowed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Narrowed {
    /// URLs, in which `*` stands for anything; empty for all.
    pub urls: Vec<String>,
    /// Empty for all.
    pub methods: Vec<String>,
    /// The ARN of the customer's key with which the connection's secret is encrypted.
    pub kms_key_arn: Option<String>,
}

/// What a state machine's role needs to call through the connection (AWS Step Functions Developer Guide, "Call HTTPS
/// APIs"): the call, the connection's credentials, the secret in which EventBridge keeps them, and the secret's key.
pub fn of_state_machine(connection: &ConnectionArn, narrowed: &Narrowed) -> String {
    let by_name = connection.for_policy();
    let mut call = json!({ "Effect": "Allow", "Action": "states:InvokeHTTPEndpoint", "Resource": "*" });
    if !narrowed.urls.is_empty() {
        call["Condition"]["StringLike"]["states:HTTPEndpoint"] = json!(narrowed.urls);
    }
    if !narrowed.methods.is_empty() {
        call["Condition"]["StringEquals"]["states:HTTPMethod"] = json!(narrowed.methods);
    }
    let mut statements = vec![
        call,
        json!({
            "Effect": "Allow",
            "Action": "events:RetrieveConnectionCredentials",
            "Resource": [by_name, format!("{by_name}/*")],
        }),
        json!({
            "Effect": "Allow",
            "Action": ["secretsmanager:GetSecretValue", "secretsmanager:DescribeSecret"],
            "Resource": connection.secret_for_policy(),
        }),
    ];
    statements.extend(narrowed.kms_key_arn.as_ref().map(|key| {
        // The domain after the Region differs by partition, and the Region is what matters.
        let via = format!("secretsmanager.{}.*", connection.region);
        json!({
            "Effect": "Allow",
            "Action": "kms:Decrypt",
            "Resource": key,
            "Condition": { "StringLike": { "kms:ViaService": via } },
        })
    }));
    document(statements)
}

/// What whoever sends to API destinations needs, a rule's role or a scheduler's: by their names, so that it is known before
/// they are made, and stays right when one is made anew.
pub fn of_sender(connection: &ConnectionArn, destinations: &[String]) -> String {
    let arns = destinations
        .iter()
        .map(|name| connection.of("events", format!("api-destination/{name}/*")));
    let allow = json!({
        "Effect": "Allow",
        "Action": "events:InvokeApiDestination",
        "Resource": arns.collect::<Vec<_>>(),
    });
    document(vec![allow])
}

fn document(statements: Vec<Value>) -> String {
    let mut document = json!({ "Version": "2012-10-17", "Statement": statements });
    // As states have it: another order of the members would be a change in every plan.
    document.sort_all_objects();
    document.to_string()
}
