//! The process: what a host and the program that it starts agree on before and beside the provider's own
//! calls.
//!
//! ```text
//!  host ──starts──▶ cookie ─▶ negotiation ─▶ tls ─▶ listener ─▶ handshake line on stdout
//!       ──dials───▶ accept ─▶ connection ─▶ { provider, controller, stdio, broker, health }
//!       ──Shutdown, a signal, or gone──▶ lifetime ─▶ drain ─▶ exit
//! ```
//!
//! The contract is go-plugin's (hashicorp/go-plugin); the values are Terraform's. Nothing here knows schemas
//! or values.

use std::{
    env,
    io::{self, Write},
    process::ExitCode,
    sync::Arc,
};

use tokio::runtime::{Builder, Runtime};
use tokio_util::task::TaskTracker;

use crate::wire::tfplugin6::provider_server::Provider;

mod accept;
mod connection;
mod cookie;
mod crash;
mod drain;
mod handshake;
mod host_request;
mod lifetime;
mod listener;
mod logging;
mod negotiation;
mod reattach;
mod server;
mod services;
mod signals;
mod tls;

#[cfg(test)]
mod tests;

pub(crate) use server::MAX_MESSAGE;

use host_request::HostRequest;
use lifetime::Lifetime;
use listener::Listener;
use signals::Signals;
use tls::HostTls;

/// Who the provider is, in logs and in texts for people.
#[derive(Clone, Debug)]
pub(crate) struct Identity {
    /// The provider's type, the prefix of its resources: `private`.
    pub name: &'static str,
    /// Its source address: `registry.terraform.io/private-api/private`.
    pub address: String,
    /// Its version: `0.1.0`.
    pub version: &'static str,
    /// The crates beside `terraform_provider_<name>` whose log events are the provider's own, as they begin a
    /// target: `reconcile`. Events of all other crates are never logged.
    pub log_targets: &'static [&'static str],
    /// What the program does beside being a plugin: the first argument, and what it does.
    pub commands: &'static [(&'static str, &'static str)],
}

impl Identity {
    /// The name of the binary: `terraform-provider-private`.
    fn binary(&self) -> String {
        format!("terraform-provider-{}", self.name)
    }

    /// The address as a configuration writes it. Without the default host, each CLI puts its own registry
    /// there, so that the same words fit Terraform and OpenTofu.
    fn source(&self) -> &str {
        self.address
            .strip_prefix("registry.terraform.io/")
            .unwrap_or(&self.address)
    }
}

/// Why the process could not start.
#[derive(Debug, thiserror::Error)]
pub(crate) enum StartError {
    /// A variable of the environment that the host sets cannot be understood.
    #[error("{variable} is not {expected}")]
    Environment {
        variable: &'static str,
        expected: &'static str,
    },
    /// No certificate of our own.
    #[error("the certificate for the connection with the host cannot be made")]
    Certificate(#[source] rcgen::Error),
    /// No TLS configuration from the certificates.
    #[error("TLS with the host cannot be configured")]
    Tls(#[source] rustls::Error),
    /// No address to listen on.
    #[error("cannot listen on {address}")]
    Listen { address: String, source: io::Error },
    /// No runtime, no signal handlers, or nobody reads the handshake line.
    #[error("cannot {action}")]
    Process { action: &'static str, source: io::Error },
}

/// How the process was started.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mode {
    /// By a host, which owns the process.
    Plugin,
    /// By a person, with `--debug`: hosts attach and detach, and the person ends it.
    Debug,
}

impl Mode {
    fn of(arguments: impl IntoIterator<Item = String>) -> Self {
        let debug = arguments
            .into_iter()
            .any(|argument| argument == "--debug" || argument == "-debug");
        if debug { Mode::Debug } else { Mode::Plugin }
    }
}

/// Serves what `service` makes, which tracks its calls in flight in `calls`, until the host has had enough of it: the
/// whole of a provider's `main`. A host is told the address before the service is made: while that takes its time, the host
/// dials.
///
/// Started by hand, the process says what it is and fails; with `--help` or `--version` it was asked to, and succeeds; with
/// `--debug` it serves whoever attaches.
pub(crate) fn run<S: Provider>(
    identity: Identity,
    calls: TaskTracker,
    service: impl FnOnce() -> S,
) -> ExitCode {
    let arguments = env::args_os()
        .skip(1)
        .map(|argument| argument.to_string_lossy().into_owned());
    let arguments: Vec<String> = arguments.collect();
    if let Some(text) = asked_for(&arguments, &identity) {
        return if print(&text).is_ok() {
            ExitCode::SUCCESS
        } else {
            ExitCode::FAILURE
        };
    }
    if let Some(word) = unknown_command(&arguments, &identity)
        && !cookie::is_shown(|name| env::var(name).ok())
    {
        let binary = identity.binary();
        say(&format!(
            "{binary} has no command {word:?}. See {binary} --help.\n"
        ));
        return ExitCode::FAILURE;
    }
    run_as(Mode::of(arguments), identity, calls, service)
}

/// What a person asks for who starts the binary with `--version` or `--help`; with one hyphen, too, as Go programs take them.
fn asked_for(arguments: &[String], identity: &Identity) -> Option<String> {
    match arguments.first()?.as_str() {
        "--version" | "-version" | "-V" => Some(format!("{} {}\n", identity.binary(), identity.version)),
        "--help" | "-help" | "-h" => Some(cookie::explanation(identity)),
        _ => None,
    }
}

/// A first word that is no command of the program, where it has any.
fn unknown_command<'a>(arguments: &'a [String], identity: &Identity) -> Option<&'a str> {
    let word = arguments.first().filter(|word| !word.starts_with('-'))?;
    (!identity.commands.is_empty()).then_some(word)
}

