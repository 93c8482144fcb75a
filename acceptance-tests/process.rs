//! The provider's process: who may talk to it, and what it says to those who start it by hand.

use std::io::{ErrorKind, Read as _, Write as _};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use cli_harness::{PATIENCE, Running, on_every_cli};
use rcgen::{CertificateParams, KeyPair};
use rustix::process::Signal;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, aws_lc_rs, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer, ServerName, UnixTime};
use rustls::{ClientConfig, ClientConnection, DigitallySignedStruct, SignatureScheme, StreamOwned};

use crate::aws::Aws;
use crate::workspace::{Workspace, orders};

const BINARY: &str = env!("CARGO_BIN_EXE_terraform-provider-private");

/// What tells the plugin that a Terraform CLI starts it (hashicorp/terraform, `plugin.Handshake`).
const COOKIE: (&str, &str) = (
    "TF_PLUGIN_MAGIC_COOKIE",
    "d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2",
);

#[test]
fn run_by_hand_it_says_what_it_is_and_fails() {
    let run = Running::start(Command::new(BINARY).env_remove(COOKIE.0)).wait();
    run.failed().says(&[
        "is a provider plugin",
        "dev_overrides",
        "private-api/private",
        "--debug",
    ]);
}

#[test]
fn asked_for_its_version_or_for_help_it_says_so_and_succeeds() {
    for (argument, words) in [
        (
            "--version",
            concat!("terraform-provider-private ", env!("CARGO_PKG_VERSION")),
        ),
        ("--help", "is a provider plugin"),
    ] {
        let run = Command::new(BINARY).arg(argument).env_remove(COOKIE.0).output();
        let run = run.expect("the binary starts");
        let said = String::from_utf8_lossy(&run.stdout);
        assert!(run.status.success() && said.contains(words), "{argument}: {said}");
        assert!(run.stderr.is_empty(), "{argument}");
    }
}

#[test]
fn only_the_host_whose_certificate_it_was_given_is_served() {
    let host = Identity::new();
    let (_provider, socket) = start_with_tls(&host.pem);
    assert!(is_served(&socket, Some(&host)), "the host itself is served");
    assert!(
        !is_served(&socket, None),
        "a client without a certificate is refused"
    );
    assert!(
        !is_served(&socket, Some(&Identity::new())),
        "a client with another certificate is refused"
    );
}

#[test]
fn a_cli_attaches_to_a_provider_that_was_started_to_be_debugged() {
    on_every_cli(|cli| {
        let aws = Aws::start();
        let mut workspace = Workspace::new(cli, &aws);
        workspace.write(&orders(&aws.seed().vpc_endpoint_id, ""));
        let mut provider = Running::start(workspace.command(Path::new(BINARY)).arg("--debug"));
        let line = provider.wait_for_line("TF_REATTACH_PROVIDERS=");
        let (_, quoted) = line.split_once('=').expect("the line has it");
        workspace.set("TF_REATTACH_PROVIDERS", quoted.trim().trim_matches('\''));
        // Without it the CLI can only use the process that runs.
        workspace.unset("TF_CLI_CONFIG_FILE");
        workspace.apply();
        aws.has_one_of_each();
        workspace.plans_nothing();
        provider.signal(Signal::INT);
        provider.wait().succeeded();
    });
}

/// Starts the provider as a host with this certificate does, and gives the socket of its handshake line.
fn start_with_tls(certificate: &str) -> (Running, String) {
    let mut command = Command::new(BINARY);
    command
        .env(COOKIE.0, COOKIE.1)
        .env("PLUGIN_PROTOCOL_VERSIONS", "6")
        .env("PLUGIN_CLIENT_CERT", certificate);
    let mut provider = Running::start(&mut command);
    let line = provider.wait_for_line("|grpc|");
    // Core protocol, protocol, network, address, kind, certificate.
    let fields: Vec<&str> = line.trim().split('|').collect();
    assert_eq!((fields[0], fields[1], fields[2]), ("1", "6", "unix"), "{line}");
    assert!(
        fields.get(5).is_some_and(|certificate| !certificate.is_empty()),
        "{line}"
    );
    let socket = fields[3].to_owned();
    (provider, socket)
}

/// Whether the server answers HTTP/2 after the TLS handshake, or ends the connection.
fn is_served(socket: &str, client: Option<&Identity>) -> bool {
    let stream = UnixStream::connect(socket).expect("the provider listens");
    stream
        .set_read_timeout(Some(PATIENCE))
        .expect("a stream takes a time-out");
    let name = ServerName::try_from("localhost").expect("it is a name");
    let connection = ClientConnection::new(Arc::new(tls(client)), name).expect("the configuration is right");
    let mut stream = StreamOwned::new(connection, stream);
    // The preface and an empty SETTINGS frame (RFC 9113, section 3.4), which a server answers with its own.
    if stream
        .write_all(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0")
        .is_err()
    {
        return false;
    }
    match stream.read(&mut [0; 9]) {
        Ok(length) => length > 0,
        Err(error) => {
            let waited_in_vain = matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut);
            assert!(!waited_in_vain, "neither served nor refused");
            false
        }
    }
}

/// A certificate with its key, as a host makes one.
struct Identity {
    certificate: CertificateDer<'static>,
    key: KeyPair,
    pem: String,
}

impl Identity {
    fn new() -> Self {
        let key = KeyPair::generate().expect("a key can be made");
        let parameters = CertificateParams::new(["localhost".to_owned()]).expect("it is a name");
        let certificate = parameters.self_signed(&key).expect("a certificate can be made");
        Self {
            pem: certificate.pem(),
            certificate: certificate.into(),
            key,
        }
    }
}

fn tls(client: Option<&Identity>) -> ClientConfig {
    let provider = Arc::new(aws_lc_rs::default_provider());
    let config = ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .expect("the provider has them")
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(AnyServer(provider)));
    let mut config = match client {
        None => config.with_no_client_auth(),
        Some(identity) => {
            let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(identity.key.serialize_der()));
            config
                .with_client_auth_cert(vec![identity.certificate.clone()], key)
                .expect("the key fits")
        }
    };
    config.alpn_protocols = vec![b"h2".to_vec()];
    config
}

/// Whom the client talks to is not what these tests are about.
#[derive(Debug)]
struct AnyServer(Arc<CryptoProvider>);

impl ServerCertVerifier for AnyServer {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls12_signature(
            message,
            certificate,
            signature,
            &self.0.signature_verification_algorithms,
        )
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(
            message,
            certificate,
            signature,
            &self.0.signature_verification_algorithms,
        )
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}
