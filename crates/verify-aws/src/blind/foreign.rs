//! What others have in the account, named as much like the experiments' own as can be.

use local_aws::Call;
use serde_json::{Value, json};

use crate::aws::Aws;
use crate::lab::credentials;
use crate::subject::{ENDPOINT_OPTION, Subject};
use crate::trouble::{Outcome, Trouble};

/// Part of every name. Six digits of chance never are these letters.
const PART: &str = "verify-aws-theirs";

/// Makes a private path with a connection and a destination, and gives the VPC a CIDR block of IPv6.
pub fn make(aws: &Aws, endpoint_id: &str) -> Outcome<()> {
    let subject = Subject::look(aws, ENDPOINT_OPTION, endpoint_id).map_err(Trouble::Local)?;
    aws.ec2(
        "AssociateVpcCidrBlock",
        &[
            ("VpcId", &subject.vpc_id),
            ("AmazonProvidedIpv6CidrBlock", "true"),
        ],
    )?;
    let name = |what: &str| format!("{PART}-{what}");
    let group = aws.ec2(
        "CreateSecurityGroup",
        &[
            ("GroupName", &name("group")),
            ("GroupDescription", "of others"),
            ("VpcId", &subject.vpc_id),
        ],
    )?;
    let gateway = json!({
        "name": name("gateway"), "vpcIdentifier": subject.vpc_id, "subnetIds": [subject.subnet_id],
        "securityGroupIds": [group["groupId"]], "tags": { "verify-aws": "theirs" },
    });
    let gateway = aws.lattice(
        "CreateResourceGateway",
        "POST",
        "/resourcegateways",
        Some(&gateway),
    )?;
    settle(aws, &format!("/resourcegateways/{}", text(&gateway["id"])))?;
    let configuration = json!({
        "name": name("configuration"), "type": "SINGLE", "portRanges": ["443"],
        "resourceGatewayIdentifier": gateway["id"], "allowAssociationToShareableServiceNetwork": true,
        "resourceConfigurationDefinition": { "dnsResource": { "domainName": subject.dns_name } },
    });
    let path = "/resourceconfigurations";
    let configuration = aws.lattice("CreateResourceConfiguration", "POST", path, Some(&configuration))?;
    settle(
        aws,
        &format!("/resourceconfigurations/{}", text(&configuration["id"])),
    )?;
    let connection = aws.events(
        "CreateConnection",
        &json!({
            "Name": name("connection"), "AuthorizationType": "API_KEY", "AuthParameters": credentials("theirs"),
            "InvocationConnectivityParameters":
                { "ResourceParameters": { "ResourceConfigurationArn": configuration["arn"] } },
        }),
    )?;
    aws.events(
        "CreateApiDestination",
        &json!({
            "Name": name("destination"), "ConnectionArn": connection["ConnectionArn"],
            "InvocationEndpoint": "https://example.com/", "HttpMethod": "POST",
        }),
    )?;
    Ok(())
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

/// Waits until it is ACTIVE.
fn settle(aws: &Aws, path: &str) -> Outcome<()> {
    while aws.lattice("Get", "GET", path, None)?["status"] != "ACTIVE" {
        aws.wait_a_second();
    }
    Ok(())
}

/// Calls that name something of others, by name or id, and do more than look.
pub fn touched(calls: &[Call], objects: &[Value]) -> Vec<String> {
    let theirs = objects
        .iter()
        .filter(|object| text(&object["name"]).contains(PART));
    let names: Vec<_> = theirs
        .flat_map(|object| [text(&object["id"]), text(&object["name"])])
        .collect();
    let looks = |call: &Call| {
        ["Describe", "Get", "List"]
            .iter()
            .any(|verb| call.operation.starts_with(verb))
    };
    let names_theirs = |call: &Call| {
        let resource = call.resource.as_deref().unwrap_or_default();
        names.iter().any(|name| resource.contains(name))
    };
    let touched = calls.iter().filter(|call| names_theirs(call) && !looks(call));
    touched
        .map(|call| format!("{}:{} of {:?}", call.service, call.operation, call.resource))
        .collect()
}
