//! What is not served says so, in the protocol that the caller speaks.

use serde_json::{Value, json};

use crate::client::{Answer, Client, instant};

fn says(answer: &Answer, what: &str, code: &str) {
    assert_eq!(answer.code(), code, "{answer:?}");
    let words = format!("local-aws does not serve {what}; GET /_local/operations");
    assert!(answer.body.contains(&words), "{answer:?}");
}

#[test]
fn an_operation_that_is_not_served_is_named() {
    let aws = instant();
    let client = Client::new(&aws);
    says(
        &client.ec2("DescribeInstances", &[]),
        "ec2:DescribeInstances",
        "InvalidAction",
    );
    says(
        &client.events("CreateArchive", json!({})),
        "events:CreateArchive",
        "UnknownOperationException",
    );
    let services = client.lattice("GET", "/services", Value::Null);
    says(
        &services,
        "vpc-lattice:GET /services",
        "UnknownOperationException",
    );
    says(
        &client.query("iam", "2010-05-08", "CreateUser", &[]),
        "iam:CreateUser",
        "InvalidAction",
    );
}

#[test]
fn a_service_that_is_not_served_is_named_in_the_protocol_of_the_request() {
    let aws = instant();
    let client = Client::new(&aws);
    let target = [("x-amz-target", "DynamoDB_20120810.ListTables")];
    let json = client.send("dynamodb", "POST", "/", &target, "{}").unwrap();
    says(&json, "dynamodb:ListTables", "UnknownOperationException");
    let form = client.query("sns", "2010-03-31", "ListTopics", &[]);
    says(&form, "sns:ListTopics", "InvalidAction");
    let rest = client.send("lambda", "GET", "/functions", &[], "").unwrap();
    says(&rest, "lambda:GET /functions", "UnknownOperationException");
    let bucket = client.send("s3", "GET", "/bucket", &[], "").unwrap();
    assert!(bucket.body.starts_with("<?xml"), "{bucket:?}");
}
