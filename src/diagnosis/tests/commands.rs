//! Runs the commands that remedies give, as the AWS CLI would: the few that there are, by the SDK.

use std::collections::BTreeMap;

use aws_sdk_ec2::types::{IpPermission, IpRange};

use crate::client::Aws;

/// `aws <service> <operation> --<option> <values>…`, with single quotes around what a shell would change.
struct Command {
    operation: String,
    options: BTreeMap<String, Vec<String>>,
}

impl Command {
    fn parse(text: &str) -> Self {
        assert!(!text.contains('<'), "{text} has something to be filled in");
        let words: Vec<_> = text
            .split(' ')
            .map(|word| word.trim_matches('\'').to_owned())
            .collect();
        let [aws, service, operation, rest @ ..] = words.as_slice() else {
            panic!("{text} is no command");
        };
        assert_eq!(aws, "aws", "{text}");
        let mut options: BTreeMap<String, Vec<String>> = BTreeMap::new();
        let mut name = String::new();
        for word in rest {
            match word.strip_prefix("--") {
                Some(option) => {
                    option.clone_into(&mut name);
                    options.entry(name.clone()).or_default();
                }
                None => options
                    .get_mut(&name)
                    .expect("an option comes first")
                    .push(word.clone()),
            }
        }
        Self {
            operation: format!("{service} {operation}"),
            options,
        }
    }

    fn all(&self, option: &str) -> Vec<String> {
        self.options
            .get(option)
            .cloned()
            .unwrap_or_else(|| panic!("--{option} is given"))
    }

    fn one(&self, option: &str) -> String {
        self.all(option).pop().expect("it has a value")
    }
}

pub async fn run(aws: &Aws, text: &str) {
    let command = Command::parse(text);
    assert_eq!(command.one("region"), aws.region(), "{text}");
    match command.operation.as_str() {
        "ec2 modify-vpc-endpoint" => {
            let mut call = aws
                .ec2
                .modify_vpc_endpoint()
                .vpc_endpoint_id(command.one("vpc-endpoint-id"));
            if command.options.contains_key("reset-policy") {
                call = call.reset_policy(true);
            }
            if command.options.contains_key("add-subnet-ids") {
                call = call.set_add_subnet_ids(Some(command.all("add-subnet-ids")));
            }
            call.send().await.expect(text);
        }
        "ec2 authorize-security-group-ingress" => {
            let call = aws
                .ec2
                .authorize_security_group_ingress()
                .group_id(command.one("group-id"));
            let call = call.ip_permissions(permission(&command.one("ip-permissions")));
            call.send().await.expect(text);
        }
        "ec2 authorize-security-group-egress" => {
            let call = aws
                .ec2
                .authorize_security_group_egress()
                .group_id(command.one("group-id"));
            let call = call.ip_permissions(permission(&command.one("ip-permissions")));
            call.send().await.expect(text);
        }
        "vpc-lattice update-resource-configuration" => {
            let id = command.one("resource-configuration-identifier");
            let call = aws
                .lattice
                .update_resource_configuration()
                .resource_configuration_identifier(id);
            call.set_port_ranges(Some(command.all("port-ranges")))
                .send()
                .await
                .expect(text);
        }
        "vpc-lattice update-resource-gateway" => {
            let id = command.one("resource-gateway-identifier");
            let call = aws
                .lattice
                .update_resource_gateway()
                .resource_gateway_identifier(id);
            call.set_security_group_ids(Some(command.all("security-group-ids")))
                .send()
                .await
                .expect(text);
        }
        other => panic!("{other} is no command of a remedy"),
    }
}

/// `IpProtocol=tcp,FromPort=443,ToPort=443,IpRanges=[{CidrIp=10.0.0.0/16},…]`, in the shorthand of the AWS CLI.
fn permission(text: &str) -> IpPermission {
    let (plain, ranges) = text.split_once(",IpRanges=").expect("ranges");
    let members: BTreeMap<_, _> = plain
        .split(',')
        .filter_map(|member| member.split_once('='))
        .collect();
    let port = |name: &str| members[name].parse().expect("a port");
    let cidrs = ranges.trim_matches(['[', ']']).split(',');
    let ranges = cidrs.map(|cidr| {
        let cidr = cidr
            .strip_prefix("{CidrIp=")
            .and_then(|rest| rest.strip_suffix('}'));
        IpRange::builder().cidr_ip(cidr.expect("a CIDR")).build()
    });
    IpPermission::builder()
        .ip_protocol(members["IpProtocol"])
        .from_port(port("FromPort"))
        .to_port(port("ToPort"))
        .set_ip_ranges(Some(ranges.collect()))
        .build()
}
