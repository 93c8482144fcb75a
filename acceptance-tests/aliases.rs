//! Several configurations of the provider side by side, as one module has them for several accounts or Regions.

use crate::aws::Aws;
use crate::workspace::Workspace;
use cli_harness::on_every_cli;

/// Two invocations, each of a provider configuration of its own: one has tags for all that it makes, the other none.
fn two(vpc_endpoint_id: &str, other_team: &str) -> String {
    format!(
        r#"
provider "private" {{
  alias = "other"
  default_tags {{
    tags = {{ team = "{other_team}" }}
  }}
}}

locals {{
  key = {{ name = "x-api-key", value_wo = var.api_key, value_wo_version = "1" }}
}}

resource "private_api_invocation" "orders" {{
  name            = "orders"
  vpc_endpoint_id = "{vpc_endpoint_id}"
  authorization   = {{ api_key = local.key }}
}}

resource "private_api_invocation" "other" {{
  provider        = private.other
  name            = "other"
  vpc_endpoint_id = "{vpc_endpoint_id}"
  authorization   = {{ api_key = local.key }}
}}
"#
    )
}

/// The tag `team` of every security group that an invocation made.
fn teams(aws: &Aws, invocation: &str) -> Vec<Option<String>> {
    let ids = aws.ids_of("security-group", invocation);
    let groups = aws.of_type("security-group").into_iter();
    let groups = groups.filter(|group| ids.iter().any(|id| group["id"] == **id));
    groups
        .map(|group| group["tags"]["team"].as_str().map(str::to_owned))
        .collect()
}

#[test]
fn two_configurations_of_the_provider_work_side_by_side() {
    on_every_cli(|cli| {
        let aws = Aws::start();
        let workspace = Workspace::new(cli, &aws);
        let endpoint = &aws.seed().vpc_endpoint_id;
        workspace.write(&two(endpoint, "payments"));
        workspace.apply();
        assert_eq!(teams(&aws, "orders"), [None]);
        assert_eq!(teams(&aws, "other"), [Some("payments".to_owned())]);
        workspace.plans_nothing();

        // Only what belongs to the configuration that has changed.
        workspace.write(&two(endpoint, "billing"));
        let actions =
            |resource: &str| workspace.planned_actions_of(&format!("private_api_invocation.{resource}"));
        assert_eq!([actions("orders"), actions("other")], [["no-op"], ["update"]]);
        workspace.apply();
        assert_eq!(teams(&aws, "orders"), [None]);
        assert_eq!(teams(&aws, "other"), [Some("billing".to_owned())]);
        workspace.plans_nothing();
        workspace.destroy();
        aws.has_nothing();
    });
}
