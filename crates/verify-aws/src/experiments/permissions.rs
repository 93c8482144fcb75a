//! What callers with fewer permissions are told, by sessions of a role.

use std::rc::Rc;

use serde_json::json;

use super::Experiment;
use super::private_connection::{NO_PRIVATE_CONNECTIONS, association_of, to};
use crate::lab::{Course, LONGEST, Lab};
use crate::trouble::{Outcome, Trouble};

pub static EXPERIMENT: Experiment = Experiment {
    id: "permissions",
    asks: "Does deleting a connection need the caller's permission for its association, and does a denied CreateConnection \
           name the action?",
    settles: &["deletion_needs_association_permission", "denial_words"],
    makes: "a security group, a resource gateway with one address, a resource configuration, one or two connections, and two \
            sessions of --role-arn",
    costs: "nothing by the hour, as far as AWS's pages say",
    minutes: 8,
    cleans_up: "deletes connections, configuration, gateway and group, in this order",
    lacks: |given| given.role_arn.is_none().then_some("--role-arn"),
    run,
};

fn run(lab: &mut Lab) -> Outcome<()> {
    lab.question(&["denial_words"], denied_creation)?;
    denied_association(lab)
}

impl Lab {
    /// Does something in a session that may do all but one action.
    fn without<T>(&mut self, action: &str, call: impl FnOnce(&mut Self) -> Outcome<T>) -> Outcome<T> {
        let role = self.given.role_arn.clone().unwrap_or_default();
        let statement =
            |effect: &str, action: &str| json!({ "Effect": effect, "Action": action, "Resource": "*" });
        let policy = json!({
            "Version": "2012-10-17",
            "Statement": [statement("Allow", "*"), statement("Deny", action)],
        });
        let session = self.aws.session(&role, &policy)?;
        let own = std::mem::replace(&mut self.aws, Rc::new(session));
        let outcome = call(self);
        self.aws = own;
        outcome
    }
}

fn denied_creation(lab: &mut Lab) -> Outcome<()> {
    const ID: &str = "denial_words";
    const ACTION: &str = "secretsmanager:CreateSecret";
    match lab.without(ACTION, |lab| lab.connection(&json!({}))) {
        Err(Trouble::Refused(refusal))
            if refusal.is_denial() && refusal.action == "events:CreateConnection" =>
        {
            let named = refusal.message.contains(ACTION);
            let position = if named { "with_action" } else { "without_action" };
            lab.answer(ID, position, &[refusal.to_string()])
        }
        Ok(_) => lab.unsettled(ID, &format!("the connection was made without {ACTION}")),
        Err(trouble) => Err(trouble),
    }
}

fn denied_association(lab: &mut Lab) -> Outcome<()> {
    const ID: &str = "deletion_needs_association_permission";
    const ACTION: &str = "vpc-lattice:DeleteServiceNetworkResourceAssociation";
    let gateway = lab.ready_gateway()?;
    let configuration = lab.ready_configuration(&gateway, true)?;
    let connection = lab.connection(&to(&configuration))?;
    if association_of(lab, &connection)?.is_none() {
        return lab.leave_open(NO_PRIVATE_CONNECTIONS);
    }
    lab.course(connection.kind, &connection.id, LONGEST, Course::is_settled)?;
    let deleted = lab.without(ACTION, |lab| connection.kind.delete(&lab.aws, &connection.id));
    match deleted {
        Ok(_) => {
            lab.goes(connection.kind, &connection.id)?;
            lab.is_gone(&connection)?;
            lab.answer(ID, false, &[])
        }
        Err(Trouble::Refused(refusal))
            if refusal.is_denial() && refusal.action == "events:DeleteConnection" =>
        {
            lab.answer(ID, true, &[refusal.to_string()])
        }
        Err(trouble) => Err(trouble),
    }
}
