//! `--examples`: the whole with every CLI and the real provider; killed in the middle, stopped, and with an API that refuses.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Child;

use cli_harness::{Cli, PATIENCE, ProviderProcess, on_every_cli_that};
use local_aws::{ExampleRun, SeedDocument};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::json;

use super::{Place, signal, told};

/// The provider, which the tests of the workspace have built beside this program.
fn provider() -> PathBuf {
    let binary = Path::new(env!("CARGO_BIN_EXE_verify-aws")).with_file_name("terraform-provider-private");
    assert!(
        binary.is_file(),
        "{} is not there: cargo build --workspace",
        binary.display()
    );
    binary
}

/// A local AWS with a second endpoint, and what `--examples` is given.
struct Stage {
    place: Place,
    cli: PathBuf,
    other_endpoint: String,
}

impl Stage {
    fn new(cli: &Cli) -> Self {
        let mut document = serde_json::to_value(SeedDocument::default()).unwrap();
        let endpoints = document["endpoints"].as_array_mut().unwrap();
        let mut second = endpoints[0].clone();
        second["name"] = json!("second");
        endpoints.push(second);
        let place = Place::with(SeedDocument::parse(&document.to_string()).unwrap());
        let other = place.before.iter().find(|object| {
            object["type"] == "vpc-endpoint" && object["id"] != place.aws.seed().vpc_endpoint_id.as_str()
        });
        // Its own process, so that a test can kill it: the file has its id.
        let script = place.file("cli");
        let text = format!(
            "#!/bin/sh\necho $$ > '{}'\nexec '{}' \"$@\"\n",
            place.file("cli.pid").display(),
            cli.program().display()
        );
        fs::write(&script, text).unwrap();
        fs::set_permissions(&script, fs::Permissions::from_mode(0o755)).unwrap();
        Self {
            other_endpoint: other.unwrap()["id"].as_str().unwrap().to_owned(),
            cli: script,
            place,
        }
    }

    fn arguments(&self, path: &str) -> Vec<String> {
        let seed = self.place.aws.seed();
        let url = seed.api_url.replace("/orders", path);
        let (cli, provider) = (self.cli.display().to_string(), provider().display().to_string());
        [
            "--only",
            "none",
            "--examples",
            "--yes",
            "--cli",
            &cli,
            "--provider",
            &provider,
        ]
        .into_iter()
        .chain(["--state-machine-role-arn", &seed.role_arn, "--url", &url])
        .map(str::to_owned)
        .collect()
    }

    fn run(&self, path: &str, more: &[&str]) -> (Option<i32>, String) {
        let arguments = self.arguments(path);
        let arguments: Vec<_> = arguments
            .iter()
            .map(String::as_str)
            .chain(more.iter().copied())
            .collect();
        self.place.run(&arguments)
    }

    /// Holds the gateway of a run where it is, and gives the program, which waits for it.
    fn waiting(&self, more: &[&str]) -> (Child, u64) {
        let stuck =
            json!({ "service": "vpc-lattice", "type": "resource-gateway", "stuck": "CREATE_IN_PROGRESS" });
        let fault = self.place.aws.add_fault(&stuck).unwrap()[0];
        let arguments = self.arguments("/health");
        let arguments: Vec<_> = arguments
            .iter()
            .map(String::as_str)
            .chain(more.iter().copied())
            .collect();
        let child = self.place.start(&arguments);
        let seen = self
            .place
            .aws
            .wait_for_call("vpc-lattice", "GetResourceGateway", 0, PATIENCE);
        seen.unwrap();
        (child, fault)
    }

    fn cli_process(&self) -> Pid {
        let id = fs::read_to_string(self.place.file("cli.pid")).unwrap();
        Pid::from_raw(id.trim().parse().unwrap()).unwrap()
    }

    fn run_of_example(&self) -> ExampleRun {
        self.place
            .facts()
            .example
            .expect("the example is among the facts")
    }

    /// Names of the steps that ended, and of those that failed.
    fn steps(&self) -> (Vec<String>, Vec<String>) {
        let steps = self.run_of_example().steps;
        let names = |failed: bool| {
            let wanted = steps.iter().filter(|step| step.failed == failed);
            wanted.map(|step| step.step.clone()).collect()
        };
        (names(false), names(true))
    }

    /// Nothing is left, in AWS and here.
    #[track_caller]
    fn has_nothing(&self, told: &str) {
        // What AWS has of its own takes longer to go, and is no concern of the example.
        self.place.aws.advance_until_settled();
        assert_eq!(self.place.aws.objects(), self.place.before, "{told}");
        assert!(!self.place.file("facts.json.example").exists(), "{told}");
    }
}

