//! OAuth client credentials: a token endpoint in public, behind the invocation's own path, and behind another.

use cli_harness::on_every_cli;
use serde_json::Value;

use crate::aws::Aws;
use crate::workspace::Workspace;

/// The configuration of `private_api_invocation.orders` with OAuth, and `way` to its token endpoint.
fn oauth(aws: &Aws, token_url: &str, way: &str) -> String {
    format!(
        "resource \"private_api_invocation\" \"orders\" {{\n  name = \"orders\"\n  vpc_endpoint_id = {:?}\n  \
         authorization = {{\n    oauth_client_credentials = {{\n      authorization_endpoint   = {token_url:?}\n      \
         client_id                = {:?}\n      client_secret_wo         = var.api_key\n      \
         client_secret_wo_version = \"1\"\n      oauth_http_parameters = {{ body = {{ grant_type = {{ value = \
         \"client_credentials\" }} }} }}\n      {way}\n    }}\n  }}\n}}\n",
        aws.seed().vpc_endpoint_id,
        aws.seed().client_id
    )
}

/// The token endpoint behind the private API.
fn private_token_url(aws: &Aws) -> String {
    aws.seed().api_url.replace("/orders", "/token")
}

const SAME_PATH: &str = "private_authorization_endpoint = { same_path = true }";
const BY_PATH: &str = "private_authorization_endpoint = { resource_configuration_arn = private_api_path.login.resource_configuration_arn }";

/// A path to the token endpoint.
fn login(vpc_endpoint_id: &str) -> String {
    format!(
        "resource \"private_api_path\" \"login\" {{\n  name = \"login\"\n  vpc_endpoint_id = {vpc_endpoint_id:?}\n}}\n"
    )
}

/// Applies, and fails unless the API answers a call with a token, and the next plan is empty. Gives the connection's ARN.
#[track_caller]
fn applies(workspace: &Workspace, aws: &Aws, text: &str) -> String {
    workspace.write(text);
    workspace.apply();
    let arn = workspace.attribute("connection_arn");
    assert_eq!(workspace.attribute("connection_state"), "ACTIVE");
    assert_eq!(aws.call_api(&arn).expect("the API answers")["StatusCode"], 200);
    let requests = aws.api_requests();
    let call = requests.last().expect("it was called");
    assert!(call.headers.contains(&"authorization".to_owned()), "{call:?}");
    workspace.plans_nothing();
    arn
}

/// The resource configuration by which AWS reaches the token endpoint.
fn token_configuration(aws: &Aws) -> Option<String> {
    let seen = aws.wait(aws.events.describe_connection().name("orders").send());
    let parameters = seen.expect("the connection is there").auth_parameters?;
    let way = parameters.connectivity_parameters?.resource_parameters?;
    Some(way.resource_configuration_arn)
}

#[test]
fn a_token_comes_from_a_public_endpoint() {
    on_every_cli(|cli| {
        let aws = Aws::start();
        let workspace = Workspace::new(cli, &aws);
        applies(&workspace, &aws, &oauth(&aws, &aws.seed().token_url, ""));
        aws.has_one_of_each();
        assert_eq!(token_configuration(&aws), None);
        workspace.destroy();
        aws.has_nothing();
    });
}

#[test]
fn a_token_comes_over_the_same_path_as_the_call() {
    on_every_cli(|cli| {
        let aws = Aws::start();
        let workspace = Workspace::new(cli, &aws);
        applies(
            &workspace,
            &aws,
            &oauth(&aws, &private_token_url(&aws), SAME_PATH),
        );
        let configuration = workspace.attribute("resource_configuration_arn");
        assert_eq!(token_configuration(&aws), Some(configuration));
        workspace.destroy();
        aws.has_nothing();
    });
}

#[test]
fn a_token_comes_over_a_path_of_its_own() {
    on_every_cli(|cli| {
        let aws = Aws::start();
        let workspace = Workspace::new(cli, &aws);
        let other = aws.add_endpoint();
        let text = login(&other) + &oauth(&aws, &private_token_url(&aws), BY_PATH);
        applies(&workspace, &aws, &text);
        let path = workspace.attributes_of("private_api_path.login");
        let configuration = token_configuration(&aws).map(Value::String);
        assert_eq!(configuration.as_ref(), Some(&path["resource_configuration_arn"]));
        workspace.destroy();
        aws.has_nothing();
    });
}

#[test]
fn the_way_to_the_token_endpoint_changes_in_place() {
    on_every_cli(|cli| {
        let aws = Aws::start();
        let workspace = Workspace::new(cli, &aws);
        let (endpoint, token_url) = (&aws.seed().vpc_endpoint_id, private_token_url(&aws));
        let with = |way: &str| login(endpoint) + &oauth(&aws, &token_url, way);
        let arn = applies(&workspace, &aws, &with(SAME_PATH));
        for way in [BY_PATH, SAME_PATH] {
            workspace.write(&with(way));
            assert_eq!(workspace.planned_actions(), ["update"], "{way}");
            assert_eq!(applies(&workspace, &aws, &with(way)), arn, "{way}");
        }
        // The token endpoint follows the path of the call when that moves.
        let other = aws.add_endpoint();
        let moved = with(SAME_PATH).replacen(
            &format!("name = \"orders\"\n  vpc_endpoint_id = {endpoint:?}"),
            &format!("name = \"orders\"\n  vpc_endpoint_id = {other:?}"),
            1,
        );
        assert_eq!(applies(&workspace, &aws, &moved), arn);
        let configuration = workspace.attribute("resource_configuration_arn");
        assert_eq!(token_configuration(&aws), Some(configuration));
        workspace.destroy();
        aws.has_nothing();
    });
}

#[test]
fn a_private_way_that_aws_does_not_leave_is_an_error_with_the_remedy() {
    on_every_cli(|cli| {
        let aws = Aws::start();
        aws.switch("empty_arn_leaves_private", false);
        let workspace = Workspace::new(cli, &aws);
        let private = oauth(&aws, &private_token_url(&aws), SAME_PATH);
        let arn = applies(&workspace, &aws, &private);
        let public = oauth(&aws, &aws.seed().token_url, "");
        workspace.write(&public);
        assert_eq!(workspace.planned_actions(), ["update"]);
        workspace.try_apply().failed().says(&[
            "kept the one that it had",
            "private_authorization_endpoint",
            "another name",
        ]);
        // As it was, it works again.
        assert_eq!(applies(&workspace, &aws, &private), arn);
        // Another kind of authorization needs no token.
        let key = crate::workspace::orders(&aws.seed().vpc_endpoint_id, "");
        workspace.write(&key);
        workspace.apply();
        assert_eq!(workspace.attribute("connection_arn"), arn);
        assert_eq!(aws.call_api(&arn).expect("the API answers")["StatusCode"], 200);
        workspace.plans_nothing();
        workspace.destroy();
        aws.has_nothing();
    });
}

#[test]
fn a_token_comes_from_a_public_endpoint_after_a_private_one() {
    on_every_cli(|cli| {
        let aws = Aws::start();
        let workspace = Workspace::new(cli, &aws);
        let private = oauth(&aws, &private_token_url(&aws), SAME_PATH);
        let arn = applies(&workspace, &aws, &private);
        let public = oauth(&aws, &aws.seed().token_url, "");
        assert_eq!(applies(&workspace, &aws, &public), arn);
        assert_eq!(token_configuration(&aws), None);
        assert_eq!(applies(&workspace, &aws, &private), arn);
        workspace.destroy();
        aws.has_nothing();
    });
}
