//! Cells that are known to fail, each with its reason: they are run, counted and told apart, and fail no gate. One that
//! passes is told of, too: when the mechanism is mended, its line goes.

use crate::cell::Cell;

/// Cells whose names have all of these words.
struct Known {
    words: &'static [&'static str],
    /// What is wrong, and what a user can do.
    why: &'static str,
}

const SIGNING_OFF: &str = "a create takes its marks off right before the state records it; killed in between, what it made is in \
    no state and no longer marked. An invocation is found by its connection and refused with the import command; of a path \
    the next apply makes another one";

/// By the first call that takes a mark off, the configuration's.
const KNOWN: &[Known] = &[
    Known {
        words: &["create-path", ":UntagResource#", "killed"],
        why: SIGNING_OFF,
    },
    Known {
        words: &["create-path", ":UntagResource#", "interrupted-twice"],
        why: SIGNING_OFF,
    },
    Known {
        words: &["create-path", ":DeleteTags#", "killed"],
        why: SIGNING_OFF,
    },
    Known {
        words: &["create-path", ":DeleteTags#", "interrupted-twice"],
        why: SIGNING_OFF,
    },
    Known {
        words: &["create-invocation", ":UntagResource#", "/leftovers"],
        why: SIGNING_OFF,
    },
    Known {
        words: &["create-invocation", ":DeleteTags#", "/leftovers"],
        why: SIGNING_OFF,
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
    fn only_what_is_killed_while_it_signs_off_is_known_to_fail() {
        let is_known = |name: &str| why(&Cell::parse(name).expect(name)).is_some();
        assert!(is_known(
            "create-path/vpc-lattice:UntagResource#1/provider-killed-after/apply"
        ));
        assert!(is_known("create-path-cbd/ec2:DeleteTags#1/cli-killed/leftovers"));
        for passes in [
            "create-path/vpc-lattice:CreateResourceGateway#1/provider-killed-after/apply",
            "create-path/vpc-lattice:UntagResource#1/reply-lost/apply",
            "create-invocation/vpc-lattice:UntagResource#1/provider-killed-after/apply",
            "update-path/vpc-lattice:UntagResource#1/provider-killed-after/apply",
        ] {
            assert!(!is_known(passes), "{passes}");
        }
    }
}
