//! What a service lets the others know, without knowing which of them it concerns.

pub(crate) enum Notice<'n> {
    /// There is a VPC endpoint for the resource of an ARN.
    EndpointMade { id: &'n str, resource_arn: &'n str },
    /// A VPC endpoint is gone.
    EndpointGone { id: &'n str },
}
