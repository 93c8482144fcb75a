//! Median, least and most of samples, and a line of output.

use std::fmt;
use std::io::Write as _;

/// Median, least and most.
struct Summary {
    median: f64,
    min: f64,
    max: f64,
}

impl Summary {
    /// Of at least one sample; of none, NaN.
    fn of(mut samples: Vec<f64>) -> Self {
        samples.sort_by(f64::total_cmp);
        let at = |index: usize| samples.get(index).copied().unwrap_or(f64::NAN);
        let last = samples.len().saturating_sub(1);
        Self {
            median: f64::midpoint(at(last / 2), at(samples.len() / 2)),
            min: at(0),
            max: at(last),
        }
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:>9.2} {:>9.2} {:>9.2}", self.median, self.min, self.max)
    }
}

/// What stands above rows.
pub fn heading() -> String {
    format!("\n{:<44} {:>9} {:>9} {:>9}", "", "median", "min", "max")
}

/// What was measured, and its samples.
pub fn row(what: &str, samples: Vec<f64>) -> String {
    format!("{what:<44} {}", Summary::of(samples))
}

/// A line of the result, which goes to the standard output. A closed pipe ends the reader's interest, not the bench.
pub fn print(line: &str) {
    let _ = writeln!(std::io::stdout(), "{line}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_of_an_even_number_lies_between_the_middle_two() {
        for (samples, median) in [
            (vec![3.0, 1.0, 2.0], 2.0),
            (vec![4.0, 1.0, 3.0, 2.0], 2.5),
            (vec![7.0], 7.0),
        ] {
            assert_eq!(Summary::of(samples).median, median);
        }
    }
}
