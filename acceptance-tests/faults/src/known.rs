//! Cells that are known to fail, each with its reason: they are run, counted and told apart, and fail no gate. One that
//! passes is told of, too: when the mechanism is mended, its line goes.

use crate::cell::Cell;

/// Cells whose names have all of these words.
struct Known {
    words: [&'static str; 3],
    /// What is wrong, and what a user can do.
    why: &'static str,
}

const SIGNING_OFF: &str = "a create takes its marks off right before the state records it; a provider that is killed in between \
    leaves what it made in no state and no longer marked. An invocation is found by its connection and refused with the import \
    command; of a path the next plan warns, with the import command, and its apply makes another one";

const LOST_BY_CLI: &str = "the CLI had the answer of the create, told that it is complete, and was killed before it wrote its state: \
    OpenTofu writes it up to 20 seconds later. What was made is in no state and no longer marked, as above";

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
    signing_off("create-path", ":UntagResource#", "provider-killed"),
    signing_off("create-path", ":UntagResource#", "interrupted-twice"),
    signing_off("create-path", ":DeleteTags#", "provider-killed"),
    signing_off("create-path", ":DeleteTags#", "interrupted-twice"),
    // What replaces a path is created.
    signing_off("replace-path", ":UntagResource#", "provider-killed"),
    signing_off("replace-path", ":UntagResource#", "interrupted-twice"),
    signing_off("replace-path", ":DeleteTags#", "provider-killed"),
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

/// Why a run counts as known to fail whose CLI was told of a create, and lost that: what it printed has an id that its state
/// does not have. `None` where it lost nothing.
pub fn lost_by_cli(state: &str, printed: &str) -> Option<&'static str> {
    let told = printed.lines().filter(|line| line.contains("Creation complete"));
    let ids = told.filter_map(|line| line.split_once("[id=")?.1.split(']').next());
    let lost = ids.into_iter().any(|id| !state.contains(&format!("\"{id}\"")));
    lost.then_some(LOST_BY_CLI)
}

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
        assert!(is_known(
            "create-path-cbd/ec2:DeleteTags#1/provider-killed-before/leftovers"
        ));
        assert!(is_known(
            "move-invocation/service-network-resource-association=DELETE_FAILED/ends-failed/apply"
        ));
        for passes in [
            "create-path/vpc-lattice:CreateResourceGateway#1/provider-killed-after/apply",
            "create-path/vpc-lattice:UntagResource#1/reply-lost/apply",
            "create-path/vpc-lattice:UntagResource#1/cli-killed/apply",
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

    #[test]
    fn a_cli_has_lost_what_it_told_of_and_did_not_write() {
        let printed = "x.y: Creating...\nx.y: Creation complete after 1s [id=orders/1a2b]\nx.y (deposed): Destroying... [id=other]";
        assert!(lost_by_cli("{\"id\": \"other\"}", printed).is_some());
        assert!(lost_by_cli("{\"id\": \"orders/1a2b\"}", printed).is_none());
        assert!(lost_by_cli("", "x.y: Creating...").is_none());
    }
}
