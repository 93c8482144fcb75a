//! What the validation of every configuration has in common.

use super::{answer::Answer, caught_at_once, convert};
use crate::{
    call::{ValidateCx, Warnings},
    configurable::Configurable,
    diagnostic::Diagnostics,
    schema::{ConfigCheck, validate},
    wire::tfplugin6::DynamicValue,
};

/// Checks a configuration by its schema, and then by the author's code.
pub(super) fn answer<A: Answer>(of: &dyn Configurable, config: Option<&DynamicValue>) -> A {
    let shape = of.shape();
    let config = match convert::value(config, &shape.ty, "configuration") {
        Ok(config) => config,
        Err(unreadable) => return A::failed(unreadable, &shape.ty),
    };
    // The hosts that know actions, which alone of these have write-only attributes, all know those.
    let write_only_allowed = true;
    let mut found: Diagnostics = validate(&shape.schema.body, &config, &ConfigCheck { write_only_allowed });
    // Where the schema already says no, the author's code would stumble over the same.
    if !found.has_errors() && !config.is_null() {
        let cx = ValidateCx {
            warnings: Warnings::default(),
            write_only_allowed,
        };
        let outcome = caught_at_once(|| of.validate(&cx, &config));
        found.extend(cx.warnings.take());
        found.extend(outcome.err().into_iter().flatten());
    }
    A::failed(found, &shape.ty)
}
