//! The provider is killed in each of its waits; the next apply, or destroy, leaves nothing over and nothing double.

use crate::aws::Aws;
use crate::workspace::{Workspace, orders};
use cli_harness::{Running, kill_provider_of, on_every_cli};

/// A wait of the provider: an object that stays in a state, and the calls by which that is seen.
#[derive(Clone, Copy)]
pub struct Wait {
    service: &'static str,
    kind: &'static str,
    state: &'static str,
    /// What begins the wait.
    mutation: (&'static str, &'static str),
    /// What the wait asks.
    question: (&'static str, &'static str),
}

pub const GATEWAY: Wait = Wait {
    service: "vpc-lattice",
    kind: "resource-gateway",
    state: "CREATE_IN_PROGRESS",
    mutation: ("vpc-lattice", "CreateResourceGateway"),
    question: ("vpc-lattice", "GetResourceGateway"),
};

pub const CONFIGURATION: Wait = Wait {
    service: "vpc-lattice",
    kind: "resource-configuration",
    state: "CREATE_IN_PROGRESS",
    mutation: ("vpc-lattice", "CreateResourceConfiguration"),
    question: ("vpc-lattice", "GetResourceConfiguration"),
};

pub const CONNECTION: Wait = Wait {
    service: "events",
    kind: "connection",
    state: "CREATING",
    mutation: ("events", "CreateConnection"),
    question: ("events", "DescribeConnection"),
};

const REPOINTED_CONNECTION: Wait = Wait {
    state: "UPDATING",
    mutation: ("events", "UpdateConnection"),
    ..CONNECTION
};

const DELETED_CONNECTION: Wait = Wait {
    state: "DELETING",
    mutation: ("events", "DeleteConnection"),
    ..CONNECTION
};

const DELETED_CONFIGURATION: Wait = Wait {
    state: "DELETE_IN_PROGRESS",
    mutation: ("vpc-lattice", "DeleteResourceConfiguration"),
    ..CONFIGURATION
};

const DELETED_GATEWAY: Wait = Wait {
    state: "DELETE_IN_PROGRESS",
    mutation: ("vpc-lattice", "DeleteResourceGateway"),
    ..GATEWAY
};

/// Runs the CLI into the wait and kills the provider there.
#[track_caller]
pub fn kill_in(wait: Wait, aws: &Aws, start: impl Fn() -> Running) {
    let stuck = aws.stick(wait.service, wait.kind, wait.state);
    let mutations = aws.count(wait.mutation.1);
    let run = start();
    aws.wait_for(wait.mutation.0, wait.mutation.1, mutations);
    aws.wait_for(wait.question.0, wait.question.1, aws.count(wait.question.1));
    kill_provider_of(run.pid());
    run.wait().failed();
    aws.remove_fault(stuck);
}

/// A create that is killed, then an apply, then a destroy.
fn killed_create(wait: Wait) {
    on_every_cli(|cli| {
        let aws = Aws::start();
        let workspace = Workspace::new(cli, &aws);
        workspace.write(&orders(&aws.seed().vpc_endpoint_id, ""));
        kill_in(wait, &aws, || workspace.start_apply());

        workspace.apply();
        aws.has_one_of_each();
        let created = aws
            .mutations()
            .iter()
            .filter(|call| call.operation == wait.mutation.1)
            .count();
        assert_eq!(created, 1, "what the killed create made was adopted");
        workspace.plans_nothing();
        workspace.destroy();
        aws.has_nothing();
    });
}

/// A create that is killed, then an apply of another configuration, then a destroy: what the killed one made serves the new
/// configuration or goes.
fn killed_create_of_something_else(wait: Wait) {
    on_every_cli(|cli| {
        let aws = Aws::start();
        let other = aws.add_endpoint();
        let endpoint = aws.seed().vpc_endpoint_id.clone();
        let prefixed = r#"network = { name_prefix = "shop" }"#;
        for (first, second) in [
            (orders(&endpoint, prefixed), orders(&endpoint, "")),
            (orders(&endpoint, ""), orders(&other, prefixed)),
        ] {
            let workspace = Workspace::new(cli, &aws);
            workspace.write(&first);
            kill_in(wait, &aws, || workspace.start_apply());

            workspace.write(&second);
            workspace.apply();
            aws.has_one_of_each();
            workspace.plans_nothing();
            workspace.destroy();
            aws.has_nothing();
        }
    });
}

/// A move to another endpoint that is killed, then an apply, then a destroy.
fn killed_move(wait: Wait) {
    on_every_cli(|cli| {
        let aws = Aws::start();
        let workspace = Workspace::new(cli, &aws);
        workspace.write(&orders(&aws.seed().vpc_endpoint_id, ""));
        workspace.apply();
        let arn = workspace.attribute("connection_arn");
        let other = aws.add_endpoint();
        workspace.write(&orders(&other, ""));
        kill_in(wait, &aws, || workspace.start_apply());

        workspace.apply();
        aws.has_one_of_each();
        assert_eq!(workspace.attribute("connection_arn"), arn);
        assert!(workspace.attribute("domain_name").starts_with(&other));
        workspace.plans_nothing();
        workspace.destroy();
        aws.has_nothing();
    });
}

/// A destroy that is killed, then a destroy.
fn killed_destroy(wait: Wait) {
    on_every_cli(|cli| {
        let aws = Aws::start();
        let workspace = Workspace::new(cli, &aws);
        workspace.write(&orders(&aws.seed().vpc_endpoint_id, ""));
        workspace.apply();
        kill_in(wait, &aws, || workspace.start_destroy());

        workspace.destroy();
        aws.has_nothing();
    });
}

#[test]
fn a_create_killed_at_the_gateway_leaves_nothing_beside_another_configuration() {
    killed_create_of_something_else(GATEWAY);
}

#[test]
fn a_create_killed_at_the_configuration_leaves_nothing_beside_another_configuration() {
    killed_create_of_something_else(CONFIGURATION);
}

#[test]
fn a_create_killed_at_the_connection_leaves_nothing_beside_another_configuration() {
    killed_create_of_something_else(CONNECTION);
}

#[test]
fn a_create_killed_while_it_waits_for_the_gateway_is_finished() {
    killed_create(GATEWAY);
}

#[test]
fn a_create_killed_while_it_waits_for_the_configuration_is_finished() {
    killed_create(CONFIGURATION);
}

#[test]
fn a_create_killed_while_it_waits_for_the_connection_is_finished() {
    killed_create(CONNECTION);
}

#[test]
fn a_move_killed_while_it_waits_for_the_new_configuration_is_finished() {
    killed_move(CONFIGURATION);
}

#[test]
fn a_move_killed_while_it_waits_for_the_connection_is_finished() {
    killed_move(REPOINTED_CONNECTION);
}

#[test]
fn a_move_killed_while_it_waits_for_the_removal_of_the_old_configuration_is_finished() {
    killed_move(DELETED_CONFIGURATION);
}

#[test]
fn a_destroy_killed_while_it_waits_for_the_connection_is_finished() {
    killed_destroy(DELETED_CONNECTION);
}

#[test]
fn a_destroy_killed_while_it_waits_for_the_configuration_is_finished() {
    killed_destroy(DELETED_CONFIGURATION);
}

#[test]
fn a_destroy_killed_while_it_waits_for_the_gateway_is_finished() {
    killed_destroy(DELETED_GATEWAY);
}
