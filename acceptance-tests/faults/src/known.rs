//! Cells that are known to fail, each with its reason: they are run, counted and told apart, and fail no gate. One that
//! passes is told of, too: when the mechanism is mended, its line goes.

use crate::cell::Cell;

/// Cells whose names have all of these words.
struct Known {
    words: [&'static str; 3],
    /// What is wrong, and what a user can do.
    why: &'static str,
}

const SIGNING_OFF: &str = "a create takes its marks off right before the state records it; killed in between, what it made is in \
    no state and no longer marked. An invocation is found by its connection and refused with the import command; of a path \
    the next apply makes another one";

const STUCK_ASSOCIATION: &str = "an association that AWS could not delete keeps its resource configuration, which nobody but AWS can \
    help: the apply waits until its time-out, names both, and is not done";

/// The calls that take marks off, of a verb whose last step they are.
const fn signing_off(verb: &'static str, call: &'static str, how: &'static str) -> Known {
    Known {
        words: [verb, call, how],
        why: SIGNING_OFF,
    }
}

const KNOWN: &[Known] = &[
    signing_off("create-path", ":UntagResource#", "killed"),
    signing_off("create-path", ":UntagResource#", "interrupted-twice"),
    signing_off("create-path", ":DeleteTags#", "killed"),
    signing_off("create-path", ":DeleteTags#", "interrupted-twice"),
    // What replaces a path is created.
    signing_off("replace-path", ":UntagResource#", "killed"),
    signing_off("replace-path", ":UntagResource#", "interrupted-twice"),
    signing_off("replace-path", ":DeleteTags#", "killed"),
    signing_off("replace-path", ":DeleteTags#", "interrupted-twice"),
    signing_off("create-invocation", ":UntagResource#", "/leftovers"),
    signing_off("create-invocation", ":DeleteTags#", "/leftovers"),
    Known {
        words: [
            "service-network-resource-association",
            "=DELETE_FAILED",
            "/ends-failed",
        ],
        why: STUCK_ASSOCIATION,
    },
];

/// Why a cell is known to fail; `None` for one that has to pass.
pub fn why(cell: &Cell) -> Option<&'static str> {
    let name = cell.to_string();
    let known = KNOWN
        .iter()
        .find(|known| known.words.iter().all(|word| name.contains(word)));
    known.map(|known| known.why)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_known_is_let_off() {
        let is_known = |name: &str| why(&Cell::parse(name).expect(name)).is_some();
        assert!(is_known(
            "create-path/vpc-lattice:UntagResource#1/provider-killed-after/apply"
        ));
        assert!(is_known(
            "replace-path/vpc-lattice:UntagResource#1/provider-killed-after/apply"
        ));
        assert!(is_known("create-path-cbd/ec2:DeleteTags#1/cli-killed/leftovers"));
        assert!(is_known(
            "move-invocation/service-network-resource-association=DELETE_FAILED/ends-failed/apply"
        ));
        for passes in [
            "create-path/vpc-lattice:CreateResourceGateway#1/provider-killed-after/apply",
            "create-path/vpc-lattice:UntagResource#1/reply-lost/apply",
            "create-invocation/vpc-lattice:UntagResource#1/provider-killed-after/apply",
            "update-path/vpc-lattice:UntagResource#1/provider-killed-after/apply",
            "update-path/vpc-lattice:TagResource#1/reply-lost/apply",
            "update-path/ec2:CreateTags#1/refused/apply",
            "change-destinations/events:CreateApiDestination#1/provider-killed-after/apply",
            "change-destinations/events:CreateApiDestination#1/provider-killed-after/destroy",
        ] {
            assert!(!is_known(passes), "{passes}");
        }
    }
}
