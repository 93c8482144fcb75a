//! How much variables may hold: each of them, those that one state assigns, and all of an execution ("Quotas").
//!
//! A value is as large as its JSON text, quotes included (recorded by stackd, variable_limits).

use std::io::{self, Write};

use serde_json::{Map, Value};

use super::Failure;

/// The most bytes of one variable, and of all that a state assigns.
const MOST_OF_STATE: usize = 262_144;

/// The most bytes of all variables of an execution.
const MOST_OF_EXECUTION: usize = 10_485_760;

/// Refuses what a state assigns where that is too much by itself.
pub(super) fn check(state: &str, assigned: &Map<String, Value>) -> Result<(), Failure> {
    let mut total = 0;
    for (name, value) in assigned {
        let size = size(value);
        total += size;
        if size > MOST_OF_STATE {
            return Err(Failure::of_variables(format!(
                "Variable size limit exceeded. Variable '{name}' in state '{state}' was assigned {size} bytes."
            )));
        }
        if total > MOST_OF_STATE {
            return Err(Failure::of_variables(format!(
                "State total variable size limit exceeded. Variable '{name}' in state '{state}' was assigned {size} bytes, \
                 which caused the size of variables assigned in the state to exceed its limit by {} bytes.",
                total - MOST_OF_STATE
            )));
        }
    }
    Ok(())
}

/// Refuses what a state assigns where the variables of the execution come to so many bytes with it.
pub(super) fn check_all(state: &str, total: usize) -> Result<(), Failure> {
    if total <= MOST_OF_EXECUTION {
        return Ok(());
    }
    Err(Failure::of_variables(format!(
        "Execution total variable size limit exceeded. State '{state}' assigned variables that exceed the total execution \
         limit by {} bytes.",
        total - MOST_OF_EXECUTION
    )))
}

/// The length of a value's JSON text.
pub(super) fn size(value: &Value) -> usize {
    let mut length = Length(0);
    // Nothing of a value or of this writer can fail.
    let _ = serde_json::to_writer(&mut length, value);
    length.0
}

/// Counts what is written.
struct Length(usize);

impl Write for Length {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 += bytes.len();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn checked(sizes: &[(&str, usize)]) -> Result<(), String> {
        // Two of the bytes are quotes.
        let text = |size: usize| json!("x".repeat(size - 2));
        let assigned = sizes.iter().map(|(name, size)| ((*name).to_owned(), text(*size)));
        check("s", &assigned.collect()).map_err(|failure| failure.cause)
    }

    #[test]
    fn one_variable_and_those_of_a_state_have_a_limit() {
        assert_eq!(checked(&[("x", 262_144)]), Ok(()));
        assert_eq!(
            checked(&[("x", 262_145)]).unwrap_err(),
            "Variable size limit exceeded. Variable 'x' in state 's' was assigned 262145 bytes."
        );
        assert_eq!(checked(&[("x", 131_072), ("y", 131_072)]), Ok(()));
        assert_eq!(
            checked(&[("x", 131_073), ("y", 131_073)]).unwrap_err(),
            "State total variable size limit exceeded. Variable 'y' in state 's' was assigned 131073 bytes, which caused \
             the size of variables assigned in the state to exceed its limit by 2 bytes."
        );
    }

    #[test]
    fn all_variables_together_have_a_limit() {
        let large = size(&json!("x".repeat(250_000)));
        assert_eq!(check_all("s", 41 * large), Ok(()));
        assert_eq!(
            check_all("s", 42 * large).unwrap_err().cause,
            "Execution total variable size limit exceeded. State 's' assigned variables that exceed the total execution \
             limit by 14324 bytes."
        );
    }
}
