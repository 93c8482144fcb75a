//! The few AWS calls that a user would make by hand, signed: a call through the connection, a rule taken away, a state
//! machine started.

use std::time::SystemTime;

use aws_credential_types::Credentials;
use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign};
use aws_sigv4::sign::v4::SigningParams;
use serde_json::{Value, json};

use crate::local_aws::LocalAws;

impl LocalAws {
    /// Runs one HTTP task through a connection, as Step Functions' TestState does: `GET` of the seeded API.
    pub fn call_api(&self, connection_arn: &str) -> Result<Value, String> {
        let state = json!({
            "Type": "Task",
            "Resource": "arn:aws:states:::http:invoke",
            "Parameters": {
                "ApiEndpoint": self.text("api_url"),
                "Method": "GET",
                "InvocationConfig": { "ConnectionArn": connection_arn },
            },
            "End": true,
        });
        let request =
            json!({ "definition": state.to_string(), "roleArn": self.text("role_arn"), "input": "{}" });
        self.states("TestState", &request)
    }

    /// Makes a call of Step Functions.
    pub fn states(&self, operation: &str, input: &Value) -> Result<Value, String> {
        self.json("states", "1.0", &format!("AWSStepFunctions.{operation}"), input)
    }

    /// Makes a call of EventBridge.
    pub fn events(&self, operation: &str, input: &Value) -> Result<Value, String> {
        self.json("events", "1.1", &format!("AWSEvents.{operation}"), input)
    }

    fn json(&self, service: &str, version: &str, target: &str, input: &Value) -> Result<Value, String> {
        let kind = format!("application/x-amz-json-{version}");
        let headers = [("content-type", kind.as_str()), ("x-amz-target", target)];
        let answer = self.signed(service, &headers, &input.to_string())?;
        if answer.is_empty() {
            return Ok(Value::Null);
        }
        serde_json::from_str(&answer).map_err(|error| format!("{target} answers no JSON: {error}: {answer}"))
    }

    /// Takes every rule away that lets traffic out of a security group.
    pub fn revoke_egress(&self, group: &str) -> Result<(), String> {
        let rules = self.get("objects")?;
        let rules = rules
            .iter()
            .filter(|o| o["type"] == "security-group-rule" && o["name"] == group);
        let mut form = format!("Action=RevokeSecurityGroupEgress&Version=2016-11-15&GroupId={group}");
        for (n, rule) in rules.enumerate() {
            let id = rule["id"].as_str().unwrap_or_default();
            form.push_str(&format!("&SecurityGroupRuleId.{}={id}", n + 1));
        }
        self.signed(
            "ec2",
            &[("content-type", "application/x-www-form-urlencoded")],
            &form,
        )
        .map(drop)
    }

    fn signed(&self, service: &str, headers: &[(&str, &str)], body: &str) -> Result<String, String> {
        let url = format!("{}/", self.text("endpoint"));
        let identity = Credentials::new("local", "local", None, None, "xtask").into();
        let parameters = SigningParams::builder()
            .identity(&identity)
            .region(self.text("region"))
            .name(service)
            .time(SystemTime::now())
            .settings(SigningSettings::default())
            .build()
            .map_err(|error| error.to_string())?
            .into();
        let content = SignableBody::Bytes(body.as_bytes());
        let signable = SignableRequest::new("POST", url.as_str(), headers.iter().copied(), content);
        let (instructions, _) = signable
            .and_then(|signable| sign(signable, &parameters))
            .map_err(|error| error.to_string())?
            .into_parts();
        let agent: ureq::Agent = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .build()
            .into();
        let mut request = agent.post(&url);
        for (name, value) in headers.iter().copied().chain(instructions.headers()) {
            request = request.header(name, value);
        }
        let mut answer = request
            .send(body)
            .map_err(|error| format!("{service} cannot be called: {error}"))?;
        let text = answer
            .body_mut()
            .read_to_string()
            .map_err(|error| error.to_string())?;
        if answer.status().is_success() {
            Ok(text)
        } else {
            Err(format!("{service} answers {}: {text}", answer.status()))
        }
    }
}
