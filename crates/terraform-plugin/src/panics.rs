//! What an author's code said when it panicked.

use std::{
    any::Any,
    panic::{AssertUnwindSafe, catch_unwind},
};

/// Its message.
pub(crate) fn said(panic: &(dyn Any + Send)) -> &str {
    panic
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| panic.downcast_ref::<&str>().copied())
        .unwrap_or("a panic without a message")
}

/// Its message as a part of a sentence.
pub(crate) fn said_in_a_sentence(panic: &(dyn Any + Send)) -> &str {
    said(panic).trim_end().trim_end_matches('.')
}

/// Runs an author's code that does not wait; where it panics, what it said. The panic hook has printed it by then.
pub(crate) fn caught<T>(code: impl FnOnce() -> T) -> Result<T, String> {
    catch_unwind(AssertUnwindSafe(code)).map_err(|panic| said_in_a_sentence(panic.as_ref()).to_owned())
}
