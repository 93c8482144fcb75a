//! What may be asked of a service, by whom, and in which words it refuses: what fault rules can name.

use crate::core::error::ApiError;
use crate::core::settings::DenialWords;
use crate::core::words::Words;

/// IAM actions that an operation asks for beside its own: the operation, a member of the request that makes them
/// necessary (none: always), and the actions. Sources: "Permissions" in the services' guides and the handlers' lists of
/// the CloudFormation registry.
pub(crate) type Further = (&'static str, Option<&'static str>, &'static [&'static str]);

pub(crate) struct Surface {
    /// The name in the credential scope, in ARNs, IAM actions and fault rules.
    pub(crate) name: &'static str,
    /// The Region to sign for, where it is one for all Regions.
    pub(crate) is_global: bool,
    pub(crate) words: Words,
    /// The operations that are served, sorted.
    pub(crate) operations: fn() -> Vec<&'static str>,
    /// Operations that other services call with the caller's permissions, and that are not served.
    pub(crate) forwarded: &'static [&'static str],
    pub(crate) further: &'static [Further],
    /// IAM actions that the roles need which services take on.
    pub(crate) of_roles: &'static [&'static str],
    /// Denials that name no action, by the action.
    pub(crate) short_denials: &'static [(&'static str, &'static str)],
}

impl Surface {
    /// A service of a Region, without peculiarities.
    pub(crate) const fn new(name: &'static str, words: Words, operations: fn() -> Vec<&'static str>) -> Self {
        Self {
            name,
            is_global: false,
            words,
            operations,
            forwarded: &[],
            further: &[],
            of_roles: &[],
            short_denials: &[],
        }
    }

    /// The operations that fault rules may name.
    pub(crate) fn known(&self) -> Vec<&'static str> {
        let served = (self.operations)().into_iter();
        served.chain(self.forwarded.iter().copied()).collect()
    }

    /// The IAM actions that a call asks for; `has` tells whether its request has a member.
    pub(crate) fn actions(&self, operation: &str, has: impl Fn(&str) -> bool) -> Vec<String> {
        let asked = self
            .further
            .iter()
            .filter(|(name, member, _)| *name == operation && member.is_none_or(&has));
        let further = asked.flat_map(|(.., actions)| actions.iter().map(|action| (*action).to_owned()));
        std::iter::once(format!("{}:{operation}", self.name))
            .chain(further)
            .collect()
    }

    /// Whether an action that may be asked for fits.
    pub(crate) fn asks_for(&self, fits: impl Fn(&str) -> bool) -> bool {
        let own = self.known().into_iter();
        let mut own = own.map(|operation| format!("{}:{operation}", self.name));
        let mut others = self
            .further
            .iter()
            .flat_map(|(.., actions)| *actions)
            .chain(self.of_roles);
        own.any(|action| fits(&action)) || others.any(|action| fits(action))
    }

    /// What a caller is told who is denied an action.
    pub(crate) fn denial(&self, caller: &str, action: &str, words: DenialWords) -> ApiError {
        let error = self.words.access_denied(caller, action);
        let short = self.short_denials.iter().find(|(of, _)| *of == action);
        match (words, short) {
            (DenialWords::WithoutAction, Some((_, message))) => ApiError {
                message: (*message).to_owned(),
                ..error
            },
            _ => error,
        }
    }
}
