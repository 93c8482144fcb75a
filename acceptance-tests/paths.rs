//! `private_api_path`: one way for many invocations, by its gateway or by its configuration.

use cli_harness::{Cli, on_every_cli};
use local_aws::SeedDocument;
use serde_json::json;

use crate::aws::Aws;
use crate::workspace::Workspace;

/// The path's address.
const PATH: &str = "private_api_path.shared";
/// The invocations' addresses.
const INVOCATIONS: [&str; 2] = ["private_api_invocation.orders", "private_api_invocation.stock"];

/// A path to an endpoint, which is replaced by making the new one first.
fn path(vpc_endpoint_id: &str) -> String {
    format!(
        "resource \"private_api_path\" \"shared\" {{\n  name = \"shared\"\n  vpc_endpoint_id = {vpc_endpoint_id:?}\n  \
         lifecycle {{ create_before_destroy = true }}\n}}\n"
    )
}

/// An invocation with these arguments of where it leads.
fn invocation(name: &str, way: &str) -> String {
    format!(
        "resource \"private_api_invocation\" \"{name}\" {{\n  name = \"{name}\"\n  {way}\n  authorization = {{\n    \
         api_key = {{ name = \"x-api-key\", value_wo = var.api_key, value_wo_version = \"1\" }}\n  }}\n}}\n"
    )
}

/// By the gateway of the path, to an endpoint of its own.
fn by_gateway(vpc_endpoint_id: &str) -> String {
    format!(
        "vpc_endpoint_id = {vpc_endpoint_id:?}\n  network = {{ resource_gateway_id = {PATH}.resource_gateway_id }}"
    )
}

/// By the configuration of the path.
fn by_configuration() -> String {
    format!("shared_resource_configuration_arn = {PATH}.resource_configuration_arn")
}

/// A path and two invocations, each led that way.
fn two(vpc_endpoint_id: &str, way: &str) -> String {
    path(vpc_endpoint_id) + &invocation("orders", way) + &invocation("stock", way)
}

/// How many there are of gateways, configurations and groups that are no seed's.
fn counts(aws: &Aws) -> [usize; 3] {
    let made = aws.made();
    ["resource-gateway", "resource-configuration", "security-group"]
        .map(|kind| made.get(kind).copied().unwrap_or(0))
}

/// The ARNs of both connections, each of which reaches the API.
#[track_caller]
fn reaching(workspace: &Workspace, aws: &Aws) -> [String; 2] {
    INVOCATIONS.map(|address| {
        let arn = workspace.attributes_of(address)["connection_arn"].clone();
        let arn = arn.as_str().expect("it has an ARN").to_owned();
        assert_eq!(
            aws.call_api(&arn).expect("the API answers")["StatusCode"],
            200,
            "{address}"
        );
        arn
    })
}

/// Both invocations over one path, then all of it gone.
fn shared(cli: &'static Cli, way: impl Fn(&str) -> String, expected: [usize; 3]) {
    let aws = Aws::start();
    let workspace = Workspace::new(cli, &aws);
    let endpoint = &aws.seed().vpc_endpoint_id;
    workspace.write(&two(endpoint, &way(endpoint)));
    workspace.apply();
    reaching(&workspace, &aws);
    assert_eq!(counts(&aws), expected);
    workspace.plans_nothing();
    workspace.destroy();
    aws.has_nothing();
}

#[test]
fn two_invocations_share_the_gateway_of_a_path() {
    on_every_cli(|cli| shared(cli, by_gateway, [1, 3, 1]));
}

#[test]
fn two_invocations_share_the_configuration_of_a_path() {
    on_every_cli(|cli| shared(cli, |_| by_configuration(), [1, 1, 1]));
}

