//! The whole process: this test binary starts itself as the provider.

use std::{
    env,
    io::{BufRead, BufReader, Read},
    path::Path,
    process::{Child, Command, ExitCode, ExitStatus, Stdio, exit},
    sync::{
        Arc,
        mpsc::{RecvTimeoutError, Sender, channel},
    },
    thread,
    time::Duration,
};

use base64::{Engine, engine::general_purpose::STANDARD_NO_PAD};
use rustls::{pki_types::CertificateDer, version::TLS13};
use tonic::transport::Channel;

use super::{
    client::{HostCertificate, client_tls, configured, connect, provider_client},
    identity,
    provider::{Bare, apply, invoke, read},
};
use crate::{
    serve::{Mode, listener::Address, run_as},
    wire::{
        plugin::{Empty, grpc_controller_client::GrpcControllerClient},
        tfplugin6::{DynamicValue, apply_resource_change, get_provider_schema, stop_provider},
    },
};

const COOKIE: (&str, &str) = (
    "TF_PLUGIN_MAGIC_COOKIE",
    "d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2",
);
/// Makes the test below the provider's `main`; its value is the mode.
const MODE: &str = "TERRAFORM_PLUGIN_TEST_MODE";

/// The provider's `main`, where the tests below start this binary; nothing otherwise.
#[test]
fn provider_main() {
    let mode = match env::var(MODE).as_deref() {
        Ok("plugin") => Mode::Plugin,
        Ok("debug") => Mode::Debug,
        _ => return,
    };
    let service = Bare::default().service();
    let code = run_as(mode, identity(), service.calls().clone(), || service);
    exit(if code == ExitCode::SUCCESS { 0 } else { 1 });
}

/// A command that starts the provider, with nothing of a host around.
fn provider(mode: &str) -> Command {
    let mut command = Command::new(env::current_exe().expect("this binary"));
    command
        .args(["--exact", "serve::tests::process::provider_main", "--nocapture"])
        .env(MODE, mode);
    piped(command)
}

