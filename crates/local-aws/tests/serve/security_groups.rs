//! Security groups and their rules, and tags.

use crate::client::{Client, group, instant};

#[test]
fn a_new_group_lets_everything_out() {
    let aws = instant();
    let client = Client::new(&aws);
    let id = group(&client, "orders");
    let rules = client.ec2(
        "DescribeSecurityGroupRules",
        &[("Filter.1.Name", "group-id"), ("Filter.1.Value.1", &id)],
    );
    assert_eq!(
        (rules.xml("isEgress").as_str(), rules.xml("ipProtocol").as_str()),
        ("true", "-1")
    );
    assert_eq!(rules.xml("cidrIpv4"), "0.0.0.0/0");
}

#[test]
fn a_name_is_taken_whatever_its_case() {
    let aws = instant();
    let client = Client::new(&aws);
    group(&client, "orders");
    let vpc = aws.seed().vpc_id.clone();
    let again = client.ec2(
        "CreateSecurityGroup",
        &[
            ("GroupName", "ORDERS"),
            ("GroupDescription", "d"),
            ("VpcId", &vpc),
        ],
    );
    assert_eq!(
        (again.status, again.code()),
        (400, "InvalidGroup.Duplicate".to_owned())
    );
}

#[test]
fn rules_are_added_once_and_revoked_once() {
    let aws = instant();
    let client = Client::new(&aws);
    let id = group(&client, "orders");
    let rule = [
        ("GroupId", id.as_str()),
        ("IpPermissions.1.IpProtocol", "tcp"),
        ("IpPermissions.1.FromPort", "443"),
        ("IpPermissions.1.ToPort", "443"),
        ("IpPermissions.1.IpRanges.1.CidrIp", "10.0.0.9/16"),
    ];
    let made = client.ec2("AuthorizeSecurityGroupEgress", &rule);
    assert_eq!(made.xml("cidrIpv4"), "10.0.0.0/16");
    assert_eq!(
        client.ec2("AuthorizeSecurityGroupEgress", &rule).code(),
        "InvalidPermission.Duplicate"
    );
    assert_eq!(client.ec2("RevokeSecurityGroupEgress", &rule).status, 200);
    assert_eq!(
        client.ec2("RevokeSecurityGroupEgress", &rule).code(),
        "InvalidPermission.NotFound"
    );
}

#[test]
fn a_group_that_another_ones_rule_names_stays() {
    let aws = instant();
    let client = Client::new(&aws);
    let (one, other) = (group(&client, "one"), group(&client, "other"));
    let rule = [
        ("GroupId", other.as_str()),
        ("IpPermissions.1.IpProtocol", "-1"),
        ("IpPermissions.1.Groups.1.GroupId", one.as_str()),
    ];
    assert_eq!(client.ec2("AuthorizeSecurityGroupIngress", &rule).status, 200);
    assert_eq!(
        client.ec2("DeleteSecurityGroup", &[("GroupId", &one)]).code(),
        "DependencyViolation"
    );
    assert_eq!(
        client.ec2("DeleteSecurityGroup", &[("GroupId", &other)]).status,
        200
    );
    assert_eq!(
        client.ec2("DeleteSecurityGroup", &[("GroupId", &one)]).status,
        200
    );
    assert_eq!(
        client.ec2("DeleteSecurityGroup", &[("GroupId", &one)]).code(),
        "InvalidGroup.NotFound"
    );
}

#[test]
fn a_dry_run_changes_nothing() {
    let aws = instant();
    let client = Client::new(&aws);
    let id = group(&client, "orders");
    let before = aws.objects();
    let answer = client.ec2("DeleteSecurityGroup", &[("GroupId", &id), ("DryRun", "true")]);
    assert_eq!(
        (answer.status, answer.code()),
        (412, "DryRunOperation".to_owned())
    );
    assert_eq!(aws.objects(), before);
}

#[test]
fn wrong_requests_have_the_services_codes() {
    let aws = instant();
    let client = Client::new(&aws);
    for (action, parameters, code) in [
        (
            "DescribeVpcs",
            &[("VpcId.1", "vpc-0123456789abcdef0")][..],
            "InvalidVpcID.NotFound",
        ),
        (
            "DescribeSecurityGroups",
            &[("GroupId.1", "sg-1")],
            "InvalidGroupId.Malformed",
        ),
        (
            "DescribeSubnets",
            &[("Filter.1.Name", "nope"), ("Filter.1.Value.1", "x")],
            "InvalidParameterValue",
        ),
        ("DescribeSubnets", &[("MaxResults", "1")], "InvalidParameterValue"),
        ("CreateSecurityGroup", &[("GroupName", "x")], "MissingParameter"),
        (
            "DescribeSecurityGroups",
            &[("GroupName.1", "execute-api")],
            "InvalidGroup.NotFound",
        ),
        (
            "CreateTags",
            &[("ResourceId.1", "i-1"), ("Tag.1.Key", "k")],
            "InvalidID",
        ),
        ("DeleteVpcEndpoints", &[], "MissingParameter"),
        ("RunInstances", &[], "InvalidAction"),
        ("", &[], "MissingAction"),
    ] {
        let answer = client.ec2(action, parameters);
        assert_eq!(
            (answer.status, answer.code()),
            (400, code.to_owned()),
            "{action} {parameters:?}"
        );
    }
}

