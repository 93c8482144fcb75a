//! The crash report: how a panic reaches the user.

use std::{
    backtrace::Backtrace,
    fmt::Write,
    panic::{self, PanicHookInfo},
};

use super::Identity;
use crate::panics;

/// Core prints up to about a hundred lines; the frames below these are the runtime's.
const MAX_BACKTRACE_LINES: usize = 80;

/// From now on a panic is written to stderr in the form that core takes for a crash: a line that is no JSON
/// and begins with `panic: `, and what follows it (go-plugin and Terraform's logging collect these lines and
/// print them after the run). Rust's own form, `thread … panicked at`, would be lost among the debug logs.
pub(super) fn report_panics(identity: &Identity) {
    let who = format!("{} {}", identity.binary(), identity.version);
    panic::set_hook(Box::new(move |panic| {
        super::say(&report(&who, panic, &Backtrace::force_capture().to_string()));
    }));
}

/// The whole report, to be written in one piece so that other lines do not mix with it. It holds the panic's
/// message, the words of the code that failed, and never a value of the user's.
fn report(who: &str, panic: &PanicHookInfo<'_>, backtrace: &str) -> String {
    let message = panics::said(panic.payload());
    let mut text = format!("panic: {message}\n\n{who}");
    if let Some(location) = panic.location() {
        // Writing into a string cannot fail.
        write!(text, " at {location}").ok();
    }
    text.push('\n');
    // A stripped binary holds no symbols, and frames without names tell nothing.
    for line in backtrace
        .lines()
        .filter(|line| !line.ends_with("<unknown>"))
        .take(MAX_BACKTRACE_LINES)
    {
        text.push_str(line);
        text.push('\n');
    }
    text
}
