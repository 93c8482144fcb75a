//! What somebody makes by hand around an invocation.

use aws_sdk_ec2::types::{IpPermission, IpRange, VpcEndpointType};
use local_aws::LocalAws;

use crate::client::Aws;

/// TCP at that port, with those addresses.
fn tcp(port: i32, cidr: &str) -> IpPermission {
    let range = IpRange::builder().cidr_ip(cidr).build();
    let rule = IpPermission::builder()
        .ip_protocol("tcp")
        .from_port(port)
        .to_port(port);
    rule.ip_ranges(range).build()
}

/// A VPC, and a subnet in it.
pub async fn vpc(local: &LocalAws, aws: &Aws) -> (String, String) {
    let made = aws.ec2.create_vpc().cidr_block("10.7.0.0/16").send().await;
    let vpc = made
        .expect("a VPC")
        .vpc
        .and_then(|vpc| vpc.vpc_id)
        .expect("its id");
    let subnet = subnet(local, aws, &vpc, "10.7.0.0/24").await;
    (vpc, subnet)
}

/// A subnet in the first zone.
pub async fn subnet(local: &LocalAws, aws: &Aws, vpc: &str, cidr: &str) -> String {
    let request = aws.ec2.create_subnet().vpc_id(vpc).cidr_block(cidr);
    let zone = format!("{}a", local.seed().region);
    let made = request.availability_zone(zone).send().await.expect("a subnet");
    made.subnet.and_then(|subnet| subnet.subnet_id).expect("its id")
}

/// A group that lets `cidr` in at 443, and out everywhere.
pub async fn group_letting_in(aws: &Aws, vpc: &str, name: &str, cidr: Option<&str>) -> String {
    let request = aws.ec2.create_security_group().group_name(name).description(name);
    let made = request.vpc_id(vpc).send().await.expect("a group");
    let id = made.group_id.expect("its id");
    if let Some(cidr) = cidr {
        let request = aws.ec2.authorize_security_group_ingress().group_id(&id);
        let request = request.ip_permissions(tcp(443, cidr));
        request.send().await.expect("a rule");
    }
    id
}

/// A group that lets out at 443 to `cidr` alone.
pub async fn group_letting_out(aws: &Aws, vpc: &str, name: &str, cidr: &str) -> String {
    let id = group_letting_in(aws, vpc, name, None).await;
    let everything = IpRange::builder().cidr_ip("0.0.0.0/0").build();
    let everything = IpPermission::builder()
        .ip_protocol("-1")
        .ip_ranges(everything)
        .build();
    let request = aws.ec2.revoke_security_group_egress().group_id(&id);
    let revoked = request.ip_permissions(everything).send().await;
    revoked.expect("what a new group has is revoked");
    let request = aws.ec2.authorize_security_group_egress().group_id(&id);
    let request = request.ip_permissions(tcp(443, cidr));
    request.send().await.expect("a rule");
    id
}

/// An endpoint for private APIs, or for `service`.
pub async fn endpoint(
    local: &LocalAws,
    aws: &Aws,
    (vpc, service): (&str, &str),
    subnets: &[String],
    group: &str,
    policy: Option<&str>,
) -> String {
    let made = aws
        .ec2
        .create_vpc_endpoint()
        .vpc_id(vpc)
        .service_name(format!("com.amazonaws.{}.{service}", local.seed().region))
        .vpc_endpoint_type(VpcEndpointType::Interface)
        .set_subnet_ids(Some(subnets.to_vec()))
        .security_group_ids(group)
        .set_policy_document(policy.map(str::to_owned))
        .private_dns_enabled(false)
        .send()
        .await
        .expect("an endpoint");
    let id = made.vpc_endpoint.and_then(|endpoint| endpoint.vpc_endpoint_id);
    id.expect("its id")
}

/// A gateway with that group.
pub async fn gateway(local: &LocalAws, aws: &Aws, group: &str) -> String {
    let request = aws.lattice.create_resource_gateway().name("by-hand");
    let request = request.vpc_identifier(&local.seed().vpc_id);
    let request = request.set_subnet_ids(Some(local.seed().subnet_ids.clone()));
    let made = request.security_group_ids(group).send().await.expect("a gateway");
    made.id.expect("its id")
}
