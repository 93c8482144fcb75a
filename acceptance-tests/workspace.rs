//! A workspace for the provider that was built with these tests, and for AWS.

use std::ops::{Deref, DerefMut};
use std::path::Path;

use cli_harness::{Cli, Provider};
use serde_json::Value;

use crate::aws::Aws;

/// The resource that the scenarios are about.
pub const ADDRESS: &str = "private_api_invocation.orders";

/// What every configuration begins with.
const HEAD: &str = r#"
terraform {
  required_providers {
    private = { source = "private-api/private" }
  }
}

provider "private" {}

variable "api_key" {
  type      = string
  sensitive = true
  ephemeral = true
}
"#;

/// One scenario's folder and environment.
pub struct Workspace(cli_harness::Workspace);

impl Deref for Workspace {
    type Target = cli_harness::Workspace;

    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

impl DerefMut for Workspace {
    fn deref_mut(&mut self) -> &mut Self::Target {
        &mut self.0
    }
}

impl Workspace {
    /// A folder whose CLI takes the provider that was built with these tests, and `aws` for AWS.
    pub fn new(cli: &'static Cli, aws: &Aws) -> Self {
        assert!(
            cli.has_write_only(),
            "{cli}: the scenarios give secrets write-only"
        );
        let binary = Path::new(env!("CARGO_BIN_EXE_terraform-provider-private"));
        let source = "private-api/private";
        let mut workspace = cli_harness::Workspace::new(cli, &[Provider { source, binary }]);
        workspace.set("TF_VAR_api_key", &aws.seed().api_key);
        workspace.set("AWS_EC2_METADATA_DISABLED", "true");
        workspace.set("AWS_ENDPOINT_URL", aws.endpoint());
        workspace.set("AWS_REGION", &aws.seed().region);
        workspace.set("AWS_ACCESS_KEY_ID", "local");
        workspace.set("AWS_SECRET_ACCESS_KEY", "local");
        Self(workspace)
    }

    /// Writes the configuration: the head that all share, and `text`.
    pub fn write(&self, text: &str) {
        self.write_file("main.tf", &format!("{HEAD}{text}"));
    }

    /// Plans, and gives what is to be done with [`ADDRESS`]: `["update"]`, `["delete", "create"]`, `["no-op"]`.
    #[track_caller]
    pub fn planned_actions(&self) -> Vec<String> {
        self.planned_actions_of(ADDRESS)
    }

    /// The attributes of [`ADDRESS`] in the state.
    #[track_caller]
    pub fn attributes(&self) -> Value {
        self.attributes_of(ADDRESS)
    }

    /// One attribute that is a string.
    #[track_caller]
    pub fn attribute(&self, name: &str) -> String {
        let attributes = self.attributes();
        attributes[name]
            .as_str()
            .unwrap_or_else(|| panic!("{name} is no string: {attributes}"))
            .to_owned()
    }
}

/// The configuration of [`ADDRESS`]: the invocation `orders` at an endpoint, with a write-only key, and `more` arguments.
pub fn orders(vpc_endpoint_id: &str, more: &str) -> String {
    invocation("orders", &format!("{vpc_endpoint_id:?}"), "1", more)
}

/// The configuration of [`ADDRESS`] with another name, an expression for the endpoint's id, and the key's version.
pub fn invocation(name: &str, vpc_endpoint_id: &str, key_version: &str, more: &str) -> String {
    format!(
        r#"
resource "private_api_invocation" "orders" {{
  name            = "{name}"
  vpc_endpoint_id = {vpc_endpoint_id}
  authorization = {{
    api_key = {{ name = "x-api-key", value_wo = var.api_key, value_wo_version = "{key_version}" }}
  }}
  {more}
}}
"#
    )
}
