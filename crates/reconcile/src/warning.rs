//! What a user should know of a walk although nothing failed.

use std::fmt;

/// One warning. Its text, by `Display`, is whole sentences.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Warning {
    /// What is recorded is not ours any more, and is left alone.
    LeftAlone {
        /// The object.
        what: String,
        /// Why it is not ours.
        reason: String,
    },
    /// What is no longer needed stays for now.
    NotRemoved {
        /// The object.
        what: String,
        /// Why it could not be removed.
        reason: String,
    },
    /// A change was accepted and does not show.
    DifferenceStays {
        /// The object.
        what: String,
        /// What differs still.
        why: Vec<String>,
    },
    /// Something is taken for ready although it has not come to the state in which it should end.
    TakenForReady {
        /// The object.
        what: String,
        /// Its state.
        state: String,
    },
    /// What an interrupted run may have left could not be searched for.
    NotSearched {
        /// Why.
        reason: String,
    },
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ended = |words: &str| words.trim_end_matches('.').to_owned();
        match self {
            Self::LeftAlone { what, reason } => write!(f, "{what} will be left alone: {}.", ended(reason)),
            Self::NotRemoved { what, reason } => {
                write!(
                    f,
                    "{what} is no longer needed but could not be removed yet: {}.",
                    ended(reason)
                )
            }
            Self::DifferenceStays { what, why } => write!(
                f,
                "{what} was changed, and a difference stays: {}. The next plan shows it.",
                why.join(", ")
            ),
            Self::TakenForReady { what, state } => write!(
                f,
                "{what} is {state} and has stayed so. It is taken for ready, since nothing shows that it is not; a call \
                 tells."
            ),
            Self::NotSearched { reason } => {
                write!(
                    f,
                    "What an interrupted run may have left could not be searched for: {}.",
                    ended(reason)
                )
            }
        }
    }
}
