//! The operations of AWS, named as IAM names its actions.

use std::fmt;

/// An AWS API operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Api {
    /// The IAM prefix of the service: `ec2`, `vpc-lattice`, `events`, `sts`.
    pub service: &'static str,
    /// The operation: `CreateResourceGateway`.
    pub operation: &'static str,
}

impl Api {
    /// The operation of a service, which goes by its IAM prefix.
    pub const fn new(service: &'static str, operation: &'static str) -> Self {
        Self { service, operation }
    }

    /// The name of the argument in the provider's `endpoints` block that redirects this service.
    pub fn endpoint_argument(&self) -> &'static str {
        match self.service {
            "vpc-lattice" => "vpclattice",
            "events" => "eventbridge",
            "states" => "sfn",
            other => other,
        }
    }
}

impl fmt::Display for Api {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.service, self.operation)
    }
}