const ALL: [&str; 6] = ["create", "plan", "move", "plan-moved", "destroy", "look"];

#[test]
fn the_example_is_made_called_moved_and_destroyed() {
    on_every_cli_that(Cli::has_write_only, |cli| {
        let stage = Stage::new(cli);
        let (code, told) = stage.run("/health", &["--move-to-vpc-endpoint-id", &stage.other_endpoint]);
        assert_eq!(code, Some(0), "{told}");
        for part in [
            "moves the invocation in place to the other VPC endpoint",
            "cleans up:",
            "costs:",
        ] {
            assert!(told.contains(part), "{part}\n{told}");
        }
        assert_eq!(stage.steps(), (ALL.map(str::to_owned).to_vec(), Vec::new()));
        let calls = stage.place.aws.api_requests().len();
        assert_eq!(calls, 2, "one call over each path");
        let run = stage.run_of_example();
        assert!(run.called && run.moved_to.contains("VPC endpoint"), "{run:?}");
        assert!(run.cli.contains(" 1."), "{run:?}");
        stage.has_nothing(&told);
    });
}

#[test]
fn a_run_that_is_killed_with_all_that_it_started_is_gone_on_with() {
    on_every_cli_that(Cli::has_write_only, |cli| {
        let stage = Stage::new(cli);
        let (mut child, fault) = stage.waiting(&[]);
        let cli = stage.cli_process();
        let provider = ProviderProcess::of(cli);
        signal(&child, "-KILL");
        kill_process(cli, Signal::KILL).unwrap();
        provider.kill();
        child.wait().unwrap();
        provider.wait();
        stage.place.aws.remove_fault(fault);
        assert!(stage.place.file("facts.json.example").exists());

        // Without --examples it is told, and nothing else.
        let (_, told) = stage.place.run(&[]);
        assert!(
            told.contains("facts.json.example has the state of an example"),
            "{told}"
        );
        let (code, told) = stage.run("/health", &[]);
        assert_eq!(code, Some(0), "{told}");
        assert!(
            told.contains("stopped in the step `create`; this run goes on"),
            "{told}"
        );
        assert_eq!(stage.steps(), (ALL.map(str::to_owned).to_vec(), Vec::new()));
        stage.has_nothing(&told);
    });
}

#[test]
fn what_a_killed_run_was_given_is_removed_before_something_else_is_made() {
    on_every_cli_that(Cli::has_write_only, |cli| {
        let stage = Stage::new(cli);
        let (mut child, fault) = stage.waiting(&[]);
        // The CLI goes on alone, to the end of its apply; the next run waits for it.
        signal(&child, "-KILL");
        child.wait().unwrap();
        stage.place.aws.remove_fault(fault);
        let (code, told) = stage.run("/health", &["--move-to-vpc-endpoint-id", &stage.other_endpoint]);
        assert_eq!(code, Some(0), "{told}");
        assert!(
            told.contains("first removes what it made, and begins anew"),
            "{told}"
        );
        assert_eq!(stage.steps(), (ALL.map(str::to_owned).to_vec(), Vec::new()));
        stage.has_nothing(&told);
    });
}

#[test]
fn ctrl_c_destroys_what_was_made() {
    on_every_cli_that(Cli::has_write_only, |cli| {
        let stage = Stage::new(cli);
        let (child, fault) = stage.waiting(&[]);
        signal(&child, "-INT");
        stage.place.aws.remove_fault(fault);
        let (code, told) = told(child.wait_with_output().unwrap());
        assert_eq!(code, Some(130), "{told}");
        assert_eq!(stage.steps().0, ["destroy", "look"], "{told}");
        stage.has_nothing(&told);
    });
}

#[test]
fn what_ctrl_c_twice_leaves_the_next_run_removes_first() {
    on_every_cli_that(Cli::has_write_only, |cli| {
        let stage = Stage::new(cli);
        let aws = &stage.place.aws;
        let (child, creating) = stage.waiting(&[]);
        let stuck =
            json!({ "service": "vpc-lattice", "type": "resource-gateway", "stuck": "DELETE_IN_PROGRESS" });
        let deleting = aws.add_fault(&stuck).unwrap()[0];
        signal(&child, "-INT");
        aws.remove_fault(creating);
        let deleted = aws.wait_for_call("vpc-lattice", "DeleteResourceGateway", 0, PATIENCE);
        deleted.unwrap();
        signal(&child, "-INT");
        let (code, text) = told(child.wait_with_output().unwrap());
        assert_eq!(code, Some(130), "{text}");
        assert!(text.contains("keeps the state of what is left"), "{text}");
        assert!(stage.place.file("facts.json.example").exists());
        aws.remove_fault(deleting);

        let (code, text) = stage.run("/health", &[]);
        assert_eq!(code, Some(0), "{text}");
        assert!(
            text.contains("first removes what it made, and begins anew"),
            "{text}"
        );
        assert_eq!(stage.steps(), (ALL.map(str::to_owned).to_vec(), Vec::new()));
        stage.has_nothing(&text);
    });
}

