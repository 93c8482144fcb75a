//! How fast the provider starts, and what memory it has then, as a host sees it.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Instant;

use rcgen::{CertificateParams, KeyPair, PKCS_ECDSA_P521_SHA512};

use crate::terraform::Workspace;

/// What tells the plugin that a Terraform CLI starts it (hashicorp/terraform, `plugin.Handshake`).
const COOKIE: (&str, &str) = (
    "TF_PLUGIN_MAGIC_COOKIE",
    "d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2",
);

/// One sample per start.
pub struct Starts {
    pub milliseconds: Vec<f64>,
    pub mebibytes: Vec<f64>,
}

/// A provider that is killed when it is dropped.
struct Provider(Child);

impl Drop for Provider {
    fn drop(&mut self) {
        // Already gone is as good.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Starts each of the binaries so often, in turns, so that a busy moment hits them all.
pub fn in_turns<const N: usize>(binaries: [&Path; N], starts: usize) -> Result<[Starts; N], String> {
    let certificate = certificate().map_err(|error| format!("no certificate for the host: {error}"))?;
    let mut measured = [const { Starts::new() }; N];
    for _ in 0..starts {
        for (binary, measured) in binaries.iter().zip(&mut measured) {
            measured.add(binary, &certificate)?;
        }
    }
    Ok(measured)
}

impl Starts {
    const fn new() -> Self {
        Self {
            milliseconds: Vec::new(),
            mebibytes: Vec::new(),
        }
    }

    /// Starts `binary` with a host's certificate, of the curve that Terraform takes, and waits for the handshake line.
    fn add(&mut self, binary: &Path, certificate: &str) -> Result<(), String> {
        let mut command = Command::new(binary);
        command
            .env(COOKIE.0, COOKIE.1)
            .env("PLUGIN_PROTOCOL_VERSIONS", "6")
            .env("PLUGIN_CLIENT_CERT", certificate);
        let began = Instant::now();
        let (provider, line) = start(&mut command, "|grpc|")?;
        self.milliseconds.push(began.elapsed().as_secs_f64() * 1e3);
        if line.trim().split('|').nth(5).is_none_or(str::is_empty) {
            return Err(format!("the handshake line has no certificate: {line}"));
        }
        self.mebibytes.push(resident(&provider)?);
        Ok(())
    }
}

/// Resident memory, in MiB, of a provider that has told its schema.
pub fn memory_after_schema(binary: &Path, workspace: &Workspace) -> Result<f64, String> {
    let (provider, line) = start(Command::new(binary).arg("--debug"), "TF_REATTACH_PROVIDERS=")?;
    let (_, value) = line.split_once('=').unwrap_or_default();
    let attached = workspace.with("TF_REATTACH_PROVIDERS", value.trim().trim_matches('\''));
    attached.succeed(&["providers", "schema", "-json"])?;
    resident(&provider)
}

/// Starts the provider, and waits for the line with these words.
fn start(command: &mut Command, words: &str) -> Result<(Provider, String), String> {
    let spawned = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn();
    let mut provider = Provider(spawned.map_err(|error| format!("the provider cannot be started: {error}"))?);
    let out = provider.0.stdout.take().ok_or("the provider has no output")?;
    for line in BufReader::new(out).lines() {
        let line = line.map_err(|error| format!("the provider's output cannot be read: {error}"))?;
        if line.contains(words) {
            return Ok((provider, line));
        }
    }
    Err(format!("the provider ended without a line that says {words}"))
}

/// Resident memory in MiB, from `/proc`: Linux only.
fn resident(provider: &Provider) -> Result<f64, String> {
    let file = format!("/proc/{}/status", provider.0.id());
    let status = fs::read_to_string(&file).map_err(|error| format!("{file} cannot be read: {error}"))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kibibytes = line.and_then(|line| line.trim().strip_suffix(" kB")?.parse::<f64>().ok());
    kibibytes
        .map(|kibibytes| kibibytes / 1024.0)
        .ok_or_else(|| format!("{file} has no VmRSS"))
}

fn certificate() -> Result<String, rcgen::Error> {
    let key = KeyPair::generate_for(&PKCS_ECDSA_P521_SHA512)?;
    Ok(CertificateParams::new(["localhost".to_owned()])?
        .self_signed(&key)?
        .pem())
}