fn run_as<S: Provider>(
    mode: Mode,
    identity: Identity,
    calls: TaskTracker,
    service: impl FnOnce() -> S,
) -> ExitCode {
    if mode == Mode::Plugin && !cookie::is_shown(|name| env::var(name).ok()) {
        say(&cookie::explanation(&identity));
        return ExitCode::FAILURE;
    }
    crash::report_panics(&identity);
    logging::start(&identity, |name| env::var(name).ok());
    match start(mode, &identity, calls, service) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            say(&format!(
                "[ERROR] {}: {}\n",
                identity.binary(),
                with_sources(&error)
            ));
            ExitCode::FAILURE
        }
    }
}

fn start<S: Provider>(
    mode: Mode,
    identity: &Identity,
    calls: TaskTracker,
    service: impl FnOnce() -> S,
) -> Result<(), StartError> {
    let runtime = runtime()?;
    let served = runtime.block_on(async {
        // First of all: a Ctrl-C in the terminal reaches the provider, too, and must not end it before the
        // host does.
        let signals = Signals::listen(mode == Mode::Debug)?;
        let lifetime = Lifetime::new(calls);
        match mode {
            Mode::Plugin => serve_host(lifetime, signals, service).await,
            Mode::Debug => serve_whoever_attaches(identity, lifetime, signals, service()).await,
        }
    });
    // Handlers that outlived their time must not hold up the exit.
    runtime.shutdown_background();
    served
}

async fn serve_host<S: Provider>(
    lifetime: Lifetime,
    signals: Signals,
    service: impl FnOnce() -> S,
) -> Result<(), StartError> {
    let request = HostRequest::read(|name| env::var(name).ok())?;
    if let Some(warning) = negotiation::disagreement(request.protocol_versions.as_deref()) {
        say(&warning);
    }
    let host_gone = lifetime::host_gone(lifetime.clone());
    let tls = request.client_certificate.clone().map(HostTls::new).transpose()?;
    let listener = Listener::bind(&request)?;
    let line = handshake::line(
        &listener.address(),
        tls.as_ref().map(|tls| &tls.certificate),
        request.multiplexing,
    );
    print(&line).map_err(|source| StartError::Process {
        action: "tell the host the address",
        source,
    })?;
    tokio::spawn(host_gone);
    serve_connections(listener, tls, Arc::new(service()), lifetime, signals).await;
    Ok(())
}

async fn serve_whoever_attaches<S: Provider>(
    identity: &Identity,
    lifetime: Lifetime,
    signals: Signals,
    service: S,
) -> Result<(), StartError> {
    let listener = Listener::bind(&HostRequest::default())?;
    print(&reattach::instructions(
        identity,
        &listener.address(),
        std::process::id(),
    ))
    .map_err(|source| StartError::Process {
        action: "print how to attach",
        source,
    })?;
    serve_connections(listener, None, Arc::new(service), lifetime, signals).await;
    Ok(())
}

/// Serves the connections that `listener` accepts until `lifetime` ends, by whatever reason, and what is in
/// flight has had its time. Without `tls`, whoever can reach the address is served.
pub(crate) async fn serve_connections<S: Provider>(
    listener: Listener,
    tls: Option<HostTls>,
    service: Arc<S>,
    lifetime: Lifetime,
    mut signals: Signals,
) {
    let (ready, connections) = tokio::sync::mpsc::channel(accept::MAX_HANDSHAKES);
    let accepting = tokio::spawn(accept::accept(
        listener,
        tls.map(|tls| tls.acceptor),
        lifetime.clone(),
        ready,
    ));
    let serving = tokio::spawn(server::serve(connections, service.clone(), lifetime.clone()));
    let why = tokio::select! {
        why = lifetime.stopped() => why,
        () = signals.stop() => {
            lifetime.stop(lifetime::Stop::Signal);
            lifetime::Stop::Signal
        }
    };
    tracing::debug!(reason = ?why, "stopping");
    // The listener goes first, and its socket file with it. That task has nothing that can fail.
    accepting.await.ok();
    tokio::select! {
        () = drain::drain(why, service.as_ref(), &lifetime, serving) => {}
        // Whoever asks twice means it.
        () = signals.stop() => {}
    }
}

/// Two workers: handlers wait for remote services nearly all of their time, and each thread costs at every
/// start.
fn runtime() -> Result<Runtime, StartError> {
    Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(|source| StartError::Process {
            action: "start the runtime",
            source,
        })
}

/// Writes to stdout at once; the only thing that a host may find there is the handshake line.
fn print(text: &str) -> io::Result<()> {
    let mut stdout = io::stdout().lock();
    stdout.write_all(text.as_bytes())?;
    stdout.flush()
}

/// Writes to stderr in one piece. Nobody can be told when that fails.
fn say(text: &str) {
    io::stderr().lock().write_all(text.as_bytes()).ok();
}

/// An error with its causes in one line.
fn with_sources(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    text
}
