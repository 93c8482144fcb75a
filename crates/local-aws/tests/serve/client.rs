//! A client of its own, so that the server is not judged by the code that it verifies with.

use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::time::{SystemTime, UNIX_EPOCH};

use hmac::{Hmac, KeyInit, Mac};
use local_aws::{LocalAws, Options, Speed};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

/// A local AWS whose transitions take no time.
pub fn instant() -> LocalAws {
    LocalAws::start(Options {
        speed: Speed::Instant,
        ..Options::default()
    })
    .unwrap()
}

#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub head: String,
    pub body: String,
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// The first text of an XML element.
    pub fn xml(&self, element: &str) -> String {
        let start = self
            .body
            .find(&format!("<{element}>"))
            .unwrap_or_else(|| panic!("no {element}: {self:?}"));
        let rest = &self.body[start + element.len() + 2..];
        rest[..rest.find('<').unwrap()].to_owned()
    }

    /// The error code, wherever the protocol puts it.
    pub fn code(&self) -> String {
        let header = self
            .head
            .lines()
            .find_map(|line| line.strip_prefix("x-amzn-errortype: "));
        match header {
            Some(code) => code.to_owned(),
            None if self.body.contains("<Code>") => self.xml("Code"),
            None => self.json()["__type"].as_str().unwrap_or_default().to_owned(),
        }
    }
}

/// How a request is signed.
pub struct Signer {
    pub key: String,
    pub secret: String,
    pub token: Option<String>,
    pub region: String,
    /// Seconds that the clock is wrong.
    pub skew: i64,
    /// The host that the request names, where it is another one than it is sent to.
    pub host: Option<String>,
}

impl Default for Signer {
    fn default() -> Self {
        let local = || "local".to_owned();
        Self {
            key: local(),
            secret: local(),
            token: None,
            region: "us-east-1".to_owned(),
            skew: 0,
            host: None,
        }
    }
}

fn hmac(key: &[u8], text: &str) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).unwrap();
    mac.update(text.as_bytes());
    mac.finalize().into_bytes().to_vec()
}

/// `20261122T080910Z`, counted year by year and month by month.
fn amz_date(skew: i64) -> String {
    let now = i64::try_from(SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()).unwrap() + skew;
    let (mut day, second) = (now / 86_400, now % 86_400);
    let leap = |year: i64| year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let mut year = 1970;
    while day >= 365 + i64::from(leap(year)) {
        day -= 365 + i64::from(leap(year));
        year += 1;
    }
    let months = [
        31,
        28 + i64::from(leap(year)),
        31,
        30,
        31,
        30,
        31,
        31,
        30,
        31,
        30,
        31,
    ];
    let mut month = 0;
    while day >= months[month] {
        day -= months[month];
        month += 1;
    }
    format!(
        "{year}{:02}{:02}T{:02}{:02}{:02}Z",
        month + 1,
        day + 1,
        second / 3600,
        second / 60 % 60,
        second % 60
    )
}

pub struct Client<'a> {
    pub aws: &'a LocalAws,
    pub signer: Signer,
}

impl<'a> Client<'a> {
    pub fn new(aws: &'a LocalAws) -> Self {
        Self {
            aws,
            signer: Signer::default(),
        }
    }

    pub fn ec2(&self, action: &str, parameters: &[(&str, &str)]) -> Answer {
        self.query("ec2", "2016-11-15", action, parameters)
    }

    pub fn query(&self, service: &str, version: &str, action: &str, parameters: &[(&str, &str)]) -> Answer {
        let mut form = format!("Action={action}&Version={version}");
        for (name, value) in parameters {
            let value: String = value.bytes().map(|byte| format!("%{byte:02X}")).collect();
            form.push_str(&format!("&{name}={value}"));
        }
        let headers = [("content-type", "application/x-www-form-urlencoded")];
        self.send(service, "POST", "/", &headers, &form).unwrap()
    }

    pub fn lattice(&self, method: &str, path: &str, body: Value) -> Answer {
        let body = if body.is_null() {
            String::new()
        } else {
            body.to_string()
        };
        self.send(
            "vpc-lattice",
            method,
            path,
            &[("content-type", "application/json")],
            &body,
        )
        .unwrap()
    }

