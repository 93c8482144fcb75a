//! Bytes that are no requests, many clients at once: the server answers in its protocol or hangs up, and goes on.

use std::collections::BTreeSet;
use std::io::{Read, Write};
use std::net::{Shutdown, TcpStream};
use std::thread;

use local_aws::LocalAws;
use serde_json::{Value, json};

use crate::client::{Client, gateway_input, group, instant};

/// Sends bytes and closes that side; gives everything that came back.
fn throw(aws: &LocalAws, bytes: &[u8]) -> Vec<u8> {
    let mut stream = TcpStream::connect(aws.endpoint().trim_start_matches("http://")).unwrap();
    // The server may hang up before it has read everything.
    let _ = stream
        .write_all(bytes)
        .and_then(|()| stream.shutdown(Shutdown::Write));
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    answer
}

fn is_alive(aws: &LocalAws) {
    assert_eq!(Client::new(aws).ec2("DescribeVpcs", &[]).status, 200);
}

/// Numbers that look random and are the same in every run (xorshift).
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn bytes(&mut self, count: usize) -> Vec<u8> {
        (0..count).map(|_| self.next().to_le_bytes()[0]).collect()
    }
}

#[test]
fn random_bytes_get_an_http_error_or_nothing() {
    let aws = instant();
    let mut random = Random(0x5eed);
    for length in (0..200).map(|step| step * 7) {
        let answer = throw(&aws, &random.bytes(length));
        assert!(
            answer.is_empty() || answer.starts_with(b"HTTP/1.1 4"),
            "{answer:?}"
        );
    }
    is_alive(&aws);
}

#[test]
fn requests_that_were_tampered_with_get_the_protocols_own_error() {
    let aws = instant();
    let good = format!(
        "POST / HTTP/1.1\r\nhost: {}\r\nx-amz-target: AWSEvents.ListConnections\r\ncontent-length: 2\r\n\
         authorization: AWS4-HMAC-SHA256 Credential=local/20260101/us-east-1/events/aws4_request, SignedHeaders=host, Signature=00\r\n\
         x-amz-date: 20260101T000000Z\r\nconnection: close\r\n\r\n{{}}",
        aws.endpoint().trim_start_matches("http://")
    );
    let mut random = Random(7);
    for _ in 0..400 {
        let mut bytes = good.clone().into_bytes();
        let place = usize::try_from(random.next()).unwrap() % bytes.len();
        bytes[place] = random.next().to_le_bytes()[0];
        let answer = String::from_utf8_lossy(&throw(&aws, &bytes)).into_owned();
        let is_error = answer.starts_with("HTTP/1.1 4") || answer.starts_with("HTTP/1.0 4");
        assert!(
            answer.is_empty() || is_error,
            "{}\n{answer}",
            String::from_utf8_lossy(&bytes)
        );
    }
    is_alive(&aws);
}

#[test]
fn broken_heads_and_bodies_end_the_connection() {
    let aws = instant();
    let many: String = (0..5000).map(|number| format!("h{number}: x\r\n")).collect();
    for (bytes, statuses) in [
        (b"POST / HTTP/1.1\r\nhost: x\r\ncontent-le".to_vec(), &[""][..]),
        (
            b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 50\r\n\r\nhalf".to_vec(),
            &[""],
        ),
        (
            b"POST / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\nzz\r\nwhat\r\n".to_vec(),
            &["", "400"],
        ),
        (
            b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nab".to_vec(),
            &["400"],
        ),
        (
            b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: -1\r\n\r\n".to_vec(),
            &["400"],
        ),
        (
            format!("GET / HTTP/1.1\r\n{many}\r\n").into_bytes(),
            &["", "400", "431"],
        ),
        (
            format!("GET /{} HTTP/1.1\r\n\r\n", "a".repeat(200_000)).into_bytes(),
            &["", "414", "431"],
        ),
        (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_vec(), &["", "400", "505"]),
    ] {
        let answer = String::from_utf8_lossy(&throw(&aws, &bytes)).into_owned();
        let status = answer.get(9..12).unwrap_or_default();
        assert!(
            statuses.contains(&status),
            "{:?}: {answer}",
            String::from_utf8_lossy(&bytes[..40])
        );
    }
    is_alive(&aws);
}

