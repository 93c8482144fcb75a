//! Answers that are put off to another run, where the host takes such.

use crate::{
    call::{Call, Deferral, Deferred},
    diagnostic::{Diagnostic, Diagnostics},
    wire::tfplugin6::{Deferred as Wire, deferred::Reason},
};

/// Whether one call is put off, for after its verb.
pub(super) struct Deferring {
    deferred: Deferred,
    allowed: bool,
}

impl Deferring {
    pub(super) fn of(call: &Call) -> Self {
        Self {
            deferred: call.deferred.clone(),
            allowed: call.deferral_allowed,
        }
    }

    /// Why the verb put its answer off, if it did.
    ///
    /// # Errors
    /// The host takes no such answer: then the user has to apply what is missing first.
    pub(super) fn wanted(&self, owner: &str) -> Result<Option<Wire>, Diagnostics> {
        match self.deferred.get() {
            None => Ok(None),
            Some(why) if self.allowed => Ok(Some(wire(why))),
            Some(why) => Err(refusal(owner, why).into()),
        }
    }
}

/// A deferral on the wire.
pub(super) fn wire(why: Deferral) -> Wire {
    let reason = match why {
        Deferral::ConfigUnknown => Reason::ResourceConfigUnknown,
        Deferral::ProviderConfigUnknown => Reason::ProviderConfigUnknown,
        Deferral::AbsentPrerequisite => Reason::AbsentPrereq,
    };
    Wire {
        reason: reason.into(),
    }
}

/// What the user can do where nothing can be put off.
pub(super) fn refusal(owner: &str, why: Deferral) -> Diagnostic {
    let (lacks, first) = match why {
        Deferral::ConfigUnknown => (
            "its configuration holds values that are not known yet",
            "what its configuration refers to",
        ),
        Deferral::ProviderConfigUnknown => (
            "the provider's configuration holds values that are not known yet",
            "what the provider's configuration refers to",
        ),
        Deferral::AbsentPrerequisite => ("something that it needs does not exist yet", "what it depends on"),
    };
    let detail = format!(
        "{owner} cannot be planned or read: {lacks}, and this run cannot put it off. Apply {first} first, for example \
         with -target, then run this again."
    );
    Diagnostic::error("Not enough is known yet", detail)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_deferral_that_the_host_does_not_take_says_what_to_do() {
        let deferred = Deferred::default();
        let deferring = |allowed| Deferring {
            deferred: deferred.clone(),
            allowed,
        };
        assert_eq!(deferring(false).wanted("x_y"), Ok(None));
        deferred.set(Deferral::AbsentPrerequisite);
        let wanted = deferring(true).wanted("x_y").expect("allowed").expect("deferred");
        assert_eq!(wanted.reason(), Reason::AbsentPrereq);
        let found = deferring(false).wanted("x_y").expect_err("refused").to_string();
        assert!(found.contains("x_y") && found.contains("-target"), "{found}");
    }
}
