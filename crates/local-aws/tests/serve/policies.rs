//! Seeds of one's own, policies on the way, hosts that are no private APIs, and shared configurations.

use local_aws::{LocalAws, Options, SeedDocument, Speed};
use serde_json::{Value, json};

use crate::client::{Client, Path, gateway_input, group, instant};

fn start(document: &str) -> LocalAws {
    LocalAws::start(Options {
        speed: Speed::Instant,
        document: SeedDocument::parse(document).unwrap(),
        ..Options::default()
    })
    .unwrap()
}

const NETWORK: &str = "
vpcs:
  - name: main
    cidr_blocks: [10.1.0.0/16]
    subnets:
      - { name: a, zone: a, cidr_block: 10.1.0.0/24 }
      - { name: b, zone: b, cidr_block: 10.1.1.0/24 }
    security_groups:
      - { name: in, ingress: [{ ports: \"443\", cidr_blocks: [10.1.0.0/16] }] }
";

fn open(effect: &str, condition: &str) -> String {
    format!(
        "{{ Statement: [{{ Effect: Allow, Principal: '*', Action: 'execute-api:Invoke', Resource: '*' }},
           {{ Effect: {effect}, Principal: '*', Action: 'execute-api:Invoke', Resource: 'execute-api:/prod/GET/*', Condition: {condition} }}] }}"
    )
}

/// The outcome of a call with these policies of endpoint and API.
fn outcome(endpoint: &str, api: &str) -> (Value, Value, Value) {
    let aws = start(&format!(
        "{NETWORK}
endpoints: [{{ name: api, vpc: main, security_groups: [in], policy: {endpoint} }}]
apis: [{{ name: orders, policy: {api}, routes: [{{ path: /orders, auth: [api_key: {{}}] }}] }}]
"
    ));
    let client = Client::new(&aws);
    let path = Path::make(&client);
    let body = client.test_state(&path.connection_arn, json!({})).json();
    (
        body["status"].clone(),
        body["error"].clone(),
        body["cause"].clone(),
    )
}

#[test]
fn endpoint_policy_and_resource_policy_have_to_allow_a_call() {
    let anywhere = open("Allow", "{}");
    assert_eq!(outcome(&anywhere, &anywhere).0, "SUCCEEDED");
    let denied = open("Deny", "{ IpAddress: { 'aws:VpcSourceIp': 10.1.0.0/16 } }");
    for (endpoint, api) in [(&denied, &anywhere), (&anywhere, &denied)] {
        let (status, error, cause) = outcome(endpoint, api);
        assert_eq!(
            (status, error),
            (json!("FAILED"), json!("States.Http.StatusCode.403"))
        );
        let cause = cause.as_str().unwrap();
        assert!(
            cause.contains("not authorized") && cause.contains("explicit deny"),
            "{cause}"
        );
    }
    let other_endpoint = "{ Statement: [{ Effect: Allow, Principal: '*', Action: '*', Resource: '*',
        Condition: { StringEquals: { 'aws:SourceVpce': vpce-00000000000000000 } } }] }";
    let (_, error, cause) = outcome(&anywhere, other_endpoint);
    assert_eq!(error, "States.Http.StatusCode.403");
    assert!(!cause.as_str().unwrap().contains("explicit deny"), "{cause}");
}

/// A path to a domain name, and a connection over it.
fn connect(client: &Client<'_>, domain: &str, port: &str) -> String {
    let group_id = group(client, "orders");
    let gateway = client.lattice(
        "POST",
        "/resourcegateways",
        gateway_input(client, "orders", &[&group_id]),
    );
    let made = client.lattice(
        "POST",
        "/resourceconfigurations",
        json!({ "name": "orders", "type": "SINGLE", "resourceGatewayIdentifier": gateway.json()["id"], "portRanges": [port],
            "resourceConfigurationDefinition": { "dnsResource": { "domainName": domain } } }),
    );
    assert_eq!(made.status, 201, "{made:?}");
    let connection = crate::client::connection(client, "orders", made.json()["arn"].as_str().unwrap());
    client.events("CreateConnection", connection).json()["ConnectionArn"]
        .as_str()
        .unwrap()
        .to_owned()
}

fn call(client: &Client<'_>, arn: &str, url: &str) -> Value {
    let definition = json!({ "Type": "Task", "Resource": "arn:aws:states:::http:invoke", "End": true,
        "Parameters": { "ApiEndpoint": url, "Method": "GET", "InvocationConfig": { "ConnectionArn": arn } } });
    client
        .test_state(arn, json!({ "definition": definition.to_string() }))
        .json()
}

#[test]
fn a_host_in_a_vpc_is_reached_by_its_name_and_port() {
    let aws = start(&format!(
        "{NETWORK}
apis: [{{ name: unused, routes: [{{ path: /x, auth: [api_key: {{ value: k }}] }}] }}]
hosts:
  - {{ name: balancer, domain_name: orders.example.com, port: 8443, vpc: main, security_groups: [in],
      routes: [{{ path: /orders, response: {{ body: hello }} }}] }}
"
    ));
    let client = Client::new(&aws);
    let arn = connect(&client, "orders.example.com", "8443");
    let url = "https://orders.example.com:8443/orders";
    let closed = call(&client, &arn, url);
    assert_eq!(closed["error"], "States.Http.Socket");
    assert!(
        closed["cause"].as_str().unwrap().contains("let nothing in"),
        "{closed}"
    );

    let groups = client.ec2(
        "DescribeSecurityGroups",
        &[("Filter.1.Name", "group-name"), ("Filter.1.Value.1", "in")],
    );
    let ingress = [
        ("GroupId", &*groups.xml("groupId")),
        ("IpPermissions.1.IpProtocol", "tcp"),
        ("IpPermissions.1.FromPort", "8443"),
        ("IpPermissions.1.ToPort", "8443"),
        ("IpPermissions.1.IpRanges.1.CidrIp", "10.1.0.0/16"),
    ];
    assert_eq!(client.ec2("AuthorizeSecurityGroupIngress", &ingress).status, 200);
    let answered = call(&client, &arn, url);
    let output: Value = serde_json::from_str(answered["output"].as_str().unwrap()).unwrap();
    assert_eq!(output["ResponseBody"], "hello");
    assert_eq!(
        call(&client, &arn, "https://orders.example.com/orders")["error"],
        "States.Http.Socket"
    );
}

