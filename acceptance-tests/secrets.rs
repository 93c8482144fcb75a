//! Write-only secrets rest nowhere: not in state, plan, output, log, error, crash report, or what a process shows of itself.

mod scanner;

use std::fs;
use std::path::Path;

use cli_harness::{Ended, PATIENCE, ProviderProcess, Running, on_every_cli};
use serde_json::json;

use crate::aws::Aws;
use crate::workspace::{ADDRESS, Workspace, invocation, orders};
use scanner::Scanner;

/// Plans into a file, applies that file, both with a TRACE log, and gives all that was printed.
fn plan_and_apply(workspace: &mut Workspace) -> String {
    let log = workspace.path("trace.log");
    workspace.set("TF_LOG", "TRACE");
    workspace.set("TF_LOG_PATH", &log.to_string_lossy());
    let plan = workspace
        .run(&["plan", "-input=false", "-no-color", "-out=tfplan"])
        .succeeded();
    let apply = workspace
        .run(&["apply", "-input=false", "-no-color", "tfplan"])
        .succeeded();
    let log = fs::read_to_string(log).expect("there is a log");
    for words in [
        "provider.terraform-provider-private: received request",
        "tf_rpc=ApplyResourceChange",
    ] {
        assert!(
            log.contains(words),
            "the log has nothing of {words}: the provider's own is missing"
        );
    }
    plan.text + &apply.text
}

#[test]
fn a_plain_secret_is_found_in_state_and_plan_alone() {
    on_every_cli(|cli| {
        let aws = Aws::start();
        let mut workspace = Workspace::new(cli, &aws);
        let scanner = Scanner::new(1);
        let write_only = r#"value_wo = var.api_key, value_wo_version = "1""#;
        let text = orders(&aws.seed().vpc_endpoint_id, "").replace(write_only, "value = local.planted");
        // Reversed in the configuration, so that the scanner finds what the CLI made of it.
        let reversed: String = scanner.secret(0).chars().rev().collect();
        workspace.write(&format!(
            "locals {{\n  planted = strrev({})\n}}\n{text}",
            json!(reversed)
        ));
        let printed = plan_and_apply(&mut workspace);
        assert_eq!(
            scanner.files(&workspace.path("")),
            ["terraform.tfstate", "tfplan"]
        );
        assert!(!scanner.finds(printed.as_bytes()), "{printed}");
    });
}

#[test]
fn a_write_only_secret_is_found_nowhere() {
    on_every_cli(|cli| {
        let aws = Aws::start();
        let mut workspace = Workspace::new(cli, &aws);
        let scanner = Scanner::new(1);
        workspace.set("TF_VAR_api_key", scanner.secret(0));
        workspace.write(&orders(&aws.seed().vpc_endpoint_id, ""));
        let mut printed = plan_and_apply(&mut workspace);
        workspace.write(&invocation(
            "orders",
            &format!("{:?}", aws.seed().vpc_endpoint_id),
            "2",
            "",
        ));
        printed += &plan_and_apply(&mut workspace);
        printed += &workspace.run(&["show", "-no-color"]).succeeded().text;
        assert!(!scanner.finds(printed.as_bytes()), "{printed}");
        assert_eq!(scanner.files(&workspace.path("")), [""; 0]);
    });
}

/// Secrets of every kind, given from a file outside of the folder, and what looks for them.
struct Run {
    aws: Aws,
    workspace: Workspace,
    scanner: Scanner,
    secrets: tempfile::TempDir,
}

impl Run {
    /// Writes the configuration with this authorization, and a secret header beside it.
    fn write(&self, authorization: &str, version: u32) {
        let endpoint = &self.aws.seed().vpc_endpoint_id;
        self.workspace.write(&format!(
            r#"
variable "more" {{
  type      = list(string)
  sensitive = true
  ephemeral = true
}}

resource "private_api_invocation" "orders" {{
  name            = "orders"
  vpc_endpoint_id = {endpoint:?}
  authorization   = {{ {authorization} }}
  invocation_http_parameters = {{
    header = {{ x-tenant = {{ secret_value_wo = var.more[0], secret_value_wo_version = "{version}" }} }}
    query_string = {{ key = {{ secret_value_wo = var.more[1], secret_value_wo_version = "{version}" }} }}
  }}
}}
"#
        ));
    }

    fn start(&self, arguments: &[&str]) -> Running {
        let file = format!(
            "-var-file={}",
            self.secrets.path().join("secrets.tfvars.json").display()
        );
        self.workspace
            .start(&[arguments, &["-input=false", "-no-color", &file]].concat())
    }

    /// Looks through what a run has printed, and through everything that lies in the folder.
    #[track_caller]
    fn hides_all(&self, ended: Ended) -> Ended {
        assert!(!self.scanner.finds(ended.text.as_bytes()), "{}", ended.text);
        assert_eq!(self.scanner.files(&self.workspace.path("")), [""; 0]);
        ended
    }