    pub fn events(&self, operation: &str, body: Value) -> Answer {
        let target = format!("AWSEvents.{operation}");
        self.send(
            "events",
            "POST",
            "/",
            &[("x-amz-target", target.as_str())],
            &body.to_string(),
        )
        .unwrap()
    }

    pub fn states(&self, operation: &str, body: Value) -> Answer {
        let target = format!("AWSStepFunctions.{operation}");
        let headers = [("x-amz-target", target.as_str())];
        self.send("states", "POST", "/", &headers, &body.to_string())
            .unwrap()
    }

    /// Tests an HTTP task that calls the seeded API over a connection.
    pub fn test_state(&self, connection_arn: &str, more: Value) -> Answer {
        let definition = json!({
            "Type": "Task", "Resource": "arn:aws:states:::http:invoke", "End": true,
            "Parameters": { "ApiEndpoint": self.aws.seed().api_url, "Method": "GET",
                "InvocationConfig": { "ConnectionArn": connection_arn } },
        });
        let mut input = json!({ "definition": definition.to_string(), "roleArn": self.aws.seed().role_arn });
        input
            .as_object_mut()
            .unwrap()
            .extend(more.as_object().cloned().unwrap_or_default());
        let headers = [("x-amz-target", "AWSStepFunctions.TestState")];
        self.send("states", "POST", "/", &headers, &input.to_string())
            .unwrap()
    }

