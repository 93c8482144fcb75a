//! Chance that can be repeated.

use fastrand::Rng;

/// What is drawn here beside numbers.
pub trait Draw {
    /// One of them, which are some.
    fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T;

    /// Whether it is one of `times` times.
    fn once_in(&mut self, times: usize) -> bool;
}

impl Draw for Rng {
    fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.usize(..from.len())]
    }

    fn once_in(&mut self, times: usize) -> bool {
        self.usize(..times) == 0
    }
}
