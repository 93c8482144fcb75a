//! An endpoint that is not AWS, or no longer: the error says so, and the provider keeps its memory.
//!
//! What takes minutes (silence, a byte a second) is tested beside the clients, under a clock of their own.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::thread;

use cli_harness::{Cli, ProviderProcess, on_every_cli};
use rustix::process::Pid;

use crate::aws::Aws;
use crate::workspace::{Workspace, orders};

/// What the endpoint answers every request with.
#[derive(Clone, Copy, Debug)]
enum Answer {
    /// No HTTP.
    Garbage,
    /// The connection ends without a byte.
    Nothing,
    /// A body that never ends.
    Gigabytes,
    /// Somewhere else, where somebody listens.
    Redirect,
}

/// An endpoint, and the most memory that the provider had while it was answered.
struct Endpoint {
    url: String,
    seen: Arc<Seen>,
}

#[derive(Default)]
struct Seen {
    cli: OnceLock<Pid>,
    /// In MiB.
    peak: AtomicU64,
}

impl Seen {
    /// Looks at the provider, which may have ended.
    fn look(&self) {
        let peak = ProviderProcess::find(*self.cli.wait()).and_then(|provider| provider.peak_memory());
        self.peak.fetch_max(peak.unwrap_or_default(), Ordering::Relaxed);
    }
}

impl Endpoint {
    fn start(answer: Answer) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let seen = Arc::<Seen>::default();
        let endpoint = Self {
            url,
            seen: Arc::clone(&seen),
        };
        // Ends with the process of the tests.
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let seen = Arc::clone(&seen);
                thread::spawn(move || serve(answer, stream, &seen));
            }
        });
        endpoint
    }
}

/// Answers until the provider has had enough.
fn serve(answer: Answer, mut stream: TcpStream, seen: &Seen) {
    let request = BufReader::new(stream.try_clone().expect("the same connection"));
    // The head, which is all that tells that there is a request.
    let head = request
        .lines()
        .map_while(Result::ok)
        .take_while(|line| !line.is_empty());
    if head.count() == 0 {
        return;
    }
    seen.look();
    let mut written = stream.write_all(match answer {
        Answer::Nothing => b"",
        Answer::Garbage => &[0xf7; 64 * 1024],
        Answer::Redirect => {
            b"HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\n\r\n"
        }
        Answer::Gigabytes => {
            b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 9999999999\r\n\r\n{"
        }
    });
    let piece = vec![b' '; 1 << 20];
    // The provider may close whenever it likes.
    while written.is_ok() && matches!(answer, Answer::Gigabytes) {
        seen.look();
        written = stream.write_all(&piece);
    }
}

/// A plan against this endpoint fails with these words, within bounds.
fn fails(cli: &'static Cli, aws: &Aws, answer: Answer, words: &str) {
    let endpoint = Endpoint::start(answer);
    let mut workspace = Workspace::new(cli, aws);
    workspace.set("AWS_ENDPOINT_URL", &endpoint.url);
    // How often it is asked again is tested beside the clients, too.
    workspace.set("AWS_MAX_ATTEMPTS", "2");
    workspace.write(&orders(&aws.seed().vpc_endpoint_id, ""));
    let run = workspace.start(&["plan", "-input=false", "-no-color"]);
    endpoint.seen.cli.set(run.pid()).expect("it is set once");
    let said = run.wait().failed().says(&[words]).text;
    assert!(!said.contains("crashed") && !said.contains("panic"), "{said}");
    let peak = endpoint.seen.peak.load(Ordering::Relaxed);
    eprintln!("{answer:?}: the provider had at most {peak} MiB");
    assert!(peak > 0 && peak < 256, "{answer:?}: {peak} MiB");
}

#[test]
fn an_endpoint_that_is_not_aws_is_told_of_and_costs_no_memory() {
    on_every_cli(|cli| {
        let aws = Aws::start();
        // Each waits most of its time for the next attempt.
        thread::scope(|scope| {
            for (answer, words) in [
                (Answer::Garbage, "endpoints."),
                (Answer::Nothing, "endpoints."),
                (Answer::Gigabytes, "larger than 32 MiB"),
                (Answer::Redirect, "not AWS's answer"),
            ] {
                let aws = &aws;
                scope.spawn(move || fails(cli, aws, answer, words));
            }
        });
    });
}