/// Invocations follow a path that is replaced with `create_before_destroy`, in place.
fn follows(way: fn(&str) -> String, expected: [usize; 3]) {
    on_every_cli(|cli| {
        let aws = Aws::start();
        let workspace = Workspace::new(cli, &aws);
        let endpoint = &aws.seed().vpc_endpoint_id;
        workspace.write(&two(endpoint, &way(endpoint)));
        workspace.apply();
        let arns = reaching(&workspace, &aws);
        let gateway = workspace.attributes_of(PATH)["resource_gateway_id"].clone();

        let other = aws.add_endpoint();
        workspace.write(&two(&other, &way(endpoint)));
        assert_eq!(workspace.planned_actions_of(PATH), ["create", "delete"]);
        for address in INVOCATIONS {
            assert_eq!(workspace.planned_actions_of(address), ["update"], "{address}");
        }
        workspace.apply();
        assert_eq!(reaching(&workspace, &aws), arns);
        assert_ne!(workspace.attributes_of(PATH)["resource_gateway_id"], gateway);
        assert_eq!(counts(&aws), expected);
        workspace.plans_nothing();
    });
}

#[test]
fn invocations_follow_the_gateway_of_a_replaced_path_in_place() {
    follows(by_gateway, [1, 3, 1]);
}

#[test]
fn invocations_follow_the_configuration_of_a_replaced_path_in_place() {
    follows(|_| by_configuration(), [1, 1, 1]);
}

#[test]
fn an_invocation_moves_to_a_shared_gateway_to_a_shared_configuration_and_back() {
    on_every_cli(|cli| {
        let aws = Aws::start();
        let workspace = Workspace::new(cli, &aws);
        let endpoint = &aws.seed().vpc_endpoint_id;
        let own = format!("vpc_endpoint_id = {endpoint:?}");
        let with = |way: &str| path(endpoint) + &invocation("orders", way);
        workspace.write(&with(&own));
        workspace.apply();
        assert_eq!(counts(&aws), [2, 2, 2]);
        let arn = workspace.attribute("connection_arn");
        for (way, expected) in [
            (by_gateway(endpoint), [1, 2, 1]),
            (by_configuration(), [1, 1, 1]),
            (by_gateway(endpoint), [1, 2, 1]),
            (own.clone(), [2, 2, 2]),
            (by_configuration(), [1, 1, 1]),
            (own, [2, 2, 2]),
        ] {
            workspace.write(&with(&way));
            assert_eq!(workspace.planned_actions(), ["update"], "{way}");
            workspace.apply();
            assert_eq!(counts(&aws), expected, "{way}");
            assert_eq!(workspace.attribute("connection_arn"), arn, "{way}");
            assert_eq!(
                aws.call_api(&arn).expect("the API answers")["StatusCode"],
                200,
                "{way}"
            );
            workspace.plans_nothing();
        }
        workspace.destroy();
        aws.has_nothing();
    });
}

#[test]
fn an_invocation_cannot_share_what_it_made_itself() {
    on_every_cli(|cli| {
        let aws = Aws::start();
        let workspace = Workspace::new(cli, &aws);
        let endpoint = &aws.seed().vpc_endpoint_id;
        workspace.write(&invocation("orders", &format!("vpc_endpoint_id = {endpoint:?}")));
        workspace.apply();
        let before = aws.mutations().len();
        let gateway = workspace.attribute("resource_gateway_id");
        let configuration = workspace.attribute("resource_configuration_arn");
        for (way, words) in [
            (
                format!(
                    "vpc_endpoint_id = {endpoint:?}\n  network = {{ resource_gateway_id = {gateway:?} }}"
                ),
                "Not a gateway of somebody else",
            ),
            (
                format!("shared_resource_configuration_arn = {configuration:?}"),
                "Not a resource configuration of somebody else",
            ),
        ] {
            workspace.write(&invocation("orders", &way));
            workspace.try_apply().failed().says(&[words]);
        }
        assert_eq!(aws.mutation_names()[before..], [""; 0]);
        workspace.destroy();
        aws.has_nothing();
    });
}

