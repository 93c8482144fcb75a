//! What AWS answers to whoever asks for the tags of another account's resource configuration.

use super::Experiment;
use crate::aws::encoded;
use crate::lab::{Lab, words};
use crate::trouble::{Outcome, Trouble};

pub static EXPERIMENT: Experiment = Experiment {
    id: "shared-tags",
    asks: "What does ListTagsForResource answer for a resource configuration of another account?",
    settles: &["shared_tags_answer"],
    makes: "nothing",
    costs: "nothing",
    minutes: 1,
    cleans_up: "nothing to remove",
    lacks: |given| {
        given
            .shared_configuration_arn
            .is_none()
            .then_some("--shared-configuration-arn")
    },
    run,
};

fn run(lab: &mut Lab) -> Outcome<()> {
    const ID: &str = "shared_tags_answer";
    let arn = lab.given.shared_configuration_arn.clone().unwrap_or_default();
    match lab.aws.lattice(
        "ListTagsForResource",
        "GET",
        &format!("/tags/{}", encoded(&arn)),
        None,
    ) {
        Ok(tags) => lab.unsettled(
            ID,
            &format!("an answer that nobody foresaw: the tags are shown: {tags}"),
        ),
        Err(Trouble::Refused(refusal)) => {
            let position = match refusal.code.as_str() {
                "AccessDeniedException" => "access_denied",
                "ResourceNotFoundException" => "not_found",
                "ValidationException" => "invalid",
                _ => return lab.unforeseen(ID, &refusal),
            };
            lab.answer(ID, position, &words(&refusal))
        }
        Err(trouble) => Err(trouble),
    }
}
