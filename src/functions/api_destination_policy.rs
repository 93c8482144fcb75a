//! `api_destination_policy(connection_arn, names)`: what whoever sends to API destinations needs.

use terraform_plugin::schema::{set, string};
use terraform_plugin::{Function, FunctionError, Parameter, Signature, Type};

use crate::http_task::{ConnectionArn, is_name, policy};

pub struct ApiDestinationPolicy;

impl Function for ApiDestinationPolicy {
    const NAME: &'static str = "api_destination_policy";
    type Arguments = (String, Vec<String>);
    type Result = String;

    fn signature() -> Signature {
        Signature::new(Type::String)
            .summary("The policy of the role of a rule, a pipe or a schedule that sends to API destinations.")
            .describe(
                "Returns the JSON of an IAM policy that allows `events:InvokeApiDestination` for the API destinations of these \
                 names, which are in the account and Region of the connection. It is known before they are made.",
            )
            .parameter(
                "connection_arn",
                Parameter::new(string().describe(
                    "ARN of the connection, with its random part or without: `connection_arn_for_policy` of an invocation.",
                )),
            )
            .parameter(
                "names",
                Parameter::new(set(Type::String).describe(
                    "Names of API destinations: the keys of `api_destinations`, `keys(private_api_invocation.orders.api_destinations)`.",
                )),
            )
    }

    async fn call(&self, (arn, names): Self::Arguments) -> Result<String, FunctionError> {
        let connection =
            ConnectionArn::parse(&arn).map_err(|error| FunctionError::argument(0, error.to_string()))?;
        if names.is_empty() {
            return Err(FunctionError::argument(
                1,
                "a policy has to allow something; give the name of one API destination at least",
            ));
        }
        if let Some(name) = names.iter().find(|name| !is_name(name)) {
            return Err(FunctionError::argument(
                1,
                format!(
                    "{name:?} is not the name of an API destination: 1 to 64 letters, digits, dots, dashes and underscores"
                ),
            ));
        }
        Ok(policy::of_sender(&connection, &names))
    }
}