#[test]
fn a_body_that_is_too_large_is_refused_however_it_comes() {
    let aws = instant();
    let body = vec![b'a'; 5 << 20];
    let sized = format!("content-length: {}\r\n\r\n", body.len());
    let chunked = format!("transfer-encoding: chunked\r\n\r\n{:x}\r\n", body.len());
    for (path, headers, end, says) in [
        ("/", &sized, "", ""),
        ("/", &chunked, "\r\n0\r\n\r\n", ""),
        (
            "/_local/faults",
            &sized,
            "",
            r#"{"error":"the body is too large"}"#,
        ),
    ] {
        let head = format!("POST {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n{headers}");
        let mut stream = TcpStream::connect(aws.endpoint().trim_start_matches("http://")).unwrap();
        stream
            .write_all(&[head.as_bytes(), &body, end.as_bytes()].concat())
            .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        assert!(
            answer.starts_with("HTTP/1.1 413") && answer.ends_with(says),
            "{path}: {answer}"
        );
    }
    is_alive(&aws);
}

fn ids(aws: &LocalAws, kind: &str) -> Vec<String> {
    let of_kind = aws.objects().into_iter().filter(|object| object["type"] == kind);
    of_kind
        .map(|object| object["id"].as_str().unwrap().to_owned())
        .collect()
}

#[test]
fn sixty_four_clients_at_once_lose_nothing_and_leave_nothing() {
    const CLIENTS: usize = 64;
    let aws = instant();
    let client = Client::new(&aws);
    let shared = group(&client, "shared");
    let quota = json!({ "rules_per_group": 40 });
    aws.change_settings(&quota).unwrap();
    let work = |number: usize| {
        let client = Client::new(&aws);
        let name = format!("client-{number}");
        let own = group(&client, &name);
        // Everyone wants the name `same`; one may have it.
        let mut input = gateway_input(&client, "same", &[&own]);
        let won = client.lattice("POST", "/resourcegateways", input.clone()).status == 201;
        // Small gateways, since the subnets have 251 addresses each.
        input["name"] = json!(name);
        input["ipv4AddressesPerEni"] = json!(1);
        let made = client.lattice("POST", "/resourcegateways", input);
        assert_eq!(made.status, 201, "{made:?}");
        let port = (1000 + number).to_string();
        let rule = [
            ("GroupId", shared.as_str()),
            ("IpPermissions.1.IpProtocol", "tcp"),
            ("IpPermissions.1.FromPort", &port),
            ("IpPermissions.1.ToPort", &port),
            ("IpPermissions.1.IpRanges.1.CidrIp", "10.0.0.0/8"),
        ];
        let admitted = client.ec2("AuthorizeSecurityGroupIngress", &rule).status == 200;
        let path = format!("/resourcegateways/{}", made.json()["id"].as_str().unwrap());
        if number.is_multiple_of(2) {
            assert_eq!(client.lattice("DELETE", &path, Value::Null).status, 200);
            assert_eq!(
                client.ec2("DeleteSecurityGroup", &[("GroupId", &own)]).status,
                if won { 400 } else { 200 }
            );
        }
        admitted
    };
    let admitted: Vec<bool> = thread::scope(|scope| {
        let clients: Vec<_> = (0..CLIENTS)
            .map(|number| {
                scope.spawn({
                    let work = &work;
                    move || work(number)
                })
            })
            .collect();
        clients.into_iter().map(|client| client.join().unwrap()).collect()
    });
    // No update was lost, and none beyond the quota was made.
    assert_eq!(admitted.iter().filter(|admitted| **admitted).count(), 40);
    let gateways = ids(&aws, "resource-gateway");
    assert_eq!(gateways.len(), CLIENTS / 2 + 1);
    let names: Vec<Value> = aws
        .objects()
        .into_iter()
        .filter(|object| object["type"] == "resource-gateway")
        .map(|object| object["name"].clone())
        .collect();
    assert_eq!(names.iter().filter(|name| **name == "same").count(), 1);
    let all = aws.objects();
    let unique: BTreeSet<&str> = all.iter().filter_map(|object| object["id"].as_str()).collect();
    assert_eq!(unique.len(), all.len());
    // Every interface belongs to something, and no address is held twice.
    let interfaces = client.ec2("DescribeNetworkInterfaces", &[]).body;
    let addresses: Vec<&str> = interfaces
        .split("<item><privateIpAddress>")
        .skip(1)
        .filter_map(|rest| rest.split('<').next())
        .collect();
    let distinct: BTreeSet<&&str> = addresses.iter().collect();
    assert_eq!(
        (addresses.len(), ids(&aws, "network-interface").len()),
        (distinct.len(), 2 * gateways.len() + 2)
    );
}
