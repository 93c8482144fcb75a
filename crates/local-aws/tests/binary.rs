//! The program: its help, its files, its log, and how it ends.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};

use serde_json::Value;

fn program() -> Command {
    Command::new(env!("CARGO_BIN_EXE_local-aws"))
}

/// A folder of its own that is gone with the value.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("local-aws-{name}-{}", std::process::id()));
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn file(&self, name: &str, text: &str) -> String {
        let path = self.0.join(name);
        fs::write(&path, text).unwrap();
        path.display().to_string()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

struct Served {
    child: Child,
    seed: Value,
}

impl Served {
    fn start(arguments: &[&str]) -> Self {
        let mut child = program()
            .arg("serve")
            .args(arguments)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap())
            .read_line(&mut line)
            .unwrap();
        let seed = serde_json::from_str(&line).unwrap_or_else(|error| panic!("{line}: {error}"));
        Self { child, seed }
    }

    /// The status and the body of a request.
    fn ask(&self, method: &str, path: &str, body: &str) -> (String, String) {
        let host = self.seed["endpoint"]
            .as_str()
            .unwrap()
            .trim_start_matches("http://");
        let mut stream = TcpStream::connect(host).unwrap();
        let length = body.len();
        write!(stream, "{method} {path} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n{body}")
            .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        (head[9..12].to_owned(), body.to_owned())
    }

    /// Ends it by a signal; gives its exit code and what it told on standard error.
    fn end(mut self, signal: &str) -> (Option<i32>, String) {
        let id = self.child.id().to_string();
        assert!(
            Command::new("kill")
                .args([signal, &id])
                .status()
                .unwrap()
                .success()
        );
        let mut told = String::new();
        self.child
            .stderr
            .take()
            .unwrap()
            .read_to_string(&mut told)
            .unwrap();
        (self.child.wait().unwrap().code(), told)
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        // It ended already, unless a test failed.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn refused(arguments: &[&str]) -> String {
    let Output { status, stderr, .. } = program().arg("serve").args(arguments).output().unwrap();
    assert!(!status.success());
    String::from_utf8(stderr).unwrap()
}

#[test]
fn the_help_names_every_option() {
    let help = program().args(["serve", "--help"]).output().unwrap();
    let help = String::from_utf8(help.stdout).unwrap();
    for option in [
        "--port", "--region", "--speed", "--time", "--facts", "--seed", "--mocks", "--faults", "--state",
        "--step", "--log",
    ] {
        assert!(help.contains(option), "{option}\n{help}");
    }
}

#[test]
fn both_signals_end_it_with_success_and_requests_are_logged() {
    for signal in ["-TERM", "-INT"] {
        let served = Served::start(&["--speed", "instant"]);
        assert_eq!(served.ask("POST", "/", "Action=DescribeVpcs").0, "403");
        let (code, told) = served.end(signal);
        assert_eq!(code, Some(0));
        let [export, line] = told.lines().take(2).collect::<Vec<_>>()[..] else {
            panic!("{told}");
        };
        assert!(
            export.starts_with("export AWS_ENDPOINT_URL=http://127.0.0.1:")
                && export.ends_with("AWS_DISABLE_HOST_PREFIX_INJECTION=true"),
            "{told}"
        );
        assert!(
            line.contains(" ec2 DescribeVpcs 403 ") && line.ends_with("MissingAuthenticationToken"),
            "{told}"
        );
    }
}

#[test]
fn a_port_that_is_taken_is_named() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let Output { status, stderr, .. } = program().args(["serve", "--port", &port]).output().unwrap();
    let told = String::from_utf8(stderr).unwrap();
    assert_eq!(status.code(), Some(1));
    assert!(
        told.contains(&format!("the port {port} cannot be served")),
        "{told}"
    );
}

