//! What the validation of every configuration has in common.

use std::sync::Arc;

use super::{Refused, answer::Answer, caught_at_once, convert};
use crate::{
    call::{ValidateCx, Warnings},
    configurable::Configurable,
    diagnostic::Outcome,
    schema::{ConfigCheck, validate},
    shape::Shape,
    value::Value,
    wire::tfplugin6::DynamicValue,
};

/// Answers for a data source, an ephemeral resource, a list resource or an action.
pub(super) fn answer<A: Answer>(of: &dyn Configurable, config: Option<&DynamicValue>) -> Result<A, Refused> {
    let config = convert::config(config, of.shape())?;
    // The hosts that know actions, which alone of these have write-only attributes, all know those.
    Ok(checked(of.shape(), &config, true, |cx| of.validate(cx, &config)))
}

/// Checks a configuration by its schema, and then by the author's code.
pub(super) fn checked<A: Answer>(
    shape: &Arc<Shape>,
    config: &Value,
    write_only_allowed: bool,
    author: impl FnOnce(&ValidateCx) -> Outcome,
) -> A {
    let mut found = validate(&shape.schema.body, config, &ConfigCheck { write_only_allowed });
    // Where the schema already says no, the author's code would stumble over the same.
    if !found.has_errors() && !config.is_null() {
        let cx = ValidateCx {
            warnings: Warnings::default(),
            write_only_allowed,
        };
        let outcome = caught_at_once(|| author(&cx));
        found.extend(cx.warnings.take());
        found.extend(outcome.err().into_iter().flatten());
    }
    A::failed(found, shape)
}
