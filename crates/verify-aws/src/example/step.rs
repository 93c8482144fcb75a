//! The steps of an example, as they are told before they begin.

use serde::{Deserialize, Serialize};

use super::folder::Inputs;

/// A step, by its name in the facts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Step {
    Create,
    Plan,
    Move,
    PlanMoved,
    Destroy,
    Look,
}

impl Step {
    /// In their order.
    pub const ALL: [Self; 6] = [
        Self::Create,
        Self::Plan,
        Self::Move,
        Self::PlanMoved,
        Self::Destroy,
        Self::Look,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Plan => "plan",
            Self::Move => "move",
            Self::PlanMoved => "plan-moved",
            Self::Destroy => "destroy",
            Self::Look => "look",
        }
    }

    pub fn tells(self, inputs: &Inputs) -> String {
        let call = if inputs.call.is_some() {
            ", and calls --url over it"
        } else {
            ""
        };
        match self {
            Self::Create => format!("makes the invocation by an apply{call}"),
            Self::Plan | Self::PlanMoved => "plans again, which must find nothing to do".to_owned(),
            Self::Move => format!(
                "moves the invocation in place to {}{call}; the connection's ARN must stay",
                inputs.moves_to()
            ),
            Self::Destroy => "destroys all of it".to_owned(),
            Self::Look => "asks AWS, without the provider, whether anything of it is left".to_owned(),
        }
    }

    /// What it makes, where it makes something.
    pub fn makes(self, inputs: &Inputs) -> Option<String> {
        let call = if inputs.call.is_some() {
            ", a call of the API"
        } else {
            ""
        };
        match self {
            Self::Create => Some(format!(
                "a security group, a resource gateway with 16 addresses in each subnet of the endpoint, a resource \
                 configuration, a private connection{call}"
            )),
            Self::Move => Some(format!(
                "another path beside the first, which goes once the connection has moved{call}"
            )),
            _ => None,
        }
    }

    /// About.
    pub fn minutes(self) -> u32 {
        match self {
            Self::Create | Self::Destroy => 5,
            Self::Move => 8,
            Self::Plan | Self::PlanMoved | Self::Look => 1,
        }
    }
}
