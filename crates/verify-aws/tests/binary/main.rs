//! The program as its user meets it: what it says, what it asks, what it writes, and how it ends.

mod example;
mod https;

use std::fs;
use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;

use local_aws::{Facts, Found, LocalAws, Options, SeedDocument, Settings, Speed, Times};
use serde_json::json;

const LONG: Duration = Duration::from_secs(60);

struct Place {
    aws: LocalAws,
    folder: tempfile::TempDir,
    before: Vec<serde_json::Value>,
}

impl Place {
    fn new() -> Self {
        Self::with(SeedDocument::default())
    }

    fn with(document: SeedDocument) -> Self {
        let options = Options {
            speed: Speed::Instant,
            document,
            ..Options::default()
        };
        let aws = LocalAws::start(options).unwrap();
        Self {
            before: aws.objects(),
            aws,
            folder: tempfile::tempdir().unwrap(),
        }
    }

    /// The program with keys in the environment and nothing else of the user's.
    fn program(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_verify-aws"));
        command
            .args(["--vpc-endpoint-id", &self.aws.seed().vpc_endpoint_id])
            .args(["--endpoint-url", self.aws.endpoint()])
            .args(arguments)
            .env_clear()
            .envs([
                ("AWS_ACCESS_KEY_ID", "local"),
                ("AWS_SECRET_ACCESS_KEY", "local"),
                ("AWS_REGION", "us-east-1"),
            ])
            .current_dir(self.folder.path())
            .stdin(Stdio::null());
        command
    }

    fn run(&self, arguments: &[&str]) -> (Option<i32>, String) {
        told(self.program(arguments).output().unwrap())
    }

    fn start(&self, arguments: &[&str]) -> Child {
        let mut program = self.program(arguments);
        program
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap()
    }

    fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn facts(&self) -> Facts {
        Facts::parse(&fs::read_to_string(self.file("facts.json")).unwrap()).unwrap()
    }
}

fn told(output: Output) -> (Option<i32>, String) {
    let text = [output.stdout, output.stderr]
        .map(|bytes| String::from_utf8(bytes).unwrap())
        .concat();
    (output.status.code(), text)
}

fn signal(child: &Child, name: &str) {
    let id = child.id().to_string();
    assert!(Command::new("kill").args([name, &id]).status().unwrap().success());
}

#[test]
fn without_a_terminal_it_shows_the_plan_and_does_nothing_until_it_may() {
    let place = Place::new();
    let (code, told) = place.run(&[]);
    assert_eq!(code, Some(1), "{told}");
    for part in [
        "account 123456789012",
        "us-east-1",
        "costs:",
        "cleans up:",
        "--yes",
        "left out: --role-arn",
    ] {
        assert!(told.contains(part), "{part}\n{told}");
    }
    assert_eq!(place.aws.objects(), place.before);
    assert!(!place.file("facts.json").exists());
}

#[test]
fn what_is_settled_is_written_served_and_not_asked_again() {
    let place = Place::new();
    place
        .aws
        .change_settings(&json!({ "groups_let_ipv6_out": false, "accepts_http_destinations": true }))
        .unwrap();
    let only = ["--only", "api-destination,shared-tags", "--yes"];
    let (code, told) = place.run(&only);
    assert_eq!(code, Some(0), "{told}");
    assert_eq!(place.aws.objects(), place.before);

    let facts = place.facts();
    assert_eq!(facts.region, "us-east-1");
    let (mut settings, mut times) = (Settings::default(), Times::default());
    facts.apply(&mut settings, &mut times).unwrap();
    let expected = Settings {
        accepts_http_destinations: true,
        ..Settings::default()
    };
    assert_eq!((settings, times), (expected, Times::default()));
    let why = "--shared-configuration-arn was not given".to_owned();
    assert!(
        facts
            .facts
            .iter()
            .any(|fact| fact.found == Found::Unsettled(why.clone()))
    );

    // The plan of the next run has what is open alone.
    let (_, plan) = place.run(&[]);
    assert!(
        !plan.contains("\napi-destination\n") && plan.contains("\nshared-tags\n"),
        "{plan}"
    );
}

/// Holds a gateway where it is, and gives the program, which waits for it.
fn waiting(place: &Place) -> (Child, u64) {
    let stuck =
        json!({ "service": "vpc-lattice", "type": "resource-gateway", "stuck": "CREATE_IN_PROGRESS" });
    let fault = place.aws.add_fault(&stuck).unwrap()[0];
    let child = place.start(&["--only", "gateway", "--yes"]);
    place
        .aws
        .wait_for_call("vpc-lattice", "GetResourceGateway", 0, LONG)
        .unwrap();
    (child, fault)
}

