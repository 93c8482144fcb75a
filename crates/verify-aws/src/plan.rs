//! What is about to be done, told before anything is.

use crate::example::Step;
use crate::experiments::{Experiment, OPEN};
use crate::subject::{Given, Subject};

/// The plan of a run, for people.
pub fn text(
    chosen: &[&Experiment],
    given: &Given,
    subject: &Subject,
    (account, region): (&str, &str),
    files: (&str, &str),
    example: Option<&str>,
) -> String {
    let mut text = format!(
        "verify-aws asks AWS in account {account}, Region {region}, beside {} in {}.\n\
         Everything it makes is named verify-aws-…, tagged verify-aws where AWS has tags, and removed. Nothing else is touched.\n",
        subject.endpoint_id, subject.vpc_id
    );
    let (mut minutes, mut made) = (0, 0);
    for experiment in chosen {
        text.push_str(&format!("\n{}\n  {}\n", experiment.id, experiment.asks));
        if let Some(option) = (experiment.lacks)(given) {
            text.push_str(&format!("  left out: {option} was not given\n"));
            continue;
        }
        text.push_str(&format!(
            "  makes:     {}\n  costs:     {}\n  takes:     about {} min\n  cleans up: {}\n  settles:   {}\n",
            experiment.makes,
            experiment.costs,
            experiment.minutes,
            experiment.cleans_up,
            experiment.settles.join(", ")
        ));
        minutes += experiment.minutes;
        made += 1;
    }
    let also = match example {
        Some(example) => {
            text.push_str(example);
            minutes += Step::ALL.map(Step::minutes).iter().sum::<u32>();
            " and the example"
        }
        None => "",
    };
    text.push_str("\nNot asked:\n");
    for (ids, why) in open() {
        text.push_str(&format!("  {}: {why}\n", ids.join(", ")));
    }
    text.push_str(&format!(
        "\nAWS itself makes two service-linked roles the first time that an account has a resource gateway and a private \
         connection.\nThey cost nothing, and stay: AWSServiceRoleForVpcLattice, \
         AWSServiceRoleForAmazonEventBridgeApiDestinations.\n\
         \nAll in all {made} experiments{also}, about {minutes} minutes and less than USD 0.10.\n\
         Facts: {}. What is to be removed, should this be stopped: {}.\n",
        files.0,
        files.1
    ));
    text
}

/// What is not asked, by the reason.
fn open() -> Vec<(Vec<&'static str>, &'static str)> {
    let mut reasons: Vec<(Vec<&str>, &str)> = Vec::new();
    for (id, why) in OPEN {
        match reasons.iter_mut().find(|(_, reason)| *reason == why) {
            Some((ids, _)) => ids.push(id),
            None => reasons.push((vec![id], why)),
        }
    }
    reasons
}
