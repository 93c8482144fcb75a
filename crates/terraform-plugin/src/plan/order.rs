//! The order in which a plan comes about (terraform-plugin-framework's): defaults from the configuration,
//! write-only values out, what means the same kept, computed attributes unknown where anything differs, each
//! attribute's own modifiers; then the author's plan; then what means the same once more.

use super::{
    carry::carry_from,
    merged::with_all_elements,
    rewrite::{as_state, keep_same, mark_computed_unknown, with_defaults},
};
use crate::{
    diagnostic::{Diagnostic, Diagnostics},
    path::Path,
    private::Private,
    schema::{AttributePlan, Body, Child, Rewritten, Whole},
    value::{Value, codec::CodecError},
};

/// What a plan of something that is not destroyed starts from.
pub(crate) struct Draft<'a> {
    pub(crate) body: &'a Body,
    pub(crate) config: &'a Value,
    pub(crate) prior: &'a Value,
    /// What core proposes.
    pub(crate) proposed: Value,
    pub(crate) private: Private,
    /// Whether the host knows computed blocks.
    pub(crate) computed_blocks: bool,
}

/// The plan that the author's code is given.
#[derive(Debug)]
pub(crate) struct Drafted {
    pub(crate) planned: Value,
    pub(crate) private: Private,
    /// Paths at which attributes' own code requires replacement.
    pub(crate) requires_replace: Vec<Path>,
    pub(crate) warnings: Diagnostics,
}

impl Drafted {
    /// What is planned as it is.
    pub(crate) fn untouched(planned: Value, private: Private) -> Self {
        Self {
            planned,
            private,
            requires_replace: Vec::new(),
            warnings: Diagnostics::new(),
        }
    }
}

/// Why there is no draft.
#[derive(Debug)]
pub(crate) enum DraftError {
    /// A default or a modifier's value that does not fit its attribute.
    Unfit(CodecError),
    /// What an attribute's own code says.
    Refused(Diagnostics),
}

impl From<CodecError> for DraftError {
    fn from(err: CodecError) -> Self {
        Self::Unfit(err)
    }
}

impl Draft<'_> {
    /// All that comes before the author's plan.
    pub(crate) fn make(self) -> Result<Drafted, DraftError> {
        let Self {
            body,
            config,
            prior,
            proposed,
            private,
            computed_blocks,
        } = self;
        let planned = with_all_elements(body, prior, proposed, config);
        let planned = as_state(body, planned, computed_blocks);
        let planned = with_defaults(body.level(), planned, config)?;
        let mut planned = keep_same(body, prior, planned);
        if planned != *prior {
            planned = mark_computed_unknown(body.level(), planned, config);
        }
        modify(body, config, prior, planned, private)
    }
}

/// Runs the attributes' own modifiers: an attribute's before those within it, and none below what is null or
/// unknown.
fn modify(
    body: &Body,
    config: &Value,
    prior: &Value,
    planned: Value,
    private: Private,
) -> Result<Drafted, DraftError> {
    if !body.level().any(&|attribute| !attribute.modifiers.is_empty()) {
        return Ok(Drafted::untouched(planned, private));
    }
    let mut whole = Whole {
        config: config.clone(),
        prior: prior.clone(),
        planned: planned.clone(),
        private,
        requires_replace: Vec::new(),
        warnings: Diagnostics::new(),
    };
    let planned = body
        .level()
        .rewrite(planned, &[config, prior], &mut |place, child, value, beside| {
            let (Child::Attribute(attribute), [config, prior]) = (child, beside) else {
                return Ok(Rewritten::Into(value));
            };
            let mut plan = AttributePlan {
                whole: &mut whole,
                path: &place.path,
                config,
                prior,
                has_prior: place.holders.get(1).is_some_and(|holder| !holder.is_null()),
                planned: value,
            };
            for modifier in &attribute.modifiers {
                modifier.apply(&mut plan).map_err(|found| {
                    DraftError::Refused(found.into_iter().map(|d| placed(d, &place.path)).collect())
                })?;
            }
            let planned = crate::value::conform::complete(plan.planned, &attribute.implied_type());
            planned.map(Rewritten::Into).map_err(|mut err| {
                err.path = place.path.join(&err.path);
                DraftError::Unfit(err)
            })
        })?;
    Ok(Drafted {
        planned,
        private: whole.private,
        requires_replace: whole.requires_replace,
        warnings: whole.warnings,
    })
}

/// A diagnostic without a path is about the attribute.
fn placed(diagnostic: Diagnostic, at: &Path) -> Diagnostic {
    if diagnostic.path.is_root() {
        diagnostic.at(at.clone())
    } else {
        diagnostic
    }
}

/// What becomes of the author's plan: write-only values that came along from the configuration are out again, blocks
/// are as core holds them, what a model cannot carry comes back, and what means the same as in the draft or before is left
/// as it was.
pub(crate) fn settle(
    body: &Body,
    prior: &Value,
    drafted: &Value,
    planned: Value,
    computed_blocks: bool,
) -> Value {
    let planned = as_state(body, planned, computed_blocks);
    let planned = carry_from(planned, drafted, prior);
    keep_same(body, prior, keep_same(body, drafted, planned))
}

#[cfg(test)]
mod tests;