#[test]
fn tags_can_be_added_found_and_removed() {
    let aws = instant();
    let client = Client::new(&aws);
    let id = group(&client, "orders");
    assert_eq!(
        client
            .ec2(
                "CreateTags",
                &[
                    ("ResourceId.1", &id),
                    ("Tag.1.Key", "team"),
                    ("Tag.1.Value", "a&b")
                ]
            )
            .status,
        200
    );
    let found = client.ec2(
        "DescribeSecurityGroups",
        &[("Filter.1.Name", "tag:team"), ("Filter.1.Value.1", "a&*")],
    );
    assert_eq!(found.xml("groupId"), id);
    assert!(found.body.contains("a&amp;b"));
    assert_eq!(
        client
            .ec2("DeleteTags", &[("ResourceId.1", &id), ("Tag.1.Key", "team")])
            .status,
        200
    );
    assert!(!client.ec2("DescribeTags", &[]).body.contains("team"));
}

#[test]
fn an_egress_rule_takes_its_description_and_tags_when_it_is_made() {
    let aws = instant();
    let client = Client::new(&aws);
    let id = group(&client, "orders");
    let made = client.ec2(
        "AuthorizeSecurityGroupEgress",
        &[
            ("GroupId", &id),
            ("IpPermissions.1.IpProtocol", "tcp"),
            ("IpPermissions.1.FromPort", "443"),
            ("IpPermissions.1.ToPort", "443"),
            ("IpPermissions.1.IpRanges.1.CidrIp", "10.0.0.0/16"),
            ("IpPermissions.1.IpRanges.1.Description", "to the endpoint"),
            ("TagSpecification.1.ResourceType", "security-group-rule"),
            ("TagSpecification.1.Tag.1.Key", "owner"),
            ("TagSpecification.1.Tag.1.Value", "orders"),
        ],
    );
    let found = client.ec2(
        "DescribeSecurityGroupRules",
        &[("SecurityGroupRuleId.1", &made.xml("securityGroupRuleId"))],
    );
    for answer in [&made, &found] {
        assert_eq!(answer.xml("description"), "to the endpoint");
        assert!(
            answer.body.contains("<key>owner</key><value>orders</value>"),
            "{answer:?}"
        );
        assert_eq!(answer.xml("isEgress"), "true");
    }
}

#[test]
fn a_wrong_change_of_a_rule_is_refused_as_recorded() {
    let aws = instant();
    let client = Client::new(&aws);
    let id = group(&client, "orders");
    let rules = client.ec2(
        "DescribeSecurityGroupRules",
        &[("Filter.1.Name", "group-id"), ("Filter.1.Value.1", &id)],
    );
    let rule = rules.xml("securityGroupRuleId");
    let change = |more: &[(&str, &str)]| {
        let own = [
            ("GroupId", id.as_str()),
            ("SecurityGroupRule.1.SecurityGroupRuleId", &rule),
            ("SecurityGroupRule.1.SecurityGroupRule.Description", "d"),
        ];
        client.ec2("ModifySecurityGroupRules", &[&own[..], more].concat())
    };
    let cidr = ("SecurityGroupRule.1.SecurityGroupRule.CidrIpv4", "10.0.0.0/16");
    let protocol = ("SecurityGroupRule.1.SecurityGroupRule.IpProtocol", "-1");
    assert_eq!(change(&[cidr]).code(), "InvalidParameterValue");
    let other = ("SecurityGroupRule.1.SecurityGroupRule.CidrIpv6", "2001:db8::/32");
    for (given, code, said) in [
        (
            &[protocol][..],
            "MissingParameter",
            "The request must contain exactly one of: cidrIp, cidrIpv6, prefixListId, or referencedGroupId",
        ),
        (
            &[protocol, cidr, other][..],
            "InvalidParameterCombination",
            "Only one of cidrIp, cidrIpv6, prefixListId, or referencedGroupId can be specified",
        ),
    ] {
        let refused = change(given);
        assert_eq!(
            (refused.code().as_str(), refused.xml("Message").as_str()),
            (code, said)
        );
    }
    assert_eq!(change(&[protocol, cidr]).status, 200);
    let malformed = client.ec2(
        "DescribeSecurityGroupRules",
        &[("Filter.1.Name", "group-id"), ("Filter.1.Value.1", "orders")],
    );
    assert_eq!(malformed.code(), "InvalidGroupId.Malformed");
}

#[test]
fn a_new_vpc_is_pending_in_its_answer_and_takes_so_many_blocks() {
    let aws = instant();
    let client = Client::new(&aws);
    let made = client.ec2("CreateVpc", &[("CidrBlock", "10.9.0.0/16")]);
    assert_eq!(made.xml("state"), "pending");
    let id = made.xml("vpcId");
    assert_eq!(
        client.ec2("DescribeVpcs", &[("VpcId.1", &id)]).xml("state"),
        "available"
    );
    let add = |block: &str| client.ec2("AssociateVpcCidrBlock", &[("VpcId", &id), ("CidrBlock", block)]);
    for block in ["10.10.0.0/16", "10.11.0.0/16", "10.12.0.0/16", "10.13.0.0/16"] {
        assert_eq!(add(block).status, 200);
    }
    assert_eq!(add("10.14.0.0/16").code(), "CidrLimitExceeded");
}
