//! One cell of the matrix: a verb, a place where it fails, how, and what is done next.

use std::fmt;

use crate::fault::{Fault, Place};
use crate::verb::Verb;

/// What the user does next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// The same configuration again.
    Apply,
    Destroy,
    /// The command that the error prints, then apply.
    Printed,
    /// Destroy, and `leftovers --remove`.
    Leftovers,
}

const NEXT: [(Next, &str); 4] = [
    (Next::Apply, "apply"),
    (Next::Destroy, "destroy"),
    (Next::Printed, "printed"),
    (Next::Leftovers, "leftovers"),
];

/// A cell. Its text names it: `create-path/ec2:CreateSecurityGroup#1/reply-lost/apply`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cell {
    pub verb: Verb,
    pub place: Place,
    pub fault: Fault,
    pub next: Next,
}

impl Cell {
    /// The cells of one place and fault: one for every command that is obvious then.
    pub fn all_of(verb: Verb, place: &Place, fault: Fault) -> Vec<Self> {
        let mut next = vec![Next::Apply];
        match verb.makes_a_resource() && fault.loses_the_state() {
            // Of what is in no state a destroy knows nothing.
            true => next.push(Next::Leftovers),
            false => next.push(Next::Destroy),
        }
        if verb.creates() && !fault.loses_the_state() {
            next.push(Next::Printed);
        }
        let cell = |next| Self {
            verb,
            place: place.clone(),
            fault,
            next,
        };
        next.into_iter().map(cell).collect()
    }

    /// Reads a cell's name.
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split('/');
        let cell = Self {
            verb: Verb::named(parts.next()?)?,
            place: Place::parse(parts.next()?)?,
            fault: Fault::named(parts.next()?)?,
            next: {
                let name = parts.next()?;
                NEXT.iter().find(|(_, known)| *known == name)?.0
            },
        };
        (parts.next().is_none() && cell.fault.fits(&cell.place)).then_some(cell)
    }

    /// Whether it is one of those that every run of the gate has: a create whose provider is killed. That what replaces it
    /// is made first does not matter to it, since there is nothing to be replaced.
    pub fn is_killed_create(&self) -> bool {
        self.verb.creates()
            && !self.verb.creates_before_destroy()
            && matches!(self.fault, Fault::KilledBefore | Fault::KilledAfter)
            && self.next == Next::Apply
    }
}

impl fmt::Display for Cell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (_, next) = NEXT
            .iter()
            .find(|(next, _)| *next == self.next)
            .ok_or(fmt::Error)?;
        write!(
            f,
            "{}/{}/{}/{next}",
            self.verb.name,
            self.place,
            self.fault.name()
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fault::{FAILURES, FAULTS};
    use crate::verb::VERBS;

    #[test]
    fn the_name_of_a_cell_names_it_and_no_other() {
        let call = Place::parse("vpc-lattice:CreateResourceGateway#2").expect("a call");
        let places = FAILURES.iter().map(Place::State).chain([call]);
        let mut names = std::collections::BTreeSet::new();
        for place in places {
            for (verb, fault) in VERBS
                .into_iter()
                .flat_map(|verb| FAULTS.iter().map(move |fault| (verb, *fault)))
                .filter(|(_, fault)| fault.fits(&place))
            {
                for cell in Cell::all_of(verb, &place, fault) {
                    assert_eq!(Cell::parse(&cell.to_string()).as_ref(), Some(&cell));
                    assert!(names.insert(cell.to_string()), "{cell}");
                }
            }
        }
    }

    #[test]
    fn what_is_no_cell_is_not_read() {
        for text in [
            "",
            "create-path",
            "create-path/ec2:CreateSecurityGroup/reply-lost/apply",
            "create-path/ec2:CreateSecurityGroup#1/reply-lost/apply/more",
            "create-paths/ec2:CreateSecurityGroup#1/reply-lost/apply",
            "create-path/resource-gateway=ACTIVE/ends-failed/apply",
            "create-path/resource-gateway=CREATE_FAILED/denied/apply",
            "create-path/ec2:DescribeVpcs#1/reply-lost/apply",
        ] {
            assert_eq!(Cell::parse(text), None, "{text}");
        }
    }
}
