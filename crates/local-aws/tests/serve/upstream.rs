//! A server of one's own behind the private path.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::thread::JoinHandle;

use local_aws::{LocalAws, Options, SeedDocument, Speed};
use serde_json::{Value, json};

use crate::client::{Client, Path};

/// Answers one request; gives what it was.
fn serve_one(answer: &'static str) -> (String, JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let served = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut seen = vec![0; 64 << 10];
        let read = stream.read(&mut seen).unwrap();
        stream.write_all(answer.as_bytes()).unwrap();
        String::from_utf8_lossy(&seen[..read]).into_owned()
    });
    (url, served)
}

fn with(upstream: &str) -> LocalAws {
    let document = format!(
        "vpcs: [{{ name: main, cidr_blocks: [10.0.0.0/16],
                  subnets: [{{ name: a, zone: a, cidr_block: 10.0.0.0/24 }}],
                  security_groups: [{{ name: in, ingress: [{{ protocol: tcp, ports: '443', cidr_blocks: [10.0.0.0/16] }}] }}] }}]
endpoints: [{{ name: api, vpc: main, security_groups: [in] }}]
apis: [{{ name: orders, routes: [{{ path: '/orders/{{id}}', auth: [api_key: {{ value: k }}], upstream: '{upstream}' }}] }}]"
    );
    LocalAws::start(Options {
        document: SeedDocument::parse(&document).unwrap(),
        speed: Speed::Instant,
        ..Options::default()
    })
    .unwrap()
}

/// The output of a call of `/prod/orders/7`.
fn call(aws: &LocalAws) -> Value {
    let client = Client::new(aws);
    let arn = Path::make(&client).connection_arn;
    let definition = json!({ "Type": "Task", "Resource": "arn:aws:states:::http:invoke", "End": true,
        "Parameters": { "ApiEndpoint": aws.seed().api_url.replace("{id}", "7"), "Method": "GET",
            "QueryParameters": { "all": "1" }, "InvocationConfig": { "ConnectionArn": arn } } });
    client
        .test_state(&arn, json!({ "definition": definition.to_string() }))
        .json()
}

#[test]
fn a_call_goes_on_to_the_users_own_server_and_its_answer_comes_back() {
    let (url, served) =
        serve_one("HTTP/1.1 201 Created\r\nx-version: 3\r\ncontent-length: 8\r\n\r\n{\"id\":7}");
    let aws = with(&url);
    let tested = call(&aws);
    assert_eq!(tested["status"], "SUCCEEDED", "{tested}");
    let output: Value = serde_json::from_str(tested["output"].as_str().unwrap()).unwrap();
    assert_eq!(
        (&output["StatusCode"], &output["ResponseBody"]),
        (&json!(201), &json!({ "id": 7 }))
    );
    assert_eq!(output["Headers"]["X-Version"], json!(["3"]));
    let seen = served.join().unwrap();
    assert!(seen.starts_with("GET /orders/7?all=1 HTTP/1.1\r\n"), "{seen}");
    assert!(seen.contains("x-api-key: k"), "{seen}");
    assert_eq!(aws.api_requests()[0].status, 201);
}

#[test]
fn a_server_that_is_not_there_is_a_bad_gateway() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", taken.local_addr().unwrap());
    drop(taken);
    assert_eq!(call(&with(&url))["error"], "States.Http.StatusCode.502");
}

#[test]
fn another_machine_is_no_upstream() {
    let document = "hosts: [{ name: h, domain_name: h.example.com, upstream: 'http://10.0.0.1:80' }]";
    let error = SeedDocument::parse(document).unwrap_err();
    assert!(error.contains("hosts[0].upstream"), "{error}");
}
