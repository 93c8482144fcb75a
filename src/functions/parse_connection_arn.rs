//! `parse_connection_arn(arn)`: the parts of a connection's ARN, and the ARNs that policies name.

use serde::Serialize;
use terraform_plugin::schema::string;
use terraform_plugin::{Attr, Function, FunctionError, Parameter, Signature, Type};

use crate::http_task::ConnectionArn;

pub struct ParseConnectionArn;

#[derive(Serialize)]
pub struct Parts {
    partition: String,
    region: String,
    account_id: String,
    name: String,
    id: Attr<String>,
    arn_for_policy: String,
    secret_arn_for_policy: String,
}

impl Function for ParseConnectionArn {
    const NAME: &'static str = "parse_connection_arn";
    type Arguments = (String,);
    type Result = Parts;

    fn signature() -> Signature {
        let names = [
            "partition",
            "region",
            "account_id",
            "name",
            "id",
            "arn_for_policy",
            "secret_arn_for_policy",
        ];
        Signature::new(Type::object(names.map(|name| (name, Type::String))))
            .summary("The parts of a connection's ARN.")
            .describe(
                "Returns an object with `partition`, `region`, `account_id`, `name`, `id` (the random part; null in an ARN \
                 without it), `arn_for_policy` (the ARN without it; a policy allows it and `<arn_for_policy>/*`) and \
                 `secret_arn_for_policy` (the connection's secret, with `*` for what is random).",
            )
            .parameter(
                "arn",
                Parameter::new(string().describe("ARN of a connection, with its random part or without.")),
            )
    }

    async fn call(&self, (arn,): Self::Arguments) -> Result<Parts, FunctionError> {
        let arn =
            ConnectionArn::parse(&arn).map_err(|error| FunctionError::argument(0, error.to_string()))?;
        Ok(Parts {
            arn_for_policy: arn.for_policy(),
            secret_arn_for_policy: arn.secret_for_policy(),
            partition: arn.partition,
            region: arn.region,
            account_id: arn.account,
            name: arn.name,
            id: arn.id.into(),
        })
    }
}
