//! Objects of the path that somebody has changed or removed.

use aws_sdk_ec2::types::{IpPermission, IpRange};
use aws_sdk_eventbridge::types::{
    ConnectionAuthorizationType, UpdateConnectionApiKeyAuthRequestParameters,
    UpdateConnectionAuthRequestParameters,
};
use serde_json::json;

use super::bench::Bench;
use crate::diagnosis::Severity;

const DENIES: &str =
    r#"{"Statement":[{"Effect":"Deny","Principal":"*","Action":"execute-api:Invoke","Resource":"*"}]}"#;

/// Removes every rule that lets something into a group.
async fn close(bench: &Bench, group: &str) {
    let aws = bench.by_hand().await;
    let described = aws.ec2.describe_security_groups().group_ids(group).send().await;
    let rules = described.expect("the group").security_groups()[0]
        .ip_permissions()
        .to_vec();
    let call = aws.ec2.revoke_security_group_ingress().group_id(group);
    call.set_ip_permissions(Some(rules))
        .send()
        .await
        .expect("its rules go");
}

/// Removes every rule that lets something out of a group.
async fn lock_in(bench: &Bench, group: &str) {
    let aws = bench.by_hand().await;
    let described = aws.ec2.describe_security_groups().group_ids(group).send().await;
    let rules = described.expect("the group").security_groups()[0]
        .ip_permissions_egress()
        .to_vec();
    let call = aws.ec2.revoke_security_group_egress().group_id(group);
    call.set_ip_permissions(Some(rules))
        .send()
        .await
        .expect("its rules go");
}

#[tokio::test]
async fn a_path_that_works_has_no_findings_and_says_what_it_cannot_see() {
    let bench = Bench::new().await;
    let hidden = bench.diagnosis().await.observation.hidden;
    assert!(
        hidden[0].to_string().contains("resource policy of the API"),
        "{hidden:?}"
    );
}

#[tokio::test]
async fn the_endpoints_policy_refuses_every_call() {
    let mut bench = Bench::new().await;
    let aws = bench.by_hand().await;
    let call = aws.ec2.modify_vpc_endpoint().vpc_endpoint_id(&bench.endpoint);
    call.policy_document(DENIES).send().await.expect("a policy");
    bench.is_found_and_mended("endpoint-policy").await;
}

#[tokio::test]
async fn the_endpoints_group_lets_nothing_in() {
    let mut bench = Bench::new().await;
    close(&bench, &bench.endpoint_group()).await;
    bench.is_found_and_mended("endpoint-ingress").await;
    // What mends it must not hold the gateway's group back later.
    bench.destroy().await;
}

#[tokio::test]
async fn the_endpoints_group_lets_in_on_another_port() {
    let mut bench = Bench::new().await;
    let group = bench.endpoint_group();
    close(&bench, &group).await;
    let aws = bench.by_hand().await;
    let rule = IpPermission::builder()
        .ip_protocol("tcp")
        .from_port(8443)
        .to_port(8443)
        .ip_ranges(IpRange::builder().cidr_ip("10.0.0.0/16").build());
    let call = aws.ec2.authorize_security_group_ingress().group_id(group);
    call.ip_permissions(rule.build()).send().await.expect("a rule");
    bench.is_found_and_mended("endpoint-ingress").await;
}

#[tokio::test]
async fn the_endpoint_has_another_group() {
    let mut bench = Bench::new().await;
    let (was, other) = (bench.endpoint_group(), bench.new_group().await);
    let aws = bench.by_hand().await;
    let call = aws.ec2.modify_vpc_endpoint().vpc_endpoint_id(&bench.endpoint);
    let call = call.add_security_group_ids(other).remove_security_group_ids(was);
    call.send().await.expect("other groups");
    bench.is_found_and_mended("endpoint-ingress").await;
}

#[tokio::test]
async fn the_gateways_own_group_lets_nothing_out() {
    let mut bench = Bench::new().await;
    lock_in(&bench, &bench.output("security_group_id")).await;
    bench.is_found_and_mended("gateway-egress").await;
}

#[tokio::test]
async fn a_given_group_of_the_gateway_lets_nothing_out() {
    let mut bench = Bench::empty(crate::testing::local_aws()).await;
    let group = bench.new_group().await;
    bench.groups = Some(vec![group.clone()]);
    bench.apply().await;
    bench.is_well().await;
    lock_in(&bench, &group).await;
    bench.is_found_and_mended_by("gateway-egress", 1).await;
}

#[tokio::test]
async fn the_gateway_has_another_group() {
    let mut bench = Bench::new().await;
    let other = bench.new_group().await;
    lock_in(&bench, &other).await;
    let aws = bench.by_hand().await;
    let call = aws.lattice.update_resource_gateway();
    let call = call.resource_gateway_identifier(bench.output("resource_gateway_id"));
    call.security_group_ids(other)
        .send()
        .await
        .expect("another group");
    bench.is_found_and_mended("gateway-egress").await;
}

#[tokio::test]
async fn the_endpoint_is_in_no_zone_of_the_gateway() {
    let mut bench = Bench::empty(crate::testing::local_aws()).await;
    // One zone each: the gateway stands where the endpoint stood first.
    let [a, b] = bench
        .local
        .seed()
        .subnet_ids
        .clone()
        .try_into()
        .expect("two subnets");
    let aws = bench.by_hand().await;
    let call = aws.ec2.modify_vpc_endpoint().vpc_endpoint_id(&bench.endpoint);
    call.remove_subnet_ids(&b).send().await.expect("one zone");
    bench.apply().await;
    bench.is_well().await;
    let call = aws.ec2.modify_vpc_endpoint().vpc_endpoint_id(&bench.endpoint);
    call.add_subnet_ids(&b)
        .remove_subnet_ids(&a)
        .send()
        .await
        .expect("the other zone");
    let finding = bench.diagnosis().await.findings.remove(0);
    assert_eq!(finding.id, "gateway-zone");
    bench.run(finding.remedies[0].text()).await;
    bench.is_well().await;
}