    /// Sends a request as any client would; an error is a connection that ended without an answer.
    pub fn send(
        &self,
        service: &str,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> io::Result<Answer> {
        let stream = self.begin(service, method, path, headers, body)?;
        read_answer(stream)
    }

    /// Asks, and reads so many bytes of the answer at most; gives how many there were.
    pub fn read_some(&self, service: &str, version: &str, action: &str, most: u64) -> u64 {
        let form = format!("Action={action}&Version={version}");
        let headers = [("content-type", "application/x-www-form-urlencoded")];
        let stream = self.begin(service, "POST", "/", &headers, &form).unwrap();
        io::copy(&mut stream.take(most), &mut io::sink()).unwrap()
    }

    /// Signs a request and sends it off.
    fn begin(
        &self,
        service: &str,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> io::Result<TcpStream> {
        let (plain, query) = path.split_once('?').unwrap_or((path, ""));
        let host = self.aws.endpoint().trim_start_matches("http://");
        let host = self.signer.host.as_deref().unwrap_or(host);
        let date = amz_date(self.signer.skew);
        let mut all: Vec<(&str, &str)> = vec![("host", host), ("x-amz-date", &date)];
        all.extend(headers);
        if let Some(token) = &self.signer.token {
            all.push(("x-amz-security-token", token));
        }
        all.sort();
        let names: Vec<&str> = all.iter().map(|(name, _)| *name).collect();
        let lines: String = all
            .iter()
            .map(|(name, value)| format!("{name}:{value}\n"))
            .collect();
        let names = names.join(";");
        let encoded = plain.replace('%', "%25").replace(':', "%3A");
        let hash = hex::encode(Sha256::digest(body));
        let canonical = format!("{method}\n{encoded}\n{query}\n{lines}\n{names}\n{hash}");
        let scope = format!("{}/{}/{service}/aws4_request", &date[..8], self.signer.region);
        let to_sign = format!(
            "AWS4-HMAC-SHA256\n{date}\n{scope}\n{}",
            hex::encode(Sha256::digest(canonical))
        );
        let mut key = format!("AWS4{}", self.signer.secret).into_bytes();
        for part in scope.split('/') {
            key = hmac(&key, part);
        }
        let authorization = format!(
            "AWS4-HMAC-SHA256 Credential={}/{scope}, SignedHeaders={names}, Signature={}",
            self.signer.key,
            hex::encode(hmac(&key, &to_sign))
        );
        all.push(("authorization", &authorization));
        open(self.aws, method, path, &all, body)
    }
}

/// Sends a request without a signature.
pub fn raw(
    aws: &LocalAws,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: &str,
) -> io::Result<Answer> {
    read_answer(open(aws, method, path, headers, body)?)
}

fn open(
    aws: &LocalAws,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: &str,
) -> io::Result<TcpStream> {
    let host = aws.endpoint().trim_start_matches("http://");
    let mut request = format!(
        "{method} {path} HTTP/1.1\r\nconnection: close\r\ncontent-length: {}\r\n",
        body.len()
    );
    let given = |wanted: &str| headers.iter().any(|(name, _)| *name == wanted);
    if !given("host") {
        request.push_str(&format!("host: {host}\r\n"));
    }
    if path.starts_with("/_local/") && !given("content-type") {
        request.push_str("content-type: application/json\r\n");
    }
    for (name, value) in headers {
        request.push_str(&format!("{name}: {value}\r\n"));
    }
    let mut stream = TcpStream::connect(host)?;
    stream.write_all(format!("{request}\r\n{body}").as_bytes())?;
    Ok(stream)
}

fn read_answer(mut stream: TcpStream) -> io::Result<Answer> {
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    let (head, body) = answer
        .split_once("\r\n\r\n")
        .ok_or(io::ErrorKind::UnexpectedEof)?;
    let status = head
        .split(' ')
        .nth(1)
        .and_then(|status| status.parse().ok())
        .ok_or(io::ErrorKind::InvalidData)?;
    Ok(Answer {
        status,
        head: head.to_owned(),
        body: body.to_owned(),
    })
}

/// The whole way to a private API: group, gateway, configuration, connection.
pub struct Path {
    pub group_id: String,
    pub configuration_id: String,
    pub configuration_arn: String,
    pub connection_arn: String,
}

impl Path {
    pub fn make(client: &Client<'_>) -> Self {
        let group_id = group(client, "orders");
        let (_, configuration) = configuration(client, "orders", &group_id);
        let configuration_arn = configuration["arn"].as_str().unwrap().to_owned();
        let made = client.events(
            "CreateConnection",
            connection(client, "orders", &configuration_arn),
        );
        assert_eq!(made.status, 200, "{made:?}");
        Self {
            group_id,
            configuration_id: configuration["id"].as_str().unwrap().to_owned(),
            configuration_arn,
            connection_arn: made.json()["ConnectionArn"].as_str().unwrap().to_owned(),
        }
    }
}

pub fn group(client: &Client<'_>, name: &str) -> String {
    let vpc = client.aws.seed().vpc_id.as_str();
    let made = client.ec2(
        "CreateSecurityGroup",
        &[("GroupName", name), ("GroupDescription", "d"), ("VpcId", vpc)],
    );
    assert_eq!(made.status, 200, "{made:?}");
    made.xml("groupId")
}

pub fn gateway_input(client: &Client<'_>, name: &str, groups: &[&str]) -> Value {
    let seed = client.aws.seed();
    json!({ "name": name, "vpcIdentifier": seed.vpc_id, "subnetIds": seed.subnet_ids, "securityGroupIds": groups })
}

/// A gateway and a configuration to the seeded endpoint behind it.
pub fn configuration(client: &Client<'_>, name: &str, group_id: &str) -> (String, Value) {
    let gateway = client.lattice(
        "POST",
        "/resourcegateways",
        gateway_input(client, name, &[group_id]),
    );
    assert_eq!(gateway.status, 201, "{gateway:?}");
    let gateway_id = gateway.json()["id"].as_str().unwrap().to_owned();
    let endpoint = client.ec2(
        "DescribeVpcEndpoints",
        &[("VpcEndpointId.1", &client.aws.seed().vpc_endpoint_id)],
    );
    let made = client.lattice(
        "POST",
        "/resourceconfigurations",
        json!({ "name": name, "type": "SINGLE", "resourceGatewayIdentifier": gateway_id, "portRanges": ["443"],
            "resourceConfigurationDefinition": { "dnsResource": { "domainName": endpoint.xml("dnsName") } } }),
    );
    assert_eq!(made.status, 201, "{made:?}");
    (gateway_id, made.json())
}

pub fn connection(client: &Client<'_>, name: &str, configuration_arn: &str) -> Value {
    json!({
        "Name": name, "AuthorizationType": "API_KEY",
        "AuthParameters": { "ApiKeyAuthParameters": { "ApiKeyName": "x-api-key", "ApiKeyValue": client.aws.seed().api_key } },
        "InvocationConnectivityParameters": { "ResourceParameters": { "ResourceConfigurationArn": configuration_arn } },
    })
}
