//! OAuth connections: tokens from public and private endpoints, kept, renewed, and refused.

use std::time::Duration;

use local_aws::{LocalAws, Options, SeedDocument, Speed};
use serde_json::{Value, json};

use crate::client::{Client, Path, configuration, group, instant};

fn oauth(endpoint: &str, secret: &str) -> Value {
    json!({ "OAuthParameters": { "AuthorizationEndpoint": endpoint, "HttpMethod": "POST",
        "ClientParameters": { "ClientID": "orders", "ClientSecret": secret } } })
}

fn connectivity(arn: &str) -> Value {
    json!({ "ResourceParameters": { "ResourceConfigurationArn": arn } })
}

/// A connection of the name `oauth` over the path of `orders`.
fn connect(client: &Client<'_>, path: &Path, parameters: Value) -> String {
    let made = client.events(
        "CreateConnection",
        json!({ "Name": "oauth", "AuthorizationType": "OAUTH_CLIENT_CREDENTIALS", "AuthParameters": parameters,
            "InvocationConnectivityParameters": connectivity(&path.configuration_arn) }),
    );
    assert_eq!(made.status, 200, "{made:?}");
    made.json()["ConnectionArn"].as_str().unwrap().to_owned()
}

fn state(client: &Client<'_>) -> (Value, Value) {
    let body = client
        .events("DescribeConnection", json!({ "Name": "oauth" }))
        .json();
    (body["ConnectionState"].clone(), body["StateReason"].clone())
}

fn outcome(client: &Client<'_>, arn: &str) -> (Value, Value) {
    let body = client.test_state(arn, json!({})).json();
    (body["status"].clone(), body["error"].clone())
}

fn tokens(aws: &LocalAws) -> usize {
    let requests = aws.api_requests();
    requests
        .iter()
        .filter(|request| request.path.contains("token"))
        .count()
}

#[test]
fn the_method_of_a_token_request_may_be_in_small_letters() {
    let aws = instant();
    let client = Client::new(&aws);
    let path = Path::make(&client);
    let seed = aws.seed();
    let mut parameters = oauth(&seed.token_url, &seed.api_key);
    parameters["OAuthParameters"]["HttpMethod"] = json!("post");
    let arn = connect(&client, &path, parameters);
    assert_eq!(outcome(&client, &arn).0, "SUCCEEDED");
}

#[test]
fn a_token_is_fetched_once_and_used_until_it_expires() {
    let aws = instant();
    let client = Client::new(&aws);
    let path = Path::make(&client);
    let seed = aws.seed();
    let arn = connect(&client, &path, oauth(&seed.token_url, &seed.api_key));
    assert_eq!(state(&client).0, "ACTIVE");
    for _ in 0..2 {
        assert_eq!(outcome(&client, &arn).0, "SUCCEEDED");
    }
    assert_eq!(tokens(&aws), 1);
    aws.advance(Duration::from_secs(3600));
    assert_eq!(outcome(&client, &arn).0, "SUCCEEDED");
    assert_eq!(tokens(&aws), 2);
}

#[test]
fn a_call_that_is_made_again_with_a_new_token_has_each_header_once() {
    let aws = instant();
    let client = Client::new(&aws);
    let path = Path::make(&client);
    let seed = aws.seed();
    let mut parameters = oauth(&seed.token_url, &seed.api_key);
    parameters["InvocationHttpParameters"] =
        json!({ "HeaderParameters": [{ "Key": "x-tenant", "Value": "a" }] });
    let arn = connect(&client, &path, parameters);
    let refusal = json!({ "service": "execute-api", "operation": "Invoke", "resource": "/prod/orders", "count": 1,
        "effect": { "error": { "status": 401 } } });
    aws.add_fault(&refusal).unwrap();
    assert_eq!(outcome(&client, &arn).0, "SUCCEEDED");
    assert_eq!(tokens(&aws), 2);
    let call = aws.api_requests().pop().unwrap();
    assert_eq!(call.header_values["x-tenant"], ["a"]);
}