#[tokio::test]
async fn the_endpoint_is_gone() {
    let mut bench = Bench::new().await;
    let another = another_endpoint(&bench).await;
    let aws = bench.by_hand().await;
    let call = aws.ec2.delete_vpc_endpoints().vpc_endpoint_ids(&bench.endpoint);
    call.send().await.expect("it goes");
    let finding = bench.found("endpoint-missing").await;
    assert!(
        finding.remedies[0].text().contains("vpc_endpoint_id ="),
        "{finding:?}"
    );
    bench.endpoint = another;
    bench.apply().await;
    bench.is_well().await;
}

async fn another_endpoint(bench: &Bench) -> String {
    let aws = bench.by_hand().await;
    let seed = bench.local.seed();
    let made = aws
        .ec2
        .create_vpc_endpoint()
        .vpc_id(&seed.vpc_id)
        .service_name(format!("com.amazonaws.{}.execute-api", seed.region))
        .vpc_endpoint_type(aws_sdk_ec2::types::VpcEndpointType::Interface)
        .set_subnet_ids(Some(seed.subnet_ids.clone()))
        .security_group_ids(bench.endpoint_group())
        .private_dns_enabled(false)
        .send()
        .await;
    let made = made
        .expect("another endpoint")
        .vpc_endpoint
        .expect("its description");
    made.vpc_endpoint_id.expect("its id")
}

#[tokio::test]
async fn the_configuration_admits_another_port() {
    let mut bench = Bench::new().await;
    let aws = bench.by_hand().await;
    let call = aws.lattice.update_resource_configuration();
    let call = call.resource_configuration_identifier(bench.output("resource_configuration_id"));
    call.port_ranges("8443").send().await.expect("another port");
    // That its network lets nothing through on a port which nobody calls is no finding.
    assert_eq!(bench.diagnosis().await.findings.len(), 1);
    bench.is_found_and_mended("configuration-port").await;
}

#[tokio::test]
async fn a_change_of_the_gateway_has_failed() {
    let mut bench = Bench::new().await;
    let fails = json!({ "service": "vpc-lattice", "type": "resource-gateway", "becomes": "UPDATE_FAILED", "count": 1 });
    bench.local.add_fault(&fails).expect("a rule");
    let aws = bench.by_hand().await;
    let call = aws.lattice.update_resource_gateway();
    let call = call.resource_gateway_identifier(bench.output("resource_gateway_id"));
    call.security_group_ids(bench.output("security_group_id"))
        .send()
        .await
        .expect("a change");
    let finding = bench.found("gateway-update-failed").await;
    assert_eq!(finding.severity, Severity::Warning);
    bench.is_found_and_mended("gateway-update-failed").await;
}

#[tokio::test]
async fn somebody_deauthorizes_the_connection() {
    let mut bench = Bench::new().await;
    let aws = bench.by_hand().await;
    aws.events
        .deauthorize_connection()
        .name("orders")
        .send()
        .await
        .expect("it is deauthorized");
    bench.is_found_and_mended("connection-deauthorized").await;
}

#[tokio::test]
async fn the_connection_could_not_be_connected() {
    let mut bench = Bench::new().await;
    let fails = json!({ "service": "events", "type": "connection", "becomes": "FAILED_CONNECTIVITY",
        "reason": "Could not connect", "count": 1 });
    bench.local.add_fault(&fails).expect("a rule");
    let aws = bench.by_hand().await;
    let key = UpdateConnectionApiKeyAuthRequestParameters::builder()
        .api_key_value(&bench.key.0)
        .build();
    let parameters = UpdateConnectionAuthRequestParameters::builder()
        .api_key_auth_parameters(key)
        .build();
    let call = aws
        .events
        .update_connection()
        .name("orders")
        .authorization_type(ConnectionAuthorizationType::ApiKey);
    call.auth_parameters(parameters).send().await.expect("a change");
    let finding = bench.found("connection-failed").await;
    // The reason may quote a secret: the finding says how to see it.
    assert!(
        finding
            .seen
            .contains("aws events describe-connection --region us-east-1 --name orders"),
        "{finding:?}"
    );
    bench.is_found_and_mended("connection-failed").await;
}

#[tokio::test]
async fn the_connection_is_gone() {
    let mut bench = Bench::new().await;
    let aws = bench.by_hand().await;
    aws.events
        .delete_connection()
        .name("orders")
        .send()
        .await
        .expect("it goes");
    bench.is_found_and_mended("connection-missing").await;
}

#[tokio::test]
async fn the_arn_is_that_of_a_former_connection() {
    let mut bench = Bench::new().await;
    let former = bench.output("connection_arn");
    bench.destroy().await;
    bench.apply().await;
    let now = bench.output("connection_arn");
    let finding = bench.diagnosis_of(&former).await.findings.remove(0);
    assert_eq!(finding.id, "connection-missing");
    assert!(
        finding.seen.contains(&former) && finding.seen.contains(&now),
        "{finding:?}"
    );
    let [remedy] = finding.remedies.as_slice() else {
        panic!("{finding:?}");
    };
    assert!(
        remedy.text().contains("connection_arn of the invocation"),
        "{finding:?}"
    );
    assert_eq!(bench.diagnosis().await.findings, []);
}
