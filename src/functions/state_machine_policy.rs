//! `state_machine_policy(connection_arn, options…)`: what a state machine's role needs, and no more.

use terraform_plugin::schema::{dynamic, string};
use terraform_plugin::{Function, FunctionError, Parameter, Signature, Type, Value};

use super::options::{Options, wrong};
use crate::aws::Arn;
use crate::http_task::policy::{self, Narrowed};
use crate::http_task::{ConnectionArn, METHODS, is_host};

pub struct StateMachinePolicy;

const OPTIONS: [&str; 4] = ["hosts", "urls", "methods", "kms_key_arn"];

impl Function for StateMachinePolicy {
    const NAME: &'static str = "state_machine_policy";
    type Arguments = (String, Vec<Value>);
    type Result = String;

    fn signature() -> Signature {
        Signature::new(Type::String)
            .summary("The policy of a state machine's role, narrowed to hosts and methods.")
            .describe(
                "Returns the JSON of an IAM policy: `states:InvokeHTTPEndpoint` for these hosts and methods, the use of the \
                 connection, the reading of its secret, and `kms:Decrypt` of the secret's key. Without options it is the \
                 invocation's `state_machine_policy_json`. From `connection_arn_for_policy`, it is known before the \
                 connection is made.\n\nThe options, all of which may be left out:\n\n\
                 - `hosts`: the hosts that may be called, such as `a1b2c3d4e5.execute-api.eu-central-1.amazonaws.com`, each \
                 with every path.\n\
                 - `urls`: URLs that may be called, beside the hosts; `*` stands for anything: \
                 `https://api.example.com/prod/*`.\n\
                 - `methods`: the methods that may be used.\n\
                 - `kms_key_arn`: the ARN of the key in `kms_key_identifier`, where the invocation has one. The key's policy \
                 has to let the role use it, too.",
            )
            .parameter(
                "connection_arn",
                Parameter::new(string().describe(
                    "ARN of the connection, with its random part or without: `connection_arn_for_policy` of an invocation.",
                )),
            )
            .variadic(
                "options",
                Parameter::new(dynamic().describe("An object of options, or nothing.")),
            )
    }

    async fn call(&self, (arn, options): Self::Arguments) -> Result<String, FunctionError> {
        let connection =
            ConnectionArn::parse(&arn).map_err(|error| FunctionError::argument(0, error.to_string()))?;
        let mut options = Options::of(&options, &OPTIONS)?;
        let mut urls = Vec::new();
        for host in options.texts("hosts")? {
            urls.push(all_of(&host)?);
        }
        for url in options.texts("urls")? {
            if !url.starts_with("https://") || url.len() == "https://".len() {
                return Err(wrong(&format!(
                    "{url:?} among urls does not begin with https:// and a host"
                )));
            }
            urls.push(url);
        }
        let methods = options.texts("methods")?;
        if let Some(method) = methods.iter().find(|method| !METHODS.contains(&method.as_str())) {
            return Err(wrong(&format!(
                "{method:?} is not a method of HTTP tasks; they are {}",
                METHODS.join(", ")
            )));
        }
        let narrowed = Narrowed {
            urls,
            methods,
            kms_key_arn: options.text("kms_key_arn")?.map(key).transpose()?,
        };
        Ok(policy::of_state_machine(&connection, &narrowed))
    }
}

/// The pattern of every URL of a host, which may have a port.
fn all_of(host: &str) -> Result<String, FunctionError> {
    let (name, port) = host
        .split_once(':')
        .map_or((host, None), |(name, port)| (name, Some(port)));
    let is_port = port.is_none_or(|port| port.parse::<u16>().is_ok_and(|port| port != 0));
    if !is_host(&name.to_ascii_lowercase()) || !is_port {
        return Err(wrong(&format!(
            "{host:?} among hosts is not a host name, such as a1b2c3d4e5.execute-api.eu-central-1.amazonaws.com; a whole URL \
             goes into urls"
        )));
    }
    Ok(format!("https://{host}/*"))
}

/// The ARN of a key: policies cannot name an alias.
fn key(text: String) -> Result<String, FunctionError> {
    let arn = Arn::parse(&text);
    if arn.is_some_and(|arn| arn.service == "kms" && arn.resource.starts_with("key/")) {
        return Ok(text);
    }
    Err(wrong(&format!(
        "{text:?} is not the ARN of a KMS key, arn:aws:kms:<region>:<account>:key/<id>; a policy cannot name an alias"
    )))
}
