//! What a check came to, in the words of a plan and of an apply.

use terraform_plugin::{Diagnostic, Path, Step, path};

use crate::aws::AwsError;
use crate::endpoint::{Given, Outlet, Problem};
use crate::invocation::located::Trouble;

/// What becomes of what stands by the time an apply looks, as far as its plan can tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// It is changed in place.
    Stays,
    /// A replacement destroys it first.
    Replaced,
    /// A create: nothing stands, or something that it replaces and that core does not show. So are a tainted resource, and
    /// every replacement once it is applied.
    Unseen,
}

/// Something that is wrong with what a plan is to come to.
#[derive(Debug)]
pub struct Finding {
    summary: &'static str,
    /// What is wrong, and the remedy.
    detail: String,
    at: Path,
    weight: Weight,
    /// No waiting mends it, nor what a replacement destroys.
    lasts: bool,
}

/// What a finding means for an apply.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Weight {
    /// It stops before it changes anything.
    Stops,
    /// One of those that want the same stops so, whichever comes last.
    Competes,
    /// Nothing of the plan needs what is wrong.
    Spares,
    /// It tries: that alone tells.
    Tries,
}

impl Finding {
    /// What is wrong with what the configuration points at, which a plan `needs` or does not.
    pub fn of_trouble(trouble: &Trouble, needs: bool) -> Self {
        Self {
            summary: trouble.summary(),
            detail: trouble.to_string(),
            at: trouble.path(),
            weight: if needs { Weight::Stops } else { Weight::Spares },
            lasts: trouble.is_final(),
        }
    }

    /// What is wrong with the network for what a plan changes.
    pub fn of_problem(problem: &Problem) -> Self {
        Self {
            summary: problem.summary(),
            detail: problem.to_string(),
            at: path_of(problem),
            weight: match problem {
                Problem::NearQuota { .. } => Weight::Tries,
                Problem::FewAddresses { free, needed, .. } if free >= needed => Weight::Competes,
                _ => Weight::Stops,
            },
            lasts: !matches!(
                problem,
                Problem::NotAvailable { .. } | Problem::FewAddresses { .. } | Problem::Aws(_)
            ),
        }
    }

    /// What is wrong with a path that stands, which nothing of the plan changes.
    pub fn of_standing(problem: &Problem) -> Self {
        Self {
            weight: Weight::Spares,
            ..Self::of_problem(problem)
        }
    }

    /// What is wrong with an API destination: an apply stops before it changes anything, or `tries` what only it finds out.
    pub fn of_destination(name: &str, detail: String, tries: bool) -> Self {
        Self {
            summary: "The name of an API destination is taken",
            detail,
            at: path!("api_destinations").then(Step::key(name)),
            weight: if tries { Weight::Tries } else { Weight::Stops },
            lasts: true,
        }
    }

    /// Whether a create is refused for it, tomorrow too.
    pub fn is_final(&self) -> bool {
        self.lasts && self.weight == Weight::Stops
    }

    /// In a plan, where an error would keep the resource from being destroyed, too.
    pub fn warning(&self, standing: Standing) -> Diagnostic {
        let then = match (self.weight, standing) {
            (Weight::Stops, _) => stops(standing),
            (Weight::Competes, Standing::Replaced) => {
                "Whichever finds too few left is refused, and what it replaces is destroyed by then."
            }
            (Weight::Competes, _) => "Whichever finds too few left stops before it changes anything.",
            (Weight::Spares, _) => "Nothing of this plan needs it: what stands is left as it is.",
            (Weight::Tries, _) => return self.told(&self.detail),
        };
        self.told(&format!("{}\n\n{then}", self.detail))
    }

    fn told(&self, detail: &str) -> Diagnostic {
        Diagnostic::warning(self.summary, detail).at(self.at.clone())
    }

    /// Where a plan cannot be: an error, with what makes it one.
    pub fn refusal(&self, why: &str) -> Diagnostic {
        Diagnostic::error(self.summary, format!("{}\n\n{why}", self.detail)).at(self.at.clone())
    }

    /// At the start of an apply, where that stops.
    pub fn error(&self, standing: Standing) -> Option<Diagnostic> {
        matches!(self.weight, Weight::Stops | Weight::Competes).then(|| {
            let then = match standing {
                Standing::Stays => "Nothing was changed.",
                Standing::Replaced | Standing::Unseen => {
                    "Nothing was changed by this create. A resource that it replaces is destroyed by now, unless \
                     create_before_destroy is set."
                }
            };
            Diagnostic::error(self.summary, format!("{}\n\n{then}", self.detail)).at(self.at.clone())
        })
    }
}

/// What an apply does about something that stops it, in the words of its plan.
pub fn stops(standing: Standing) -> &'static str {
    match standing {
        Standing::Stays => "The apply stops before it changes anything, unless that is mended by then.",
        Standing::Replaced => {
            "This is a replacement: what stands is destroyed first, unless create_before_destroy is set, and the new one is \
             refused then, unless that is mended by then."
        }
        Standing::Unseen => {
            "The apply stops before it changes anything, unless that is mended by then. Where it replaces a \
             resource, such as a tainted one, that one is destroyed before the apply stops."
        }
    }
}

/// A question that the caller may not ask.
pub fn unchecked(error: &AwsError) -> Diagnostic {
    Diagnostic::warning(
        "Could not check the network",
        format!("{error}\n\nThe provider goes on without this check; what the state says stands."),
    )
}

/// The attribute that a problem is about.
fn path_of(problem: &Problem) -> Path {
    match problem {
        Problem::NearQuota { .. } => path!("name"),
        Problem::ForeignIngressGroup { .. } => path!("network", "endpoint_ingress_security_group_id"),
        Problem::NoEgress { outlet, .. } => match outlet {
            Outlet::Managed(targets) if targets.iter().all(|target| target.group().is_some()) => {
                path!("network", Given::Egress.argument())
            }
            Outlet::Managed(_) => path!("network", "egress_cidr_blocks"),
            Outlet::Given(_) => path!("network", "security_group_ids"),
            Outlet::Gateway(..) => path!("network", "resource_gateway_id"),
        },
        Problem::NoGroup { given, .. } | Problem::ElsewhereGroup { given, .. } => {
            path!("network", given.argument())
        }
        Problem::OwnGroup(_) => path!("network", "security_group_ids"),
        Problem::NoCommonFamily { .. } | Problem::NoIpv6 { .. } => path!("network", "ip_address_type"),
        Problem::NoSubnet(_)
        | Problem::SubnetsApart { .. }
        | Problem::ElsewhereSubnet { .. }
        | Problem::FewAddresses { .. }
        | Problem::NoCommonZone { .. } => path!("network", "subnet_ids"),
        Problem::Missing(_)
        | Problem::WrongType { .. }
        | Problem::NotAvailable { .. }
        | Problem::NoDomainName { .. }
        | Problem::ForbiddenByPolicy { .. }
        | Problem::NoIngress { .. }
        | Problem::Aws(_) => path!("vpc_endpoint_id"),
    }
}