#[test]
fn a_shared_configuration_needs_a_connection_only() {
    let aws = start(
        "
apis: [{ name: unused, routes: [{ path: /x, auth: [api_key: { value: k }] }] }]
hosts: [{ name: billing, domain_name: billing.example.com, routes: [{ path: /bills }] }]
shared_configurations: [{ name: billing, id: rcfg-0123456789abcdef0, owner: \"210987654321\", to: billing }]
",
    );
    let client = Client::new(&aws);
    let arn = "arn:aws:vpc-lattice:us-east-1:210987654321:resourceconfiguration/rcfg-0123456789abcdef0";
    let made = client.events(
        "CreateConnection",
        crate::client::connection(&client, "orders", arn),
    );
    assert_eq!(made.status, 200, "{made:?}");
    let connection = made.json()["ConnectionArn"].as_str().unwrap().to_owned();
    assert_eq!(
        call(&client, &connection, "https://billing.example.com/bills")["status"],
        "SUCCEEDED"
    );
    let read = client.lattice("GET", &format!("/resourceconfigurations/{arn}"), Value::Null);
    assert_eq!((read.status, &read.json()["arn"]), (200, &json!(arn)));
}

#[test]
fn calls_to_a_shared_configuration_go_its_owners_way_past_every_group() {
    let aws = start(
        "
apis: [{ name: unused, routes: [{ path: /x, auth: [api_key: { value: k }] }] }]
vpcs:
  - name: theirs
    cidr_blocks: [10.7.0.0/16]
    subnets: [{ name: a, zone: a, cidr_block: 10.7.0.0/24 }]
    security_groups: [{ name: closed, ingress: [] }]
hosts:
  - { name: billing, domain_name: billing.example.com, port: 8443, vpc: theirs, security_groups: [closed], routes: [{ path: /bills }] }
shared_configurations:
  - { name: billing, id: rcfg-0123456789abcdef0, owner: \"210987654321\", to: billing, port_ranges: [\"8443\"] }
",
    );
    let client = Client::new(&aws);
    let arn = "arn:aws:vpc-lattice:us-east-1:210987654321:resourceconfiguration/rcfg-0123456789abcdef0";
    let made = client.events(
        "CreateConnection",
        crate::client::connection(&client, "orders", arn),
    );
    assert_eq!(made.status, 200, "{made:?}");
    let connection = made.json()["ConnectionArn"].as_str().unwrap().to_owned();
    let answered = call(&client, &connection, "https://billing.example.com:8443/bills");
    assert_eq!(answered["status"], "SUCCEEDED", "{answered}");
    let other_port = call(&client, &connection, "https://billing.example.com/bills");
    assert_eq!(other_port["status"], "FAILED", "{other_port}");
}

#[test]
fn what_another_account_shares_is_neither_changed_nor_are_its_tags_shown() {
    let aws = start(
        "
hosts: [{ name: billing, domain_name: billing.example.com, routes: [{ path: /bills }] }]
shared_configurations: [{ name: billing, id: rcfg-0123456789abcdef0, owner: \"210987654321\", to: billing }]
",
    );
    let client = Client::new(&aws);
    let arn = "arn:aws:vpc-lattice:us-east-1:210987654321:resourceconfiguration/rcfg-0123456789abcdef0";
    let (tags, own) = (format!("/tags/{arn}"), format!("/resourceconfigurations/{arn}"));
    let calls = [
        ("GET", tags.as_str(), Value::Null),
        ("POST", &tags, json!({ "tags": { "team": "orders" } })),
        ("DELETE", &format!("{tags}?tagKeys=team"), Value::Null),
        ("PATCH", &own, json!({ "portRanges": ["80"] })),
        ("DELETE", &own, Value::Null),
    ];
    for (method, path, input) in calls {
        let refused = client.lattice(method, path, input);
        assert_eq!(
            (refused.status, refused.code().as_str()),
            (403, "AccessDeniedException"),
            "{method} {path}"
        );
    }
    let found = client.lattice("GET", &own, Value::Null).json();
    assert_eq!(
        (&found["portRanges"], &found["status"]),
        (&json!(["443"]), &json!("ACTIVE"))
    );
}

#[test]
fn a_new_policy_tells_its_description_only_when_it_is_read() {
    let aws = instant();
    let client = Client::new(&aws);
    let iam =
        |action: &str, parameters: &[(&str, &str)]| client.query("iam", "2010-05-08", action, parameters);
    let document = r#"{ "Version": "2012-10-17", "Statement": [{ "Effect": "Allow", "Action": "*", "Resource": "*" }] }"#;
    let given = [
        ("PolicyName", "shop"),
        ("PolicyDocument", document),
        ("Description", "all"),
    ];
    let made = iam("CreatePolicy", &given);
    assert_eq!(made.status, 200, "{made:?}");
    assert!(
        !made.body.contains("Description") && !made.body.contains("Tags"),
        "{made:?}"
    );
    let read = iam("GetPolicy", &[("PolicyArn", &made.xml("Arn"))]);
    assert_eq!(read.xml("Description"), "all");
    assert!(read.body.contains("<Tags"), "{read:?}");
}
