//! What executions cost: `cargo bench -p local-aws --bench executions`. A thousand of Pass → HTTP task → Choice, started by
//! one client over one kept connection; how many end in a second, and what memory they take.

#[path = "shared/client.rs"]
mod client;

use std::io::{self, Write};
use std::time::Instant;

use client::{Server, connect, exchange, request};
use serde_json::{Value, json};

const EXECUTIONS: usize = 1000;

/// A public server, so that nothing but a connection is needed to call it.
const SEED: &str = "
hosts:
  - name: shop
    domain_name: shop.example.com
    routes: [{ path: /orders, response: { body: { count: 2 } } }]
";

fn main() -> io::Result<()> {
    let mut out = io::stdout();
    let file = std::env::temp_dir().join(format!("local-aws-bench-{}.yaml", std::process::id()));
    std::fs::write(&file, SEED)?;
    let (server, _) = Server::start(&["--speed", "instant", "--seed", &file.to_string_lossy()])?;
    std::fs::remove_file(&file)?;
    let (mut stream, mut body) = (connect(&server)?, Vec::new());
    let mut call = |service: &str, target: &str, input: Value| -> io::Result<Value> {
        let request = request(server.endpoint(), service, target, &input.to_string())?;
        exchange(&mut stream, &request, &mut body)?;
        serde_json::from_slice(&body).map_err(io::Error::other)
    };
    let connection = json!({ "Name": "shop", "AuthorizationType": "API_KEY",
        "AuthParameters": { "ApiKeyAuthParameters": { "ApiKeyName": "x-api-key", "ApiKeyValue": "k" } } });
    let connection = call("events", "AWSEvents.CreateConnection", connection)?;
    let definition = json!({ "StartAt": "prepare", "States": {
        "prepare": { "Type": "Pass", "Result": { "method": "GET" }, "ResultPath": "$.how", "Next": "call" },
        "call": { "Type": "Task", "Resource": "arn:aws:states:::http:invoke", "Next": "which", "Parameters": {
            "ApiEndpoint": "https://shop.example.com/orders", "Method.$": "$.how.method",
            "InvocationConfig": { "ConnectionArn": connection["ConnectionArn"] } } },
        "which": { "Type": "Choice", "Choices": [{ "Variable": "$.ResponseBody.count", "NumericGreaterThan": 1, "Next": "many" }] },
        "many": { "Type": "Succeed" },
    } });
    let machine =
        json!({ "name": "shop", "definition": definition.to_string(), "roleArn": server.seed["role_arn"] });
    let machine = call("states", "AWSStepFunctions.CreateStateMachine", machine)?;
    let arn = &machine["stateMachineArn"];
    let before = server.memory()?;
    let began = Instant::now();
    for number in 0..EXECUTIONS {
        let input = json!({ "stateMachineArn": arn, "input": json!({ "number": number }).to_string() });
        call("states", "AWSStepFunctions.StartExecution", input)?;
    }
    let started = began.elapsed();
    let of_status =
        |status: &str| json!({ "stateMachineArn": arn, "statusFilter": status, "maxResults": EXECUTIONS });
    loop {
        let running = call("states", "AWSStepFunctions.ListExecutions", of_status("RUNNING"))?;
        if running["executions"].as_array().is_none_or(Vec::is_empty) {
            break;
        }
    }
    let took = began.elapsed().as_secs_f64();
    let after = server.memory()?;
    let succeeded = call(
        "states",
        "AWSStepFunctions.ListExecutions",
        of_status("SUCCEEDED"),
    )?;
    let succeeded = succeeded["executions"].as_array().map_or(0, Vec::len);
    writeln!(
        out,
        "{succeeded} of {EXECUTIONS} executions of Pass, HTTP task and Choice succeeded: started in {:.2} s, ended in {took:.2} s, \
         {:.0} a second",
        started.as_secs_f64(),
        EXECUTIONS as f64 / took
    )?;
    writeln!(
        out,
        "resident memory: {before:.1} MiB before, {after:.1} MiB after, {:.1} KiB an execution",
        (after - before) * 1024.0 / EXECUTIONS as f64
    )
}