    /// Runs into a call that is held, looks at both processes, and goes on; or kills the provider there.
    fn held(&self, operation: &str, kill: bool) -> Ended {
        let rule = self.aws.fault(json!({
            "service": "events", "operation": operation, "count": 1, "effect": { "hold": "before" },
        }));
        let run = self.start(&["apply", "-auto-approve"]);
        assert!(self.aws.wait_for_held(rule, PATIENCE), "{operation} is called");
        let provider = ProviderProcess::of(run.pid());
        for file in ["cmdline", "environ"] {
            let of_provider = provider.told_by_kernel(file).expect("it is held");
            let of_cli = fs::read(format!("/proc/{}/{file}", run.pid().as_raw_nonzero())).expect("it waits");
            assert!(!of_provider.is_empty() && !of_cli.is_empty());
            assert!(!self.scanner.finds(&of_provider), "{file} of the provider");
            assert!(!self.scanner.finds(&of_cli), "{file} of the CLI");
        }
        if kill {
            provider.kill();
        }
        self.aws.remove_fault(rule);
        self.hides_all(run.wait())
    }
}

#[test]
fn whatever_happens_secrets_of_every_kind_are_found_nowhere() {
    on_every_cli(|cli| {
        let (aws, scanner) = (Aws::start(), Scanner::new(3));
        let secrets = tempfile::tempdir().expect("a folder");
        let values = json!({ "api_key": scanner.secret(0), "more": [scanner.secret(1), scanner.secret(2)] });
        fs::write(secrets.path().join("secrets.tfvars.json"), values.to_string()).expect("it is ours");
        let mut workspace = Workspace::new(cli, &aws);
        workspace.unset("TF_VAR_api_key");
        workspace.set("TF_LOG", "TRACE");
        let log = workspace.path("trace.log");
        workspace.set("TF_LOG_PATH", &log.to_string_lossy());
        let run = Run {
            aws,
            workspace,
            scanner,
            secrets,
        };
        let apply = || run.hides_all(run.start(&["apply", "-auto-approve"]).wait());
        let key = |version: u32| {
            format!(
                r#"api_key = {{ name = "x-api-key", value_wo = var.api_key, value_wo_version = "{version}" }}"#
            )
        };

        // A plan file, and an error that quotes every secret in every form.
        run.write(&key(1), 1);
        let plan = run.workspace.path("tfplan");
        let plan = format!("-out={}", plan.display());
        run.hides_all(run.start(&["plan", &plan]).wait().succeeded());
        let echo = run.scanner.quoted();
        let quoting = |operation: &str| {
            run.aws.fault(json!({
                "service": "events", "operation": operation, "count": 1,
                "effect": { "error": { "code": "ValidationException", "message": format!("Not pleased: {echo}") } },
            }))
        };
        let rule = quoting("CreateConnection");
        apply().failed().says(&["Not pleased"]);
        assert_eq!(run.aws.fault_fired(rule), 1);
        run.workspace.run(&["untaint", "-no-color", ADDRESS]).succeeded();

        // A reason of a state that does; it is kept, and told by every refresh.
        let rule = run.aws.fault(json!({
            "service": "events", "type": "connection", "becomes": "FAILED_CONNECTIVITY", "count": 1,
            "reason": format!("Refused by the server: {echo}"),
        }));
        apply().failed().says(&["Refused by the server"]);
        assert_eq!(run.aws.fault_fired(rule), 1);
        run.hides_all(run.start(&["plan"]).wait().succeeded());
        apply().succeeded();

        // Other secrets of the same run: what both processes show of themselves, and a provider that is killed.
        let basic =
            r#"basic = { username = "orders", password_wo = var.api_key, password_wo_version = "1" }"#;
        run.write(basic, 1);
        run.held("UpdateConnection", true).failed();
        run.held("UpdateConnection", false).succeeded();
        let oauth = format!(
            "oauth_client_credentials = {{ authorization_endpoint = {:?}, client_id = {:?}, client_secret_wo = \
             var.api_key, client_secret_wo_version = \"1\" }}",
            run.aws.seed().token_url,
            run.aws.seed().client_id
        );
        run.write(&oauth, 2);
        quoting("UpdateConnection");
        apply().failed().says(&["Not pleased"]);
        // The key of the seed is not ours, so that this cannot be authorized; that is told, without the secret.
        apply();
        run.hides_all(run.workspace.run(&["show", "-json"]).succeeded());
        let destroyed = run.hides_all(run.start(&["destroy", "-auto-approve"]).wait().succeeded());
        destroyed.says(&["Destroy complete"]);
        run.aws.has_nothing();
        let log = fs::read_to_string(run.workspace.path("trace.log")).expect("there is a log");
        assert!(
            log.contains("provider.terraform-provider-private"),
            "the log lacks the provider's"
        );
        assert!(
            !Path::new("crash.log").exists(),
            "it would have been written here by old CLIs"
        );
    });
}
