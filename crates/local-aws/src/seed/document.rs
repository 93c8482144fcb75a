//! What a seed file says.

use ipnet::Ipv4Net;
use serde::{Deserialize, Serialize};

use crate::core::ids;
use crate::seed::mocks::Mocks;
use crate::seed::parts::{ApiPart, AuthPart, EndpointPart, HostPart, RolePart, SharedPart, VpcPart};

/// What a world begins with, as a seed file says it.
///
/// ```
/// use local_aws::{LocalAws, Options, SeedDocument};
///
/// let document = SeedDocument::parse("
/// vpcs:
///   - { name: main, cidr_blocks: [10.1.0.0/16], subnets: [{ name: a, zone: a, cidr_block: 10.1.0.0/24 }] }
/// endpoints: [{ name: api, vpc: main }]
/// apis: [{ name: hello, routes: [{ path: /hi, response: { body: hello } }] }]
/// ").unwrap();
/// let aws = LocalAws::start(Options { document, ..Options::default() })?;
/// assert!(aws.seed().api_url.ends_with("/prod/hi"));
///
/// let error = SeedDocument::parse("vpcs:\n  - nam: main\n").unwrap_err();
/// assert!(error.contains("nam") && error.contains("line 2"), "{error}");
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SeedDocument {
    #[serde(default = "account")]
    pub(crate) account_id: String,
    #[serde(default)]
    pub(crate) vpcs: Vec<VpcPart>,
    #[serde(default)]
    pub(crate) endpoints: Vec<EndpointPart>,
    #[serde(default)]
    pub(crate) apis: Vec<ApiPart>,
    #[serde(default)]
    pub(crate) hosts: Vec<HostPart>,
    #[serde(default = "roles")]
    pub(crate) roles: Vec<RolePart>,
    #[serde(default)]
    pub(crate) shared_configurations: Vec<SharedPart>,
    /// What stands for tasks of state machines.
    #[serde(default)]
    pub(crate) mocks: Mocks,
}

fn account() -> String {
    "123456789012".to_owned()
}

fn roles() -> Vec<RolePart> {
    vec![RolePart::Name("state-machine".to_owned())]
}

impl Default for SeedDocument {
    /// One VPC with an execute-api endpoint and a private API behind it; the README shows it.
    fn default() -> Self {
        // The text is part of the program, and a test reads it.
        Self::parse(include_str!("default.yaml")).unwrap_or_else(|_| Self::empty())
    }
}

impl SeedDocument {
    /// A document without anything.
    fn empty() -> Self {
        Self {
            account_id: account(),
            vpcs: Vec::new(),
            endpoints: Vec::new(),
            apis: Vec::new(),
            hosts: Vec::new(),
            roles: roles(),
            shared_configurations: Vec::new(),
            mocks: Mocks::default(),
        }
    }

    /// Makes up every id and secret that is left out, so that a reset keeps them.
    pub(crate) fn completed(mut self) -> Self {
        let fill = |id: &mut String, prefix: &str| {
            if id.is_empty() {
                *id = ids::resource_id(prefix);
            }
        };
        for vpc in &mut self.vpcs {
            fill(&mut vpc.id, "vpc");
            for subnet in &mut vpc.subnets {
                fill(&mut subnet.id, "subnet");
            }
        }
        for endpoint in &mut self.endpoints {
            fill(&mut endpoint.id, "vpce");
        }
        for shared in &mut self.shared_configurations {
            fill(&mut shared.id, "rcfg");
        }
        let secret = format!("{}{}", ids::letters(20), ids::letters(20));
        let complete = |text: &mut String| {
            if text.is_empty() {
                text.clone_from(&secret);
            }
        };
        for api in &mut self.apis {
            if api.id.is_empty() {
                api.id = ids::letters(10);
            }
        }
        let routes = self.apis.iter_mut().map(|api| &mut api.routes);
        for route in routes
            .chain(self.hosts.iter_mut().map(|host| &mut host.routes))
            .flatten()
        {
            for auth in &mut route.auth {
                match auth {
                    AuthPart::ApiKey { value, .. } => complete(value),
                    AuthPart::Basic { password, .. } => complete(password),
                    AuthPart::Oauth {} => {}
                }
            }
            if let Some(token) = &mut route.token {
                complete(&mut token.client_secret);
            }
        }
        self
    }
}

pub(crate) fn network(text: &str) -> Result<Ipv4Net, String> {
    match text.parse::<Ipv4Net>() {
        Ok(net) if net.trunc() == net => Ok(net),
        Ok(net) => Err(format!("{text} has host bits; {} would be right", net.trunc())),
        Err(_) => Err(format!("'{text}' is not a CIDR block such as 10.0.0.0/16")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_is_a_document_like_any_other() {
        let document = SeedDocument::parse(include_str!("default.yaml")).unwrap();
        assert_eq!(document, SeedDocument::default());
        assert_eq!(document.apis.len(), 1);
    }

    #[test]
    fn what_is_left_out_is_made_up_once() {
        let document = SeedDocument::default().completed();
        assert_eq!(document, document.clone().completed());
        assert!(document.vpcs[0].id.starts_with("vpc-"));
        assert_eq!(document.apis[0].id.len(), 10);
    }
}