#[test]
fn a_private_token_endpoint_is_reached_over_its_own_path() {
    let aws = instant();
    let client = Client::new(&aws);
    let path = Path::make(&client);
    let key = aws.seed().api_key.clone();
    let endpoint = aws.seed().api_url.replace("/orders", "/token");
    let group_id = group(&client, "token");
    let (_, private) = configuration(&client, "token", &group_id);
    let mut parameters = oauth(&endpoint, &key);
    parameters["ConnectivityParameters"] = connectivity(private["arn"].as_str().unwrap());
    let arn = connect(&client, &path, parameters);
    assert_eq!(outcome(&client, &arn).0, "SUCCEEDED");

    // The way to the token endpoint closes; a token that is still good opens the API all the same.
    let everything = [
        ("GroupId", group_id.as_str()),
        ("IpPermissions.1.IpProtocol", "-1"),
        ("IpPermissions.1.IpRanges.1.CidrIp", "0.0.0.0/0"),
    ];
    assert_eq!(client.ec2("RevokeSecurityGroupEgress", &everything).status, 200);
    assert_eq!(outcome(&client, &arn).0, "SUCCEEDED");
    aws.advance(Duration::from_secs(3600));
    let lost = outcome(&client, &arn);
    assert_eq!(lost.1, "Events.ConnectionResource.InvalidConnectionState");
    assert_eq!(
        state(&client),
        (
            json!("DEAUTHORIZED"),
            json!("Could not connect to the specified endpoint.")
        )
    );
}

#[test]
fn a_private_token_endpoint_without_its_path_is_never_reached() {
    let aws = instant();
    let client = Client::new(&aws);
    let path = Path::make(&client);
    let endpoint = aws.seed().api_url.replace("/orders", "/token");
    connect(&client, &path, oauth(&endpoint, &aws.seed().api_key));
    assert_eq!(state(&client).0, "DEAUTHORIZED");
}

#[test]
fn a_wrong_client_secret_is_refused_when_the_connection_is_made() {
    let aws = instant();
    let client = Client::new(&aws);
    let path = Path::make(&client);
    let arn = connect(&client, &path, oauth(&aws.seed().token_url, "wrong"));
    let (state, reason) = state(&client);
    assert_eq!(state, "DEAUTHORIZED");
    assert!(reason.as_str().unwrap().contains("401"), "{reason}");
    assert_eq!(
        outcome(&client, &arn).1,
        "Events.ConnectionResource.InvalidConnectionState"
    );
}

#[test]
fn oauth_parameters_go_where_they_belong() {
    let text = "
apis: []
hosts:
  - name: login
    domain_name: login.example.com
    routes: [{ path: /t, token: { client_id: orders, client_secret: s, requires: { audience: api, scope: read } } }]
";
    let aws = LocalAws::start(Options {
        speed: Speed::Instant,
        document: SeedDocument::parse(text).unwrap(),
        ..Options::default()
    })
    .unwrap();
    let client = Client::new(&aws);
    let mut parameters = oauth("https://login.example.com/t", "s");
    let make = |parameters: &Value| {
        let _ = client.events("DeleteConnection", json!({ "Name": "oauth" }));
        let made = client.events(
            "CreateConnection",
            json!({ "Name": "oauth", "AuthorizationType": "OAUTH_CLIENT_CREDENTIALS", "AuthParameters": parameters }),
        );
        assert_eq!(made.status, 200, "{made:?}");
        state(&client).0
    };
    assert_eq!(make(&parameters), "DEAUTHORIZED");
    parameters["OAuthParameters"]["OAuthHttpParameters"] = json!({
        "QueryStringParameters": [{ "Key": "audience", "Value": "api" }],
        "BodyParameters": [{ "Key": "scope", "Value": "read", "IsValueSecret": true }],
    });
    assert_eq!(make(&parameters), "AUTHORIZED");
}

#[test]
fn an_unknown_token_endpoint_answers_or_not_as_the_settings_say() {
    let aws = instant();
    let client = Client::new(&aws);
    let make = |name: &str| {
        let parameters = oauth("https://tenant.idp.example/token", "s");
        let made = client.events(
            "CreateConnection",
            json!({ "Name": name, "AuthorizationType": "OAUTH_CLIENT_CREDENTIALS", "AuthParameters": parameters }),
        );
        assert_eq!(made.status, 200, "{made:?}");
        client
            .events("DescribeConnection", json!({ "Name": name }))
            .json()
    };
    assert_eq!(make("a")["ConnectionState"], "AUTHORIZED");
    aws.change_settings(&json!({ "unknown_token_endpoints_answer": false }))
        .unwrap();
    let waiting = make("b");
    assert_eq!(waiting["ConnectionState"], "AUTHORIZING");
    assert_eq!(
        waiting["StateReason"],
        "Could not connect to the specified endpoint."
    );
}