#[test]
fn an_api_that_refuses_is_told_by_its_diagnosis_and_all_is_destroyed() {
    on_every_cli_that(Cli::has_write_only, |cli| {
        let stage = Stage::new(cli);
        let (code, told) = stage.run("/orders", &[]);
        assert_eq!(code, Some(2), "{told}");
        assert!(told.contains("- call-") && told.contains("401"), "{told}");
        assert_eq!(
            stage.steps(),
            (
                vec!["destroy".to_owned(), "look".to_owned()],
                vec!["create".to_owned()]
            )
        );
        let text = fs::read_to_string(stage.place.file("facts.json")).unwrap();
        assert!(text.contains("call-"), "{text}");
        let seed = stage.place.aws.seed();
        let host = seed.api_url.split('/').nth(2).unwrap();
        let folder = stage.place.folder.path().display().to_string();
        for private in [
            seed.account_id.as_str(),
            host,
            seed.role_arn.as_str(),
            folder.as_str(),
        ] {
            assert!(!text.contains(private), "{private}\n{text}");
        }
        stage.has_nothing(&told);
    });
}

#[test]
fn without_a_url_the_call_is_left_out_and_that_is_said() {
    on_every_cli_that(Cli::has_write_only, |cli| {
        let stage = Stage::new(cli);
        let (cli, provider) = (stage.cli.display().to_string(), provider().display().to_string());
        let arguments = [
            "--only",
            "none",
            "--examples",
            "--yes",
            "--cli",
            &cli,
            "--provider",
            &provider,
        ];
        let (code, told) = stage.place.run(&arguments);
        assert_eq!(code, Some(0), "{told}");
        assert!(told.contains("left out: the call over the path; --url"), "{told}");
        assert!(!stage.run_of_example().called);
        assert!(stage.place.aws.api_requests().is_empty());
        stage.has_nothing(&told);
    });
}

#[test]
fn what_is_missing_is_told_before_anything_is_made() {
    on_every_cli_that(Cli::has_write_only, |cli| {
        let stage = Stage::new(cli);
        let (cli, provider) = (stage.cli.display().to_string(), provider().display().to_string());
        let endpoint = &stage.place.aws.seed().vpc_endpoint_id;
        let cases: [(&[&str], &str); 7] = [
            (
                &["--provider", &provider],
                "neither terraform nor tofu is on the PATH",
            ),
            (
                &["--cli", "/bin/echo", "--provider", &provider],
                "does not say that it is Terraform or OpenTofu",
            ),
            (
                &["--cli", "missing", "--provider", &provider],
                "missing cannot be started",
            ),
            (&["--cli", &cli], "the provider's binary is missing"),
            (
                &["--cli", &cli, "--provider", "/bin/echo"],
                "/bin/echo is not the binary of this provider",
            ),
            (
                &[
                    "--cli",
                    &cli,
                    "--provider",
                    &provider,
                    "--move-to-vpc-endpoint-id",
                    "vpce-0123456789abcdef0",
                ],
                "--move-to-vpc-endpoint-id: there is no VPC endpoint vpce-0123456789abcdef0",
            ),
            (
                &[
                    "--cli",
                    &cli,
                    "--provider",
                    &provider,
                    "--move-to-vpc-endpoint-id",
                    endpoint,
                ],
                "is where the example is made",
            ),
        ];
        for (arguments, part) in cases {
            let all = [&["--only", "none", "--examples", "--yes"], arguments].concat();
            let mut command = stage.place.program(&all);
            if !arguments.contains(&"--cli") {
                command.env("PATH", "/nonexistent");
            }
            let (code, told) = told(command.output().unwrap());
            assert_eq!(code, Some(1), "{told}");
            assert!(told.contains(part), "{part}\n{told}");
        }
        assert_eq!(stage.place.aws.objects(), stage.place.before);
        assert!(!stage.place.file("facts.json.example").exists());
    });
}
