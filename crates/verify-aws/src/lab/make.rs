//! Makes objects: each with chance in its name and a tag, noted in the journal before it is made.

use std::time::Duration;

use serde_json::{Value, json};

use super::Lab;
use crate::journal::Entry;
use crate::object::Kind;
use crate::trouble::{Outcome, Trouble};

/// The tag of everything that can have one; its value is the run.
const TAG: &str = "verify-aws";

/// Something that was made.
#[derive(Clone, Debug)]
pub struct Made {
    pub kind: Kind,
    pub name: String,
    pub id: String,
    /// What AWS answered.
    pub answer: Value,
    /// When.
    pub at: Duration,
}

impl Made {
    /// As the journal has it.
    pub fn entry(&self) -> Entry {
        Entry {
            kind: self.kind,
            name: self.name.clone(),
            id: Some(self.id.clone()),
        }
    }

    /// A text of the answer: `arn`, `ConnectionArn`.
    pub fn text(&self, member: &str) -> &str {
        self.answer[member].as_str().unwrap_or_default()
    }
}

impl Lab {
    /// A name that nothing else has.
    pub fn name(&mut self, what: &str) -> String {
        self.made += 1;
        format!("verify-aws-{}-{}-{what}", self.journal.run(), self.made)
    }

    fn tags(&self, name: &str) -> Value {
        json!({ TAG: self.journal.run(), "Name": name })
    }

    /// Makes an object by a call, between two notes.
    pub fn make(
        &mut self,
        kind: Kind,
        name: &str,
        call: impl FnOnce(&mut Self) -> Outcome<Value>,
    ) -> Outcome<Made> {
        self.journal.before(kind, name).map_err(Trouble::Local)?;
        let answer = match call(self) {
            Ok(answer) => answer,
            // What AWS refuses it has not made; of what it did not answer nobody knows.
            Err(Trouble::Refused(refusal)) if refusal.status < 500 => {
                self.journal.refused().map_err(Trouble::Local)?;
                return Err(Trouble::Refused(refusal));
            }
            Err(trouble) => return Err(trouble),
        };
        let id = kind.id(&answer, name).ok_or_else(|| {
            Trouble::Unexpected(format!(
                "the answer to the {}'s creation has no id: {answer}",
                kind.words()
            ))
        })?;
        self.journal.made(&id).map_err(Trouble::Local)?;
        Ok(Made {
            kind,
            name: name.to_owned(),
            id,
            answer,
            at: self.clock.now(),
        })
    }

    /// A security group in the endpoint's VPC, which lets everything out and nothing in.
    pub fn group(&mut self) -> Outcome<Made> {
        let name = self.name("group");
        self.make(Kind::SecurityGroup, &name, |lab| {
            let run = lab.journal.run().to_owned();
            lab.aws.ec2(
                "CreateSecurityGroup",
                &[
                    ("GroupName", &name),
                    ("GroupDescription", "made by verify-aws, which removes it"),
                    ("VpcId", &lab.subject.vpc_id),
                    ("TagSpecification.1.ResourceType", "security-group"),
                    ("TagSpecification.1.Tag.1.Key", TAG),
                    ("TagSpecification.1.Tag.1.Value", &run),
                ],
            )
        })
    }

    /// An interface endpoint for `execute-api` without private DNS.
    pub fn endpoint(&mut self, group: &Made) -> Outcome<Made> {
        let name = self.name("endpoint");
        let (made, _) = self.soon(|lab| {
            lab.make(Kind::VpcEndpoint, &name, |lab| {
                let run = lab.journal.run().to_owned();
                lab.aws.ec2(
                    "CreateVpcEndpoint",
                    &[
                        ("VpcEndpointType", "Interface"),
                        ("VpcId", &lab.subject.vpc_id),
                        ("ServiceName", &lab.subject.service_name),
                        ("SubnetId.1", &lab.subject.subnet_id),
                        ("SecurityGroupId.1", &group.id),
                        ("PrivateDnsEnabled", "false"),
                        ("TagSpecification.1.ResourceType", "vpc-endpoint"),
                        ("TagSpecification.1.Tag.1.Key", TAG),
                        ("TagSpecification.1.Tag.1.Value", &run),
                        ("TagSpecification.1.Tag.2.Key", "Name"),
                        ("TagSpecification.1.Tag.2.Value", &name),
                    ],
                )
            })
        })?;
        Ok(made)
    }