fn piped(mut command: Command) -> Command {
    for variable in [
        "PLUGIN_CLIENT_CERT",
        "PLUGIN_PROTOCOL_VERSIONS",
        "TF_LOG",
        COOKIE.0,
    ] {
        command.env_remove(variable);
    }
    command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

/// A provider process; killed if a test leaves it, and if it outlives every patience.
struct Provider(Child, Deadline);

/// Ends a process that hangs, so that the test which waits for it fails instead of hanging too.
struct Deadline(Option<Sender<()>>);

/// Far beyond what any test takes, on however slow a machine.
const PATIENCE: Duration = Duration::from_secs(120);

impl Deadline {
    fn of(process: &Child) -> Self {
        let (in_time, left) = channel::<()>();
        let id = process.id().to_string();
        thread::spawn(move || {
            // Nothing is ever sent: the sender goes when the test is done with the process.
            if left.recv_timeout(PATIENCE) == Err(RecvTimeoutError::Timeout) {
                Command::new("kill").args(["-KILL", &id]).status().ok();
            }
        });
        Self(Some(in_time))
    }
}

impl Provider {
    fn start(mut command: Command) -> Self {
        let process = command.spawn().expect("it starts");
        let deadline = Deadline::of(&process);
        Self(process, deadline)
    }

    /// The first line on stdout that begins so. The test harness prints some of its own before.
    fn line(&mut self, start: &str) -> String {
        let stdout = BufReader::new(self.0.stdout.as_mut().expect("piped"));
        stdout
            .lines()
            .map(|line| line.expect("text"))
            .find(|line| line.starts_with(start))
            .expect("the line")
    }

    fn signal(&self, name: &str) {
        let status = Command::new("kill")
            .args([name, &self.0.id().to_string()])
            .status()
            .expect("kill");
        assert!(status.success());
    }

    /// Waits for the end; returns the status and what stderr still holds.
    fn end(&mut self) -> (ExitStatus, String) {
        let mut text = String::new();
        self.0
            .stderr
            .as_mut()
            .expect("piped")
            .read_to_string(&mut text)
            .expect("text");
        (self.0.wait().expect("a status"), text)
    }
}

impl Drop for Provider {
    fn drop(&mut self) {
        // Before its id may be another process's.
        self.1.0.take();
        self.0.kill().ok();
        self.0.wait().ok();
    }
}

/// A provider that was started as Terraform does it, with the connection to it.
pub(super) struct Started {
    provider: Provider,
    pub socket: String,
    pub certificate: CertificateDer<'static>,
    pub channel: Channel,
}

impl Started {
    /// The id of the process.
    pub(super) fn id(&self) -> u32 {
        self.provider.0.id()
    }

    /// Waits for the end of the process; returns its status and what it said on stderr.
    pub(super) fn end(&mut self) -> (ExitStatus, String) {
        self.provider.end()
    }
}

async fn started(variables: &[(&str, &str)]) -> Started {
    started_by(&HostCertificate::new(), variables).await
}

/// The same, by this host.
pub(super) async fn started_by(host: &HostCertificate, variables: &[(&str, &str)]) -> Started {
    let mut command = provider("plugin");
    command.envs([
        COOKIE,
        ("PLUGIN_PROTOCOL_VERSIONS", "5,6"),
        ("PLUGIN_CLIENT_CERT", &host.pem),
    ]);
    command.envs(variables.iter().copied());
    let mut provider = Provider::start(command);
    let line = provider.line("1|");
    let fields: Vec<&str> = line.split('|').collect();
    let ["1", "6", "unix", socket, "grpc", certificate] = fields[..] else {
        panic!("{line}")
    };
    let certificate = CertificateDer::from(
        STANDARD_NO_PAD
            .decode(certificate)
            .expect("base64 without padding"),
    );
    let address = Address {
        network: "unix",
        place: socket.into(),
    };
    let tls = client_tls(&certificate, Some(host), &[&TLS13]);
    let channel = connect(address, Some(Arc::new(tls))).await.expect("it connects");
    Started {
        provider,
        socket: socket.into(),
        certificate,
        channel,
    }
}

#[test]
fn run_by_hand_it_says_what_it_is_and_fails() {
    let (status, text) = Provider::start(provider("plugin")).end();
    assert_eq!(status.code(), Some(1));
    assert!(
        text.starts_with("terraform-provider-bare 1.2.3 is a provider plugin."),
        "{text}"
    );
}

#[test]
fn a_host_certificate_that_cannot_be_read_is_refused() {
    let mut command = provider("plugin");
    command.envs([COOKIE, ("PLUGIN_CLIENT_CERT", "none")]);
    let (status, text) = Provider::start(command).end();
    assert_eq!(status.code(), Some(1));
    assert_eq!(
        text,
        "[ERROR] terraform-provider-bare: PLUGIN_CLIENT_CERT is not a certificate in PEM form\n"
    );
}

#[tokio::test]
async fn it_serves_its_host_until_shutdown_and_removes_its_socket() {
    let Started {
        mut provider,
        socket,
        channel,
        ..
    } = started(&[]).await;
    provider_client(channel.clone())
        .get_provider_schema(get_provider_schema::Request {})
        .await
        .expect("an answer");
    GrpcControllerClient::new(channel)
        .shutdown(Empty {})
        .await
        .expect("an answer");
    let (status, text) = provider.end();
    assert_eq!((status.code(), text.as_str()), (Some(0), ""));
    assert!(!Path::new(&socket).exists(), "the socket is left");
}

#[tokio::test]
async fn an_interrupt_does_not_end_it() {
    let Started {
        mut provider,
        channel,
        ..
    } = started(&[]).await;
    provider.signal("-INT");
    provider_client(channel.clone())
        .get_provider_schema(get_provider_schema::Request {})
        .await
        .expect("an answer");
    GrpcControllerClient::new(channel)
        .shutdown(Empty {})
        .await
        .expect("an answer");
    assert_eq!(provider.end().0.code(), Some(0));
}

#[tokio::test]
async fn a_termination_ends_it_in_order() {
    let Started {
        mut provider, socket, ..
    } = started(&[]).await;
    provider.signal("-TERM");
    assert_eq!(provider.end().0.code(), Some(0));
    assert!(!Path::new(&socket).exists(), "the socket is left");
}

#[tokio::test]
async fn a_panic_is_reported_in_the_form_that_core_prints() {
    let Started {
        mut provider,
        channel,
        ..
    } = started(&[]).await;
    let mut client = configured(channel.clone()).await;
    client.read_resource(read("a")).await.expect("an answer");
    GrpcControllerClient::new(channel)
        .shutdown(Empty {})
        .await
        .expect("an answer");
    let (_, text) = provider.end();
    let start = "panic: no such thing\n\nterraform-provider-bare 1.2.3 at ";
    assert!(text.starts_with(start) && text.contains("provider.rs:"), "{text}");
}

#[tokio::test]
async fn logs_are_lines_of_json_on_stderr() {
    let Started {
        mut provider,
        channel,
        ..
    } = started(&[("TF_LOG", "DEBUG")]).await;
    GrpcControllerClient::new(channel)
        .shutdown(Empty {})
        .await
        .expect("an answer");
    let (_, text) = provider.end();
    let lines: Vec<serde_json::Value> = text
        .lines()
        .map(|line| serde_json::from_str(line).expect("JSON"))
        .collect();
    assert!(
        lines
            .iter()
            .any(|line| line["@message"] == "stopping" && line["@module"] == "sdk.proto"),
        "{text}"
    );
}

/// At the most talkative level: configurations, states, private data and what cannot be read all hold a secret here,
/// and one call panics over it.
#[tokio::test]
async fn no_log_line_holds_a_value() {
    const SECRET: &str = "hunter2";
    let Started {
        mut provider,
        channel,
        ..
    } = started(&[("TF_LOG", "TRACE")]).await;
    let mut client = configured(channel.clone()).await;
    client.read_resource(read(SECRET)).await.expect("an answer");
    let unreadable = apply_resource_change::Request {
        planned_private: SECRET.into(),
        config: Some(DynamicValue {
            msgpack: SECRET.into(),
            json: Vec::new(),
        }),
        ..apply(SECRET)
    };
    client.apply_resource_change(unreadable).await.expect("an answer");
    let mut events = client
        .invoke_action(invoke(SECRET))
        .await
        .expect("a stream")
        .into_inner();
    assert!(events.message().await.expect("no error").is_some(), "begun");
    client
        .stop_provider(stop_provider::Request {})
        .await
        .expect("an answer");
    while events.message().await.expect("no error").is_some() {}
    GrpcControllerClient::new(channel)
        .shutdown(Empty {})
        .await
        .expect("an answer");
    let (_, text) = provider.end();
    for expected in [
        r#""tf_rpc":"ReadResource""#,
        r#""tf_resource_type":"bare_thing""#,
        r#""tf_rpc":"InvokeAction""#,
        r#""tf_action_type":"bare_work""#,
        "panic: no such thing",
    ] {
        assert!(text.contains(expected), "{expected}: {text}");
    }
    assert!(!text.contains(SECRET), "{text}");
}

#[tokio::test]
async fn in_debug_mode_it_prints_how_to_attach_and_an_interrupt_ends_it() {
    let mut provider = Provider::start(provider("debug"));
    let line = provider.line("export TF_REATTACH_PROVIDERS='");
    let json = line
        .trim_start_matches("export TF_REATTACH_PROVIDERS='")
        .trim_end_matches('\'');
    let attach: serde_json::Value = serde_json::from_str(json).expect("JSON");
    let attach = &attach["example/bare"];
    assert_eq!(attach["Pid"], provider.0.id());
    let socket = attach["Addr"]["String"].as_str().expect("a path").to_string();
    let channel = connect(
        Address {
            network: "unix",
            place: socket.clone(),
        },
        None,
    )
    .await
    .expect("it connects");
    provider_client(channel)
        .get_provider_schema(get_provider_schema::Request {})
        .await
        .expect("an answer");
    provider.signal("-INT");
    assert_eq!(provider.end().0.code(), Some(0));
    assert!(!Path::new(&socket).exists(), "the socket is left");
}

/// The shell is the host: it starts the provider, and ends when its input does. Its stderr is the provider's,
/// so that it closes when the provider ends.
#[test]
fn a_provider_whose_host_is_gone_ends() {
    let inner = provider("plugin");
    let mut shell = Command::new("sh");
    shell
        .args(["-c", r#""$@" & read -r _"#, "sh"])
        .arg(inner.get_program())
        .args(inner.get_args());
    let mut shell = piped(shell);
    shell.envs([COOKIE, (MODE, "plugin")]);
    let mut host = Provider::start(shell);
    let line = host.line("1|6|unix|");
    drop(host.0.stdin.take());
    let (_, text) = host.end();
    assert_eq!(text, "");
    let socket = line.split('|').nth(3).expect("a path");
    assert!(!Path::new(socket).exists(), "the socket is left");
}
