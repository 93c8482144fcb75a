//! The examples' own tests, run as a user would: `test` in the example's folder.

use std::fs;
use std::ops::Not as _;
use std::path::Path;

use cli_harness::{Cli, Running, on_every_cli, on_every_cli_that};

use crate::aws::Aws;
use crate::workspace::Workspace;

/// Runs the tests of an example against a local AWS, which has nothing left afterwards.
fn passes(cli: &'static Cli, example: &str) {
    let aws = Aws::start();
    let mut workspace = Workspace::new(cli, &aws);
    for (name, value) in [
        ("TF_VAR_vpc_endpoint_id", &aws.seed().vpc_endpoint_id),
        ("TF_VAR_api_url", &aws.seed().api_url),
        ("TF_VAR_role_arn", &aws.seed().role_arn),
    ] {
        workspace.set(name, value);
    }
    let folder = workspace.path("example");
    let source = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("examples")
        .join(example);
    copy(&source, &folder);
    let run = |arguments: &[&str]| {
        let mut command = workspace.command(cli.program());
        command.args(arguments).current_dir(&folder);
        Running::start(&mut command).wait().succeeded()
    };
    // What runs call modules: `init` would ask a registry for the provider.
    run(&["get", "-no-color"]);
    run(&["test", "-no-color"]).says(&["Success! ", ", 0 failed."]);
    aws.has_nothing();
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("the folder is writable");
    for entry in fs::read_dir(from).unwrap_or_else(|error| panic!("{from:?}: {error}")) {
        let entry = entry.expect("a folder can be read");
        let (path, target) = (entry.path(), to.join(entry.file_name()));
        if path.is_dir() {
            copy(&path, &target);
        } else {
            fs::copy(&path, &target).expect("the folder is writable");
        }
    }
}

#[test]
fn the_quickstart_passes_its_tests() {
    on_every_cli_that(Cli::compares_runs, |cli| passes(cli, "quickstart"));
}

#[test]
fn the_module_passes_its_tests() {
    on_every_cli(|cli| passes(cli, "modules/private-api"));
}

#[test]
fn mocks_pass_for_aws() {
    on_every_cli(|cli| passes(cli, "mocks"));
}

/// Its test starts the machine by the AWS CLI, as the pipeline of a user would.
#[test]
fn the_state_machine_passes_its_tests_where_the_aws_cli_is() {
    let lacks = |program: &&str| {
        let asked = std::process::Command::new(program).arg("--version").output();
        asked.is_ok_and(|answer| answer.status.success()).not()
    };
    if let Some(program) = ["aws", "curl", "jq"].iter().find(|program| lacks(program)) {
        eprintln!("examples/state-machine is not tested: there is no {program}");
        return;
    }
    on_every_cli_that(Cli::compares_runs, |cli| passes(cli, "state-machine"));
}