#[test]
fn ctrl_c_removes_what_was_made() {
    let place = Place::new();
    let (child, fault) = waiting(&place);
    signal(&child, "-INT");
    place.aws.remove_fault(fault);
    let (code, told) = told(child.wait_with_output().unwrap());
    assert_eq!(code, Some(130), "{told}");
    assert_eq!(place.aws.objects(), place.before, "{told}");
    assert!(!place.file("facts.json.journal").exists());
}

#[test]
fn what_a_killed_run_leaves_the_next_one_removes_first() {
    let place = Place::new();
    let (mut child, fault) = waiting(&place);
    signal(&child, "-KILL");
    child.wait().unwrap();
    place.aws.remove_fault(fault);
    assert_ne!(place.aws.objects(), place.before);
    assert!(place.file("facts.json.journal").exists());
    let (code, told) = place.run(&["--only", "shared-tags", "--yes"]);
    assert_eq!(code, Some(0), "{told}");
    assert!(told.contains("An earlier run left 2 objects"), "{told}");
    assert_eq!(place.aws.objects(), place.before, "{told}");
    assert!(!place.file("facts.json.journal").exists());
}

#[test]
fn a_denied_experiment_is_told_by_its_action_and_the_exit_code() {
    let place = Place::new();
    place
        .aws
        .add_fault(&json!({ "deny": "events:CreateConnection" }))
        .unwrap();
    let (code, told) = place.run(&["--only", "api-destination,security-group", "--yes"]);
    assert_eq!(code, Some(2), "{told}");
    assert!(
        told.contains(
            "accepts_http_destinations                not settled: denied: events:CreateConnection"
        ),
        "{told}"
    );
    assert!(
        told.contains("missed_reads                             0"),
        "{told}"
    );
}

#[test]
fn what_cannot_begin_says_why_and_what_to_do() {
    let place = Place::new();
    let without_keys = |command: &mut Command| {
        command
            .env_remove("AWS_ACCESS_KEY_ID")
            .env("PATH", "/nonexistent");
    };
    let without_region = |command: &mut Command| {
        command.env_remove("AWS_REGION");
    };
    let half = |command: &mut Command| {
        command.env_remove("AWS_SECRET_ACCESS_KEY");
    };
    let elsewhere = |command: &mut Command| {
        command.args(["--region", "eu-west-1"]);
    };
    let unknown = |command: &mut Command| {
        command.args(["--only", "everything"]);
    };
    let facts = place.file("facts.json");
    let broken = move |command: &mut Command| {
        fs::write(&facts, r#"{"version":7}"#).unwrap();
        command.args(["--facts", "facts.json"]);
    };
    type Change<'c> = &'c dyn Fn(&mut Command);
    let cases: [(Change<'_>, &str); 6] = [
        (
            &without_keys,
            "no AWS CLI to ask for others: export AWS_ACCESS_KEY_ID",
        ),
        (&without_region, "no Region is set up: give --region"),
        (&half, "AWS_ACCESS_KEY_ID is set and AWS_SECRET_ACCESS_KEY is not"),
        (&elsewhere, "sts:GetCallerIdentity: 403 SignatureDoesNotMatch"),
        (
            &unknown,
            "--only: there is no experiment everything; there are: security-group",
        ),
        (&broken, "facts.json: version: 7 is not 1"),
    ];
    for (change, part) in cases {
        let mut command = place.program(&["--yes"]);
        change(&mut command);
        let (code, told) = told(command.output().unwrap());
        assert_eq!(code, Some(1), "{told}");
        assert!(told.contains(part), "{part}\n{told}");
    }
    assert_eq!(place.aws.objects(), place.before);
}

#[test]
fn the_aws_cli_is_asked_for_keys_and_region_of_a_profile() {
    use std::os::unix::fs::PermissionsExt as _;
    let place = Place::new();
    let script = place.file("aws");
    let text = "#!/bin/sh\ncase \"$*\" in\n\
                'configure get region --profile work') echo us-east-1 ;;\n\
                'configure export-credentials --format process --profile work')\n\
                echo '{\"AccessKeyId\":\"local\",\"SecretAccessKey\":\"local\"}' ;;\n\
                *) exit 1 ;;\nesac\n";
    fs::write(&script, text).unwrap();
    fs::set_permissions(&script, fs::Permissions::from_mode(0o755)).unwrap();
    let mut command = place.program(&["--profile", "work", "--only", "shared-tags", "--yes"]);
    command
        .env_remove("AWS_ACCESS_KEY_ID")
        .env_remove("AWS_REGION")
        .env("PATH", place.folder.path());
    let (code, told) = told(command.output().unwrap());
    assert_eq!(code, Some(0), "{told}");
}
