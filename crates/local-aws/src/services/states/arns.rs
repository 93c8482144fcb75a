//! ARNs of state machines and executions: what is wrong with one that is sent.

use crate::core::error::{Answer, ApiError};
use crate::core::world::World;
use crate::services::iam;

fn invalid(reason: impl std::fmt::Display) -> ApiError {
    ApiError::new("InvalidArn", format!("Invalid Arn: '{reason}'"))
}

/// The kind of resource that an ARN names: `stateMachine`, `execution`, `express`.
fn resource(arn: &str) -> Answer<&str> {
    if !arn.starts_with("arn:") {
        return Err(invalid(format_args!("Invalid ARN prefix: {arn}")));
    }
    let mut parts = arn.splitn(7, ':').skip(2);
    let (service, region, account, kind, rest) = (
        parts.next(),
        parts.next(),
        parts.next(),
        parts.next(),
        parts.next(),
    );
    match (service, region, account, kind, rest) {
        (Some("states"), Some(_), Some(_), Some(kind), Some(_)) => Ok(kind),
        (Some("states"), ..) => Err(invalid(format_args!("Resource not found in arn: {arn}"))),
        _ => Err(invalid(format_args!("Invalid service in arn: {arn}"))),
    }
}

fn of_kind(arn: &str, wanted: &str) -> Answer<()> {
    match resource(arn)? {
        kind if kind == wanted => Ok(()),
        kind => Err(invalid(format_args!(
            "Resource type not valid in this context: {kind}"
        ))),
    }
}

/// Checks the ARN of a state machine.
pub(super) fn machine(arn: &str) -> Answer<()> {
    of_kind(arn, "stateMachine")
}

/// Checks the ARN of an execution of a STANDARD machine: those of EXPRESS ones are not kept by AWS.
pub(super) fn execution(arn: &str) -> Answer<()> {
    of_kind(arn, "execution")
}

/// Checks that an ARN is that of a role of this account, whether there is one or not.
pub(super) fn role_arn(world: &World, arn: &str) -> Answer<()> {
    if arn.starts_with(&world.origin.global_arn("iam", "role/")) {
        return Ok(());
    }
    Err(ApiError::new("InvalidArn", format!("Invalid Role Arn: '{arn}'")))
}

/// Checks the role of a state machine: one of this account, that trusts Step Functions.
pub(super) fn role(world: &World, arn: &str) -> Answer<()> {
    role_arn(world, arn)?;
    if iam::trusts_service(world, arn, "states.amazonaws.com") {
        return Ok(());
    }
    Err(ApiError::new(
        "AccessDeniedException",
        "Neither the global service principal states.amazonaws.com, nor the regional one is authorized to assume the \
         provided role.",
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wrong_with_an_arn_is_told_as_recorded() {
        let said = |answer: Answer<()>| answer.map_err(|error| error.message);
        for (arn, reason) in [
            ("nothing", "Invalid Arn: 'Invalid ARN prefix: nothing'"),
            (
                "arn:aws:states:us-east-1:1:express:m:e:u",
                "Invalid Arn: 'Resource type not valid in this context: express'",
            ),
        ] {
            assert_eq!(said(execution(arn)), Err(reason.to_owned()));
        }
        for arn in [
            "arn:aws:sqs:us-east-1:1:q",
            "arn:aws:states:us-east-1:1",
            "arn:aws:states:us-east-1:1:execution:m:e",
        ] {
            assert!(machine(arn).is_err(), "{arn}");
        }
        assert_eq!(machine("arn:aws:states:us-east-1:1:stateMachine:m"), Ok(()));
        assert_eq!(execution("arn:aws:states:us-east-1:1:execution:m:e"), Ok(()));
    }
}
