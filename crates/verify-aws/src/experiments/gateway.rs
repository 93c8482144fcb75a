//! The life of a resource gateway, and what it does to its security group.

use std::time::Duration;

use serde_json::json;

use super::{Experiment, nothing};
use crate::aws::items;
use crate::lab::{Course, LONGEST, Lab, Made, PATIENCE, refused, words};
use crate::object::Kind;
use crate::trouble::{Outcome, Trouble};

pub static EXPERIMENT: Experiment = Experiment {
    id: "gateway",
    asks: "How long do making, changing and deleting a gateway take, can its DNS resolution be changed, and how is its \
           group's deletion refused?",
    settles: &[
        "writes_miss",
        "active_at_once",
        "gateway",
        "changes_dns_resolution",
        "gateway-update",
        "in_use_in_other_words",
        "gateway-deletion",
        "interface-removal",
    ],
    makes: "a security group and a resource gateway with one address in the endpoint's first subnet",
    costs: "nothing by the hour, as far as AWS's pages say",
    minutes: 3,
    cleans_up: "deletes the gateway, waits for its network interfaces to go, deletes the group",
    lacks: nothing,
    run,
};

fn run(lab: &mut Lab) -> Outcome<()> {
    let group = lab.group()?;
    let (gateway, missed) = lab.gateway(&group)?;
    lab.answer("writes_miss", missed.as_secs(), &[])?;
    creation(lab, &gateway)?;
    lab.question(&["changes_dns_resolution", "gateway-update"], |lab| {
        change(lab, &gateway)
    })?;
    lab.question(&["in_use_in_other_words"], |lab| group_in_use(lab, &group))?;

    gateway.kind.delete(&lab.aws, &gateway.id)?;
    let course = lab.goes(gateway.kind, &gateway.id)?;
    lab.takes("gateway-deletion", course.since(), &course)?;
    lab.is_gone(&gateway)?;
    let course = lab.observe(LONGEST, |lab, course, passed| {
        let filter = [
            ("Filter.1.Name", "group-id"),
            ("Filter.1.Value.1", group.id.as_str()),
        ];
        let answer = lab.aws.ec2("DescribeNetworkInterfaces", &filter)?;
        let interfaces = items(&answer["networkInterfaceSet"]).len();
        course.note(passed, &format!("{interfaces} network interfaces"));
        Ok(interfaces == 0)
    })?;
    lab.takes("interface-removal", course.since(), &course)
}

fn creation(lab: &mut Lab, gateway: &Made) -> Outcome<()> {
    let at_once = gateway.text("status") == "ACTIVE";
    let words = [format!("status in the answer: {}", gateway.text("status"))];
    lab.answer("active_at_once", at_once, &words)?;
    let course = lab.reaches(gateway.kind, &gateway.id, "ACTIVE")?;
    if at_once {
        return lab.unsettled("gateway", "it is ACTIVE at once");
    }
    lab.takes("gateway", course.since(), &course)
}

fn change(lab: &mut Lab, gateway: &Made) -> Outcome<()> {
    let path = format!("/resourcegateways/{}", gateway.id);
    let input = json!({ "resourceConfigDnsResolution": "IN_VPC" });
    let answer = lab
        .aws
        .lattice("UpdateResourceGateway", "PATCH", &path, Some(&input));
    if let Err(refusal) = refused(answer)? {
        lab.unsettled(
            "gateway-update",
            "there was nothing to see: the change was refused",
        )?;
        return lab.unforeseen("changes_dns_resolution", &refusal);
    }
    let course = lab.update_course(gateway.kind, &gateway.id)?;
    lab.update_takes("gateway-update", &course)?;
    let described = lab.read(gateway.kind, &gateway.id)?;
    let resolution = &described["resourceConfigDnsResolution"];
    let words = [format!("resourceConfigDnsResolution afterwards: {resolution}")];
    lab.answer("changes_dns_resolution", resolution == "IN_VPC", &words)
}

impl Lab {
    /// The course of an update, looked at until a description cannot be behind any more.
    pub(super) fn update_course(&mut self, kind: Kind, id: &str) -> Outcome<Course> {
        let patience = |course: &Course| course.passed() >= PATIENCE && course.is_settled();
        self.course(kind, id, LONGEST, patience)
    }

    /// How long an update took, if it was seen under way.
    pub(super) fn update_takes(&mut self, id: &str, course: &Course) -> Outcome<()> {
        if course.was_under_way() {
            return self.takes(id, course.since(), course);
        }
        self.unsettled(
            id,
            &format!("it was not seen under way, or descriptions were behind: {course}"),
        )
    }
}

fn group_in_use(lab: &mut Lab, group: &Made) -> Outcome<()> {
    const ID: &str = "in_use_in_other_words";
    // Network interfaces may come a little later than the gateway.
    lab.wait(Duration::from_secs(1))?;
    match refused(group.kind.delete(&lab.aws, &group.id))? {
        Ok(_) => {
            lab.unsettled(ID, "the group was deleted although a gateway has it")?;
            Err(Trouble::Unexpected("the gateway has lost its group".to_owned()))
        }
        Err(refusal) => lab.answer(ID, refusal.code != "DependencyViolation", &words(&refusal)),
    }
}
