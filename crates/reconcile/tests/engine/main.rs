//! The engine against a fake cloud, under a paused clock.

mod attempts;
mod borrowing;
mod crash_matrix;
mod fake;
mod planning;
mod recovery;
mod side_by_side;
mod waiting;