    /// A gateway with this group; with the time until AWS knew the group.
    pub fn gateway(&mut self, group: &Made) -> Outcome<(Made, Duration)> {
        let (name, token) = (self.name("gateway"), self.name("token"));
        self.soon(|lab| {
            lab.make(Kind::ResourceGateway, &name, |lab| {
                let input = json!({
                    "clientToken": token,
                    "name": name,
                    "vpcIdentifier": lab.subject.vpc_id,
                    "subnetIds": [lab.subject.subnet_id],
                    "securityGroupIds": [group.id],
                    "ipAddressType": "IPV4",
                    // The fewest, so that a small subnet has room for it.
                    "ipv4AddressesPerEni": 1,
                    "tags": lab.tags(&name),
                });
                lab.aws
                    .lattice("CreateResourceGateway", "POST", "/resourcegateways", Some(&input))
            })
        })
    }

    /// A gateway that is ready, with a group of its own.
    pub fn ready_gateway(&mut self) -> Outcome<Made> {
        let group = self.group()?;
        let (gateway, _) = self.gateway(&group)?;
        self.reaches(gateway.kind, &gateway.id, "ACTIVE")?;
        Ok(gateway)
    }

    /// Asks for a configuration of this name, for the endpoint's DNS name; `more` is laid over its parameters.
    pub fn configuration(&mut self, name: &str, gateway: &Made, more: &Value) -> Outcome<Made> {
        let token = self.name("token");
        let (made, _) = self.soon(|lab| {
            lab.make(Kind::ResourceConfiguration, name, |lab| {
                let mut input = json!({
                    "clientToken": token,
                    "name": name,
                    "type": "SINGLE",
                    "resourceGatewayIdentifier": gateway.id,
                    "portRanges": ["443"],
                    "protocol": "TCP",
                    "resourceConfigurationDefinition":
                        { "dnsResource": { "domainName": lab.subject.dns_name, "ipAddressType": "IPV4" } },
                    "tags": lab.tags(name),
                });
                for (member, value) in more.as_object().into_iter().flatten() {
                    input[member] = value.clone();
                }
                let path = "/resourceconfigurations";
                lab.aws
                    .lattice("CreateResourceConfiguration", "POST", path, Some(&input))
            })
        })?;
        Ok(made)
    }

    /// A configuration that connections can use.
    pub fn ready_configuration(&mut self, gateway: &Made, shareable: bool) -> Outcome<Made> {
        let name = self.name("configuration");
        let more = json!({ "allowAssociationToShareableServiceNetwork": shareable });
        let made = self.configuration(&name, gateway, &more)?;
        self.reaches(Kind::ResourceConfiguration, &made.id, "ACTIVE")?;
        Ok(made)
    }

    /// A connection with an API key; `more` is laid over its parameters.
    pub fn connection(&mut self, more: &Value) -> Outcome<Made> {
        let name = self.name("connection");
        let (made, _) = self.soon(|lab| {
            lab.make(Kind::Connection, &name, |lab| {
                let mut input = json!({
                    "Name": name,
                    "Description": "first",
                    "AuthorizationType": "API_KEY",
                    "AuthParameters": credentials(&lab.secret),
                });
                for (member, value) in more.as_object().into_iter().flatten() {
                    input[member] = value.clone();
                }
                lab.aws.events("CreateConnection", &input)
            })
        })?;
        Ok(made)
    }

    /// Changes a connection, again as long as an earlier change is under way.
    pub fn update(&mut self, connection: &Made, change: &Value) -> Outcome<Value> {
        let mut input = json!({ "Name": connection.name });
        for (member, value) in change.as_object().into_iter().flatten() {
            input[member] = value.clone();
        }
        let mut answer = Err(Trouble::Unexpected("the connection cannot be changed".to_owned()));
        self.observe(super::LONGEST, |lab, _, _| {
            answer = lab.aws.events("UpdateConnection", &input);
            Ok(!matches!(&answer, Err(Trouble::Refused(refusal)) if refusal.code == "ConcurrentModificationException"))
        })?;
        answer
    }
}

/// `AuthParameters` of a connection with an API key, whole.
pub fn credentials(secret: &str) -> Value {
    json!({ "ApiKeyAuthParameters": { "ApiKeyName": "x-verify-aws", "ApiKeyValue": secret } })
}

/// `InvocationConnectivityParameters` to a configuration; to nowhere with an empty ARN.
pub fn private(configuration_arn: &str) -> Value {
    json!({ "ResourceParameters": { "ResourceConfigurationArn": configuration_arn } })
}
