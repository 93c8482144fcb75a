//! A search through the causes of an error, by type.

use std::error::Error;

/// The error itself or the first of its causes that is an `E`.
pub fn cause<'a, E: Error + 'static>(error: &'a (dyn Error + 'static)) -> Option<&'a E> {
    let mut causes = std::iter::successors(Some(error), |&error| error.source());
    causes.find_map(|cause| cause.downcast_ref())
}
