//! Finds out why calls over a connection do not arrive: looks at the whole path, and judges what it sees.
//!
//! ```text
//!  look (reads AWS) ─▶ observation ─▶ checks (pure, one file for each part of the path) ─▶ findings
//!                                       ▲ what a call answered, where one was made
//! ```
//!
//! One engine serves the failure of a check, the data source of an endpoint, and the command `doctor`.

mod call;
mod checks;
mod finding;
mod look;
mod observation;
mod remedy;
#[cfg(test)]
mod tests;

pub use call::CallFailure;
pub use checks::of_endpoint;
pub use finding::{Finding, Severity};
pub use look::endpoint;
pub use observation::{Observation, Observed, Question};
pub use remedy::Remedy;

use crate::aws::AwsError;
use crate::client::Aws;

/// What was seen, and what is wrong with it.
#[derive(Debug)]
pub struct Diagnosis {
    pub observation: Observation,
    /// Errors first, in the order of the path.
    pub findings: Vec<Finding>,
}

/// Looks at the path of a connection and judges it. Only reads; what the caller may not read is told by
/// [`Observation::hidden`].
///
/// # Errors
/// The connection itself cannot be looked at, or a call fails for another reason than a missing permission.
pub async fn diagnose(aws: &Aws, question: &Question) -> Result<Diagnosis, AwsError> {
    let observation = look::path(aws, question).await?;
    let findings = checks::of_path(&observation, question);
    Ok(Diagnosis {
        observation,
        findings,
    })
}
