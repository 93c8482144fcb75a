//! What a poisoned lock means here, decided once.

use std::sync::{Mutex, MutexGuard, PoisonError};

/// Locks, though a holder has panicked: whatever a mutex guards here is changed in single steps, so that it is whole
/// at any moment, and the panic itself is reported where it happened.
pub fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_panicking_holder_has_written_is_still_there() {
        let held = Mutex::new(1);
        let panicked = std::thread::scope(|scope| {
            let holder = scope.spawn(|| {
                *lock(&held) = 2;
                let _guard = lock(&held);
                panic!("while it is held");
            });
            holder.join()
        });
        assert!(panicked.is_err());
        assert_eq!(*lock(&held), 2);
    }
}
