//! What mends a finding.

/// What to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Remedy {
    /// A command, to be run as it is, and when to run it; empty where that is always.
    Command { when: String, command: String },
    /// A piece of configuration, and where it belongs.
    Hcl { place: String, text: String },
    /// Something that a person has to do. A sentence.
    Words(String),
}

impl Remedy {
    pub fn command(command: impl Into<String>) -> Self {
        Self::Command {
            when: String::new(),
            command: command.into(),
        }
    }

    /// A command that helps in one case only: a clause that begins with `if` or `to`.
    pub fn command_when(when: impl Into<String>, command: impl Into<String>) -> Self {
        Self::Command {
            when: when.into(),
            command: command.into(),
        }
    }

    /// For people, with the command or the configuration indented.
    pub fn words(&self) -> String {
        match self {
            Self::Command { when, command } if when.is_empty() => format!("Run:\n    {command}"),
            Self::Command { when, command } => format!("Run, {when}:\n    {command}"),
            Self::Hcl { place, text } => format!("{place}:\n    {}", text.replace('\n', "\n    ")),
            Self::Words(words) => words.clone(),
        }
    }

    /// `command`, `hcl` or `words`.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Command { .. } => "command",
            Self::Hcl { .. } => "hcl",
            Self::Words(_) => "words",
        }
    }

    /// The command, the configuration or the sentence alone.
    pub fn text(&self) -> &str {
        match self {
            Self::Command { command, .. } => command,
            Self::Hcl { text, .. } => text,
            Self::Words(words) => words,
        }
    }
}
