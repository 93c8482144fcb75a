//! The options of the program's own commands.

use crate::sentence::sentence;
use lexopt::{Arg, Error, Parser, ValueExt as _};

/// What follows a command.
pub struct Options {
    parser: Parser,
    /// The option that was read last, for messages.
    last: String,
}

impl Options {
    /// These, without the program and the command.
    pub fn of(arguments: impl IntoIterator<Item = String>) -> Self {
        Self {
            parser: Parser::from_args(arguments),
            last: String::new(),
        }
    }

    /// The next option, or what is none.
    ///
    /// # Errors
    /// A sentence: the one before has a value that it does not take.
    pub fn next(&mut self) -> Result<Option<Arg<'_>>, String> {
        let next = self.parser.next().map_err(told)?;
        if let Some(Arg::Long(name)) = next {
            self.last = format!("--{name}");
        }
        Ok(next)
    }

    /// The value of the option.
    ///
    /// # Errors
    /// A sentence: there is none, or it is empty.
    pub fn value(&mut self) -> Result<String, String> {
        let value = self.parser.value().map_err(told)?.string().map_err(told)?;
        if value.is_empty() {
            return Err(format!("{} needs a value.", self.last));
        }
        Ok(value)
    }
}

/// An error as a sentence.
pub fn told(error: Error) -> String {
    sentence(error)
}
