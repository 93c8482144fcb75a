//! A program that runs: its output as it comes, its end, and no process left behind.

use std::{
    io::{BufRead as _, BufReader, Read},
    os::unix::process::CommandExt as _,
    process::{Child, Command, Stdio},
    sync::mpsc::{self, Receiver, RecvTimeoutError, Sender},
    thread,
    time::{Duration, Instant},
};

use rustix::process::{Pid, Signal, kill_process, kill_process_group};

/// The longest that a test waits for one event. A limit for what hangs, far above what anything takes.
pub const PATIENCE: Duration = Duration::from_secs(120);

/// What a program that ended has left.
#[derive(Debug, Default)]
pub struct Ended {
    /// The exit code; `None` when a signal ended it.
    pub code: Option<i32>,
    /// Standard output.
    pub stdout: String,
    /// Standard error.
    stderr: String,
    /// Standard output and standard error, as they came: lines of one can stand between those of the other.
    pub text: String,
}

impl Ended {
    /// Gives itself back.
    ///
    /// # Panics
    /// The exit code is not 0.
    #[track_caller]
    pub fn succeeded(self) -> Self {
        assert_eq!(self.code, Some(0), "it failed:\n{}", self.text);
        self
    }

    /// Gives itself back.
    ///
    /// # Panics
    /// The exit code is not 1.
    #[track_caller]
    pub fn failed(self) -> Self {
        assert_eq!(self.code, Some(1), "it did not fail:\n{}", self.text);
        self
    }

    /// Gives itself back. Line breaks and frames that a CLI wraps text in do not count.
    ///
    /// # Panics
    /// Some of these words stand in neither stream.
    #[track_caller]
    pub fn says(self, words: &[&str]) -> Self {
        let streams = [flat(&self.stdout), flat(&self.stderr)];
        for words in words {
            assert!(
                streams.iter().any(|stream| stream.contains(&flat_words(words))),
                "nothing says {words:?}:\n{}",
                self.text
            );
        }
        self
    }
}

/// A text in one line, without the frames of diagnostics.
fn flat(text: &str) -> String {
    flat_words(&text.replace(['│', '╷', '╵'], " "))
}

fn flat_words(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

enum Line {
    Out(String),
    Err(String),
}

/// A program that runs in a process group of its own; dropped, the group is killed.
pub struct Running {
    child: Child,
    lines: Receiver<Line>,
    so_far: Ended,
}

impl Running {
    /// Starts a program.
    ///
    /// # Panics
    /// It cannot be started.
    pub fn start(command: &mut Command) -> Self {
        let mut child = command
            .process_group(0)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("{command:?} cannot be started: {error}"));
        let (sender, lines) = mpsc::channel();
        forward(child.stdout.take(), sender.clone(), Line::Out);
        forward(child.stderr.take(), sender, Line::Err);
        Self {
            child,
            lines,
            so_far: Ended::default(),
        }
    }

    /// The process, which is the leader of its group.
    pub fn pid(&self) -> Pid {
        Pid::from_child(&self.child)
    }

    /// Whether the process has not ended yet.
    pub fn is_running(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(None))
    }

    /// Signals the process alone, as `kill` does.
    ///
    /// # Panics
    /// The process has ended.
    pub fn signal(&self, signal: Signal) {
        kill_process(self.pid(), signal).expect("the process is there");
    }

    /// Signals the process and all that it started, as a terminal does for Ctrl-C.
    ///
    /// # Panics
    /// The processes have ended.
    pub fn signal_group(&self, signal: Signal) {
        kill_process_group(self.pid(), signal).expect("the group is there");
    }

    /// Waits for a line with these words.
    ///
    /// # Panics
    /// The process ends without it, or nothing comes for [`PATIENCE`].
    #[track_caller]
    pub fn wait_for_line(&mut self, words: &str) -> String {
        let deadline = Instant::now() + PATIENCE;
        loop {
            match self.next_line(deadline) {
                Some(line) if line.contains(words) => return line,
                Some(_) => {}
                None => panic!(
                    "it ended without a line that says {words:?}:\n{}",
                    self.so_far.text
                ),
            }
        }
    }

    /// Waits for the end.
    ///
    /// # Panics
    /// It takes longer than [`PATIENCE`].
    #[track_caller]
    pub fn wait(self) -> Ended {
        self.wait_within(PATIENCE)
    }

    /// Waits for the end of what takes its time.
    ///
    /// # Panics
    /// It takes longer.
    #[track_caller]
    pub fn wait_within(mut self, patience: Duration) -> Ended {
        let deadline = Instant::now() + patience;
        while self.next_line(deadline).is_some() {}
        let status = self.child.wait().expect("our own child can be waited for");
        Ended {
            code: status.code(),
            ..std::mem::take(&mut self.so_far)
        }
    }

    /// The next line; `None` when both streams have ended.
    #[track_caller]
    fn next_line(&mut self, deadline: Instant) -> Option<String> {
        let line = match self
            .lines
            .recv_timeout(deadline.saturating_duration_since(Instant::now()))
        {
            Ok(Line::Out(line)) => {
                self.so_far.stdout.push_str(&line);
                line
            }
            Ok(Line::Err(line)) => {
                self.so_far.stderr.push_str(&line);
                line
            }
            Err(RecvTimeoutError::Disconnected) => return None,
            Err(RecvTimeoutError::Timeout) => panic!("it hangs:\n{}", self.so_far.text),
        };
        self.so_far.text.push_str(&line);
        Some(line)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if matches!(self.child.try_wait(), Ok(None)) {
            // It may end by itself in this very moment.
            kill_process_group(self.pid(), Signal::KILL).ok();
            self.child.wait().ok();
        }
    }
}

fn forward(stream: Option<impl Read + Send + 'static>, to: Sender<Line>, wrap: fn(String) -> Line) {
    let Some(stream) = stream else { return };
    thread::spawn(move || {
        let mut reader = BufReader::new(stream);
        let mut line = Vec::new();
        // Ends with the stream, or when nobody wants its lines any more.
        while reader.read_until(b'\n', &mut line).is_ok_and(|length| length > 0) {
            if to
                .send(wrap(String::from_utf8_lossy(&line).into_owned()))
                .is_err()
            {
                return;
            }
            line.clear();
        }
    });
}
