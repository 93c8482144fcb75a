//! The server in this process, over a real socket, and the process itself.

use std::time::Duration;

use super::{Identity, Mode};

mod calls;
mod client;
#[cfg(target_os = "linux")]
mod hostile;
#[cfg(unix)]
mod process;
mod provider;
mod security;
mod stopping;

/// A provider `bare` with one crate of its own beside it.
pub(super) fn identity() -> Identity {
    Identity {
        name: "bare",
        address: "registry.terraform.io/example/bare".into(),
        version: "1.2.3",
        log_targets: &["engine"],
        commands: &[("sweep", "removes what is left over")],
    }
}

/// Waits for what must happen; a test that would wait for ever fails.
async fn happens<T>(what: impl Future<Output = T>) -> T {
    tokio::time::timeout(Duration::from_secs(60), what)
        .await
        .expect("it happens")
}

#[test]
fn only_debug_changes_the_mode() {
    let table: [(&[&str], Mode); 5] = [
        (&[], Mode::Plugin),
        (&["--debug"], Mode::Debug),
        (&["-debug"], Mode::Debug),
        (&["x", "--debug"], Mode::Debug),
        (&["debug", "--debugger"], Mode::Plugin),
    ];
    for (arguments, mode) in table {
        assert_eq!(
            Mode::of(arguments.iter().map(|argument| argument.to_string())),
            mode,
            "{arguments:?}"
        );
    }
}

#[test]
fn a_word_that_is_no_command_is_named_where_there_are_commands() {
    let asked = |word: &str| super::unknown_command(&[word.to_owned()], &identity()).map(str::to_owned);
    assert_eq!(asked("sweeep").as_deref(), Some("sweeep"));
    assert_eq!(asked("--debug"), None);
    assert_eq!(super::unknown_command(&[], &identity()), None);
    let without = Identity {
        commands: &[],
        ..identity()
    };
    assert_eq!(super::unknown_command(&["sweeep".to_owned()], &without), None);
}

#[test]
fn a_person_is_told_what_they_ask_for() {
    let identity = identity();
    let asked = |argument: &str| super::asked_for(&[argument.to_owned()], &identity);
    for version in ["--version", "-version", "-V"] {
        assert_eq!(asked(version).as_deref(), Some("terraform-provider-bare 1.2.3\n"));
    }
    for help in ["--help", "-help", "-h"] {
        assert!(asked(help).is_some_and(|text| text.contains("is a provider plugin")));
    }
    assert_eq!(asked("--debug"), None);
    assert_eq!(super::asked_for(&[], &identity), None);
}
