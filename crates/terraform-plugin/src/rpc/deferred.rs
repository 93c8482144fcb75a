//! Answers that are put off to another run.

use crate::{
    diagnostic::Diagnostic,
    resource::{Call, Deferral},
    wire::tfplugin6::{Deferred, deferred::Reason},
};

/// What the wish of a verb to wait comes to: a deferred answer, or an error where the host takes none.
pub(super) fn deferred(call: &Call, owner: &str) -> Result<Option<Deferred>, Diagnostic> {
    let Some(why) = call.deferred.get() else {
        return Ok(None);
    };
    if !call.deferral_allowed {
        return Err(refused(why, owner));
    }
    let reason = match why {
        Deferral::ConfigUnknown => Reason::ResourceConfigUnknown,
        Deferral::ProviderConfigUnknown => Reason::ProviderConfigUnknown,
        Deferral::AbsentPrerequisite => Reason::AbsentPrereq,
    };
    Ok(Some(Deferred {
        reason: reason.into(),
    }))
}

/// The same wish where no answer can be put off.
pub(super) fn refused(why: Deferral, owner: &str) -> Diagnostic {
    let because = match why {
        Deferral::ConfigUnknown => "its configuration is not known yet",
        Deferral::ProviderConfigUnknown => "the provider's configuration is not known yet",
        Deferral::AbsentPrerequisite => "something that it needs does not exist yet",
    };
    let detail = format!(
        "{owner} has to wait: {because}. First apply what it depends on alone, with -target, and then the rest."
    );
    Diagnostic::error("This has to wait for another run", detail)
}
