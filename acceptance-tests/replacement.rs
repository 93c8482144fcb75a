//! A replacement that cannot be made: the plan refuses it, since what stands would be destroyed first, and nothing else
//! is locked by that.

use cli_harness::on_every_cli;

use crate::aws::Aws;
use crate::workspace::{ADDRESS, Workspace, invocation, orders};

#[test]
fn a_rename_without_an_endpoint_is_refused_and_locks_neither_destroy_nor_taint_nor_replace() {
    on_every_cli(|cli| {
        let aws = Aws::start();
        let workspace = Workspace::new(cli, &aws);
        let endpoint = aws.seed().vpc_endpoint_id.clone();
        workspace.write(&orders(&endpoint, ""));
        workspace.apply();
        let request = aws.ec2.delete_vpc_endpoints().vpc_endpoint_ids(&endpoint);
        aws.wait(request.send()).expect("deleted by hand");
        let before = aws.mutations().len();

        workspace.write(&invocation("renamed", &format!("{endpoint:?}"), "1", ""));
        for refused in [workspace.try_plan(), workspace.try_apply()] {
            refused
                .failed()
                .says(&["No such VPC endpoint", "cannot be made", "-refresh=false"]);
        }
        assert_eq!(aws.mutations().len(), before);

        // What has not changed in the configuration is planned on, with a warning.
        workspace.write(&orders(&endpoint, ""));
        workspace.plans_nothing();
        let replace = format!("-replace={ADDRESS}");
        let planned = workspace.run(&["plan", "-input=false", "-no-color", &replace]);
        assert_eq!(planned.code, Some(0), "{}", planned.text);
        planned.says(&["Warning: No such VPC endpoint"]);
        let tainted = workspace.run(&["taint", ADDRESS]);
        assert_eq!(tainted.code, Some(0), "{}", tainted.text);
        let plan = workspace.try_plan().says(&["Warning: No such VPC endpoint"]);
        assert_eq!(plan.code, Some(2), "{}", plan.text);
        workspace.destroy();
        aws.has_nothing();
    });
}

#[test]
fn a_rename_that_would_be_refused_once_what_stands_is_destroyed_is_refused_by_the_plan() {
    on_every_cli(|cli| {
        let aws = Aws::start();
        let workspace = Workspace::new(cli, &aws);
        let endpoint = aws.seed().vpc_endpoint_id.clone();
        let named = |name: &str| invocation(name, &format!("{endpoint:?}"), "1", "");
        let other = named("stock").replace(
            "\"private_api_invocation\" \"orders\"",
            "\"private_api_invocation\" \"stock\"",
        );
        let orders = named("orders");
        assert!(orders.contains("\"private_api_invocation\" \"orders\"") && !other.contains("\"orders\""));
        workspace.write(&format!("{orders}{other}"));
        workspace.apply();
        let before = aws.mutations().len();
        workspace.write(&format!("{}{other}", named("stock")));
        for refused in [workspace.try_plan(), workspace.try_apply()] {
            refused
                .failed()
                .says(&["The name is taken", "cannot be made", "-refresh=false"]);
        }
        assert_eq!(aws.mutations().len(), before);
        workspace.write(&format!("{orders}{other}"));
        workspace.plans_nothing();

        // Nobody lets the gateway in any more.
        let described = aws.ec2.describe_vpc_endpoints().vpc_endpoint_ids(&endpoint);
        let described = aws.wait(described.send()).expect("the endpoint");
        for group in described.vpc_endpoints()[0].groups() {
            let id = group.group_id().expect("its id");
            let rules = aws.ec2.describe_security_groups().group_ids(id);
            let rules = aws.wait(rules.send()).expect("the group");
            let rules = rules.security_groups()[0].ip_permissions().to_vec();
            let revoke = aws.ec2.revoke_security_group_ingress().group_id(id);
            let revoke = revoke.set_ip_permissions(Some(rules));
            aws.wait(revoke.send()).expect("revoked by hand");
        }
        let before = aws.mutations().len();
        workspace.write(&format!("{}{other}", named("renamed")));
        workspace.try_apply().failed().says(&[
            "let nothing in on TCP 443",
            "would be destroyed before that shows",
        ]);
        assert_eq!(aws.mutations().len(), before);
        workspace.write(&format!("{orders}{other}"));
        let replace = format!("-replace={ADDRESS}");
        let planned = workspace.run(&["plan", "-input=false", "-no-color", &replace]);
        assert_eq!(planned.code, Some(0), "{}", planned.text);
        workspace.destroy();
        aws.has_nothing();
    });
}