#[test]
fn the_state_survives_a_kill() {
    let folder = Folder::new("kill");
    let state = folder.0.join("state.json").display().to_string();
    let arguments = ["--state", state.as_str(), "--log", "errors"];
    let served = Served::start(&arguments);
    let vpc = served.seed["vpc_id"].clone();
    assert_eq!(
        served.ask("POST", "/_local/settings", r#"{"connections": 7}"#).0,
        "200"
    );
    assert_eq!(served.end("-KILL"), (None, String::new()));
    let again = Served::start(&arguments);
    assert_eq!(again.seed["vpc_id"], vpc);
    assert!(
        again
            .ask("GET", "/_local/settings", "")
            .1
            .contains(r#""connections":7"#)
    );
}

#[test]
fn files_are_read_at_the_start() {
    let folder = Folder::new("files");
    let seed = folder.file(
        "seed.yaml",
        "vpcs: [{ name: v, id: vpc-00000000000000001, cidr_blocks: [10.0.0.0/16] }]\n",
    );
    let faults = folder.file("faults.json", r#"[{ "deny": "ec2:DescribeVpcs" }]"#);
    let served = Served::start(&["--seed", &seed, "--faults", &faults]);
    assert_eq!(served.seed["vpc_id"], "vpc-00000000000000001");
    assert!(
        served
            .ask("GET", "/_local/faults", "")
            .1
            .contains("ec2:DescribeVpcs")
    );
}

#[test]
fn a_wrong_file_is_named_with_line_and_field() {
    let folder = Folder::new("wrong");
    let seed = folder.file("seed.yaml", "vpcs:\n  - name: v\n    cidrs: []\n");
    let told = refused(&["--seed", &seed]);
    assert!(
        ["seed.yaml", "cidrs", "line 3"]
            .iter()
            .all(|part| told.contains(part)),
        "{told}"
    );
    let faults = folder.file("faults.yaml", "- accept: refuse\n  count: often\n");
    let told = refused(&["--faults", &faults]);
    assert!(
        ["faults.yaml", "count", "line 2"]
            .iter()
            .all(|part| told.contains(part)),
        "{told}"
    );
    let mocks = folder.file(
        "mocks.yaml",
        "StateMachines: { m: { TestCases: { Default: { s: gone } } } }\n",
    );
    let told = refused(&["--mocks", &mocks]);
    assert!(
        ["mocks.yaml", "m.TestCases.Default.s", "gone"]
            .iter()
            .all(|part| told.contains(part)),
        "{told}"
    );
    let state = folder.file("state.json", "{}");
    let told = refused(&["--state", &state]);
    assert!(
        ["state.json", "version", "remove it"]
            .iter()
            .all(|part| told.contains(part)),
        "{told}"
    );
    let told = refused(&["--seed", &folder.0.join("none").display().to_string()]);
    assert!(told.contains("none"), "{told}");
}

#[test]
fn facts_stand_in_the_place_of_what_is_assumed_until_the_control_api_says_otherwise() {
    let folder = Folder::new("facts");
    let file = |fact: &str| {
        let text = r#"{ "version": 1, "recorded": "2026-12-01", "region": "eu-central-1", "facts": [FACT] }"#;
        folder.file("facts.json", &text.replace("FACT", fact))
    };
    let facts = file(
        r#"{ "id": "shares_configurations", "experiment": "private-connection", "found": { "answer": false } }"#,
    );
    let served = Served::start(&["--facts", &facts]);
    let settings = served.ask("GET", "/_local/settings", "").1;
    assert!(
        settings.contains(r#""shares_configurations":false"#),
        "{settings}"
    );
    // What the control API says counts from then on.
    let change = r#"{"shares_configurations": true}"#;
    let settings = served.ask("POST", "/_local/settings", change).1;
    assert!(settings.contains(r#""shares_configurations":true"#), "{settings}");

    let told = refused(&[
        "--facts",
        &file(r#"{ "id": "gatewy", "experiment": "e", "found": { "seconds": 1 } }"#),
    ]);
    assert!(
        told.contains("facts.json: facts[0].id: no switch and no time is called 'gatewy'"),
        "{told}"
    );
}