#[test]
fn a_path_is_not_destroyed_while_others_use_its_gateway() {
    on_every_cli(|cli| {
        let aws = Aws::start();
        let owner = Workspace::new(cli, &aws);
        let endpoint = &aws.seed().vpc_endpoint_id;
        owner.write(&path(endpoint));
        owner.apply();
        let gateway = owner.attributes_of(PATH)["resource_gateway_id"].clone();
        let user = Workspace::new(cli, &aws);
        let way =
            format!("vpc_endpoint_id = {endpoint:?}\n  network = {{ resource_gateway_id = {gateway} }}");
        user.write(&invocation("orders", &way));
        user.apply();

        let before = aws.mutations().len();
        let configuration = user.attribute("resource_configuration_id");
        owner.start_destroy().wait().failed().says(&[
            "Used by others",
            &configuration,
            "Nothing was changed",
        ]);
        assert_eq!(aws.mutation_names()[before..], [""; 0]);
        user.destroy();
        owner.destroy();
        aws.has_nothing();
    });
}

#[test]
fn where_aws_gives_a_configuration_to_one_connection_alone_the_second_shares_the_gateway() {
    on_every_cli(|cli| {
        let aws = Aws::start();
        aws.switch("shares_configurations", false);
        let workspace = Workspace::new(cli, &aws);
        let endpoint = &aws.seed().vpc_endpoint_id;
        let first = path(endpoint) + &invocation("orders", &by_configuration());
        workspace.write(&first);
        workspace.apply();
        let arn = workspace.attribute("connection_arn");

        // A second one is refused, and leaves nothing.
        let words = ["is in use by connection orders", "network.resource_gateway_id"];
        workspace.write(&(first.clone() + &invocation("stock", &by_configuration())));
        workspace.try_apply().failed().says(&words);
        assert_eq!(aws.of_type("connection").len(), 1);
        // It has a way all the same.
        let both = first + &invocation("stock", &by_gateway(endpoint));
        workspace.write(&both);
        workspace.apply();
        let arns = reaching(&workspace, &aws);
        assert_eq!(arns[0], arn);
        assert_eq!(counts(&aws), [1, 2, 1]);
        workspace.plans_nothing();

        // From there to the configuration is refused as well, and leaves it where it was.
        workspace.write(&two(endpoint, &by_configuration()));
        workspace.try_apply().failed().says(&words);
        assert_eq!(reaching(&workspace, &aws), arns);
        workspace.write(&both);
        workspace.apply();
        assert_eq!(reaching(&workspace, &aws), arns);
        assert_eq!(counts(&aws), [1, 2, 1]);
        workspace.plans_nothing();
        workspace.destroy();
        aws.has_nothing();
    });
}

#[test]
fn an_invocation_goes_through_the_configuration_that_another_account_shares() {
    const THEIRS: &str = "rcfg-0123456789abcdef0";
    on_every_cli(|cli| {
        let mut document = serde_json::to_value(SeedDocument::default()).expect("a document");
        document["shared_configurations"] =
            json!([{ "name": "theirs", "owner": "999999999999", "to": "execute-api", "id": THEIRS }]);
        let document = SeedDocument::parse(&document.to_string()).expect("a document");
        let aws = Aws::start_with(document);
        let workspace = Workspace::new(cli, &aws);
        let endpoint = &aws.seed().vpc_endpoint_id;
        let region = &aws.seed().region;
        let arn = format!("arn:aws:vpc-lattice:{region}:999999999999:resourceconfiguration/{THEIRS}");
        let theirs = invocation("orders", &format!("shared_resource_configuration_arn = {arn:?}"));
        let own = invocation("orders", &format!("vpc_endpoint_id = {endpoint:?}"));
        workspace.write(&theirs);
        workspace.apply();
        let connection = workspace.attribute("connection_arn");
        assert_eq!(workspace.attribute("resource_configuration_arn"), arn);
        for (text, expected) in [(&theirs, [0, 1, 0]), (&own, [1, 2, 1]), (&theirs, [0, 1, 0])] {
            workspace.write(text);
            workspace.apply();
            assert_eq!(workspace.attribute("connection_arn"), connection);
            assert_eq!(counts(&aws), expected);
            let answer = aws.call_api(&connection).expect("the API answers");
            assert_eq!(answer["StatusCode"], 200);
            workspace.plans_nothing();
        }
        workspace.destroy();
        assert_eq!(counts(&aws), [0, 1, 0]);
    });
}
